"""Operations on records: what each does, what takes it back, and what is refused."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api_client.operations import (
    After,
    Before,
    ListInsert,
    ListRemove,
    Operation,
    Set,
    SetNow,
    apply_all,
    apply_operation,
    invert_all,
    invert_operation,
    read_operation,
    same_value,
)

NOW = datetime(2026, 1, 5, 12, 0, 0, 250_000, tzinfo=UTC)
ON = {"table": "clips", "id": "c1"}
LIST = {**ON, "key": "list"}


def record(**fields: Any) -> dict[str, Any]:
    return {"id": "c1", "version": 1, **fields}


def insert(value: Any, position: Any = "append") -> ListInsert:
    return ListInsert(**LIST, value=value, position=position)


def remove(value: Any) -> ListRemove:
    return ListRemove(**LIST, value=value)


def undone(before: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """Return what is left after the operation and its inverse."""
    after = apply_operation(before, operation, NOW)
    inverse = invert_operation(before, operation)
    return after if inverse is None else apply_operation(after, inverse, NOW)


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (insert("a"), "bca"),
        (insert("x", "prepend"), "xabc"),
        (insert("x", Before(before="b")), "axbc"),
        (insert("x", After(after="b")), "abxc"),
        (insert("x", Before(before="ZZ")), "abcx"),
        (insert("x", After(after="ZZ")), "xabc"),
        (insert("b", Before(before="b")), "abc"),
        (insert("b", After(after="b")), "abc"),
        (insert("x", Before(before="x")), "abcx"),
        (insert("c", Before(before="a")), "cab"),
        (insert("a", After(after="b")), "bac"),
        (remove("b"), "ac"),
        (remove("ZZ"), "abc"),
    ],
)
def test_operations_on_a_list(operation: Operation, result: str) -> None:
    assert apply_operation(record(list=list("abc")), operation, NOW) == record(list=list(result), version=2)


@pytest.mark.parametrize(
    ("items", "operation"),
    [
        ("abc", remove("b")),
        ("abc", remove("a")),
        ("abc", remove("c")),
        ("abc", insert("a")),
        ("abc", insert("c", "prepend")),
        ("abc", insert("b", Before(before="a"))),
        ("abc", insert("x", After(after="b"))),
        ("abc", insert("b", Before(before="b"))),
        ("abc", remove("ZZ")),
        ("aba", remove("a")),
        ("aba", insert("a")),
        ("xbxac", remove("a")),
        ("xaxa", remove("x")),
        ("xaxb", remove("b")),
        ("xaxbx", remove("b")),
    ],
)
def test_undo_gives_the_list_back(items: str, operation: Operation) -> None:
    assert undone(record(list=list(items)), operation)["list"] == list(items)


@pytest.mark.parametrize(
    "operation", [remove("ZZ"), insert("b", Before(before="b")), insert("c"), Set(**LIST, value=list("abc"))]
)
def test_what_changes_nothing_has_nothing_to_undo(operation: Operation) -> None:
    assert invert_operation(record(list=list("abc")), operation) is None


def test_undo_of_a_move_moves_back_and_takes_nothing_away() -> None:
    inverse = invert_operation(record(list=list("abc")), insert("b"))
    assert inverse == insert("b", After(after="a"))


def test_undo_leaves_what_others_added_meanwhile() -> None:
    before = record(list=list("abc"))
    inverse = invert_operation(before, remove("b"))
    assert inverse is not None
    meanwhile = apply_all(before, [remove("b"), insert("new", "prepend")], NOW)
    assert apply_operation(meanwhile, inverse, NOW)["list"] == ["new", "a", "b", "c"]


def test_the_value_that_comes_back_is_the_one_that_was_there() -> None:
    before = record(list=[{"n": 1, "m": 2}, "x"])
    assert undone(before, insert({"m": 2.0, "n": 1.0}))["list"] == [{"n": 1, "m": 2}, "x"]


def test_every_operation_makes_one_version() -> None:
    once = apply_operation(record(), Set(**ON, key="name", value="Drums"), NOW)
    assert once == record(name="Drums", version=2)
    twice = apply_all(record(), [Set(**ON, key="name", value="Drums"), Set(**ON, key="color", value="red")], NOW)
    assert twice == record(name="Drums", color="red", version=3)


@pytest.mark.parametrize("now", [NOW, NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))])
def test_set_now_writes_the_moment_it_is_given_in_utc(now: datetime) -> None:
    operation = SetNow(**ON, key="deletedAt")
    assert apply_operation(record(), operation, now)["deletedAt"] == "2026-01-05T12:00:00.250Z"
    assert undone(record(deletedAt=None), operation)["deletedAt"] is None
    assert undone(record(deletedAt="2025"), operation)["deletedAt"] == "2025"


def test_a_nested_key_changes_the_copy_and_leaves_the_record_before() -> None:
    before = record(s={"x": 1, "deep": [1]})
    operation = Set(**ON, key="s.x", value=2)
    after = apply_operation(before, operation, NOW)
    assert after["s"] == {"x": 2, "deep": [1]}
    assert before == record(s={"x": 1, "deep": [1]})
    assert invert_operation(before, operation) == Set(**ON, key="s.x", value=1)


def test_objects_are_made_on_the_way_to_a_nested_key() -> None:
    for start in (record(), record(a=None)):
        assert apply_operation(start, Set(**ON, key="a.b.c", value=1), NOW)["a"] == {"b": {"c": 1}}


def test_the_record_never_shares_a_value_with_the_operation() -> None:
    for operation in (Set(**LIST, value=[[]]), insert([])):
        after = apply_operation(record(), operation, NOW)
        after["list"][0].append("scribble")  # type: ignore[index, union-attr]
        assert apply_operation(record(), operation, NOW)["list"] == [[]]


@pytest.mark.parametrize("start", [record(), record(list=None), record(list=[])])
def test_an_absent_list_counts_as_empty(start: dict[str, Any]) -> None:
    assert apply_operation(start, insert("x", After(after="b")), NOW)["list"] == ["x"]
    assert apply_operation(start, remove("x"), NOW)["list"] == []
    assert undone(start, insert("x"))["list"] == []


def test_undo_of_setting_an_absent_field_says_null_on_the_wire() -> None:
    inverse = invert_operation(record(), Set(**ON, key="color", value="red"))
    assert inverse is not None
    assert inverse.model_dump(mode="json") == {"type": "set", **ON, "key": "color", "value": None}
    assert read_operation(inverse.model_dump(mode="json")) == inverse


@pytest.mark.parametrize(
    "key", ["id", "version", "createdAt", "created_at", "version.x", "__proto__.x", "s.__class__", "a..b", ".", "s."]
)
@pytest.mark.parametrize("kind", [Set, SetNow, ListInsert, ListRemove])
def test_fields_of_the_platform_and_malformed_keys_are_refused(key: str, kind: type[Any]) -> None:
    value = {} if kind is SetNow else {"value": "x"}
    operation = kind(**ON, key=key, **value)
    for refused in (
        lambda: apply_operation(record(s={}), operation, NOW),
        lambda: invert_operation(record(s={}), operation),
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            refused()


@pytest.mark.parametrize(
    "operation",
    [
        insert("x"),
        remove("x"),
        Set(**ON, key="list.x", value=1),
        Set(**ON, key="number.x", value=1),
        Set(**ON, key="rows.0", value=1),
    ],
)
def test_a_path_through_the_wrong_kind_of_value_is_refused(operation: Operation) -> None:
    before = record(list="text", number=3, rows=["a"])
    kept = copy.deepcopy(before)
    for refused in (lambda: apply_operation(before, operation, NOW), lambda: invert_operation(before, operation)):
        with pytest.raises(ValueError, match=r"not a list|no fields of its own"):
            refused()
    assert before == kept


def test_another_record_and_a_record_without_a_version_are_refused() -> None:
    with pytest.raises(ValueError, match="the record c1, not for c2"):
        apply_operation({"id": "c2", "version": 1}, insert("x"), NOW)
    for version in (None, "1", True):
        with pytest.raises(ValueError, match="whole number"):
            apply_operation({"id": "c1", "version": version}, insert("x"), NOW)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "rename", "value": 1},
        {"value": 1},
        {"type": "set"},
        {"type": "listRemove"},
        {"type": "listInsert", "value": 1, "position": {}},
        {"type": "listInsert", "value": 1, "position": "middle"},
        {"type": "listInsert", "value": 1, "position": {"before": 1, "after": 2}},
    ],
)
def test_an_operation_that_the_contract_does_not_know_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_operation({**LIST, **body})


def test_operations_read_what_they_write() -> None:
    for operation in (insert({"a": [1]}, Before(before=None)), insert("x", "prepend"), remove(1), SetNow(**LIST)):
        assert read_operation(operation.model_dump(mode="json")) == operation


def test_equality_is_that_of_structure() -> None:
    assert same_value({"a": 1, "b": [2]}, {"b": [2.0], "a": 1})
    for left, right in (
        (1, True),
        (0, False),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 1, "b": None}),
        ([1], [True]),
        ("1", 1),
    ):
        assert not same_value(left, right)


# Any record and any operation.

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from("abc")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)
LISTS = st.lists(st.sampled_from("abcd") | VALUES, max_size=6)
RECORDS = st.builds(
    record, list=st.none() | LISTS, s=st.none() | st.fixed_dictionaries({}, optional={"list": LISTS, "x": VALUES})
)
POSITIONS = st.sampled_from(["prepend", "append"]) | st.builds(Before, before=VALUES) | st.builds(After, after=VALUES)
LIST_KEYS = {
    "table": st.just("clips"),
    "id": st.just("c1"),
    "key": st.sampled_from(["list", "s.list", "new", "new.list"]),
}
ITEMS = st.sampled_from("abcd") | VALUES
OPERATIONS = (
    st.builds(Set, **{**LIST_KEYS, "key": st.sampled_from(["list", "s.x", "s", "new", "new.x"])}, value=VALUES)
    | st.builds(SetNow, **{**LIST_KEYS, "key": st.sampled_from(["s.x", "new"])})
    | st.builds(ListInsert, **LIST_KEYS, value=ITEMS, position=POSITIONS)
    | st.builds(ListRemove, **LIST_KEYS, value=ITEMS)
)


def something(value: Any) -> Any:
    """Return `value` without what an undo may leave: null for absent, and objects and lists made on the way."""
    if not isinstance(value, dict):
        return value
    inside = {name: something(inner) for name, inner in value.items() if name != "version"}
    return {name: inner for name, inner in inside.items() if inner not in (None, [], {})}


@given(before=RECORDS, operation=OPERATIONS)
def test_an_operation_and_its_inverse_leave_the_record_as_it_was(before: dict[str, Any], operation: Operation) -> None:
    assert something(undone(before, operation)) == something(before)


@given(before=RECORDS, operation=OPERATIONS)
def test_applying_is_the_same_every_time_and_leaves_its_input_alone(
    before: dict[str, Any], operation: Operation
) -> None:
    kept, said = copy.deepcopy(before), operation.model_dump()
    after = apply_operation(before, operation, NOW)
    invert_operation(before, operation)
    assert after == apply_operation(before, operation, NOW)
    assert after["version"] == before["version"] + 1
    assert before == kept
    assert operation.model_dump() == said


@given(items=LISTS, value=ITEMS, position=POSITIONS)
def test_an_inserted_item_stands_in_the_list_once_and_the_others_keep_their_order(
    items: list[Any], value: Any, position: Any
) -> None:
    result: Any = apply_operation(record(list=items), insert(value, position), NOW)["list"]
    others = [item for item in items if not same_value(item, value)]
    assert [item for item in result if not same_value(item, value)] == others
    assert any(same_value(item, value) for item in result)


@given(before=RECORDS.filter(lambda each: each["s"] is not None), operations=st.lists(OPERATIONS, max_size=5))
def test_several_operations_are_taken_back_from_the_last_to_the_first(
    before: dict[str, Any], operations: list[Operation]
) -> None:
    try:
        after = apply_all(before, operations, NOW)
    except ValueError:
        return  # one of them met what an earlier one had put in its way
    assert something(apply_all(after, invert_all(before, operations, NOW), NOW)) == something(before)
