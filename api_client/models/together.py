"""Music among friends: what each hears, who may know, and sessions in which several hear the same at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api_client.models.base import Items, Line, Moment, Several, WireModel
from api_client.models.music import Track
from api_client.models.users import UserRef

GROUP_TRACKS = 200
"""Tracks that may be to come in a session, and that may be added in one call."""
GROUP_MEMBERS = 32
CODE_LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
"""What a code is made of: no vowels, which would make words, and nothing that looks like something else."""
CODE_LENGTH = 6

_MOST_MS = 86_400_000
_TrackId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class GroupHint(WireModel):
    """A session that a friend is in and that one may join; who else is in it is not told."""

    code: str
    members: int = 1


class ListeningContext(WireModel):
    """Where a track is played from: an `album`, a public `playlist` or an `artist`."""

    type: str
    id: str
    name: Line = ""


class FriendActivity(WireModel):
    """What a friend hears now or heard last; without a track nothing is shown of them (any more)."""

    user: UserRef
    track: Track | None = None
    playing: bool = False
    """Whether it is heard now, as far as can be told."""
    at: Moment | None = None
    """When it was last heard."""
    left_ms: int = 0
    """How much of the track is left, where it is heard now."""
    context: ListeningContext | None = None
    group: GroupHint | None = None


class FriendsActivity(WireModel):
    """What the friends hear: who hears something now first, then by time."""

    friends: Items[FriendActivity] = []


class ListeningPrivacy(WireModel):
    """Whom one's own listening is shown to: to nobody in a private session, or where it is not to be shown at all."""

    shows_listening: bool = True
    """The lasting setting: whether friends see what is heard."""
    private_until: Moment | None = None
    """Until when the private session lasts; None where there is none."""


class PrivacyChange(WireModel):
    """What is to be different; what is absent stays. `private` begins a private session anew, or ends it."""

    shows_listening: bool | None = None
    private: bool | None = None


class GroupTrack(WireModel):
    """A track as far as a session needs it."""

    id: str
    title: Line
    artist: Line = ""
    album: Line = ""
    duration_ms: int
    cover_url: str | None = None


class GroupEntry(WireModel):
    """A place in the queue of a session; `added_by` is a user's id."""

    id: int
    track: GroupTrack
    added_by: str
    added_by_name: Line


class GroupMember(WireModel):
    """Somebody in a session."""

    user: UserRef
    online: bool = True


@dataclass(frozen=True, slots=True)
class Sounding:
    """What is to be heard at a moment: an entry (None: nothing any more), the place in it, and whether it goes on."""

    entry_id: int | None
    position_ms: int
    playing: bool


def sounding(
    lengths: Sequence[tuple[int, int]], current_id: int | None, position_ms: int, at: int, playing: bool, now: int
) -> Sounding:
    """Return what is to be heard at `now`, if at `at` it was `position_ms` into the entry `current_id`.

    `lengths` are the entries' ids and durations in their order; all times are milliseconds of the platform's clock.
    Whoever computes this with the same clock hears the same: nobody has to say when a track ends.
    """
    place = next((n for n, (entry_id, _) in enumerate(lengths) if entry_id == current_id), None)
    if place is None:
        return Sounding(None, 0, False)
    if not playing:
        return Sounding(current_id, position_ms, False)
    position_ms += max(0, now - at)
    while position_ms >= lengths[place][1]:
        position_ms -= lengths[place][1]
        place += 1
        if place == len(lengths):
            return Sounding(None, 0, False)
    return Sounding(lengths[place][0], position_ms, True)


class GroupSession(WireModel):
    """A session as it is since `at`, in ms of the platform's clock since the epoch.

    `version` grows with every change, so that a state that comes late is known to be old. Where only `queue_version`
    is told, `entries` is None: whoever knows another version asks for the session.
    """

    code: str
    version: int
    host_id: str
    members: Items[GroupMember] = []
    queue_version: int = 0
    entries: Items[GroupEntry] | None = None
    current_id: int | None = None
    position_ms: int = 0
    at: int
    playing: bool = False
    guests_control: bool = False
    """Whether everybody may pause, seek, skip and change the queue; without it guests may add."""
    open_to_friends: bool = True
    """Whether friends of a member see the session and may join."""
    server_time: int
    """When this was written."""
    ended: Line | None = None
    """Why the session is over, if it is: a sentence."""

    def sounding(self, now: int) -> Sounding:
        """Return what is to be heard at `now` of the platform's clock, in ms; `entries` must be known."""
        lengths = [(entry.id, entry.track.duration_ms) for entry in self.entries or ()]
        return sounding(lengths, self.current_id, self.position_ms, self.at, self.playing, now)


class NewGroupSession(WireModel):
    """A session to begin, with tracks of which the first plays from `position_ms` on, or waits there."""

    track_ids: Annotated[Several[_TrackId], Field(max_length=GROUP_TRACKS)] = []
    position_ms: Annotated[int, Field(ge=0, le=_MOST_MS)] = 0
    playing: bool = True
    guests_control: bool = False
    open_to_friends: bool = True


CommandKind = Literal[
    "play", "pause", "seek", "next", "previous", "jump", "add", "add_next", "remove", "move", "settings", "hand_over",
    "remove_member", "close",
]  # fmt: skip


class GroupCommand(WireModel):
    """What somebody wants of a session.

    `seek` takes `position_ms`; `next` and `previous` the `entry_id` that they mean to leave, so that two who press the
    key at once skip one track and not two; `jump` and `remove` an `entry_id`, `move` also `to`, an index among what is
    to come; `add` (at the end) and `add_next` take `track_ids`; `settings` the two switches; `hand_over` and
    `remove_member` a `user_id`.
    """

    kind: CommandKind
    entry_id: Annotated[int, Field(ge=0, le=2**53)] | None = None
    position_ms: Annotated[int, Field(ge=0, le=_MOST_MS)] | None = None
    to: Annotated[int, Field(ge=0, le=2**31)] | None = None
    track_ids: Annotated[Several[_TrackId], Field(max_length=GROUP_TRACKS)] | None = None
    user_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    guests_control: bool | None = None
    open_to_friends: bool | None = None


class ServerTime(WireModel):
    """The platform's clock: milliseconds since the epoch."""

    now: int


def read_code(text: str) -> str | None:
    """Return a session's code as people write it (`bcd-fgh`, with a space, in any case); None if it is none."""
    letters = "".join(text.split()).replace("-", "").upper()
    return letters if len(letters) == CODE_LENGTH and all(letter in CODE_LETTERS for letter in letters) else None


def written_code(code: str) -> str:
    """Return a code as it is easily read out: `BCD-FGH`."""
    return f"{code[:3]}-{code[3:]}" if len(code) == CODE_LENGTH else code
