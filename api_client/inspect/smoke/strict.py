"""Values against the contract's models, strictly: nothing unknown, nothing missing, every list to its last item.

The models themselves read generously, as a client must: lists leave out what cannot be read, new values of an
enumeration become `UNKNOWN`, defaults stand in for what is missing. What is walked here are their annotations.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.values import brief
from api_client.models.base import OpenEnum

LIMIT = 20
"""Complaints about one value: whoever reads more than these learns nothing new."""
_UNIONS = (Union, types.UnionType)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is not as the contract says, and where: `.data[3].title`."""

    code: Code
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or '.'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How strictly is read."""

    lenient: bool = False
    """Unknown fields and values are allowed."""
    omits_null: bool = False
    """What may be null may be left out: so it is in frames and refusals, not in replies of success."""


def complaints_about(value: Any, kind: Any, manner: Manner, path: str = "") -> list[Complaint]:
    """Return what is wrong with decoded JSON that should be a `kind`, at most `LIMIT` things."""
    found: list[Complaint] = []
    for complaint in _walk(value, kind, manner, path):
        found.append(complaint)
        if len(found) >= LIMIT:
            break
    return found


def _walk(value: Any, kind: Any, manner: Manner, path: str) -> Iterator[Complaint]:
    whole = kind
    kind = _bare(kind)
    origin = get_origin(kind)
    if kind is Any or isinstance(kind, TypeVar):
        return
    if origin in _UNIONS:
        yield from _either(value, get_args(kind), manner, path)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _model(value, kind, manner, path)
    elif origin in (list, tuple, set, frozenset):
        yield from _list(value, kind, manner, path)
    elif origin is dict:
        yield from _mapping(value, get_args(kind), manner, path)
    elif isinstance(kind, type) and issubclass(kind, OpenEnum):
        yield from _open_enum(value, kind, manner, path)
    else:
        yield from _leaf(value, whole, path)


def _bare(kind: Any) -> Any:
    while True:
        if kind is JsonValue:
            return Any
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif hasattr(kind, "__value__"):
            kind = kind.__value__
        else:
            return kind


def _model(value: Any, kind: type[BaseModel], manner: Manner, path: str) -> Iterator[Complaint]:
    if not isinstance(value, dict):
        yield Complaint(Code.WRONG_TYPE, path, f"{kind.__name__} is an object, this is {brief(value, 80)}")
        return
    shape = _shape(kind)
    troubled = False
    for name in value:
        if name not in shape and not manner.lenient:
            troubled = True
            yield Complaint(Code.UNKNOWN_FIELD, f"{path}.{name}", f"{kind.__name__} has no such field")
    for name, (annotation, needed, nullable) in shape.items():
        if name in value:
            for complaint in _walk(value[name], annotation, manner, f"{path}.{name}"):
                troubled = True
                yield complaint
        elif needed and not (nullable and manner.omits_null) and not manner.lenient:
            troubled = True
            yield Complaint(Code.MISSING_FIELD, f"{path}.{name}", f"{kind.__name__} has this field, and it is missing")
    if not troubled:
        yield from _rules(value, kind, path)


def _rules(value: Any, kind: type[BaseModel], path: str) -> Iterator[Complaint]:
    """Ask the model itself, which may have rules between its fields."""
    try:
        kind.model_validate(value)
    except ValidationError as error:
        yield from translated(error, path)


@cache
def _shape(kind: type[BaseModel]) -> dict[str, tuple[Any, bool, bool]]:
    """Return name on the wire to annotation, whether a reply has it always, and whether it may be null."""
    kind.model_rebuild()
    shape: dict[str, tuple[Any, bool, bool]] = {}
    for name, field in kind.model_fields.items():
        wire = field.serialization_alias or field.alias or to_camel(name)
        annotation = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        shape[wire] = annotation, not field.exclude, _takes_null(field.annotation)
    for name, computed in kind.model_computed_fields.items():
        shape[computed.alias or to_camel(name)] = computed.return_type, True, _takes_null(computed.return_type)
    return shape


def _takes_null(kind: Any) -> bool:
    kind = _bare(kind)
    if kind is Any or kind is None or kind is types.NoneType:
        return True
    return get_origin(kind) in _UNIONS and any(_takes_null(part) for part in get_args(kind))


def _either(value: Any, kinds: tuple[Any, ...], manner: Manner, path: str) -> Iterator[Complaint]:
    if value is None and any(_takes_null(kind) for kind in kinds):
        return
    nearest: list[Complaint] = []
    distance = (True, LIMIT + 1)
    for kind in kinds:
        if _bare(kind) in (None, types.NoneType):
            continue
        found = complaints_about(value, kind, manner, path)
        if not found:
            return
        if (far := _distance(value, kind, found)) < distance:
            nearest, distance = found, far
    yield from nearest or [Complaint(Code.WRONG_TYPE, path, f"this may not be {brief(value, 80)}")]


def _distance(value: Any, kind: Any, found: list[Complaint]) -> tuple[bool, int]:
    """Return how far a value is from one of several kinds: one whose tag it has is near whatever else is wrong."""
    bare = _bare(kind)
    tagged = isinstance(bare, type) and issubclass(bare, BaseModel) and isinstance(value, dict)
    if not tagged:
        return True, len(found)
    tags = {name: get_args(_bare(a)) for name, (a, _, _) in _shape(bare).items() if get_origin(_bare(a)) is Literal}
    return not tags or any(value.get(name) not in allowed for name, allowed in tags.items()), len(found)


def _list(value: Any, kind: Any, manner: Manner, path: str) -> Iterator[Complaint]:
    if not isinstance(value, list):
        yield Complaint(Code.WRONG_TYPE, path, f"this should be a list and is {brief(value, 80)}")
        return
    parts = get_args(kind)
    fixed = get_origin(kind) is tuple and not (len(parts) == 2 and parts[1] is Ellipsis)
    if fixed:
        if len(value) != len(parts):
            yield Complaint(Code.OUT_OF_BOUNDS, path, f"this should have {len(parts)} values and has {len(value)}")
        for place, (item, part) in enumerate(zip(value, parts, strict=False)):
            yield from _walk(item, part, manner, f"{path}[{place}]")
        return
    if _is_leaf(parts[0]):
        # All at once: a spectrum has a hundred thousand numbers.
        yield from _leaf(value, types.GenericAlias(list, (parts[0],)), path)
        return
    for place, item in enumerate(value):
        yield from _walk(item, parts[0], manner, f"{path}[{place}]")


def _is_leaf(kind: Any) -> bool:
    bare = _bare(kind)
    return bare in (int, float, str, bool)


def _mapping(value: Any, parts: tuple[Any, ...], manner: Manner, path: str) -> Iterator[Complaint]:
    if not isinstance(value, dict):
        yield Complaint(Code.WRONG_TYPE, path, f"this should be an object and is {brief(value, 80)}")
        return
    for key, item in value.items():
        if _bare(parts[0]) is not str:
            yield from _leaf(key, parts[0], f"{path}.{key}")
        yield from _walk(item, parts[1], manner, f"{path}.{key}")


def _open_enum(value: Any, kind: type[OpenEnum], manner: Manner, path: str) -> Iterator[Complaint]:
    if not isinstance(value, str):
        yield Complaint(Code.WRONG_TYPE, path, f"this should be text and is {brief(value, 80)}")
        return
    known = [member.value for name, member in kind.__members__.items() if name != "UNKNOWN"]
    if value not in known and not manner.lenient:
        yield Complaint(Code.UNKNOWN_VALUE, path, f"{brief(value, 80)} is none of {', '.join(known)}")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _leaf(value: Any, kind: Any, path: str) -> Iterator[Complaint]:
    try:
        adapter = _adapter(kind)
    except TypeError:
        adapter = TypeAdapter(kind)  # Its annotation cannot be hashed.
    try:
        # As JSON, where text may be a date and a whole number a float, and nothing else may be anything else.
        adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        yield from translated(error, path)


def translated(error: ValidationError, path: str) -> Iterator[Complaint]:
    """Yield the complaints of pydantic as ours, below `path`."""
    for item in error.errors(include_url=False, include_context=False)[:LIMIT]:
        kind = item["type"]
        if kind in ("literal_error", "enum"):
            code = Code.UNKNOWN_VALUE
        elif kind == "missing":
            code = Code.MISSING_FIELD
        elif kind.endswith(("_type", "_parsing")) or kind.startswith(("date", "is_instance")):
            code = Code.WRONG_TYPE
        else:
            code = Code.OUT_OF_BOUNDS
        way = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"])
        said = item["msg"].removeprefix("Value error, ")
        yield Complaint(code, path + way, f"{said}; this is {brief(item['input'], 80)}")
