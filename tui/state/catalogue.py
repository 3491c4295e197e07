"""What the catalogue knows beside its releases: all about one track, concerts, and the country of the listener."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.models.base import Items, WireModel
from api_client.models.catalogue import Concert
from api_client.models.music import Album, Track
from api_client.sync.cache import Cache
from tui.state.kept import Kept
from tui.state.marks import Mark, Marks, marks_of
from tui.state.pages import every

CONCERTS = "concerts"
"""The name under which the concerts of followed artists are told."""


class TrackPage(WireModel):
    """A track with its release and its other versions."""

    track: Track
    album: Album | None = None
    versions: Items[Track] = []


class Concerts(WireModel):
    """Where somebody plays, the next concert first."""

    concerts: Items[Concert] = []


class CatalogueShelf:
    """What this machine has of it shows until it is fetched."""

    def __init__(
        self,
        client: PlatformClient,
        marks: Marks,
        cache: Cache,
        recalled: Callable[[list[Mark]], None],
        changed: Callable[[str], None],
    ) -> None:
        """`recalled` gets the marks of what was read from this machine; `changed` a track's id, or `CONCERTS`."""
        self._client = client
        self._marks = marks
        self._changed = changed
        self._tracks = Kept(cache, "music:track", TrackPage, lambda kept: recalled(_marks_on(kept)))
        self._concerts = Kept(cache, "music:concerts", Concerts)

    def track(self, track_id: str) -> TrackPage | None:
        """Return all that is known about a track."""
        return self._tracks.get(track_id)

    @property
    def concerts(self) -> list[Concert] | None:
        """Where the artists play that the user follows; None until it is known."""
        found = self._concerts.get()
        return None if found is None else list(found.concerts)

    def stale_since(self, name: str) -> datetime | None:
        """Return from when a track's page is, or the concerts are, if they could not be fetched again."""
        return self._concerts.stale_since() if name == CONCERTS else self._tracks.stale_since(name)

    async def load_track(self, track_id: str) -> None:
        """Fetch a track, its release and its other versions. Raises PlatformError."""
        asked_at = self._marks.moment
        page = await self._tracks.fetch(lambda: self._track(track_id), track_id)
        self._marks.learn(_marks_on(page), asked_at)
        self._changed(track_id)

    async def _track(self, track_id: str) -> TrackPage:
        music = self._client.music
        track = await music.track(track_id)
        album = await music.album(track.album.id) if track.album is not None else None
        try:
            versions = (await music.versions(track_id)).tracks
        except NotFound:  # a platform that does not tell versions
            versions = []
        return TrackPage(track=track, album=album and album.changed(tracks=[]), versions=versions)

    async def load_concerts(self) -> None:
        """Fetch where the artists play that the user follows. Raises PlatformError."""
        music = self._client.music

        async def ask() -> Concerts:
            return Concerts(concerts=await every(lambda cursor: music.concerts(cursor, limit=100)))

        await self._concerts.fetch(ask)
        self._changed(CONCERTS)

    async def concerts_of(self, artist_id: str) -> list[Concert]:
        """Fetch where an artist plays; nothing of a platform that does not know. Raises PlatformError."""
        try:
            return list((await self._client.music.artist_concerts(artist_id, limit=50)).items)
        except NotFound:
            return []


def _marks_on(page: TrackPage) -> list[Mark]:
    return list(marks_of(page.track, *page.versions, *([page.album] if page.album is not None else [])))
