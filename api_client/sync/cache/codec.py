"""Models to bytes and back, with whatever a damaged or foreign file may hold in mind."""

from __future__ import annotations

import json
import re
import zlib
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from api_client.text import clean, clean_tree

_HALVES = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=512)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def packed(value: Any) -> bytes | None:
    """Return a model, or what consists of models and JSON, as JSON; None where JSON or UTF-8 has no form for it."""
    try:
        return to_json(value, by_alias=True)
    except (PydanticSerializationError, ValueError):
        return None


def storable(name: str) -> bool:
    """Return whether `name` can be a key: half a character cannot be stored."""
    return name.isascii() or _HALVES.search(name) is None


def unpacked(payload: bytes, kind: Any) -> Any:
    """Return what `packed` was given, as a `kind`; None if it cannot be read as one.

    What was stored had been cleaned. A file may have been written by something else, so that is made sure of.
    """
    adapter = _adapter(kind)
    try:
        text = payload.decode()
        if "\\u" not in text and clean(text) == text:
            return adapter.validate_json(text)
        return adapter.validate_python(clean_tree(json.loads(text)))
    except (ValueError, RecursionError):
        return None


def as_kind(value: Any, kind: Any) -> Any:
    """Return a value that is not stored yet as a `kind`, as it would be read from the file; None if it is none."""
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError:
        payload = packed(value)
        return None if payload is None else unpacked(payload, kind)


def checksum(name: str, version: int | None, payload: bytes) -> int:
    """Return what tells a row that a disk has changed from one that we have written."""
    return zlib.crc32(payload, zlib.crc32(f"{name}\n{version}".encode()))
