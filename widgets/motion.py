"""What makes something move: a call for each frame as long as something is to be seen, and none otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

FRAMES_PER_SECOND = 30
_LONGEST_STEP_S = 0.25
"""What was hidden for longer does not make up for it."""


class Motion:
    """Calls `frame` with the seconds since the frame before, thirty times a second at most, until it is stopped."""

    def __init__(self, frame: Callable[[float], None], interval: Callable[[], float]) -> None:
        """`interval` says how many seconds the line to the terminal wants between two frames."""
        self._frame = frame
        self._interval = interval
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    @property
    def alive(self) -> bool:
        """Whether a frame is to come."""
        return self._timer is not None

    def start(self) -> None:
        """Begin, if it stands still."""
        if self._timer is None:
            self._last = time.monotonic()
            self._arrange(self._last)

    def stop(self) -> None:
        """Stand still: no timer is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arrange(self, since: float) -> None:
        loop = asyncio.get_running_loop()
        due = since + max(self._interval(), 1 / FRAMES_PER_SECOND)
        self._timer = loop.call_later(max(due - time.monotonic(), 0.0), self._due, due)

    def _due(self, due: float) -> None:
        now = time.monotonic()
        step, self._last = min(now - self._last, _LONGEST_STEP_S), now
        # By the clock, not after the work; but what came late is not made up for.
        self._arrange(due if now - due < 1 / FRAMES_PER_SECOND else now)
        self._frame(step)
