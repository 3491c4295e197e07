import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client import endpoints as table
from api_client.calls import Page, Reply
from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import (
    ApiError,
    BadReply,
    Forbidden,
    Invalid,
    MfaRequired,
    PlatformError,
    RateLimited,
    ServerFailed,
    SignInRequired,
)
from api_client.models.base import Done
from api_client.replies import failure_of, read_json, read_reply, read_retry_after
from api_client.text import clean_tree

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")
HOST = "http://127.0.0.1:3000"
POST = {"id": "p", "user": {"id": "u", "username": "ann"}, "createdAt": "2026-01-01T00:00:00Z"}


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def read(body: Any, endpoint: Endpoint) -> Any:
    return read_reply(reply(body), endpoint, HOST)


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": [POST], "nextCursor": "c", "meta": {"nextCursor": "c"}},
        {"success": True, "data": [POST], "meta": {"next_cursor": "c"}},
        {"data": [POST], "nextCursor": "c"},
        {"success": True, "data": {"items": [POST], "nextCursor": "c"}},
        {"posts": [POST], "next_cursor": "c"},
        {"items": [POST], "nextCursor": "c"},
    ],
)
def test_a_page_is_found_in_every_envelope(body: Any) -> None:
    page = read(body, table.FEED)
    assert isinstance(page, Page)
    assert [post.id for post in page] == ["p"]
    assert page.next_cursor == "c"


def test_a_bare_list_is_the_last_page() -> None:
    assert read([POST], table.FEED).next_cursor is None


def test_one_unreadable_item_does_not_hide_the_others() -> None:
    assert len(read({"success": True, "data": [POST, {"id": 7}, None, POST]}, table.FEED)) == 2


def test_bare_replies_and_both_spellings_are_read() -> None:
    user = {"id": "u", "username": "ann", "full_name": "Ann", "created_at": "2026-01-01T00:00:00Z"}
    assert read({"user": user}, table.ME).user.full_name == "Ann"


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": {"liked": True, "likeCount": 3}, "liked": True, "likeCount": 3},
        {"success": True, "liked": True, "likeCount": 3},
        {"success": True, "data": None, "liked": True, "likeCount": 3},
        {"liked": True, "like_count": 3},
    ],
)
def test_lifted_fields_are_read_where_they_stand(body: Any) -> None:
    assert read(body, table.LIKE).like_count == 3


@pytest.mark.parametrize("body", [b"", b"null", {"success": True}, {"success": True, "data": None}, {"ok": 1}])
def test_a_call_with_nothing_to_say_may_say_nothing(body: Any) -> None:
    assert isinstance(read(body, table.DELETE_POST), Done)


HOSTILE = [
    b"",
    b"   ",
    b"null",
    b'"text"',
    b"12",
    b"<!doctype html><html></html>",
    b'{"success": true, "data": ',
    b'{"success": true, "success": true, "data": {}}',
    b'{"data": NaN}',
    b'{"data": -Infinity}',
    b'{"data": 1e999}',
    b'{"data": ' + b"9" * 5_000 + b"}",
    b"[" * 200_000,
    b'{"data": ' * 5_000,
    b"\xff\xfe{\x00}\x00",
    b'{"data": "\xff"}',
    b"garbage \x1b[2J",
    b'{"data": 7}',
    b'{"data": "x"}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize("endpoint", [table.FEED, table.ME, table.LIKE, table.PRESENCE], ids=lambda e: e.name)
def test_what_is_no_reply_is_said_to_be_none(body: bytes, endpoint: Endpoint) -> None:
    with pytest.raises(BadReply) as complaint:
        read(body, endpoint)
    assert "\x1b" not in complaint.value.sentence


def test_a_web_page_is_recognised() -> None:
    with pytest.raises(BadReply, match="web page"):
        read(b"\n<html><body>Sign in to the hotel</body></html>", table.FEED)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["success", "data", "error", "meta", "nextCursor", "items", "message", "code", "detail", "id"])
        | st.text(max_size=5),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON, st.sampled_from(ENDPOINTS), st.sampled_from([200, 201, 302, 400, 401, 403, 404, 409, 422, 429, 500, 599]))
def test_no_reply_whatever_raises_anything_but_a_platform_error(value: Any, endpoint: Endpoint, status: int) -> None:
    answer = reply(value, status)
    error = failure_of(answer, HOST)
    assert (error is None) == (status < 300)
    if error is not None:
        assert 0 < len(error.sentence) <= 300
        assert not CONTROLS.search(error.sentence)
        return
    with suppress(PlatformError):
        read_reply(answer, endpoint, HOST)


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "error": {"code": "NOT_FOUND", "message": "Playlist not found"}},
        {"error": "Playlist not found"},
        {"error": {"message": "Playlist not found"}},
        {"message": "Playlist not found"},
        {"detail": "Playlist not found"},
    ],
)
def test_the_platforms_own_words_survive_in_every_form(body: Any) -> None:
    error = failure_of(reply(body, 404), HOST)
    assert isinstance(error, ApiError)
    assert (error.sentence, error.code, error.status) == ("Playlist not found", "NOT_FOUND", 404)


