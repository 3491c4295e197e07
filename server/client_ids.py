"""Ids that clients make: whoever creates the same thing again is given what exists."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.db import Base
from server.problems import Problem
from server.tables.users import ClientIdRow

Kind = Literal[
    "photo", "thread", "comment", "story", "conversation", "message", "playlist", "folder", "project", "track", "clip",
]  # fmt: skip


async def is_repetition(
    db: AsyncSession, author_id: str, kind: Kind, record_id: str | None, now: datetime, *tables: type[Base]
) -> bool:
    """Whether the author has made a `kind` with this id before; if not, the id is theirs from now on.

    Must run in a writing session. None, where the platform makes the id, is never a repetition. Raises Problem
    DUPLICATE where the id belongs to somebody else, to another kind of record, or to a row of `tables`.
    """
    if record_id is None:
        return False
    known = await db.get(ClientIdRow, record_id)
    if known is not None:
        if (known.kind, known.author_id) != (kind, author_id):
            raise taken()
        return True
    for table in tables:
        if await db.get(table, record_id) is not None:
            raise taken()
    db.add(ClientIdRow(id=record_id, kind=kind, author_id=author_id, created_at=now))
    await db.flush()
    return False


def taken() -> Problem:
    """Return the refusal of an id that is in use for something else."""
    return Problem(ErrorCode.DUPLICATE, "This id is taken.")
