"""The player: joins queue, engine and bytes, and is the one owner of what plays."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from tui.player.clock import Clock, LoopClock
from tui.player.deck import Deck
from tui.player.engine import Engine, Loudness, Output
from tui.player.entry import Repeat
from tui.player.listening import Heard, Report, Reporter
from tui.player.publisher import Publisher, Subscriber
from tui.player.queue import RESTART_AFTER_S, PlayQueue
from tui.player.shelf import SourceShelf
from tui.player.sleep_timer import SleepTimer
from tui.player.streaming import streaming_of
from tui.player.track import PlayableTrack, PlayerSnapshot

_FORMAT = 1


class Player:
    """Plays tracks one after the other and tells what it does.

    Everything but `open` and `close` is synchronous, is called on the loop, and returns at once: what comes of it
    arrives at the subscribers as a `PlayerSnapshot`. Playback events go to `report`, each exactly once.

    The queue can be read through `queue`; it is changed through the methods here, so that what is prepared in the
    engine stays what comes next.
    """

    def __init__(
        self,
        engine: Engine,
        shelf: SourceShelf,
        report: Report,
        *,
        rng: random.Random | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`report` must not block. `rng` decides shuffle, `clock` is the running loop's unless another is given."""
        clock = clock or LoopClock()
        self._publisher = Publisher(clock, lambda: self.snapshot)
        self.queue: PlayQueue[PlayableTrack] = PlayQueue(lambda track: track.id, rng or random.Random())
        self._deck = Deck(
            engine,
            shelf,
            self.queue,
            Reporter(clock, report),
            clock,
            self._publisher.changed,
            self._publisher.ticked,
        )
        self._shelf = shelf
        shelf.watch(self._publisher.changed)
        self._volume = 100
        self._muted = False
        self._fading_away = 1.0
        self._sleep = SleepTimer(clock, self._fade_away, self.pause)

    # Life

    async def open(self) -> None:
        """Get the engine ready; without libmpv, go on silently and say why in `PlayerSnapshot.engine`.

        Whoever does not call this has it done when a track is first warmed or played.
        """
        await self._deck.open()

    def settle(self) -> None:
        """Report now what would be reported in a moment: the program is about to end."""
        self._deck.settle()

    async def close(self) -> None:
        """Stop the sound and let go of device, threads and connections; the play is neither skipped nor complete."""
        self._publisher.close()
        self._sleep.cancel()
        await self._deck.close()

    # What can be seen

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(snapshot)` on the loop after every change, at most 4 times a second for the position alone.

        Returns the function that ends the subscription.
        """
        return self._publisher.subscribe(subscriber)

    @property
    def snapshot(self) -> PlayerSnapshot:
        """The state now."""
        entry, deck = self.queue.current, self._deck
        stream = streaming_of(deck.current.source if deck.current else None, self._shelf.governor)
        return PlayerSnapshot(
            track=entry.item if entry else None,
            entry_id=entry.entry_id if entry else None,
            position_s=deck.position_s,
            duration_s=deck.duration_s,
            playing=deck.playing,
            buffering=deck.buffering or bool(deck.playing and stream.waiting),
            volume=self._volume,
            muted=self._muted,
            shuffle=self.queue.shuffle,
            repeat=self.queue.repeat,
            quality=stream.quality,
            engine=deck.engine.status,
            error=deck.error,
            queue_length=len(self.queue),
            upcoming=len(self.queue.upcoming),
            started_in_ms=deck.current.started_in_ms if deck.current else None,
            stops_after=deck.stops_after,
            sleep_left_s=self._sleep.left_s,
            crossfade_s=deck.crossfade_s,
            stream=stream,
        )

    # Playing

    def play(self, tracks: Sequence[PlayableTrack], start: int = 0) -> None:
        """Replace the queue by `tracks` and play from index `start`. Raises IndexError if that is outside."""
        entry = self.queue.play_now(tracks, start)
        self._deck.leave()
        self._deck.acted()
        if entry is None:
            self._deck.halt()
        else:
            self._deck.playing = True
            self._deck.load()

    def toggle(self) -> None:
        """Pause, or play on; a restored or finished track is loaded first."""
        if self._deck.playing:
            self.pause()
        else:
            self.resume()

    def resume(self) -> None:
        """Play on; without a current track the first upcoming one is taken."""
        if self.queue.current is not None or self.queue.next(manual=True) is not None:
            self._deck.resume()

    def pause(self) -> None:
        """Hold the sound."""
        self._deck.pause()

    def stop(self) -> None:
        """End the sound; the queue stays, and `resume` begins the current track again."""
        self._deck.leave()
        self._deck.acted()
        self._deck.halt()

    def next(self) -> None:
        """Go to the next track (also under repeat-one); at the end of the queue nothing happens."""
        if self.queue.peek_next(manual=True) is None:
            return
        self._deck.leave()
        self._deck.acted()
        self.queue.next(manual=True)
        self._deck.load()

    def previous(self) -> None:
        """Go back up to 3.00 s into a track; later, or with nothing before it, start the track again."""
        here = self.queue.current
        if here is None:
            return
        goes_back = self._deck.position_s <= RESTART_AFTER_S
        if goes_back and (self.queue.history or self.queue.repeat is Repeat.ALL):
            self._deck.leave()
            self._deck.acted()
            self.queue.previous(self._deck.position_s)
            self._deck.load()
        else:
            self.seek_to(0.0)

    def jump(self, entry_id: int) -> None:
        """Play the entry `entry_id` of the queue now. Raises KeyError if there is none."""
        self.queue.jump(entry_id)
        self._deck.leave()
        self._deck.acted()
        self._deck.playing = True
        self._deck.load()

    def seek_by(self, seconds: float) -> None:
        """Move by `seconds`, forwards or backwards, within the track."""
        self.seek_to(self._deck.position_s + seconds)

    def seek_to(self, position_s: float) -> None:
        """Move to `position_s` seconds from the start of the track (clamped)."""
        self._deck.seek(position_s)

    # Loudness and modes

    def set_volume(self, volume: int) -> None:
        """Set the loudness, 0 to 100 (clamped); it also ends muting."""
        self._volume = max(0, min(100, volume))
        self._muted = False
        self._apply_volume()

    def change_volume(self, by: int) -> None:
        """Make it louder or, with a negative number, quieter."""
        self.set_volume(self._volume + by)

    def toggle_mute(self) -> None:
        """Silence the sound, or bring it back as loud as it was."""
        self._muted = not self._muted
        self._apply_volume()

    @property
    def quality(self) -> int | None:
        """The listener's own choice in kbit/s, None for what the line carries."""
        return self._shelf.governor.choice

    def set_quality(self, quality: int | None) -> None:
        """Ask for `quality` in kbit/s from the next track on; None is what the line carries."""
        current = self.queue.current
        self._shelf.choose(quality, keep=current.track_id if current else None)
        self._deck.prepare_next(afresh=True)
        self._publisher.changed()

    def set_shuffle(self, on: bool) -> None:
        """Turn shuffle on or off; the current track plays on."""
        self.queue.set_shuffle(on)
        self._queue_changed()

    def set_repeat(self, mode: Repeat) -> None:
        """Choose the repeat mode."""
        self.queue.repeat = mode
        self._queue_changed()

    def cycle_repeat(self) -> None:
        """Go through off, all and one."""
        self.set_repeat(self.queue.repeat.following())

    # How it ends

    def set_stops_after(self, stops: bool) -> None:
        """Stop after the current track; the next one is then ready to be played."""
        self._deck.set_stops_after(stops)

    def sleep_in(self, seconds: float | None) -> None:
        """Let the sound fade away and hold it after so many seconds; None: play on."""
        if seconds is None:
            self._sleep.cancel()
        else:
            self._sleep.set(seconds)
        self._publisher.changed()

    def _fade_away(self, factor: float) -> None:
        self._fading_away = factor
        self._apply_volume()

    # How it sounds

    def set_crossfade(self, seconds: float) -> None:
        """Let each track fade into the next for so many seconds, 0 to 12 (clamped); 0: they follow without a gap."""
        self._deck.set_crossfade(seconds)

    def set_loudness(self, loudness: Loudness) -> None:
        """Choose which ReplayGain tags of the files count, from the next track on."""
        self._deck.set_loudness(loudness)

    @property
    def output(self) -> str:
        """The name of the sound device that was chosen; `AUTO_OUTPUT` for the system's own choice."""
        return self._deck.output

    def set_output(self, name: str) -> None:
        """Play on this device; while it is not there, on the system's own."""
        self._deck.set_output(name)

    async def outputs(self) -> Sequence[Output]:
        """Return the sound devices to choose from, the system's own choice first."""
        return await self._deck.engine.outputs()

    # Editing the queue

    def play_next(self, tracks: Sequence[PlayableTrack]) -> None:
        """Insert `tracks` after the current one."""
        self.queue.play_next(tracks)
        self._queue_changed()

    def add(self, tracks: Sequence[PlayableTrack]) -> None:
        """Append `tracks`."""
        self.queue.add(tracks)
        self._queue_changed()

    def move(self, entry_id: int, to: int) -> None:
        """Move an upcoming entry to index `to` of the upcoming ones. Raises KeyError."""
        self.queue.move(entry_id, to)
        self._queue_changed()

    def remove(self, entry_id: int) -> None:
        """Take an entry out; if it was playing, the next one plays. Raises KeyError."""
        current = self.queue.current
        if current is None or current.entry_id != entry_id:
            self.queue.remove(entry_id)
            self._queue_changed()
            return
        self._deck.leave()
        self.queue.remove(entry_id)
        if self.queue.current is None:
            self._deck.halt()
        else:
            self._deck.load()

    def clear(self) -> int:
        """Take out everything but the current track; return how many went."""
        gone = self.queue.clear()
        self._queue_changed()
        return gone

    def undo(self) -> int:
        """Put back what the last `remove` or `clear` took out; return how many entries."""
        back = self.queue.undo()
        self._queue_changed()
        return back

    def warm(self, track: PlayableTrack) -> None:
        """Fetch the beginning of a track that the listener may play soon, such as the highlighted one."""
        self._deck.warm(track.id)

    def expect(self, tracks: Sequence[PlayableTrack]) -> None:
        """Ask where the tracks are that the listener sees: whichever is played then starts a round trip sooner."""
        self._shelf.expect([track.id for track in tracks])

    # Keeping

    def save(self) -> dict[str, Any]:
        """Return queue, position, volume, repeat and shuffle as a plain dict that JSON can hold."""
        return self.saving()()

    def saving(self) -> Callable[[], dict[str, Any]]:
        """Return what `save` would, to be made on any thread: of a long queue that takes a while."""
        queue = self.queue.freeze(PlayableTrack.pack)
        heard = self._deck.heard
        rest = {
            "position_s": self._deck.position_s,
            "heard": heard.pack() if heard else None,
            "volume": self._volume,
            "muted": self._muted,
        }
        return lambda: {"format": _FORMAT, "queue": queue(), **rest}

    def restore(self, data: dict[str, Any]) -> None:
        """Become what `save` described, paused. Raises ValueError, and changes nothing, if the data is damaged."""
        try:
            position, volume = float(data["position_s"]), int(data["volume"])
            if data["format"] != _FORMAT or not 0 <= position < float("inf"):
                raise ValueError("the stored player state is damaged")
            self.queue.restore(data["queue"], PlayableTrack.unpack)
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"the stored player state is damaged: {error!r}") from error
        self._deck.leave()
        self._deck.halt(position, Heard.unpack(data.get("heard")))
        self.set_volume(volume)
        self._muted = data.get("muted") is True
        self._apply_volume()

    def _queue_changed(self) -> None:
        self._deck.prepare_next()
        self._publisher.changed()

    def _apply_volume(self) -> None:
        self._deck.set_volume(0.0 if self._muted else self._volume * self._fading_away)
        self._publisher.changed()
