"""Reading music folders: catalogue, covers, broken files, changes, links, and streaming what was found."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import mutagen
import pytest
from sqlalchemy import select

from server.clock import ManualClock
from server.db import Database
from server.media import MediaStore
from server.music.scan import MusicFolderMissing, ScanReport, scan
from server.music.start import cover_keeper, watch_folder
from server.tables.music import AlbumRow, ArtistRow, TrackArtistRow, TrackRow
from tests.server.sounds import picture, sound


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = Database(tmp_path / "platform.db")
    await found.open()
    yield found
    await found.close()


class Scanner:
    """Scans one folder into one database, again and again."""

    def __init__(self, database: Database, media: MediaStore, clock: ManualClock, root: Path) -> None:
        self.database, self.media, self.clock, self.root = database, media, clock, root
        self.progress: list[tuple[int, int, str]] = []

    async def run(self) -> ScanReport:
        progress = self.progress.append
        return await scan(
            self.database, cover_keeper(self.media), self.clock, self.root, lambda *steps: progress(steps)
        )

    async def tracks(self) -> dict[str, TrackRow]:
        async with self.database.reading() as db:
            return {row.title: row for row in await db.scalars(select(TrackRow).where(TrackRow.is_available))}

    async def albums(self) -> dict[str, AlbumRow]:
        async with self.database.reading() as db:
            return {row.title: row for row in await db.scalars(select(AlbumRow))}

    async def artists(self, track: TrackRow) -> list[str]:
        query = select(ArtistRow.name).join(TrackArtistRow, TrackArtistRow.artist_id == ArtistRow.id)
        query = query.where(TrackArtistRow.track_id == track.id).order_by(TrackArtistRow.place)
        async with self.database.reading() as db:
            return list(await db.scalars(query))

    async def artist_of(self, album: AlbumRow) -> str:
        async with self.database.reading() as db:
            return (await db.get_one(ArtistRow, album.artist_id)).name


@pytest.fixture
def scanner(database: Database, tmp_path: Path, clock: ManualClock, music: Path) -> Scanner:
    return Scanner(database, MediaStore(tmp_path / "media"), clock, music)


# Whole folders


async def test_a_folder_becomes_a_catalogue(scanner: Scanner, music: Path) -> None:
    for number in (1, 2):
        sound(
            music / f"Band/Disc/{number:02}.ogg",
            title=f"Song {number}",
            artist="Band feat. Guest" if number == 2 else "Band",
            albumartist="Band",
            album="Disc",
            tracknumber=str(number),
            date="2001",
        )
    (music / "Band/Disc/Cover.JPG").write_bytes(picture("green", "JPEG"))
    report = await scanner.run()
    assert (report.added, report.skipped) == (2, [])
    tracks, albums = await scanner.tracks(), await scanner.albums()
    assert set(tracks) == {"Song 1", "Song 2"}
    assert await scanner.artists(tracks["Song 2"]) == ["Band", "Guest"]
    album = albums["Disc"]
    assert (album.total_tracks, album.release_date, await scanner.artist_of(album)) == (2, "2001", "Band")
    assert album.cover_key is not None
    assert scanner.media.path(album.cover_key).read_bytes() == picture("green", "JPEG")
    assert scanner.progress == [(2, 2, "Band/Disc/02.ogg")]


async def test_broken_files_are_named_and_the_others_read(
    scanner: Scanner, music: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sound(music / "good.ogg", title="Good")
    shutil.copy(sound(music / "really_flac.flac", title="Misnamed"), music / "wrong.mp3")
    (music / "really_flac.flac").unlink()
    (music / "broken.mp3").write_bytes(b"\xff\xfb" + bytes(500))
    (music / "empty.ogg").write_bytes(b"")
    (music / "notes.txt").write_text("not music")
    (music / ".hidden.ogg").write_bytes(b"x")
    report = await scanner.run()
    assert set(await scanner.tracks()) == {"Good", "Misnamed"}
    assert {item.name for item in report.skipped} == {"broken.mp3", "empty.ogg"}
    assert all(item.reason for item in report.skipped)
    assert "broken.mp3" in caplog.text
    assert str(music) not in caplog.text
    again = await scanner.run()
    assert (again.unchanged, len(again.skipped), again.added) == (2, 2, 0)


async def test_only_what_changed_is_read_again_and_tracks_keep_their_ids(scanner: Scanner, music: Path) -> None:
    first = sound(music / "a.ogg", title="A", album="Disc", artist="Ann")
    sound(music / "b.ogg", title="B", album="Disc", artist="Ann")
    await scanner.run()
    before = await scanner.tracks()
    audio = mutagen.File(first)
    audio["title"], audio["artist"], audio["album"] = "A2", "Ben", "Other"
    audio.save()
    os.utime(first, ns=(1, 1))
    scanner.progress.clear()
    report = await scanner.run()
    assert (report.changed, report.unchanged, report.added) == (1, 1, 0)
    assert scanner.progress == [(1, 1, "a.ogg")]
    after = await scanner.tracks()
    assert after["A2"].id == before["A"].id
    assert await scanner.artists(after["A2"]) == ["Ben"]
    assert {title: album.total_tracks for title, album in (await scanner.albums()).items()} == {"Disc": 1, "Other": 1}


async def test_a_file_that_goes_comes_back_as_the_same_track(scanner: Scanner, music: Path, tmp_path: Path) -> None:
    path = sound(music / "a.ogg", title="A", artist="Ann")
    await scanner.run()
    track_id = (await scanner.tracks())["A"].id
    shutil.move(path, tmp_path / "away.ogg")
    assert (await scanner.run()).removed == 1
    assert await scanner.tracks() == {}
    assert (await scanner.run()).removed == 0
    shutil.move(tmp_path / "away.ogg", path)
    assert (await scanner.run()).changed == 1
    assert (await scanner.tracks())["A"].id == track_id


async def test_a_folder_that_is_not_mounted_changes_nothing(scanner: Scanner, music: Path, tmp_path: Path) -> None:
    sound(music / "a.ogg", title="A")
    await scanner.run()
    shutil.move(music, tmp_path / "unmounted")
    with pytest.raises(MusicFolderMissing):
        await scanner.run()
    assert set(await scanner.tracks()) == {"A"}


async def test_links_out_of_the_folder_are_not_followed(scanner: Scanner, music: Path, tmp_path: Path) -> None:
    outside = sound(tmp_path / "outside" / "secret.ogg", title="Secret")
    inside = sound(music / "a.ogg", title="A")
    (music / "link.ogg").symlink_to(outside)
    (music / "folder").symlink_to(outside.parent)
    (music / "alias.ogg").symlink_to(inside)
    (music / "cover.png").symlink_to(tmp_path / "outside" / "cover.png")
    (tmp_path / "outside" / "cover.png").write_bytes(picture("red"))
    report = await scanner.run()
    assert set(await scanner.tracks()) == {"A"}
    assert [item.name for item in report.skipped] == ["link.ogg"]
    assert (await scanner.albums())["A"].cover_key is None


async def test_a_collection_without_album_artist_is_one_album(scanner: Scanner, music: Path) -> None:
    for name in ("Ann", "Ben"):
        sound(music / f"Hits/{name}.ogg", title=f"By {name}", artist=name, album="Hits")
    await scanner.run()
    albums = await scanner.albums()
    assert list(albums) == ["Hits"]
    assert (albums["Hits"].album_type, await scanner.artist_of(albums["Hits"])) == ("compilation", "Various Artists")


async def test_a_cover_that_is_no_picture_is_left_out(scanner: Scanner, music: Path) -> None:
    sound(music / "D/a.ogg", title="A", album="D")
    (music / "D/cover.jpg").write_bytes(b"not a picture")
    assert (await scanner.run()).skipped == []
    assert (await scanner.albums())["D"].cover_key is None


async def test_names_that_are_no_text_are_read(scanner: Scanner, music: Path) -> None:
    path = sound(music / "plain.ogg")
    os.rename(os.fsencode(path), os.fsencode(music) + b"/caf\xe9.ogg")
    report = await scanner.run()
    assert report.added == 1
    assert (await scanner.run()).unchanged == 1


# Through the platform


async def test_files_are_streamed_as_they_are(platform: Any, tmp_path: Path) -> None:
    music = tmp_path / "music"
    path = sound(music / "Ann/Disc/1 Song.mp3")
    state = platform.state
    state.playback.audio._music_dir = music
    await scan(state.database, cover_keeper(state.media), state.clock, music)
    ann = await platform.person("ann")
    found = await ann.data("GET", "/search", q="song")
    track = found["tracks"][0]
    assert (track["artist"]["name"], track["album"]["title"]) == ("Ann", "Disc")
    ticket = await ann.data("GET", f"/playback/stream/{track['id']}")
    assert (ticket["mimeType"], ticket["sizeBytes"], ticket["quality"]) == ("audio/mpeg", path.stat().st_size, 96)
    assert "Disc" not in ticket["url"]
    reply = await (await platform.client()).get(platform.url + ticket["url"])
    assert (reply.content, reply.headers["content-type"]) == (path.read_bytes(), "audio/mpeg")
    path.unlink()
    assert (await ann.get(f"/playback/stream/{track['id']}")).status_code == 404
    assert (await (await platform.client()).get(platform.url + ticket["url"])).status_code == 404


async def test_start_says_what_was_found(platform: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    music = tmp_path / "music"
    sound(music / "a.ogg", title="A")
    (music / "broken.mp3").write_bytes(b"no")
    said: list[str] = []
    await watch_folder(platform.state, music, said.append).look()
    assert said == [
        "reading music: 2 of 2",
        "music folder: 1 new, 0 changed, 0 unchanged, 0 gone, 1 left out",
        "  broken.mp3 is not an audio file",
    ]
    missing = watch_folder(platform.state, tmp_path / "nowhere", said.append)
    await missing.look()
    await missing.look()
    assert [line for line in said if line.startswith("There is no music folder")] == said[3:]
    assert len(said) == 4
