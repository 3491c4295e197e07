"""The user's playlists and those that were opened; every change is shown at once and taken back when refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from api_client import endpoints
from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.music import (
    NewPlaylist,
    Playlist,
    PlaylistAdd,
    PlaylistChange,
    PlaylistMove,
    Track,
    TrackAdded,
)
from api_client.models.users import User
from tui.state.marks import Marks, marks_of
from tui.state.pages import every
from tui.state.playlist_edits import Add, Edit, EditedPlaylist, Move, Remove
from tui.state.tasks import Tasks
from tui.state.wishes import Wishes
from tui.state.writes import Writes


class PlaylistShelf:
    """The part of the music store that can be edited. Writes on one playlist are sent in the order they were made."""

    def __init__(
        self, client: PlatformClient, writes: Writes, me: User, marks: Marks, changed: Callable[[str | None], None]
    ) -> None:
        """`changed` is called with the id of a playlist whose tracks changed, with None when the list of them has."""
        self._client = client
        self._writes = writes
        self._me = me
        self._marks = marks
        self._changed = changed
        self._tasks = Tasks()
        self._mine: list[Playlist] | None = None
        self._opened: dict[str, EditedPlaylist] = {}
        self._watched: Counter[str] = Counter()
        """How many screens show a playlist, by its id."""
        self._names: Wishes[str] = Wishes()
        self._gone: Wishes[bool] = Wishes()
        self._deleted: set[str] = set()
        self._people: dict[str, str] = {me.id: "you"}

    # -- reading

    @property
    def mine(self) -> list[Playlist] | None:
        """The user's playlists without their tracks, those changed last first; None until they were fetched."""
        return None if self._mine is None else self.as_shown(self._mine)

    @property
    def editable(self) -> list[Playlist]:
        """Those of them to which the user may add."""
        return [playlist for playlist in self.mine or () if playlist.can_edit]

    def get(self, playlist_id: str) -> Playlist | None:
        """Return a playlist that was opened, with its tracks as they stand."""
        opened = self._opened.get(playlist_id)
        return self._named(opened.shown) if opened and not self._is_gone(playlist_id) else None

    def as_shown(self, playlists: Iterable[Playlist]) -> list[Playlist]:
        """Return listed `playlists` with the changes that were asked for, without those that are gone."""
        shown = []
        for playlist in playlists:
            if self._is_gone(playlist.id):
                continue
            opened = self._opened.get(playlist.id)
            count = opened.shown.track_count if opened else playlist.track_count
            name = opened.confirmed.name if opened else playlist.name
            shown.append(self._named(playlist.changed(track_count=count, name=name)))
        return shown

    def name_of(self, playlist: Playlist, user_id: str | None) -> str:
        """Return who somebody is that added to a playlist: "you", the owner's name, a username, or nothing."""
        if user_id is None or user_id in self._people:
            return self._people.get(user_id or "", "")
        return playlist.owner_name if user_id == playlist.owner_id else ""

    async def load_mine(self) -> None:
        """Fetch the user's playlists. Raises PlatformError."""
        asked_at = self._marks.moment
        found = await every(lambda cursor: self._client.playlists.mine(cursor, limit=100))
        self._marks.learn(marks_of(*found), asked_at)
        self._mine = found
        self._changed(None)

    async def load(self, playlist_id: str) -> None:
        """Fetch a playlist with its tracks, and who edits it. Raises PlatformError."""
        opened = self._opened.get(playlist_id)
        asked_at, settled = self._marks.moment, opened.settled if opened else 0
        found = await self._client.playlists.get(playlist_id)
        self._marks.learn(marks_of(found), asked_at)
        # It may have been opened, and changed, by another call meanwhile.
        known = self._opened.setdefault(playlist_id, EditedPlaylist(found))
        known.learn(found, settled)
        self._changed(playlist_id)
        if any(not self.name_of(found, track.added_by) for track in found.tracks if track.added_by):
            people = await every(lambda cursor: self._client.playlists.collaborators(playlist_id, cursor, limit=100))
            self._people |= {person.id: person.username for person in people if person.id != self._me.id}
            self._changed(playlist_id)

    # -- what others change

    def watch(self, playlist_id: str) -> None:
        """A screen shows a playlist: keep it as the platform has it."""
        self._watched[playlist_id] += 1

    def unwatch(self, playlist_id: str) -> None:
        """Take back one `watch`."""
        self._watched[playlist_id] -= 1
        if self._watched[playlist_id] <= 0:
            del self._watched[playlist_id]

    def notice(self, playlist_id: str, version: int) -> None:
        """The platform says which version a playlist has now: fetch it if it is watched and an older one is known."""
        opened = self._opened.get(playlist_id)
        if playlist_id in self._watched and opened is not None and opened.confirmed.version < version:
            self._tasks.later(self.load(playlist_id))

    def on_gap(self) -> None:
        """The socket was away: fetch again what is shown."""
        for playlist_id in self._watched:
            self._tasks.later(self.load(playlist_id))

    # -- playlists as a whole

    async def create(self, name: str) -> Playlist:
        """Make a playlist. Raises PlatformError."""
        playlist: Playlist = await self._tasks.see_through(
            self._writes.do(
                endpoints.CREATE_PLAYLIST,
                object_key="playlists",
                label=f"make the playlist {name}",
                body=build(NewPlaylist, name=name),
            )
        )
        self._opened[playlist.id] = EditedPlaylist(playlist)
        self._mine = [playlist, *(known for known in self._mine or () if known.id != playlist.id)]
        self._changed(None)
        return playlist

    async def rename(self, playlist_id: str, name: str) -> None:
        """Give a playlist another name: shown at once. Raises PlatformError, and shows the old one again."""
        body = build(PlaylistChange, name=name)
        await self._tasks.see_through(self._rename(playlist_id, body, self._names.want(playlist_id, name)))

    async def _rename(self, playlist_id: str, body: PlaylistChange, serial: int) -> None:
        self._both_changed(playlist_id)
        try:
            renamed: Playlist = await self._writes.do(
                endpoints.CHANGE_PLAYLIST,
                object_key=f"playlist:{playlist_id}",
                label="rename a playlist",
                params={"id": playlist_id},
                body=body,
            )
            if (opened := self._opened.get(playlist_id)) is not None:
                opened.confirmed = opened.confirmed.changed(name=renamed.name)
            self._mine = self._mine and [
                known.changed(name=renamed.name) if known.id == playlist_id else known for known in self._mine
            ]
        finally:
            self._names.settle(playlist_id, serial)
            self._both_changed(playlist_id)

    async def delete(self, playlist_id: str) -> None:
        """Delete a playlist: gone at once. Raises PlatformError, and shows it again."""
        await self._tasks.see_through(self._delete(playlist_id, self._gone.want(playlist_id, True)))

    async def _delete(self, playlist_id: str, serial: int) -> None:
        self._both_changed(playlist_id)
        try:
            await self._writes.do(
                endpoints.DELETE_PLAYLIST,
                object_key=f"playlist:{playlist_id}",
                label="delete a playlist",
                params={"id": playlist_id},
            )
            self._deleted.add(playlist_id)
        finally:
            self._gone.settle(playlist_id, serial)
            self._both_changed(playlist_id)

    # -- their tracks

    async def add(self, playlist_id: str, track: Track) -> bool:
        """Put a track at the end: shown at once. Returns False where it stood there already; raises PlatformError."""
        body = build(PlaylistAdd, track_id=track.id)
        write = self._writes.do(
            endpoints.PLAYLIST_ADD,
            object_key=f"playlist:{playlist_id}",
            label=f"add {track.title} to a playlist",
            params={"id": playlist_id},
            body=body,
        )
        added: TrackAdded = await self._edit(playlist_id, Add(track, self._me.id), write)
        if added.added and playlist_id not in self._opened:
            self._mine = self._mine and [
                known.changed(track_count=known.track_count + 1) if known.id == playlist_id else known
                for known in self._mine
            ]
            self._changed(None)
        return added.added

    async def take_out(self, playlist_id: str, track_id: str) -> None:
        """Take a track out: gone at once. Raises PlatformError, and shows it again where it stood."""
        write = self._writes.do(
            endpoints.PLAYLIST_REMOVE,
            object_key=f"playlist:{playlist_id}",
            label="take a track out of a playlist",
            params={"id": playlist_id, "trackId": track_id},
        )
        await self._edit(playlist_id, Remove(track_id), write)

    async def move(self, playlist_id: str, track_id: str, to: int) -> None:
        """Move a track to position `to`, counted from 1: shown at once. Raises PlatformError, and moves it back.

        Nothing happens where the track stands there already, or the position is outside the list.
        """
        playlist = self.get(playlist_id)
        here = next((track.position for track in playlist.tracks if track.id == track_id), to) if playlist else to
        if playlist is None or here == to or not 1 <= to <= len(playlist.tracks):
            return
        body = build(PlaylistMove, track_id=track_id, from_position=here, to_position=to)
        write = self._writes.do(
            endpoints.PLAYLIST_MOVE,
            object_key=f"playlist:{playlist_id}",
            label="move a track in a playlist",
            params={"id": playlist_id},
            body=body,
        )
        await self._edit(playlist_id, Move(track_id, to), write)

    async def _edit(self, playlist_id: str, edit: Edit, write: Coroutine[Any, Any, Any]) -> Any:
        """Show `edit` before anything else runs, see `write` through, and return its reply."""
        opened = self._opened.get(playlist_id)
        serial = opened.ask(edit) if opened else 0
        self._both_changed(playlist_id)
        return await self._tasks.see_through(self._settle(playlist_id, opened, serial, write))

    async def _settle(
        self, playlist_id: str, opened: EditedPlaylist | None, serial: int, write: Coroutine[Any, Any, Any]
    ) -> Any:
        try:
            reply = await write
        except PlatformError:
            if opened is not None:
                opened.refuse(serial)
            raise
        else:
            if opened is not None:
                opened.confirm(serial)
            elif (since := self._opened.get(playlist_id)) is not None:
                since.stale = True
        finally:
            self._both_changed(playlist_id)
            known = self._opened.get(playlist_id)
            if known is not None and known.stale and known.settled_all:
                self._tasks.later(self.load(playlist_id))
        return reply

    # -- inside

    def _named(self, playlist: Playlist) -> Playlist:
        name = self._names.of(playlist.id)
        return playlist if name is None else playlist.changed(name=name)

    def _is_gone(self, playlist_id: str) -> bool:
        return playlist_id in self._deleted or bool(self._gone.of(playlist_id))

    def _both_changed(self, playlist_id: str) -> None:
        self._changed(playlist_id)
        self._changed(None)
