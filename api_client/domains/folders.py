"""The folders in which a user keeps playlists."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group, build
from api_client.models.base import Done
from api_client.models.playlists import Filing, FolderChange, NewFolder, PlaylistFolder, PlaylistFolders


class Folders(Group):
    """Folders of playlists; each user has their own."""

    async def all(self) -> PlaylistFolders:
        """Return every folder of the user."""
        return await self._one(PlaylistFolders, table.FOLDERS)

    async def create(self, folder: NewFolder, *, idempotency_key: str | None = None) -> PlaylistFolder:
        """Make a folder."""
        return await self._one(PlaylistFolder, table.CREATE_FOLDER, body=folder, idempotency_key=idempotency_key)

    async def change(self, folder_id: str, change: FolderChange) -> PlaylistFolder:
        """Rename or move a folder; raises `Conflict` where it would lie in itself."""
        return await self._one(PlaylistFolder, table.CHANGE_FOLDER, path={"id": folder_id}, body=change)

    async def delete(self, folder_id: str) -> None:
        """Take a folder away; what lay in it lies where the folder lay."""
        await self._one(Done, table.DELETE_FOLDER, path={"id": folder_id})

    async def file(self, playlist_id: str, folder_id: str | None) -> Filing:
        """Put a playlist into a folder; None: into none."""
        body = build(Filing, folder_id=folder_id)
        return await self._one(Filing, table.FILE_PLAYLIST, path={"id": playlist_id}, body=body)
