"""The deck under the player: loads the queue's current track, prepares the next one, and goes on at the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from tui.player.clock import Clock
from tui.player.crossfade import LONGEST_FADE_S
from tui.player.engine import (
    AUTO_OUTPUT,
    BufferingChanged,
    Ended,
    EndReason,
    Engine,
    EngineEvent,
    Fault,
    Load,
    Loudness,
    Started,
    StatusChanged,
    Ticked,
)
from tui.player.entry import Entry
from tui.player.late_engine import LateEngine
from tui.player.listening import Heard, Listening, Reporter, SeekNote
from tui.player.play import Play, fade_between, loudness_of, neighbours
from tui.player.queue import PlayQueue
from tui.player.shelf import SourceShelf, to_kept
from tui.player.track import PlayableTrack
from tui.player.watchdog import Trouble, Watchdog

FAILURES_IN_A_ROW = 3
LOADED_AGAIN = 2
"""So often a track that stands still is loaded again before it is given up."""
_GOOD_AFTER_MS = 5_000


class Deck:
    """Owns engine, bytes and the state of the current play; `Player` is its face."""

    def __init__(
        self,
        engine: Engine,
        shelf: SourceShelf,
        queue: PlayQueue[PlayableTrack],
        reporter: Reporter,
        clock: Clock,
        changed: Callable[[], None],
        ticked: Callable[[], None],
    ) -> None:
        """`changed` is called when anything is new, `ticked` when only the position is."""
        self._engine, self._shelf, self._queue = LateEngine(engine, clock), shelf, queue
        self._engine.listen(self._on_engine)
        self._reporter, self._clock = reporter, clock
        self._changed, self._ticked_on = changed, ticked
        self._load_ids = itertools.count(1)
        self._play: Play | None = None
        self._prepared: Play | None = None
        self._leaving: Play | None = None
        """What fades away beneath the current play."""
        self._resume_s, self._failures = 0.0, 0
        self._resume_heard: Heard | None = None
        self._sought = SeekNote(clock, self._report_seek)
        self._watchdog = Watchdog(clock, self._troubled)
        self._closed = False
        self.output = AUTO_OUTPUT
        self.playing = self.buffering = self.stops_after = False
        self.error = ""
        self.crossfade_s = 0.0
        self.loudness = Loudness.ALBUM

    # Life

    def wake(self) -> None:
        """Begin to get the engine ready, without waiting."""
        self._engine.wake()

    async def open(self) -> None:
        """Get the engine ready, or one that is silent and says why, and wait for it."""
        await self._engine.open(self._on_engine)
        self._changed()

    async def close(self) -> None:
        """Let go of device, threads and connections."""
        self.settle()
        self._closed = True
        self._watchdog.rest()
        await self._engine.close()
        await self._shelf.close()

    def settle(self) -> None:
        """Tell now what else would be told in a moment: where a seek came to rest, and what fades away."""
        self._sought.flush()
        self._ebbed()

    # What can be seen

    @property
    def engine(self) -> Engine:
        """The engine in use."""
        return self._engine

    @property
    def position_s(self) -> float:
        """Where the current track is, or will begin."""
        return self._play.position_s if self._play else self._resume_s

    @property
    def heard(self) -> Heard | None:
        """How far the current play has come, if it was begun at all."""
        return self._play.listening.heard if self._play else self._resume_heard

    @property
    def duration_s(self) -> float:
        """How long the current track is: the file's word, else the catalogue's, else 0."""
        if self._play is not None and self._play.duration_s:
            return self._play.duration_s
        return self._queue.current.item.duration_ms / 1000 if self._queue.current else 0.0

    @property
    def current(self) -> Play | None:
        """What is in the engine, or on its way there."""
        return self._play

    # What the player orders

    def load(self) -> None:
        """Play the queue's current track from its beginning, or hold it there if paused."""
        self._load_current()

    def resume(self) -> None:
        """Play on, or load what should play."""
        self.acted()
        self.playing = True
        if self._play is None:
            self._load_current(self._resume_s, heard=self._resume_heard)
            return
        self._engine.pause(False)
        self._watchdog.held(False)
        if self._play.started:
            self._play.listening.begin(self._play.position_s)
        self._changed()

    def pause(self) -> None:
        """Hold the sound."""
        self.playing = False
        self._engine.pause(True)
        self._watchdog.held(True)
        self._changed()

    def seek(self, position_s: float) -> None:
        """Go to a place of the current track, clamped to it."""
        duration = self.duration_s
        target = max(0.0, min(position_s, duration) if duration else position_s)
        if self._play is None:
            self._resume_s = target
        else:
            self._ebbed()
            self._engine.seek(target)
            self._watchdog.sought()
            self._play.position_s = target
            self._play.listening.seeked(target)
            self._sought.sought()
        self._changed()

    def leave(self) -> None:
        """The listener turns away from what plays."""
        self.settle()
        if self._play is not None:
            self._play.listening.skip(self._play.position_s)

    def halt(self, resume_s: float = 0.0, heard: Heard | None = None) -> None:
        """End the sound; the current track would begin at `resume_s`, where `heard` of its play goes on."""
        self._ebbed()
        self._play = self._prepared = None
        self.playing = self.buffering = False
        self._resume_s, self._resume_heard = resume_s, heard if resume_s else None
        self._engine.stop()
        self._watchdog.rest()
        self._changed()

    def acted(self) -> None:
        """The listener did something: old troubles are forgotten."""
        self._failures, self.error = 0, ""

    def warm(self, track_id: str) -> None:
        """Fetch the beginning of a track, and get ready to play it."""
        self.wake()
        if self._engine.needs_bytes:
            self._shelf.warm(track_id)

    def prepare_next(self, afresh: bool = False) -> None:
        """Let the engine know what follows, so that it goes on without a gap; `afresh`: the way it does so changed."""
        if self._play is None or not self._play.started:
            return
        entry = None if self.stops_after else self._queue.peek_next()
        if not afresh and (self._prepared.entry if self._prepared else None) is entry:
            return
        self._prepared = self._make_play(entry, everything=False) if entry else None
        self._pin()
        fade = fade_between(self._play.entry, entry, self.crossfade_s) if entry else 0.0
        self._engine.queue_next(self._order(self._prepared, fade_s=fade) if self._prepared else None)

    # How it sounds

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 100."""
        self._engine.set_volume(volume)

    def set_crossfade(self, seconds: float) -> None:
        """Let tracks overlap for so long, 0 to `LONGEST_FADE_S` (clamped)."""
        self.crossfade_s = max(0.0, min(seconds, LONGEST_FADE_S))
        self.prepare_next(afresh=True)
        self._changed()

    def set_loudness(self, loudness: Loudness) -> None:
        """Choose which ReplayGain tags count, from the next track on."""
        self.loudness = loudness
        self.prepare_next(afresh=True)

    def set_stops_after(self, stops: bool) -> None:
        """Stop after the current track, or go on."""
        self.stops_after = stops
        self.prepare_next()
        self._changed()

    def set_output(self, name: str) -> None:
        """Play on this device."""
        self.output = name
        self._engine.set_output(name)
        self._changed()

    # Orders to the engine

    def _load_current(self, start_s: float = 0.0, again: Play | None = None, heard: Heard | None = None) -> None:
        """Play the queue's current entry; `again` is the play that this goes on with, `heard` how far one had come."""
        self._ebbed()
        entry = self._queue.current
        if entry is None:
            self.halt()
            return
        play = self._make_play(entry, everything=True)
        play.position_s = start_s
        if heard is not None:
            play.listening = Listening(entry.item, self._reporter, heard)
        if again is not None:
            play.listening, play.troubles = again.listening, again.troubles + 1
            play.well_since_ms = again.listening.listened_ms
        self._play, self._prepared = play, None
        self._pin()
        self.buffering = self.buffering or not self._engine.is_open
        self._engine.load(self._order(play, start_s))
        self._watch(play)
        self._changed()

    def _watch(self, play: Play) -> None:
        self._watchdog.ordered(play.received, play.is_excused, not self.playing)

    def _make_play(self, entry: Entry[PlayableTrack], everything: bool) -> Play:
        source = None
        if self._engine.needs_bytes:
            take = self._shelf.open if everything else self._shelf.prefetch
            source = take(entry.track_id)
        listening = Listening(entry.item, self._reporter)
        return Play(next(self._load_ids), entry, source, listening, self._clock.monotonic())

    def _order(self, play: Play, start_s: float = 0.0, fade_s: float = 0.0) -> Load:
        duration = play.entry.item.duration_ms / 1000 or None
        loudness = loudness_of(play.entry, neighbours(self._queue, self._play is play), self.loudness)
        return Load(play.load_id, play.source, start_s, not self.playing, duration, fade_s, loudness)

    def _pin(self) -> None:
        self._shelf.pin({play.entry.track_id for play in (self._play, self._prepared) if play})

    def _report_seek(self) -> None:
        if self._play is not None:
            self._play.listening.report_seek(self._play.position_s)

    def _ebbed(self) -> None:
        """What was fading away is silent now: it was heard for as long as what sounds above it."""
        leaving, self._leaving = self._leaving, None
        if leaving is not None and self._play is not None:
            leaving.complete(min(leaving.ebb_s, self._play.position_s))

    # What the engine says

    def _on_engine(self, event: EngineEvent) -> None:
        if self._closed:
            return
        if isinstance(event, StatusChanged):
            self._changed()
            return
        play = self._play
        if play is None or event.load_id != play.load_id:
            if isinstance(event, Ended) and self._prepared and event.load_id == self._prepared.load_id:
                self._prepared = None
            return
        match event:
            case Started():
                self._started(play)
            case Ticked(_, position, duration):
                self._ticked(play, position, duration)
            case BufferingChanged(_, buffering):
                self.buffering = buffering
                self._watchdog.buffering(buffering)
                if buffering and play.started and self._shelf.stalled(play.entry.track_id):
                    self._load_current(play.position_s, play)
                self._changed()
            case Ended(_, EndReason.FINISHED, ebb_s=ebb_s):
                self._finished(play, ebb_s)
            case Ended(_, EndReason.ERROR, fault, sentence):
                self._failed(play, fault, sentence)
            case Ended():
                self.halt()

    def _started(self, play: Play) -> None:
        play.started = True
        play.started_in_ms = int((self._clock.monotonic() - play.ordered_at) * 1000)
        if play.source is not None:
            self._shelf.begun(play.source)
        if self.playing:
            play.listening.begin(play.position_s)
        self.buffering = False
        self._watchdog.started()
        self.prepare_next()
        self._changed()

    def _ticked(self, play: Play, position_s: float, duration_s: float | None) -> None:
        self._shelf.governor.played(min(position_s - play.position_s, 1.0))
        play.position_s, play.duration_s = position_s, duration_s
        play.listening.tick(position_s)
        self._watchdog.moved(position_s)
        if self._leaving is not None and position_s >= self._leaving.ebb_s:
            self._ebbed()
        if play.listening.listened_ms - play.well_since_ms >= _GOOD_AFTER_MS:
            play.troubles = 0
        if self._failures and play.listening.listened_ms >= _GOOD_AFTER_MS:
            self.acted()
        self._ticked_on()

    def _finished(self, play: Play, ebb_s: float) -> None:
        self.settle()
        play.ebb_s, self._failures = ebb_s, 0
        entry = self._queue.next(manual=False)
        prepared, self._prepared = self._prepared, None
        if ebb_s and prepared is not None and prepared.entry is entry and not self.stops_after:
            self._leaving = play
        else:
            play.complete()
        if entry is None or self.stops_after:
            self.stops_after = False
            self.halt()
        elif prepared is not None and prepared.entry is entry:
            prepared.ordered_at = self._clock.monotonic()
            self._play = prepared
            self._pin()
            self._watch(prepared)
            self._changed()
        else:
            self._load_current()

    def _failed(self, play: Play, fault: Fault | None, sentence: str) -> None:
        """Try once more where that can help; else go on to the next track, but not for ever."""
        self._sought.flush()
        if not play.troubles and self._shelf.may_help_again(play.entry.track_id, fault):
            self._load_current(play.position_s, play)
            return
        play.listening.abandon()
        if fault in (Fault.NO_NETWORK, Fault.OFFLINE):
            # Of the others only what is kept can be played; without any, it waits where it is for Space.
            goes_on = to_kept(self._queue, self._shelf)
            self.error, self._failures = f"{play.entry.item.title}: {sentence}" if goes_on else sentence, 1
            self._load_current() if goes_on else self.halt(play.position_s, play.listening.heard)
            return
        self._failures += 1
        self.error = f"{play.entry.item.title}: {sentence}"
        if self._failures >= FAILURES_IN_A_ROW:
            self.error = f"{self._failures} tracks in a row could not be played. {sentence}"
            self.halt()
        elif self._queue.next(manual=True) is None:
            self.halt()
        else:
            self._load_current()

    def _troubled(self, trouble: Trouble) -> None:
        """Nothing came of an order: load it again where it was, then over another connection, then give it up."""
        play = self._play
        if play is None or self._closed:
            return
        if not self._engine.is_open:
            self._watch(play)
            return
        if play.troubles >= LOADED_AGAIN:
            self._failed(play, trouble.fault, trouble.fault.sentence)
            return
        if trouble is Trouble.START or play.troubles:
            self._shelf.forget(play.entry.track_id)
        self._load_current(play.position_s, play)
