"""Transactions as pure functions: what they change, what they leave, and what they refuse."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from api_client.models.records import RecordMap, Transaction
from api_client.operations import LIST_LIMIT, ListInsert, ListRemove, Operation, Set, SetNow, invert_all
from api_client.transactions import JSON_BYTES, JSON_DEPTH, carry_out, column_of, conflicts, touched, value_of

NOW = datetime(2026, 1, 5, 12, 0, 0, 250_000, tzinfo=UTC)
MOMENT = "2026-01-05T11:00:00.000Z"


def world() -> RecordMap:
    """Return a project, two tracks and a clip."""
    stored: dict[str, JsonValue] = {"version": 1, "createdAt": MOMENT, "updatedAt": MOMENT, "deleted": None}
    lane: dict[str, JsonValue] = {
        "name": "A",
        "type": "audio",
        "volume": 1.0,
        "pan": 0.0,
        "muted": False,
        "plugins": ["eq", "delay"],
    }
    return {
        "projects": {"p": {"id": "p", **stored, "name": "Song", "bpm": 120, "collaborators": []}},
        "tracks": {id_: {"id": id_, **stored, "projectId": "p", **copy.deepcopy(lane)} for id_ in ("t", "u")},
        "clips": {"c": {"id": "c", **stored, "trackId": "t", "name": "Intro", "startBeat": 0.0, "midiData": None}},
    }


IDS = {"projects": ["p"], "tracks": ["t", "u"], "clips": ["c"]}
VALUES: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("projects", "name"): st.text("abc", min_size=1, max_size=9),
    ("projects", "bpm"): st.integers(1, 999),
    ("tracks", "muted"): st.booleans(),
    ("tracks", "volume"): st.floats(0, 4),
    ("tracks", "plugins"): st.lists(st.sampled_from(["eq", "delay", "gate"]), max_size=4),
    ("clips", "startBeat"): st.floats(0, 1000) | st.integers(0, 1000),
    ("clips", "midiData"): st.none() | st.dictionaries(st.sampled_from("ab"), st.integers(0, 127), max_size=2),
}


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    (table, key), values = draw(st.sampled_from(sorted(VALUES.items(), key=lambda item: item[0])))
    where = {"table": table, "id": draw(st.sampled_from(IDS[table]))}
    if draw(st.integers(0, 4)) == 0:
        return SetNow(**where, key="deleted")
    if key == "plugins" and draw(st.booleans()):
        value = draw(st.sampled_from(["eq", "delay", "gate"]))
        if draw(st.booleans()):
            return ListRemove(**where, key=key, value=value)
        return ListInsert(**where, key=key, value=value, position=draw(st.sampled_from(["prepend", "append"])))
    return Set(**where, key=key, value=draw(values))


TRANSACTIONS = st.lists(operations(), min_size=1, max_size=8)


@given(TRANSACTIONS)
def test_a_transaction_moves_each_version_by_its_operations_and_leaves_the_rest(wishes: list[Operation]) -> None:
    before = world()
    after = carry_out(before, wishes, NOW)
    assert before == world(), "what went in stays as it was"
    assert [(table, id_) for table in after for id_ in after[table]] != []
    assert {(table, id_) for table in after for id_ in after[table]} == set(touched(wishes))
    for table, id_ in touched(wishes):
        mine = [wish for wish in wishes if (wish.table, wish.id) == (table, id_)]
        record = after[table][id_]
        assert record["version"] == 1 + len(mine)
        assert record["updatedAt"] == "2026-01-05T12:00:00.250Z"
        untouched = set(before[table][id_]) - {column_of(wish) for wish in mine} - {"version", "updatedAt"}
        assert all(record[name] == before[table][id_][name] for name in untouched)


@given(TRANSACTIONS)
def test_what_a_transaction_did_is_taken_back_by_its_inverse(wishes: list[Operation]) -> None:
    before = world()
    after = carry_out(before, wishes, NOW)
    for table, id_ in touched(wishes):
        mine = [wish for wish in wishes if (wish.table, wish.id) == (table, id_)]
        inverse = invert_all(before[table][id_], mine, NOW)
        record = carry_out(after, inverse, NOW)[table][id_] if inverse else after[table][id_]
        own = {"version", "updatedAt"}
        assert {k: v for k, v in record.items() if k not in own} == {
            k: v for k, v in before[table][id_].items() if k not in own
        }


@given(TRANSACTIONS, TRANSACTIONS)
def test_two_transactions_one_after_the_other_are_as_one(first: list[Operation], second: list[Operation]) -> None:
    between = carry_out(world(), first, NOW)
    whole = {table: {**records, **between.get(table, {})} for table, records in world().items()}
    apart = carry_out(whole, second, NOW)
    together = carry_out(world(), [*first, *second], NOW)
    for table, id_ in touched(second):
        assert apart[table][id_] == together[table][id_]


@given(TRANSACTIONS)
def test_a_transaction_travels_unchanged(wishes: list[Operation]) -> None:
    sent = Transaction(tx_id="t", author_id="a", operations=wishes, client_timestamp=1)
    # As requests are written: what is not set is left out.
    assert Transaction.model_validate_json(sent.model_dump_json(exclude_none=True)) == sent


@given(TRANSACTIONS, st.integers(0, 12))
def test_one_operation_that_cannot_be_carried_out_keeps_all_from_happening(wishes: list[Operation], at: int) -> None:
    broken = Set(table="tracks", id="t", key="pan", value="left")
    before = world()
    with pytest.raises(ValueError, match="pan"):
        carry_out(before, [*wishes[:at], broken, *wishes[at:]], NOW)
    assert before == world()


def test_a_value_may_be_wrong_on_the_way_if_it_is_right_in_the_end() -> None:
    on_the_way = Set(table="tracks", id="t", key="pan", value="left")
    in_the_end = Set(table="tracks", id="t", key="pan", value=-1)
    assert carry_out(world(), [on_the_way, in_the_end], NOW)["tracks"]["t"]["pan"] == -1


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (Set(table="tracks", id="x", key="name", value="A"), "Record not found: tracks:x"),
        (Set(table="users", id="x", key="name", value="A"), "There is no table users"),
        (Set(table="tracks", id="t", key="projectId", value="q"), "projectId of tracks cannot be written"),
        (Set(table="clips", id="c", key="trackId", value="u"), "trackId of clips cannot be written"),
        (Set(table="audio_files", id="a", key="storageKey", value="/etc"), "storageKey of audio_files"),
        (Set(table="tracks", id="t", key="version", value=9), "version of tracks"),
        (Set(table="tracks", id="t", key="__proto__.x", value=9), "__proto__ of tracks"),
        (Set(table="clips", id="c", key="midiData.__proto__", value=9), "__proto__"),
        (Set(table="clips", id="c", key="midiData", value=[float("nan")]), "not a number"),
        (Set(table="clips", id="c", key="midiData", value=[2**53 + 1]), "53 bits"),
        (Set(table="clips", id="c", key="midiData", value=["x" * JSON_BYTES]), "too large"),
        (ListRemove(table="tracks", id="t", key="name", value="A"), "name is not a list"),
        (ListRemove(table="tracks", id="u", key="plugins", value="A"), "plugins is too long"),
    ],
)
def test_what_cannot_be_carried_out_says_why(operation: Operation, sentence: str) -> None:
    records = world()
    records["tracks"]["u"]["plugins"] = [0] * (LIST_LIMIT + 1)
    with pytest.raises(ValueError, match=sentence):
        carry_out(records, [operation], NOW)


def test_values_are_as_deep_as_allowed_and_no_deeper() -> None:
    value: Any = 1
    for _ in range(JSON_DEPTH - 1):
        value = [value]
    assert value_of("clips", "midiData", value) == value
    with pytest.raises(ValueError, match="nested deeper"):
        value_of("clips", "midiData", [value])


def test_moments_are_read_as_such_and_numbers_are_not() -> None:
    assert value_of("tracks", "deleted", "2026-01-05T12:00:00.250Z") == NOW
    assert value_of("tracks", "deleted", None) is None
    for wrong in (7, "soon", True):
        with pytest.raises(ValueError, match="deleted"):
            value_of("tracks", "deleted", wrong)


def test_conflicts_are_records_with_another_version_than_was_thought() -> None:
    records = world()
    records["tracks"]["t"]["version"] = 3
    assert conflicts(records, {"tracks:t": 1, "tracks:u": 1}) == [("tracks", "t")]
    assert conflicts(records, {"tracks:t": 3}) == []
    assert conflicts(records, {}) == []
