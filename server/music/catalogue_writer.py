"""Writes songs of a music folder into the catalogue: finds or makes their artists, albums and tracks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.db import new_id
from server.music.naming import VARIOUS_ARTISTS, Song
from server.music.repair import folded
from server.music.tags import FileFacts
from server.music.words import Words
from server.tables.music import AlbumRow, ArtistRow, LyricsRow, MusicFileRow, TrackArtistRow, TrackRow

GENRE_LIMIT = 100


@dataclass
class CatalogueWriter:
    """One run over a folder; ids found once are remembered, so that a new file costs no queries."""

    now: datetime
    artists: dict[str, str] = field(default_factory=dict)
    albums: dict[str, str] = field(default_factory=dict)
    touched_albums: set[str] = field(default_factory=set)
    touched_artists: set[str] = field(default_factory=set)

    async def put(self, db: AsyncSession, file: MusicFileRow, facts: FileFacts, song: Song) -> TrackRow:
        """Make or change the track of `file`; returns it."""
        artist_ids = [await self._artist(db, name, facts.genres) for name in song.artists]
        album_id = await self._album(db, song, facts, artist_ids[0])
        track = await db.get(TrackRow, file.track_id) if file.track_id else None
        if track is None:
            track = TrackRow(id=new_id(), created_at=self.now)
            db.add(track)
        else:
            self.touched_albums.add(track.album_id)
            await self._forget_artists(db, track.id)
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
        await db.flush()
        for place, artist_id in enumerate(dict.fromkeys(artist_ids)):
            row = TrackArtistRow(track_id=track.id, artist_id=artist_id, is_primary=place == 0, place=place)
            db.add(row)
        file.track_id = track.id
        await self._put_words(db, track.id, facts.words)
        return track

    async def finish(self, db: AsyncSession) -> None:
        """Bring the touched albums in line with the tracks they have now, and drop what nothing refers to any more."""
        for album_id in sorted(self.touched_albums):
            await self._settle(db, album_id)
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

    async def _put_words(self, db: AsyncSession, track_id: str, words: Words | None) -> None:
        row = await db.get(LyricsRow, track_id)
        if words is None:
            if row is not None:
                await db.delete(row)
            return
        if row is None:
            row = LyricsRow(track_id=track_id)
            db.add(row)
        row.synced, row.lines = words.synced, words.rows()

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

    async def _forget_artists(self, db: AsyncSession, track_id: str) -> None:
        old = await db.scalars(select(TrackArtistRow.artist_id).where(TrackArtistRow.track_id == track_id))
        self.touched_artists.update(old)
        await db.execute(delete(TrackArtistRow).where(TrackArtistRow.track_id == track_id))

    async def _settle(self, db: AsyncSession, album_id: str) -> None:
        album = await db.get(AlbumRow, album_id, populate_existing=True)
        if album is None:
            return
        every = select(func.count()).select_from(TrackRow).where(TrackRow.album_id == album_id)
        if not await db.scalar(every):
            self.touched_artists.add(album.artist_id)
            await db.delete(album)
            return
        album.total_tracks = await db.scalar(every.where(TrackRow.is_available)) or 0
        if album.group_key is None or not album.group_key.startswith("folder:"):
            return
        # No tag names the album's artist: it is that of its tracks if they agree, and otherwise a collection.
        mains = list(
            await db.scalars(
                select(TrackArtistRow.artist_id)
                .join(TrackRow, TrackRow.id == TrackArtistRow.track_id)
                .where(TrackRow.album_id == album_id, TrackArtistRow.is_primary)
                .distinct()
                .limit(2)
            )
        )
        agreed = len(mains) == 1
        self.touched_artists.add(album.artist_id)
        album.artist_id = mains[0] if agreed else await self._artist(db, VARIOUS_ARTISTS, ())
        album.album_type = "album" if agreed else "compilation"
