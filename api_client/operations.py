"""Operations on realtime records, as pure functions: apply one, and make the one that takes it back.

A record is a JSON object with `id` and `version`. Both sides of the contract apply operations by this module, the
client to show an edit before it is sent, the platform to carry it out; the platform's record is then the true one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    StringConstraints,
    TypeAdapter,
    model_serializer,
)

from api_client.models.base import Moment, WireModel

Record: TypeAlias = dict[str, JsonValue]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A field of the record, or one inside it with dots between the names: `name`, `midiData.tempo`."""

PROTECTED = frozenset({"id", "version", "createdAt", "created_at"})
"""Fields that the platform alone writes."""

LIST_LIMIT = 2000
"""Items of a list that list operations still work on: each of them looks at every item."""

_MOMENT = TypeAdapter(Moment)


class _Whole(WireModel):
    """Says null where it means null, also in requests that leave out what is not set."""

    @model_serializer(mode="wrap")
    def _with_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        return {name: data.get(name) for name in type(self).model_fields}


class Before(_Whole):
    """In front of the first item that equals `before`; at the end if there is none."""

    model_config = ConfigDict(extra="forbid")

    before: JsonValue


class After(_Whole):
    """Behind the first item that equals `after`; at the beginning if there is none."""

    model_config = ConfigDict(extra="forbid")

    after: JsonValue


Position: TypeAlias = Literal["prepend", "append"] | Before | After


class _Edit(_Whole):
    table: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    key: Key


class Set(_Edit):
    """Write a value; null clears the field."""

    type: Literal["set"] = "set"
    value: JsonValue


class SetNow(_Edit):
    """Write the present moment."""

    type: Literal["set-now"] = "set-now"


class ListInsert(_Edit):
    """Put a value into a list, or move it there if the list holds it already."""

    type: Literal["listInsert"] = "listInsert"
    value: JsonValue
    position: Position = "append"


class ListRemove(_Edit):
    """Take every item that equals a value out of a list."""

    type: Literal["listRemove"] = "listRemove"
    value: JsonValue


Operation = Annotated[Set | SetNow | ListInsert | ListRemove, Field(discriminator="type")]

_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def read_operation(data: object) -> Operation:
    """Return the operation that a JSON object describes; raises ValueError for an unknown type or a missing field."""
    return _OPERATION.validate_python(data)


def apply_operation(record: Mapping[str, JsonValue], operation: Operation, now: datetime) -> Record:
    """Return a copy of `record` with the operation carried out and its version one higher.

    Objects are made on the way to a nested key; an absent or null list counts as empty. `now` is what `set-now`
    writes. Raises ValueError, with a sentence for the user, where the record is another one, the key is the
    platform's own or malformed, leads through something that is not an object, or a list operation meets no list or
    one of more than `LIST_LIMIT` items.
    """
    changed = copy.deepcopy(dict(record))
    carry_out_on(changed, operation, now)
    return changed


def carry_out_on(changed: Record, operation: Operation, now: datetime) -> None:
    """Do what `apply_operation` does to the record itself, for those who have made a copy of it already.

    Where it raises, the record may be half changed.
    """
    path = _path_in(changed, operation)
    changed["version"] = _version(changed) + 1
    value: JsonValue
    match operation:
        case Set():
            value = copy.deepcopy(operation.value)
        case SetNow():
            value = moment_text(now)
        case ListInsert():
            value = _inserted(_list_at(changed, path), copy.deepcopy(operation.value), operation.position)
        case ListRemove():
            value = _without(_list_at(changed, path), operation.value)
    _put(changed, path, value)


def moment_text(moment: datetime) -> str:
    """Return a moment as it stands in a record."""
    text: str = _MOMENT.dump_python(_MOMENT.validate_python(moment), mode="json")
    return text


def apply_all(record: Mapping[str, JsonValue], operations: Iterable[Operation], now: datetime) -> Record:
    """Apply `operations` one after the other; raises ValueError as `apply_operation` does, then none has happened."""
    changed = copy.deepcopy(dict(record))
    for operation in operations:
        carry_out_on(changed, operation, now)
    return changed


def invert_operation(before: Mapping[str, JsonValue], operation: Operation) -> Operation | None:
    """Return what takes `operation` back when it is applied after it; None where the operation changes nothing.

    `before` is the record as it was. A field that was absent comes back as null, a list as an empty one. An item
    goes back beside the neighbour it had; only where that cannot tell its old place, because items repeat, is the
    whole list written. Raises ValueError as `apply_operation` does.
    """
    path = _path_in(before, operation)
    if isinstance(operation, SetNow):
        return _set(operation, copy.deepcopy(_value_at(before, path)))
    if isinstance(operation, Set):
        value = _value_at(before, path)
        return None if same_value(value, operation.value) else _set(operation, copy.deepcopy(value))
    items = _list_at(before, path)
    if isinstance(operation, ListRemove):
        left = _without(items, operation.value)
    else:
        left = _inserted(items, operation.value, operation.position)
    if same_value(items, left):
        return None
    places = [place for place, item in enumerate(items) if same_value(item, operation.value)]
    if not places:
        return ListRemove(table=operation.table, id=operation.id, key=operation.key, value=operation.value)
    return _put_back(operation, items, left, places[0])


