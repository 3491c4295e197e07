"""How late the program itself is: by that much a measured time may be too long."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from time import perf_counter_ns

TICK_SECONDS = 0.025
"""Between two looks, while something is under way."""
_TICK = int(TICK_SECONDS * 1e9)


class LoopLag:
    """Looks whether the event loop comes by on time, only while somebody waits for an answer."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = 0
        self._waiting = 0
        self._last = 0
        self._lags: deque[tuple[int, int]] = deque(maxlen=512)
        self._context = Context()

    def begin(self) -> None:
        """Look from now on, for one more."""
        self._waiting += 1
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._arm(loop)

    def end(self, since: int, now: int) -> int:
        """Return by how much the loop was late at worst from `since` to `now`, in ns, and look for one less."""
        self._waiting -= 1
        worst = max(0, now - self._due)
        if self._last >= since:
            for at, lag in reversed(self._lags):
                if at < since:
                    break
                worst = max(worst, lag)
        return worst

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = perf_counter_ns() + _TICK
        loop.call_later(TICK_SECONDS, self._tick, loop, context=self._context)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            return
        now = perf_counter_ns()
        self._lags.append((now, now - self._due))
        self._last = now
        if self._waiting > 0:
            self._arm(loop)
        else:
            self._loop = None
