"""Changes faster than anybody can look: the first is told at once, the others together, a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")

PAUSE = 0.06
"""Seconds between two times that the same is told: fewer than 20 paints a second, and still at once for the eye."""


class Pulse(Generic[K]):
    """Tells of `K`s; each is told of soon after its last change, however many there were."""

    def __init__(self, tell: Callable[[K], None], pause: float = PAUSE) -> None:
        """`pause` is in seconds."""
        self._tell = tell
        self._pause = pause
        self._resting: dict[K, bool] = {}
        """What was told just now, and whether it has changed since."""

    def beat(self, key: K) -> None:
        """`key` has changed."""
        if key in self._resting:
            self._resting[key] = True
        else:
            self._now(key)

    def _now(self, key: K) -> None:
        self._resting[key] = False
        asyncio.get_running_loop().call_later(self._pause, self._rested, key)
        self._tell(key)

    def _rested(self, key: K) -> None:
        if self._resting.pop(key):
            self._now(key)