def test_complaints_about_fields_are_read_in_both_forms() -> None:
    ours = {"error": {"code": "VALIDATION_ERROR", "message": "m", "details": [{"field": "name", "message": "short"}]}}
    theirs = {"detail": [{"loc": ["body", "name"], "msg": "short"}]}
    for body, status in ((ours, 400), (theirs, 422)):
        error = failure_of(reply(body, status), HOST)
        assert isinstance(error, Invalid)
        assert error.fields == {"name": "short"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", SignInRequired),
        (403, {"error": "Unauthorized"}, SignInRequired),
        (403, {"error": "Forbidden"}, Forbidden),
        (401, {"error": {"code": "MFA_REQUIRED", "message": "code, please"}}, MfaRequired),
        (429, b"<html>slow down</html>", RateLimited),
        (502, b"<html>bad gateway</html>", ServerFailed),
        (404, b"<html>not here</html>", BadReply),
        (302, b"", BadReply),
    ],
)
def test_every_refusal_finds_its_place_in_the_tree(status: int, body: Any, kind: type) -> None:
    assert type(failure_of(reply(body, status), HOST)) is kind


def test_a_refusal_with_status_200_is_one() -> None:
    with pytest.raises(ApiError, match="Not today"):
        read({"success": False, "error": {"code": "CONFLICT", "message": "Not today"}}, table.ME)


def test_what_a_server_says_is_cleaned_and_shortened() -> None:
    error = failure_of(reply({"error": "\x1b]52;c;ZXZpbA==\x07a\nb\u202e" + "x" * 5_000}, 500), HOST)
    assert error is not None
    assert len(error.sentence) == 300
    assert not CONTROLS.search(error.sentence)


def test_strings_are_cleaned_on_their_way_in() -> None:
    assert read_json(b'{"a": ["\\u001b[2Jx", "\\ud800"]}', HOST) == {"a": ["\N{REPLACEMENT CHARACTER}x", "\ufffd"]}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("0", 0), ("7", 7), ("1e20", 3600), ("-5", 0), ("nan", None), ("inf", 3600), ("soon", None),
     ("99999999999999999999", 3600), ("Wed, 01 Jul 2026 12:00:30 GMT", 30), ("Wed, 01 Jul 2020 12:00:30 GMT", 0),
     ("Wed, 01 Jul 2026 12:00:30 -0000", 30), ("", None)],
)  # fmt: skip
def test_retry_after_is_read_and_clamped(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, datetime(2026, 7, 1, 12, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("body", [b"1e999", b"-1e999", b"NaN", b"Infinity", b'{"a": 1, "a": 1}', b"9" * 5_000])
def test_numbers_and_keys_that_readers_could_disagree_about_are_refused(body: bytes) -> None:
    with pytest.raises(BadReply):
        read_json(body, HOST)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text()
    | st.text('aé\n\t"\\\x1b\u0301\u202e', max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_strings_are_cleaned_whether_or_not_they_are_written_with_escapes(value: Any, escaped: bool) -> None:
    try:
        body = json.dumps({"value": value}, ensure_ascii=escaped).encode()
    except UnicodeEncodeError:
        return
    expected = clean_tree({"value": value})
    if _size(expected) != _size({"value": value}):
        return  # two keys that are one when they are clean: refused, which has its own test
    assert read_json(body, HOST) == expected


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else 0


def test_a_long_list_keeps_once_what_its_records_have_in_common() -> None:
    said = {"postId": "p", "authorUsername": "ann", "body": "x", "createdAt": "2026-01-01T00:00:00Z"}
    page = read([{**said, "id": f"c{number}", "parentId": "above"} for number in range(600)], table.COMMENTS)
    first, last = page.items[0], page.items[-1]
    assert [comment.id for comment in page] == [f"c{number}" for number in range(600)]
    assert first.parent_id is last.parent_id
    assert first.model_fields_set is last.model_fields_set
    changed = first.changed(is_deleted=True)
    assert "is_deleted" in changed.model_fields_set
    assert "is_deleted" not in last.model_fields_set
    assert first == last.changed(id="c0")


def test_a_few_unreadable_items_are_left_out_of_a_long_list_and_too_many_make_it_none() -> None:
    long = [{**POST, "id": f"p{number}"} for number in range(2_000)]
    spoiled = [{"id": 7} if number % 3 == 0 else item for number, item in enumerate(long)]
    assert [post.id for post in read(spoiled, table.FEED)] == [f"p{n}" for n in range(2_000) if n % 3]
    with pytest.raises(BadReply):
        read([None] * 1_500, table.FEED)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_a_number_of_64_bits_is_read_and_a_longer_one_is_not(number: int) -> None:
    assert read_json(json.dumps({"n": number}).encode(), HOST) == {"n": number}
    with pytest.raises(BadReply):
        read_json(json.dumps({"n": number * 2}).encode(), HOST)
