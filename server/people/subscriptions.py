"""Who may follow changes of a profile: everybody who is signed in, because everybody may see it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.realtime.rules import allow
from server.tables.users import UserRow


async def _exists(db: AsyncSession, _reader: UserRow, user_id: str) -> bool:
    return await db.scalar(select(UserRow.id).where(UserRow.id == user_id)) is not None


async def _version(db: AsyncSession, user_id: str) -> int:
    return await db.scalar(select(UserRow.version).where(UserRow.id == user_id)) or 0


def register() -> None:
    """Open `users:{id}` to subscribers."""
    allow("users", _exists, _version)
