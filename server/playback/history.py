"""The listening history as a list."""

from __future__ import annotations

from sqlalchemy import select, tuple_

from api_client.models.music import Play
from server.db import from_micros, micros
from server.music.reader import CatalogueReader
from server.paging import Listing, decode_cursor, encode_cursor
from server.playback.stats import Span
from server.tables.music import PlayRow


async def history_of(
    reader: CatalogueReader, limit: int, cursor: str | None, during: Span | None = None
) -> Listing[Play]:
    """Return what the viewer has listened to, all of it or that of some days, the last first."""
    query = select(PlayRow).where(PlayRow.user_id == reader.viewer_id)
    if during is not None:
        query = query.where(during.during())
    if cursor is not None:
        played, play_id = decode_cursor(cursor, int, str)
        query = query.where(tuple_(PlayRow.played_at, PlayRow.id) < (from_micros(played), play_id))
    query = query.order_by(PlayRow.played_at.desc(), PlayRow.id.desc()).limit(limit + 1)
    rows = list(await reader.db.scalars(query))
    more = encode_cursor(micros(rows[limit - 1].played_at), rows[limit - 1].id) if len(rows) > limit else None
    tracks = await reader.tracks(row.track_id for row in rows[:limit])
    plays = [
        Play(
            id=row.id,
            track=tracks[row.track_id],
            played_at=row.played_at,
            listened_ms=row.listened_ms,
            completed=row.completed,
            skipped=row.skipped,
            context_type=row.context_type,
            context_id=row.context_id,
        )
        for row in rows[:limit]
    ]
    return Listing(plays, more)
