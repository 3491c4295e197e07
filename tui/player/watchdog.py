"""Sees when an engine does not do what it should: a start that does not come, a seek not answered, a standstill."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from tui.player.clock import Clock, Timer
from tui.player.engine import Fault

START_WITHIN_S = 8.0
SEEK_WITHIN_S = 3.0
STILL_FOR_S = 2.0
_ASLEEP_S = 1.0
"""A timer that is so late was not held up by load."""
_REOPEN_AFTER_S = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)


class Trouble(Enum):
    """What did not happen in its time."""

    START = "start"
    """No sound, and no bytes either."""
    SEEK = "seek"
    STILL = "still"

    @property
    def fault(self) -> Fault:
        """What it comes to when nothing has helped."""
        return Fault.SLOW if self is Trouble.START else Fault.STUCK


class Watchdog:
    """Waits for one thing at a time, with one timer. It is told what was ordered and what came of it.

    A track that is held is not waited for, nor one that waits for bytes: they have limits of their own.
    """

    def __init__(self, clock: Clock, trouble: Callable[[Trouble], None]) -> None:
        """`trouble` is called on the loop, once for each time that something did not come."""
        self._clock, self._tell = clock, trouble
        self._awaited: Trouble | None = None
        self._since = 0.0
        self._place: float | None = None
        self._is_held = self._is_buffering = False
        self._received: Callable[[], int] = lambda: 0
        self._received_then = 0
        self._excused: Callable[[], bool] = lambda: False
        self._timer: Timer | None = None
        self._due = 0.0

    def ordered(self, received: Callable[[], int], excused: Callable[[], bool], held: bool) -> None:
        """A load was ordered; `received` tells how many bytes have come for it so far.

        `excused` tells whether it is known why none come, and somebody else has an eye on that.
        """
        self._received, self._received_then, self._excused = received, received(), excused
        self._is_held, self._is_buffering = held, False
        self._await(Trouble.START)

    def started(self) -> None:
        """It sounds."""
        self._is_buffering = False
        self._await(Trouble.STILL)

    def sought(self) -> None:
        """A seek was ordered; the next position confirms it."""
        if self._awaited in (Trouble.STILL, Trouble.SEEK):
            self._await(Trouble.SEEK)

    def moved(self, position_s: float) -> None:
        """The position is now this."""
        if self._awaited is Trouble.SEEK:
            self._await(Trouble.STILL)
        elif position_s != self._place:
            self._since = self._clock.monotonic()
        self._place = position_s

    def held(self, held: bool) -> None:
        """The sound is held, or goes on."""
        self._is_held = held
        self._go_on_waiting()

    def buffering(self, buffering: bool) -> None:
        """The engine waits for bytes, or goes on."""
        self._is_buffering = buffering
        self._go_on_waiting()

    def rest(self) -> None:
        """Nothing is ordered any more."""
        self._awaited = None
        self._cancel()

    def _go_on_waiting(self) -> None:
        """A standstill is counted from here; a start and a seek from their order."""
        if self._awaited is Trouble.STILL:
            self._await(Trouble.STILL)

    def _await(self, what: Trouble) -> None:
        self._awaited, self._since, self._place = what, self._clock.monotonic(), None
        self._cancel()
        if what is not Trouble.STILL or not (self._is_held or self._is_buffering):
            self._look_after(self._limit_s)

    def _look_after(self, seconds: float) -> None:
        self._due = self._clock.monotonic() + seconds
        self._timer = self._clock.call_later(seconds, self._look)

    @property
    def _limit_s(self) -> float:
        return {Trouble.START: START_WITHIN_S, Trouble.SEEK: SEEK_WITHIN_S}.get(
            self._awaited or Trouble.STILL, STILL_FOR_S
        )

    def _look(self) -> None:
        self._timer = None
        awaited, now = self._awaited, self._clock.monotonic()
        if awaited is None:
            return
        if now - self._due > _ASLEEP_S:
            # The program itself was held, by a terminal that was suspended for one: what is due has not come in yet.
            self._since = now
        if awaited is Trouble.START and ((received := self._received()) > self._received_then or self._excused()):
            # A slow line is no fault: as long as bytes come, there is hope.
            self._received_then, self._since = received, now
        left = self._since + self._limit_s - now
        if left > 0:
            self._look_after(left)
        else:
            self._awaited = None
            self._tell(awaited)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Revival:
    """Tries a sound device that is gone again and again, less and less often, as long as it is wanted."""

    def __init__(self, clock: Clock, attempt: Callable[[], None]) -> None:
        self._clock, self._attempt = clock, attempt
        self._tries = 0
        self._timer: Timer | None = None

    def want(self, wanted: bool) -> None:
        """Whether the device is missed now."""
        if not wanted:
            self._tries = 0
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        elif self._timer is None:
            self._arrange()

    def _arrange(self) -> None:
        delay = _REOPEN_AFTER_S[min(self._tries, len(_REOPEN_AFTER_S) - 1)]
        self._tries += 1
        self._timer = self._clock.call_later(delay, self._due)

    def _due(self) -> None:
        self._arrange()
        self._attempt()
