"""Devices of one user, what plays on one of them, and what another may ask of it.

Times are in seconds, volumes from 0 to 1. A queue is shared as far as its limits go; what lies beyond stays there.
"""

from __future__ import annotations

from enum import StrEnum
from math import isnan
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api_client.models.base import ClientId, Items, Line, Moment, OpenEnum, Several, WireModel

QUEUE_LIMIT, HISTORY_LIMIT, ASIDE_LIMIT = 1_000, 100, 200
"""Entries that are shared of what is to come, of what was played and of what was jumped over."""
NAME_LIMIT = 64

DeviceName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LIMIT)]
MOST_SECONDS = 604_800.0
"""Of a track, and of a place in one: a week."""
Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)]
Loudness = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Told = Annotated[float, AfterValidator(lambda value: _between(value, MOST_SECONDS))]
"""Seconds as a platform tells them: one odd number does not hide what plays."""
_ToldLoudness = Annotated[float, AfterValidator(lambda value: _between(value, 1.0))]
_ToldMilliseconds = Annotated[int, AfterValidator(lambda value: max(0, min(value, int(MOST_SECONDS) * 1000)))]
_ToldCount = Annotated[int, AfterValidator(lambda value: max(0, min(value, 2**31)))]
EntryId = Annotated[int, Field(ge=0, le=2**53)]
"""The number of an entry, given by the device that plays; the same track queued twice has two."""
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _between(value: float, most: float) -> float:
    # What is not a number is in no place at all: the beginning will do.
    return 0.0 if isnan(value) else max(0.0, min(value, most))


class DeviceKind(OpenEnum):
    """What a device is."""

    TERMINAL = "terminal"
    COMPUTER = "computer"
    PHONE = "phone"
    SPEAKER = "speaker"
    UNKNOWN = "unknown"


class RepeatMode(StrEnum):
    """What happens at the end of a queue."""

    OFF = "off"
    ALL = "all"
    ONE = "one"


class DeviceAnnouncement(WireModel):
    """What a device says of itself."""

    name: DeviceName
    kind: DeviceKind = DeviceKind.TERMINAL
    can_play: bool = True
    """Whether somebody hears what plays there."""
    volume: Loudness = 1.0


class Device(WireModel):
    """A device of the user; `is_active` if the music is on it, playing or not."""

    id: str
    name: Line
    kind: DeviceKind = DeviceKind.UNKNOWN
    can_play: bool = True
    volume: _ToldLoudness = 1.0
    is_online: bool = False
    is_active: bool = False
    last_seen: Moment


class Devices(WireModel):
    """All devices of the user, those that are there first."""

    devices: Items[Device]


class PlayerTrack(WireModel):
    """A track in a queue; `entry_id` is 0 where it has no place in one yet."""

    id: str
    entry_id: int = 0
    title: Line
    artist: Line = ""
    artists: Items[Line] = []
    """Each of them, the main one first."""
    album: Line = ""
    album_id: str | None = None
    duration_ms: _ToldMilliseconds = 0
    cover_url: str | None = None
    context_type: str | None = None
    context_id: str | None = None


class PlayerStatus(WireModel):
    """What plays, without the lists; `progress` is from the moment of the reply or event.

    `updated_by` is the device that wrote it, None if the platform did, as when the music moves to another device.
    `queue_version` is the version in which the lists changed last.
    """

    version: int = 0
    queue_version: int = 0
    device_id: str | None = None
    updated_by: str | None = None
    current_track: PlayerTrack | None = None
    is_playing: bool = False
    is_buffering: bool = False
    progress: _Told = 0.0
    duration: _Told = 0.0
    volume: _ToldLoudness = 1.0
    is_muted: bool = False
    repeat: RepeatMode = RepeatMode.OFF
    shuffle: bool = False
    queue_length: _ToldCount = 0
    """Entries in all, also those that are not shared."""
    idle_seconds: _ToldCount = 0
    """For how long nothing has changed while nothing played."""


class PlayerState(PlayerStatus):
    """What plays with what comes, what came before, and what was jumped over; `order` are entries without shuffle."""

    queue: Items[PlayerTrack] = []
    history: Items[PlayerTrack] = []
    aside: Items[PlayerTrack] = []
    order: list[int] = []


