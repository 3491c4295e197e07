"""Observed traffic against the contract: each reply and each event field by field, and what was never seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic.alias_generators import to_camel

from api_client.inspect.drift.classifying import OPEN
from api_client.inspect.drift.contracts import BY_ADDRESS, SECOND_WAYS, Contract, Operation
from api_client.inspect.drift.findings import Ledger
from api_client.inspect.drift.schemas import Node, in_words
from api_client.inspect.replay_plan import FILES
from api_client.inspect.session_file import CallLine, FrameLine, Session

_ITEMS = 200
"""Items of one list that are looked at."""
_OF_PROTOCOL = frozenset({"ready", "error", "ping", "pong"})
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@dataclass
class Seen:
    """What the traffic showed: how often each operation, status and event."""

    operations: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)

    def never(self, ours: Contract) -> tuple[list[str], list[str]]:
        """Return the operations and the events of the contract that were never seen."""
        operations = [each.name for each in ours.operations.values() if each.name not in self.operations]
        return operations, [name for name in ours.events if name not in self.events]


def observe(
    sessions: Iterable[Session], ours: Contract, theirs: Contract | None, ledger: Ledger, seen: Seen | None = None
) -> Seen:
    """Note in `ledger` where traffic and contract part, and return what was seen."""
    seen = seen or Seen()
    for session in sessions:
        base = session.header.platform.rstrip("/")
        for call in session.calls:
            if call.url.startswith(base + "/"):
                path = call.url.removeprefix(base).partition("#")[0].partition("?")[0]
                _Watcher(ours, theirs, ledger, seen).call(call, path)
        for frame in session.frames:
            _Watcher(ours, theirs, ledger, seen).frame(frame)
    return seen


@dataclass
class _Watcher:
    ours: Contract
    theirs: Contract | None
    ledger: Ledger
    seen: Seen

    def call(self, call: CallLine, path: str) -> None:
        """Look at one exchange."""
        if call.status is None:
            return
        operation = self.ours.find(call.method, path)
        if operation is None:
            self._strange(call, path)
            return
        self.seen.operations[operation.name] = self.seen.operations.get(operation.name, 0) + 1
        self.seen.statuses.setdefault(operation.name, set()).add(call.status)
        described = self.theirs.operations.get(operation.key) if self.theirs is not None else None
        if self.theirs is not None and described is None:
            self.ledger.note("seen-undescribed", operation.name, f"{operation.method} {operation.path}")
        elif described is not None and described.statuses and call.status not in described.statuses:
            self.ledger.note("seen-status", operation.name, operation.name, theirs=str(call.status))
        if call.status < 300 and call.reply is not None and call.reply.is_json and operation.reply is not None:
            for value in _data(call.reply.json_, operation):
                _check(value, operation.reply, f"{operation.name} reply", "", operation.name, self.ledger)

    def _strange(self, call: CallLine, path: str) -> None:
        known = Contract("", dict.fromkeys(BY_ADDRESS | SECOND_WAYS, _UNNAMED))
        # What is not there is asked for by mistake, and no operation.
        if call.status not in (404, 405) and known.find(call.method, path) is None and call.name not in FILES:
            place = f"{call.method} {path}"
            self.ledger.note("seen-operation", place, place)

    def frame(self, frame: FrameLine) -> None:
        """Look at one event."""
        data = frame.content.json_ if frame.content.is_json else None
        kind = data.get("type") if isinstance(data, dict) else None
        if frame.direction != "received" or not isinstance(kind, str):
            return
        node = self.ours.events.get(kind)
        if node is None:
            self.ledger.note("seen-event", kind, f"event {kind}")
            return
        self.seen.events[kind] = self.seen.events.get(kind, 0) + 1
        _check(data, node, f"event {kind}", "", f"event {kind}", self.ledger)


_UNNAMED = Operation("", "", "", None, None, None, public=True)


def _data(value: Any, operation: Operation) -> Iterator[Any]:
    """Yield what is inside of the envelope; of a list, its items."""
    data = value["data"] if isinstance(value, dict) and "data" in value else value
    if operation.paged:
        if isinstance(data, dict):
            data = data.get("items")
        yield from data[:_ITEMS] if isinstance(data, list) else ()
    else:
        yield data


def _check(value: Any, node: Node, place: str, model: str, operation: str, ledger: Ledger) -> None:
    if node.is_anything:
        return
    if value is None:
        if not node.nullable:
            ledger.note("seen-null", operation, place, model=model)
        return
    taken = _chosen(value, node)
    if taken is None:
        kind = _KINDS.get(type(value), "")
        ledger.note("seen-type", operation, place, ours=in_words(node), theirs=kind, model=model)
        return
    where, owner = (taken.name, taken.name) if taken.name else (place, model)
    values = taken.values
    if values is not None and isinstance(value, (str, int)) and value not in values:
        code = "seen-value-new" if OPEN in values else "seen-value-refused"
        ledger.note(code, operation, where, theirs=str(value)[:80], model=owner)
    if isinstance(value, dict):
        _check_fields(value, taken, where, owner, operation, ledger)
    elif isinstance(value, list) and taken.items is not None:
        for item in value[:_ITEMS]:
            _check(item, taken.items, f"{where}[]", owner, operation, ledger)


def _check_fields(value: Mapping[str, Any], node: Node, place: str, model: str, operation: str, ledger: Ledger) -> None:
    names = {name if name in node.properties else to_camel(name): inner for name, inner in value.items()}
    for name in sorted(node.required - names.keys()):
        ledger.note("seen-field-missing", operation, f"{place}.{name}", model=model)
    for name, inner in names.items():
        known = node.properties.get(name)
        if known is not None:
            if not known.is_read_only:
                _check(inner, known, f"{place}.{name}", model, operation, ledger)
        elif node.others is not None:
            _check(inner, node.others, f"{place}.*", model, operation, ledger)
        elif node.properties and "additionalProperties" not in node.schema:
            ledger.note("seen-field-new", operation, f"{place}.{str(name)[:80]}", model=model)


def _chosen(value: Any, node: Node) -> Node | None:
    """Return the alternative that `value` is meant to be."""
    kind = _KINDS.get(type(value), "")
    fitting = [each for each in node.alternatives if each.kind == kind or (kind, each.kind) == ("integer", "number")]
    if not isinstance(value, dict) or len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda each: _likeness(value, each))


def _likeness(value: Mapping[str, Any], node: Node) -> tuple[bool, int]:
    fits = all(
        inner.alternatives[0].values is None or value.get(name) in inner.alternatives[0].values
        for name, inner in node.properties.items()
        if inner.alternatives and isinstance(value.get(name), (str, int))
    )
    return fits, len(value.keys() & node.properties.keys()) - len(node.required - value.keys())
