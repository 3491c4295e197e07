"""The sleep timer: lets the sound fade away and holds it when the time has come."""

from __future__ import annotations

from collections.abc import Callable

from tui.player.clock import Clock, Timer

FADE_S = 8.0
_STEP_S = 0.1
LONGEST_S = 24 * 3600.0


class SleepTimer:
    """Off until it is set. `quieter(factor)` hears how loud it should be, 1 as usual to 0."""

    def __init__(self, clock: Clock, quieter: Callable[[float], None], due: Callable[[], None]) -> None:
        """`due` is called when the time is over, and then `quieter(1.0)`."""
        self._clock, self._quieter, self._due = clock, quieter, due
        self._end: float | None = None
        self._timer: Timer | None = None

    @property
    def left_s(self) -> float | None:
        """Seconds that are left; None while it is off."""
        return None if self._end is None else max(0.0, self._end - self._clock.monotonic())

    def set(self, seconds: float) -> None:
        """Hold the sound after `seconds`, instead of whenever it was to be held before."""
        self.cancel()
        self._end = self._clock.monotonic() + min(max(seconds, 0.0), LONGEST_S)
        self._look()

    def cancel(self) -> None:
        """Let it play on, as loud as it was."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._end is not None:
            self._end = None
            self._quieter(1.0)

    def _look(self) -> None:
        left = self.left_s
        if left is None:
            return
        if left <= 0:
            self._due()
            self.cancel()
        elif left <= FADE_S:
            self._quieter(left / FADE_S)
            self._timer = self._clock.call_later(min(_STEP_S, left), self._look)
        else:
            self._timer = self._clock.call_later(left - FADE_S, self._look)