def invert_all(before: Mapping[str, JsonValue], operations: Iterable[Operation], now: datetime) -> list[Operation]:
    """Return what takes back `operations`, which were applied to `before` in turn: the last one first."""
    inverses: list[Operation] = []
    record = dict(before)
    for operation in operations:
        inverse = invert_operation(record, operation)
        if inverse is not None:
            inverses.insert(0, inverse)
        record = apply_operation(record, operation, now)
    return inverses


def same_value(left: JsonValue, right: JsonValue) -> bool:
    """Whether two JSON values are equal in structure: the order of keys is no matter, 1 is 1.0, and true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _set(operation: Operation, value: JsonValue) -> Set:
    return Set(table=operation.table, id=operation.id, key=operation.key, value=value)


def _put_back(
    operation: ListInsert | ListRemove, items: Sequence[JsonValue], left: Sequence[JsonValue], place: int
) -> Operation:
    """Return the insertion that makes `items` of `left` again, or the whole list where no neighbour can tell."""
    positions: list[Position] = ["prepend"] if place == 0 else [After(after=copy.deepcopy(items[place - 1]))]
    if place + 1 < len(items):
        positions.append(Before(before=copy.deepcopy(items[place + 1])))
    for position in positions:
        if same_value(_inserted(left, items[place], position), list(items)):
            return ListInsert(
                table=operation.table,
                id=operation.id,
                key=operation.key,
                value=copy.deepcopy(items[place]),
                position=position,
            )
    return _set(operation, copy.deepcopy(list(items)))


def _without(items: Sequence[JsonValue], value: JsonValue) -> list[JsonValue]:
    return [item for item in items if not same_value(item, value)]


def _inserted(items: Sequence[JsonValue], value: JsonValue, position: Position) -> list[JsonValue]:
    others = _without(items, value)
    if position == "prepend":
        return [value, *others]
    if position == "append":
        return [*others, value]
    anchor = position.before if isinstance(position, Before) else position.after
    if same_value(anchor, value) and len(others) < len(items):
        return list(items)  # beside itself is where it stands
    place = next((place for place, item in enumerate(others) if same_value(item, anchor)), None)
    if isinstance(position, Before):
        at = len(others) if place is None else place
    else:
        at = 0 if place is None else place + 1
    return [*others[:at], value, *others[at:]]


def _path_in(record: Mapping[str, JsonValue], operation: Operation) -> list[str]:
    if record.get("id") != operation.id:
        raise ValueError(f"This change is meant for the record {operation.id}, not for {record.get('id')}.")
    names = operation.key.split(".")
    if names[0] in PROTECTED:
        raise ValueError(f"The field {names[0]} is written by the platform alone.")
    for name in names:
        if not name:
            raise ValueError(f"{operation.key!r} is not the name of a field.")
        if name.startswith("__"):
            raise ValueError(f"A field cannot be called {name}.")
    return names


def _version(record: Mapping[str, JsonValue]) -> int:
    version = record.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError("A record needs a version, which is a whole number.")
    return version


def _value_at(record: Mapping[str, JsonValue], path: Sequence[str]) -> JsonValue:
    """Return the value at `path`, None where it or an object on the way is absent."""
    here: Mapping[str, JsonValue] = record
    for depth, name in enumerate(path[:-1], start=1):
        inner = here.get(name)
        if inner is None:
            return None
        here = _object(inner, path[:depth])
    return here.get(path[-1])


def _list_at(record: Mapping[str, JsonValue], path: Sequence[str]) -> list[JsonValue]:
    value = _value_at(record, path)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{'.'.join(path)} is not a list.")
    if len(value) > LIST_LIMIT:
        raise ValueError(f"{'.'.join(path)} is too long for this; write it as a whole.")
    return value


def _put(record: Record, path: Sequence[str], value: JsonValue) -> None:
    here = record
    for depth, name in enumerate(path[:-1], start=1):
        if here.get(name) is None:
            here[name] = {}
        here = _object(here[name], path[:depth])
    here[path[-1]] = value


def _object(value: JsonValue, path: Sequence[str]) -> Record:
    if not isinstance(value, dict):
        raise ValueError(f"{'.'.join(path)} has no fields of its own.")
    return value
