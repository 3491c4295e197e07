"""JSON Schema as far as two of them are compared: references followed, unions spread out, nothing trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_REFERENCES = 32
"""How often one reference may lead to another."""
_BRANCHES = 64
"""Alternatives of a union that are looked at."""
_STEPS = 2_000
"""Schemas that are looked at for one: unions of unions of themselves have no end."""

ANYTHING = "anything"
_BY_VALUE = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@dataclass(frozen=True, eq=False)
class Node:
    """A schema, in the document that its references lead into."""

    schema: Mapping[str, Any]
    root: Mapping[str, Any]
    name: str = ""
    """Of the model, where it has one."""

    @cached_property
    def _branches(self) -> tuple[Node, ...]:
        return self._spread(0, iter(range(_STEPS)))

    @cached_property
    def alternatives(self) -> tuple[Node, ...]:
        """What it may be besides null: one node for each kind, references followed."""
        return tuple(node for node in self._branches if node.kind != "null")[:_BRANCHES]

    @cached_property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return any(node.kind in ("null", ANYTHING) for node in self._branches)

    @cached_property
    def is_anything(self) -> bool:
        """Whether it says nothing at all, so that everything fits."""
        return any(node.kind == ANYTHING for node in self.alternatives) or not self._branches

    @cached_property
    def kind(self) -> str:
        """The JSON type of one alternative: `string`, `object`, ...; `anything` where none is named."""
        kind = self.schema.get("type")
        if isinstance(kind, str):
            return kind
        if "properties" in self.schema or "additionalProperties" in self.schema:
            return "object"
        if "items" in self.schema:
            return "array"
        values = self.values
        return _BY_VALUE.get(type(next(iter(values))), ANYTHING) if values else ANYTHING

    @cached_property
    def values(self) -> frozenset[str | int | bool] | None:
        """The values it is limited to; None where it is not."""
        found = [self.schema["const"]] if "const" in self.schema else self.schema.get("enum")
        if not isinstance(found, list):
            return None
        return frozenset(value for value in found if isinstance(value, (str, int)))

    @cached_property
    def properties(self) -> dict[str, Node]:
        """The fields of an object."""
        found = self.schema.get("properties")
        if not isinstance(found, Mapping):
            return {}
        return {str(name): self._inner(inner) for name, inner in found.items() if isinstance(inner, Mapping)}

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields that are always there."""
        found = self.schema.get("required")
        return frozenset(name for name in found if isinstance(name, str)) if isinstance(found, list) else frozenset()

    @cached_property
    def items(self) -> Node | None:
        """What a list holds."""
        inner = self.schema.get("items")
        return self._inner(inner) if isinstance(inner, Mapping) else None

    @cached_property
    def others(self) -> Node | None:
        """What fields hold that are not named; None where nothing is said of them."""
        inner = self.schema.get("additionalProperties")
        return self._inner(inner) if isinstance(inner, Mapping) else None

    @property
    def is_closed(self) -> bool:
        """Whether an object takes no field that is not named."""
        return self.schema.get("additionalProperties") is False

    @property
    def is_read_only(self) -> bool:
        """Whether it is only ever given, never asked for."""
        return self.schema.get("readOnly") is True

    def limit(self, name: str) -> float | int | str | None:
        """Return a limit such as `maxLength`."""
        found = self.schema.get(name)
        return found if isinstance(found, (int, float, str)) and not isinstance(found, bool) else None

    def _inner(self, schema: Mapping[str, Any]) -> Node:
        return Node(schema, self.root)

    def _spread(self, depth: int, steps: Iterator[int]) -> tuple[Node, ...]:
        if depth > _REFERENCES or next(steps, None) is None:
            return ()
        schema, name = self.schema, self.name
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = _followed(reference, self.root)
            if target is None:
                return (Node({}, self.root, reference.rpartition("/")[2]),)
            return Node(target, self.root, reference.rpartition("/")[2])._spread(depth + 1, steps)
        parts = schema.get("allOf")
        if isinstance(parts, list):
            whole = self._united([self._inner(part) for part in parts if isinstance(part, Mapping)], depth, steps)
            return Node(whole, self.root, name)._spread(depth + 1, steps)
        for union in ("anyOf", "oneOf"):
            branches = schema.get(union)
            if isinstance(branches, list):
                inner = [self._inner(branch) for branch in branches[:_BRANCHES] if isinstance(branch, Mapping)]
                return tuple(node for branch in inner for node in branch._spread(depth + 1, steps))
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return tuple(Node({**schema, "type": kind}, self.root, name) for kind in kinds if isinstance(kind, str))
        return (self,)

    def _united(self, parts: list[Node], depth: int, steps: Iterator[int]) -> dict[str, Any]:
        """Return one schema for all of `parts` together, and for what stands beside them."""
        whole: dict[str, Any] = {key: value for key, value in self.schema.items() if key != "allOf"}
        properties = dict(whole.get("properties") or {})
        required = set(self.required)
        for part in parts:
            for node in part._spread(depth + 1, steps)[:1]:
                properties.update(node.schema.get("properties") or {})
                required |= node.required
                whole = {**node.schema, **whole}
        if properties:
            whole |= {"properties": properties, "required": sorted(required)}
        return whole


def _followed(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a reference inside of the document leads to."""
    if not reference.startswith("#/"):
        return None
    here: Any = root
    for step in reference[2:].split("/"):
        here = here.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else None


def in_words(node: Node) -> str:
    """Return what a node may be, in words: `string or null`."""
    kinds = dict.fromkeys(_alternative_in_words(each) for each in node.alternatives)
    return " or ".join([*kinds, *(["null"] if node.nullable and ANYTHING not in kinds else [])]) or ANYTHING


def _alternative_in_words(node: Node) -> str:
    return node.name if node.kind == "object" and node.name else node.kind


def texts(values: frozenset[str | int | bool]) -> Iterator[str]:
    """Yield values as they are written, in order."""
    for value in sorted(values, key=str):
        yield str(value)
