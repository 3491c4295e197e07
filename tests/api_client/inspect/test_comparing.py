"""What is the same in two replies although it is written otherwise, and what is not although it looks so."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.comparing import Comparer, Counts, Difference
from api_client.inspect.identities import Identities, ids_in

THEN, NOW = "http://127.0.0.1:3000", "https://staging.example"
WORDS = st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda text: not text[:1].isdigit())
IDS = st.uuids().map(str)
SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | WORDS | IDS
KEYS = st.sampled_from(["id", "postId", "title", "body", "likeCount", "items", "user"])
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def comparer(**options: Any) -> Comparer:
    return Comparer(Identities(), then_origin=THEN, now_origin=NOW, **options)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Return `value` with another id for each of its ids."""
    if isinstance(value, dict):
        return {key: renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, names) for inner in value]
    if isinstance(value, str) and value in names:
        return names[value]
    return value


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_everything_is_the_same_as_itself(value: Any) -> None:
    assert comparer().differences(value, copy.deepcopy(value)) == []


@settings(max_examples=80, deadline=None)
@given(TREES)
def test_other_ids_make_no_difference_as_long_as_each_stands_for_one(value: Any) -> None:
    names = {each: str(uuid.uuid5(uuid.NAMESPACE_OID, each)) for each in ids_in(value) if len(each) == 36}
    other = renamed(value, names)
    judge = comparer()
    assert judge.differences(value, other) == []
    for then, now in names.items():
        assert judge.identities.now(then) == now
        assert judge.identities.then(now) == then
    assert judge.identities.json_now(value) == other


@settings(max_examples=60, deadline=None)
@given(st.lists(IDS, min_size=2, max_size=6, unique=True))
def test_two_things_that_became_one_are_told(ids: list[str]) -> None:
    was = [{"id": each} for each in ids]
    now = [{"id": ids[0]} for _ in ids]
    assert comparer().differences(was, now) != []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(IDS, IDS), max_size=6), IDS, IDS)
def test_ids_are_learnt_one_for_one(pairs: list[tuple[str, str]], then: str, now: str) -> None:
    identities = Identities()
    learnt = [pair for pair in pairs if identities.learn(*pair)]
    assert len({then for then, _ in learnt}) == len({now for _, now in learnt}) == len(identities)
    for was, here in learnt:
        assert (identities.now(was), identities.then(here)) == (here, was)
        assert identities.text_now(f"/posts/{was}/like") == f"/posts/{here}/like"
        assert identities.text_then(identities.text_now(f"see {was}!")) == f"see {was}!"


A, B, C, X, Y, Z = (str(uuid.UUID(int=number)) for number in range(1, 7))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"createdAt": "2026-01-05T12:00:00.000Z"}, {"createdAt": "2027-03-01T00:00:00Z"}),
        ({"expiresAt": 1_767_614_400_000}, {"expiresAt": 1_800_000_000_000}),
        ({"nextCursor": "abc"}, {"nextCursor": "xyz"}),
        ({"meta": {"requestId": "r-1"}}, {"meta": {"requestId": "r-2"}}),
        ({"url": f"{THEN}/media/{A}.webp?exp=1&sig=aa"}, {"url": f"{NOW}/media/{X}.webp?exp=2&sig=bb"}),
        ({"avatarUrl": f"/media/files/{A}"}, {"avatarUrl": f"/media/files/{X}"}),
        ({"id": A, "text": f"see {A}"}, {"id": X, "text": f"see {X}"}),
        ({"presence": {A: {"status": "online"}}}, {"presence": {X: {"status": "online"}}}),
        ({"accessToken": "[token:1a2b]"}, {"accessToken": "[token:ffff]"}),
        ([{"id": A, "version": 3}, {"id": A, "version": 4}], [{"id": X, "version": 7}, {"id": X, "version": 8}]),
        ({"n": 1}, {"n": 1.0}),
        ({"readBy": [A, B]}, {"readBy": [X, Y]}),
    ],
)
def test_what_differs_by_nature_is_the_same(was: Any, now: Any) -> None:
    assert comparer().differences(was, now) == []


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ({"a": 1}, {"a": 2}, [".a: is 2, was 1"]),
        ({"a": 1}, {"a": "1"}, ['.a: is "1", was 1']),
        ({"a": True}, {"a": 1}, [".a: is 1, was true"]),
        ({"a": None}, {"a": 0}, [".a: is 0, was null"]),
        ({"a": 1}, {}, [".a: is missing, was 1"]),
        ({}, {"a": 1}, [".a: is new: 1"]),
        ([1, 2], [1], [".: has 1 items, had 2", ".[1]: is missing, was 2"]),
        ({"nextCursor": "abc"}, {"nextCursor": None}, ['.nextCursor: is null, was "abc"']),
        ({"createdAt": "2026-01-05T12:00:00Z"}, {"createdAt": "soon"}, [".createdAt: is"]),
        ({"releaseDate": "2024-05-01"}, {"releaseDate": "2024-05-02"}, [".releaseDate: is"]),
        ({"likeCount": 1}, {"likeCount": 2}, [".likeCount: is 2, was 1"]),
        ({"url": f"{THEN}/a?page=1"}, {"url": f"{NOW}/a?page=2"}, [".url: is"]),
        ({"url": f"{THEN}/a"}, {"url": "https://evil.example/a"}, [".url: is"]),
        ({"id": A, "parentId": A}, {"id": X, "parentId": Y}, [".parentId: is another one"]),
        ({"id": A, "parentId": B}, {"id": X, "parentId": X}, [".parentId: is another one"]),
        ([{"id": A, "version": 3}, {"id": A, "version": 4}], [{"id": X, "version": 7}] * 2, [".[1].version: is 7"]),
        ({'a"b c': 1}, {}, ['.["a\\"b c"]: is missing']),
    ],
)
def test_what_differs_in_meaning_is_told_with_its_place_and_both_values(was: Any, now: Any, says: list[str]) -> None:
    found = list(map(str, comparer().differences(was, now)))
    assert len(found) == len(says), found
    for sentence, wanted in zip(found, says, strict=True):
        assert sentence.startswith(wanted)


def test_items_that_are_known_are_found_wherever_they_stand() -> None:
    judge = comparer()
    judge.differences([{"id": A}, {"id": B}, {"id": C}], [{"id": X}, {"id": Y}, {"id": Z}])
    was = [{"id": A, "t": 1}, {"id": B, "t": 2}, {"id": C, "t": 3}]
    assert list(map(str, judge.differences(was, [{"id": X, "t": 1}, {"id": Z, "t": 3}]))) == [
        ".: has 2 items, had 3",
        f'.[1]: is missing, was {{"id": "{B}", "t": 2}}',
    ]
    swapped = [{"id": Y, "t": 2}, {"id": X, "t": 1}, {"id": Z, "t": 9}]
    assert list(map(str, judge.differences(was, swapped))) == [
        ".[1]: stands at 0, stood at 1",
        ".[2].t: is 9, was 3",
    ]


def test_counts_may_be_left_to_others() -> None:
    was, now = {"likeCount": 1, "score": 4, "n": 1}, {"likeCount": 7, "score": -1, "n": 2}
    assert [each.path for each in comparer(counts=Counts.ANY).differences(was, now)] == [".n"]


def test_the_place_of_a_difference_is_the_same_in_every_item() -> None:
    assert Difference(".data[3].user.name", "value").place == ".data[].user.name"
