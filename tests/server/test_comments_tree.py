"""The comment tree against a naive reference, and the pages it is cut into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.threads import CommentSort
from server.comments import tree
from server.comments.paths import child_path, plain_path, stored_path, subtree_range
from server.comments.tree import Node, Placed
from server.db import from_micros, micros
from server.threads import ranking

START = datetime(2026, 1, 1, tzinfo=UTC)


def written(minutes: int) -> int:
    return micros(START + timedelta(minutes=minutes))


@st.composite
def threads(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for index in range(draw(st.integers(0, 40))):
        parent = draw(st.none() | st.sampled_from(nodes)) if nodes else None
        ups, downs = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        created = written(draw(st.integers(0, 3)) if parent is None else index + 3)
        gone = draw(st.booleans()) if draw(st.booleans()) else False
        nodes.append(Node(f"c{index:03}", parent.id if parent else None, ups, downs, ups - downs, created, gone))
    return nodes


def rank(node: Node, sort: CommentSort) -> float:
    match sort:
        case CommentSort.BEST:
            return ranking.wilson(node.upvotes, node.downvotes)
        case CommentSort.TOP:
            return node.score
        case CommentSort.HOT:
            return ranking.hot(node.score, from_micros(node.created_at))
        case CommentSort.CONTROVERSIAL:
            return ranking.controversy(node.upvotes, node.downvotes)
        case CommentSort.NEW:
            return node.created_at


def alive(node: Node, nodes: list[Node]) -> bool:
    return not node.is_deleted or any(alive(child, nodes) for child in nodes if child.parent_id == node.id)


def reference(nodes: list[Node], sort: CommentSort, parent: str | None = None) -> list[str]:
    """The visible comments depth first, by the definition and without regard to speed."""
    siblings = [node for node in nodes if node.parent_id == parent and alive(node, nodes)]
    if sort is CommentSort.NEW:
        siblings.sort(key=lambda node: (node.created_at, node.id), reverse=True)
    else:
        siblings.sort(key=lambda node: (node.created_at, node.id))
        siblings.sort(key=lambda node: rank(node, sort), reverse=True)
    ordered: list[str] = []
    for node in siblings:
        ordered += [node.id, *reference(nodes, sort, node.id)]
    return ordered


@given(threads(), st.sampled_from(CommentSort))
def test_comments_stand_depth_first_with_sorted_siblings_and_live_placeholders(
    nodes: list[Node], sort: CommentSort
) -> None:
    shallow = [node for node in nodes if _depth(node, nodes) <= 10]
    whole = tree.build(shallow, sort)
    placed, covered = tree.page(whole, whole.units, 1000)
    assert [place.id for place in placed] == reference(shallow, sort)
    assert covered == len(whole.units)
    assert all(place.more_replies is None for place in placed)


@given(threads(), st.integers(1, 12), st.integers(1, 5))
def test_pages_and_continuations_bring_every_comment_once(nodes: list[Node], most: int, units: int) -> None:
    """Every page keeps its bound, and following every cursor and every `more_replies` finds exactly what is there."""
    found = _fetch_everything(nodes, None, most, units)
    assert sorted(found) == sorted(reference(nodes, CommentSort.TOP))


def _fetch_everything(nodes: list[Node], root: str | None, most: int, units: int) -> list[str]:
    within = nodes if root is None else [node for node in nodes if root in _ancestors(node, nodes)]
    whole = tree.build(within, CommentSort.TOP, root)
    found: list[str] = []
    start = 0
    while start < len(whole.units):
        placed, covered = tree.page(whole, whole.units[start : start + units], most)
        assert 1 <= len(placed) <= most
        assert covered >= 1
        found += [place.id for place in placed]
        for place in placed:
            if place.more_replies is not None:
                found += [
                    id_
                    for id_ in _fetch_everything(nodes, place.id, most, units)
                    if id_ not in found and place.id in _ancestors(_node(id_, nodes), nodes)
                ]
        start += covered
    return found


def _node(id_: str, nodes: list[Node]) -> Node:
    return next(node for node in nodes if node.id == id_)


def _ancestors(node: Node, nodes: list[Node]) -> list[str]:
    if node.parent_id is None:
        return []
    return [node.parent_id, *_ancestors(_node(node.parent_id, nodes), nodes)]


def _depth(node: Node, nodes: list[Node]) -> int:
    return len(_ancestors(node, nodes))


def chain(length: int) -> list[Node]:
    return [
        Node(f"c{depth:03}", f"c{depth - 1:03}" if depth else None, 0, 0, 0, written(depth), False)
        for depth in range(length)
    ]


def test_of_a_chain_of_14_eleven_levels_show_and_the_rest_is_announced() -> None:
    whole = tree.build(chain(14), CommentSort.BEST)
    placed, _ = tree.page(whole, whole.units, 1000)
    assert [place.id for place in placed] == [f"c{depth:03}" for depth in range(11)]
    assert placed[-1] == Placed("c010", 1, 3)
    assert all(place.more_replies is None for place in placed[:-1])


def test_below_a_comment_eleven_levels_count_from_it() -> None:
    whole = tree.build(chain(14)[3:], CommentSort.BEST, "c002")
    placed, _ = tree.page(whole, whole.units, 1000)
    assert [place.id for place in placed] == [f"c{depth:03}" for depth in range(3, 13)]
    assert placed[-1].more_replies == 1


def test_a_subtree_that_is_too_large_shows_its_upper_levels() -> None:
    root = Node("root", None, 0, 0, 0, written(0), False)
    children = [Node(f"k{n}", "root", 0, 0, -n, written(1), False) for n in range(3)]
    below = [Node(f"g{n}", "k0", 0, 0, 0, written(2), False) for n in range(4)]
    whole = tree.build([root, *children, *below], CommentSort.TOP)
    placed, covered = tree.page(whole, whole.units, 5)
    assert [(place.id, place.more_replies) for place in placed] == [
        ("root", None), ("k0", 3), ("g0", None), ("k1", None), ("k2", None)
    ]  # fmt: skip
    assert covered == 1


@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=12))
def test_paths_travel_without_their_padding(numbers: list[int]) -> None:
    plain = ".".join(map(str, numbers))
    assert plain_path(stored_path(plain)) == plain


def test_the_subtree_of_1_does_not_contain_12() -> None:
    first, end = subtree_range(child_path(None, 1))
    assert first <= child_path(child_path(None, 1), 12) < end
    assert not first <= child_path(None, 12) < end
    assert not first <= child_path(None, 1) < end
    assert not first <= child_path(child_path(None, 12), 13) < end


def test_paths_sort_by_number_not_by_digits() -> None:
    assert child_path(None, 2) < child_path(None, 12)
    with pytest.raises(ValueError, match="outside"):
        child_path(None, 10_000_000)
