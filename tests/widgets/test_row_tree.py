"""The row index against a model that counts everything anew: order, rows, folds and walking."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from widgets.row_blocks import PrefixSums
from widgets.row_tree import RowTree


@dataclass(frozen=True)
class Node:
    key: str
    depth: int
    guess: int


def tree_of(nodes: list[Node]) -> RowTree[Node]:
    tree: RowTree[Node] = RowTree(lambda node: node.key, lambda node: node.guess, lambda node: node.depth)
    tree.load(nodes)
    return tree


def shapes_of(count: int, seed: int) -> list[tuple[int, int]]:
    """Return depths and guessed heights; drawn from a seed, for Hypothesis by itself likes its lists short."""
    chance = random.Random(seed)
    return [(chance.randint(0, 4), chance.randint(1, 9)) for _ in range(count)]


DEPTHS = st.integers(0, 4)
SHAPES = st.builds(shapes_of, st.integers(0, 900), st.integers(0, 2**32))


class RowTreeModel(RuleBasedStateMachine):
    """Does the same to a tree and to a plain list, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = tree_of([])
        self.nodes: list[Node] = []
        self.heights: dict[str, int] = {}
        self.folded: set[str] = set()
        self.made = 0

    def make(self, shapes: list[tuple[int, int]]) -> list[Node]:
        made = [Node(f"n{self.made + i}", depth, guess) for i, (depth, guess) in enumerate(shapes)]
        self.made += len(made)
        return made

    def at(self, share: float) -> int:
        return min(int(share * len(self.nodes)), len(self.nodes) - 1)

    def end(self, position: int) -> int:
        depth = self.nodes[position].depth
        return next((i for i in range(position + 1, len(self.nodes)) if self.nodes[i].depth <= depth), len(self.nodes))

    def hidden(self) -> set[str]:
        return {
            self.nodes[i].key
            for position, node in enumerate(self.nodes)
            if node.key in self.folded
            for i in range(position + 1, self.end(position))
        }

    @rule(shapes=SHAPES)
    def load(self, shapes: list[tuple[int, int]]) -> None:
        self.nodes = self.make(shapes)
        self.tree.load(self.nodes)
        self.heights.clear()
        self.folded.clear()

    @rule()
    def load_beside(self) -> None:
        fresh = self.tree.beside()
        for _ in fresh.loading(self.nodes):
            assert len(self.tree) == len(self.nodes)
        self.tree.become(fresh)
        self.heights.clear()

    @rule(shapes=SHAPES, share=st.floats(0, 1))
    def insert(self, shapes: list[tuple[int, int]], share: float) -> None:
        position = int(share * len(self.nodes))
        fresh = self.make(shapes)
        assert self.tree.insert(position, fresh) == len(fresh)
        self.nodes[position:position] = fresh

    @precondition(lambda self: self.nodes)
    @rule(share=st.floats(0, 1), count=st.integers(1, 400))
    def remove(self, share: float, count: int) -> None:
        for _ in range(min(count, len(self.nodes))):
            node = self.nodes.pop(self.at(share))
            self.tree.remove(node.key)
            self.heights.pop(node.key, None)
            self.folded.discard(node.key)

    @precondition(lambda self: self.nodes)
    @rule(share=st.floats(0, 1), depth=DEPTHS)
    def replace(self, share: float, depth: int) -> None:
        position = self.at(share)
        self.nodes[position] = Node(self.nodes[position].key, depth, self.nodes[position].guess)
        assert self.tree.replace(self.nodes[position])

    @precondition(lambda self: self.nodes)
    @rule(share=st.floats(0, 1), height=st.integers(1, 30))
    def measure(self, share: float, height: int) -> None:
        key = self.nodes[self.at(share)].key
        self.tree.set_height(key, height)
        self.heights[key] = height

    @rule()
    def forget_heights(self) -> None:
        self.tree.forget_heights()
        self.heights.clear()

    @precondition(lambda self: self.nodes)
    @rule(share=st.floats(0, 1))
    def toggle_fold(self, share: float) -> None:
        position = self.at(share)
        key = self.nodes[position].key
        if key in self.folded:
            assert self.tree.unfold(key)
            self.folded.discard(key)
        else:
            folds = self.end(position) > position + 1
            assert self.tree.fold(key) is folds
            if folds:
                self.folded.add(key)

    @rule(shares=st.lists(st.floats(0, 1), max_size=20))
    def fold_exactly(self, shares: list[float]) -> None:
        positions = {self.at(share) for share in shares} if self.nodes else set()
        self.tree.fold_exactly(self.nodes[position].key for position in positions)
        self.folded = {self.nodes[position].key for position in positions if self.end(position) > position + 1}

    @rule(shares=st.lists(st.floats(0, 1), max_size=20))
    def fold_also(self, shares: list[float]) -> None:
        positions = {self.at(share) for share in shares} if self.nodes else set()
        self.tree.fold_also([*(self.nodes[position].key for position in positions), "nobody"])
        self.folded |= {self.nodes[position].key for position in positions if self.end(position) > position + 1}

    @invariant()
    def order_is_kept(self) -> None:
        assert list(self.tree) == self.nodes
        assert list(self.tree.keys()) == [node.key for node in self.nodes]
        assert self.tree.folded == self.folded

    @invariant()
    def rows_and_walks_agree(self) -> None:
        hidden = self.hidden()
        visible = [node for node in self.nodes if node.key not in hidden]
        for node in self.nodes[:: max(1, len(self.nodes) // 16)]:
            assert self.tree.is_hidden(node.key) == (node.key in hidden)
        row = 0
        starts = {}
        for node in visible:
            self.tree.row_of(node.key)  # looks inside every block, so that no height is a guess by sample
        for node in visible:
            starts[node.key] = row
            row += self.heights.get(node.key, node.guess)
        assert self.tree.rows == row
        for node in visible[:: max(1, len(visible) // 16)]:
            height = self.heights.get(node.key, node.guess)
            assert self.tree.row_of(node.key) == starts[node.key]
            assert self.tree.find(starts[node.key] + height - 1) == (node.key, height - 1)
        assert self.tree.find(row) is None
        keys = [node.key for node in visible]
        assert (self.tree.first(), self.tree.last()) == ((keys[0], keys[-1]) if keys else (None, None))
        for before, after in list(pairwise(keys))[:: max(1, len(keys) // 16)]:
            assert self.tree.after(before) == after
            assert self.tree.before(after) == before

    @invariant()
    def the_tree_agrees(self) -> None:
        for position in range(0, len(self.nodes), max(1, len(self.nodes) // 12)):
            node = self.nodes[position]
            above = [other for other in self.nodes[:position] if other.depth < node.depth]
            assert self.tree.parent(node.key) == (above[-1].key if above else None)
            end = self.end(position)
            assert self.tree.subtree_end(node.key) == end
            assert self.tree.position(node.key) == position
            assert self.tree.key_at(position) == node.key
            sibling = end < len(self.nodes) and self.nodes[end].depth == node.depth
            assert self.tree.next_sibling(node.key) == (self.nodes[end].key if sibling else None)


TestRowTreeModel = RowTreeModel.TestCase
TestRowTreeModel.settings = settings(max_examples=15, stateful_step_count=12, suppress_health_check=list(HealthCheck))


def test_of_two_items_with_one_key_the_later_one_stands_at_the_earlier_ones_place() -> None:
    tree = tree_of([Node("a", 0, 1), Node("b", 0, 2), Node("a", 0, 5)])
    assert [(node.key, node.guess) for node in tree] == [("a", 5), ("b", 2)]


def test_inserting_what_is_already_there_replaces_it_and_counts_only_the_new() -> None:
    tree = tree_of([Node("a", 0, 1), Node("b", 0, 2)])
    assert tree.insert(2, [Node("a", 0, 7), Node("c", 0, 1)]) == 1
    assert [(node.key, node.guess) for node in tree] == [("a", 7), ("b", 2), ("c", 1)]


def test_loading_estimates_only_a_sample() -> None:
    asked = []
    tree: RowTree[int] = RowTree(str, lambda item: asked.append(item) or 3, lambda _item: 0)
    tree.load(range(50_000))
    assert len(asked) < 100
    assert tree.rows == 150_000


def test_previous_sibling_skips_the_descendants_and_stops_at_the_parent() -> None:
    tree = tree_of([Node("p", 0, 1), Node("a", 1, 1), Node("deep", 2, 1), Node("b", 1, 1)])
    assert tree.previous_sibling("b") == "a"
    assert tree.previous_sibling("a") is None


def test_unknown_keys_are_key_errors_and_positions_outside_index_errors() -> None:
    tree = tree_of([Node("a", 0, 1)])
    with pytest.raises(KeyError):
        tree.item("b")
    with pytest.raises(IndexError):
        tree.key_at(1)


def test_prefix_sums_find_skips_empty_places() -> None:
    sums = PrefixSums([0, 3, 0, 0, 2])
    assert [sums.find(row) for row in range(5)] == [(1, 0), (1, 1), (1, 2), (4, 0), (4, 1)]
    sums.set(2, 4)
    assert sums.before(5) == 9
    assert sums.find(3) == (2, 0)


def test_what_comes_far_below_a_fold_is_hidden_and_what_comes_behind_it_is_not() -> None:
    tree = tree_of([Node("root", 0, 1), *(Node(f"reply {number}", 1, 1) for number in range(3_000))])
    tree.fold("root")
    assert tree.rows == 1
    tree.insert(2_500, [Node("late", 1, 1), Node("below", 2, 1)])
    assert tree.is_hidden("late")
    tree.insert(len(tree), [Node("another", 0, 1), Node("answer", 1, 1)])
    assert (tree.is_hidden("another"), tree.is_hidden("answer"), tree.rows) == (False, False, 3)
    tree.fold_also(["late", "another"])
    assert (tree.is_hidden("answer"), tree.rows) == (True, 2)
    tree.unfold("root")
    assert (tree.is_hidden("late"), tree.is_hidden("below"), tree.is_hidden("reply 2999")) == (False, True, False)
    tree.remove("reply 2")
    assert (tree.is_hidden("below"), tree.rows) == (True, 1 + 2_999 + 1 + 1)
