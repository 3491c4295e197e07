"""Writes songs of a music folder into the catalogue: finds or makes their artists, albums and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Integer, cast, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.db import new_id
from server.music.naming import VARIOUS_ARTISTS, Song
from server.music.repair import folded
from server.music.tags import FileFacts
from server.tables.music import AlbumRow, ArtistRow, LyricsRow, MusicFileRow, TrackArtistRow, TrackRow

GENRE_LIMIT = 100
AT_ONCE = 500
"""Ids in one query; SQLite takes a limited number of parameters."""


@dataclass
class CatalogueWriter:
    """One run over a folder; ids found once are remembered, so that a new file costs no queries."""

    now: datetime
    artists: dict[str, str] = field(default_factory=dict)
    albums: dict[str, str] = field(default_factory=dict)
    touched_albums: set[str] = field(default_factory=set)
    touched_artists: set[str] = field(default_factory=set)
    behind: list[TrackArtistRow | LyricsRow] = field(default_factory=list)
    """What refers to tracks that are not written yet."""
    files: list[tuple[MusicFileRow, str]] = field(default_factory=list)
    """Files with the tracks made from them; the same holds for them."""

    async def put(self, db: AsyncSession, file: MusicFileRow, facts: FileFacts, song: Song) -> TrackRow:
        """Make or change the track of `file`, of which `flush` writes the rest; returns it."""
        artist_ids = [await self._artist(db, name, facts.genres) for name in song.artists]
        album_id = await self._album(db, song, facts, artist_ids[0])
        track = await db.get(TrackRow, file.track_id) if file.track_id else None
        if track is None:
            track = TrackRow(id=new_id(), created_at=self.now)
            db.add(track)
        else:
            self.touched_albums.add(track.album_id)
            await self._forget(db, track.id)
        track.album_id = album_id
        track.title = song.title
        track.duration_ms = facts.duration_ms
        track.track_number = song.track_number
        track.disc_number = song.disc_number
        track.explicit = facts.explicit
        track.isrc = facts.isrc
        track.genre = facts.genres[0][:GENRE_LIMIT] if facts.genres else None
        track.audio_key = f"file/{file.id}"
        track.is_available = True
        for place, artist_id in enumerate(dict.fromkeys(artist_ids)):
            row = TrackArtistRow(track_id=track.id, artist_id=artist_id, is_primary=place == 0, place=place)
            self.behind.append(row)
        if facts.words is not None:
            self.behind.append(LyricsRow(track_id=track.id, synced=facts.words.synced, lines=facts.words.rows()))
        self.files.append((file, track.id))
        return track

    async def flush(self, db: AsyncSession) -> None:
        """Write what `put` has made since the last time: tracks, then what refers to them, in a few statements."""
        await db.flush()
        db.add_all(self.behind)
        for file, track_id in self.files:
            file.track_id = track_id
            db.add(file)
        self.behind, self.files = [], []
        await db.flush()

    async def finish(self, db: AsyncSession) -> None:
        """Bring the touched albums in line with the tracks they have now, and drop what nothing refers to any more."""
        touched = sorted(self.touched_albums)
        for start in range(0, len(touched), AT_ONCE):
            await self._settle(db, touched[start : start + AT_ONCE])
        await db.flush()
        for artist_id in sorted(self.touched_artists):
            on_tracks = select(TrackArtistRow.track_id).where(TrackArtistRow.artist_id == artist_id)
            on_albums = select(AlbumRow.id).where(AlbumRow.artist_id == artist_id)
            if (await db.scalar(on_tracks.limit(1)) or await db.scalar(on_albums.limit(1))) is None:
                await db.execute(delete(ArtistRow).where(ArtistRow.id == artist_id))

    async def withdraw(self, db: AsyncSession, track_id: str) -> None:
        """Mark a track whose file is gone; it stays in playlists and comes back with its file."""
        track = await db.get(TrackRow, track_id)
        if track is not None:
            track.is_available = False
            self.touched_albums.add(track.album_id)

    async def _artist(self, db: AsyncSession, name: str, genres: tuple[str, ...]) -> str:
        key = folded(name)[:255] or name[:255]
        if key not in self.artists:
            row = await db.scalar(select(ArtistRow).where(ArtistRow.name_key == key).limit(1))
            if row is None:
                row = ArtistRow(id=new_id(), name=name[:255], name_key=key, genres=list(genres), created_at=self.now)
                db.add(row)
                await db.flush()
            elif not row.genres and genres:
                row.genres = list(genres)
            self.artists[key] = row.id
        return self.artists[key]

    async def _album(self, db: AsyncSession, song: Song, facts: FileFacts, main_artist: str) -> str:
        if song.group_key not in self.albums:
            # First, because to look for somebody writes what is added, and an album has to have an artist then.
            holder = await self._artist(db, song.album_artist, ()) if song.album_artist else main_artist
            row = await db.scalar(select(AlbumRow).where(AlbumRow.group_key == song.group_key))
            if row is None:
                row = AlbumRow(id=new_id(), group_key=song.group_key, created_at=self.now)
                db.add(row)
            row.title = song.album
            row.artist_id = holder
            row.album_type = "single" if song.is_single else "compilation" if song.is_compilation else "album"
            row.release_date = song.date or row.release_date
            row.label = facts.label
            await db.flush()
            self.albums[song.group_key] = row.id
        album_id = self.albums[song.group_key]
        self.touched_albums.add(album_id)
        return album_id

    async def _forget(self, db: AsyncSession, track_id: str) -> None:
        """Take away what was said of a track that is described anew."""
        old = await db.scalars(select(TrackArtistRow.artist_id).where(TrackArtistRow.track_id == track_id))
        self.touched_artists.update(old)
        await db.execute(delete(TrackArtistRow).where(TrackArtistRow.track_id == track_id))
        await db.execute(delete(LyricsRow).where(LyricsRow.track_id == track_id))

    async def _settle(self, db: AsyncSession, album_ids: Sequence[str]) -> None:
        counted = select(TrackRow.album_id, func.count(), func.sum(cast(TrackRow.is_available, Integer)))
        counted = counted.where(TrackRow.album_id.in_(album_ids)).group_by(TrackRow.album_id)
        counts = {album_id: (every, there) for album_id, every, there in await db.execute(counted)}
        query = select(AlbumRow).where(AlbumRow.id.in_(album_ids)).execution_options(populate_existing=True)
        albums = list(await db.scalars(query))
        alone = [album.id for album in albums if (album.group_key or "").startswith("folder:")]
        mains = await self._mains(db, alone)
        for album in albums:
            every, there = counts.get(album.id, (0, 0))
            if not every:
                self.touched_artists.add(album.artist_id)
                await db.delete(album)
                continue
            album.total_tracks = there
            if album.id in mains:
                # No tag names the album's artist: it is that of its tracks if they agree, and otherwise a collection.
                first, last = mains[album.id]
                self.touched_artists.add(album.artist_id)
                album.artist_id = first if first == last else await self._artist(db, VARIOUS_ARTISTS, ())
                album.album_type = "album" if first == last else "compilation"

    async def _mains(self, db: AsyncSession, album_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return two main artists of the tracks of each album, which are the same where there is only one."""
        found = (
            select(TrackRow.album_id, func.min(TrackArtistRow.artist_id), func.max(TrackArtistRow.artist_id))
            .join(TrackArtistRow, TrackRow.id == TrackArtistRow.track_id)
            .where(TrackRow.album_id.in_(album_ids), TrackArtistRow.is_primary)
            .group_by(TrackRow.album_id)
        )
        return {album_id: (first, last) for album_id, first, last in await db.execute(found)}
