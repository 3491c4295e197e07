"""The catalogue, the user's library and playlists, and what was found and heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from api_client.client import PlatformClient
from api_client.domains.platform import SearchType
from api_client.errors import PlatformError
from api_client.models.base import Items, WireModel
from api_client.models.catalogue import Concert
from api_client.models.music import Album, Artist, Home, HomeShelf, Library, LibraryType, Lyrics, Play, Track
from api_client.models.platform import SearchResults
from api_client.models.users import User
from api_client.sync.cache import Cache, Position
from tui.state.catalogue import CatalogueShelf
from tui.state.kept import Kept
from tui.state.listening import ListeningShelf
from tui.state.live_records import LiveRecords, Shelf
from tui.state.mark_writes import MarkWrites
from tui.state.marks import RECALLED, Mark, Marks, marks_in, marks_of
from tui.state.mixes import MixShelf
from tui.state.observable import Observable
from tui.state.pages import every
from tui.state.playlists import PlaylistShelf
from tui.state.tasks import Tasks
from tui.state.writes import Writes

if TYPE_CHECKING:
    from tui.state.downloads import Downloads

SEARCHED: tuple[SearchType, ...] = ("track", "artist", "album", "playlist")


class MusicPart(Enum):
    """What has changed."""

    HOME = "home"
    LIBRARY = "library"
    PLAYLISTS = "playlists"
    PLAYLIST = "playlist"
    ALBUM = "album"
    ARTIST = "artist"
    SEARCH = "search"
    LYRICS = "lyrics"
    HISTORY = "history"
    MIXES = "mixes"
    MIX = "mix"
    LISTENING = "listening"
    CATALOGUE = "catalogue"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class MusicChange:
    """A part, or one record of it."""

    part: MusicPart
    id: str | None = None


class ArtistPage(WireModel):
    """An artist with what they have made."""

    artist: Artist
    top_tracks: Items[Track] = []
    albums: Items[Album] = []
    concerts: Items[Concert] = []


class Heard(WireModel):
    """The newest part of what was heard, and where older plays go on."""

    plays: Items[Play] = []
    next_cursor: str | None = None


class MusicStore(Observable[MusicChange]):
    """One for the session. What this machine has shows until it is fetched; marks and playlists change at once."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User, cache: Cache | None = None) -> None:
        """What `cache` has is there at once; without one nothing outlasts the store."""
        super().__init__()
        cache = cache or Cache.in_memory()
        self._client = client
        self._cache = cache
        self.me = me
        self._tasks = Tasks()
        self.marks = Marks(cache)
        self._home = Kept(cache, "music:home", Home, lambda kept: self._recalled(marks_in(kept)))
        self._artists = Kept(cache, "music:artist", ArtistPage, lambda kept: self._recalled(_marks_on(kept)))
        self._albums = Kept(cache, "music:album", Album, lambda kept: self._recalled(marks_of(kept)))
        self._library = Kept(cache, "music:library", Library, lambda kept: self._recalled(marks_in(kept)))
        self._lyrics = Kept(cache, "music:lyrics", Lyrics)
        self._heard = Kept(cache, "music:heard", Heard, lambda kept: self._recalled(_marks_heard(kept)))
        self._older_heard: list[Play] = []
        self._older_cursor: str | None = None
        self._asked = 0
        self.downloads: Downloads | None = None
        """What is on this machine, once somebody looks after it."""
        self.sought = ""
        """The words of the newest search."""
        self.found: SearchResults | None = None
        """Its answer; None until there is one."""
        self._mark_writes = MarkWrites(writes, self.marks, lambda item_id: self._tell(MusicPart.MARK, item_id))
        self.playlists = PlaylistShelf(client, writes, me, self.marks, self._playlists_changed, cache)
        self.mixes = MixShelf(client, self.marks, cache, self._recalled, self._mixes_changed)
        self.catalogue = CatalogueShelf(
            client, self.marks, cache, self._recalled, lambda name: self._tell(MusicPart.CATALOGUE, name)
        )
        self.listening = ListeningShelf(
            client, self.marks, cache, self._recalled, lambda name: self._tell(MusicPart.LISTENING, name)
        )

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()
        await self.playlists.close()

    # -- reading

    @property
    def home(self) -> list[HomeShelf] | None:
        """The shelves, None until they are known."""
        home = self._home.get()
        if home is None:
            return None
        return [shelf.changed(playlists=self.playlists.as_shown(shelf.playlists)) for shelf in home.shelves]

    def artist(self, artist_id: str) -> ArtistPage | None:
        """Return an artist that is known."""
        return self._artists.get(artist_id)

    def album(self, album_id: str) -> Album | None:
        """Return an album that is known, with its tracks."""
        return self._albums.get(album_id)

    def library(self, kind: LibraryType) -> Library | None:
        """Return what the user keeps of one kind, if it is known.

        What was taken out since stays listed, without its mark, until the list is fetched again: so it can be put back.
        """
        found = self._library.get(kind)
        return found and found.changed(playlists=self.playlists.as_shown(found.playlists))

    def lyrics(self, track_id: str) -> Lyrics | None:
        """Return the words of a track, if they are known; a track without words has none in it."""
        return self._lyrics.get(track_id)

    @property
    def history(self) -> list[Play] | None:
        """What was heard, the newest first; None until it is known."""
        heard = self._heard.get()
        if heard is None:
            return None
        known = {play.id for play in heard.plays}
        return [*heard.plays, *(play for play in self._older_heard if play.id not in known)]

    def stale_since(self, part: MusicPart, item_id: str = "") -> datetime | None:
        """Return from when something is, if it could not be fetched again; `item_id` is the kind for the library."""
        match part:
            case MusicPart.HOME:
                return self._home.stale_since()
            case MusicPart.LIBRARY:
                return self._library.stale_since(item_id)
            case MusicPart.ALBUM:
                return self._albums.stale_since(item_id)
            case MusicPart.ARTIST:
                return self._artists.stale_since(item_id)
            case MusicPart.LYRICS:
                return self._lyrics.stale_since(item_id)
            case MusicPart.HISTORY:
                return self._heard.stale_since()
            case MusicPart.PLAYLIST:
                return self.playlists.stale_since(item_id)
            case MusicPart.PLAYLISTS:
                return self.playlists.stale_since()
            case _:
                return None

    def position(self, place: str) -> Position | None:
        """Return where the user was reading at a place of the music."""
        return self._cache.position(f"music:{place}")

    def keep_position(self, place: str, position: Position) -> None:
        """Keep where the user is reading."""
        self._cache.keep_position(f"music:{place}", position)

    async def load_home(self) -> None:
        """Fetch the shelves. Raises PlatformError."""
        asked_at = self.marks.moment
        home = await self._home.fetch(self._client.music.home)
        self.marks.learn(marks_in(home), asked_at)
        self._tell(MusicPart.HOME)

    async def load_artist(self, artist_id: str) -> None:
        """Fetch an artist, the best-loved tracks and every release. Raises PlatformError."""
        asked_at = self.marks.moment
        page = await self._artists.fetch(lambda: self._artist(artist_id), artist_id)
        self.marks.learn(_marks_on(page), asked_at)
        self._tell(MusicPart.ARTIST, artist_id)

    async def _artist(self, artist_id: str) -> ArtistPage:
        music = self._client.music
        artist = await music.artist(artist_id)
        top = await music.artist_top_tracks(artist_id, limit=10)
        albums = await every(lambda cursor: music.artist_albums(artist_id, cursor, limit=100))
        concerts = await self.catalogue.concerts_of(artist_id)
        return ArtistPage(artist=artist, top_tracks=top.items, albums=albums, concerts=concerts)

    async def load_album(self, album_id: str) -> None:
        """Fetch an album with its tracks. Raises PlatformError."""
        asked_at = self.marks.moment
        album = await self._albums.fetch(lambda: self._client.music.album(album_id), album_id)
        self.marks.learn(marks_of(album), asked_at)
        self._tell(MusicPart.ALBUM, album_id)

    async def track(self, track_id: str) -> Track:
        """Fetch one track; what this machine has of it has to do without the platform. Raises PlatformError."""
        asked_at = self.marks.moment
        try:
            track = await self._client.music.track(track_id)
        except PlatformError as error:
            known = self._cache.record(f"songs:{track_id}", Track)
            if known is None or not error.worth_retrying:
                raise
            return known
        self.marks.learn(marks_of(track), asked_at)
        self._cache.keep({f"songs:{track_id}": track})
        return track

    async def load_library(self, kind: LibraryType) -> None:
        """Fetch what the user keeps of one kind. Raises PlatformError."""
        asked_at = self.marks.moment
        found = await self._library.fetch(lambda: self._client.music.library(kind), kind)
        self.marks.learn(marks_in(found), asked_at)
        self._tell(MusicPart.LIBRARY, kind)

    async def load_lyrics(self, track_id: str) -> None:
        """Fetch the words of a track; those of a download have to do without the platform. Raises PlatformError."""
        try:
            await self._lyrics.fetch(lambda: self._client.music.lyrics(track_id), track_id)
        except PlatformError:
            known = self.lyrics(track_id) is not None or self.downloads is None
            kept = None if known or self.downloads is None else await self.downloads.facts.words(track_id)
            if kept is None:
                raise
            self._lyrics.put(kept, track_id)
        self._tell(MusicPart.LYRICS, track_id)

    async def load_history(self) -> None:
        """Fetch what was heard last. Raises PlatformError."""
        asked_at = self.marks.moment
        heard = await self._heard.fetch(lambda: self._hear(None))
        self.marks.learn(_marks_heard(heard), asked_at)
        self._older_heard, self._older_cursor = [], heard.next_cursor
        self._tell(MusicPart.HISTORY)

    async def load_older_history(self) -> None:
        """Fetch what was heard before that. Raises PlatformError."""
        cursor = self._older_cursor
        if cursor is None:
            return
        asked_at = self.marks.moment
        page = await self._hear(cursor)
        self.marks.learn(_marks_heard(page), asked_at)
        if self._older_cursor == cursor:
            self._older_heard += page.plays
            self._older_cursor = page.next_cursor
            self._tell(MusicPart.HISTORY)

    async def _hear(self, cursor: str | None) -> Heard:
        page = await self._client.playback.history(cursor, limit=50)
        return Heard(plays=page.items, next_cursor=page.next_cursor)

    async def search(self, words: str) -> None:
        """Look for `words`; the answer to an older question is not taken any more. Raises PlatformError."""
        self._asked += 1
        number, asked_at = self._asked, self.marks.moment
        self.sought = words.strip()
        if not self.sought:
            self.found = None
            self._tell(MusicPart.SEARCH)
            return
        try:
            found = await self._client.platform.search(self.sought, SEARCHED, limit=20)
        except PlatformError:
            if number == self._asked:
                raise
            return
        self.marks.learn(marks_in(found), asked_at)
        if number == self._asked:
            self.found = found
            self._tell(MusicPart.SEARCH)

    # -- keeping and following

    def is_saved(self, kind: LibraryType, item_id: str) -> bool:
        """Whether something is in the library."""
        return self.marks.of(kind, item_id)

    def is_followed(self, artist_id: str) -> bool:
        """Whether the user follows an artist."""
        return self.marks.of("artists", artist_id)

    async def save(self, kind: LibraryType, item_id: str, name: str = "") -> None:
        """Put something into the library: shown at once. Raises PlatformError, and takes the mark back."""
        await self._tasks.see_through(self._mark_writes.mark(kind, item_id, True, name))

    async def remove(self, kind: LibraryType, item_id: str, name: str = "") -> None:
        """Take something out of the library: shown at once. Raises PlatformError, and puts the mark back."""
        await self._tasks.see_through(self._mark_writes.mark(kind, item_id, False, name))

    async def follow(self, artist_id: str, on: bool, name: str = "") -> None:
        """Follow an artist, or no more: shown at once. Raises PlatformError, and shows what was before."""
        await self._tasks.see_through(self._mark_writes.mark("artists", artist_id, on, name))

    # -- what happens on the platform

    def put_on_shelf(self, live: LiveRecords) -> None:
        """Let `live` keep songs, and playlists that were opened, up to date."""
        songs: Shelf[Track, int] = Shelf(
            TypeAdapter(Track),
            known=self._streams_of,
            asked=lambda _: self.marks.moment,
            take=self._take_song,
            gone=lambda track_id: self._cache.forget(f"songs:{track_id}"),
            fetch=self._client.music.track,
            # A song has no version but the count of its plays, which only grows.
            version_of=lambda track: track.stream_count,
        )
        live.hold("songs", songs)
        live.hold("playlists", self.playlists.shelf)

    def _streams_of(self, track_id: str) -> int | None:
        known = self._cache.record(f"songs:{track_id}", Track)
        return None if known is None else known.stream_count

    def _take_song(self, track_id: str, track: Track, asked_at: int) -> None:
        self.marks.learn(marks_of(track), asked_at)
        self._cache.keep({f"songs:{track_id}": track})
        self._tell(MusicPart.MARK, track_id)

    # -- inside

    def _playlists_changed(self, playlist_id: str | None) -> None:
        self._tell(MusicPart.PLAYLISTS if playlist_id is None else MusicPart.PLAYLIST, playlist_id)

    def _mixes_changed(self, name: str | None) -> None:
        self._tell(MusicPart.MIXES if name is None else MusicPart.MIX, name)

    def _recalled(self, marks: Iterable[Mark]) -> None:
        self.marks.learn(marks, RECALLED)

    def _tell(self, part: MusicPart, item_id: str | None = None) -> None:
        self.tell(MusicChange(part, item_id))


def _marks_on(page: ArtistPage) -> Iterator[Mark]:
    return marks_of(page.artist, *page.top_tracks, *page.albums)


def _marks_heard(heard: Heard) -> Iterator[Mark]:
    return marks_of(*(play.track for play in heard.plays))
