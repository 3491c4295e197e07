"""How a change that met a newer version of its record is made anew upon it, for each kind of change."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import JsonValue

from api_client.postponed import operations as shapes
from api_client.sync.intents import Base, Intent
from api_client.sync.merging import Fields

BASE_VERSION = "baseVersion"
BASE_VERSIONS = "baseVersions"
TRANSACTION = "txId"

Fetch = Callable[[Intent], Awaitable[Mapping[str, Any]]]
"""Fetches the record that an intent changes, as JSON with its `version`."""

_NEVER = datetime.fromtimestamp(0, UTC)
"""For operations that do not ask for the time."""


class Rebase(Protocol):
    """What the outbox has to know about the changes of one endpoint to merge them."""

    def fields(self, intent: Intent) -> Fields:
        """Return what the intent wants the fields to be that it touches."""

    async def current(self, intent: Intent) -> tuple[int, Fields]:
        """Return the version of the record as it stands now, and its fields; raises PlatformError."""

    def payload(self, intent: Intent, fields: Fields, version: int) -> str:
        """Return the body that makes of `version` what `fields` says, for the fields that `intent` touches."""

    def renewed(self, intent: Intent) -> str | None:
        """Return the body that does the same once more, where the platform has met the one of `intent`."""


class PutRebase:
    """For a PUT whose body is the fields themselves and `baseVersion`."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def fields(self, intent: Intent) -> Fields:
        """Return the body without its version."""
        return {name: value for name, value in _body(intent).items() if name != BASE_VERSION}

    async def current(self, intent: Intent) -> tuple[int, Fields]:
        """Fetch the record."""
        record = await self._fetch(intent)
        return _version(record), record

    def payload(self, intent: Intent, fields: Fields, version: int) -> str:
        """Return the body with the fields that it had, as they are to be now."""
        body = {name: fields.get(name) for name in self.fields(intent)}
        return _text({**body, BASE_VERSION: version})

    def renewed(self, intent: Intent) -> str | None:
        """Return the same body: nothing in it names the change."""
        return intent.payload


class TransactionRebase:
    """For a transaction of operations on one realtime record.

    A field is named by the key of its operation (`midiData.tempo`). A list is one value: what a merge or a person made
    of it is written whole. `set-now` has no value to differ about, and goes along as it is.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def fields(self, intent: Intent) -> Fields:
        """Return what the operations make of the fields of the base."""
        operations = _operations(intent)
        base: Fields = {} if intent.base is None else intent.base.fields
        first = next(iter(operations), None)
        record: shapes.Record = {"id": "" if first is None else first.id, "version": 0}
        made: dict[str, JsonValue] = {}
        for operation in operations:
            if isinstance(operation, shapes.SetNow):
                continue
            before = made.get(operation.key, base.get(operation.key))
            made[operation.key] = _applied(record, operation, before)
        return made

    async def current(self, intent: Intent) -> tuple[int, Fields]:
        """Fetch the record, and take the touched fields out of it."""
        record = await self._fetch(intent)
        keys = {operation.key for operation in _operations(intent)}
        return _version(record), {key: _value_at(record, key) for key in keys}

    def payload(self, intent: Intent, fields: Fields, version: int) -> str:
        """Return a transaction that writes each touched field once, upon `version`."""
        written: dict[str, shapes.Operation] = {}
        for operation in _operations(intent):
            if isinstance(operation, shapes.SetNow):
                written[operation.key] = operation
            else:
                value = fields.get(operation.key)
                written[operation.key] = shapes.Set(
                    table=operation.table, id=operation.id, key=operation.key, value=value
                )
        operations = [operation.model_dump(mode="json", by_alias=True) for operation in written.values()]
        versions = {f"{operation.table}:{operation.id}": version for operation in written.values()}
        return _text({**_body(intent), **_new_name(), "operations": operations, BASE_VERSIONS: versions})

    def renewed(self, intent: Intent) -> str | None:
        """Return the transaction under another name."""
        return _text({**_body(intent), **_new_name()})


def rebased(strategy: Rebase, intent: Intent, fields: Fields, base: Base, key: str) -> Intent:
    """Return `intent` with another key, made anew upon `base` so that its record's fields become `fields`."""
    return replace(intent, payload=strategy.payload(intent, fields, base.version), base=base, idempotency_key=key)


def inverse_upon(strategy: Rebase | None, inverse: Intent, forward: Intent) -> Intent:
    """Return `inverse` as a change of what `forward` leaves behind, if `forward` is a change of a versioned record.

    The version is a guess, one above that of `forward`: where somebody else came in between, the platform says so and
    the two are merged.
    """
    if strategy is None or forward.base is None or forward.endpoint.name != inverse.endpoint.name:
        return inverse
    base = Base(forward.base.version + 1, strategy.fields(forward))
    return rebased(strategy, inverse, strategy.fields(inverse), base, inverse.idempotency_key)


def _body(intent: Intent) -> dict[str, Any]:
    body = json.loads(intent.payload or "{}")
    return body if isinstance(body, dict) else {}


def _new_name() -> dict[str, str]:
    """Return what names a transaction: the platform does nothing for one whose name it has met."""
    return {TRANSACTION: str(uuid.uuid4())}


def _operations(intent: Intent) -> list[shapes.Operation]:
    return [shapes.read_operation(item) for item in _body(intent).get("operations", [])]


def _applied(record: shapes.Record, operation: shapes.Operation, before: JsonValue) -> JsonValue:
    """Return what `operation` makes of one value, wherever in the record that stands."""
    flat = operation.model_copy(update={"key": "value"})
    return shapes.apply_operation({**record, "id": operation.id, "value": before}, flat, _NEVER)["value"]


def _value_at(record: Mapping[str, Any], key: str) -> Any:
    value: Any = record
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _version(record: Mapping[str, Any]) -> int:
    return int(record["version"])


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False)
