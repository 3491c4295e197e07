"""Drawn items, kept while they are likely to be shown again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from textual.strip import Strip


@dataclass(slots=True)
class Drawn:
    """One item as it was drawn."""

    stamp: Hashable
    """Everything the drawing depends on: version, width, theme, folding."""
    strips: list[Strip]
    dressed: dict[Hashable, list[Strip]] = field(default_factory=dict)
    """The same lines with the marker and the colours of a state (highlighted, focused) laid over them."""


class StripCache:
    """Least recently used drawings, bounded by items and by lines."""

    def __init__(self, *, items: int = 600, lines: int = 8_000) -> None:
        self._items = items
        self._lines = lines
        self._held = 0
        self._drawn: OrderedDict[str, Drawn] = OrderedDict()

    def __len__(self) -> int:
        return len(self._drawn)

    def get(self, key: str, stamp: Hashable) -> Drawn | None:
        """Return the drawing of `key`, if it was drawn with `stamp`."""
        drawn = self._drawn.get(key)
        if drawn is None or drawn.stamp != stamp:
            return None
        self._drawn.move_to_end(key)
        return drawn

    def put(self, key: str, stamp: Hashable, strips: list[Strip]) -> Drawn:
        """Keep `strips` as the drawing of `key`; the oldest ones go when there are too many."""
        self.drop(key)
        drawn = self._drawn[key] = Drawn(stamp, strips)
        self._held += len(strips)
        while len(self._drawn) > 1 and (len(self._drawn) > self._items or self._held > self._lines):
            _, oldest = self._drawn.popitem(last=False)
            self._held -= len(oldest.strips)
        return drawn

    def drop(self, key: str) -> None:
        """Forget the drawing of `key`."""
        drawn = self._drawn.pop(key, None)
        if drawn is not None:
            self._held -= len(drawn.strips)

    def undress(self) -> None:
        """Forget what was laid over the drawings."""
        for drawn in self._drawn.values():
            drawn.dressed.clear()

    def clear(self) -> None:
        """Forget all drawings."""
        self._drawn.clear()
        self._held = 0
