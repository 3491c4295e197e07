"""What audio files say about themselves, and the names that stand in where they are silent."""

from __future__ import annotations

import base64
import os
import struct
from dataclasses import replace
from pathlib import Path, PurePath

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TCON, TIT2, TPE1, TPE2, TPOS, TRCK, TXXX
from mutagen.mp4 import MP4, MP4Cover

from server.music.naming import song_of
from server.music.repair import folded, repaired
from server.music.tags import FileFacts, Unreadable, read_file
from tests.server.sounds import RATE, picture, sound

FACTS = FileFacts(mime_type="audio/ogg", duration_ms=1000, bitrate=160_000)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


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
