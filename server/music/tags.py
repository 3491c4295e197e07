"""What an audio file says about itself: tags, cover, words and stream facts of MP3, Ogg, Opus, FLAC, M4A and WAV."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import mutagen
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from server.music.repair import repaired, repaired_latin1
from server.music.words import Words, timed_words, words_of

EXTENSIONS = frozenset({".mp3", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".wav"})
QUALITIES = (96, 160, 320)
"""kbit/s."""

_MIME_TYPES: dict[type, str] = {
    MP3: "audio/mpeg",
    OggVorbis: "audio/ogg",
    OggOpus: "audio/ogg",
    FLAC: "audio/flac",
    MP4: "audio/mp4",
    WAVE: "audio/wav",
}
_ID3_NAMES = {
    "title": "TIT2",
    "artist": "TPE1",
    "albumartist": "TPE2",
    "album": "TALB",
    "tracknumber": "TRCK",
    "discnumber": "TPOS",
    "date": "TDRC",
    "genre": "TCON",
    "isrc": "TSRC",
    "label": "TPUB",
    "explicit": "TXXX:ITUNESADVISORY",
    "compilation": "TCMP",
}
_MP4_NAMES = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "albumartist": "aART",
    "album": "\xa9alb",
    "date": "\xa9day",
    "genre": "\xa9gen",
    "isrc": "----:com.apple.iTunes:ISRC",
    "label": "----:com.apple.iTunes:LABEL",
    "explicit": "rtng",
    "compilation": "cpil",
    "words": "\xa9lyr",
    "tracknumber": "trkn",
    "discnumber": "disk",
}
_VORBIS_NAMES = {name: name for name in _ID3_NAMES} | {"explicit": "itunesadvisory"}
_VORBIS_WORDS = ("syncedlyrics", "lyrics", "unsyncedlyrics")
_SYNCED_MS = 2
"""The format of a SYLT frame whose times are milliseconds."""
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NUMBER = re.compile(r"\d+")
_FRONT_COVER = 3
_ID3_HEADER = 10
_WORDS_LIMIT = 256 * 1024
"""Characters."""


class Unreadable(Exception):
    """The file holds no audio that can be played; the message says why, without any path."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One audio file; empty or None where it is silent. `bitrate` in bit/s, `date` as much of YYYY-MM-DD as known."""

    mime_type: str
    duration_ms: int
    bitrate: int
    title: str = ""
    artists: tuple[str, ...] = ()
    album_artist: str = ""
    album: str = ""
    track_number: int | None = None
    disc_number: int | None = None
    date: str | None = None
    genres: tuple[str, ...] = ()
    isrc: str | None = None
    label: str | None = None
    explicit: bool = False
    is_compilation: bool = False
    words: Words | None = field(default=None, repr=False)
    cover: bytes | None = field(default=None, repr=False)

    @property
    def quality(self) -> int:
        """The nearest of the three qualities, in kbit/s."""
        return min(QUALITIES, key=lambda rate: abs(rate * 1000 - self.bitrate))


def read_file(path: Path) -> FileFacts:
    """Return what the file at `path` says about itself; raises `Unreadable` with the reason."""
    try:
        kind = _kind_of(path)
        audio = kind(path) if kind else None
    except (mutagen.MutagenError, EOFError, ValueError, KeyError, IndexError, struct.error, OverflowError) as problem:
        raise Unreadable("is damaged or not an audio file") from problem
    if audio is None:
        raise Unreadable("is not an audio file")
    seconds = getattr(audio.info, "length", 0) or 0
    if seconds <= 0:
        raise Unreadable("holds no audio")
    bitrate = getattr(audio.info, "bitrate", 0) or 0
    if bitrate <= 0:
        bitrate = int(path.stat().st_size * 8 / seconds)
    values = _values_of(audio)
    return FileFacts(
        mime_type=_MIME_TYPES[type(audio)],
        duration_ms=round(seconds * 1000),
        bitrate=int(bitrate),
        title=_first(values, "title"),
        artists=_separate(values.get("artist", ())),
        album_artist=_first(values, "albumartist"),
        album=_first(values, "album"),
        track_number=_number(values, "tracknumber"),
        disc_number=_number(values, "discnumber"),
        date=_date(_first(values, "date")),
        genres=tuple(values.get("genre", ()))[:8],
        isrc=_isrc(_first(values, "isrc")),
        label=_first(values, "label") or None,
        explicit=_first(values, "explicit") in ("1", "4"),
        is_compilation=_first(values, "compilation") in ("1", "True", "true"),
        words=_words_of(audio),
        cover=_cover_of(audio),
    )


def _kind_of(path: Path) -> type[mutagen.FileType] | None:
    """Return what the file is by its first bytes; its name may say something else."""
    with path.open("rb") as file:
        head = file.read(64)
        if head.startswith(b"ID3") and len(head) >= _ID3_HEADER:
            # A tag may stand in front of any format; its size is in four groups of seven bits.
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            file.seek(_ID3_HEADER + size)
            head = file.read(64)
            if not head.startswith(b"fLaC"):
                return MP3
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"OggS"):
        return OggOpus if b"OpusHead" in head else OggVorbis
    if head[4:8] == b"ftyp":
        return MP4
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAVE
    return MP3 if head[:1] == b"\xff" and head[1:2] >= b"\xe0" else None


