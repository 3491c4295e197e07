"""A small catalogue for tests: two artists, three releases, nine tracks."""

from __future__ import annotations

from datetime import datetime

from server.db import Database
from server.tables.music import AlbumRow, ArtistRow, LyricsRow, TrackArtistRow, TrackRow

CREATED = datetime.fromisoformat("2025-12-01T00:00:00+00:00")
TRACKS = [f"t{number}" for number in range(1, 10)]


async def seed_catalogue(database: Database) -> None:
    """Write the catalogue: album `al1` on two discs, single `al2`, and `al3`, which is not out before 2026-02-01."""
    async with database.writing() as db:
        db.add(
            ArtistRow(
                id="ar1",
                name="Sigur Rós",
                name_key="sigur ros",
                verified=True,
                genres=["post-rock"],
                audience_base=100,
                image_key="covers/ros.png",
                created_at=CREATED,
            )
        )
        db.add(ArtistRow(id="ar2", name="AC/DC", name_key="ac/dc", genres=["rock"], created_at=CREATED))
        await db.flush()
        _album(
            db, "al1", "Ágætis byrjun", "2025-06-12", 7, cover="covers/one.jpg", label="Fat Cat", copyrights=["℗ 1999"]
        )
        _album(db, "al2", "Thunder", "2025-11", 1, artist="ar2", kind="single")
        _album(db, "al3", "Tomorrow", "2026-02-01", 1)
        await db.flush()
        for number, track_id in enumerate(TRACKS, start=1):
            album = "al1" if number <= 7 else "al2" if number == 8 else "al3"
            db.add(
                TrackRow(
                    id=track_id,
                    album_id=album,
                    title=f"Song {number}" if number != 8 else "Thunderstruck",
                    duration_ms=200_000 + number,
                    disc_number=2 if number in (1, 2) else 1,
                    track_number=number if number <= 7 else 1,
                    stream_count=number * 10,
                    explicit=number == 8,
                    isrc=f"ISABC25{number:05}",
                    audio_features={"tempo": 120.0, "energy": 0.5},
                    audio_key=f"demo/song-{number}",
                    created_at=CREATED,
                )
            )
            await db.flush()
            main = "ar2" if number == 8 else "ar1"
            db.add(TrackArtistRow(track_id=track_id, artist_id=main, is_primary=True, place=0))
        db.add(TrackArtistRow(track_id="t1", artist_id="ar2", is_primary=False, place=1))
        db.add(
            LyricsRow(track_id="t1", synced=True, lines=[{"timeMs": 500, "text": "Hums"}, {"timeMs": 900, "text": ""}])
        )


def _album(db, album_id, title, date, count, *, artist="ar1", kind="album", cover=None, label=None, copyrights=()):  # type: ignore[no-untyped-def]
    db.add(
        AlbumRow(
            id=album_id,
            artist_id=artist,
            title=title,
            release_date=date,
            album_type=kind,
            total_tracks=count,
            cover_key=cover,
            label=label,
            copyrights=list(copyrights),
            created_at=CREATED,
        )
    )
