"""What of the catalogue the user keeps or follows: confirmed by the platform, and as just asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from api_client.models.base import WireModel
from api_client.models.music import Album, Artist, Home, Library, Playlist, Track
from api_client.models.platform import SearchResults
from api_client.sync.cache import Cache
from tui.state.wishes import Wishes

MarkKind = Literal["tracks", "albums", "playlists", "artists"]
Mark = tuple[MarkKind, str, bool]
"""Kind, id, and whether it is kept or followed."""

RECALLED = -1
"""The moment at which what is read from this machine was asked for: before everything."""
MOST_KEPT = 500
"""So many marks are kept on this machine that are newer than the lists they stand in."""

_DOCUMENT = "music:marks"


class KeptMarks(WireModel):
    """What the platform has confirmed since the lists were fetched that are kept on this machine."""

    marks: dict[str, bool] = {}


class Marks:
    """One answer to "is this saved?" for every list that a record stands in.

    A reply that was asked for before a write was confirmed may tell of the time before it: `learn` takes the moment
    at which the reply was asked for, and leaves alone what was settled since.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        """What `cache` has of earlier writes counts for more than the lists in it."""
        self._cache = cache or Cache.in_memory()
        kept = self._cache.document(_DOCUMENT, KeptMarks)
        self._written = dict(kept.value.marks) if kept else {}
        self._confirmed: dict[str, tuple[bool, int]] = {key: (value, 0) for key, value in self._written.items()}
        self._wishes: Wishes[bool] = Wishes()
        self._moment = 0

    @property
    def moment(self) -> int:
        """A number that grows with every write that is settled; to be noted when a reply is asked for."""
        return self._moment

    def of(self, kind: MarkKind, item_id: str) -> bool:
        """Whether something is kept or followed, as far as the user is concerned."""
        key = f"{kind}:{item_id}"
        wished = self._wishes.of(key)
        return self._confirmed.get(key, (False, 0))[0] if wished is None else wished

    def learn(self, marks: Iterable[Mark], asked_at: int) -> None:
        """Take over what a reply says that was asked for at the moment `asked_at`."""
        for kind, item_id, value in marks:
            key = f"{kind}:{item_id}"
            known = self._confirmed.get(key)
            if known is None or known[1] <= asked_at:
                self._confirmed[key] = (value, asked_at)
                if key in self._written and self._written[key] != value:
                    self._keep(key, value)

    def wish(self, kind: MarkKind, item_id: str, value: bool) -> int:
        """Show `value` until the write is settled; returns the number to settle it with."""
        return self._wishes.want(f"{kind}:{item_id}", value)

    def confirm(self, kind: MarkKind, item_id: str, serial: int, value: bool) -> None:
        """The platform has carried the write out, and says that the mark is `value` now."""
        key = f"{kind}:{item_id}"
        self._moment += 1
        self._confirmed[key] = (value, self._moment)
        self._wishes.settle(key, serial)
        self._keep(key, value)

    def refuse(self, kind: MarkKind, item_id: str, serial: int) -> None:
        """The write came to nothing: show again what is confirmed."""
        self._wishes.settle(f"{kind}:{item_id}", serial)

    def _keep(self, key: str, value: bool) -> None:
        self._written.pop(key, None)
        self._written[key] = value
        for oldest in list(self._written)[: max(len(self._written) - MOST_KEPT, 0)]:
            del self._written[oldest]
        self._cache.keep_document(_DOCUMENT, KeptMarks(marks=dict(self._written)))


def marks_of(*things: Track | Album | Artist | Playlist) -> Iterator[Mark]:
    """Yield what records say of themselves, and albums and playlists of their tracks."""
    for thing in things:
        match thing:
            case Track():
                yield "tracks", thing.id, thing.is_saved
            case Album():
                yield "albums", thing.id, thing.is_saved
                yield from marks_of(*thing.tracks)
            case Playlist():
                yield "playlists", thing.id, thing.is_saved
                yield from marks_of(*thing.tracks)
            case Artist():
                yield "artists", thing.id, thing.is_followed


def marks_in(found: Library | SearchResults | Home) -> Iterator[Mark]:
    """Yield what the records of a reply say of themselves."""
    for part in found.shelves if isinstance(found, Home) else (found,):
        artists = [] if isinstance(part, Library) else part.artists
        yield from marks_of(*part.tracks, *part.albums, *artists, *part.playlists)
