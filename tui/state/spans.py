"""Which stretches of a list in time order are known without a hole."""

from __future__ import annotations

from datetime import UTC, datetime

Key = tuple[datetime, str]
"""Where an item stands: its time, and its id among those of the same time."""

BEGINNING: Key = (datetime.min.replace(tzinfo=UTC), "")
"""Before everything."""


class Spans:
    """Stretches from one key to another, both included, in which every item that there is is known.

    Two that share a key, or overlap, are one.
    """

    def __init__(self) -> None:
        self._spans: list[tuple[Key, Key]] = []

    @property
    def newest(self) -> Key | None:
        """The last key that is in any stretch."""
        return self._spans[-1][1] if self._spans else None

    def cover(self, low: Key, high: Key) -> None:
        """Everything from `low` to `high` is known."""
        apart = [span for span in self._spans if span[1] < low or high < span[0]]
        touching = [span for span in self._spans if not (span[1] < low or high < span[0])]
        low = min([low, *(span[0] for span in touching)])
        high = max([high, *(span[1] for span in touching)])
        self._spans = sorted([*apart, (low, high)])

    def open(self, low: Key, high: Key | None = None) -> None:
        """What lies strictly between `low` and `high` (None: everything after `low`) is no longer known."""
        kept: list[tuple[Key, Key]] = []
        for first, last in self._spans:
            if last <= low or (high is not None and first >= high):
                kept.append((first, last))
                continue
            if first <= low:
                kept.append((first, low))
            if high is not None and last >= high:
                kept.append((high, last))
        self._spans = kept

    def joins(self, low: Key, high: Key) -> bool:
        """Whether nothing is missing between two keys."""
        return any(first <= low and high <= last for first, last in self._spans)
