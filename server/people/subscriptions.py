"""Who may follow changes of a profile: everybody who is signed in, because everybody may see it."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.realtime.rules import allow
from server.tables.users import UserRow


async def _exists(db: AsyncSession, _reader: UserRow, name: str) -> bool:
    return bool(await _version(db, name))


async def _version(db: AsyncSession, name: str) -> int:
    # No name is as long as an id, so that one is never taken for the other.
    query = select(UserRow.version).where(or_(UserRow.id == name, UserRow.username == name))
    return await db.scalar(query) or 0


def register() -> None:
    """Open `users:{id}`, and the same by name, `users:{username}`, to subscribers."""
    allow("users", _exists, _version)
