import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api_client import music_endpoints as table
from api_client.operations import read_operation
from api_client.sync import Base, Intent, Inverse, Outbox, PutRebase, TransactionRebase
from api_client.sync.merging import Clash, Merged, merge
from tests.api_client.sync.fake_platform import change

_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["a", "b"]), st.lists(st.integers(0, 1))
)
_FIELDS = st.dictionaries(st.sampled_from("xyz"), _VALUES)


@given(_FIELDS, _FIELDS, _FIELDS)
def test_merging_takes_no_side(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert merge(base, mine, theirs) == merge(base, theirs, mine)


@given(_FIELDS, _FIELDS)
def test_what_one_side_alone_changed_is_as_that_side_made_it(base: dict[str, Any], mine: dict[str, Any]) -> None:
    alone = merge(base, mine, base)
    assert isinstance(alone, Merged)
    assert alone.fields == {**base, **mine}
    assert merge(base, mine, mine) == Merged({**base, **mine})


@given(_FIELDS, _FIELDS, _FIELDS)
def test_nothing_that_both_changed_is_decided_for_them(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    outcome = merge(base, mine, theirs)
    clashing = outcome.names if isinstance(outcome, Clash) else ()
    for name, value in outcome.fields.items():
        sides = [side[name] for side in (mine, theirs) if name in side]
        if name not in clashing:
            assert repr(value) in {repr(side) for side in (*sides, base.get(name))}
        else:
            assert len(sides) == 2


def test_lists_and_texts_are_whole_values() -> None:
    outcome = merge({"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags": ["a", "c"]})
    assert outcome == Clash(("tags",), {"tags": ["a"]})
    assert merge({"n": 1}, {"n": True}, {"n": 2}) == Clash(("n",), {"n": 1})


async def _record(intent: Intent) -> dict[str, Any]:
    return {"id": "1", "version": 9, "name": "theirs", "deep": {"x": 1}}


async def test_a_put_says_what_it_said_upon_another_version() -> None:
    strategy = PutRebase(_record)
    intent = change("1", {"name": "mine"}, base=Base(3, {"name": "was"}))
    assert strategy.fields(intent) == {"name": "mine"}
    version, fields = await strategy.current(intent)
    assert (version, fields["name"]) == (9, "theirs")
    assert json.loads(strategy.payload(intent, {"name": "both", "other": 1}, 9)) == {"name": "both", "baseVersion": 9}


def transaction(*operations: dict[str, Any], base: Base | None = None) -> Intent:
    whole = [{"table": "clip", "id": "1", **operation} for operation in operations]
    versions = {} if base is None else {"baseVersions": {"clip:1": base.version}}
    body = {"txId": "t", "authorId": "ann", "operations": whole, **versions}
    return Intent.of(
        table.CHANGE_PLAYLIST, params={"id": "1"}, body=body, object_key="clip:1", created_at=0, label="edit", base=base
    )


async def test_a_transaction_writes_each_field_once_upon_another_version() -> None:
    strategy = TransactionRebase(_record)
    intent = transaction(
        {"type": "set", "key": "deep.x", "value": 5},
        {"type": "listInsert", "key": "tags", "value": "b", "position": "append"},
        {"type": "listRemove", "key": "tags", "value": "a"},
        {"type": "set-now", "key": "touched"},
        base=Base(3, {"deep.x": 0, "tags": ["a"]}),
    )
    assert strategy.fields(intent) == {"deep.x": 5, "tags": ["b"]}
    assert await strategy.current(intent) == (9, {"deep.x": 1, "tags": None, "touched": None})
    body = json.loads(strategy.payload(intent, {"deep.x": 5, "tags": ["b", "c"]}, 9))
    assert (body["authorId"], body["baseVersions"]) == ("ann", {"clip:1": 9})
    assert body["txId"] != "t"
    assert [(o["type"], o["key"], o.get("value")) for o in body["operations"]] == [
        ("set", "deep.x", 5),
        ("set", "tags", ["b", "c"]),
        ("set-now", "touched", None),
    ]
    assert [read_operation(operation).key for operation in body["operations"]] == ["deep.x", "tags", "touched"]


async def test_a_transaction_that_is_done_or_taken_back_again_has_another_name_each_time() -> None:
    names: list[str] = []

    async def send(intent: Intent) -> None:
        body = json.loads(intent.payload or "{}")
        names.append(body["txId"])
        assert [operation["value"] for operation in body["operations"]] == [5 if len(names) % 2 else 0]

    outbox = Outbox(send, rebase={table.CHANGE_PLAYLIST.name: TransactionRebase(_record)})
    forward = transaction({"type": "set", "key": "x", "value": 5})
    back = json.loads(transaction({"type": "set", "key": "x", "value": 0}).payload or "{}")
    await (await outbox.submit(forward, undo=Inverse(table.CHANGE_PLAYLIST, {"id": "1"}, back)))
    for turn in (outbox.undo, outbox.redo, outbox.undo, outbox.redo):
        assert await turn() is not None
        assert await outbox.drained(10.0)
    assert len(names) == len(set(names)) == 5
    await outbox.close()
