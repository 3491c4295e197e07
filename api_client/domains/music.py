"""The catalogue, and the user's library of it."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group, Page, build
from api_client.models.catalogue import Concert, Region, Versions
from api_client.models.music import Album, Artist, Followed, Home, Library, LibraryType, Lyrics, Saved, Track


class Music(Group):
    """Artists, albums, tracks, and which of them the user keeps."""

    async def home(self) -> Home:
        """Return the shelves of the music home."""
        return await self._one(Home, table.MUSIC_HOME)

    async def artist(self, artist_id: str) -> Artist:
        """Return an artist."""
        return await self._one(Artist, table.ARTIST, path={"id": artist_id})

    async def artist_albums(
        self, artist_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[Album]:
        """Return an artist's albums without their tracks, newest first."""
        return await self._page(table.ARTIST_ALBUMS, path={"id": artist_id}, cursor=cursor, limit=limit)

    async def artist_top_tracks(
        self, artist_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[Track]:
        """Return what of an artist is heard most."""
        return await self._page(table.ARTIST_TOP_TRACKS, path={"id": artist_id}, cursor=cursor, limit=limit)

    async def follow_artist(self, artist_id: str) -> Followed:
        """Follow an artist."""
        return await self._one(Followed, table.FOLLOW_ARTIST, path={"id": artist_id})

    async def unfollow_artist(self, artist_id: str) -> Followed:
        """Follow an artist no more."""
        return await self._one(Followed, table.UNFOLLOW_ARTIST, path={"id": artist_id})

    async def artist_concerts(
        self, artist_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[Concert]:
        """Return where an artist plays, the next concert first."""
        return await self._page(table.ARTIST_CONCERTS, path={"id": artist_id}, cursor=cursor, limit=limit)

    async def concerts(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Concert]:
        """Return where the artists play that the user follows, the next concert first."""
        return await self._page(table.CONCERTS, cursor=cursor, limit=limit)

    async def region(self) -> Region:
        """Return the country for which the user's catalogue is."""
        return await self._one(Region, table.REGION)

    async def set_region(self, country: str | None) -> Region:
        """Say which country the user is in, in two letters; with None nothing is withheld."""
        return await self._one(Region, table.SET_REGION, body=build(Region, country=country))

    async def versions(self, track_id: str) -> Versions:
        """Return the other versions of a track."""
        return await self._one(Versions, table.VERSIONS, path={"id": track_id})

    async def album(self, album_id: str) -> Album:
        """Return an album with its tracks."""
        return await self._one(Album, table.ALBUM, path={"id": album_id})

    async def track(self, track_id: str) -> Track:
        """Return a track."""
        return await self._one(Track, table.TRACK, path={"id": track_id})

    async def lyrics(self, track_id: str) -> Lyrics:
        """Return a track's words; raises `NotFound` where there are none."""
        return await self._one(Lyrics, table.LYRICS, path={"id": track_id})

    async def library(self, kind: LibraryType) -> Library:
        """Return what the user keeps of one kind; the other lists of the reply are empty."""
        return await self._one(Library, table.LIBRARY, path={"type": kind})

    async def save(self, kind: LibraryType, item_id: str) -> Saved:
        """Keep something in the library."""
        return await self._one(Saved, table.LIBRARY_SAVE, path={"type": kind, "itemId": item_id})

    async def remove(self, kind: LibraryType, item_id: str) -> Saved:
        """Keep it there no more."""
        return await self._one(Saved, table.LIBRARY_REMOVE, path={"type": kind, "itemId": item_id})
