"""Which item stands at which row: an ordered, keyed sequence of items of unequal height.

Items lie in blocks of a few hundred, a Fenwick tree sums the blocks' rows. Looking up, measuring, inserting and
removing cost O(log b + k) for b blocks of k items, so that 100,000 items feel like 100; loading estimates nothing
that nobody looks at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar

from widgets.row_blocks import LARGEST, SMALLEST, TARGET, Block, PrefixSums, cut

T = TypeVar("T")

_SAMPLE = 32


class RowIndex(Generic[T]):
    """Items in order, by key, with their rows; an item that is hidden takes no row."""

    def __init__(self, key: Callable[[T], str], estimate: Callable[[T], int]) -> None:
        """`estimate` gives the rows of an item that was never drawn, at least 1."""
        self._key = key
        self._estimate = estimate
        self._blocks: list[Block[T]] = []
        self._home: dict[str, Block[T]] = {}
        self._starts: list[int] = []
        self._sums = PrefixSums([])
        self._typical = 1
        self._found = 0
        """Where in its block the last key was that was walked to."""

    # -- reading -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._home)

    def __contains__(self, key: str) -> bool:
        return key in self._home

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(block.items for block in self._blocks)

    def keys(self) -> Iterator[str]:
        """Yield the keys in order, folded ones as well."""
        return chain.from_iterable(block.keys for block in self._blocks)

    def item(self, key: str) -> T:
        """Return the item with `key`; KeyError when there is none."""
        block, offset = self._locate(key)
        return block.items[offset]

    def position(self, key: str) -> int:
        """Return how many items stand before `key`; KeyError when there is none."""
        block, offset = self._locate(key)
        return self._starts[block.order] + offset

    def key_at(self, position: int) -> str:
        """Return the key at `position`; IndexError when it is not within the items."""
        if not 0 <= position < len(self._home):
            raise IndexError(position)
        block = self._blocks[bisect_right(self._starts, position) - 1]
        return block.keys[position - self._starts[block.order]]

    @property
    def rows(self) -> int:
        """The rows of all visible items, estimates included."""
        return self._sums.before(len(self._blocks))

    def height(self, key: str) -> int:
        """Return the rows of `key` as if nothing were folded."""
        block, offset = self._locate(key)
        return self._open(block)[offset]

    def row_of(self, key: str) -> int:
        """Return the rows above the first row of `key`."""
        block, offset = self._locate(key)
        heights = self._open(block)
        within = sum(heights[i] for i in range(offset) if block.is_visible(i))
        return self._sums.before(block.order) + within

    def find(self, row: int) -> tuple[str, int] | None:
        """Return the key of the visible item at `row` and the line within it; None when no item is there."""
        while 0 <= row < self.rows:
            order, rest = self._sums.find(row)
            block = self._blocks[order]
            if block.heights is None:
                self._open(block)  # its rows were a guess: now that they are known, look again
                continue
            for offset, height in enumerate(block.heights):
                if block.is_visible(offset):
                    if rest < height:
                        return block.keys[offset], rest
                    rest -= height
        return None

    # -- measuring -----------------------------------------------------------------------------------------------

    def set_height(self, key: str, height: int) -> None:
        """Note that `key`, drawn, takes `height` rows."""
        block, offset = self._locate(key)
        heights = self._open(block)
        if heights[offset] != height:
            heights[offset] = height
            if block.is_visible(offset):
                self._resum(block)

    def forget_heights(self) -> None:
        """Go back to estimates, because the width has changed."""
        for block in self._blocks:
            block.heights = None
        self._guess()
        self._rebuild()

    def _open(self, block: Block[T]) -> list[int]:
        if block.heights is None:
            heights = block.learn_heights(self._estimate)
            self._resum(block)
            return heights
        return block.heights

    def _resum(self, block: Block[T]) -> None:
        self._sums.set(block.order, block.rows(self._typical))

    def _guess(self) -> None:
        count = len(self._home)
        if count:
            sample = [self._at(i) for i in range(0, count, max(1, count // _SAMPLE))]
            self._typical = max(1, round(sum(map(self._estimate, sample)) / len(sample)))

    def _at(self, position: int) -> T:
        block = self._blocks[bisect_right(self._starts, position) - 1]
        return block.items[position - self._starts[block.order]]

    # -- changing ------------------------------------------------------------------------------------------------

    def load(self, items: Iterable[T]) -> None:
        """Hold `items` and nothing else; of two items with one key, the later one stands at the earlier one's place."""
        for _ in self.loading(items):
            pass

    def loading(self, items: Iterable[T]) -> Iterator[None]:
        """Do the same step by step; until the last step is done everything is as it was."""
        held = list(items)
        blocks: list[Block[T]] = []
        home: dict[str, Block[T]] = {}
        yield from self._laid(held, blocks, home)
        if len(home) < len(held):
            held = list({self._key(item): item for item in held}.values())
            blocks, home = [], {}
            yield from self._laid(held, blocks, home)
        self._blocks, self._home = blocks, home
        self._renumber()
        self._guess()
        self._rebuild()
        self._reordered()

    def _laid(self, items: list[T], blocks: list[Block[T]], home: dict[str, Block[T]]) -> Iterator[None]:
        """Lay `items` into fresh `blocks`, and note in `home` which one each key is in."""
        key = self._key
        for start in range(0, len(items), TARGET):
            part = items[start : start + TARGET]
            block = Block(list(map(key, part)), part)
            blocks.append(block)
            home.update(dict.fromkeys(block.keys, block))
            yield

    def insert(self, position: int, items: Iterable[T]) -> int:
        """Put `items` before the item at `position`, replacing those already held; return how many are new."""
        fresh: dict[str, T] = {}
        for item in items:
            key = self._key(item)
            if key in self._home:
                self.replace(item)
            else:
                fresh[key] = item
        if not fresh:
            return 0
        if not self._home:
            self.load(fresh.values())
            return len(fresh)
        position = max(0, min(position, len(self._home)))
        block = self._blocks[max(0, bisect_right(self._starts, position) - 1)]
        order = block.order
        self._splice(block, position - self._starts[order], fresh)
        self._reordered(order)
        return len(fresh)

    def _reordered(self, order: int = 0) -> None:
        """Called when items came, went or changed their depth, none of them before the block at `order`."""

    def _splice(self, block: Block[T], offset: int, fresh: dict[str, T]) -> None:
        keys, items = list(fresh), list(fresh.values())
        heights = None
        if block.heights is not None:
            added = [self._estimate(item) for item in items]
            heights = [*block.heights[:offset], *added, *block.heights[offset:]]
        counts = block.counts()
        counts[offset:offset] = [0] * len(items)
        keys = [*block.keys[:offset], *keys, *block.keys[offset:]]
        items = [*block.items[:offset], *items, *block.items[offset:]]
        if len(items) <= LARGEST:
            block.keys, block.items, block.heights, block.depths = keys, items, heights, None
            block.set_counts(counts)
            for key in fresh:
                self._home[key] = block
            self._renumber()
        else:
            self._put(block.order, block.order + 1, list(cut(keys, items, heights, counts)))

    def remove(self, key: str) -> None:
        """Drop the item with `key`; KeyError when there is none."""
        block, offset = self._locate(key)
        counts = block.counts()
        for column in (block.keys, block.items, block.heights, counts):
            if column is not None:
                del column[offset]
        block.depths = None
        block.set_counts(counts)
        del self._home[key]
        order = block.order
        if len(block.items) < SMALLEST:
            self._merge(block)
        else:
            self._renumber()
        self._reordered(max(0, order - 1))

    def _merge(self, block: Block[T]) -> None:
        """Join a block that has become small with its neighbours, so that blocks stay few."""
        first = max(0, block.order - 1)
        last = min(len(self._blocks), block.order + 2)
        group = self._blocks[first:last]
        if any(part.heights is None for part in group) and not all(part.heights is None for part in group):
            for part in group:
                part.learn_heights(self._estimate)
        heights = [height for part in group for height in part.heights or []]
        self._put(
            first,
            last,
            list(
                cut(
                    [key for part in group for key in part.keys],
                    [item for part in group for item in part.items],
                    heights or None,
                    [count for part in group for count in part.counts()],
                )
            ),
        )

    def _put(self, first: int, last: int, blocks: list[Block[T]]) -> None:
        self._blocks[first:last] = blocks
        for block in blocks:
            self._home.update(dict.fromkeys(block.keys, block))
        self._renumber()

    def replace(self, item: T) -> bool:
        """Put `item` in the place of the one with its key; return whether there was one. The height is kept."""
        key = self._key(item)
        if key not in self._home:
            return False
        block, offset = self._locate(key)
        block.items[offset] = item
        return True

    def _locate(self, key: str) -> tuple[Block[T], int]:
        block = self._home[key]
        # Whoever walks asks for the neighbour of what was found last.
        found = self._found
        offset = found if found < len(block.keys) and block.keys[found] is key else block.keys.index(key)
        return block, offset

    def _renumber(self) -> None:
        starts, start = [], 0
        for order, block in enumerate(self._blocks):
            block.order = order
            starts.append(start)
            start += len(block.items)
        self._starts = starts
        self._rebuild()

    def _rebuild(self) -> None:
        self._sums = PrefixSums([block.rows(self._typical) for block in self._blocks])

    # -- walking -------------------------------------------------------------------------------------------------

    def first(self) -> str | None:
        """Return the first visible key."""
        return self._seek(0, 0)

    def last(self) -> str | None:
        """Return the last visible key."""
        return self._seek_back(len(self._blocks) - 1, None)

    def after(self, key: str) -> str | None:
        """Return the next visible key."""
        block, offset = self._locate(key)
        return self._seek(block.order, offset + 1)

    def before(self, key: str) -> str | None:
        """Return the visible key before `key`."""
        block, offset = self._locate(key)
        return self._seek_back(block.order, offset)

    def _seek(self, order: int, offset: int) -> str | None:
        for i in range(order, len(self._blocks)):
            block = self._blocks[i]
            found = block.visible(range(offset, len(block.items)))
            if found is not None:
                self._found = found
                return block.keys[found]
            offset = 0
        return None

    def _seek_back(self, order: int, stop: int | None) -> str | None:
        for i in range(order, -1, -1):
            block = self._blocks[i]
            found = block.visible(range((len(block.items) if stop is None else stop) - 1, -1, -1))
            if found is not None:
                self._found = found
                return block.keys[found]
            stop = None
        return None
