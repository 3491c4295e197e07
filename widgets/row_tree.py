"""A row index whose items form a tree: folding a subtree away, and walking to parents and siblings.

Depths describe the tree in pre-order: the descendants of an item are the items right after it with a greater depth.
Each block of items knows its least depth, so that the end of a subtree is found without visiting the blocks within
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from widgets.row_blocks import Block
from widgets.row_index import RowIndex

T = TypeVar("T")


class RowTree(RowIndex[T]):
    """Keyed items with rows and depths; what lies under a folded item takes no row."""

    def __init__(self, key: Callable[[T], str], estimate: Callable[[T], int], depth: Callable[[T], int]) -> None:
        """`depth` gives the level of an item, from 0; the rest is as in `RowIndex`."""
        super().__init__(key, estimate)
        self._depth = depth
        self._folded: set[str] = set()

    def beside(self) -> RowTree[T]:
        """Return an empty tree for items of the same kind, with the same folds, that this one may become."""
        fresh = RowTree(self._key, self._estimate, self._depth)
        fresh._folded = set(self._folded)
        return fresh

    def become(self, other: RowTree[T]) -> None:
        """Hold what `other` holds, folded as it is here; `other` is not used any more."""
        self._blocks, self._home, self._starts = other._blocks, other._home, other._starts
        self._sums, self._typical, self._found = other._sums, other._typical, 0
        self._folded &= self._home.keys()
        if self._folded != other._folded:
            self._refold()

    # -- walking -------------------------------------------------------------------------------------------------

    def depth(self, key: str) -> int:
        """Return the level of `key`, from 0."""
        return self._depth(self.item(key))

    def subtree_end(self, key: str) -> int:
        """Return the position after the last descendant of `key`."""
        return self._next_at_most(key, self.depth(key))

    def parent(self, key: str) -> str | None:
        """Return the nearest item before `key` with a lesser depth."""
        return self._previous_at_most(key, self.depth(key) - 1)

    def next_sibling(self, key: str) -> str | None:
        """Return the item after the subtree of `key` if it has the same parent."""
        end, depth = self.subtree_end(key), self.depth(key)
        if end >= len(self):
            return None
        found = self.key_at(end)
        return found if self.depth(found) == depth else None

    def previous_sibling(self, key: str) -> str | None:
        """Return the item whose subtree ends before `key` if it has the same parent."""
        depth = self.depth(key)
        found = self._previous_at_most(key, depth)
        return found if found is not None and self.depth(found) == depth else None

    def next_root(self, key: str) -> str | None:
        """Return the next item at level 0."""
        end = self._next_at_most(key, 0)
        return self.key_at(end) if end < len(self) else None

    def previous_root(self, key: str) -> str | None:
        """Return the item at level 0 before `key`."""
        return self._previous_at_most(key, 0)

    def _next_at_most(self, key: str, depth: int) -> int:
        """Return the position of the first item after `key` whose depth is at most `depth`, or the number of items."""
        block, offset = self._locate(key)
        start = offset + 1
        for candidate in self._blocks[block.order :]:
            depths = candidate.learn_depths(self._depth)
            if candidate.floor <= depth:
                for i in range(start, len(depths)):
                    if depths[i] <= depth:
                        return self._starts[candidate.order] + i
            start = 0
        return len(self)

    def _previous_at_most(self, key: str, depth: int) -> str | None:
        block, offset = self._locate(key)
        stop: int | None = offset
        for order in range(block.order, -1, -1):
            candidate = self._blocks[order]
            depths = candidate.learn_depths(self._depth)
            if candidate.floor <= depth:
                for i in range((len(depths) if stop is None else stop) - 1, -1, -1):
                    if depths[i] <= depth:
                        return candidate.keys[i]
            stop = None
        return None

    # -- folding -------------------------------------------------------------------------------------------------

    @property
    def folded(self) -> frozenset[str]:
        """The keys whose descendants are hidden."""
        return frozenset(self._folded)

    def is_folded(self, key: str) -> bool:
        """Return whether the descendants of `key` are hidden."""
        return key in self._folded

    def is_hidden(self, key: str) -> bool:
        """Return whether `key` lies under a folded item."""
        block, offset = self._locate(key)
        return not block.is_visible(offset)

    def descendants(self, key: str) -> int:
        """Return the number of items under `key`."""
        return self.subtree_end(key) - self.position(key) - 1

    def fold(self, key: str) -> bool:
        """Hide the descendants of `key`; return False when there are none, or they are hidden by this very fold."""
        if key in self._folded or not self.descendants(key):
            return False
        self._folded.add(key)
        self._shift(self.position(key) + 1, self.subtree_end(key), +1)
        return True

    def unfold(self, key: str) -> bool:
        """Show the descendants of `key` again, but for those under folds of their own; return False if not folded."""
        if key not in self._folded:
            return False
        self._folded.discard(key)
        self._shift(self.position(key) + 1, self.subtree_end(key), -1)
        return True

    def fold_exactly(self, keys: Iterable[str]) -> None:
        """Fold `keys` and unfold everything else, in one pass; keys without descendants stay unfolded."""
        wanted = {key for key in keys if key in self and self.descendants(key)}
        if wanted or self._folded:
            self._folded = wanted
            self._refold()

    def fold_also(self, keys: Iterable[str]) -> None:
        """Fold `keys` as well, in one pass from the first of them; keys without descendants stay unfolded."""
        more = {key for key in keys if key in self and key not in self._folded and self.descendants(key)}
        if more:
            self._folded |= more
            self._refold(min(self._home[key].order for key in more))

    def _shift(self, start: int, stop: int, by: int) -> None:
        for order, first in enumerate(self._starts):
            block = self._blocks[order]
            low, high = max(start, first) - first, min(stop - first, len(block.items))
            if low < high:
                block.shift(low, high, by)
        self._rebuild()

    def replace(self, item: T) -> bool:
        """Put `item` in the place of the one with its key; return whether there was one. The height is kept."""
        key = self._key(item)
        if key not in self:
            return False
        moved = self._depth(item) != self.depth(key)
        super().replace(item)
        if moved:
            block = self._locate(key)[0]
            block.depths = None
            self._reordered(block.order)
        return True

    def _reordered(self, order: int = 0) -> None:
        if self._folded:
            self._folded &= self._home.keys()
            self._refold(order)

    def _refold(self, order: int = 0) -> None:
        """Count anew the folds above each item from the block at `order` on: the old ranges mean nothing there."""
        above = self._folds_above(self._blocks[order].keys[0]) if order < len(self._blocks) else []
        with_folds = {id(self._home[key]) for key in self._folded}
        for block in self._blocks[order:]:
            if id(block) in with_folds or above:
                depths = block.learn_depths(self._depth)
                if id(block) not in with_folds and block.floor > above[-1]:
                    block.set_counts([len(above)])
                else:
                    self._refold_block(block, depths, above)
            else:
                block.set_counts([])
        self._rebuild()

    def _folds_above(self, key: str) -> list[int]:
        """Return the depths of the folded items that `key` lies under, from the outermost on."""
        depths: list[int] = []
        above = self.parent(key)
        while above is not None:
            if above in self._folded:
                depths.append(self.depth(above))
            above = self.parent(above)
        return depths[::-1]

    def _refold_block(self, block: Block[T], depths: list[int], above: list[int]) -> None:
        """Do so for one block; `above` are the depths of the folds that are open before and after it."""
        counts = []
        for key, depth in zip(block.keys, depths, strict=True):
            while above and above[-1] >= depth:
                above.pop()
            counts.append(len(above))
            if key in self._folded:
                above.append(depth)
        block.set_counts(counts)
