"""Playlists on the socket: who may follow which."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from server.playlists.access import standing
from server.realtime.rules import allow
from server.tables.music import PlaylistRow
from server.tables.users import UserRow


async def _may_read(session: AsyncSession, user: UserRow, playlist_id: str) -> bool:
    playlist = await session.get(PlaylistRow, playlist_id)
    return playlist is not None and (await standing(session, playlist, user.id)).may_read


async def _version(session: AsyncSession, playlist_id: str) -> int:
    playlist = await session.get(PlaylistRow, playlist_id)
    return playlist.version if playlist is not None else 0


def register() -> None:
    """Open the keys `playlists:{id}` to those who may read the playlist."""
    allow("playlists", _may_read, _version)
