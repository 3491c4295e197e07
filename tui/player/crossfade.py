"""Lets one track fade into the next: an engine made of two, of which the second is there only while it is needed."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tui.player.clock import Clock, Timer
from tui.player.engine import (
    AUTO_OUTPUT,
    Ended,
    EndReason,
    Engine,
    EngineEvent,
    EngineStatus,
    EngineUnavailable,
    Listener,
    Load,
    Output,
    Started,
    StatusChanged,
    Ticked,
)

_log = logging.getLogger(__name__)

LONGEST_FADE_S = 12.0
RAMP_STEP_S = 0.02
_READY_BEFORE_S = 6.0
"""The next track is opened so long before its fade begins: more than a cold start over a slow line takes."""
_TIMED_WITHIN_S = 0.5
"""Nearer than this the beginning is timed by the clock; ticks of the position come too seldom to be exact."""
_SHORTEST_FADE_S = 0.05
_OPENED_WITHIN_S = 1.0
"""Leaving waits at most so long for a second engine that is just being made."""


def fade_out(progress: float) -> float:
    """Return what the volume of the outgoing track is multiplied with at `progress`, 0 to 1.

    Equal power: the amplitudes are cos and sin, so their squares add up to one. The engine's volume is cubic
    (amplitude = (volume / 100) ** 3), hence the third root.
    """
    return math.cbrt(max(0.0, math.cos(min(max(progress, 0.0), 1.0) * math.pi / 2)))


def fade_in(progress: float) -> float:
    """Return what the volume of the incoming track is multiplied with at `progress`, 0 to 1."""
    return math.cbrt(math.sin(min(max(progress, 0.0), 1.0) * math.pi / 2))


class _Back(Enum):
    """What the engine in the back is doing."""

    IDLE = "idle"
    OPENING = "opening"
    """It is being made, or gets the next track ready, silent and held."""
    READY = "ready"
    LEAVING = "leaving"
    """It plays the end of the track before."""


@dataclass(slots=True)
class _Fade:
    """How far a fade is; held with the sound."""

    length_s: float
    done_s: float
    since: float | None
    """None while it is held."""

    def progress(self, now: float) -> float:
        passed = self.done_s + (now - self.since if self.since is not None else 0.0)
        return min(1.0, passed / self.length_s)

    def hold(self, now: float, held: bool) -> None:
        if held and self.since is not None:
            self.done_s, self.since = self.done_s + now - self.since, None
        elif not held and self.since is None:
            self.since = now


class CrossfadeEngine:
    """See `engine.Engine`. A queued load with a `fade_s` begins that long before the end of what plays.

    From then on the new load is the current one: the old one has ended for the listener, and only fades away.
    Where a second engine cannot be had (a sound device that takes one stream only), tracks follow one another.
    """

    def __init__(self, make: Callable[[], Engine], clock: Clock) -> None:
        """`make` returns an engine that is not open yet."""
        self._make, self._clock = make, clock
        self._front = make()
        self._second: Engine | None = None
        self._back = _Back.IDLE
        self._alone = False
        self._listener: Listener = lambda event: None
        self._current: int | None = None
        self._queued: Load | None = None
        self._next: Load | None = None
        self._position_s: float | None = None
        self._duration_s: float | None = None
        self._paused = False
        self._volume = 100.0
        self._output = AUTO_OUTPUT
        self._fade: _Fade | None = None
        self._timer: Timer | None = None
        self._opening: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def status(self) -> EngineStatus:
        """What the engine that is heard can do here."""
        return self._front.status

    @property
    def needs_bytes(self) -> bool:
        """Whether a load must carry a source."""
        return self._front.needs_bytes

    @property
    def fading(self) -> bool:
        """Whether two tracks sound now."""
        return self._back is _Back.LEAVING

    # Orders

    async def open(self, listener: Listener) -> None:
        """Get the first engine ready. Raises EngineUnavailable."""
        self._listener = listener
        front = self._front
        await front.open(lambda event: self._on(front, event))

    def load(self, load: Load) -> None:
        """Play this instead of what plays, fading or not."""
        self._forget_back()
        self._current, self._queued, self._next = load.load_id, None, None
        self._position_s = self._duration_s = None
        self._paused = load.paused
        self._front.set_volume(self._volume)
        self._front.load(load)

    def queue_next(self, load: Load | None) -> None:
        """Go on with this when the current load ends, or `fade_s` before."""
        if self._back in (_Back.OPENING, _Back.READY):
            self._forget_back()
        fades = load is not None and load.fade_s > 0 and not self._alone
        self._next = load if fades else None
        self._queued = None if fades else load
        self._front.queue_next(self._queued)
        self._plan()

    def pause(self, paused: bool) -> None:
        """Hold or go on; a fade is held with the sound."""
        self._paused = paused
        self._front.pause(paused)
        if self._back is _Back.LEAVING and self._second is not None and self._fade is not None:
            self._second.pause(paused)
            self._fade.hold(self._clock.monotonic(), paused)
            self._arrange(None if paused else RAMP_STEP_S, self._step)
        else:
            self._plan()

    def seek(self, position_s: float) -> None:
        """Go to a position of the current load; what is fading away ends."""
        if self._back is _Back.LEAVING:
            self._forget_back()
        self._arrange(None, self._begin)
        self._position_s = None
        self._front.seek(position_s)

    def stop(self) -> None:
        """End everything."""
        self._forget_back()
        self._current = self._queued = self._next = None
        self._front.stop()

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 100; a fade goes on within it."""
        self._volume = max(0.0, min(100.0, volume))
        self._apply_volume()

    def set_output(self, name: str) -> None:
        """Play on this device."""
        self._output = name
        for engine in self._engines():
            engine.set_output(name)

    async def outputs(self) -> Sequence[Output]:
        """Return the devices to choose from."""
        return await self._front.outputs()

    def reopen_output(self) -> None:
        """Try the sound device again."""
        self._front.reopen_output()

    async def close(self) -> None:
        """Close both."""
        self._closed = True
        self._arrange(None, self._step)
        await asyncio.gather(*(engine.close() for engine in self._engines()))
        if self._opening is not None:
            # Not cancelled: the thread in which it is made would go on, and nobody would end what it made.
            await asyncio.wait([self._opening], timeout=_OPENED_WITHIN_S)

    # The next track

    def _engines(self) -> tuple[Engine, ...]:
        return (self._front,) if self._second is None else (self._front, self._second)

    @property
    def _remaining_s(self) -> float | None:
        if self._position_s is None or self._duration_s is None:
            return None
        return self._duration_s - self._position_s

    def _join_or_fade(self) -> None:
        """A fade is timed from the end: while nobody knows where that is, the next track simply joins on."""
        joins = self._next if self._duration_s is None and self._back is _Back.IDLE else None
        if self._next is not None and self._queued is not joins:
            self._queued = joins
            self._front.queue_next(joins)

    def _plan(self) -> None:
        """Get the next track ready in time, and time the beginning of its fade."""
        remaining, following = self._remaining_s, self._next
        if following is None or remaining is None or self._paused:
            if self._back is not _Back.LEAVING:
                self._arrange(None, self._begin)
            return
        until = remaining - following.fade_s
        if self._back is _Back.LEAVING:
            # The track that comes is shorter than the fade it came with.
            if until <= 0:
                self._forget_back()
            else:
                return
        if until <= _READY_BEFORE_S and self._back is _Back.IDLE:
            self._prepare(following)
        if self._back is _Back.READY and until <= _TIMED_WITHIN_S:
            self._arrange(max(0.0, until), self._begin)

    def _prepare(self, following: Load) -> None:
        """Load the next track into the second engine, silent and held."""
        self._back = _Back.OPENING
        if self._second is not None:
            self._load_second(self._second, following)
        elif self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open_second(), name="open the second engine")

    async def _open_second(self) -> None:
        engine = self._make()
        try:
            await engine.open(lambda event: self._on(engine, event))
        except EngineUnavailable:
            _log.warning("there is no second engine: tracks do not fade into one another", exc_info=True)
            if not self._closed:
                self._follow_alone()
            return
        finally:
            self._opening = None
        if self._closed:
            await engine.close()
            return
        self._second = engine
        engine.set_output(self._output)
        if self._back is _Back.OPENING and self._next is not None:
            self._load_second(engine, self._next)

    def _load_second(self, engine: Engine, following: Load) -> None:
        engine.set_volume(0.0)
        engine.load(replace(following, paused=True, fade_s=0.0))

    def _follow_alone(self) -> None:
        """From now on tracks follow one another without a fade."""
        self._alone = True
        self._back = _Back.IDLE
        if self._next is not None:
            self.queue_next(self._next)

    # The fade

    def _begin(self) -> None:
        """Turn to the next track while the end of the old one still sounds."""
        self._timer = None
        following, second, remaining = self._next, self._second, self._remaining_s
        if self._back is not _Back.READY or following is None or second is None or remaining is None or self._paused:
            return
        length = max(_SHORTEST_FADE_S, min(following.fade_s, remaining))
        self._fade = _Fade(length, 0.0, self._clock.monotonic())
        self._arrange(RAMP_STEP_S, self._step)
        self._turn_over(following, second, _Back.LEAVING)

    def _turn_over(self, following: Load, second: Engine, back: _Back) -> None:
        """Make the next load the current one, and tell so."""
        old, started = self._current, self._back is _Back.READY
        ebb_s = self._fade.length_s if self._fade is not None else 0.0
        self._front, self._second, self._back = second, self._front, back
        self._current, self._next, self._queued = following.load_id, None, None
        self._position_s = self._duration_s = None
        self._apply_volume()
        self._front.pause(self._paused)
        if self._front.status != self._second.status:
            self._listener(StatusChanged(self._front.status))
        if old is not None:
            self._listener(Ended(old, EndReason.FINISHED, ebb_s=ebb_s))
        # The listener may have ordered something else by now.
        if started and self._current == following.load_id:
            self._listener(Started(following.load_id))

    def _step(self) -> None:
        self._timer = None
        if self._fade is None:
            return
        if self._fade.progress(self._clock.monotonic()) >= 1.0:
            self._forget_back()
            return
        self._apply_volume()
        self._arrange(RAMP_STEP_S, self._step)

    def _forget_back(self) -> None:
        """End whatever the second engine does; the first one is as loud as it should be."""
        self._arrange(None, self._step)
        self._fade = None
        if self._back is not _Back.IDLE and self._second is not None:
            self._second.stop()
        self._back = _Back.IDLE
        self._apply_volume()

    def _apply_volume(self) -> None:
        if self._fade is None:
            self._front.set_volume(self._volume)
            return
        progress = self._fade.progress(self._clock.monotonic())
        self._front.set_volume(self._volume * fade_in(progress))
        if self._second is not None:
            self._second.set_volume(self._volume * fade_out(progress))

    def _arrange(self, delay_s: float | None, call: Callable[[], None]) -> None:
        """Have one call made later, or none; there is never more than one."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if delay_s is None else self._clock.call_later(delay_s, call)

    # What the engines say

    def _on(self, engine: Engine, event: EngineEvent) -> None:
        if self._closed:
            return
        if engine is self._front:
            self._on_front(event)
        elif engine is self._second and self._back in (_Back.OPENING, _Back.READY):
            self._on_back(engine, event)

    def _on_front(self, event: EngineEvent) -> None:
        match event:
            case Ticked(load_id, position, duration) if load_id == self._current:
                self._position_s, self._duration_s = position, duration
                self._listener(event)
                self._join_or_fade()
                self._plan()
            case Ended(load_id, EndReason.FINISHED) if load_id == self._current:
                self._go_on(event)
            case _:
                self._listener(event)

    def _go_on(self, event: Ended) -> None:
        """The current load ended by itself, with no fade or before one could begin."""
        following, queued = self._next, self._queued
        if following is None or queued is not None:
            self._current = queued.load_id if queued else None
            self._queued = self._next = None
            self._position_s = self._duration_s = None
            self._listener(event)
        elif self._second is not None and self._back in (_Back.OPENING, _Back.READY):
            self._arrange(None, self._begin)
            self._turn_over(following, self._second, _Back.IDLE)
        else:
            self.load(replace(following, paused=self._paused))
            self._listener(event)

    def _on_back(self, engine: Engine, event: EngineEvent) -> None:
        """Of what is being got ready only its success and its failure matter."""
        following = self._next
        if following is None or not isinstance(event, Started | Ended) or event.load_id != following.load_id:
            return
        if isinstance(event, Ended):
            self._back, self._next = _Back.IDLE, None
            self._listener(event)
        elif engine.status.audio_output == "null" and self._front.status.audio_output != "null":
            engine.stop()
            self._follow_alone()
        else:
            self._back = _Back.READY
            self._plan()
