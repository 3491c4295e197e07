"""What a command makes of a session: pure, so that every order of commands can be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from api_client.errors import ErrorCode
from api_client.models.together import (
    GROUP_MEMBERS,
    GROUP_TRACKS,
    CommandKind,
    GroupCommand,
    GroupEntry,
    GroupTrack,
    sounding,
)
from server.problems import Problem, invalid

RESTART_AFTER_MS = 3_000
"""Above this position "previous" restarts the track, as in everybody's own player."""
KEPT_BEHIND = 50
"""Tracks that were heard and stay listed."""

HOST_ONLY = frozenset({"settings", "hand_over", "remove_member", "close"})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a session, in the order in which they came."""

    user_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Group:
    """A session without what it is stored in; times in ms of the platform's clock."""

    host_id: str
    members: tuple[Member, ...]
    at: int
    entries: tuple[GroupEntry, ...] = ()
    current_id: int | None = None
    position_ms: int = 0
    playing: bool = False
    guests_control: bool = False
    open_to_friends: bool = True
    next_id: int = 1
    removed: tuple[str, ...] = ()
    ended: str | None = None

    def has(self, user_id: str) -> bool:
        """Whether somebody is in it."""
        return any(member.user_id == user_id for member in self.members)

    def place_of(self, entry_id: int | None) -> int | None:
        """Return where an entry stands in the queue, None for one that is not there."""
        return next((place for place, entry in enumerate(self.entries) if entry.id == entry_id), None)


def settled(group: Group, now: int) -> Group:
    """Return the session as it is at `now`: gone on to the track that is due, at the end of the queue silent.

    A command that waited for its turn comes with a moment that is over: the session does not go back to it.
    """
    now = max(now, group.at)
    lengths = [(entry.id, entry.track.duration_ms) for entry in group.entries]
    due = sounding(lengths, group.current_id, group.position_ms, group.at, group.playing, now)
    return replace(group, current_id=due.entry_id, position_ms=due.position_ms, playing=due.playing, at=now)


def commanded(group: Group, command: GroupCommand, by: Member, now: int, tracks: Mapping[str, GroupTrack]) -> Group:
    """Return the session after `command`; `tracks` holds those that can be played of the ones it names.

    Raises Problem FORBIDDEN for what `by` may not do, VALIDATION_ERROR for a command that lacks something, NOT_FOUND
    for an entry or a person that is not there, and CONFLICT for a queue that is full.
    """
    _permitted(group, command, by)
    return _DONE[command.kind](settled(group, now), command, by, tracks)


def _permitted(group: Group, command: GroupCommand, by: Member) -> None:
    if by.user_id == group.host_id:
        return
    if command.kind in HOST_ONLY:
        raise Problem(ErrorCode.FORBIDDEN, "Only the host of the session can do this.")
    if group.guests_control or command.kind == "add":
        return
    if command.kind == "remove":
        place = group.place_of(command.entry_id)
        if place is None or group.entries[place].added_by == by.user_id:
            return
        raise Problem(ErrorCode.FORBIDDEN, "The host decides about what others have added.")
    raise Problem(ErrorCode.FORBIDDEN, "In this session the host decides what plays. You can add tracks.")


# -- playing


