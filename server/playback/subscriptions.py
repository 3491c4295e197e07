"""Songs on the socket: the version of a song is how often it was streamed."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from server.realtime.rules import allow
from server.tables.music import TrackRow
from server.tables.users import UserRow


async def _may_read(session: AsyncSession, _user: UserRow, track_id: str) -> bool:
    return await session.get(TrackRow, track_id) is not None


async def _version(session: AsyncSession, track_id: str) -> int:
    track = await session.get(TrackRow, track_id)
    return track.stream_count if track is not None else 0


def register() -> None:
    """Open the keys `songs:{id}` to everybody."""
    allow("songs", _may_read, _version)
