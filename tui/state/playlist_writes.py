"""What the user changes about playlists: how it looks until the platform has decided, and after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api_client import music_endpoints
from api_client.calls import build
from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.music import (
    NewPlaylist,
    Playlist,
    PlaylistAdd,
    PlaylistChange,
    PlaylistMove,
    PlaylistTrack,
    Track,
    TrackAdded,
)
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Base, Intent, Inverse
from api_client.sync.receipts import NotSent, Receipt, Status
from tui.state.asking import ask
from tui.state.playlist_book import PlaylistBook
from tui.state.playlist_edits import Add, Edit, Move, Remove
from tui.state.writes import Writes

REGRET = 5.0
"""Seconds for which a playlist that was deleted or made can be had back, or be gone again."""

_WIRE = {"name": "name", "description": "description", "is_public": "isPublic", "is_collaborative": "isCollaborative"}
"""The fields of a playlist that can be changed, and what they are called on the wire."""


class PlaylistWrites:
    """One for the shelf. Everything about one playlist is sent in the order it was asked for, its making first."""

    def __init__(
        self,
        writes: Writes,
        me: User,
        book: PlaylistBook,
        cache: Cache,
        changed: Callable[[str], None],
        settled: Callable[[str], None],
    ) -> None:
        """`changed` and `settled` are called with the id of a playlist that looks different, or may be fetched."""
        self._writes = writes
        self._me = me
        self._book = book
        self._cache = cache
        self._changed = changed
        self._settled = settled
        self._refused: set[str] = set()
        edits = (music_endpoints.PLAYLIST_ADD, music_endpoints.PLAYLIST_REMOVE, music_endpoints.PLAYLIST_MOVE)
        writes.show(*edits, by=self._follow_edit)
        writes.show(music_endpoints.CREATE_PLAYLIST, by=self._follow_making)
        writes.show(music_endpoints.CHANGE_PLAYLIST, by=self._follow_change)
        writes.show(music_endpoints.DELETE_PLAYLIST, by=self._follow_deleting)
        writes.outbox.subscribe(self._moved)

    # -- asking

    async def create(self, name: str, **fields: Any) -> Playlist:
        """Ask for a playlist; it can be filled at once. `fields` are more of a `NewPlaylist`.

        Raises StoreTrouble, and Invalid for a name of no length.
        """
        playlist_id = new_id()
        await ask(
            self._writes,
            music_endpoints.CREATE_PLAYLIST,
            object_key=f"playlist:{playlist_id}",
            label=f"make the playlist {name}",
            body=build(NewPlaylist, id=playlist_id, name=name, **fields),
            # What is put into it depends on it.
            holds_words=True,
            undo=Inverse(
                music_endpoints.DELETE_PLAYLIST,
                {"id": playlist_id},
                label=f"delete the new playlist {name}",
                within=REGRET,
                again=False,
            ),
        )
        playlist = self._book.get(playlist_id)
        if playlist is None:
            raise RuntimeError("a playlist that was asked for is not shown")
        return playlist

    async def change(self, playlist: Playlist, **fields: Any) -> None:
        """Change fields of `playlist`, as it is known, by their names in the model; raises PlatformError."""
        await asyncio.shield(self._writes.follow(await self.begin_changing(playlist, "", **fields)))

    async def begin_changing(self, playlist: Playlist, draft: str, **fields: Any) -> Receipt:
        """Ask for a change; a cover is given by itself, as `cover_upload_id`, and is not taken back."""
        before = {name: getattr(playlist, name) for name in fields if name in _WIRE}
        base = None
        if before and self._book.is_confirmed(playlist.id):
            base = Base(playlist.version, {_WIRE[name]: value for name, value in before.items()})
        body = build(PlaylistChange, **fields, **({"base_version": base.version} if base is not None else {}))
        label = f"rename {before['name']} to {fields['name']}" if "name" in fields else f"change {playlist.name}"
        back = Inverse(
            music_endpoints.CHANGE_PLAYLIST, {"id": playlist.id}, build(PlaylistChange, **before), f"undo: {label}"
        )
        return await self._writes.begin(
            music_endpoints.CHANGE_PLAYLIST,
            object_key=f"playlist:{playlist.id}",
            label=label,
            params={"id": playlist.id},
            body=body,
            holds_words=True,
            base=base,
            draft=draft or None,
            undo=back if before else None,
        )

    async def delete(self, playlist_id: str, name: str) -> asyncio.Task[None]:
        """Delete a playlist, after a moment in which it can be had back."""
        return await ask(
            self._writes,
            music_endpoints.DELETE_PLAYLIST,
            object_key=f"playlist:{playlist_id}",
            label=f"delete the playlist {name}",
            params={"id": playlist_id},
            hold=REGRET,
            undo=Inverse(label=f"delete the playlist {name}"),
        )

    async def add(self, playlist_id: str, track: Track) -> asyncio.Task[TrackAdded]:
        """Put a track at the end."""
        self._cache.keep({f"songs:{track.id}": track})
        return await ask(
            self._writes,
            music_endpoints.PLAYLIST_ADD,
            object_key=f"playlist:{playlist_id}",
            label=f"add {track.title} to a playlist",
            params={"id": playlist_id},
            body=build(PlaylistAdd, track_id=track.id),
            undo=Inverse(
                music_endpoints.PLAYLIST_REMOVE,
                {"id": playlist_id, "trackId": track.id},
                label=f"take {track.title} out again",
            ),
        )

    async def take_out(self, playlist_id: str, track: PlaylistTrack) -> asyncio.Task[Any]:
        """Take a track out; taking that back puts it where it stood."""
        self._cache.keep({f"songs:{track.id}": track})
        return await ask(
            self._writes,
            music_endpoints.PLAYLIST_REMOVE,
            object_key=f"playlist:{playlist_id}",
            label=f"take {track.title} out of a playlist",
            params={"id": playlist_id, "trackId": track.id},
            undo=Inverse(
                music_endpoints.PLAYLIST_ADD,
                {"id": playlist_id},
                build(PlaylistAdd, track_id=track.id, position=track.position),
                f"put {track.title} back",
            ),
        )

    async def move(self, playlist_id: str, track: PlaylistTrack, to: int) -> asyncio.Task[Any]:
        """Move a track from where it stands to position `to`, counted from 1."""
        here = track.position
        return await ask(
            self._writes,
            music_endpoints.PLAYLIST_MOVE,
            object_key=f"playlist:{playlist_id}",
            label=f"move {track.title} in a playlist",
            params={"id": playlist_id},
            body=build(PlaylistMove, track_id=track.id, from_position=here, to_position=to),
            undo=Inverse(
                music_endpoints.PLAYLIST_MOVE,
                {"id": playlist_id},
                build(PlaylistMove, track_id=track.id, from_position=to, to_position=here),
                f"move {track.title} back",
            ),
        )

    # -- following

    async def _follow_edit(self, receipt: Receipt) -> Any:
        playlist_id = receipt.intent.params["id"]
        edited = self._book.edited(playlist_id)
        serial = edited.ask(self._edit(receipt.intent))
        self._changed(playlist_id)
        try:
            reply = await receipt
        except PlatformError as error:
            edited.refuse(serial)
            self._changed(playlist_id)
            if not isinstance(error, NotSent) or receipt.status is Status.DISCARDED:  # else the program is leaving
                self._settled(playlist_id)
            raise
        added = reply.track if isinstance(reply, TrackAdded) else None
        edited.confirm(serial, added)
        if edited.confirmed is None and not (isinstance(reply, TrackAdded) and not reply.added):
            self._book.count(playlist_id, _MORE[receipt.intent.endpoint.name])
        self._changed(playlist_id)
        self._settled(playlist_id)
        return reply

    def _edit(self, intent: Intent) -> Edit:
        match intent.endpoint.name:
            case music_endpoints.PLAYLIST_ADD.name:
                return Add(self._track(intent), self._me.id, intent.body.position)
            case music_endpoints.PLAYLIST_REMOVE.name:
                return Remove(intent.params["trackId"])
            case _:
                return Move(intent.body.track_id, intent.body.to_position)

    def _track(self, intent: Intent) -> Track:
        """Return the track that is added, as far as this machine knows it."""
        track_id = intent.body.track_id
        known = self._cache.record(f"songs:{track_id}", Track)
        return known or Track(id=track_id, title="a track that is not here yet", duration_ms=0)

    async def _follow_making(self, receipt: Receipt) -> Playlist:
        wished = self._wished(receipt)
        self._book.wish(wished)
        self._changed(wished.id)
        try:
            playlist: Playlist = await receipt
        except NotSent:
            self._book.unwish(wished.id)
            self._changed(wished.id)
            raise
        except PlatformError:
            self._refused.add(receipt.id)
            raise
        self._book.made(playlist)
        self._changed(playlist.id)
        self._settled(playlist.id)
        return playlist

    def _wished(self, receipt: Receipt) -> Playlist:
        body: NewPlaylist = receipt.intent.body
        return Playlist(
            id=body.id or receipt.id,
            owner_id=self._me.id,
            owner_name=self._me.full_name or self._me.username,
            name=body.name,
            description=body.description,
            is_public=body.is_public,
            is_collaborative=body.is_collaborative,
            rules=None if body.rules is None else body.rules.model_dump(mode="json"),
            can_edit=body.rules is None,
            version=0,
            created_at=datetime.fromtimestamp(receipt.intent.created_at, UTC),
        )

    async def _follow_change(self, receipt: Receipt) -> Playlist:
        playlist_id, body = receipt.intent.params["id"], receipt.intent.body
        wish = {name: getattr(body, name) for name in body.model_fields_set if name in _WIRE}
        with self._book.changes.wished(playlist_id, wish, self._changed):
            changed: Playlist = await receipt
            self._book.learn_facts(changed)
        return changed

    async def _follow_deleting(self, receipt: Receipt) -> None:
        playlist_id = receipt.intent.params["id"]
        with self._book.going.wished(playlist_id, True, self._changed):
            await receipt
            self._book.delete(playlist_id)

    def _moved(self, receipt: Receipt) -> None:
        """A playlist that was refused stays to be seen: it may be sent again, or be given up after all."""
        if receipt.id in self._refused and receipt.status in (Status.QUEUED, Status.DISCARDED):
            self._refused.discard(receipt.id)
            if receipt.status is Status.DISCARDED:
                playlist_id = receipt.intent.body.id or receipt.id
                self._book.unwish(playlist_id)
                self._changed(playlist_id)


_MORE = {
    music_endpoints.PLAYLIST_ADD.name: 1,
    music_endpoints.PLAYLIST_REMOVE.name: -1,
    music_endpoints.PLAYLIST_MOVE.name: 0,
}
