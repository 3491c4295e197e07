"""Playlists, their tracks, and who may edit them."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group, Page, build
from api_client.models.base import Done
from api_client.models.music import (
    NewCollaborator,
    NewPlaylist,
    Playlist,
    PlaylistAdd,
    PlaylistChange,
    PlaylistMove,
    TrackAdded,
)
from api_client.models.playlist_rules import Rules, RulesChange
from api_client.models.playlists import NewBlend, PlaylistCopy, RulesPreview, RulesToTry
from api_client.models.users import UserRef


class Playlists(Group):
    """Playlists; positions count from 1."""

    async def mine(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Playlist]:
        """Return the user's playlists without their tracks."""
        return await self._page(table.MY_PLAYLISTS, cursor=cursor, limit=limit)

    async def create(self, playlist: NewPlaylist, *, idempotency_key: str | None = None) -> Playlist:
        """Make a playlist."""
        return await self._one(Playlist, table.CREATE_PLAYLIST, body=playlist, idempotency_key=idempotency_key)

    async def get(self, playlist_id: str) -> Playlist:
        """Return a playlist with its tracks."""
        return await self._one(Playlist, table.PLAYLIST, path={"id": playlist_id})

    async def change(self, playlist_id: str, change: PlaylistChange) -> Playlist:
        """Change a playlist; fields that `change` does not set stay."""
        return await self._one(Playlist, table.CHANGE_PLAYLIST, path={"id": playlist_id}, body=change)

    async def delete(self, playlist_id: str) -> None:
        """Delete a playlist."""
        await self._one(Done, table.DELETE_PLAYLIST, path={"id": playlist_id})

    async def add(
        self, playlist_id: str, track_id: str, *, position: int | None = None, idempotency_key: str | None = None
    ) -> TrackAdded:
        """Add a track at the end or at `position`, unless it stands in the list already."""
        return await self._one(
            TrackAdded,
            table.PLAYLIST_ADD,
            path={"id": playlist_id},
            body=build(PlaylistAdd, track_id=track_id, position=position),
            idempotency_key=idempotency_key,
        )

    async def remove(self, playlist_id: str, track_id: str) -> None:
        """Take a track out."""
        await self._one(Done, table.PLAYLIST_REMOVE, path={"id": playlist_id, "trackId": track_id})

    async def move(self, playlist_id: str, track_id: str, from_position: int, to_position: int) -> None:
        """Move a track to another position; raises `Conflict` if it stands at neither of the two."""
        move = build(PlaylistMove, track_id=track_id, from_position=from_position, to_position=to_position)
        await self._one(Done, table.PLAYLIST_MOVE, path={"id": playlist_id}, body=move)

    async def collaborators(
        self, playlist_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[UserRef]:
        """Return who may edit a collaborative playlist; everybody, if nobody is named."""
        return await self._page(table.COLLABORATORS, path={"id": playlist_id}, cursor=cursor, limit=limit)

    async def add_collaborator(self, playlist_id: str, username: str) -> UserRef:
        """Let somebody edit."""
        return await self._one(
            UserRef, table.ADD_COLLABORATOR, path={"id": playlist_id}, body=build(NewCollaborator, username=username)
        )

    async def remove_collaborator(self, playlist_id: str, user_id: str) -> None:
        """Let them edit no more."""
        await self._one(Done, table.REMOVE_COLLABORATOR, path={"id": playlist_id, "userId": user_id})

    async def copy(self, playlist_id: str, copy: PlaylistCopy, *, idempotency_key: str | None = None) -> Playlist:
        """Make a playlist of the user's own with what another holds now."""
        return await self._one(
            Playlist, table.COPY_PLAYLIST, path={"id": playlist_id}, body=copy, idempotency_key=idempotency_key
        )

    async def set_rules(self, playlist_id: str, change: RulesChange) -> Playlist:
        """Let rules fill a playlist, or, without any, keep what they choose now."""
        return await self._one(Playlist, table.SET_RULES, path={"id": playlist_id}, body=change)

    async def try_rules(self, rules: Rules) -> RulesPreview:
        """Return what rules choose at this moment."""
        return await self._one(RulesPreview, table.TRY_RULES, body=build(RulesToTry, rules=rules))

    async def blend(self, username: str, *, idempotency_key: str | None = None) -> Playlist:
        """Return the blend with a friend, made if there is none yet; raises `Forbidden` for who is no friend."""
        body = build(NewBlend, username=username)
        return await self._one(Playlist, table.BLEND, body=body, idempotency_key=idempotency_key)

    async def of_person(self, username: str, cursor: str | None = None, *, limit: int | None = None) -> Page[Playlist]:
        """Return the public playlists of a person."""
        return await self._page(table.PEOPLES_PLAYLISTS, path={"username": username}, cursor=cursor, limit=limit)
