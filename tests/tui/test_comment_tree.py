"""The comment tree: complete, in order, and steady under the reader's eyes, whatever arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.posts import Comment
from tui.state import comment_tree, listed_comments
from tui.state.comment_entries import CommentEntry, MoreEntry
from tui.state.comment_tree import CommentTree
from tui.state.turns import Turns

AT = datetime(2026, 1, 5, tzinfo=UTC)
ME = "me"


def comment(number: int | str, parent: int | str | None = None, **more: object) -> Comment:
    fields: dict[str, object] = {
        "id": f"c{number}",
        "post_id": "p",
        "parent_id": None if parent is None else f"c{parent}",
        "author_id": "ann",
        "author_username": "ann",
        "body": f"words {number}",
        "created_at": AT,
        **more,
    }
    return Comment.model_validate(fields)


def ids(tree: CommentTree) -> list[str]:
    return [entry.comment.id if isinstance(entry, CommentEntry) else entry.key for entry in tree.entries()]


@st.composite
def threads(draw: st.DrawFn) -> list[Comment]:
    """A thread, depth first, siblings in any order."""
    parents = draw(st.lists(st.integers(-1, 30), max_size=25))
    above = [None if parent < 0 or number == 0 else parent % number for number, parent in enumerate(parents)]
    order = draw(st.permutations(range(len(above))))

    def below(parent: int | None) -> list[Comment]:
        found = []
        for number in order:
            if above[number] == parent:
                found += [comment(number, parent), *below(number)]
        return found

    return below(None)


@given(threads(), st.integers(1, 7))
def test_pages_fed_one_after_another_give_the_thread_as_the_platform_ordered_it(
    thread: list[Comment], size: int
) -> None:
    tree = CommentTree(ME)
    tree.replace(thread[:size])
    for start in range(size, len(thread), size):
        before = ids(tree)
        added = tree.append(thread[start : start + size])
        assert added is not None, "wherever a page is cut, what follows stands behind everything"
        assert added == tree.entries()[len(before) :]
    assert ids(tree) == [c.id for c in thread]


@given(threads(), st.data())
def test_a_merge_holds_exactly_what_is_there_now_and_moves_nothing(thread: list[Comment], data: st.DataObject) -> None:
    known: list[Comment] = []
    for c in thread:
        if (c.parent_id is None or c.parent_id in {k.id for k in known}) and data.draw(st.booleans()):
            known.append(c)
    tree = CommentTree(ME)
    tree.replace(known)
    before = ids(tree)
    tree.merge(thread)
    after = ids(tree)
    assert sorted(after) == sorted(c.id for c in thread)
    assert [i for i in after if i in before] == [i for i in before if i in after]
    depth = {entry.comment.id: entry.depth for entry in tree.entries() if isinstance(entry, CommentEntry)}
    assert all(depth[c.id] == (depth[c.parent_id] + 1 if c.parent_id else 0) for c in thread)


@given(threads(), threads(), st.integers(1, 30), st.sampled_from(["replace", "merge"]))
def test_what_is_broken_off_between_two_turns_has_changed_nothing_and_can_be_done_again(
    before: list[Comment], after: list[Comment], moment: int, way: str
) -> None:
    tree, plain = CommentTree(ME), CommentTree(ME)
    pauses = 0

    async def pause(_: Turns) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == moment:
            raise asyncio.CancelledError

    async def take_in() -> None:
        await (tree.replace_in_turns if way == "replace" else tree.merge_in_turns)(after, tree.ask())

    tree.replace(before)
    plain.replace(before)
    shown = tree.entries()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comment_tree, "STEP", 1)
        patch.setattr(Turns, "rest", pause)
        with suppress(asyncio.CancelledError):
            asyncio.run(take_in())
        if moment <= pauses:
            assert tree.entries() == shown
            asyncio.run(take_in())
    (plain.replace if way == "replace" else plain.merge)(after)
    assert tree.entries() == plain.entries()
    assert tree.newest_at == max((c.created_at for c in [*before, *after]), default=None)


@given(threads(), threads(), st.integers(0, 30), st.sampled_from(["replace", "merge"]))
def test_what_is_done_in_turns_comes_to_the_same_whatever_is_written_meanwhile(
    before: list[Comment], after: list[Comment], moment: int, way: str
) -> None:
    """Another writes in the `moment`-th pause of taking in a list."""
    written = comment(99, author_id=ME)
    tree, plain = CommentTree(ME), CommentTree(ME)
    pauses = 0

    async def pause(_: Turns) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == moment:
            tree.pend(written)

    async def take_in() -> None:
        asked = tree.ask()
        await (tree.replace_in_turns if way == "replace" else tree.merge_in_turns)(after, asked)

    tree.replace(before)
    plain.replace(before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listed_comments, "STEP", 1)
        patch.setattr(comment_tree, "STEP", 1)
        patch.setattr(Turns, "rest", pause)
        asyncio.run(take_in())
        if 0 < moment <= pauses:
            plain.pend(written)
        (plain.replace if way == "replace" else plain.merge)(after)
        assert tree.entries() == plain.entries()
        assert asyncio.run(tree.entries_in_turns()) == tree.entries()
        assert asyncio.run(tree.confirmed_in_turns()) == tree.confirmed() == plain.confirmed()


@given(threads())
def test_a_merge_into_nothing_takes_over_the_platforms_order(thread: list[Comment]) -> None:
    tree = CommentTree(ME)
    tree.merge(thread)
    assert ids(tree) == [c.id for c in thread]


@given(threads(), st.data())
def test_merging_the_same_twice_changes_nothing(thread: list[Comment], data: st.DataObject) -> None:
    tree = CommentTree(ME)
    tree.replace(thread[: data.draw(st.integers(0, len(thread)))])
    tree.merge(thread)
    once = tree.entries()
    tree.merge(thread)
    assert tree.entries() == once


def test_what_is_no_longer_given_is_gone_and_what_others_wrote_is_fresh() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1), comment(2)])
    tree.merge([comment(1), comment(3), comment(4, author_id=ME)])
    assert ids(tree) == ["c1", "c3", "c4"]
    assert tree.fresh_count == 1
    tree.replace([comment(1), comment(3)])
    assert tree.fresh_count == 0


def test_a_new_comment_stands_behind_the_sibling_named_before_it() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1), comment(2)])
    tree.merge([comment(2), comment(9), comment(1)])
    assert ids(tree) == ["c1", "c2", "c9"]


def test_an_unsent_comment_keeps_its_place_and_key_when_it_is_confirmed() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1), comment(2, 1), comment(3)])
    tree.pend(comment("key", 1, author_id=ME))
    assert ids(tree) == ["c1", "ckey", "c2", "c3"]
    sending = tree.entry("ckey")
    assert sending is not None
    assert sending.sending
    tree.confirm("ckey", comment(7, 1, author_id=ME))
    assert ids(tree) == ["c1", "c7", "c2", "c3"]
    assert tree.key_of("c7") == "ckey"
    confirmed = tree.entry("c7")
    assert confirmed is not None
    assert not confirmed.sending


def test_an_unsent_comment_that_comes_by_the_list_first_is_shown_once() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1)])
    tree.pend(comment("key", None, author_id=ME, body="hello"))
    tree.pend(comment("other", None, author_id=ME, body="hello"))
    tree.merge([comment(1), comment("key", author_id=ME, body="hello", score=3, version=2)])
    tree.confirm("ckey", comment("key", author_id=ME, body="hello"))
    assert sorted(ids(tree)) == ["c1", "ckey", "cother"]
    assert tree.fresh_count == 0
    arrived = tree.get("ckey")
    assert arrived is not None
    assert arrived.score == 3
    states = {e.comment.id: e.sending for e in tree.entries() if isinstance(e, CommentEntry)}
    assert states == {"c1": False, "ckey": False, "cother": True}


def test_a_platform_that_gives_ids_of_its_own_leaves_one_comment_in_its_place() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1)])
    tree.pend(comment("key", None, author_id=ME))
    tree.pend(comment("answer", "key", author_id=ME))
    tree.merge([comment(1), comment(7, author_id=ME)])
    tree.confirm("ckey", comment(7, author_id=ME))
    assert sorted(ids(tree)) == ["c1", "c7", "canswer"]


def test_an_unsent_comment_outlives_a_reload_and_goes_when_it_is_withdrawn() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1)])
    tree.pend(comment("key", 1, author_id=ME))
    tree.replace([comment(1), comment(2)])
    assert ids(tree) == ["c1", "ckey", "c2"]
    tree.merge([comment(1), comment(2)])
    assert ids(tree) == ["c1", "ckey", "c2"]
    tree.take_back("ckey")
    assert ids(tree) == ["c1", "c2"]


def test_removing_blanks_what_has_replies_and_takes_out_what_has_none() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1), comment(2, 1), comment(3)])
    tree.remove("c1")
    tree.remove("c3")
    assert ids(tree) == ["c1", "c2"]
    first = tree.get("c1")
    assert first is not None
    assert first.is_deleted
    assert "words" not in first.body


def test_left_out_replies_have_a_place_until_they_are_grafted_and_outlive_a_merge() -> None:
    tree = CommentTree(ME)
    first = comment(1, more_replies=2, path="1")
    tree.replace([first, comment(2, path="2")])
    assert [type(entry) for entry in tree.entries()] == [CommentEntry, MoreEntry, CommentEntry]
    assert tree.left_out_above("1.5.9") == "c1"
    assert tree.left_out_above("2.3") is None
    tree.graft("c1", [first, comment(5, 1, path="1.5"), comment(9, 5, path="1.5.9")])
    assert ids(tree) == ["c1", "c5", "c9", "c2"]
    tree.merge([first, comment(2, path="2")])
    assert ids(tree) == ["c1", "c5", "c9", "c2"]


def test_a_parent_nobody_knows_makes_a_root_and_a_circle_is_not_followed() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(1, "unknown"), comment(2, 3), comment(3, 2)])
    assert ids(tree) == ["c1", "c2", "c3"]


def test_an_orphan_goes_to_its_parent_and_an_unsent_comment_stays_when_its_parent_is_gone() -> None:
    tree = CommentTree(ME)
    tree.replace([comment(2, 1), comment(3)])
    tree.pend(comment("key", 3, author_id=ME))
    tree.merge([comment(1), comment(2, 1)])
    depths = {e.comment.id: e.depth for e in tree.entries() if isinstance(e, CommentEntry)}
    assert depths == {"ckey": 0, "c1": 0, "c2": 1}
    tree.confirm("ckey", comment(7, 3, author_id=ME))
    assert ids(tree) == ["c7", "c1", "c2"]
