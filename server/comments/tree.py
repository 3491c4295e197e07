"""The comment tree: which comments show, in what order, and how it is cut into pages. Pure functions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from api_client.models.posts import COMMENT_DEPTH_LIMIT
from api_client.models.threads import CommentSort
from server.threads import ranking


class Node(NamedTuple):
    """What of a comment decides its place."""

    id: str
    parent_id: str | None
    upvotes: int
    downvotes: int
    score: int
    created_at: datetime
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
    written: dict[str, datetime]
    """When each unit was written."""

    @property
    def units(self) -> Sequence[str]:
        """The ids a list is paged by: root comments, or the replies of the comment it was asked for."""
        return self.children.get(self.root_id, ())

    def units_until(self, moment: datetime) -> list[str]:
        """Return the units without those that were written after `moment`."""
        return [unit for unit in self.units if self.written[unit] <= moment]


def build(nodes: Iterable[Node], sort: CommentSort, root_id: str | None = None) -> Tree:
    """Order `nodes` by `sort` among siblings; a deleted comment stays only while something beneath it is alive.

    `nodes` is a whole post, or the subtree of `root_id` with or without that comment itself.
    """
    by_parent: dict[str | None, list[Node]] = {}
    for node in nodes:
        if node.id != root_id:
            by_parent.setdefault(node.parent_id, []).append(node)
    sizes = _visible_sizes(by_parent, root_id)
    key = _KEYS[sort]
    children: dict[str | None, list[str]] = {}
    for parent_id, siblings in by_parent.items():
        visible = [node for node in siblings if sizes.get(node.id)]
        if visible:
            if len(visible) > 1:
                visible.sort(key=key, reverse=sort is CommentSort.NEW)
            children[parent_id] = [node.id for node in visible]
    written = {node.id: node.created_at for node in by_parent.get(root_id, ()) if node.id in sizes}
    return Tree(root_id, children, sizes, written)


def _visible_sizes(by_parent: dict[str | None, list[Node]], root_id: str | None) -> dict[str, int]:
    """Return the size of every visible subtree, its top included; what is invisible is left out."""
    order: list[Node] = []
    waiting = list(by_parent.get(root_id, ()))
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(by_parent.get(node.id, ()))
    sizes: dict[str, int] = {}
    beneath: dict[str | None, int] = {}
    for node in reversed(order):
        size = beneath.get(node.id, 0)
        if size or not node.is_deleted:
            sizes[node.id] = size + 1
            beneath[node.parent_id] = beneath.get(node.parent_id, 0) + size + 1
    return sizes


_Key = Callable[[Node], tuple[float, float, str]]


def _by(rank: Callable[[Node], float]) -> _Key:
    """Highest rank first; equals in the order in which they were written, as a conversation reads."""
    return lambda node: (-rank(node), node.created_at.timestamp(), node.id)


def _written(node: Node) -> tuple[float, float, str]:
    return (node.created_at.timestamp(), 0.0, node.id)


_KEYS: dict[CommentSort, _Key] = {
    CommentSort.BEST: _by(lambda node: ranking.wilson(node.upvotes, node.downvotes)),
    CommentSort.TOP: _by(lambda node: node.score),
    CommentSort.NEW: _written,
    CommentSort.HOT: _by(lambda node: ranking.hot(node.score, node.created_at)),
    CommentSort.CONTROVERSIAL: _by(lambda node: ranking.controversy(node.upvotes, node.downvotes)),
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
