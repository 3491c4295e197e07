"""The order of a playlist: positions 1..n without a gap, kept by every change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.problems import Problem, invalid
from server.tables.music import PlaylistTrackRow


async def add(
    db: AsyncSession, playlist_id: str, track_id: str, user_id: str, now: datetime, position: int | None = None
) -> bool:
    """Put a track at the end, or at `position` from 1 where the list is that long.

    False, and nothing changes, where it stands in the playlist already.
    """
    if await db.get(PlaylistTrackRow, (playlist_id, track_id)) is not None:
        return False
    last = select(func.max(PlaylistTrackRow.position)).where(PlaylistTrackRow.playlist_id == playlist_id)
    end = (await db.scalar(last) or 0) + 1
    place = end if position is None else min(position, end)
    if place < end:
        await _shift(db, playlist_id, place, None, +1)
    db.add(PlaylistTrackRow(playlist_id=playlist_id, track_id=track_id, position=place, added_by=user_id, added_at=now))
    await db.flush()
    return True


async def take_out(db: AsyncSession, playlist_id: str, track_id: str) -> bool:
    """Remove a track and close the gap; False where it does not stand in the playlist."""
    entry = await db.get(PlaylistTrackRow, (playlist_id, track_id))
    if entry is None:
        return False
    position = entry.position
    await db.execute(delete(PlaylistTrackRow).where(_entry(playlist_id, track_id)))
    await _shift(db, playlist_id, position + 1, None, -1)
    return True


async def move(db: AsyncSession, playlist_id: str, track_id: str, start: int, end: int) -> bool:
    """Move the track at position `start` so that it stands at `end`, both from 1; False where it stands there already.

    So a move that is asked for again, because its answer was lost, is carried out once. Raises Problem
    VALIDATION_ERROR for a position beyond the last, and CONFLICT where the track stands at neither of the two: the list
    has changed since the client saw it.
    """
    count = await db.scalar(select(func.count()).where(PlaylistTrackRow.playlist_id == playlist_id)) or 0
    entry = await db.get(PlaylistTrackRow, (playlist_id, track_id), populate_existing=True)
    if entry is None or entry.position not in (start, end):
        raise Problem(ErrorCode.CONFLICT, "The playlist has changed: this track stands elsewhere by now.")
    if end > count:
        raise invalid("toPosition", f"The playlist has {count} tracks.")
    if entry.position == end:
        return False
    if start < end:
        await _shift(db, playlist_id, start + 1, end, -1)
    else:
        await _shift(db, playlist_id, end, start - 1, +1)
    await db.execute(update(PlaylistTrackRow).where(_entry(playlist_id, track_id)).values(position=end))
    return True


def _entry(playlist_id: str, track_id: str) -> ColumnElement[bool]:
    return and_(PlaylistTrackRow.playlist_id == playlist_id, PlaylistTrackRow.track_id == track_id)


async def _shift(db: AsyncSession, playlist_id: str, first: int, last: int | None, by: int) -> None:
    query = update(PlaylistTrackRow).where(
        PlaylistTrackRow.playlist_id == playlist_id, PlaylistTrackRow.position >= first
    )
    if last is not None:
        query = query.where(PlaylistTrackRow.position <= last)
    await db.execute(query.values(position=PlaylistTrackRow.position + by))
