"""Changes faster than anybody can look: the first is told at once, the others together, a few times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")

PAUSE = 0.06
"""Seconds between two times that the same is told: fewer than 20 paints a second, and still at once for the eye."""
SHARE = 6
"""So many times as long as the telling took nothing is told again: what is shown leaves time for the keys."""


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
        began = time.perf_counter()
        self._tell(key)
        took = time.perf_counter() - began
        asyncio.get_running_loop().call_later(max(self._pause, SHARE * took), self._rested, key)

    def _rested(self, key: K) -> None:
        if self._resting.pop(key):
            self._now(key)
