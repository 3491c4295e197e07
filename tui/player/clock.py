"""Time for the player: one protocol, and its real form on the running event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is due later and can be taken back."""

    def cancel(self) -> None:
        """Take the call back; nothing happens if it was made already."""


class Clock(Protocol):
    """All the time that the player knows."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call `call` on the loop after `delay_s` seconds."""


class LoopClock:
    """The clock of the running event loop."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call `call` on the running loop after `delay_s` seconds."""
        return asyncio.get_running_loop().call_later(delay_s, call)
