"""The user's playlists and those that were opened: read through what is kept, fetched again when others change them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.music import Library, Playlist, PlaylistTrack, Track, TrackAdded
from api_client.models.users import User
from api_client.sync.cache import Cache
from tui.state.kept import Kept
from tui.state.live_records import Shelf
from tui.state.marks import RECALLED, Marks, marks_of
from tui.state.pages import every
from tui.state.playlist_book import PlaylistBook
from tui.state.playlist_folders import FolderShelf
from tui.state.playlist_kinds import PlaylistKinds
from tui.state.playlist_views import PlaylistViews
from tui.state.playlist_writes import PlaylistWrites
from tui.state.tasks import Tasks
from tui.state.writes import Writes


@dataclass(frozen=True, slots=True)
class Asked:
    """When a playlist was asked for."""

    number: int
    marks: int
    """The moment of the marks."""
    settled: int
    """How many of its changes had come to their end."""


class PlaylistShelf:
    """The part of the music store that can be edited. Writes on one playlist are sent in the order they were made."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        me: User,
        marks: Marks,
        changed: Callable[[str | None], None],
        cache: Cache,
    ) -> None:
        """`changed` is called with the id of a playlist whose tracks changed, with None when the list of them has."""
        self._client = client
        self._me = me
        self._marks = marks
        self._changed = changed
        self._tasks = Tasks()
        self._listed = Kept(cache, "playlists:mine", Library, lambda kept: self._recalled(kept.playlists))
        self.book = PlaylistBook(cache, self._listed, lambda kept: self._recalled([kept]))
        self._writes = PlaylistWrites(writes, me, self.book, cache, self._both_changed, self._settled)
        self.kinds = PlaylistKinds(client, writes, me, self.book, cache, self._both_changed, self._settled)
        self.folders = FolderShelf(client, writes, cache, lambda: self._changed(None))
        self.views = PlaylistViews(cache)
        self._asked = 0
        self._answered: dict[str, int] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._people: dict[str, str] = {me.id: "you"}

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()

    # -- reading

    @property
    def mine(self) -> list[Playlist] | None:
        """The user's playlists without their tracks, those changed last first; None until they are known."""
        return self.book.mine

    @property
    def listed(self) -> bool:
        """Whether the list of them is known, and not only those that were just made."""
        return self._listed.get() is not None

    @property
    def editable(self) -> list[Playlist]:
        """Those of them to which the user may add."""
        return [playlist for playlist in self.mine or () if playlist.can_edit]

    def get(self, playlist_id: str) -> Playlist | None:
        """Return a playlist that is known, with its tracks as they stand."""
        return self.book.get(playlist_id)

    def as_shown(self, playlists: Iterable[Playlist]) -> list[Playlist]:
        """Return listed `playlists` with the changes that were asked for, without those that are gone."""
        return self.book.as_shown(playlists)

    def stale_since(self, playlist_id: str | None = None) -> datetime | None:
        """Return from when a playlist, or the list of them, is, if it could not be fetched again."""
        if playlist_id is None:
            return self._listed.stale_since()
        return self.book.freshness(playlist_id).stale_since

    def adder_of(self, playlist: Playlist, track: PlaylistTrack) -> str:
        """Return who added a track, as `name_of` says it."""
        if track.added_by_name and track.added_by != self._me.id:
            return track.added_by_name
        return self.name_of(playlist, track.added_by)

    def name_of(self, playlist: Playlist, user_id: str | None) -> str:
        """Return who somebody is that added to a playlist: "you", the owner's name, a username, or nothing."""
        if user_id is None or user_id in self._people:
            return self._people.get(user_id or "", "")
        return playlist.owner_name if user_id == playlist.owner_id else ""

    async def load_mine(self) -> None:
        """Fetch the user's playlists. Raises PlatformError."""
        asked_at, made, filed = self._marks.moment, self.book.made_here, self.folders.moment
        try:
            found = await self._listed.fetch(self._fetch_mine)
        finally:
            self._changed(None)
        self.book.listed(made)
        self.folders.relisted(filed)
        self._marks.learn(marks_of(*found.playlists), asked_at)
        self._changed(None)

    async def _fetch_mine(self) -> Library:
        return Library(playlists=await every(lambda cursor: self._client.playlists.mine(cursor, limit=100)))

    async def load(self, playlist_id: str) -> None:
        """Fetch a playlist with its tracks, and who edits it. Raises PlatformError."""
        if not self.book.is_confirmed(playlist_id):
            return
        asked = self._ask(playlist_id)
        try:
            found = await self._client.playlists.get(playlist_id)
        except PlatformError:
            self.book.freshness(playlist_id).failed()
            self._changed(playlist_id)
            raise
        if self._take(found, asked):
            await self._learn_names(found)

    def _ask(self, playlist_id: str) -> Asked:
        self._asked += 1
        return Asked(self._asked, self._marks.moment, self.book.edited(playlist_id).settled)

    def _take(self, found: Playlist, asked: Asked) -> bool:
        """Take in an answer; False where one to a later question has come already."""
        if asked.number < self._answered.get(found.id, 0):
            return False
        self._answered[found.id] = asked.number
        self.book.freshness(found.id).fetched(time.time())
        self._marks.learn(marks_of(found), asked.marks)
        self.book.learn(found, asked.settled)
        self._changed(found.id)
        return True

    async def _learn_names(self, found: Playlist) -> None:
        """Find out who added tracks, where that is not known."""
        if any(not self.adder_of(found, track) for track in found.tracks if track.added_by):
            people = await every(lambda cursor: self._client.playlists.collaborators(found.id, cursor, limit=100))
            self._people |= {person.id: person.username for person in people if person.id != self._me.id}
            self._changed(found.id)

    # -- what others change

    @property
    def shelf(self) -> Shelf[Playlist, Asked]:
        """How playlists are held that were opened."""
        return Shelf(
            TypeAdapter(Playlist),
            known=self.book.version_of,
            asked=self._ask,
            take=self._take_in,
            gone=self._gone,
            fetch=self._client.playlists.get,
        )

    def _take_in(self, _: str, found: Playlist, asked: Asked) -> None:
        if self._take(found, asked):
            self._tasks.later(self._learn_names(found))

    def _gone(self, playlist_id: str) -> None:
        self.book.delete(playlist_id)
        self._both_changed(playlist_id)

    # -- playlists as a whole

    async def create(self, name: str, **fields: Any) -> Playlist:
        """Ask for a playlist: it is there at once, and made when the platform can be reached. Raises StoreTrouble.

        `fields` are more of a `NewPlaylist`: `description`, `is_public`, `is_collaborative`, `rules`.
        """
        return await self._writes.create(name, **fields)

    async def change(self, playlist_id: str, **fields: str | bool | None) -> None:
        """Change `name`, `description`, `is_public` or `is_collaborative` of a playlist that is listed or opened.

        Shown at once. Raises PlatformError, and shows the old values again.
        """
        listed = (playlist for playlist in self.mine or () if playlist.id == playlist_id)
        playlist = self.get(playlist_id) or next(listed, None)
        if playlist is not None:
            await self._tasks.see_through(self._writes.change(playlist, **fields))

    async def begin_changing(self, playlist: Playlist, draft: str = "", **fields: Any) -> None:
        """Ask for a change of `playlist`, as `change` does, and wait for no answer; `draft` goes with it.

        Raises Invalid for what the platform would refuse, and StoreTrouble.
        """
        await self._writes.begin_changing(playlist, draft, **fields)

    async def rename(self, playlist_id: str, name: str) -> None:
        """Give a playlist another name: shown at once. Raises PlatformError, and shows the old one again."""
        await self.change(playlist_id, name=name)

    async def delete(self, playlist_id: str) -> None:
        """Delete a playlist, and wait until the platform has. Raises PlatformError, and shows it again."""
        await asyncio.shield(await self.begin_deleting(playlist_id))

    async def begin_deleting(self, playlist_id: str) -> asyncio.Task[None]:
        """Delete a playlist: gone at once, for the others after a moment in which it can be had back.

        Returns what follows it, which need not be waited for. Raises StoreTrouble.
        """
        playlist = self.get(playlist_id)
        listed = (known.name for known in self.mine or () if known.id == playlist_id)
        return await self._writes.delete(playlist_id, playlist.name if playlist is not None else next(listed, ""))

    # -- their tracks: asked for one after the other, and then on their way whatever becomes of the caller

    async def add(self, playlist_id: str, track: Track) -> bool:
        """Put a track at the end: shown at once. Returns False where it stood there already; raises PlatformError."""
        asked = await self._begin_adding(playlist_id, [track])
        return bool(asked) and (await asyncio.shield(asked[0])).added

    async def begin_adding(self, playlist_id: str, tracks: Sequence[Track]) -> list[asyncio.Task[TrackAdded]]:
        """Put tracks at the end in their order: all of them are stored and shown when this returns.

        Returns what follows each, which need not be waited for; those that stand there already have none. Raises
        StoreTrouble.
        """
        return await self._tasks.see_through(self._begin_adding(playlist_id, tracks))

    async def _begin_adding(self, playlist_id: str, tracks: Sequence[Track]) -> list[asyncio.Task[TrackAdded]]:
        async with self._turn(playlist_id):
            fresh = (track for track in tracks if not self.holds(playlist_id, track.id))
            if asked := [await self._writes.add(playlist_id, track) for track in fresh]:
                self.views.used(playlist_id)
            return asked

    def holds(self, playlist_id: str, track_id: str) -> bool:
        """Whether a track is known to stand in a playlist."""
        playlist = self.get(playlist_id)
        return playlist is not None and any(known.id == track_id for known in playlist.tracks)

    async def take_out(self, playlist_id: str, track_id: str) -> None:
        """Take a track out: gone at once. Raises PlatformError, and shows it again where it stood."""
        async with self._turn(playlist_id):
            playlist = self.get(playlist_id)
            track = next((t for t in playlist.tracks if t.id == track_id), None) if playlist is not None else None
            if track is None:
                return
            following = await self._writes.take_out(playlist_id, track)
        await asyncio.shield(following)

    async def move(self, playlist_id: str, track_id: str, to: int) -> None:
        """Move a track to position `to`, counted from 1: shown at once. Raises PlatformError, and moves it back.

        Nothing happens where the track stands there already, or the position is outside the list.
        """
        async with self._turn(playlist_id):
            playlist = self.get(playlist_id)
            if playlist is None or not 1 <= to <= len(playlist.tracks):
                return
            track = next((track for track in playlist.tracks if track.id == track_id), None)
            if track is None or track.position == to:
                return
            following = await self._writes.move(playlist_id, track, to)
        await asyncio.shield(following)

    # -- inside

    def _turn(self, playlist_id: str) -> asyncio.Lock:
        """Return what lets one change after the other be asked for: each builds on how the one before left the list."""
        return self._turns.setdefault(playlist_id, asyncio.Lock())

    def _recalled(self, playlists: Iterable[Playlist]) -> None:
        self._marks.learn(marks_of(*playlists), RECALLED)

    def _both_changed(self, playlist_id: str) -> None:
        self._changed(playlist_id)
        self._changed(None)

    def _settled(self, playlist_id: str) -> None:
        if self.book.settled(playlist_id):
            self._tasks.later(self.load(playlist_id))
