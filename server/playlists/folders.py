"""Folders over HTTP: each user's own tree, in which their playlists and those they follow may lie."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done
from api_client.models.playlists import (
    FOLDERS_DEEP,
    MOST_FOLDERS,
    Filing,
    FolderChange,
    NewFolder,
    PlaylistFolder,
    PlaylistFolders,
)
from server.client_ids import is_repetition
from server.context import Ctx, RequestContext
from server.db import new_id
from server.playlists.access import readable
from server.problems import Problem, version_conflict
from server.routing import IdPath, Router
from server.tables.playlists import FiledPlaylistRow, PlaylistFolderRow

router = Router()


@router.handles(music_endpoints.FOLDERS)
async def folders(ctx: Ctx) -> PlaylistFolders:
    """The user's folders by name; which of them lies in which is for the reader to put together."""
    query = select(PlaylistFolderRow).where(PlaylistFolderRow.user_id == ctx.user_id)
    rows = await ctx.db.scalars(query.order_by(PlaylistFolderRow.name, PlaylistFolderRow.id))
    return PlaylistFolders(folders=[_view(row) for row in rows])


@router.handles(music_endpoints.CREATE_FOLDER)
async def create(ctx: Ctx, body: NewFolder) -> PlaylistFolder:
    """Make a folder, at the top or in another one."""
    if await is_repetition(ctx.db, ctx.user_id, "folder", body.id, ctx.now, PlaylistFolderRow):
        return _view(await _own(ctx, body.id or ""))
    parents = await _parents(ctx)
    if len(parents) >= MOST_FOLDERS:
        raise Problem(ErrorCode.CONFLICT, f"There are {MOST_FOLDERS} folders at most.")
    if body.parent_id is not None:
        await _own(ctx, body.parent_id)
        _must_fit(parents, body.parent_id, 1)
    row = PlaylistFolderRow(
        id=body.id or new_id(), user_id=ctx.user_id, name=body.name, parent_id=body.parent_id, created_at=ctx.now
    )
    ctx.db.add(row)
    await ctx.db.flush()
    return _view(row)


@router.handles(music_endpoints.CHANGE_FOLDER)
async def change(ctx: Ctx, folder_id: IdPath, body: FolderChange) -> PlaylistFolder:
    """Give a folder another name, or put it into another one; never into itself."""
    row = await _own(ctx, folder_id)
    if body.base_version not in (None, row.version):
        raise version_conflict(f"playlist_folders:{row.id}", _view(row))
    if "parent_id" in body.model_fields_set and body.parent_id != row.parent_id:
        if body.parent_id is not None:
            await _own(ctx, body.parent_id)
            parents = await _parents(ctx)
            if folder_id in _way_up(parents, body.parent_id):
                raise Problem(ErrorCode.CONFLICT, "A folder cannot lie in itself.")
            _must_fit(parents, body.parent_id, _height(parents, folder_id))
        row.parent_id = body.parent_id
    row.name = body.name if body.name is not None else row.name
    row.version += 1
    await ctx.db.flush()
    return _view(row)


@router.handles(music_endpoints.DELETE_FOLDER)
async def remove(ctx: Ctx, folder_id: IdPath) -> Done:
    """Take a folder away; what lay in it lies where the folder lay."""
    row = await _own(ctx, folder_id)
    above, inside = row.parent_id, FiledPlaylistRow.folder_id == folder_id
    await ctx.db.execute(
        update(PlaylistFolderRow)
        .where(PlaylistFolderRow.parent_id == folder_id)
        .values(parent_id=above, version=PlaylistFolderRow.version + 1)
    )
    if above is None:
        await ctx.db.execute(delete(FiledPlaylistRow).where(inside))
    else:
        await ctx.db.execute(update(FiledPlaylistRow).where(inside).values(folder_id=above))
    await ctx.db.execute(delete(PlaylistFolderRow).where(PlaylistFolderRow.id == folder_id))
    return Done()


@router.handles(music_endpoints.FILE_PLAYLIST)
async def file(ctx: Ctx, playlist_id: IdPath, body: Filing) -> Filing:
    """Put a playlist into one of the user's folders, or out of all; others see nothing of it."""
    await readable(ctx.db, playlist_id, ctx.user_id)
    mine = (FiledPlaylistRow.user_id == ctx.user_id, FiledPlaylistRow.playlist_id == playlist_id)
    if body.folder_id is None:
        await ctx.db.execute(delete(FiledPlaylistRow).where(*mine))
        return Filing()
    await _own(ctx, body.folder_id)
    values = {"user_id": ctx.user_id, "playlist_id": playlist_id, "folder_id": body.folder_id}
    filing = insert(FiledPlaylistRow).values(values)
    await ctx.db.execute(filing.on_conflict_do_update(set_={"folder_id": body.folder_id}))
    return Filing(folder_id=body.folder_id)


async def _own(ctx: RequestContext, folder_id: str) -> PlaylistFolderRow:
    row = await ctx.db.get(PlaylistFolderRow, folder_id)
    if row is None or row.user_id != ctx.user_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such folder.")
    return row


async def _parents(ctx: RequestContext) -> dict[str, str | None]:
    """Return for each of the user's folders in which one it lies."""
    query = select(PlaylistFolderRow.id, PlaylistFolderRow.parent_id).where(PlaylistFolderRow.user_id == ctx.user_id)
    return {row[0]: row[1] for row in await ctx.db.execute(query)}


def _way_up(parents: Mapping[str, str | None], folder_id: str) -> list[str]:
    way, here = [folder_id], parents.get(folder_id)
    while here is not None:
        way.append(here)
        here = parents.get(here)
    return way


def _height(parents: Mapping[str, str | None], folder_id: str) -> int:
    """Return how many levels there are from a folder down to the deepest in it, itself counted."""
    ways = (_way_up(parents, other) for other in parents)
    return max((way.index(folder_id) + 1 for way in ways if folder_id in way), default=1)


def _must_fit(parents: Mapping[str, str | None], above: str, height: int) -> None:
    if len(_way_up(parents, above)) + height > FOLDERS_DEEP:
        raise Problem(ErrorCode.CONFLICT, f"Folders lie in one another {FOLDERS_DEEP} deep at most.")


def _view(row: PlaylistFolderRow) -> PlaylistFolder:
    return PlaylistFolder(id=row.id, name=row.name, parent_id=row.parent_id, version=row.version)
