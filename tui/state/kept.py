"""Whole replies of the platform by name: what this machine had at first, the newest answer from then on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from api_client.errors import PlatformError
from api_client.models.base import WireModel
from api_client.sync.cache import Cache
from tui.state.freshness import Freshness

V = TypeVar("V", bound=WireModel)

MOST = 100
"""So many of a kind stay in memory; the others are read from the cache again."""


class Kept(Generic[V]):
    """One kind of reply. An answer to an older question never takes the place of a newer one's."""

    def __init__(
        self,
        cache: Cache,
        prefix: str,
        kind: type[V],
        recalled: Callable[[V], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`recalled` is called with what was read from this machine, before anybody sees it."""
        self._cache = cache
        self._prefix = prefix
        self._kind = kind
        self._recalled = recalled
        self._clock = clock
        self._values: dict[str, V] = {}
        self._fresh: dict[str, Freshness] = {}
        self._looked: set[str] = set()
        self._asked = 0
        self._answered: dict[str, int] = {}

    def get(self, name: str = "") -> V | None:
        """Return what is known, None if nothing is."""
        value = self._values.get(name)
        if value is None and name not in self._looked:
            self._looked.add(name)
            kept = self._cache.document(self._name(name), self._kind)
            if kept is not None:
                value = kept.value
                self._put(name, value)
                self._freshness(name).recalled(kept.fetched_at)
                self._recalled(value)
        return value

    def stale_since(self, name: str = "") -> datetime | None:
        """Return from when it is, if it could not be fetched again."""
        return self._freshness(name).stale_since

    async def fetch(self, ask: Callable[[], Awaitable[V]], name: str = "") -> V:
        """Ask the platform, and return the newest that is known then. Raises PlatformError."""
        self._asked += 1
        number = self._asked
        try:
            value = await ask()
        except PlatformError:
            if self.get(name) is not None and self._answered.get(name, 0) < number:
                self._freshness(name).failed()
            raise
        newest = self._values.get(name)
        if newest is not None and self._answered.get(name, 0) > number:
            return newest
        self._answered[name] = number
        self.put(value, name)
        return value

    def put(self, value: V, name: str = "") -> None:
        """This is how it is now."""
        self._freshness(name).fetched(self._clock())
        self._put(name, value)
        self._cache.keep_document(self._name(name), value)

    def _put(self, name: str, value: V) -> None:
        self._values.pop(name, None)
        self._values[name] = value
        for oldest in list(self._values)[: max(len(self._values) - MOST, 0)]:
            del self._values[oldest]
            self._looked.discard(oldest)

    def _freshness(self, name: str) -> Freshness:
        return self._fresh.setdefault(name, Freshness())

    def _name(self, name: str) -> str:
        return f"{self._prefix}:{name}" if name else self._prefix
