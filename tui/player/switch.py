"""Which player is driven: the one place that decides between this machine and another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.player.clock import Clock, LoopClock
from tui.player.entry import Repeat
from tui.player.face import PlayerFace, QueueView
from tui.player.publisher import Publisher, Subscriber
from tui.player.track import PlayableTrack, PlayerSnapshot


class PlayerSwitch:
    """A `face.PlayerFace` that hands everything to the player that is active.

    Who has subscribed stays subscribed across a change, and hears of the new player at once.
    """

    def __init__(self, here: PlayerFace, clock: Clock | None = None) -> None:
        """`here` is the player of this machine, which is active until `drive` says otherwise."""
        self._here = here
        self._local = here
        """What stands for this machine: its player, or what leads it in a session."""
        self._active = here
        self._publisher = Publisher(clock or LoopClock(), lambda: self.snapshot)
        self._unsubscribe = here.subscribe(self._follow)

    @property
    def is_remote(self) -> bool:
        """Whether another machine is driven."""
        return self._active is not self._local

    def drive(self, face: PlayerFace | None) -> None:
        """Hand everything to `face` from now on; None for the player of this machine."""
        face = face or self._local
        if face is not self._active:
            self._unsubscribe()
            self._active = face
            self._unsubscribe = face.subscribe(self._follow)
            self._publisher.changed()

    @property
    def local(self) -> PlayerFace:
        """What stands for this machine, whichever is driven: what other devices ask of it is asked of this."""
        return self._local

    def lead(self, face: PlayerFace | None) -> None:
        """Let `face` stand for the player of this machine, as in a session; None for that itself again."""
        was_here = not self.is_remote
        self._local = face or self._here
        if was_here:
            self.drive(None)

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._unsubscribe()
        self._publisher.close()

    def _follow(self, _snapshot: PlayerSnapshot) -> None:
        # The players have counted the time already: what they tell is passed on in the same turn of the loop.
        self._publisher.changed()

    # What can be seen

    @property
    def queue(self) -> QueueView:
        """The queue of the active player."""
        return self._active.queue

    @property
    def snapshot(self) -> PlayerSnapshot:
        """The state of the active player."""
        return self._active.snapshot

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with what the active player shows, whichever it is."""
        return self._publisher.subscribe(subscriber)

    # What can be asked

    def play(self, tracks: Sequence[PlayableTrack], start: int = 0) -> None:
        """See `face.PlayerFace`."""
        self._active.play(tracks, start)

    def toggle(self) -> None:
        """See `face.PlayerFace`."""
        self._active.toggle()

    def resume(self) -> None:
        """See `face.PlayerFace`."""
        self._active.resume()

    def pause(self) -> None:
        """See `face.PlayerFace`."""
        self._active.pause()

    def stop(self) -> None:
        """See `face.PlayerFace`."""
        self._active.stop()

    def next(self) -> None:
        """See `face.PlayerFace`."""
        self._active.next()

    def previous(self) -> None:
        """See `face.PlayerFace`."""
        self._active.previous()

    def jump(self, entry_id: int) -> None:
        """See `face.PlayerFace`."""
        self._active.jump(entry_id)

    def seek_by(self, seconds: float) -> None:
        """See `face.PlayerFace`."""
        self._active.seek_by(seconds)

    def seek_to(self, position_s: float) -> None:
        """See `face.PlayerFace`."""
        self._active.seek_to(position_s)

    def set_volume(self, volume: int) -> None:
        """See `face.PlayerFace`."""
        self._active.set_volume(volume)

    def change_volume(self, by: int) -> None:
        """See `face.PlayerFace`."""
        self._active.change_volume(by)

    def toggle_mute(self) -> None:
        """See `face.PlayerFace`."""
        self._active.toggle_mute()

    def set_shuffle(self, on: bool) -> None:
        """See `face.PlayerFace`."""
        self._active.set_shuffle(on)

    def set_repeat(self, mode: Repeat) -> None:
        """See `face.PlayerFace`."""
        self._active.set_repeat(mode)

    def cycle_repeat(self) -> None:
        """See `face.PlayerFace`."""
        self._active.cycle_repeat()

    def play_next(self, tracks: Sequence[PlayableTrack]) -> None:
        """See `face.PlayerFace`."""
        self._active.play_next(tracks)

    def add(self, tracks: Sequence[PlayableTrack]) -> None:
        """See `face.PlayerFace`."""
        self._active.add(tracks)

    def move(self, entry_id: int, to: int) -> None:
        """See `face.PlayerFace`."""
        self._active.move(entry_id, to)

    def remove(self, entry_id: int) -> None:
        """See `face.PlayerFace`."""
        self._active.remove(entry_id)

    def clear(self) -> int:
        """See `face.PlayerFace`."""
        return self._active.clear()

    def undo(self) -> int:
        """See `face.PlayerFace`."""
        return self._active.undo()

    def warm(self, track: PlayableTrack) -> None:
        """See `face.PlayerFace`."""
        self._active.warm(track)
