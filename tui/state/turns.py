"""Long work on the event loop that lets keys and paints have their turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

LONGEST = 0.008
"""Seconds after which others have their turn: half a frame."""
STEP = 128
"""Items between two looks at the clock."""
MANY = 2_000
"""From so many items on, what goes through all of them is done in turns."""


async def in_turns(work: Iterable[None]) -> None:
    """Do `work`, which yields every so many items, with others having their turn in between."""
    turns = Turns()
    for _ in work:
        await turns.rest()


def at_once(work: Iterable[None]) -> None:
    """Do the same without a rest."""
    for _ in work:
        pass


class Turns:
    """One piece of work; `rest` is awaited every so many items, and costs nothing as long as there is time."""

    def __init__(self) -> None:
        self._until = time.perf_counter() + LONGEST

    async def rest(self) -> None:
        """Let others have their turn if this one has lasted long enough."""
        if time.perf_counter() >= self._until:
            await asyncio.sleep(0)
            self._until = time.perf_counter() + LONGEST
