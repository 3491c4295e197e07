"""What is known of posts: wishes over confirmed values, and lists that never repeat nor jump."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from api_client.models.posts import PhotoPost
from api_client.models.users import UserRef
from tui.state.post_book import PostBook, PostList, joined

IDS = st.lists(st.sampled_from([f"p{n}" for n in range(12)]), unique=True, max_size=10)
CURSOR = st.sampled_from([None, "more"])


def photo(**fields: object) -> PhotoPost:
    author = UserRef(id="u1", username="ann")
    post = PhotoPost(id="p1", user=author, created_at=datetime(2026, 1, 5, tzinfo=UTC), like_count=5)
    return post.changed(**fields)


def known(book: PostBook) -> PhotoPost:
    found = book.get("p1")
    assert isinstance(found, PhotoPost)
    return found


@given(st.booleans(), st.booleans(), st.integers(0, 9))
def test_a_wish_moves_the_count_by_the_difference_to_what_is_confirmed(before: bool, wish: bool, count: int) -> None:
    book = PostBook()
    book.take([photo(is_liked_by_me=before, like_count=count)], book.now())
    number = book.likes.want("p1", wish)
    assert known(book).is_liked_by_me is wish
    assert known(book).like_count == max(count + wish - before, 0)
    book.likes.settle("p1", number)
    assert (known(book).is_liked_by_me, known(book).like_count) == (before, count)


def test_an_answer_that_set_out_before_a_like_was_confirmed_does_not_undo_it() -> None:
    book = PostBook()
    book.take([photo()], book.now())
    asked = book.now()
    book.decide("p1", is_liked_by_me=True, like_count=6)
    book.take([photo(comment_count=3)], asked)
    assert (known(book).is_liked_by_me, known(book).like_count, known(book).comment_count) == (True, 6, 3)
    book.take([photo(like_count=9, version=2)], book.now())
    assert (known(book).is_liked_by_me, known(book).like_count) == (False, 9)


def test_an_older_version_never_replaces_a_newer_one() -> None:
    book = PostBook()
    book.take([photo(version=4, comment_count=8)], book.now())
    book.take([photo(version=3, comment_count=1)], book.now())
    assert known(book).comment_count == 8


def test_an_answer_to_an_earlier_question_never_replaces_one_to_a_later_one() -> None:
    book = PostBook()
    first, second = book.now(), book.now()
    book.take([photo(comment_count=8)], second)
    book.take([photo(comment_count=1)], first)
    assert known(book).comment_count == 8


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=8), st.randoms())
def test_in_whatever_order_answers_arrive_the_newest_version_asked_for_last_stands(
    answers: list[tuple[int, int]], chance: random.Random
) -> None:
    book = PostBook()
    asked = [(version, book.now(), count) for version, count in answers]
    arriving = list(asked)
    chance.shuffle(arriving)
    for version, mark, count in arriving:
        book.take([photo(version=version, comment_count=count)], mark)
    assert known(book).comment_count == max(asked)[2]


def test_what_this_machine_has_kept_never_replaces_what_the_platform_has_said() -> None:
    book = PostBook()
    book.recall([photo(version=3, comment_count=1)])
    book.recall([photo(version=2, comment_count=9)])
    assert known(book).comment_count == 1
    book.take([photo(version=3, comment_count=2)], book.now())
    book.recall([photo(version=4, comment_count=9)])
    assert known(book).comment_count == 2


def test_what_the_platform_does_not_have_is_not_kept() -> None:
    book = PostBook()
    book.recall([photo(version=0)])
    assert book.confirmed(["p1", "p2"]) == {}
    book.take([photo(version=1)], book.now())
    book.likes.want("p1", True)
    assert book.confirmed(["p1"]) == {"posts:p1": photo(version=1)}


@given(IDS, CURSOR, IDS, CURSOR)
def test_a_new_beginning_is_shown_whole_and_nothing_twice(
    old: list[str], old_cursor: str | None, fresh: list[str], fresh_cursor: str | None
) -> None:
    ids, _ = joined(old, old_cursor, fresh, fresh_cursor)
    assert ids[: len(fresh)] == fresh
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {*old, *fresh}


@given(IDS, st.data())
def test_a_list_read_by_its_cursor_has_no_gap_after_it_began_anew(world: list[str], data: st.DataObject) -> None:
    """`world` is the platform's list, newest first; some of it was read before the newest of it were there."""
    new = data.draw(st.integers(0, len(world)))
    read = data.draw(st.integers(new, len(world)))
    page = data.draw(st.integers(1, 6))
    old = world[new:read]
    fresh = world[:page]
    ids, cursor = joined(old, "old" if read < len(world) else None, fresh, "new" if page < len(world) else None)
    assert ids == world[: len(ids)]
    if cursor == "old":
        assert ids[-1] == world[read - 1]
    elif cursor is None:
        assert ids == world


@given(st.lists(IDS, max_size=5))
def test_pages_that_repeat_are_shown_once(pages: list[list[str]]) -> None:
    shown = PostList()
    for page in pages:
        shown.extend(page, "more")
    assert len(set(shown.ids)) == len(shown.ids)
    assert set(shown.ids) == {post_id for page in pages for post_id in page}


def test_what_is_announced_does_not_move_what_is_shown() -> None:
    shown = PostList()
    shown.begin(["p3", "p2"], "more")
    shown.announce(["p5", "p4", "p3"], "more")
    assert (shown.ids, shown.news) == (["p3", "p2"], 2)
    shown.show_waiting()
    assert (shown.ids, shown.news) == (["p5", "p4", "p3", "p2"], 0)