class QueueItem(WireModel):
    """A track that is put into a queue, or stands in one."""

    track_id: _Id
    entry_id: EntryId = 0
    context_type: Annotated[str, StringConstraints(max_length=32)] | None = None
    context_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class QueueLists(WireModel):
    """The lists of a queue."""

    queue: Annotated[Several[QueueItem], Field(max_length=QUEUE_LIMIT)] = []
    history: Annotated[Several[QueueItem], Field(max_length=HISTORY_LIMIT)] = []
    aside: Annotated[Several[QueueItem], Field(max_length=ASIDE_LIMIT)] = []
    order: Annotated[Several[EntryId], Field(max_length=QUEUE_LIMIT + HISTORY_LIMIT + ASIDE_LIMIT + 1)] = []


class PlayerUpdate(WireModel):
    """What the active device says that plays, made from `version`; without `lists` those stay as they are.

    `claims` makes the device the active one.
    """

    device_id: ClientId
    version: Annotated[int, Field(ge=0, le=2**53)]
    claims: bool = False
    current: QueueItem | None = None
    lists: QueueLists | None = None
    is_playing: bool = False
    is_buffering: bool = False
    progress: Seconds = 0.0
    duration: Seconds = 0.0
    volume: Loudness = 1.0
    is_muted: bool = False
    repeat: RepeatMode = RepeatMode.OFF
    shuffle: bool = False
    queue_length: Annotated[int, Field(ge=0, le=2**31)] = 0


class Transfer(WireModel):
    """Move the music to a device, which goes on playing or not as it was unless `is_playing` says."""

    is_playing: bool | None = None


class CommandAction(StrEnum):
    """What can be asked of a player."""

    PLAY = "play"
    PAUSE = "pause"
    STOP = "stop"
    NEXT = "next"
    PREVIOUS = "previous"
    SEEK = "seek"
    VOLUME = "volume"
    MUTE = "mute"
    SHUFFLE = "shuffle"
    REPEAT = "repeat"
    PLAY_TRACKS = "play-tracks"
    PLAY_NEXT = "play-next"
    ADD = "add"
    JUMP = "jump"
    MOVE = "move"
    REMOVE = "remove"
    CLEAR = "clear"
    UNDO = "undo"


OF_THE_DEVICE = frozenset({CommandAction.VOLUME, CommandAction.MUTE})
"""What can be asked also of a device that is not active."""

_A = CommandAction
_NEEDS: dict[CommandAction, tuple[str, ...]] = {
    _A.SEEK: ("position",),
    _A.VOLUME: ("volume",),
    _A.MUTE: ("on",),
    _A.SHUFFLE: ("on",),
    _A.REPEAT: ("repeat",),
    _A.PLAY_TRACKS: ("items",),
    _A.PLAY_NEXT: ("items",),
    _A.ADD: ("items",),
    _A.JUMP: ("entry_id",),
    _A.MOVE: ("entry_id", "to"),
    _A.REMOVE: ("entry_id",),
}


class _Asked(WireModel):
    id: ClientId
    """Made by who asks; the same command twice is carried out once."""
    action: CommandAction
    position: Seconds | None = None
    volume: Loudness | None = None
    on: bool | None = None
    repeat: RepeatMode | None = None
    start: Annotated[int, Field(ge=0, lt=QUEUE_LIMIT)] | None = None
    """Which of the tracks plays first."""
    entry_id: EntryId | None = None
    to: Annotated[int, Field(ge=0, le=2**31)] | None = None


class PlayerCommand(_Asked):
    """Something asked of the active device, or of `device_id`, by `from_device`."""

    device_id: ClientId | None = None
    from_device: ClientId | None = None
    items: Annotated[Several[QueueItem], Field(min_length=1, max_length=QUEUE_LIMIT)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = [name for name in _NEEDS.get(self.action, ()) if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{self.action.value} needs {' and '.join(missing)}")
        return self


class PlayerOrder(_Asked):
    """A command as it reaches the device that carries it out, with what the catalogue says of its tracks."""

    device_id: str
    from_device: str | None = None
    from_name: Line = ""
    tracks: Items[PlayerTrack] = []


class CommandReceipt(WireModel):
    """A command is on its way to this device, which answers on the socket."""

    command_id: str
    device_id: str


class CommandOutcome(OpenEnum):
    """What became of a command."""

    APPLIED = "applied"
    REFUSED = "refused"
    UNKNOWN = "unknown"
