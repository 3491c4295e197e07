"""The comment tree: which comments show, in what order, and how it is cut into pages. Pure functions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from api_client.models.posts import COMMENT_DEPTH_LIMIT
from api_client.models.threads import CommentSort
from server.db import from_micros
from server.threads import ranking

_JUDGED = 4_096
"""Pairs of votes whose rank is remembered: most comments have few votes, and share theirs with many others."""


class Node(NamedTuple):
    """What of a comment decides its place."""

    id: str
    parent_id: str | None
    upvotes: int
    downvotes: int
    score: int
    created_at: int
    """Microseconds since the epoch: thousands of moments are compared sooner as numbers."""
    is_deleted: bool


class Placed(NamedTuple):
    """A comment on a page; `more_replies` counts those beneath it that the page leaves out, None if none."""

    id: str
    child_count: int
    more_replies: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The visible comments: ids of the children of every id, in order, and the visible size of every subtree."""

    root_id: str | None
    children: dict[str | None, list[str]]
    sizes: dict[str, int]
    written: dict[str, int]
    """When each unit was written, in microseconds since the epoch."""

    @property
    def units(self) -> Sequence[str]:
        """The ids a list is paged by: root comments, or the replies of the comment it was asked for."""
        return self.children.get(self.root_id, ())

    def units_until(self, moment: int) -> list[str]:
        """Return the units without those that were written after `moment`, in microseconds since the epoch."""
        return [unit for unit in self.units if self.written[unit] <= moment]


def build(nodes: Sequence[Node], sort: CommentSort, root_id: str | None = None) -> Tree:
    """Order `nodes` by `sort` among siblings; a deleted comment stays only while something beneath it is alive.

    `nodes` is a whole post, or the subtree of `root_id` with or without that comment itself, parents before their
    replies.
    """
    sizes = _visible_sizes(nodes, root_id)
    by_parent: dict[str | None, list[Node]] = {}
    for node in nodes:
        if node.id in sizes:
            by_parent.setdefault(node.parent_id, []).append(node)
    key = _KEYS[sort]
    children: dict[str | None, list[str]] = {}
    for parent_id, siblings in by_parent.items():
        if len(siblings) > 1:
            siblings.sort(key=key, reverse=sort is CommentSort.NEW)
        children[parent_id] = [node.id for node in siblings]
    written = {node.id: node.created_at for node in by_parent.get(root_id, ())}
    return Tree(root_id, children, sizes, written)


def _visible_sizes(nodes: Sequence[Node], root_id: str | None) -> dict[str, int]:
    """Return the size of every visible subtree, its top included; what is invisible is left out."""
    sizes: dict[str, int] = {}
    beneath: dict[str | None, int] = {}
    # From the end on, replies come before what they answer.
    for node in reversed(nodes):
        size = beneath.pop(node.id, 0)
        if node.id != root_id and (size or not node.is_deleted):
            sizes[node.id] = size + 1
            beneath[node.parent_id] = beneath.get(node.parent_id, 0) + size + 1
    return sizes


_Key = Callable[[Node], tuple[float, int, str]]


def _by(rank: Callable[[Node], float]) -> _Key:
    """Highest rank first; equals in the order in which they were written, as a conversation reads."""
    return lambda node: (-rank(node), node.created_at, node.id)


def _written(node: Node) -> tuple[float, int, str]:
    return (0.0, node.created_at, node.id)


_wilson = lru_cache(_JUDGED)(ranking.wilson)
_controversy = lru_cache(_JUDGED)(ranking.controversy)
_KEYS: dict[CommentSort, _Key] = {
    CommentSort.BEST: _by(lambda node: _wilson(node.upvotes, node.downvotes)),
    CommentSort.TOP: _by(lambda node: node.score),
    CommentSort.NEW: _written,
    CommentSort.HOT: _by(lambda node: ranking.hot(node.score, from_micros(node.created_at))),
    CommentSort.CONTROVERSIAL: _by(lambda node: _controversy(node.upvotes, node.downvotes)),
}


def page(tree: Tree, units: Sequence[str], most_nodes: int) -> tuple[list[Placed], int]:
    """Return comments depth first, and how many of `units` they cover (at least one if there are any).

    A unit comes with everything beneath it down to the eleventh level of the list. One that does not fit into
    `most_nodes` any more is left to the next page; if it is the first of its page, its upper levels are shown and
    `more_replies` says what is missing where.
    """
    level = 0 if tree.root_id is None else 1
    placed: list[Placed] = []
    covered = 0
    for unit in units:
        block = _whole(tree, unit, level, most_nodes - len(placed))
        if block is None:
            if placed:
                break
            block = _upper_levels(tree, unit, level, most_nodes)
        placed.extend(block)
        covered += 1
    return placed, covered


def _whole(tree: Tree, unit: str, level: int, room: int) -> list[Placed] | None:
    """Return a subtree depth first down to the last level, or None if it is larger than `room`."""
    block: list[Placed] = []
    waiting = [(unit, level)]
    while waiting:
        if len(block) == room:
            return None
        comment_id, depth = waiting.pop()
        children = tree.children.get(comment_id, [])
        if depth < COMMENT_DEPTH_LIMIT:
            waiting.extend([(child, depth + 1) for child in reversed(children)])
            block.append(Placed(comment_id, len(children), None))
        else:
            block.append(Placed(comment_id, len(children), tree.sizes[comment_id] - 1 or None))
    return block


def _upper_levels(tree: Tree, unit: str, level: int, room: int) -> list[Placed]:
    """Return the first `room` comments of a subtree level by level, put in depth-first order."""
    taken: set[str] = {unit}
    waiting = deque([(unit, level)])
    while waiting and len(taken) < room:
        comment_id, depth = waiting.popleft()
        if depth < COMMENT_DEPTH_LIMIT:
            chosen = tree.children.get(comment_id, [])[: room - len(taken)]
            taken.update(chosen)
            waiting.extend([(child, depth + 1) for child in chosen])
    block: list[Placed] = []
    stack = [unit]
    while stack:
        comment_id = stack.pop()
        children = tree.children.get(comment_id, [])
        shown = [child for child in children if child in taken]
        left_out = sum(tree.sizes[child] for child in children if child not in taken)
        block.append(Placed(comment_id, len(children), left_out or None))
        stack.extend(reversed(shown))
    return block
