"""Blocks of items with their heights and hidden counts: the storage under the row index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

TARGET = 256
"""Items in a freshly cut block: small enough to scan, large enough that a year of chat has few blocks."""
LARGEST = 2 * TARGET
SMALLEST = TARGET // 8


class PrefixSums:
    """A Fenwick tree of non-negative integers: change one, sum a prefix, find by sum, each in O(log n)."""

    __slots__ = ("_tree", "_values")

    def __init__(self, values: list[int]) -> None:
        self._values = values
        tree = [0, *values]
        for i in range(1, len(tree)):
            parent = i + (i & -i)
            if parent < len(tree):
                tree[parent] += tree[i]
        self._tree = tree

    def set(self, i: int, value: int) -> None:
        """Make `value` the value at `i`."""
        delta = value - self._values[i]
        if not delta:
            return
        self._values[i] = value
        i += 1
        while i < len(self._tree):
            self._tree[i] += delta
            i += i & -i

    def before(self, i: int) -> int:
        """Return the sum of the values at 0 .. i-1."""
        total = 0
        while i:
            total += self._tree[i]
            i &= i - 1
        return total

    def find(self, target: int) -> tuple[int, int]:
        """Return (i, rest): the values before `i` sum to `target - rest`, and `rest` lies within the value at `i`."""
        size = len(self._tree) - 1
        i = 0
        for step in (1 << bit for bit in range(size.bit_length() - 1, -1, -1)):
            nxt = i + step
            if nxt <= size and self._tree[nxt] <= target:
                i = nxt
                target -= self._tree[nxt]
        return i, target


class Block(Generic[T]):
    """A run of neighbouring items; heights and depths are worked out when somebody looks inside."""

    __slots__ = ("cover", "depths", "floor", "heights", "hidden", "items", "keys", "order")

    def __init__(self, keys: list[str], items: list[T], heights: list[int] | None = None):
        self.keys = keys
        self.items = items
        self.heights = heights
        """Rows of each item as if nothing were folded; None until somebody looks inside."""
        self.hidden: list[int] | None = None
        """How many folds hide each item, less `cover`; None means 0 for all."""
        self.cover = 0
        """How many folds hide the whole block."""
        self.depths: list[int] | None = None
        self.floor = 0
        """The least depth in the block, once `depths` is known."""
        self.order = 0
        """The block's place among the blocks."""

    def rows(self, typical: int) -> int:
        """Return the rows that the block takes, `typical` for each item not looked at yet."""
        if self.hidden is None:
            if self.cover:
                return 0
            return len(self.items) * typical if self.heights is None else sum(self.heights)
        if self.heights is None:
            return typical * sum(1 for count in self.hidden if count + self.cover == 0)
        return sum(height for height, count in zip(self.heights, self.hidden, strict=True) if count + self.cover == 0)

    def is_visible(self, offset: int) -> bool:
        """Return whether no fold hides the item at `offset`."""
        return self.cover + (self.hidden[offset] if self.hidden is not None else 0) == 0

    def visible(self, offsets: range) -> int | None:
        """Return the first of `offsets` whose item no fold hides, or None."""
        if self.hidden is None:
            return offsets[0] if offsets and not self.cover else None
        return next((offset for offset in offsets if self.hidden[offset] + self.cover == 0), None)

    def counts(self) -> list[int]:
        """Return how many folds hide each item."""
        if self.hidden is None:
            return [self.cover] * len(self.items)
        return [count + self.cover for count in self.hidden]

    def set_counts(self, counts: list[int]) -> None:
        """Store how many folds hide each item, in the shortest form."""
        first = counts[0] if counts else 0
        if all(count == first for count in counts):
            self.cover, self.hidden = first, None
        else:
            self.cover, self.hidden = 0, counts

    def shift(self, start: int, stop: int, by: int) -> None:
        """Add `by` folds over the items at `start` .. `stop` - 1."""
        if start == 0 and stop == len(self.items):
            self.cover += by
            return
        counts = self.counts()
        counts[start:stop] = [count + by for count in counts[start:stop]]
        self.set_counts(counts)

    def learn_depths(self, depth: Callable[[T], int]) -> list[int]:
        """Return the depth of each item, asking once."""
        if self.depths is None:
            self.depths = list(map(depth, self.items))
            self.floor = min(self.depths, default=0)
        return self.depths

    def learn_heights(self, estimate: Callable[[T], int]) -> list[int]:
        """Return the height of each item in rows, estimating once."""
        if self.heights is None:
            self.heights = list(map(estimate, self.items))
        return self.heights


def cut(
    keys: list[str], items: list[T], heights: list[int] | None = None, counts: list[int] | None = None
) -> Iterator[Block[T]]:
    """Yield blocks of `TARGET` items that hold `items` in order."""
    for start in range(0, len(items), TARGET):
        part = slice(start, start + TARGET)
        block = Block(keys[part], items[part], None if heights is None else heights[part])
        if counts is not None:
            block.set_counts(counts[part])
        yield block
