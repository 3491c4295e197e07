"""The player as it is in a session: what is asked of it is asked of everybody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from api_client.models.together import GROUP_TRACKS, GroupCommand
from tui.player.clock import Clock, Timer
from tui.player.entry import Repeat
from tui.player.face import QueueView
from tui.player.player import Player
from tui.player.publisher import Subscriber
from tui.player.track import PlayableTrack, PlayerSnapshot

if TYPE_CHECKING:
    from tui.state.together import GroupStore

SEEK_SETTLES_S = 0.3
"""A held key is one seek to the others: the place where it came to rest."""


def host_decides(key: str) -> str:
    """Return what a guest is told who may not decide; `key` adds a track."""
    return f"In this session the host decides what plays. You can add tracks with {key}."


class GroupFace:
    """A `face.PlayerFace`. Loudness is everybody's own; what plays is the session's, as far as the user may decide."""

    def __init__(self, group: GroupStore, player: Player, clock: Clock) -> None:
        self._group = group
        self._player = player
        self._clock = clock
        self._seeking: tuple[Timer, float] | None = None

    @property
    def queue(self) -> QueueView:
        """The queue, as this machine's player has it of the session."""
        return self._player.queue

    @property
    def snapshot(self) -> PlayerSnapshot:
        """What this machine's player does."""
        return self._player.snapshot

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear of this machine's player."""
        return self._player.subscribe(subscriber)

    # What plays

    def play(self, tracks: Sequence[PlayableTrack], start: int = 0) -> None:
        """Let everybody hear the track at `start` now; who may not decide that adds it at the end."""
        if not tracks:
            return
        track = tracks[start]
        if self._group.may_control:
            self._group.play_now(track.id)
            self._group.say(f"{track.title} plays for everybody in the session.")
        else:
            self._group.say(f"{track.title} is added to the session: its host decides what plays now.")
            self._order("add", track_ids=[track.id])

    def toggle(self) -> None:
        """Pause, or play on."""
        state = self._group.due
        if state is not None and state.playing:
            self.pause()
        else:
            self.resume()

    def resume(self) -> None:
        """Let everybody's player go on."""
        self._decide("play")

    def pause(self) -> None:
        """Hold everybody's sound."""
        self._decide("pause")

    def stop(self) -> None:
        """Hold it: a session has no other end than that everybody leaves."""
        self._decide("pause")

    def next(self) -> None:
        """Go to the next track."""
        self._decide("next", entry_id=self._current)

    def previous(self) -> None:
        """Go back, or start the track again."""
        self._decide("previous", entry_id=self._current)

    def jump(self, entry_id: int) -> None:
        """Play an entry of the queue now."""
        theirs = self._group.session_entry(entry_id)
        if theirs is not None:
            self._decide("jump", entry_id=theirs)

    def seek_by(self, seconds: float) -> None:
        """Move within the track."""
        start = self._seeking[1] if self._seeking is not None else self._player.snapshot.position_s
        self.seek_to(start + seconds)

    def seek_to(self, position_s: float) -> None:
        """Go to a position of the track."""
        if not self._may():
            return
        if self._seeking is not None:
            self._seeking[0].cancel()
        target = max(0.0, min(position_s, self._player.snapshot.duration_s))
        current = self._current
        timer = self._clock.call_later(SEEK_SETTLES_S, lambda: self._seek(target, current))
        self._seeking = timer, target

    def _seek(self, target: float, current: int | None) -> None:
        self._seeking = None
        self._order("seek", position_ms=round(target * 1000), entry_id=current)

    # Loudness is the own

    def set_volume(self, volume: int) -> None:
        """Set the loudness here."""
        self._player.set_volume(volume)

    def change_volume(self, by: int) -> None:
        """Make it louder or quieter here."""
        self._player.change_volume(by)

    def toggle_mute(self) -> None:
        """Silence the sound here, or bring it back."""
        self._player.toggle_mute()

    # Modes that a session does not have

    def set_shuffle(self, on: bool) -> None:
        """Say that there is none."""
        self._group.say("A session plays its queue in order: there is no shuffle in it.")

    def set_repeat(self, mode: Repeat) -> None:
        """Say that there is none."""
        self._group.say("A session plays its queue once: it does not repeat.")

    def cycle_repeat(self) -> None:
        """Say that there is none."""
        self.set_repeat(Repeat.OFF)

    # The queue

    def play_next(self, tracks: Sequence[PlayableTrack]) -> None:
        """Insert `tracks` after the current one, where the user may decide that, or else append them."""
        self._order("add_next" if self._group.may_control else "add", track_ids=_ids(tracks))

    def add(self, tracks: Sequence[PlayableTrack]) -> None:
        """Append `tracks`."""
        self._order("add", track_ids=_ids(tracks))

    def move(self, entry_id: int, to: int) -> None:
        """Move an upcoming entry to an index of the upcoming ones."""
        theirs = self._group.session_entry(entry_id)
        if theirs is not None:
            self._decide("move", entry_id=theirs, to=to)

    def remove(self, entry_id: int) -> None:
        """Take an entry out; what one has added oneself also as a guest."""
        theirs = self._group.session_entry(entry_id)
        if theirs is not None:
            self._order("remove", entry_id=theirs)

    def clear(self) -> int:
        """Take out nothing: it is everybody's queue."""
        key = self._group.key_of("item.delete")
        self._group.say(f"The queue of a session is not cleared: {key} takes out single tracks.")
        return 0

    def undo(self) -> int:
        """Put back nothing."""
        return 0

    def warm(self, track: PlayableTrack) -> None:
        """Get ready for a track that may be played soon."""
        self._player.warm(track)

    # How

    @property
    def _current(self) -> int | None:
        due = self._group.due
        return due.entry_id if due is not None else None

    def _may(self) -> bool:
        if not self._group.may_control:
            self._group.say(host_decides(self._group.key_of("item.enqueue")))
        return self._group.may_control

    def _decide(self, kind: str, **fields: object) -> None:
        if self._may():
            self._order(kind, **fields)

    def _order(self, kind: str, **fields: object) -> None:
        self._group.order(GroupCommand.model_validate({"kind": kind, **fields}))


def _ids(tracks: Sequence[PlayableTrack]) -> list[str]:
    return [track.id for track in tracks[:GROUP_TRACKS]]
