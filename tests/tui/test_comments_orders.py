"""Whatever the order in which answers, replies and confirmations arrive, a thread ends up the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations

from api_client.models.posts import Comment
from tui.state.comment_entries import CommentEntry
from tui.state.comment_tree import CommentTree

ME = "me"


def comment(name: str, parent: str | None = None, **more: object) -> Comment:
    fields: dict[str, object] = {
        "id": name,
        "post_id": "p",
        "parent_id": parent,
        "author_id": "ann",
        "author_username": "ann",
        "body": f"words of {name}",
        "created_at": datetime(2026, 1, 5, tzinfo=UTC),
        **more,
    }
    return Comment.model_validate(fields)


def state(tree: CommentTree) -> dict[str, tuple[str | None, str, int, int, bool]]:
    """Return all that is shown, but for the order of siblings, which never changes under the reader's eyes."""
    found = [e for e in tree.entries() if isinstance(e, CommentEntry)]
    return {e.comment.id: (e.comment.parent_id, e.comment.body, e.comment.score, e.depth, e.sending) for e in found}


def test_six_answers_in_all_orders_give_the_same_thread() -> None:
    """Lists from four moments, and the replies to a comment and to a deletion of one's own that lie between them."""
    mine = comment("mine", "a", author_id=ME, author_username="me")
    first = [comment("a"), comment("b"), comment("c"), comment("d")]
    second = [comment("a", score=1, version=2), mine, comment("b"), comment("c"), comment("d")]
    third = [comment("a", score=2, version=3), mine, comment("e", "mine"), comment("b"), comment("d")]
    fourth = [comment("a", score=2, version=3), mine, comment("e", "mine"), comment("b", score=-1, version=2)]

    def arrived(order: tuple[int, ...]) -> tuple[dict[str, tuple[str | None, str, int, int, bool]], bool]:
        tree = CommentTree(ME)
        tree.replace(first)
        tree.pend(mine)
        asked = [tree.ask() for _ in range(4)]
        events: list[Callable[[], object]] = [
            lambda: tree.append(first[2:], asked[0]),
            lambda: tree.merge(second, asked[1]),
            lambda: tree.merge(third, asked[2]),
            lambda: tree.merge(fourth, asked[3]),
            lambda: tree.confirm("mine", mine),
            lambda: tree.remove("d"),
        ]
        for number in order:
            events[number]()
        held = tree.take_held()
        if held:  # the store asks again
            tree.merge(fourth)
        return state(tree), held

    wanted = arrived(tuple(range(6)))[0]
    assert set(wanted) == {"a", "mine", "e", "b"}
    assert wanted["b"][2] == -1
    assert not any(sending for *_, sending in wanted.values())
    for order in permutations(range(6)):
        assert arrived(order)[0] == wanted, order


def test_an_answer_that_comes_twice_or_late_changes_nothing() -> None:
    tree = CommentTree(ME)
    early, late = tree.ask(), tree.ask()
    now = [comment("a", score=5, version=6), comment("b")]
    tree.merge(now, late)
    before = tree.entries()
    tree.merge(now, late)
    tree.merge([comment("a", version=1), comment("gone")], early)
    tree.append([comment("gone too")], early)
    tree.replace([comment("gone as well")], early)
    assert tree.entries() == before


def test_a_deleted_comment_stays_deleted_whatever_is_still_on_its_way() -> None:
    tree = CommentTree(ME)
    tree.replace([comment("a"), comment("b", "a"), comment("c")])
    asked = tree.ask()
    tree.remove("a")
    tree.remove("c")
    tree.merge([comment("a", version=9), comment("b", "a"), comment("c", version=9)], asked)
    shown = {e.comment.id: e.comment.is_deleted for e in tree.entries() if isinstance(e, CommentEntry)}
    assert shown == {"a": True, "b": False}
    tree.merge([comment("a", is_deleted=True, version=10), comment("b", "a")])
    assert list(state(tree)) == ["a", "b"]


def test_a_deleted_comment_stays_deleted_where_an_answer_from_before_brings_its_first_reply() -> None:
    tree = CommentTree(ME)
    tree.replace([comment("a"), comment("b")])
    asked = [tree.ask() for _ in range(3)]
    tree.remove("a")
    assert list(state(tree)) == ["b"]
    listed = [comment("a", version=9), comment("reply", "a"), comment("b")]
    for take, number in ((tree.append, asked[0]), (tree.replace, asked[1]), (tree.merge, asked[2])):
        take(listed, number)
        shown = {e.comment.id: e.comment.is_deleted for e in tree.entries() if isinstance(e, CommentEntry)}
        assert shown == {"a": True, "reply": False, "b": False}


def test_ones_own_unsent_comment_outlives_every_list_that_does_not_know_it() -> None:
    tree = CommentTree(ME)
    tree.replace([comment("a")])
    asked = tree.ask()
    tree.pend(comment("mine", "a", author_id=ME, author_username="me"))
    tree.pend(comment("below", "mine", author_id=ME, author_username="me"))
    for take in (tree.merge, tree.replace, tree.append):
        for number in (asked, tree.ask()):
            take([comment("a"), comment("b")], number)
            sending = [e.comment.id for e in tree.entries() if isinstance(e, CommentEntry) and e.sending]
            assert sending == ["mine", "below"]


def test_counts_after_a_vote_of_ones_own_outlive_answers_to_questions_from_before_it() -> None:
    tree = CommentTree(ME)
    tree.replace([comment("a")])
    asked = tree.ask()
    tree.update(comment("a", score=1, my_vote=1))
    tree.merge([comment("a", version=5, score=3)], asked)
    known = tree.get("a")
    assert known is not None
    assert (known.my_vote, known.score) == (1, 1)
    assert tree.take_held()
    assert not tree.take_held()
    tree.merge([comment("a", version=6, score=4, my_vote=1)])
    newer = tree.get("a")
    assert newer is not None
    assert newer.score == 4


def test_ones_own_comment_outlives_a_list_that_was_asked_for_before_it_was_there() -> None:
    tree = CommentTree(ME)
    tree.replace([comment("a")])
    asked = tree.ask()
    mine = comment("mine", "a", author_id=ME)
    tree.pend(mine)
    tree.confirm("mine", mine)
    tree.merge([comment("a")], asked)
    assert list(state(tree)) == ["a", "mine"]
    tree.merge([comment("a")])
    assert list(state(tree)) == ["a"]
