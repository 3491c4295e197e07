"""What an audio file says about itself: tags, cover and stream facts of MP3, Ogg, Opus, FLAC and M4A."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import mutagen
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from server.music.repair import repaired

EXTENSIONS = frozenset({".mp3", ".ogg", ".oga", ".opus", ".flac", ".m4a"})
QUALITIES = (96, 160, 320)
"""kbit/s."""

_MIME_TYPES: dict[type, str] = {
    MP3: "audio/mpeg",
    OggVorbis: "audio/ogg",
    OggOpus: "audio/ogg",
    FLAC: "audio/flac",
    MP4: "audio/mp4",
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
    "tracknumber": "trkn",
    "discnumber": "disk",
}
_VORBIS_NAMES = {name: name for name in _ID3_NAMES} | {"explicit": "itunesadvisory"}
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_NUMBER = re.compile(r"\d+")
_FRONT_COVER = 3
_ID3_HEADER = 10


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
        artists=tuple(values.get("artist", ())),
        album_artist=_first(values, "albumartist"),
        album=_first(values, "album"),
        track_number=_number(values, "tracknumber"),
        disc_number=_number(values, "discnumber"),
        date=_date(_first(values, "date")),
        genres=tuple(values.get("genre", ()))[:8],
        isrc=_isrc(_first(values, "isrc")),
        label=_first(values, "label") or None,
        explicit=_first(values, "explicit") in ("1", "4"),
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
    return MP3 if head[:1] == b"\xff" and head[1:2] >= b"\xe0" else None


def _values_of(audio: mutagen.FileType) -> dict[str, list[str]]:
    tags = audio.tags
    if tags is None:
        return {}
    if isinstance(tags, ID3):
        return {name: _id3_texts(tags, frame) for name, frame in _ID3_NAMES.items() if frame in tags}
    names = _MP4_NAMES if isinstance(audio, MP4) else _VORBIS_NAMES
    values: dict[str, list[str]] = {}
    for name, key in names.items():
        if key in tags:
            texts = [repaired(_plain(value)) for value in tags[key]]
            values[name] = [text for text in texts if text]
    return values


def _id3_texts(tags: ID3, frame_id: str) -> list[str]:
    frame = tags[frame_id]
    texts = frame.genres if frame_id == "TCON" else [str(text) for text in frame.text]
    fixed = (repaired(text, labelled_latin1=frame.encoding == 0) for text in texts)
    return [text for text in fixed if text]


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
    elif isinstance(audio, MP3):
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
