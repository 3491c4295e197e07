"""Changes faster than anybody can look: the first is told at once, the others together, a few times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")

PAUSE = 0.06
"""Seconds between two times that the same is told: fewer than 20 paints a second, and still at once for the eye."""
SHARE = 6
"""So many times as long as the telling took nothing is told again: what is shown leaves time for the keys."""


class Pulse(Generic[K]):
    """Tells of `K`s; each is told of soon after its last change, however many there were.

    What has changed during a pause is told when it is over, all of it together: it is then painted together.
    """

    def __init__(self, tell: Callable[[K], None], pause: float = PAUSE) -> None:
        """`pause` is in seconds."""
        self._tell = tell
        self._pause = pause
        self._told: set[K] = set()
        """What was told since the pause began; empty while there is none."""
        self._changed: dict[K, None] = {}
        """What of that has changed since, in the order in which it did."""

    def beat(self, key: K) -> None:
        """`key` has changed."""
        if key in self._told:
            self._changed[key] = None
            return
        resting = bool(self._told)
        self._told.add(key)
        if resting:
            self._tell(key)
        else:
            self._tell_all([key])

    def _tell_all(self, keys: Iterable[K]) -> None:
        """Tell of `keys`, and rest."""
        began = time.perf_counter()
        try:
            for key in keys:
                self._tell(key)
        finally:
            took = time.perf_counter() - began
            asyncio.get_running_loop().call_later(max(self._pause, SHARE * took), self._rested)

    def _rested(self) -> None:
        changed, self._changed = self._changed, {}
        self._told = set(changed)
        if changed:
            self._tell_all(changed)
