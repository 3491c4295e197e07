"""Lists of the catalogue by id: albums and top tracks of an artist, tracks of an album, the shelves of the home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, tuple_

from api_client.models.music import Album, HomeShelf, Track
from server.music.reader import CatalogueReader, ordered
from server.paging import Listing, decode_cursor, encode_cursor
from server.tables.music import (
    AlbumRow,
    ArtistFollowRow,
    ArtistRow,
    PlayRow,
    TrackArtistRow,
    TrackRow,
)

SHELF_LENGTH = 12
TASTE_WINDOW = timedelta(days=90)
"""How far back the artists for a listener are taken from."""


async def albums_of(reader: CatalogueReader, artist_id: str, limit: int, cursor: str | None) -> Listing[Album]:
    """Return an artist's releases, the newest first."""
    dated = func.coalesce(AlbumRow.release_date, "")
    query = select(AlbumRow.id, dated).where(AlbumRow.artist_id == artist_id, AlbumRow.total_tracks > 0)
    if cursor is not None:
        query = query.where(tuple_(dated, AlbumRow.id) < tuple_(*decode_cursor(cursor, str, str)))
    query = query.order_by(dated.desc(), AlbumRow.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in await reader.db.execute(query)]
    more = encode_cursor(rows[limit - 1][1], rows[limit - 1][0]) if len(rows) > limit else None
    ids = [album_id for album_id, _ in rows[:limit]]
    return Listing(ordered(ids, await reader.albums(ids)), more)


async def top_tracks_of(reader: CatalogueReader, artist_id: str, limit: int, cursor: str | None) -> Listing[Track]:
    """Return an artist's tracks, the most played first."""
    query = (
        select(TrackRow.id, TrackRow.stream_count)
        .join(TrackArtistRow, TrackArtistRow.track_id == TrackRow.id)
        .where(TrackArtistRow.artist_id == artist_id, TrackRow.is_available)
    )
    if cursor is not None:
        place = tuple_(TrackRow.stream_count, TrackRow.id)
        query = query.where(place < tuple_(*decode_cursor(cursor, int, str)))
    query = query.order_by(TrackRow.stream_count.desc(), TrackRow.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in await reader.db.execute(query)]
    more = encode_cursor(rows[limit - 1][1], rows[limit - 1][0]) if len(rows) > limit else None
    ids = [track_id for track_id, _ in rows[:limit]]
    return Listing(ordered(ids, await reader.tracks(ids)), more)


async def tracks_of_album(reader: CatalogueReader, album_id: str) -> list[Track]:
    """Return the tracks of a release in the order of discs and numbers."""
    query = (
        select(TrackRow.id)
        .where(TrackRow.album_id == album_id, TrackRow.is_available)
        .order_by(TrackRow.disc_number, TrackRow.track_number, TrackRow.title, TrackRow.id)
    )
    ids = list(await reader.db.scalars(query))
    return ordered(ids, await reader.tracks(ids))


@dataclass(frozen=True, slots=True)
class HomeShelves:
    """The shelves that come from the catalogue and from what the viewer has heard; empty ones are left out."""

    reader: CatalogueReader

    async def recently_played(self) -> list[HomeShelf]:
        """What was heard last, each track once."""
        last = func.max(PlayRow.played_at)
        query = (
            select(PlayRow.track_id)
            .where(PlayRow.user_id == self.reader.viewer_id)
            .group_by(PlayRow.track_id)
            .order_by(last.desc())
            .limit(SHELF_LENGTH)
        )
        ids = list(await self.reader.db.scalars(query))
        tracks = ordered(ids, await self.reader.tracks(ids))
        return [HomeShelf(id="recently-played", title="Recently played", tracks=tracks)] if tracks else []

    async def new_releases(self) -> list[HomeShelf]:
        """The newest releases that are out."""
        today = self.reader.now.date().isoformat()
        query = (
            select(AlbumRow.id)
            .where(AlbumRow.release_date <= today, AlbumRow.total_tracks > 0)
            .order_by(AlbumRow.release_date.desc(), AlbumRow.id.desc())
            .limit(SHELF_LENGTH)
        )
        ids = list(await self.reader.db.scalars(query))
        albums = ordered(ids, await self.reader.albums(ids))
        return [HomeShelf(id="new-releases", title="New releases", albums=albums)] if albums else []

    async def popular_tracks(self) -> list[HomeShelf]:
        """What everybody plays most."""
        query = (
            select(TrackRow.id)
            .where(TrackRow.is_available)
            .order_by(TrackRow.stream_count.desc(), TrackRow.id.desc())
            .limit(SHELF_LENGTH)
        )
        ids = list(await self.reader.db.scalars(query))
        tracks = ordered(ids, await self.reader.tracks(ids))
        return [HomeShelf(id="popular-tracks", title="Popular tracks", tracks=tracks)] if tracks else []

    async def artists_for_you(self) -> list[HomeShelf]:
        """Artists the viewer does not follow: those heard most lately, then those most people listen to."""
        followed = select(ArtistFollowRow.artist_id).where(ArtistFollowRow.user_id == self.reader.viewer_id)
        heard = (
            select(TrackArtistRow.artist_id)
            .join(PlayRow, PlayRow.track_id == TrackArtistRow.track_id)
            .where(
                PlayRow.user_id == self.reader.viewer_id,
                PlayRow.played_at > self.reader.now - TASTE_WINDOW,
                TrackArtistRow.artist_id.not_in(followed),
            )
            .group_by(TrackArtistRow.artist_id)
            .order_by(func.sum(PlayRow.listened_ms).desc(), TrackArtistRow.artist_id)
            .limit(SHELF_LENGTH)
        )
        ids: list[str] = list(await self.reader.db.scalars(heard))
        if len(ids) < SHELF_LENGTH:
            ids += await self._loved_by_many(ids)
        artists = ordered(ids[:SHELF_LENGTH], await self.reader.artists(ids))
        return [HomeShelf(id="artists-for-you", title="Artists for you", artists=artists)] if artists else []

    async def _loved_by_many(self, known: Sequence[str]) -> list[str]:
        followed = select(ArtistFollowRow.artist_id).where(ArtistFollowRow.user_id == self.reader.viewer_id)
        streams = (
            select(TrackArtistRow.artist_id, func.sum(TrackRow.stream_count).label("streams"))
            .join(TrackRow, TrackRow.id == TrackArtistRow.track_id)
            .where(TrackRow.is_available)
            .group_by(TrackArtistRow.artist_id)
            .subquery()
        )
        query = (
            select(ArtistRow.id)
            .join(streams, streams.c.artist_id == ArtistRow.id)
            .where(ArtistRow.id.not_in(followed), ArtistRow.id.not_in(known))
            .order_by(ArtistRow.audience_base.desc(), streams.c.streams.desc(), ArtistRow.id)
            .limit(SHELF_LENGTH)
        )
        return list(await self.reader.db.scalars(query))
