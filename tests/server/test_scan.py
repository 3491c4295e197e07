"""Reading music folders: tags of every format, covers, names in place of tags, broken files, changes."""

from __future__ import annotations

import base64
import io
import os
import shutil
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TCON, TIT2, TPE1, TPE2, TPOS, TRCK, TXXX
from mutagen.mp4 import MP4, MP4Cover
from PIL import Image
from sqlalchemy import select

from server.clock import ManualClock
from server.db import Database
from server.media import MediaStore
from server.music.naming import song_of
from server.music.repair import folded, repaired
from server.music.scan import MusicFolderMissing, ScanReport, scan
from server.music.start import cover_keeper, read_music_folder
from server.music.tags import FileFacts, Unreadable, read_file
from server.tables.music import AlbumRow, ArtistRow, TrackArtistRow, TrackRow

RATE = 48_000
FACTS = FileFacts(mime_type="audio/ogg", duration_ms=1000, bitrate=160_000)


def picture(colour: str, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, kind)
    return buffer.getvalue()


def sound(path: Path, *, seconds: float = 0.5, **tags: str) -> Path:
    """Write a real tone; Vorbis comments are set from `tags` where the format has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)
    kind, subtype = {
        ".ogg": ("OGG", "VORBIS"),
        ".opus": ("OGG", "OPUS"),
        ".flac": ("FLAC", "PCM_16"),
        ".mp3": ("MP3", "MPEG_LAYER_III"),
    }[path.suffix]
    soundfile.write(path, tone, RATE, format=kind, subtype=subtype)
    if tags:
        audio = mutagen.File(path)
        for name, value in tags.items():
            audio[name] = value
        audio.save()
    return path


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


# Tags of the formats


@pytest.mark.parametrize("suffix", [".ogg", ".opus", ".flac"])
def test_vorbis_comments_are_read(music: Path, suffix: str) -> None:
    path = sound(
        music / f"a{suffix}",
        title="Näme",
        artist="Ann",
        albumartist="Band",
        album="Disc",
        tracknumber="3/12",
        discnumber="2",
        date="1999-04-01",
        genre="Folk",
        isrc="SE-ABC-99-00001",
    )
    facts = read_file(path)
    assert (facts.title, facts.artists, facts.album_artist, facts.album) == ("Näme", ("Ann",), "Band", "Disc")
    assert (facts.track_number, facts.disc_number, facts.date) == (3, 2, "1999-04-01")
    assert (facts.genres, facts.isrc) == (("Folk",), "SEABC9900001")
    assert facts.duration_ms == pytest.approx(500, abs=60)
    assert facts.mime_type == ("audio/flac" if suffix == ".flac" else "audio/ogg")


def test_id3_tags_are_read(music: Path) -> None:
    path = sound(music / "a.mp3")
    tags = ID3()
    for frame, text in ((TIT2, "Title"), (TPE1, "Ann"), (TPE2, "Band"), (TALB, "Disc"), (TRCK, "4/9"), (TPOS, "1/2")):
        tags.add(frame(encoding=3, text=text))
    tags.add(TCON(encoding=3, text="(17)"))
    tags.add(TXXX(encoding=3, desc="ITUNESADVISORY", text="1"))
    tags.add(APIC(encoding=3, mime="image/png", type=0, data=b"back"))
    tags.add(APIC(encoding=3, mime="image/png", type=3, desc="front", data=picture("red")))
    tags.save(path)
    facts = read_file(path)
    assert (facts.title, facts.artists, facts.album_artist, facts.track_number) == ("Title", ("Ann",), "Band", 4)
    assert (facts.disc_number, facts.genres, facts.explicit) == (1, ("Rock",), True)
    assert facts.cover == picture("red")
    assert facts.mime_type == "audio/mpeg"


@pytest.mark.parametrize("suffix", [".ogg", ".opus", ".flac"])
def test_embedded_pictures_are_found(music: Path, suffix: str) -> None:
    path = sound(music / f"a{suffix}")
    block = Picture()
    block.type, block.mime, block.data = 3, "image/png", picture("blue")
    audio = mutagen.File(path)
    if isinstance(audio, FLAC):
        audio.add_picture(block)
    else:
        audio["metadata_block_picture"] = ["not base64!", base64.b64encode(block.write()).decode()]
    audio.save()
    assert read_file(path).cover == picture("blue")


def atom(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def m4a(path: Path) -> Path:
    """Write the frame of an M4A file of half a second: what tells players about it, without its samples."""
    header = struct.pack(">IIIIIHH", 0, 0, 0, RATE, RATE // 2, 0, 0)
    handler = bytes(8) + b"soun" + bytes(13)
    table = atom(b"stbl", atom(b"stsd", bytes(4), struct.pack(">I", 0)))
    media = atom(b"mdia", atom(b"mdhd", header), atom(b"hdlr", handler), atom(b"minf", table))
    movie = atom(b"moov", atom(b"mvhd", bytes(100)), atom(b"trak", media))
    path.write_bytes(atom(b"ftyp", b"M4A ", bytes(4)) + movie + atom(b"mdat", bytes(8000)))
    return path


def test_mp4_tags_are_read(music: Path) -> None:
    path = m4a(music / "a.m4a")
    audio = MP4(path)
    audio["\xa9nam"], audio["\xa9ART"], audio["\xa9alb"], audio["aART"] = "Title", "Ann", "Disc", "Band"
    audio["trkn"], audio["disk"], audio["\xa9day"], audio["rtng"] = [(5, 12)], [(2, 2)], "2020-02-30T00:00:00Z", [1]
    audio["covr"] = [MP4Cover(picture("red"), imageformat=MP4Cover.FORMAT_PNG)]
    audio.save()
    facts = read_file(path)
    assert (facts.title, facts.artists, facts.album, facts.album_artist) == ("Title", ("Ann",), "Disc", "Band")
    assert (facts.track_number, facts.disc_number, facts.date, facts.explicit) == (5, 2, "2020-02-30", True)
    assert (facts.mime_type, facts.duration_ms, facts.cover) == ("audio/mp4", 500, picture("red"))


@pytest.mark.parametrize(("bitrate", "quality"), [(64_000, 96), (127_000, 96), (129_000, 160), (900_000, 320)])
def test_quality_is_the_nearest_of_three(bitrate: int, quality: int) -> None:
    assert replace(FACTS, bitrate=bitrate).quality == quality


def test_what_is_no_audio_is_refused_with_a_reason(music: Path) -> None:
    for name, data in (
        ("text.mp3", b"just words " * 400),
        ("noise.flac", b"fLaC" + os.urandom(200)),
        ("x.ogg", b"OggS"),
    ):
        path = music / name
        path.write_bytes(data)
        with pytest.raises(Unreadable) as refusal:
            read_file(path)
        assert str(music) not in str(refusal.value)


# Names in place of tags


@pytest.mark.parametrize(
    ("place", "title", "artists", "album", "track", "disc"),
    [
        ("Ann/Blue/03 - Sea.ogg", "Sea", ("Ann",), "Blue", 3, 1),
        ("Ann/Blue/CD2/1-05 Sea.ogg", "Sea", ("Ann",), "Blue", 5, 2),
        ("Ann/1999 - Blue/07. Sea.ogg", "Sea", ("Ann",), "Blue", 7, 1),
        ("Blue/Ann - Sea.ogg", "Sea", ("Ann",), "Blue", 1, 1),
        ("Sea_and_sky.ogg", "Sea and sky", ("Unknown Artist",), "Sea and sky", 1, 1),
        ("99 Balloons.ogg", "Balloons", ("Unknown Artist",), "Balloons", 99, 1),
    ],
)
def test_names_stand_in_for_missing_tags(
    place: str, title: str, artists: tuple[str, ...], album: str, track: int, disc: int
) -> None:
    song = song_of(FACTS, PurePath(place))
    assert (song.title, song.artists, song.album) == (title, artists, album)
    assert (song.track_number, song.disc_number) == (track, disc)


def test_guests_come_after_the_main_artist() -> None:
    song = song_of(replace(FACTS, title="T", artists=("Ann feat. Ben & Cem",)), PurePath("x.ogg"))
    assert song.artists == ("Ann", "Ben", "Cem")


@pytest.mark.parametrize(
    ("text", "latin1", "expected"),
    [
        ("Sigur RÃ³s", False, "Sigur Rós"),
        ("Sigur Rós", True, "Sigur Rós"),
        ("Ïåñíÿ", True, "Песня"),
        ("Ïåñíÿ", False, "Ïåñíÿ"),
        ("\x83\x8f\x83\x93", True, "ワン"),
        ("Queen\x00", True, "Queen"),
        ("a\x1b[31mb\nc", False, "a\ufffdb c"),
    ],
)
def test_wrong_encodings_are_repaired(text: str, latin1: bool, expected: str) -> None:
    assert repaired(text, labelled_latin1=latin1) == expected


@given(st.text(max_size=60), st.booleans())
def test_repair_takes_any_text_and_is_finished_after_one_pass(text: str, latin1: bool) -> None:
    once = repaired(text, labelled_latin1=latin1)
    assert len(once) <= 255
    assert not any(ord(letter) < 32 for letter in once)
    assert folded(folded(once)) == folded(once)


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
    platform.state.settings = replace(platform.state.settings, music_dir=music)
    said: list[str] = []
    await read_music_folder(platform.state, said.append)
    assert said == [
        "reading music: 2 of 2",
        "music folder: 1 new, 0 changed, 0 unchanged, 0 gone, 1 left out",
        "  broken.mp3 is not an audio file",
    ]
    platform.state.settings = replace(platform.state.settings, music_dir=tmp_path / "nowhere")
    await read_music_folder(platform.state, said.append)
    assert said[-1].startswith("There is no music folder")
