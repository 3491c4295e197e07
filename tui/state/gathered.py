"""What comes faster than it is worth looking at one by one is taken in together, in the loop's next round."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 128
"""With so many it is not waited any longer: what is done at one go stays short."""


class Gathered(Generic[T]):
    """Takes in things in the order they came, none twice and none later than the next round of the loop."""

    def __init__(self, take_in: Callable[[Sequence[T]], None]) -> None:
        self._take_in = take_in
        self._waiting: list[T] = []

    def add(self, thing: T) -> None:
        """Something has come."""
        self._waiting.append(thing)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.now)
        elif len(self._waiting) >= MOST:
            self.now()

    def now(self) -> None:
        """Take in what waits, because somebody asks for what has become of it."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._take_in(waiting)
