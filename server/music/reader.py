"""Turns rows of the catalogue into the records of the contract, for one viewer, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api_client.models.music import Album, AlbumRef, AlbumType, Artist, ArtistRef, AudioFeatures, Restriction, Track
from server.context import RequestContext
from server.music.regions import withheld
from server.tables.music import (
    AlbumRow,
    ArtistFollowRow,
    ArtistRow,
    LibraryItemRow,
    PlayRow,
    TrackArtistRow,
    TrackRow,
)

T = TypeVar("T")

LISTENER_WINDOW = timedelta(days=28)
"""Over which listeners count as monthly."""

CHUNK = 500
"""Ids in one query; SQLite takes a limited number of parameters."""


@dataclass(frozen=True, slots=True)
class CatalogueReader:
    """What `viewer_id` sees of the catalogue at `now`; `picture_url` gives the address of a key of the media store."""

    db: AsyncSession
    viewer_id: str
    now: datetime
    picture_url: Callable[[str], str]

    async def tracks(self, ids: Iterable[str]) -> dict[str, Track]:
        """Return the tracks among `ids` that exist, by id."""
        found: dict[str, Track] = {}
        for part in chunks(list(dict.fromkeys(ids))):
            artists = await self._artists_of_tracks(part)
            elsewhere = await withheld(self.db, self.viewer_id, part)
            saved = self._saved_as("tracks", TrackRow.id)
            query = (
                select(TrackRow, AlbumRow.title, AlbumRow.cover_key, AlbumRow.release_date, LibraryItemRow.item_id)
                .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
                .outerjoin(LibraryItemRow, saved)
                .where(TrackRow.id.in_(part))
            )
            for row, title, cover_key, release_date, saved_id in await self.db.execute(query):
                names = artists[row.id]
                restriction = restriction_of(row, release_date, self.now, row.id in elsewhere)
                found[row.id] = Track(
                    id=row.id,
                    title=row.title,
                    duration_ms=row.duration_ms,
                    explicit=row.explicit,
                    track_number=row.track_number,
                    disc_number=row.disc_number,
                    album=AlbumRef(id=row.album_id, title=title, cover_url=self.picture(cover_key)),
                    artist=names[0] if names else None,
                    artists=names,
                    stream_count=row.stream_count,
                    isrc=row.isrc,
                    audio_features=AudioFeatures(**row.audio_features) if row.audio_features else None,
                    is_playable=restriction is None,
                    restriction=restriction,
                    available_from=release_date if restriction is Restriction.NOT_OUT else None,
                    is_saved=saved_id is not None,
                )
        return found

    async def albums(self, ids: Iterable[str]) -> dict[str, Album]:
        """Return the albums among `ids` that exist, by id, without their tracks."""
        found: dict[str, Album] = {}
        for part in chunks(list(dict.fromkeys(ids))):
            query = (
                select(AlbumRow, ArtistRow.name, LibraryItemRow.item_id)
                .join(ArtistRow, ArtistRow.id == AlbumRow.artist_id)
                .outerjoin(LibraryItemRow, self._saved_as("albums", AlbumRow.id))
                .where(AlbumRow.id.in_(part))
            )
            for row, artist_name, saved_id in await self.db.execute(query):
                found[row.id] = Album(
                    id=row.id,
                    artist=ArtistRef(id=row.artist_id, name=artist_name),
                    title=row.title,
                    album_type=AlbumType(row.album_type),
                    release_date=row.release_date,
                    total_tracks=row.total_tracks,
                    cover_url=self.picture(row.cover_key),
                    label=row.label,
                    copyrights=row.copyrights or [],
                    is_saved=saved_id is not None,
                )
        return found

    async def artists(self, ids: Iterable[str]) -> dict[str, Artist]:
        """Return the artists among `ids` that exist, by id."""
        found: dict[str, Artist] = {}
        for part in chunks(list(dict.fromkeys(ids))):
            listeners = await self._listeners(part)
            query = (
                select(ArtistRow, ArtistFollowRow.user_id)
                .outerjoin(
                    ArtistFollowRow,
                    and_(ArtistFollowRow.artist_id == ArtistRow.id, ArtistFollowRow.user_id == self.viewer_id),
                )
                .where(ArtistRow.id.in_(part))
            )
            for row, follower in await self.db.execute(query):
                found[row.id] = Artist(
                    id=row.id,
                    name=row.name,
                    verified=row.verified,
                    monthly_listeners=row.audience_base + listeners.get(row.id, 0),
                    genres=row.genres or [],
                    image_url=self.picture(row.image_key),
                    is_followed=follower is not None,
                )
        return found

    def picture(self, key: str | None) -> str | None:
        """Return the address of a picture, None for none."""
        return self.picture_url(key) if key else None

    async def _artists_of_tracks(self, ids: Sequence[str]) -> dict[str, list[ArtistRef]]:
        names: dict[str, list[ArtistRef]] = defaultdict(list)
        query = (
            select(TrackArtistRow.track_id, ArtistRow.id, ArtistRow.name, TrackArtistRow.is_primary)
            .join(ArtistRow, ArtistRow.id == TrackArtistRow.artist_id)
            .where(TrackArtistRow.track_id.in_(ids))
            .order_by(TrackArtistRow.is_primary.desc(), TrackArtistRow.place)
        )
        for track_id, artist_id, name, is_primary in await self.db.execute(query):
            names[track_id].append(ArtistRef(id=artist_id, name=name, is_primary=is_primary))
        return names

    async def _listeners(self, ids: Sequence[str]) -> dict[str, int]:
        query = (
            select(TrackArtistRow.artist_id, func.count(PlayRow.user_id.distinct()))
            .join(PlayRow, PlayRow.track_id == TrackArtistRow.track_id)
            .where(TrackArtistRow.artist_id.in_(ids), PlayRow.counted, PlayRow.played_at > self.now - LISTENER_WINDOW)
            .group_by(TrackArtistRow.artist_id)
        )
        return {row[0]: row[1] for row in await self.db.execute(query)}

    def _saved_as(self, kind: str, item_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        return and_(
            LibraryItemRow.user_id == self.viewer_id,
            LibraryItemRow.kind == kind,
            LibraryItemRow.item_id == item_id,
        )


def reader_for(ctx: RequestContext) -> CatalogueReader:
    """Return the catalogue as the user of the request sees it."""
    return CatalogueReader(ctx.db, ctx.user_id, ctx.now, ctx.state.media.url)


def restriction_of(
    track: TrackRow, release_date: str | None, now: datetime, elsewhere: bool = False
) -> Restriction | None:
    """Return why a track cannot be played, None if it can; a date that is known in part counts from its beginning.

    `elsewhere` says that it may be heard in other countries only.
    """
    if not track.is_available or track.audio_key is None:
        return Restriction.NO_AUDIO
    if not is_out(release_date, now):
        return Restriction.NOT_OUT
    return Restriction.REGION if elsewhere else None


def is_out(release_date: str | None, now: datetime) -> bool:
    """Whether a release dated `YYYY`, `YYYY-MM` or `YYYY-MM-DD` is out, at midnight UTC."""
    return release_date is None or release_date <= now.date().isoformat()


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Split `ids` into pieces that fit one query."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def ordered(ids: Iterable[str], found: dict[str, T]) -> list[T]:
    """Return what was found, in the order of `ids`."""
    return [found[one] for one in ids if one in found]
