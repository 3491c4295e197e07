"""The catalogue, the user's library and playlists, and what was found and heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from api_client import endpoints
from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.domains.platform import SearchType
from api_client.errors import PlatformError
from api_client.models.music import (
    Album,
    Artist,
    Followed,
    Home,
    HomeShelf,
    Library,
    LibraryType,
    Lyrics,
    Play,
    Saved,
    Track,
)
from api_client.models.platform import SearchResults
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.users import User
from tui.state.marks import MarkKind, Marks, marks_in, marks_of
from tui.state.observable import Observable
from tui.state.pages import every
from tui.state.playlists import PlaylistShelf
from tui.state.tasks import Tasks
from tui.state.writes import Writes

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
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class MusicChange:
    """A part, or one record of it."""

    part: MusicPart
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ArtistPage:
    """An artist with what they have made."""

    artist: Artist
    top_tracks: list[Track]
    albums: list[Album]


class MusicStore(Observable[MusicChange]):
    """One for the session. What is fetched stays until it is fetched again; marks and playlists change at once."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._tasks = Tasks()
        self._home: Home | None = None
        self._artists: dict[str, ArtistPage] = {}
        self._albums: dict[str, Album] = {}
        self._library: dict[LibraryType, Library] = {}
        self._lyrics: dict[str, Lyrics] = {}
        self._history: list[Play] | None = None
        self._history_cursor: str | None = None
        self._asked = 0
        self.sought = ""
        """The words of the newest search."""
        self.found: SearchResults | None = None
        """Its answer; None until there is one."""
        self.marks = Marks()
        self.playlists = PlaylistShelf(client, writes, me, self.marks, self._playlists_changed)

    # -- reading

    @property
    def home(self) -> list[HomeShelf] | None:
        """The shelves, None until they were fetched."""
        if self._home is None:
            return None
        return [shelf.changed(playlists=self.playlists.as_shown(shelf.playlists)) for shelf in self._home.shelves]

    def artist(self, artist_id: str) -> ArtistPage | None:
        """Return an artist that was fetched."""
        return self._artists.get(artist_id)

    def album(self, album_id: str) -> Album | None:
        """Return an album that was fetched, with its tracks."""
        return self._albums.get(album_id)

    def library(self, kind: LibraryType) -> Library | None:
        """Return what the user keeps of one kind, if it was fetched.

        What was taken out since stays listed, without its mark, until the list is fetched again: so it can be put back.
        """
        found = self._library.get(kind)
        return found and found.changed(playlists=self.playlists.as_shown(found.playlists))

    def lyrics(self, track_id: str) -> Lyrics | None:
        """Return the words of a track, if they were fetched; a track without words has none in it."""
        return self._lyrics.get(track_id)

    @property
    def history(self) -> list[Play] | None:
        """What was heard, the newest first; None until it was fetched."""
        return self._history

    async def load_home(self) -> None:
        """Fetch the shelves. Raises PlatformError."""
        asked_at = self.marks.moment
        self._home = await self._client.music.home()
        self.marks.learn(marks_in(self._home), asked_at)
        self.tell(MusicChange(MusicPart.HOME))

    async def load_artist(self, artist_id: str) -> None:
        """Fetch an artist, the best-loved tracks and every release. Raises PlatformError."""
        asked_at = self.marks.moment
        music = self._client.music
        artist = await music.artist(artist_id)
        top = await music.artist_top_tracks(artist_id, limit=10)
        albums = await every(lambda cursor: music.artist_albums(artist_id, cursor, limit=100))
        self.marks.learn(marks_of(artist, *top.items, *albums), asked_at)
        self._artists[artist_id] = ArtistPage(artist, top.items, albums)
        self.tell(MusicChange(MusicPart.ARTIST, artist_id))

    async def load_album(self, album_id: str) -> None:
        """Fetch an album with its tracks. Raises PlatformError."""
        asked_at = self.marks.moment
        album = await self._client.music.album(album_id)
        self.marks.learn(marks_of(album), asked_at)
        self._albums[album_id] = album
        self.tell(MusicChange(MusicPart.ALBUM, album_id))

    async def track(self, track_id: str) -> Track:
        """Fetch one track. Raises PlatformError."""
        asked_at = self.marks.moment
        track = await self._client.music.track(track_id)
        self.marks.learn(marks_of(track), asked_at)
        return track

    async def load_library(self, kind: LibraryType) -> None:
        """Fetch what the user keeps of one kind. Raises PlatformError."""
        asked_at = self.marks.moment
        found = await self._client.music.library(kind)
        self.marks.learn(marks_in(found), asked_at)
        self._library[kind] = found
        self.tell(MusicChange(MusicPart.LIBRARY, kind))

    async def load_lyrics(self, track_id: str) -> None:
        """Fetch the words of a track. Raises PlatformError."""
        self._lyrics[track_id] = await self._client.music.lyrics(track_id)
        self.tell(MusicChange(MusicPart.LYRICS, track_id))

    async def load_history(self) -> None:
        """Fetch what was heard last. Raises PlatformError."""
        page = await self._heard(None)
        self._history, self._history_cursor = page.items, page.next_cursor
        self.tell(MusicChange(MusicPart.HISTORY))

    async def load_older_history(self) -> None:
        """Fetch what was heard before that. Raises PlatformError."""
        cursor = self._history_cursor
        if cursor is None:
            return
        page = await self._heard(cursor)
        if self._history_cursor == cursor:
            known = {play.id for play in self._history or ()}
            self._history = [*(self._history or ()), *(play for play in page.items if play.id not in known)]
            self._history_cursor = page.next_cursor
            self.tell(MusicChange(MusicPart.HISTORY))

    async def _heard(self, cursor: str | None) -> Page[Play]:
        asked_at = self.marks.moment
        page = await self._client.playback.history(cursor, limit=50)
        self.marks.learn(marks_of(*(play.track for play in page.items)), asked_at)
        return page

    async def search(self, words: str) -> None:
        """Look for `words`; the answer to an older question is not taken any more. Raises PlatformError."""
        self._asked += 1
        number, asked_at = self._asked, self.marks.moment
        self.sought = words.strip()
        if not self.sought:
            self.found = None
            self.tell(MusicChange(MusicPart.SEARCH))
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
            self.tell(MusicChange(MusicPart.SEARCH))

    # -- keeping and following

    def is_saved(self, kind: LibraryType, item_id: str) -> bool:
        """Whether something is in the library."""
        return self.marks.of(kind, item_id)

    def is_followed(self, artist_id: str) -> bool:
        """Whether the user follows an artist."""
        return self.marks.of("artists", artist_id)

    async def save(self, kind: LibraryType, item_id: str) -> None:
        """Put something into the library: shown at once. Raises PlatformError, and takes the mark back."""
        await self._mark(kind, item_id, True)

    async def remove(self, kind: LibraryType, item_id: str) -> None:
        """Take something out of the library: shown at once. Raises PlatformError, and puts the mark back."""
        await self._mark(kind, item_id, False)

    async def follow(self, artist_id: str, on: bool) -> None:
        """Follow an artist, or no more: shown at once. Raises PlatformError, and shows what was before."""
        await self._mark("artists", artist_id, on)

    async def _mark(self, kind: MarkKind, item_id: str, on: bool) -> None:
        serial = self.marks.wish(kind, item_id, on)
        self.tell(MusicChange(MusicPart.MARK, item_id))
        await self._tasks.see_through(self._write_mark(kind, item_id, on, serial))

    async def _write_mark(self, kind: MarkKind, item_id: str, on: bool, serial: int) -> None:
        if kind == "artists":
            endpoint = endpoints.FOLLOW_ARTIST if on else endpoints.UNFOLLOW_ARTIST
            params, label = {"id": item_id}, "follow an artist" if on else "unfollow an artist"
        else:
            endpoint = endpoints.LIBRARY_SAVE if on else endpoints.LIBRARY_REMOVE
            params = {"type": kind, "itemId": item_id}
            label = "save to the library" if on else "take out of the library"
        try:
            reply: Saved | Followed = await self._writes.do(
                endpoint, object_key=f"mark:{kind}:{item_id}", label=label, params=params
            )
        except PlatformError:
            self.marks.refuse(kind, item_id, serial)
            self.tell(MusicChange(MusicPart.MARK, item_id))
            raise
        value = reply.followed if isinstance(reply, Followed) else reply.saved
        self.marks.confirm(kind, item_id, serial, value)
        self.tell(MusicChange(MusicPart.MARK, item_id))

    # -- what happens on the platform

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket: a playlist that is shown has a new version."""
        if not isinstance(frame, Updates):
            return
        for notice in frame.updates:
            kind, _, playlist_id = notice.key.partition(":")
            if kind == "playlists":
                self.playlists.notice(playlist_id, notice.version)

    def on_gap(self) -> None:
        """The socket was away: the playlists that are shown are fetched again."""
        self.playlists.on_gap()

    # -- inside

    def _playlists_changed(self, playlist_id: str | None) -> None:
        part = MusicPart.PLAYLISTS if playlist_id is None else MusicPart.PLAYLIST
        self.tell(MusicChange(part, playlist_id))
