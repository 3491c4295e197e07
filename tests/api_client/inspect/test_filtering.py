"""The filter language: what it finds, and where it says that it does not understand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.errors import Unreachable
from api_client.inspect.causes import Cause
from api_client.inspect.filtering import DEEPEST, FilterError, Record, parse_filter
from api_client.inspect.records import CallRecord, FrameRecord, Headers, SocketRecord

MS = 1_000_000
LIKE = CallRecord(
    1, "posts.like", "POST", "http://x/api/v1/posts/1/like?a=1&b=2", 0, ended=120 * MS, status=201,
    request_headers=Headers.of([("X-Token", "t"), ("Accept", "application/json")]), request_body=b'{"on":true}',
    response_headers=Headers.of([("Content-Type", "application/json; charset=utf-8")]), body='{"name":"Zoë"}'.encode(),
    cause=Cause("post.vote_up", "Vote up", 7, 0), origin="outbox",
)  # fmt: skip
LOST = CallRecord(2, "feed.list", "GET", "http://x/api/v1/feed", 0, ended=5 * MS, error=Unreachable("gone"))
MISSING = CallRecord(3, "users.get", "GET", "http://x/api/v1/users/nobody", 0, ended=6 * MS, status=404)
UNDER_WAY = CallRecord(4, "feed.list", "GET", "http://x/api/v1/feed", 0)
FRAME = FrameRecord(5, 6, "received", 0, '{"type":"message:new","text":"hallo"}', 40)
SOCKET = SocketRecord(6, "ws://x/ws", 0, status=101, error="broke")
ALL: list[Record] = [LIKE, LOST, MISSING, UNDER_WAY, FRAME, SOCKET]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("   ", [1, 2, 3, 4, 5, 6]),
        ("FEED", [2, 4]),
        ("posts.like", [1]),
        ("hallo", [5]),
        ("~m post", [1]),
        ("~m ^get$", [2, 3, 4]),
        ("~u users/", [3]),
        ("~u 'a=1&b=2'", [1]),
        ("~c 404", [3]),
        ("~c 4xx", [3]),
        ("~c >=400", [3]),
        ("~c <400", [1, 6]),
        ("~c 100-250", [1, 6]),
        ("~b zoë", [1]),
        ("~b hallo", [5]),
        ("~bq true", [1]),
        ("~bs true", []),
        ("~hq x-token", [1]),
        ("~hs x-token", []),
        ("~h charset", [1]),
        ("~t json", [1]),
        ("~t ^message:", [5]),
        ("~e", [2, 6]),
        ("~q", [4, 6]),
        ("~ws", [5, 6]),
        ("~websocket ~u ws:", [6]),
        ("~n ^feed", [2, 4]),
        ("~action vote_up", [1]),
        ("~action 'vote up'", [1]),
        ("~slow 100ms", [1, 4]),
        ("~slow 100 & !~q", [1]),
        ("~slow 0.1s !~q", [1]),
        ("~origin outbox", [1]),
        ("!~ws", [1, 2, 3, 4]),
        ("!(~ws | ~e)", [1, 3, 4]),
        ("~m get ~c 404 | ~ws", [3, 5, 6]),
        ("~m get & (~c 404 | ~e)", [2, 3]),
        ("!!~ws", [5, 6]),
        ("((~e))", [2, 6]),
    ],
)
def test_a_filter_finds(text: str, found: list[int]) -> None:
    chosen = parse_filter(text)
    assert [record.id for record in ALL if chosen(record)] == found


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("~zz feed", 1, "no ~zz"),
        ("feed & ~nope", 8, "no ~nope"),
        ("~u", 3, "~u needs a pattern"),
        ("~c abc", 4, "~c needs a status"),
        ("~slow fast", 7, "~slow needs a time"),
        ("~u & ~e", 4, "~u needs a pattern"),
        ("(feed", 1, "never closed"),
        ("feed)", 5, "never opened"),
        ("a & ", 5, "missing at the end"),
        ("| a", 1, "Nothing stands before"),
        ("a | | b", 5, "Nothing stands before"),
        ("~b 'open", 4, "quote is never closed"),
        ("~u [a-", 4, "no regular expression"),
        ("~u ab*+[", 8, "no regular expression"),
        ("~u ab**", 7, "no regular expression"),
        ("~", 1, "There is no ~"),
        ("!", 2, "missing at the end"),
        ("()", 2, "Nothing stands before"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(FilterError) as told:
        parse_filter(text)
    assert told.value.column == column
    assert words in told.value.sentence
    assert str(told.value).endswith(f"(column {column})")


@given(st.text(st.sampled_from("~ucmbe |&!()'\"ab4 \\[*+?"), max_size=24))
def test_any_text_is_a_filter_or_is_refused_within_itself(text: str) -> None:
    try:
        chosen, column = parse_filter(text), 1
    except FilterError as error:
        chosen, column = parse_filter(""), error.column
    assert 1 <= column <= len(text) + 1
    assert {chosen(record) for record in ALL} <= {True, False}


LEAVES = st.sampled_from(["~e", "~ws", "~m get", "~c 4xx", "feed", "~origin outbox"])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(st.just("!"), inner) | st.tuples(st.just("&"), inner, inner) | st.tuples(st.just("|"), inner, inner)
    ),
    max_leaves=8,
)


def written(tree: str | tuple[str, ...]) -> str:
    if isinstance(tree, str):
        return tree
    sign, *parts = tree
    return f"!({written(parts[0])})" if sign == "!" else f"({written(parts[0])}) {sign} ({written(parts[1])})"


def judged(tree: str | tuple[str, ...]) -> Callable[[Record], bool]:
    if isinstance(tree, str):
        return parse_filter(tree)
    sign, *parts = tree
    first, second = judged(parts[0]), judged(parts[-1])
    if sign == "!":
        return lambda record: not first(record)
    return (lambda r: first(r) and second(r)) if sign == "&" else (lambda r: first(r) or second(r))


@given(TREES)
def test_signs_mean_what_they_mean_in_logic(tree: str | tuple[str, ...]) -> None:
    chosen, meant = parse_filter(written(tree)), judged(tree)
    assert [chosen(record) for record in ALL] == [meant(record) for record in ALL]


def test_brackets_by_the_thousand_are_refused_without_a_fall() -> None:
    for text in ("(" * 5_000 + "a" + ")" * 5_000, "!" * 5_000 + "a"):
        with pytest.raises(FilterError, match="nobody can follow"):
            parse_filter(text)
    assert parse_filter("(" * (DEEPEST - 1) + "~e" + ")" * (DEEPEST - 1))(LOST)
