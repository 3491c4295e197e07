"""Transactions on the studio's records, as pure functions: which columns there are, and carrying operations out.

Both sides use them: the client to show an edit and to refuse what cannot be right before it is sent, the platform to
carry it out.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json

from api_client.models.base import WireModel
from api_client.models.records import RecordMap
from api_client.models.studio import AudioFileColumns, ClipColumns, ProjectColumns, TrackColumns
from api_client.operations import Operation, Record, carry_out_on, moment_text

TABLES: Mapping[str, type[WireModel]] = {
    "projects": ProjectColumns,
    "tracks": TrackColumns,
    "clips": ClipColumns,
    "audio_files": AudioFileColumns,
}
"""The tables that operations write into, each with the columns that they may write."""

JSON_DEPTH = 32
JSON_BYTES = 256 * 1024
"""How deep, and how large, a column may become that takes any JSON."""

_SAFE_INTEGER = 2**53


def _columns(model: type[WireModel]) -> dict[str, TypeAdapter[Any]]:
    adapters: dict[str, TypeAdapter[Any]] = {}
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        for constraint in field.metadata:
            kind = Annotated[kind, constraint]
        adapters[field.alias or name] = TypeAdapter(kind)
    return adapters


_ADAPTERS = {table: _columns(model) for table, model in TABLES.items()}


def column_of(operation: Operation) -> str:
    """Return the column that an operation writes into: the first name of its key.

    Raises ValueError for a table or column that there is not, or that the platform alone writes.
    """
    columns = _ADAPTERS.get(operation.table)
    if columns is None:
        raise ValueError(f"There is no table {operation.table} to write into.")
    column = operation.key.partition(".")[0]
    if column not in columns:
        raise ValueError(f"The field {column} of {operation.table} cannot be written.")
    return column


def touched(operations: Iterable[Operation]) -> list[tuple[str, str]]:
    """Return table and id of the records that `operations` change, each once, in the order of their first change."""
    return list(dict.fromkeys((operation.table, operation.id) for operation in operations))


def carry_out(records: RecordMap, operations: Iterable[Operation], now: datetime) -> RecordMap:
    """Return the records that `operations` change as they are after all of them; `records` stays as it is.

    Each operation raises the version of its record by one, and `updatedAt` becomes `now`. Raises ValueError with a
    sentence for the user, and then nothing has happened: for a record that is not among `records` ('Record not
    found: table:id'), a table or column that cannot be written, a list operation on something else, and for a value
    that the column does not take once all operations are done.
    """
    changed: RecordMap = {}
    written: dict[tuple[str, str], set[str]] = {}
    for operation in operations:
        column = column_of(operation)
        record = changed.get(operation.table, {}).get(operation.id)
        if record is None:
            before = records.get(operation.table, {}).get(operation.id)
            if before is None:
                raise ValueError(f"Record not found: {operation.table}:{operation.id}")
            record = changed.setdefault(operation.table, {})[operation.id] = copy.deepcopy(before)
        carry_out_on(record, operation, now)
        written.setdefault((operation.table, operation.id), set()).add(column)
    for (table, record_id), columns in written.items():
        record = changed[table][record_id]
        for column in sorted(columns):
            value_of(table, column, record.get(column))
        record["updatedAt"] = moment_text(now)
    return changed


def value_of(table: str, column: str, value: JsonValue) -> Any:
    """Return `value` as what the column holds, moments as datetimes; raises ValueError if it does not take it."""
    _check_json(value)
    text = to_json(value)
    if len(text) > JSON_BYTES:
        raise ValueError(f"{column}: this is too large.")
    try:
        return _ADAPTERS[table][column].validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"{column}: {first['msg']}") from None


def conflicts(records: Mapping[str, Mapping[str, Record]], base_versions: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return table and id of the records whose version is not the one that `base_versions` names for them."""
    return [
        (table, record_id)
        for table, by_id in records.items()
        for record_id, record in by_id.items()
        if base_versions.get(f"{table}:{record_id}", record["version"]) != record["version"]
    ]


def _check_json(value: JsonValue) -> None:
    level: list[JsonValue] = [value]
    for _ in range(JSON_DEPTH):
        below: list[JsonValue] = []
        for item in level:
            if isinstance(item, float) and not math.isfinite(item):
                raise ValueError("This is not a number.")
            if isinstance(item, int) and abs(item) > _SAFE_INTEGER:
                raise ValueError("A whole number has at most 53 bits.")
            if isinstance(item, list):
                below += item
            elif isinstance(item, dict):
                below += item.values()
        level = below
    if level:
        raise ValueError(f"This is nested deeper than {JSON_DEPTH} levels.")
