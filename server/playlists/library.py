"""The library over HTTP: saved tracks, albums and playlists."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.music import Library, LibraryType, Saved
from server.context import Ctx, RequestContext
from server.music.problems import track_not_found
from server.music.reader import ordered, reader_for
from server.playlists.access import readable
from server.playlists.reader import PlaylistReader
from server.problems import Problem
from server.routing import Router
from server.tables.music import AlbumRow, LibraryItemRow, PlaylistRow, TrackRow

router = Router()

TypePath = Annotated[LibraryType, Path(alias="type")]
ItemIdPath = Annotated[str, Path(alias="itemId", min_length=1, max_length=64)]


@router.handles(music_endpoints.LIBRARY)
async def saved_items(ctx: Ctx, kind: TypePath) -> Library:
    """Everything of one type that the user has saved, the last saved first."""
    mine = (LibraryItemRow.user_id == ctx.user_id, LibraryItemRow.kind == kind)
    newest = (LibraryItemRow.saved_at.desc(), LibraryItemRow.item_id.desc())
    ids = list(await ctx.db.scalars(select(LibraryItemRow.item_id).where(*mine).order_by(*newest)))
    reader = reader_for(ctx)
    if kind == "tracks":
        return Library(tracks=ordered(ids, await reader.tracks(ids)))
    if kind == "albums":
        return Library(albums=ordered(ids, await reader.albums(ids)))
    return Library(playlists=ordered(ids, await PlaylistReader(reader).playlists(ids)))


@router.handles(music_endpoints.LIBRARY_SAVE)
async def save(ctx: Ctx, kind: TypePath, item_id: ItemIdPath) -> Saved:
    """Put something into the library; doing it twice changes nothing."""
    await _must_exist(ctx, kind, item_id)
    row = {"user_id": ctx.user_id, "kind": kind, "item_id": item_id, "saved_at": ctx.now}
    await ctx.db.execute(insert(LibraryItemRow).values(row).on_conflict_do_nothing())
    await _recount(ctx, kind, item_id)
    return Saved(saved=True)


@router.handles(music_endpoints.LIBRARY_REMOVE)
async def forget(ctx: Ctx, kind: TypePath, item_id: ItemIdPath) -> Saved:
    """Take something out of the library; what is not in it is out already."""
    item = (LibraryItemRow.user_id == ctx.user_id, LibraryItemRow.kind == kind, LibraryItemRow.item_id == item_id)
    await ctx.db.execute(delete(LibraryItemRow).where(*item))
    await _recount(ctx, kind, item_id)
    return Saved(saved=False)


async def _must_exist(ctx: RequestContext, kind: LibraryType, item_id: str) -> None:
    if kind == "tracks" and await ctx.db.get(TrackRow, item_id) is None:
        raise track_not_found()
    if kind == "albums" and await ctx.db.get(AlbumRow, item_id) is None:
        raise Problem(ErrorCode.NOT_FOUND, "Album not found")
    if kind == "playlists":
        await readable(ctx.db, item_id, ctx.user_id)


async def _recount(ctx: RequestContext, kind: LibraryType, item_id: str) -> None:
    """Who saves a playlist follows it."""
    if kind == "playlists":
        savers = select(func.count()).where(LibraryItemRow.kind == kind, LibraryItemRow.item_id == item_id)
        count, row = await ctx.db.scalar(savers) or 0, await ctx.db.get(PlaylistRow, item_id)
        if row is not None and row.follower_count != count:
            row.follower_count = count
            row.version += 1
            key, version = f"playlists:{row.id}", row.version
            ctx.after_commit(lambda: ctx.state.hub.notify(key, version))
