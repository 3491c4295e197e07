"""A player on another device: shows what plays there, and asks that device for what is wanted."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from api_client.ids import new_id
from api_client.models.player import QUEUE_LIMIT, CommandAction, PlayerCommand, PlayerState, PlayerStatus, RepeatMode
from tui.player.clock import Clock, LoopClock, Timer
from tui.player.engine import EngineStatus
from tui.player.entry import Repeat
from tui.player.publisher import Publisher, Subscriber
from tui.player.queue import RESTART_AFTER_S, PlayQueue
from tui.player.shared import item_of, playable, queue_data, window
from tui.player.track import PlayableTrack, PlayerSnapshot

TICK_S = 0.5
"""Seconds between two looks at the position while something plays and somebody looks."""

_A = CommandAction


class Shown(Protocol):
    """What is known of the other device; `state.devices.DevicesStore` is one."""

    @property
    def status(self) -> PlayerStatus:
        """What plays there."""

    @property
    def state(self) -> PlayerState:
        """The lists of its queue, as they were fetched last."""

    @property
    def position_s(self) -> float:
        """Where the track is now."""


class RemotePlayer:
    """A `face.PlayerFace` over another device.

    What is asked shows at once. While an answer is awaited, what was asked stays shown; then the device is believed.
    """

    def __init__(self, shown: Shown, send: Callable[[PlayerCommand], bool], clock: Clock | None = None) -> None:
        """`send` takes a command to the device and returns False, with a word to the user, where it cannot leave."""
        self._shown = shown
        self._send = send
        self._clock = clock or LoopClock()
        self._publisher = Publisher(self._clock, lambda: self.snapshot)
        self._watchers = 0
        self._timer: Timer | None = None
        self._awaited: set[str] = set()
        self._removed: list[int] = []
        """How much each removal took out that can still be taken back."""
        self.name = ""
        """What the device is called."""
        self.trouble = ""
        """Why it cannot be reached, a sentence; empty where it can."""
        self.queue = self._fresh_queue()
        """The queue there, as it will be once the device has done what was asked."""
        self._snapshot = PlayerSnapshot()
        self._position_s, self._since = 0.0, 0.0

    # -- what the device says

    def follow(self) -> None:
        """Show what is known now; while an answer is awaited, later."""
        if not self._awaited:
            self._show()

    def answered(self, command_id: str) -> None:
        """Take note that a command was carried out, refused or lost: the device is believed again."""
        self._awaited.discard(command_id)
        self.follow()

    def call(self, name: str, trouble: str = "") -> None:
        """Name the device, and say why it cannot be reached if it cannot."""
        if (name, trouble) != (self.name, self.trouble):
            self.name, self.trouble = name, trouble
            self._publisher.changed()

    def _show(self) -> None:
        status, state = self._shown.status, self._shown.state
        if state.queue_version == status.queue_version:
            self._restore(state)
        track = playable(status.current_track) if status.current_track else None
        self._position_s, self._since = self._shown.position_s, self._clock.monotonic()
        self._snapshot = PlayerSnapshot(
            track=track,
            entry_id=status.current_track.entry_id if status.current_track else None,
            duration_s=status.duration or (track.duration_ms / 1000 if track else 0.0),
            playing=status.is_playing,
            buffering=status.is_buffering,
            volume=round(status.volume * 100),
            muted=status.is_muted,
            shuffle=status.shuffle,
            repeat=Repeat(status.repeat.value),
            queue_length=status.queue_length,
        )
        self._changed()

    def _restore(self, state: PlayerState) -> None:
        fresh = self._fresh_queue()
        try:
            fresh.restore(queue_data(state, fresh.snapshot(PlayableTrack.pack)), PlayableTrack.unpack)
        except ValueError:
            return  # What a newer device may share is not shown rather than shown wrongly.
        self.queue = fresh

    def _fresh_queue(self) -> PlayQueue[PlayableTrack]:
        return PlayQueue(lambda track: track.id, random.Random())

    # -- what can be seen

    @property
    def snapshot(self) -> PlayerSnapshot:
        """The state now."""
        return replace(
            self._snapshot,
            position_s=self._position(),
            upcoming=len(self.queue.upcoming),
            place=self.name,
            error=self.trouble,
            engine=EngineStatus(None),
        )

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` after every change, and now and then while something plays."""
        end, ended = self._publisher.subscribe(subscriber), False
        self._watchers += 1
        self._tick_later()

        def unsubscribe() -> None:
            nonlocal ended
            if not ended:
                ended = True
                end()
                self._watchers -= 1

        return unsubscribe

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._watchers = 0
        if self._timer is not None:
            self._timer.cancel()
        self._publisher.close()

    # -- what can be asked

    def play(self, tracks: Sequence[PlayableTrack], start: int = 0) -> None:
        """Play `tracks` there, as many around `start` as can be sent. Raises IndexError if that is outside."""
        if tracks and not 0 <= start < len(tracks):
            raise IndexError(f"start {start} is outside a list of {len(tracks)}")
        sent, first = window(tracks, start)
        if sent and self._ask(_A.PLAY_TRACKS, items=[item_of(track) for track in sent], start=first):
            self.queue.play_now(sent, first)
            self._removed.clear()
            self._play_current()

    def toggle(self) -> None:
        """Pause there, or play on."""
        if self._snapshot.playing:
            self.pause()
        else:
            self.resume()

    def resume(self) -> None:
        """Play on."""
        if self._ask(_A.PLAY):
            self._move_to(self._position(), playing=True)

    def pause(self) -> None:
        """Hold the sound there."""
        if self._ask(_A.PAUSE):
            self._move_to(self._position(), playing=False)

    def stop(self) -> None:
        """End the sound there."""
        if self._ask(_A.STOP):
            self._move_to(0.0, playing=False)

    def next(self) -> None:
        """Go to the next track."""
        if self.queue.peek_next(manual=True) is not None and self._ask(_A.NEXT):
            self.queue.next(manual=True)
            self._play_current(playing=self._snapshot.playing)

    def previous(self) -> None:
        """Go back, or start the track again."""
        if self.queue.current is None or not self._ask(_A.PREVIOUS):
            return
        if self._position() <= RESTART_AFTER_S:
            self.queue.previous(0.0)
        self._play_current(playing=self._snapshot.playing)

    def jump(self, entry_id: int) -> None:
        """Play an entry now. Raises KeyError if there is none."""
        self._require(entry_id)
        if self._ask(_A.JUMP, entry_id=entry_id):
            self.queue.jump(entry_id)
            self._play_current()

    def seek_by(self, seconds: float) -> None:
        """Move within the track."""
        self.seek_to(self._position() + seconds)

    def seek_to(self, position_s: float) -> None:
        """Go to a position of the track, clamped to it."""
        duration = self._snapshot.duration_s
        target = max(0.0, min(position_s, duration) if duration else position_s)
        if self._ask(_A.SEEK, position=target):
            self._move_to(target, playing=self._snapshot.playing)

    def set_volume(self, volume: int) -> None:
        """Set the loudness there, 0 to 100 (clamped)."""
        volume = max(0, min(100, volume))
        if self._ask(_A.VOLUME, volume=volume / 100):
            self._become(volume=volume, muted=False)

    def change_volume(self, by: int) -> None:
        """Make it louder or quieter."""
        self.set_volume(self._snapshot.volume + by)

    def toggle_mute(self) -> None:
        """Silence the sound there, or bring it back."""
        if self._ask(_A.MUTE, on=not self._snapshot.muted):
            self._become(muted=not self._snapshot.muted)

    def set_shuffle(self, on: bool) -> None:
        """Turn shuffle on or off; the order that it makes is the device's own."""
        if self._ask(_A.SHUFFLE, on=on):
            self.queue.set_shuffle(on)
            self._become(shuffle=on)

    def set_repeat(self, mode: Repeat) -> None:
        """Choose the repeat mode."""
        if self._ask(_A.REPEAT, repeat=RepeatMode(mode.value)):
            self.queue.repeat = mode
            self._become(repeat=mode)

    def cycle_repeat(self) -> None:
        """Go through off, all and one."""
        self.set_repeat(self._snapshot.repeat.following())

    def play_next(self, tracks: Sequence[PlayableTrack]) -> None:
        """Insert `tracks` after the current one."""
        tracks = tracks[:QUEUE_LIMIT]
        if tracks and self._ask(_A.PLAY_NEXT, items=[item_of(track) for track in tracks]):
            self.queue.play_next(tracks)
            self._become(queue_length=self._snapshot.queue_length + len(tracks))

    def add(self, tracks: Sequence[PlayableTrack]) -> None:
        """Append `tracks`."""
        tracks = tracks[:QUEUE_LIMIT]
        if tracks and self._ask(_A.ADD, items=[item_of(track) for track in tracks]):
            self.queue.add(tracks)
            self._become(queue_length=self._snapshot.queue_length + len(tracks))

    def move(self, entry_id: int, to: int) -> None:
        """Move an upcoming entry. Raises KeyError."""
        self._require(entry_id)
        if self._ask(_A.MOVE, entry_id=entry_id, to=max(0, to)):
            self.queue.move(entry_id, to)
            self._changed()

    def remove(self, entry_id: int) -> None:
        """Take an entry out. Raises KeyError."""
        self._require(entry_id)
        if not self._ask(_A.REMOVE, entry_id=entry_id):
            return
        was_current = self.queue.current is not None and self.queue.current.entry_id == entry_id
        self.queue.remove(entry_id)
        self._removed.append(1)
        self._become(queue_length=max(0, self._snapshot.queue_length - 1))
        if was_current:
            self._play_current(playing=self._snapshot.playing)

    def clear(self) -> int:
        """Take out everything but the current track; return how many went."""
        if not self._ask(_A.CLEAR):
            return 0
        gone = max(self.queue.clear(), self._snapshot.queue_length - 1, 0)
        if gone:
            self._removed.append(gone)
        self._become(queue_length=len(self.queue))
        return gone

    def undo(self) -> int:
        """Put back what was taken out last from here; return how many entries."""
        if not self._removed or not self._ask(_A.UNDO):
            return 0
        back = self._removed.pop()
        self.queue.undo()
        self._become(queue_length=self._snapshot.queue_length + back)
        return back

    def warm(self, track: PlayableTrack) -> None:
        """The other device fetches what it plays."""

    # -- inside

    def _ask(self, action: CommandAction, **fields: Any) -> bool:
        command = PlayerCommand(id=new_id(), action=action, **fields)
        # It counts as awaited before it leaves: it may be answered at once.
        self._awaited.add(command.id)
        if self._send(command):
            return True
        self._awaited.discard(command.id)
        return False

    def _require(self, entry_id: int) -> None:
        if all(entry.entry_id != entry_id for entry in self.queue.listed):
            raise KeyError(entry_id)

    def _position(self) -> float:
        now = self._snapshot
        passed = self._clock.monotonic() - self._since if now.playing and not now.buffering and not self.trouble else 0
        reached = self._position_s + max(0.0, passed)
        return min(reached, now.duration_s) if now.duration_s else reached

    def _move_to(self, position_s: float, *, playing: bool) -> None:
        self._position_s, self._since = position_s, self._clock.monotonic()
        self._become(playing=playing)

    def _play_current(self, *, playing: bool = True) -> None:
        entry = self.queue.current
        self._position_s, self._since = 0.0, self._clock.monotonic()
        self._become(
            track=entry.item if entry else None,
            entry_id=entry.entry_id if entry else None,
            duration_s=entry.item.duration_ms / 1000 if entry else 0.0,
            playing=playing and entry is not None,
            queue_length=max(len(self.queue), self._snapshot.queue_length if entry else 0),
        )

    def _become(self, **fields: Any) -> None:
        self._snapshot = replace(self._snapshot, **fields)
        self._changed()

    def _changed(self) -> None:
        self._publisher.changed()
        self._tick_later()

    def _tick_later(self) -> None:
        if self._timer is None and self._watchers and self._snapshot.playing and not self.trouble:
            self._timer = self._clock.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._publisher.ticked()
        self._tick_later()
