"""Keyset conditions and cursors for lists ordered by time and id, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from server.db import from_micros, micros
from server.paging import decode_cursor, encode_cursor
from server.problems import invalid

Position = tuple[datetime, str]
"""Where a page begins: strictly behind this moment and id."""


def position(cursor: str | None) -> Position | None:
    """Return the position a cursor stands for, None at the start; raises Problem VALIDATION_ERROR for a made-up one."""
    if cursor is None:
        return None
    moment, item_id = decode_cursor(cursor, int, str)
    try:
        return from_micros(moment), item_id
    except OverflowError:
        raise invalid("cursor", "This cursor does not belong to this list.") from None


def cursor_at(moment: datetime, item_id: str) -> str:
    """Return the cursor behind an item."""
    return encode_cursor(micros(moment), item_id)


def behind(
    time: InstrumentedAttribute[datetime] | ColumnElement[Any],
    item_id: InstrumentedAttribute[str] | ColumnElement[Any],
    start: Position | None,
) -> ColumnElement[bool]:
    """Return the condition for rows behind `start` in an order of newest first, ties by descending id.

    The outer comparison is redundant, and is what lets the database seek in an index that begins with `time`.
    """
    if start is None:
        return true()
    moment, last_id = start
    return and_(time <= moment, or_(time < moment, item_id < last_id))
