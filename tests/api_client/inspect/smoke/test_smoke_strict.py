"""Values against the contract: nothing unknown, nothing missing, every list to its last item."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.endpoints import ENDPOINTS, FEED, ME, POST
from api_client.inspect.smoke import contract
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.contract import NotJson, endpoint_at, read_strict
from api_client.inspect.smoke.strict import LIMIT, Manner, complaints_about
from api_client.models.posts import PhotoPost
from api_client.models.users import Me, User
from tests.api_client.inspect.smoke.wrong_platform import USER

PHOTO: dict[str, Any] = {
    "id": "p1",
    "kind": "media",
    "user": {"id": "u1", "username": "anna", "fullName": None, "avatarUrl": None, "isVerified": False},
    "media": [],
    "createdAt": "2026-01-05T12:00:00.000Z",
}


def photo(**changes: Any) -> dict[str, Any]:
    """Return a photo post as the platform writes it."""
    return {**PhotoPost.model_validate(PHOTO).model_dump(mode="json", by_alias=True), **changes}


def codes(value: Any, kind: Any, **manner: bool) -> list[tuple[str, str]]:
    return [(each.code.value, each.path) for each in complaints_about(value, kind, Manner(**manner))]


def test_what_the_platform_writes_is_right() -> None:
    assert codes({"user": USER}, Me) == []
    assert codes([photo(), photo()], list[PhotoPost]) == []


@pytest.mark.parametrize("name", sorted(USER))
def test_every_field_is_missed_where_it_is_missing(name: str) -> None:
    less = {key: value for key, value in USER.items() if key != name}
    assert codes(less, User) == [("CT301", f".{name}")]
    may_be_null = name in ("fullName", "bio", "avatarUrl", "role", "email", "updatedAt")
    assert codes(less, User, omits_null=True) == ([] if may_be_null else [("CT301", f".{name}")])


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"more": 1}, [("CT302", ".more")]),
        ({"full_name": "x"}, [("CT302", ".full_name")]),
        ({"postCount": "3"}, [("CT303", ".postCount")]),
        ({"postCount": 1.5}, [("CT303", ".postCount")]),
        ({"isPrivate": 0}, [("CT303", ".isPrivate")]),
        ({"username": None}, [("CT303", ".username")]),
        ({"displayName": 3}, [("CT303", ".displayName")]),
        ({"createdAt": "yesterday"}, [("CT303", ".createdAt")]),
        ({"createdAt": 3}, [("CT303", ".createdAt")]),
        ({"createdAt": "9999-12-31T23:00:00Z"}, [("CT307", ".createdAt")]),
        ({"role": "king"}, [("CT304", ".role")]),
        ({"role": "unknown"}, [("CT304", ".role")]),
        ({"role": 3}, [("CT303", ".role")]),
        ({"role": None}, []),
    ],
)
def test_what_is_wrong_with_a_field_has_its_code_and_its_place(
    changes: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert codes({**USER, **changes}, User) == found


def test_lenient_lets_new_things_pass_and_wrong_types_not() -> None:
    assert codes({**USER, "more": 1, "role": "king"}, User, lenient=True) == []
    assert codes({**USER, "postCount": "3"}, User, lenient=True) == [("CT303", ".postCount")]


@settings(max_examples=8)
@given(st.integers(0, 30), st.sampled_from(["user", "id", "createdAt", "media"]))
def test_no_item_of_a_list_is_passed_over(place: int, name: str) -> None:
    items = [photo() for _ in range(31)]
    del items[place][name]
    assert codes(items, list[PhotoPost]) == [("CT301", f"[{place}].{name}")]


def test_the_shape_whose_tag_is_there_is_the_one_that_is_meant() -> None:
    wrong = photo(media=3)
    assert [path for _, path in codes(wrong, POST.reply)] == [".media"]
    assert codes({"kind": "video"}, POST.reply)


def test_complaints_have_an_end() -> None:
    assert len(complaints_about([{}] * 1000, list[User], Manner())) == LIMIT


@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=8,
    )
)
def test_whatever_comes_is_judged(value: Any) -> None:
    for endpoint in (ME, FEED, POST):
        assert contract.check_success(endpoint, value)
    assert contract.check_refusal(404, {}, value)
    assert contract.check_frame(value)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_endpoint_is_known_again_by_its_address_and_can_be_checked(endpoint: Any) -> None:
    path = endpoint.path
    for name in ("id", "username", "name", "userId", "itemId", "trackId", "mixId", "type", "code"):
        path = path.replace(f"{{{name}}}", f"some-{name}")
    assert endpoint_at(endpoint.method, f"{path}?limit=1") is endpoint
    body: dict[str, Any] = {"success": True, "data": 3}
    if endpoint.paged:
        body |= {"nextCursor": None, "meta": {"nextCursor": None}}
    assert contract.check_success(endpoint, body)


def test_an_envelope_holds_what_it_must_and_nothing_else() -> None:
    whole = {"success": True, "data": [photo()], "nextCursor": None, "meta": {"nextCursor": None}}
    assert contract.check_success(FEED, whole) == []
    for change in (
        {"success": False},
        {"nextCursor": 3},
        {"nextCursor": "x"},
        {"meta": {}},
        {"more": 1},
    ):
        assert next(each.code for each in contract.check_success(FEED, {**whole, **change})) is Code.ENVELOPE
    for name in ("success", "data", "nextCursor", "meta"):
        less = copy.deepcopy(whole)
        del less[name]
        assert next(each.code for each in contract.check_success(FEED, less)) is Code.ENVELOPE


@pytest.mark.parametrize(
    ("status", "change", "found"),
    [
        (404, {}, []),
        (404, {"meta": {}}, ["CT306"]),
        (404, {"success": True}, ["CT306"]),
        (404, {"data": 1}, ["CT306"]),
        (403, {}, ["CT306"]),
        (404, {"error": {"code": "GONE", "message": ""}}, ["CT304"]),
        (404, {"error": {"code": "NOT_FOUND"}}, ["CT301"]),
        (404, {"error": {"code": "NOT_FOUND", "message": "", "stack": ""}}, ["CT302"]),
        (404, {"error": "gone"}, ["CT303"]),
        (429, {"error": {"code": "RATE_LIMITED", "message": ""}}, ["CT306"]),
    ],
)
def test_a_refusal_is_held_against_its_contract(status: int, change: dict[str, Any], found: list[str]) -> None:
    refusal = {"success": False, "error": {"code": "NOT_FOUND", "message": "No."}, "meta": {"requestId": "r"}, **change}
    assert [each.code.value for each in contract.check_refusal(status, {}, refusal)] == found


def test_frames_are_held_against_theirs_in_both_directions() -> None:
    typing = {"type": "user-typing", "chatId": "c", "userId": "u"}
    assert contract.check_frame(typing) == []
    assert [each.code.value for each in contract.check_frame({**typing, "x": 1})] == ["CT302"]
    assert [each.code.value for each in contract.check_frame({"type": "user-typing", "chatId": "c"})] == ["CT301"]
    assert [each.code.value for each in contract.check_frame({"type": "subscribe", "key": "r:x"})] == ["CT308"]
    assert contract.check_own_frame({"type": "subscribe", "key": "posts:1"}) == []
    assert contract.check_own_frame({"type": "ping"}) == []
    assert contract.check_own_frame({"type": "subscribe", "key": "r"})
    assert contract.check_own_frame({"type": "subscribe", "key": "posts:1", "x": 1})
    assert contract.check_own_frame(typing)


@pytest.mark.parametrize("text", ["", "nul", '{"a":1,"a":2}', "NaN", "1e999", "[" * 5_000, b"\xff"])
def test_what_two_readers_could_understand_differently_is_no_json(text: str | bytes) -> None:
    with pytest.raises(NotJson):
        read_strict(text)
