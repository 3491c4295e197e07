"""Music folders as people have them: odd names, odd tags, odd pictures, and files that change under one's hands."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path, PurePath

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TCMP, TDRC, TIT2, TPE1, TPE2, TRCK, TYER, Encoding, ID3NoHeaderError
from mutagen.wave import WAVE
from sqlalchemy import select

from server.clock import ManualClock
from server.db import Database
from server.media import MediaStore
from server.music.folder import walk
from server.music.naming import song_of
from server.music.scan import ScanReport, scan
from server.music.start import cover_keeper
from server.music.tags import read_file
from server.tables.music import AlbumRow, ArtistRow, LyricsRow, MusicFileRow, TrackRow
from tests.server.sounds import RATE, picture, sound
from tests.server.test_tags import FACTS


class Folder:
    """A music folder and the catalogue made from it."""

    def __init__(self, database: Database, media: MediaStore, clock: ManualClock, root: Path) -> None:
        self.database, self.media, self.clock, self.root = database, media, clock, root

    async def scan(self) -> ScanReport:
        return await scan(self.database, cover_keeper(self.media), self.clock, self.root)

    async def tracks(self) -> dict[str, TrackRow]:
        async with self.database.reading() as db:
            return {row.title: row for row in await db.scalars(select(TrackRow).where(TrackRow.is_available))}

    async def album(self, title: str) -> AlbumRow:
        async with self.database.reading() as db:
            return (await db.scalars(select(AlbumRow).where(AlbumRow.title == title))).one()

    async def artist(self, album: AlbumRow) -> str:
        async with self.database.reading() as db:
            return (await db.get_one(ArtistRow, album.artist_id)).name

    async def words(self, title: str) -> LyricsRow | None:
        track = (await self.tracks())[title]
        async with self.database.reading() as db:
            return await db.get(LyricsRow, track.id)

    async def cover(self, title: str) -> bytes | None:
        key = (await self.album(title)).cover_key
        return self.media.path(key).read_bytes() if key else None


@pytest.fixture
async def folder(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Folder]:
    database = Database(tmp_path / "platform.db")
    await database.open()
    root = tmp_path / "music"
    root.mkdir()
    yield Folder(database, MediaStore(tmp_path / "media"), clock, root)
    await database.close()


# Tags of every age


def id3v1(path: Path, **fields: bytes) -> Path:
    """Put the 128 bytes of the oldest tags behind the sound, and no others."""
    body = b"TAG" + b"".join(
        fields.get(name, b"")[:size].ljust(size, b"\x00")
        for name, size in (("title", 30), ("artist", 30), ("album", 30), ("year", 4))
    )
    with path.open("ab") as file:
        file.write(body + b"\x00" * 28 + b"\x00" + bytes([7]) + b"\x11")
    return path


def test_the_oldest_tags_alone_are_read(tmp_path: Path) -> None:
    path = id3v1(sound(tmp_path / "a.mp3"), title=b"Caf\xe9", artist=b"Ann", album=b"Disc", year=b"1996")
    facts = read_file(path)
    assert (facts.title, facts.artists, facts.album) == ("Café", ("Ann",), "Disc")
    assert (facts.track_number, facts.date, facts.genres) == (7, "1996", ("Rock",))


def test_the_oldest_tags_in_cyrillic_are_mended_though_cut_off(tmp_path: Path) -> None:
    title = "Полковнику никто не пишет и не звонит".encode("cp1251")
    utf8 = "Полковнику никто не пишет".encode()
    assert len(title) > 30 < len(utf8)
    first = id3v1(sound(tmp_path / "a.mp3"), title=title, artist="Би-2".encode("cp1251"))
    assert read_file(first).title == "Полковнику никто не пишет и не"
    second = id3v1(sound(tmp_path / "b.mp3"), title=utf8[:29])
    assert read_file(second).title == "Полковнику никт"


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("encoding", [Encoding.UTF16, Encoding.UTF16BE, Encoding.UTF8])
def test_tags_of_every_version_and_encoding_are_read(tmp_path: Path, version: int, encoding: Encoding) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    for frame, text in ((TIT2, "Näme 夜"), (TPE1, "Ann"), (TALB, "Альбом"), (TRCK, "3/12"), (TDRC, "1999-04-01")):
        tags.add(frame(encoding=encoding, text=text))
    if version == 3:
        tags.update_to_v23()
    tags.save(path, v2_version=version)
    facts = read_file(path)
    assert (facts.title, facts.album, facts.track_number) == ("Näme 夜", "Альбом", 3)
    assert facts.date == "1999-04-01"


def test_a_year_of_the_old_kind_is_a_date(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(TYER(encoding=0, text="1987"))
    tags.save(path, v2_version=3)
    assert read_file(path).date == "1987"


def test_tags_of_the_first_version_are_read(tmp_path: Path) -> None:
    """ID3v2.2 has names of three letters; nothing writes it any more, so its bytes stand here."""
    path = sound(tmp_path / "a.mp3")
    with pytest.raises(ID3NoHeaderError):
        ID3(path)
    frames = b"".join(
        name + (len(text) + 1).to_bytes(3, "big") + b"\x00" + text
        for name, text in ((b"TT2", b"T\xeftel"), (b"TP1", b"Ann"), (b"TAL", b"Disc"), (b"TRK", b"2/9"))
    )
    size = bytes([0, 0, len(frames) >> 7, len(frames) & 0x7F])
    path.write_bytes(b"ID3\x02\x00\x00" + size + frames + path.read_bytes())
    facts = read_file(path)
    assert (facts.title, facts.artists, facts.album, facts.track_number) == ("Tïtel", ("Ann",), "Disc", 2)


@pytest.mark.parametrize(
    ("encoding", "title", "artist"),
    [("cp1251", "Группа крови", "Кино"), ("cp932", "君のうた", "嵐"), ("gbk", "月亮代表我的心", "邓丽君"),
     ("cp949", "밤편지", "아이유"), ("utf-8", "Ágætis byrjun", "Sigur Rós"), ("latin-1", "Männer", "Die Ärzte")],
)  # fmt: skip
def test_tags_that_say_latin_and_are_not_are_mended(tmp_path: Path, encoding: str, title: str, artist: str) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(TIT2(encoding=Encoding.LATIN1, text=title.encode(encoding).decode("latin-1")))
    tags.add(TPE1(encoding=Encoding.LATIN1, text=artist.encode(encoding).decode("latin-1")))
    tags.save(path)
    facts = read_file(path)
    assert (facts.title, facts.artists) == (title, (artist,))


def test_several_artists_are_read_however_they_are_written(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(TPE1(encoding=3, text=["Ann", "Ben; Cem"]))
    tags.save(path)
    assert read_file(path).artists == ("Ann", "Ben", "Cem")
    flac = sound(tmp_path / "a.flac", title="T")
    audio = FLAC(flac)
    audio["artist"] = ["AC/DC", "Earth, Wind & Fire"]
    audio.save()
    assert read_file(flac).artists == ("AC/DC", "Earth, Wind & Fire")


def test_wav_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(RATE), RATE, format="WAV")
    plain = read_file(path)
    assert (plain.mime_type, plain.duration_ms, plain.title) == ("audio/wav", 1000, "")
    audio = WAVE(path)
    audio.add_tags()
    audio.tags.add(TIT2(encoding=3, text="Wave"))
    audio.tags.add(APIC(encoding=3, mime="image/png", type=3, data=picture("red")))
    audio.save()
    assert (read_file(path).title, read_file(path).cover) == ("Wave", picture("red"))


@pytest.mark.parametrize(
    ("place", "artists", "album", "date", "disc"),
    [
        ("Ann - Blue (1999)/01 - Sea.ogg", ("Ann",), "Blue", "1999", 1),
        ("Ann - Blue (1999) [FLAC]/01 - Sea.ogg", ("Ann",), "Blue", "1999", 1),
        ("Ann - 1999 - Blue/Sea.ogg", ("Ann",), "Blue", "1999", 1),
        ("Ann/Blue - Live (2001)/Sea.ogg", ("Ann",), "Blue - Live", "2001", 1),
        ("Ann/1999-Blue/CD 2/01 Sea.ogg", ("Ann",), "Blue", "1999", 2),
        ("Ann - Blue/Disc1/02 - Sea.ogg", ("Ann",), "Blue", None, 1),
        ("1999/Sea.ogg", ("Unknown Artist",), "1999", None, 1),
        ("(1999)/Sea.ogg", ("Unknown Artist",), "(1999)", None, 1),
    ],
)
def test_folders_say_what_tags_do_not(
    place: str, artists: tuple[str, ...], album: str, date: str | None, disc: int
) -> None:
    song = song_of(FACTS, PurePath(place))
    assert (song.title, song.artists, song.album, song.date, song.disc_number) == ("Sea", artists, album, date, disc)


async def test_a_collection_is_one_album_of_various_artists(folder: Folder) -> None:
    for name in ("Ann", "Ben"):
        sound(folder.root / f"{name}.ogg", title=name, artist=name, album="Hits", albumartist="Various Artists")
        path = sound(folder.root / f"{name}.mp3")
        tags = ID3()
        for frame, text in ((TIT2, name + "2"), (TPE1, name), (TPE2, "Ann"), (TALB, "Marked"), (TCMP, "1")):
            tags.add(frame(encoding=3, text=text))
        tags.save(path)
    await folder.scan()
    hits, marked = await folder.album("Hits"), await folder.album("Marked")
    assert (hits.album_type, await folder.artist(hits), hits.total_tracks) == ("compilation", "Various Artists", 2)
    assert (marked.album_type, marked.total_tracks) == ("compilation", 2)


async def test_discs_in_folders_of_their_own_are_one_album(folder: Folder) -> None:
    for disc in (1, 2):
        sound(folder.root / f"Ann/Blue/CD{disc}/01 Song {disc}.ogg")
    (folder.root / "Ann/Blue/Front.JPG").write_bytes(picture("red", "JPEG"))
    await folder.scan()
    album = await folder.album("Blue")
    assert (album.total_tracks, await folder.artist(album)) == (2, "Ann")
    assert {row.disc_number for row in (await folder.tracks()).values()} == {1, 2}
    assert await folder.cover("Blue") is not None


# Pictures


COVERS = (
    "cover.jpg", "folder.png", "Front.JPG", "AlbumArt.jpg", "AlbumArt_{5FA0-77}_Large.jpg", "Blue - Front.jpeg",
    "cover-large.webp", "Album.png", "FOLDER.JPEG", "cover_1.png",
)  # fmt: skip


async def test_covers_are_called_many_things(folder: Folder) -> None:
    kinds = {"png": "PNG", "webp": "WEBP"}
    for number, name in enumerate(COVERS):
        sound(folder.root / f"{number}/a.ogg", title="A", album=name)
        drawn = picture("green", kinds.get(name.rpartition(".")[2], "JPEG"))
        (folder.root / str(number) / name).write_bytes(drawn)
        for other in ("back.jpg", "cd.jpg", "AlbumArtSmall.jpg", "inlay cover back.png", "discover.jpg"):
            (folder.root / str(number) / other).write_bytes(picture("red", "JPEG"))
    await folder.scan()
    for name in COVERS:
        assert await folder.cover(name) == picture("green", kinds.get(name.rpartition(".")[2], "JPEG")), name


async def test_a_cover_that_is_broken_gives_way_to_the_next(folder: Folder) -> None:
    path = sound(folder.root / "D/a.flac", title="A", album="D")
    audio = FLAC(path)
    block = Picture()
    block.type, block.mime, block.data = 3, "image/png", picture("red")[:40]
    audio.add_picture(block)
    audio.save()
    (folder.root / "D/cover.png").write_bytes(picture("green"))
    await folder.scan()
    assert await folder.cover("D") == picture("green")


async def test_a_cover_that_is_much_too_large_is_left_out(folder: Folder) -> None:
    path = sound(folder.root / "D/a.flac", title="A", album="D")
    audio = FLAC(path)
    block = Picture()
    block.type, block.mime, block.data = 3, "image/png", picture("red") + bytes(11 * 1024 * 1024)
    audio.add_picture(block)
    audio.save()
    assert (await folder.scan()).added == 1
    assert await folder.cover("D") is None


async def test_a_cover_that_came_later_is_found(folder: Folder) -> None:
    sound(folder.root / "D/a.ogg", title="A", album="D")
    await folder.scan()
    (folder.root / "D/cover.png").write_bytes(picture("green"))
    assert (await folder.scan()).read == 1
    assert await folder.cover("D") == picture("green")
    assert (await folder.scan()).read == 0


# Words


async def test_words_beside_a_file_come_and_go_with_their_file(folder: Folder) -> None:
    sound(folder.root / "a.ogg", title="A", lyrics="From the tag")
    beside = folder.root / "a.LRC"
    beside.write_text("[00:01.00]One")
    await folder.scan()
    words = await folder.words("A")
    assert words is not None
    assert (words.synced, words.lines) == (True, [{"timeMs": 1000, "text": "One"}])
    beside.write_text("[00:02.00]Two")
    os.utime(beside, ns=(5, 5))
    assert (await folder.scan()).changed == 1
    words = await folder.words("A")
    assert words is not None
    assert words.lines == [{"timeMs": 2000, "text": "Two"}]
    beside.unlink()
    await folder.scan()
    words = await folder.words("A")
    assert words is not None
    assert (words.synced, words.lines) == (False, [{"timeMs": None, "text": "From the tag"}])


async def test_words_outside_the_folder_are_not_read(folder: Folder, tmp_path: Path) -> None:
    sound(folder.root / "a.ogg", title="A")
    (tmp_path / "secret").write_text("[00:01.00]secret")
    (folder.root / "a.lrc").symlink_to(tmp_path / "secret")
    await folder.scan()
    assert await folder.words("A") is None


# Names and places


NAMES = (
    b"caf\xe9.ogg", b"line\nbreak.ogg", "🎵 夜 ♫.ogg".encode(), b"tab\there.ogg", b"\x1b[2J.ogg", b"x" * 240 + b".ogg",
    b" spaces .ogg", b"quote'\".ogg", b"[bold]red.ogg", b"-rf.ogg", "\u202eevil.ogg".encode(), b" .ogg",
)  # fmt: skip


def write(root: Path, name: bytes, data: bytes) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(data)


async def test_a_file_may_be_called_anything(folder: Folder) -> None:
    plain = sound(folder.root / "plain.ogg").read_bytes()
    (folder.root / "plain.ogg").unlink()
    for name in NAMES:
        write(folder.root, name, plain)
    report = await folder.scan()
    assert (report.added, report.skipped) == (len(NAMES), [])
    async with folder.database.reading() as db:
        titles = list(await db.scalars(select(TrackRow.title)))
    assert all(titles)
    assert not any(ord(letter) < 32 or letter == "\u202e" for title in titles for letter in title)
    assert (await folder.scan()).unchanged == len(NAMES)


async def test_links_that_lead_round_in_circles_end(folder: Folder) -> None:
    sound(folder.root / "D/a.ogg", title="A")
    (folder.root / "D/again").symlink_to(folder.root, target_is_directory=True)
    (folder.root / "itself.ogg").symlink_to(folder.root / "itself.ogg")
    os.mkfifo(folder.root / "pipe.ogg")
    (folder.root / "folder.mp3").mkdir()
    report = await folder.scan()
    assert report.added == 1
    assert {(item.name, item.reason) for item in report.skipped} == {
        ("itself.ogg", "cannot be opened"),
        ("pipe.ogg", "is not a regular file"),
    }


async def test_a_file_that_goes_while_the_folder_is_read_is_left_out(folder: Folder) -> None:
    for name in "ab":
        sound(folder.root / f"{name}.ogg", title=name)
    found, _ = walk(folder.root)
    assert len(found) == 2
    steps: list[str] = []

    async def keep(_data: bytes) -> str:
        raise AssertionError("there is no cover")

    real = folder.root / "b.ogg"
    shutil.move(real, folder.root / "b.part")
    # A link whose end is gone is what a file that has just gone looks like.
    real.symlink_to(folder.root / "b.part")
    (folder.root / "b.part").unlink()
    report = await scan(folder.database, keep, folder.clock, folder.root, lambda *step: steps.append(step[2]))
    assert (report.added, [item.name for item in report.skipped]) == (1, ["b.ogg"])


async def test_a_file_that_is_still_being_written_is_read_when_it_is_whole(folder: Folder) -> None:
    path = sound(folder.root / "a.flac", title="Whole", seconds=2.0)
    data = path.read_bytes()
    path.write_bytes(data[:30])
    assert [item.reason for item in (await folder.scan()).skipped] == ["is damaged or not an audio file"]
    assert await folder.tracks() == {}
    path.write_bytes(data)
    assert (await folder.scan()).added == 1
    assert set(await folder.tracks()) == {"Whole"}


async def test_a_file_with_another_name_is_the_same_track(folder: Folder) -> None:
    sound(folder.root / "Ann/Blue/1 Sea.ogg")
    sound(folder.root / "Ann/Blue/2 Sky.ogg", title="Sky")
    await folder.scan()
    before = await folder.tracks()
    (folder.root / "Ann/Green").mkdir()
    os.rename(folder.root / "Ann/Blue/1 Sea.ogg", folder.root / "Ann/Green/4 Lake.ogg")
    report = await folder.scan()
    assert (report.moved, report.changed, report.added, report.removed, report.read) == (1, 1, 0, 0, 1)
    after = await folder.tracks()
    assert after["Lake"].id == before["Sea"].id
    assert (await folder.album("Green")).total_tracks == 1
    async with folder.database.reading() as db:
        assert len(list(await db.scalars(select(MusicFileRow)))) == 2
    assert (await folder.scan()).unchanged == 2


async def test_files_that_cannot_be_told_apart_are_not_taken_for_each_other(folder: Folder) -> None:
    first = sound(folder.root / "a.ogg", title="Same")
    shutil.copy2(first, folder.root / "b.ogg")
    for path in (first, folder.root / "b.ogg"):
        os.utime(path, ns=(7, 7))
    await folder.scan()
    os.rename(first, folder.root / "c.ogg")
    os.rename(folder.root / "b.ogg", folder.root / "d.ogg")
    report = await folder.scan()
    assert (report.moved, report.added, report.removed) == (0, 2, 2)


def test_the_gain_of_a_track_stays_where_it_is(tmp_path: Path) -> None:
    """Gains and gapless marks are the player's to read: files are streamed as they are."""
    path = sound(tmp_path / "a.flac", title="T", replaygain_track_gain="-6.00 dB")
    before = path.read_bytes()
    read_file(path)
    assert path.read_bytes() == before
    assert mutagen.File(path)["replaygain_track_gain"] == ["-6.00 dB"]
