"""The song a file stands for: its tags, and where they are silent, the names of the file and its folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from server.music.repair import folded, repaired
from server.music.tags import FileFacts

UNKNOWN_ARTIST = "Unknown Artist"
VARIOUS_ARTISTS = "Various Artists"
_VARIOUS = frozenset(
    {"various artists", "various", "va", "v.a.", "v/a", "diverse interpreten", "verschiedene interpreten"}
)

_NUMBERED = re.compile(r"^(?:(?P<disc>\d)-)?(?P<track>\d{1,3})(?:\s*[-._]\s*|\s+)(?P<rest>\S.*)$")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_DISC_FOLDER = re.compile(r"^(?:cd|disc|disk|dvd)[\s._-]*(?P<number>\d{1,2})\b", re.IGNORECASE)
_YEAR_BEHIND = re.compile(
    r"^(?P<rest>\S.*?)\s*[\[(](?P<year>(?:19|20)\d\d)(?:-\d\d){0,2}[\])](?:\s*[\[(][^\])]*[\])])*$"
)
_YEAR_FOLDER = re.compile(r"^[\[(]?(?P<year>(?:19|20)\d\d)[\])]?\s*[-._]?\s*(?P<rest>[^\s\])].*)$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_GUESTS = re.compile(r"\s+[\[(]?(?:feat\.?|ft\.?|featuring)\s+(?P<names>[^)\]]+)[)\]]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Song:
    """A file as the catalogue will show it; `artists` has at least one name, the main one first."""

    title: str
    artists: tuple[str, ...]
    album: str
    album_artist: str
    group_key: str
    """The same for all files of one release."""
    is_single: bool
    is_compilation: bool
    track_number: int
    disc_number: int
    date: str | None


def song_of(facts: FileFacts, place: PurePath) -> Song:
    """Return the song in the file at `place`, a path relative to the music folder."""
    folders = [repaired(part) for part in place.parts[:-1]]
    disc_folder = _DISC_FOLDER.match(folders[-1]) if folders else None
    release_folders = folders[:-1] if disc_folder else folders
    named = _from_file_name(repaired(place.stem.replace("_", " ")))
    release = _from_release_folder(release_folders[-1] if release_folders else "", inside=len(release_folders) > 1)
    artists = _artists(facts.artists) or _artists((named.artist,))
    if not artists:
        above = release_folders[-2] if len(release_folders) > 1 else release.artist
        artists = (above or facts.album_artist or UNKNOWN_ARTIST,)
    title = facts.title or named.title
    album = facts.album or release.title
    track = facts.track_number or named.track or 1
    disc = facts.disc_number or (int(disc_folder["number"]) if disc_folder else named.disc) or 1
    holder = folded(facts.album_artist) or "/".join(("folder:", *map(folded, release_folders)))
    group_key = f"{holder}|{folded(album)}" if album else f"{folded(artists[0])}|single|{folded(title)}"
    return Song(
        title=title,
        artists=artists,
        album=album or title,
        album_artist=facts.album_artist,
        group_key=group_key[:1024],
        is_single=not album,
        is_compilation=facts.is_compilation or folded(facts.album_artist) in _VARIOUS,
        track_number=track,
        disc_number=disc,
        date=facts.date or (release.year if not facts.album else None),
    )


@dataclass(frozen=True, slots=True)
class _FileName:
    title: str
    artist: str = ""
    track: int | None = None
    disc: int | None = None


def _from_file_name(stem: str) -> _FileName:
    """Read `03 - Artist - Title`, `1-03 Title`, `Artist - Title` and plain titles."""
    numbered = _NUMBERED.match(stem)
    rest = numbered["rest"] if numbered else stem
    track = int(numbered["track"]) or None if numbered else None
    disc = int(numbered["disc"]) or None if numbered and numbered["disc"] else None
    parts = _DASH.split(rest, maxsplit=1)
    if len(parts) == 2:
        return _FileName(parts[1], parts[0], track, disc)
    return _FileName(rest or "Untitled", "", track, disc)


@dataclass(frozen=True, slots=True)
class _FolderName:
    title: str
    artist: str = ""
    year: str | None = None


def _from_release_folder(name: str, *, inside: bool) -> _FolderName:
    """Read `1999 - Album`, `Album (1999) [FLAC]`, and where no folder above names the artist, `Artist - Album`."""
    dated = _YEAR_FOLDER.match(name) or _YEAR_BEHIND.match(name)
    rest, year = (dated["rest"], dated["year"]) if dated else (name, None)
    parts = [] if inside else _DASH.split(rest)
    if len(parts) == 3 and _YEAR.fullmatch(parts[1]):
        return _FolderName(parts[2], parts[0], parts[1])
    if len(parts) >= 2:
        return _FolderName(" - ".join(parts[1:]), parts[0], year)
    return _FolderName(rest, "", year)


def _artists(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the artists behind `names`, with guests (`A feat. B & C`) after the main ones and nobody twice."""
    main: list[str] = []
    guests: list[str] = []
    for name in names:
        found = _GUESTS.search(name)
        main.append(name[: found.start()] if found else name)
        if found:
            guests.extend(re.split(r"\s*(?:,|&)\s*", found["names"]))
    unique: dict[str, str] = {}
    for name in (*main, *guests):
        if name.strip():
            unique.setdefault(folded(name), name.strip())
    return tuple(unique.values())[:12]
