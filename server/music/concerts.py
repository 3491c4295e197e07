"""Concerts to come: of one artist, and of those that a listener follows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, select, tuple_

from api_client.models.catalogue import Concert
from api_client.models.music import ArtistRef
from server.db import from_micros, micros
from server.music.reader import CatalogueReader
from server.paging import Listing, decode_cursor, encode_cursor
from server.tables.catalogue import ConcertRow
from server.tables.music import ArtistFollowRow, ArtistRow

LATE = timedelta(hours=6)
"""For so long after its beginning a concert is still shown."""


async def concerts_of(reader: CatalogueReader, artist_id: str, limit: int, cursor: str | None) -> Listing[Concert]:
    """Return when and where an artist plays, the next concert first."""
    return await _concerts(reader, ConcertRow.artist_id == artist_id, limit, cursor)


async def concerts_of_followed(reader: CatalogueReader, limit: int, cursor: str | None) -> Listing[Concert]:
    """Return when and where the artists play that the viewer follows, the next concert first."""
    followed = select(ArtistFollowRow.artist_id).where(ArtistFollowRow.user_id == reader.viewer_id)
    return await _concerts(reader, ConcertRow.artist_id.in_(followed), limit, cursor)


async def _concerts(
    reader: CatalogueReader, which: ColumnElement[bool], limit: int, cursor: str | None
) -> Listing[Concert]:
    query = (
        select(ConcertRow, ArtistRow.name)
        .join(ArtistRow, ArtistRow.id == ConcertRow.artist_id)
        .where(which, ConcertRow.starts_at > reader.now - LATE)
        .order_by(ConcertRow.starts_at, ConcertRow.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        starts, concert_id = decode_cursor(cursor, int, str)
        query = query.where(tuple_(ConcertRow.starts_at, ConcertRow.id) > (from_micros(starts), concert_id))
    rows = [(row[0], row[1]) for row in await reader.db.execute(query)]
    more = None
    if len(rows) > limit:
        last = rows[limit - 1][0]
        more = encode_cursor(micros(last.starts_at), last.id)
    return Listing(
        [
            Concert(
                id=row.id,
                artist=ArtistRef(id=row.artist_id, name=name),
                venue=row.venue,
                city=row.city,
                country=row.country,
                starts_at=row.starts_at,
                url=row.url,
            )
            for row, name in rows[:limit]
        ],
        more,
    )
