"""The engine of a machine without libmpv: time passes and tracks end, but nothing is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.player.clock import Clock, Timer
from tui.player.engine import (
    Ended,
    EndReason,
    EngineStatus,
    Fault,
    Listener,
    Load,
    Output,
    Started,
    StatusChanged,
    Ticked,
)
from tui.player.output_choice import SYSTEM_OUTPUT

TICK_S = 0.1
_ROUNDING_S = 1e-6
"""What is left over when times are added up; a clock may be too coarse to let it pass."""


class SilentEngine:
    """See `engine.Engine`. Durations come from the catalogue; no bytes are fetched."""

    needs_bytes = False

    def __init__(self, clock: Clock, sentence: str) -> None:
        """`sentence` says why there is no sound, and what to do about it."""
        self._clock = clock
        self._status = EngineStatus("null", sentence)
        self._listener: Listener = lambda event: None
        self._load: Load | None = None
        self._queued: Load | None = None
        self._paused = False
        self._has_begun = False
        """Whether the start of the current load was told; until then nothing may take its place in the timer."""
        self._from_s = 0.0
        self._since = 0.0
        self._timer: Timer | None = None

    @property
    def status(self) -> EngineStatus:
        """Always silent; the sentence says why."""
        return self._status

    async def open(self, listener: Listener) -> None:
        """Begin to tell `listener`."""
        self._listener = listener
        listener(StatusChanged(self._status))

    def load(self, load: Load) -> None:
        """Let the time of this load pass."""
        self._let_go()
        self._begin(load, load.start_s, load.paused)

    def queue_next(self, load: Load | None) -> None:
        """Go on with this when the current load ends."""
        self._queued = load

    def pause(self, paused: bool) -> None:
        """Hold the time or let it pass."""
        self._from_s = self._position()
        self._paused = paused
        if self._has_begun:
            self._run()

    def seek(self, position_s: float) -> None:
        """Go to a position of the current load."""
        if self._load is not None:
            self._from_s = max(0.0, min(position_s, self._load.duration_s or 0.0))
            if self._has_begun:
                self._run()
                self._schedule(self._tick, 0.0)

    def stop(self) -> None:
        """End the current load."""
        self._let_go()

    def set_volume(self, volume: float) -> None:
        """Silence has one loudness."""

    def set_output(self, name: str) -> None:
        """Silence needs no device."""

    async def outputs(self) -> Sequence[Output]:
        """There is nothing to choose from."""
        return (SYSTEM_OUTPUT,)

    def reopen_output(self) -> None:
        """There is nothing that could come back."""

    async def close(self) -> None:
        """Let no more time pass."""
        self._load = self._queued = None
        self._cancel()

    def _begin(self, load: Load, start_s: float, paused: bool) -> None:
        self._load, self._from_s, self._paused, self._has_begun = load, start_s, paused, False
        self._since = self._clock.monotonic()
        self._schedule(self._start, 0.0)

    def _start(self) -> None:
        load = self._load
        if load is None:
            return
        if load.duration_s is None or load.duration_s <= 0:
            self._end(EndReason.ERROR)
            return
        self._since = self._clock.monotonic()
        self._has_begun = True
        self._listener(Started(load.load_id))
        if load is self._load:
            self._run()

    def _run(self) -> None:
        """Count from here on."""
        self._since = self._clock.monotonic()
        self._cancel()
        if self._load is not None and not self._paused:
            self._schedule(self._tick, TICK_S)

    def _position(self) -> float:
        if self._load is None:
            return 0.0
        passed = self._clock.monotonic() - self._since if self._has_begun and not self._paused else 0.0
        return min(self._from_s + passed, self._load.duration_s or 0.0)

    def _tick(self) -> None:
        load = self._load
        if load is None or load.duration_s is None:
            return
        position = self._position()
        self._listener(Ticked(load.load_id, position, load.duration_s))
        if load is not self._load:
            return
        if position >= load.duration_s - _ROUNDING_S:
            self._end(EndReason.FINISHED)
        elif not self._paused:
            self._schedule(self._tick, min(TICK_S, load.duration_s - position))

    def _end(self, reason: EndReason) -> None:
        load, queued = self._load, self._queued
        self._load = self._queued = None
        self._cancel()
        if load is not None:
            fault = Fault.TOO_SHORT if reason is EndReason.ERROR else None
            sentence = "The length of this track is not known." if fault else ""
            # The next load begins before the end of this one is told, as in mpv: the listener may replace it.
            if queued is not None:
                self._begin(queued, 0.0, self._paused)
            self._listener(Ended(load.load_id, reason, fault, sentence))

    def _let_go(self) -> None:
        load, self._load, self._queued = self._load, None, None
        self._cancel()
        if load is not None:
            ended = Ended(load.load_id, EndReason.STOPPED)
            self._clock.call_later(0.0, lambda: self._listener(ended))

    def _schedule(self, call: Callable[[], None], delay_s: float) -> None:
        self._cancel()
        self._timer = self._clock.call_later(delay_s, call)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