def _play(group: Group, _command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    if group.current_id is None and group.entries:
        # The queue has been heard to its end: it begins again.
        return replace(group, current_id=group.entries[0].id, position_ms=0, playing=True)
    return replace(group, playing=group.current_id is not None)


def _pause(group: Group, _command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    return replace(group, playing=False)


def _seek(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    if command.position_ms is None:
        raise invalid("positionMs", "Where to?")
    place = group.place_of(group.current_id)
    # A place in a track that is over by now is no place in the next one.
    if place is None or command.entry_id not in (None, group.current_id):
        return group
    last = max(group.entries[place].track.duration_ms - 1, 0)
    return replace(group, position_ms=min(command.position_ms, last))


def _next(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    place = group.place_of(group.current_id)
    if place is None or place + 1 == len(group.entries) or command.entry_id not in (None, group.current_id):
        return group
    return _trimmed(replace(group, current_id=group.entries[place + 1].id, position_ms=0, playing=True))


def _previous(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    place = group.place_of(group.current_id)
    if place is None or command.entry_id not in (None, group.current_id):
        return group
    if group.position_ms > RESTART_AFTER_MS or place == 0:
        return replace(group, position_ms=0)
    return replace(group, current_id=group.entries[place - 1].id, position_ms=0)


def _jump(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    _there(group, command)
    return _trimmed(replace(group, current_id=command.entry_id, position_ms=0, playing=True))


# -- the queue


def _add(group: Group, command: GroupCommand, by: Member, tracks: Mapping[str, GroupTrack]) -> Group:
    return _inserted(group, len(group.entries), command, by, tracks)


def _add_next(group: Group, command: GroupCommand, by: Member, tracks: Mapping[str, GroupTrack]) -> Group:
    place = group.place_of(group.current_id)
    return _inserted(group, len(group.entries) if place is None else place + 1, command, by, tracks)


def _inserted(group: Group, at: int, command: GroupCommand, by: Member, tracks: Mapping[str, GroupTrack]) -> Group:
    if not command.track_ids:
        raise invalid("trackIds", "Which tracks?")
    found = [tracks[track_id] for track_id in command.track_ids if track_id in tracks]
    if not found:
        raise Problem(ErrorCode.NOT_FOUND, "None of these tracks can be played.")
    place = group.place_of(group.current_id)
    ahead = len(group.entries) - place if place is not None else 0
    if ahead + len(found) > GROUP_TRACKS:
        raise Problem(ErrorCode.CONFLICT, f"There are at most {GROUP_TRACKS} tracks in the queue of a session.")
    made = entries_of(found, by, group.next_id)
    entries = (*group.entries[:at], *made, *group.entries[at:])
    group = replace(group, entries=entries, next_id=group.next_id + len(made))
    if group.current_id is None:
        # Nothing was to be heard any more: what was added is.
        group = replace(group, current_id=made[0].id, position_ms=0, playing=True)
    return _trimmed(group)


def _remove(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    place = _there(group, command)
    entries = (*group.entries[:place], *group.entries[place + 1 :])
    if command.entry_id != group.current_id:
        return replace(group, entries=entries)
    following = entries[place].id if place < len(entries) else None
    return replace(
        group, entries=entries, current_id=following, position_ms=0, playing=group.playing and following is not None
    )


def _move(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    place, current = _there(group, command), group.place_of(group.current_id)
    if command.to is None:
        raise invalid("to", "Where to?")
    begin = 0 if current is None else current + 1
    if place < begin:
        raise Problem(ErrorCode.CONFLICT, "Only what is to come can be moved.")
    rest = [*group.entries[:place], *group.entries[place + 1 :]]
    rest.insert(min(begin + command.to, len(rest)), group.entries[place])
    return replace(group, entries=tuple(rest))


def _there(group: Group, command: GroupCommand) -> int:
    if command.entry_id is None:
        raise invalid("entryId", "Which one?")
    place = group.place_of(command.entry_id)
    if place is None:
        raise Problem(ErrorCode.NOT_FOUND, "This track is not in the queue of the session any more.")
    return place


def _trimmed(group: Group) -> Group:
    """Return the session without what was heard long ago."""
    place = group.place_of(group.current_id) or 0
    return replace(group, entries=group.entries[place - KEPT_BEHIND :]) if place > KEPT_BEHIND else group


def entries_of(tracks: Sequence[GroupTrack], by: Member, first_id: int) -> tuple[GroupEntry, ...]:
    """Return places in the queue for `tracks`, added by `by`."""
    return tuple(
        GroupEntry(id=number, track=track, added_by=by.user_id, added_by_name=by.username)
        for number, track in enumerate(tracks, first_id)
    )


# -- the people


def _settings(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    control, opened = command.guests_control, command.open_to_friends
    return replace(
        group,
        guests_control=group.guests_control if control is None else control,
        open_to_friends=group.open_to_friends if opened is None else opened,
    )


def _hand_over(group: Group, command: GroupCommand, _by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    return replace(group, host_id=_somebody_else(group, command))


def _remove_member(group: Group, command: GroupCommand, by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    gone = _somebody_else(group, command)
    return replace(without(group, gone, by.username), removed=(*group.removed, gone))


def _close(group: Group, _command: GroupCommand, by: Member, _tracks: Mapping[str, GroupTrack]) -> Group:
    return replace(group, ended=f"{by.username} has ended the session.", playing=False)


def _somebody_else(group: Group, command: GroupCommand) -> str:
    if command.user_id is None:
        raise invalid("userId", "Who?")
    if not group.has(command.user_id) or command.user_id == group.host_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is nobody else of this id in the session.")
    return command.user_id


def joined(group: Group, who: Member) -> Group:
    """Return the session with `who` in it; raises Problem FORBIDDEN for who was taken out, CONFLICT if it is full."""
    if who.user_id in group.removed:
        raise Problem(ErrorCode.FORBIDDEN, "The host has taken you out of this session.")
    if group.has(who.user_id):
        return group
    if len(group.members) >= GROUP_MEMBERS:
        raise Problem(ErrorCode.CONFLICT, f"There is room for {GROUP_MEMBERS} in a session, and this one is full.")
    return replace(group, members=(*group.members, who))


def without(group: Group, user_id: str, why: str) -> Group:
    """Return the session without somebody: who has been in it longest is host after the host; it ends with the last.

    `why` is the name of who left last, for the sentence with which a session ends.
    """
    members = tuple(member for member in group.members if member.user_id != user_id)
    if not members:
        return replace(group, members=(), ended=f"The session is over: {why} was the last in it.", playing=False)
    host = group.host_id if group.host_id != user_id else members[0].user_id
    return replace(group, members=members, host_id=host)


_Change = Callable[[Group, GroupCommand, Member, Mapping[str, GroupTrack]], Group]
_DONE: Mapping[CommandKind, _Change] = {
    "play": _play,
    "pause": _pause,
    "seek": _seek,
    "next": _next,
    "previous": _previous,
    "jump": _jump,
    "add": _add,
    "add_next": _add_next,
    "remove": _remove,
    "move": _move,
    "settings": _settings,
    "hand_over": _hand_over,
    "remove_member": _remove_member,
    "close": _close,
}
