"""What the vault knows: which files it has, what was asked to be here, and why something of it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What can be downloaded."""

    TRACK = "track"
    ALBUM = "album"
    PLAYLIST = "playlist"
    MIX = "mix"


WishKey: TypeAlias = tuple[Kind, str]
"""A kind, and the id of one of it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole track on the disk; times in seconds since 1970."""

    track_id: str
    quality: int
    """Kilobits per second."""
    name: str
    """Of the file in the vault's folder."""
    size: int
    """Bytes."""
    sha256: bytes
    etag: str
    """The platform's validator of these bytes, empty if it gave none."""
    mime_type: str
    stored_at: float
    used_at: float
    """When it was last played."""
    checked_at: float
    """When its checksum was last found right."""


@dataclass(frozen=True, slots=True)
class Part:
    """A download that is not whole yet: what its bytes belong to."""

    track_id: str
    quality: int
    size: int
    etag: str
    mime_type: str

    @property
    def key(self) -> str:
        """The name under which it grows."""
        return file_key(self.track_id, self.quality)


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that was asked to be on this machine, with the tracks that belong to it, in their order."""

    kind: Kind
    id: str
    title: str
    by: str = ""
    """The artist of an album or track, the owner of a playlist."""
    cover_url: str = ""
    added_at: float = 0.0
    track_ids: tuple[str, ...] = ()

    @property
    def key(self) -> WishKey:
        """What tells it from all others."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Setback:
    """Why a track that was asked for is not here; `fault` is the name of a `Fault`, or `no_space`, or `signed_out`."""

    track_id: str
    fault: str
    sentence: str


@dataclass(slots=True)
class Contents:
    """Everything that is known, as of one moment."""

    files: dict[str, tuple[Stored, ...]] = field(default_factory=dict)
    """By track, the best quality first."""
    parts: dict[str, Part] = field(default_factory=dict)
    wishes: dict[WishKey, Wish] = field(default_factory=dict)
    setbacks: dict[str, Setback] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    _pinned: frozenset[str] | None = None

    def pinned(self) -> frozenset[str]:
        """Return the tracks that were asked for, one way or another."""
        if self._pinned is None:
            self._pinned = frozenset(track_id for wish in self.wishes.values() for track_id in wish.track_ids)
        return self._pinned

    def put_wish(self, wish: Wish) -> None:
        """Add a wish, in place of what was known of it."""
        self.wishes[wish.key] = wish
        self._pinned = None

    def drop_wish(self, key: WishKey) -> None:
        """Forget a wish, and what went wrong with tracks that nobody asks for now."""
        self.wishes.pop(key, None)
        self._pinned = None
        self.setbacks = {name: back for name, back in self.setbacks.items() if name in self.pinned()}

    def stored(self) -> Iterable[Stored]:
        """Yield every file."""
        return (stored for files in self.files.values() for stored in files)

    def put(self, stored: Stored) -> None:
        """Add a file, in place of the one of the same quality."""
        others = [each for each in self.files.get(stored.track_id, ()) if each.quality != stored.quality]
        self.files[stored.track_id] = best_first([*others, stored])

    def remove(self, stored: Stored) -> None:
        """Forget a file."""
        rest = tuple(each for each in self.files.get(stored.track_id, ()) if each.name != stored.name)
        if rest:
            self.files[stored.track_id] = rest
        else:
            self.files.pop(stored.track_id, None)


def best_first(files: Iterable[Stored]) -> tuple[Stored, ...]:
    """Return `files` of one track by quality."""
    return tuple(sorted(files, key=lambda stored: -stored.quality))


def file_key(track_id: str, quality: int) -> str:
    """Return what names the file of a track at a quality."""
    return f"{track_id}\0{quality}"


def to_evict(contents: Contents, limit: int, spared: Iterable[str] = ()) -> list[Stored]:
    """Return the files that have to go so that what nobody asked for takes at most `limit` bytes, the oldest first.

    The tracks in `spared` stay although they count: they play.
    """
    pinned, kept = contents.pinned(), set(spared)
    loose = sorted((stored for stored in contents.stored() if stored.track_id not in pinned), key=_age)
    over = sum(stored.size for stored in loose) - limit
    going: list[Stored] = []
    for stored in loose:
        if over <= 0:
            break
        if stored.track_id not in kept:
            going.append(stored)
            over -= stored.size
    return going


def _age(stored: Stored) -> tuple[float, str]:
    return stored.used_at, stored.name
