"""Time that passes only when told to."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from tui.player.clock import Timer


class ManualTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class ManualClock:
    """See `clock.Clock`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, int, ManualTimer]] = []
        self._serial = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def wall_ms(self) -> int:
        return int(self.now * 1000)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = ManualTimer(call)
        heapq.heappush(self._due, (self.now + delay_s, next(self._serial), timer))
        return timer

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, timer = heapq.heappop(self._due)
            if timer.call is not None:
                timer.call()
        self.now = end

    async def pass_by(self, seconds: float, step_s: float = 0.5) -> None:
        """Let time pass in steps, with turns of the loop in between, in which tasks go on."""
        left = seconds
        while left > 1e-9:
            self.advance(min(step_s, left))
            left -= step_s
            await turns()


async def turns() -> None:
    """Let everything that waits for a turn of the loop have a few."""
    for _ in range(4):
        await asyncio.sleep(0)
