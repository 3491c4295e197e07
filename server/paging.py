"""Pages of lists: how many, and where the next one starts."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query

from server.problems import Problem, invalid

T = TypeVar("T")

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 100

Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT, description="Items on a page.")]
"""Items on a page; give it the default `DEFAULT_LIMIT`."""

Cursor = Annotated[str | None, Query(max_length=512, description="`nextCursor` of the page before.")]
"""Where a page starts; opaque to clients. Give it the default None."""

_INTEGER_BOUND = 2**63


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page of a list; `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None = None
    rendered: str | None = None
    """The items as JSON, where the database has written them; `items` is empty then."""


def encode_cursor(*values: str | int | float) -> str:
    """Return the values as an opaque cursor."""
    packed = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(cursor: str, *types: type) -> tuple[Any, ...]:
    """Return the values of a cursor made by `encode_cursor`.

    With `types` given, there must be exactly one value of each. Raises Problem VALIDATION_ERROR for anything else, so
    that a made-up cursor never reaches a query.
    """
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(values, list) or not all(_plain(value) for value in values):
        raise _bad_cursor()
    if types and [type(value) for value in values] != list(types):
        raise _bad_cursor()
    return tuple(values)


def _plain(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -_INTEGER_BOUND <= value < _INTEGER_BOUND
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _bad_cursor() -> Problem:
    return invalid("cursor", "This cursor does not belong to this list.")
