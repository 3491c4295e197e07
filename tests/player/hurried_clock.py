"""The clock of the loop, but what is due much later can be had now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tui.player.clock import Timer


class HurriedTimer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due, self.call = due, call
        self.handle: asyncio.TimerHandle | None = None
        self.is_over = False

    def cancel(self) -> None:
        self.is_over = True
        if self.handle is not None:
            self.handle.cancel()


class HurriedClock:
    """See `clock.Clock`. Engines and servers live in real time: only the waiting for them is made short."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._timers: list[HurriedTimer] = []

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def wall_ms(self) -> int:
        return int(time.time() * 1000 + self._ahead * 1000)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = HurriedTimer(self.monotonic() + delay_s, call)
        self._timers = [each for each in self._timers if not each.is_over]
        self._timers.append(timer)
        self._arrange(timer)
        return timer

    def hurry(self, seconds: float) -> None:
        """Let `seconds` pass at once: what is due within them is called in the next turns of the loop."""
        self._ahead += seconds
        for timer in self._timers:
            # What is due already has its turn: taken back each time, it would never come.
            if not timer.is_over and timer.due - self.monotonic() + seconds > 0:
                self._arrange(timer)

    def _arrange(self, timer: HurriedTimer) -> None:
        if timer.handle is not None:
            timer.handle.cancel()
        delay = max(0.0, timer.due - self.monotonic())
        timer.handle = asyncio.get_running_loop().call_later(delay, self._due, timer)

    def _due(self, timer: HurriedTimer) -> None:
        if not timer.is_over:
            timer.is_over = True
            timer.call()
