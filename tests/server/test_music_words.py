"""The words of songs: LRC files, tags of every kind, and the way into the catalogue."""

from __future__ import annotations

from pathlib import Path

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3, SYLT, USLT, Encoding
from mutagen.mp4 import MP4

from server.music.tags import read_file
from server.music.words import MOST_LINES, Words, timed_words, words_beside, words_of
from tests.server.sounds import sound
from tests.server.test_tags import m4a

LRC = """\ufeff[ti:Song]
[ar:Ann]
[offset:+500]
[00:12.50][01:02]Chorus
[00:01.5]<00:01.50>First <00:02.00>words

[00:20:25]Last
[00:15]
"""


def test_an_lrc_file_is_read() -> None:
    words = words_of(LRC)
    assert words == Words(
        True,
        ((1_000, "First words"), (12_000, "Chorus"), (14_500, ""), (19_750, "Last"), (61_500, "Chorus")),
    )
    assert words.rows()[0] == {"timeMs": 1_000, "text": "First words"}


def test_lines_without_times_are_words_too() -> None:
    assert words_of("[by:somebody]\nOne\n\nTwo\n\n") == Words(False, ((None, "One"), (None, ""), (None, "Two")))
    for nothing in ("", "\n\n", "[ti:Only facts]\n[offset:x]", "[00:01.00]\n[00:02.00]"):
        assert words_of(nothing) is None


@given(st.text(alphabet="[]:.<>0123456789ab\n\r\ufeff\x00\x1b", max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    words = words_of(text)
    assert words is None or any(line for _, line in words.lines)
    assert words is None or not any(ord(letter) < 32 for _, line in words.lines for letter in line)
    times = [time_ms for time_ms, _ in words.lines if time_ms is not None] if words else []
    assert times == sorted(times)


def test_there_is_an_end_to_it() -> None:
    words = timed_words((number, "la") for number in range(MOST_LINES + 50))
    assert words is not None
    assert len(words.lines) == MOST_LINES


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-8", "Überall ♫"), ("utf-8-sig", "Überall"), ("utf-16", "Überall 夜"), ("cp1252", "It’s über"),
     ("cp1251", "Группа крови на рукаве"), ("gbk", "月亮代表我的心"), ("cp932", "夜に駆ける君のうた")],
)  # fmt: skip
def test_files_of_every_encoding_are_read(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "a.lrc"
    path.write_bytes(f"[00:01.00]{text}".encode(encoding))
    assert words_beside(path) == Words(True, ((1_000, text),))


def test_what_cannot_be_read_has_no_words(tmp_path: Path) -> None:
    assert words_beside(tmp_path / "none.lrc") is None
    assert words_beside(tmp_path) is None
    (tmp_path / "large.lrc").write_bytes(b"[00:01.00]x\n" * 60_000)
    assert words_beside(tmp_path / "large.lrc") is None


def test_times_in_id3_come_before_words_without(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    tags.add(USLT(encoding=Encoding.UTF8, lang="eng", desc="", text="One\nTwo"))
    tags.save(path)
    assert read_file(path).words == Words(False, ((None, "One"), (None, "Two")))
    tags.add(SYLT(encoding=Encoding.UTF16, lang="eng", format=1, type=1, text=[("By frames", 10)]))
    tags.save(path)
    assert read_file(path).words.synced is False
    tags.setall(
        "SYLT", [SYLT(encoding=Encoding.UTF16, lang="eng", format=2, type=1, text=[("Two", 900), ("One", 100)])]
    )
    tags.save(path)
    assert read_file(path).words == Words(True, ((100, "One"), (900, "Two")))


def test_words_in_an_old_code_page_are_mended(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.mp3")
    tags = ID3()
    stored = "Группа крови\nна рукаве".encode("cp1251").decode("latin-1")
    tags.add(USLT(encoding=Encoding.LATIN1, lang="rus", desc="", text=stored))
    tags.save(path)
    assert read_file(path).words == Words(False, ((None, "Группа крови"), (None, "на рукаве")))


@pytest.mark.parametrize(("tag", "synced"), [("LYRICS", True), ("SYNCEDLYRICS", True), ("UNSYNCEDLYRICS", False)])
def test_words_in_vorbis_comments_are_read(tmp_path: Path, tag: str, synced: bool) -> None:
    path = sound(tmp_path / "a.flac")
    audio = mutagen.File(path)
    audio[tag] = "[00:01.00]One" if synced else "One"
    audio.save()
    assert read_file(path).words == Words(synced, ((1_000 if synced else None, "One"),))


def test_words_in_mp4_are_read(tmp_path: Path) -> None:
    path = m4a(tmp_path / "a.m4a")
    audio = MP4(path)
    audio["\xa9lyr"] = "One\r\nTwo"
    audio.save()
    assert read_file(path).words == Words(False, ((None, "One"), (None, "Two")))
