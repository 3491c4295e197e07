"""Playlists over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from api_client import music_endpoints
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
from api_client.models.users import UserRef
from server.client_ids import is_repetition
from server.context import Ctx, RequestContext
from server.db import from_micros, micros, new_id
from server.feed.media import Medium, claimed
from server.music.problems import track_not_found
from server.music.reader import reader_for
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.people.relations import person_named
from server.people.views import user_ref
from server.playlists import order, subscriptions
from server.playlists.access import changed, editable, must_not_be_a_blend, owned, readable
from server.playlists.blends import is_blended
from server.playlists.home import my_playlists
from server.playlists.reader import PlaylistReader, shown
from server.playlists.special import count_anew, keep_rules
from server.problems import version_conflict
from server.routing import IdPath, Router
from server.tables.music import LibraryItemRow, PlaylistCollaboratorRow, PlaylistRow, TrackRow
from server.tables.playlists import PlaylistCoverRow
from server.tables.users import UserRow

router = Router()
subscriptions.register()

TrackIdPath = Annotated[str, Path(alias="trackId", min_length=1, max_length=64)]
UserIdPath = Annotated[str, Path(alias="userId", min_length=1, max_length=64)]


@router.handles(music_endpoints.MY_PLAYLISTS)
async def mine(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[Playlist]:
    """What the user owns, has saved or may edit by name, the last changed first."""
    return await my_playlists(reader_for(ctx), limit, cursor)


@router.handles(music_endpoints.CREATE_PLAYLIST)
async def create(ctx: Ctx, body: NewPlaylist) -> Playlist:
    """Make an empty playlist, or a smart one, which its rules fill."""
    if await is_repetition(ctx.db, ctx.user_id, "playlist", body.id, ctx.now, PlaylistRow):
        return await shown(ctx, body.id or "")
    row = PlaylistRow(
        id=body.id or new_id(),
        owner_id=ctx.user_id,
        name=body.name,
        description=body.description,
        is_public=body.is_public,
        is_collaborative=body.is_collaborative,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    await ctx.db.flush()
    if body.rules is not None:
        await keep_rules(ctx, row, body.rules)
    return await shown(ctx, row.id)


@router.handles(music_endpoints.PLAYLIST)
async def get(ctx: Ctx, playlist_id: IdPath) -> Playlist:
    """One playlist with its tracks."""
    return await shown(ctx, playlist_id)


@router.handles(music_endpoints.CHANGE_PLAYLIST)
async def change(ctx: Ctx, playlist_id: IdPath, body: PlaylistChange) -> Playlist:
    """Change name, description or openness; for the owner, and with `baseVersion` only of that version."""
    row = await owned(ctx.db, playlist_id, ctx.user_id)
    if body.base_version not in (None, row.version):
        raise version_conflict(f"playlists:{row.id}", await shown(ctx, row.id))
    if body.is_public or body.is_collaborative:
        await must_not_be_a_blend(ctx.db, playlist_id)
    opened = body.is_public is not None and body.is_public is not row.is_public
    row.name = body.name if body.name is not None else row.name
    row.is_public = body.is_public if body.is_public is not None else row.is_public
    row.is_collaborative = body.is_collaborative if body.is_collaborative is not None else row.is_collaborative
    if "description" in body.model_fields_set:
        row.description = body.description or None
    if "cover_upload_id" in body.model_fields_set:
        await _cover(ctx, row, body.cover_upload_id)
    if opened:
        await count_anew(ctx, row)
    changed(ctx, row)
    await ctx.db.flush()
    return await shown(ctx, playlist_id)


@router.handles(music_endpoints.DELETE_PLAYLIST)
async def remove(ctx: Ctx, playlist_id: IdPath) -> Done:
    """Delete a playlist for everybody; for the owner."""
    row = await owned(ctx.db, playlist_id, ctx.user_id)
    changed(ctx, row)
    await _erase(ctx, playlist_id)
    return Done()


@router.handles(music_endpoints.PLAYLIST_ADD)
async def add_track(ctx: Ctx, playlist_id: IdPath, body: PlaylistAdd) -> TrackAdded:
    """Put a track at the end, or at `position`; one that stands in the playlist already stays where it is."""
    row = await editable(ctx.db, playlist_id, ctx.user_id)
    if await ctx.db.get(TrackRow, body.track_id) is None:
        raise track_not_found()
    added = await order.add(ctx.db, playlist_id, body.track_id, ctx.user_id, ctx.now, body.position)
    if added:
        changed(ctx, row)
    entry = (await PlaylistReader(reader_for(ctx)).entries(playlist_id, body.track_id))[0]
    return TrackAdded(success=added, added=added, track=entry)


@router.handles(music_endpoints.PLAYLIST_REMOVE)
async def remove_track(ctx: Ctx, playlist_id: IdPath, track_id: TrackIdPath) -> Done:
    """Take a track out; one that is not there is out already."""
    row = await editable(ctx.db, playlist_id, ctx.user_id)
    if await order.take_out(ctx.db, playlist_id, track_id):
        changed(ctx, row)
    return Done()


@router.handles(music_endpoints.PLAYLIST_MOVE)
async def move_track(ctx: Ctx, playlist_id: IdPath, body: PlaylistMove) -> Done:
    """Move a track from one position to another, both counted from 1; one that stands there already stays."""
    row = await editable(ctx.db, playlist_id, ctx.user_id)
    if await order.move(ctx.db, playlist_id, body.track_id, body.from_position, body.to_position):
        changed(ctx, row)
    return Done()


@router.handles(music_endpoints.COLLABORATORS)
async def collaborators(
    ctx: Ctx, playlist_id: IdPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[UserRef]:
    """Who is named as an editor, in the order they were named."""
    await readable(ctx.db, playlist_id, ctx.user_id)
    named = PlaylistCollaboratorRow
    query = select(UserRow, named.added_at).join(named, named.user_id == UserRow.id)
    query = query.where(named.playlist_id == playlist_id)
    if cursor is not None:
        added, user_id = decode_cursor(cursor, int, str)
        query = query.where(tuple_(named.added_at, named.user_id) > (from_micros(added), user_id))
    rows = [
        (row[0], row[1]) for row in await ctx.db.execute(query.order_by(named.added_at, named.user_id).limit(limit + 1))
    ]
    more = encode_cursor(micros(rows[limit - 1][1]), rows[limit - 1][0].id) if len(rows) > limit else None
    return Listing([user_ref(user) for user, _ in rows[:limit]], more)


@router.handles(music_endpoints.ADD_COLLABORATOR)
async def add_collaborator(ctx: Ctx, playlist_id: IdPath, body: NewCollaborator) -> UserRef:
    """Name somebody as an editor of a collaborative playlist; for the owner."""
    row = await owned(ctx.db, playlist_id, ctx.user_id)
    await must_not_be_a_blend(ctx.db, playlist_id)
    user = await person_named(ctx.db, body.username)
    values = {"playlist_id": playlist_id, "user_id": user.id, "added_at": ctx.now}
    await ctx.db.execute(insert(PlaylistCollaboratorRow).values(values).on_conflict_do_nothing())
    await count_anew(ctx, row)
    changed(ctx, row)
    return user_ref(user)


@router.handles(music_endpoints.REMOVE_COLLABORATOR)
async def remove_collaborator(ctx: Ctx, playlist_id: IdPath, user_id: UserIdPath) -> Done:
    """Name somebody no longer; for the owner, and for oneself. A blend ends with that: no music without its people."""
    if user_id == ctx.user_id:
        row = await readable(ctx.db, playlist_id, ctx.user_id)
    else:
        row = await owned(ctx.db, playlist_id, ctx.user_id)
    named = (PlaylistCollaboratorRow.playlist_id == playlist_id, PlaylistCollaboratorRow.user_id == user_id)
    gone = await ctx.db.execute(
        delete(PlaylistCollaboratorRow).where(*named).returning(PlaylistCollaboratorRow.user_id)
    )
    if gone.first() is not None:
        changed(ctx, row)
        if await is_blended(ctx.db, playlist_id, user_id):
            await _erase(ctx, playlist_id)
    return Done()


async def _erase(ctx: RequestContext, playlist_id: str) -> None:
    """Delete a playlist, and take it out of every library."""
    saved = (LibraryItemRow.kind == "playlists", LibraryItemRow.item_id == playlist_id)
    await ctx.db.execute(delete(LibraryItemRow).where(*saved))
    await ctx.db.execute(delete(PlaylistRow).where(PlaylistRow.id == playlist_id))


async def _cover(ctx: RequestContext, row: PlaylistRow, upload_id: str | None) -> None:
    """Give a playlist the picture that an upload brought, which is used up by it; sent again, that stays its cover."""
    known = await ctx.db.get(PlaylistCoverRow, row.id)
    if upload_id is None:
        row.cover_key = None
        if known is not None:
            await ctx.db.delete(known)
        return
    if known is not None and known.upload_id == upload_id:
        return
    (medium,) = await claimed(ctx.db, ctx.user_id, [Medium("image", upload_id=upload_id)])
    row.cover_key = medium.key
    if known is None:
        ctx.db.add(PlaylistCoverRow(playlist_id=row.id, upload_id=upload_id))
    else:
        known.upload_id = upload_id
