"""Lets what comes wait, until it may begin."""

from __future__ import annotations

import asyncio


class Latch:
    """Open at first. What waits goes on in the order in which it came."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._opened.set()

    def hold(self) -> None:
        """Let whoever comes wait until `let_go`."""
        self._opened.clear()

    def let_go(self) -> None:
        """Let those who wait go on, and whoever comes after them."""
        self._opened.set()

    async def passed(self) -> None:
        """Wait until it is open."""
        await self._opened.wait()
