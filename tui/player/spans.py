"""Which parts of a file are there: a sorted set of half-open byte ranges."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


class Spans:
    """Ranges [start, end) that never touch or overlap; adding merges, removing splits."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def ranges(self) -> Sequence[tuple[int, int]]:
        """Return the ranges in order."""
        return list(zip(self._starts, self._ends, strict=True))

    def total(self) -> int:
        """Return how many bytes are there."""
        return sum(self._ends) - sum(self._starts)

    def end_at(self, offset: int) -> int:
        """Return where the range that holds `offset` ends, or `offset` itself if nothing is there."""
        index = bisect_right(self._starts, offset) - 1
        return self._ends[index] if index >= 0 and self._ends[index] > offset else offset

    def gap(self, offset: int, limit: int) -> tuple[int, int] | None:
        """Return the first range in [offset, limit) that is missing, or None."""
        start = self.end_at(offset)
        if start >= limit:
            return None
        index = bisect_right(self._starts, start)
        end = self._starts[index] if index < len(self._starts) else limit
        return start, min(end, limit)

    def add(self, start: int, end: int) -> None:
        """Note that [start, end) is there."""
        if start >= end:
            return
        low = 0
        while low < len(self._ends) and self._ends[low] < start:
            low += 1
        high = low
        while high < len(self._starts) and self._starts[high] <= end:
            start, end = min(start, self._starts[high]), max(end, self._ends[high])
            high += 1
        self._starts[low:high] = [start]
        self._ends[low:high] = [end]

    def remove(self, start: int, end: int) -> None:
        """Note that [start, end) is not there any more."""
        kept: list[tuple[int, int]] = []
        for old_start, old_end in self.ranges():
            kept.extend(
                piece
                for piece in ((old_start, min(old_end, start)), (max(old_start, end), old_end))
                if piece[0] < piece[1]
            )
        self._starts = [piece[0] for piece in kept]
        self._ends = [piece[1] for piece in kept]
