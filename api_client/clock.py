"""Time as the library sees it, so that tests can bring their own."""

from __future__ import annotations

import asyncio
import time
from typing import Literal, Protocol


class Clock(Protocol):
    """Where every time and every wait in the library comes from; all in seconds."""

    def time(self) -> float:
        """Return the wall clock: seconds since the epoch."""

    def monotonic(self) -> float:
        """Return a clock that only runs forward."""

    async def sleep(self, seconds: float) -> None:
        """Come back after `seconds`."""


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds since some moment in the past."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Come back after `seconds`."""
        await asyncio.sleep(seconds)


async def wait_or_woken(clock: Clock, seconds: float | None, wake: asyncio.Event) -> None:
    """Come back after `seconds` (None: never), or as soon as `wake` is set; it is cleared again."""
    waits = [asyncio.ensure_future(wake.wait())]
    if seconds is not None:
        waits.append(asyncio.ensure_future(_sleep(clock, seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    wake.clear()


async def _sleep(clock: Clock, seconds: float) -> Literal[True]:
    await clock.sleep(seconds)
    return True