def _values_of(audio: mutagen.FileType) -> dict[str, list[str]]:
    tags = audio.tags
    if tags is None:
        return {}
    if isinstance(tags, ID3):
        return _id3_values(tags)
    names = _MP4_NAMES if isinstance(audio, MP4) else _VORBIS_NAMES
    values: dict[str, list[str]] = {}
    for name, key in names.items():
        if key in tags:
            texts = [repaired(_plain(value)) for value in tags[key]]
            values[name] = [text for text in texts if text]
    return values


def _id3_values(tags: ID3) -> dict[str, list[str]]:
    """Return the texts by name; those that are labelled as Latin-1 are repaired together."""
    raw = {
        name: list(tags[frame].genres) if frame == "TCON" else [str(text) for text in tags[frame].text]
        for name, frame in _ID3_NAMES.items()
        if frame in tags
    }
    old = [(name, text) for name, texts in raw.items() if tags[_ID3_NAMES[name]].encoding == 0 for text in texts]
    mended = dict(zip(old, repaired_latin1([text for _, text in old]), strict=True))
    fixed = {
        name: [mended[name, text] if (name, text) in mended else repaired(text) for text in texts]
        for name, texts in raw.items()
    }
    return {name: [text for text in texts if text] for name, texts in fixed.items()}


def _separate(names: Iterable[str]) -> tuple[str, ...]:
    """Return the artists in `names`; a semicolon stands between them, and in nobody's name."""
    return tuple(part for name in names for part in map(str.strip, name.split(";")) if part)


def _words_of(audio: mutagen.FileType) -> Words | None:
    """Return the words of the song, those with times before those without."""
    tags = audio.tags
    if tags is None:
        return None
    if isinstance(tags, ID3):
        for frame in tags.getall("SYLT"):
            if frame.format == _SYNCED_MS:
                found = timed_words((time_ms, repaired(text)) for text, time_ms in frame.text)
                if found is not None:
                    return found
        texts = [_mended(str(frame.text), frame.encoding) for frame in tags.getall("USLT")]
    elif isinstance(audio, MP4):
        texts = [str(text) for text in tags.get(_MP4_NAMES["words"], ())]
    else:
        texts = [text for name in _VORBIS_WORDS if name in tags for text in tags[name]]
    every = [found for text in texts if (found := words_of(text[:_WORDS_LIMIT])) is not None]
    return next((found for found in every if found.synced), every[0] if every else None)


def _mended(text: str, encoding: int) -> str:
    """Return words of several lines whose label may be wrong."""
    return "\n".join(repaired_latin1(text.splitlines())) if encoding == 0 else text


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, tuple):
        return str(value[0]) if value else ""
    return str(value)


def _first(values: dict[str, list[str]], name: str) -> str:
    texts = values.get(name)
    return texts[0] if texts else ""


def _number(values: dict[str, list[str]], name: str) -> int | None:
    found = _NUMBER.match(_first(values, name))
    number = int(found.group()[:6]) if found else 0
    return number if 0 < number < 10_000 else None


def _date(text: str) -> str | None:
    found = _DATE.match(text)
    if found is None or found.group(1) == "0000":
        return None
    year, month, day = found.groups()
    parts = [year]
    if month and 1 <= int(month) <= 12:
        parts.append(month)
        if day and 1 <= int(day) <= 31:
            parts.append(day)
    return "-".join(parts)


def _isrc(text: str) -> str | None:
    code = text.replace("-", "").upper()
    return code if len(code) == 12 and code.isalnum() else None


def _cover_of(audio: mutagen.FileType) -> bytes | None:
    """Return the front cover, or else the first picture, as it stands in the file."""
    pictures: list[tuple[int, bytes]] = []
    if isinstance(audio, FLAC):
        pictures = [(picture.type, picture.data) for picture in audio.pictures]
    elif audio.tags is None:
        return None
    elif isinstance(audio.tags, ID3):
        pictures = [(frame.type, frame.data) for frame in audio.tags.getall("APIC")]
    elif isinstance(audio, MP4):
        pictures = [(_FRONT_COVER, bytes(cover)) for cover in audio.tags.get("covr", ())]
    else:
        pictures = _vorbis_pictures(audio.tags.get("metadata_block_picture", ()))
    pictures = [(kind, data) for kind, data in pictures if data]
    if not pictures:
        return None
    return next((data for kind, data in pictures if kind == _FRONT_COVER), pictures[0][1])


def _vorbis_pictures(blocks: list[str]) -> list[tuple[int, bytes]]:
    pictures = []
    for block in blocks:
        try:
            picture = Picture(base64.b64decode(block, validate=True))  # type: ignore[no-untyped-call]
        except (binascii.Error, ValueError, mutagen.MutagenError, struct.error):
            continue
        pictures.append((picture.type, picture.data))
    return pictures
