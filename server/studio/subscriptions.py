"""The studio on the socket: whoever may see a project may follow it and everything in it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.realtime.rules import CurrentVersion, MayRead, allow
from server.studio.access import access_to
from server.studio.rows import ROWS, project_of
from server.tables.users import UserRow


def register() -> None:
    """Open the keys `projects:{id}`, `tracks:{id}`, `clips:{id}` and `audio_files:{id}`."""
    for table in ROWS:
        allow(table, _may_read(table), _version(table))


def _may_read(table: str) -> MayRead:
    async def may_read(db: AsyncSession, user: UserRow, record_id: str) -> bool:
        project_id = await project_of(db, table, record_id)
        return project_id is not None and bool(await access_to(db, user.id, [project_id]))

    return may_read


def _version(table: str) -> CurrentVersion:
    async def version(db: AsyncSession, record_id: str) -> int:
        return await db.scalar(select(ROWS[table].version).where(ROWS[table].id == record_id)) or 0

    return version
