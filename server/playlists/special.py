"""Playlists that fill themselves, copies, and the public ones of a person, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.music import Playlist
from api_client.models.playlist_rules import Rules, RulesChange
from api_client.models.playlists import NewBlend, PlaylistCopy, RulesPreview, RulesToTry
from server.client_ids import is_repetition
from server.context import Ctx, RequestContext
from server.db import from_micros, micros, new_id
from server.music.reader import ordered, reader_for
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.people import relations
from server.people.relations import person_named
from server.playlists.access import changed, is_seen_by_others, owned, readable
from server.playlists.blends import blend_between
from server.playlists.reader import PlaylistReader, shown
from server.playlists.rules import Chooser
from server.problems import Problem, version_conflict
from server.routing import IdPath, Router
from server.tables.music import PlaylistCollaboratorRow, PlaylistRow, PlaylistTrackRow
from server.tables.playlists import BlendRow, PlaylistRulesRow

router = Router()

PREVIEWED = 50
"""Tracks that are shown of what rules choose."""
RULES_KEPT_PER_MINUTE = 30
"""By one user: what they choose is counted while nobody else can write."""

UsernamePath = Annotated[str, Path(alias="username", min_length=1, max_length=64)]


@router.handles(music_endpoints.TRY_RULES)
async def try_rules(ctx: Ctx, body: RulesToTry) -> RulesPreview:
    """What rules choose for the user at this moment."""
    chosen = [(row[0], row[1]) for row in await ctx.db.execute(Chooser(ctx.user_id, ctx.now).query(body.rules))]
    ids = [track_id for track_id, _ in chosen[:PREVIEWED]]
    tracks = ordered(ids, await reader_for(ctx).tracks(ids))
    return RulesPreview(count=len(chosen), duration_ms=sum(length for _, length in chosen), tracks=tracks)


@router.handles(music_endpoints.SET_RULES)
async def set_rules(ctx: Ctx, playlist_id: IdPath, body: RulesChange) -> Playlist:
    """Let rules fill a playlist, in the place of the tracks it has; null keeps what they choose now, for good."""
    row = await owned(ctx.db, playlist_id, ctx.user_id)
    if await ctx.db.get(BlendRow, playlist_id) is not None:
        raise Problem(ErrorCode.WRONG_KIND, "A blend has no rules.")
    if body.base_version not in (None, row.version):
        raise version_conflict(f"playlists:{row.id}", await shown(ctx, row.id))
    if body.rules is not None:
        await ctx.db.execute(delete(PlaylistTrackRow).where(PlaylistTrackRow.playlist_id == playlist_id))
        await keep_rules(ctx, row, body.rules)
        changed(ctx, row)
    elif (kept := await ctx.db.get(PlaylistRulesRow, playlist_id)) is not None:
        await _settle(ctx, row, Rules.model_validate(kept.rules))
        await ctx.db.delete(kept)
        changed(ctx, row)
    await ctx.db.flush()
    return await shown(ctx, playlist_id)


async def keep_rules(ctx: RequestContext, row: PlaylistRow, rules: Rules) -> None:
    """Let `rules` fill a playlist from now on."""
    values = {"rules": rules.model_dump(mode="json"), "track_count": await _count(ctx, row, rules)}
    kept = insert(PlaylistRulesRow).values(playlist_id=row.id, **values)
    await ctx.db.execute(kept.on_conflict_do_update(index_elements=["playlist_id"], set_=values))


async def count_anew(ctx: RequestContext, row: PlaylistRow) -> None:
    """Count what the rules of a playlist choose, if it has any: others see it now, or do no longer."""
    kept = await ctx.db.get(PlaylistRulesRow, row.id)
    if kept is not None:
        kept.track_count = await _count(ctx, row, Rules.model_validate(kept.rules))


async def _count(ctx: RequestContext, row: PlaylistRow, rules: Rules) -> int:
    ctx.limit("rules", ctx.user_id, RULES_KEPT_PER_MINUTE, 60)
    chosen = Chooser(row.owner_id, ctx.now, await is_seen_by_others(ctx.db, row)).query(rules).subquery()
    return await ctx.db.scalar(select(func.count()).select_from(chosen)) or 0


async def _settle(ctx: RequestContext, row: PlaylistRow, rules: Rules) -> None:
    """Put what `rules` choose now into the playlist itself: where others see that, what they saw."""
    query = Chooser(row.owner_id, ctx.now, await is_seen_by_others(ctx.db, row)).query(rules)
    chosen = [found[0] for found in await ctx.db.execute(query)]
    ctx.db.add_all(
        PlaylistTrackRow(playlist_id=row.id, track_id=track, position=at, added_by=ctx.user_id, added_at=ctx.now)
        for at, track in enumerate(chosen, 1)
    )


@router.handles(music_endpoints.COPY_PLAYLIST)
async def copy(ctx: Ctx, playlist_id: IdPath, body: PlaylistCopy) -> Playlist:
    """Make a private playlist of the user's own with what this one holds now."""
    if await is_repetition(ctx.db, ctx.user_id, "playlist", body.id, ctx.now, PlaylistRow):
        return await shown(ctx, body.id or "")
    source = await readable(ctx.db, playlist_id, ctx.user_id)
    full = await shown(ctx, playlist_id)
    row = PlaylistRow(
        id=body.id or new_id(),
        owner_id=ctx.user_id,
        name=body.name or source.name,
        description=source.description,
        is_public=False,
        is_collaborative=False,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    await ctx.db.flush()
    ctx.db.add_all(
        PlaylistTrackRow(playlist_id=row.id, track_id=track.id, position=at, added_by=ctx.user_id, added_at=ctx.now)
        for at, track in enumerate(full.tracks, 1)
    )
    await ctx.db.flush()
    return await shown(ctx, row.id)


@router.handles(music_endpoints.BLEND)
async def blend(ctx: Ctx, body: NewBlend) -> Playlist:
    """Blend the user's music with that of a friend, each following the other; the two have one blend, made once."""
    friend = await person_named(ctx.db, body.username)
    if friend.id == ctx.user_id:
        raise Problem(ErrorCode.CONFLICT, "A blend needs somebody else.")
    follows = [(ctx.user_id, friend.id), (friend.id, ctx.user_id)]
    if not all([await relations.is_following(ctx.db, *pair) for pair in follows]):
        raise Problem(ErrorCode.FORBIDDEN, f"You can blend with {friend.username} once you follow each other.")
    known = await blend_between(ctx.db, ctx.user_id, friend.id)
    if known is not None:
        return await shown(ctx, known.playlist_id)
    row = PlaylistRow(
        id=new_id(),
        owner_id=ctx.user_id,
        name=f"{ctx.user.username} + {friend.username}",
        is_public=False,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    await ctx.db.flush()
    first, second = sorted((ctx.user_id, friend.id))
    ctx.db.add(BlendRow(playlist_id=row.id, first_id=first, second_id=second, created_at=ctx.now))
    ctx.db.add(PlaylistCollaboratorRow(playlist_id=row.id, user_id=friend.id, added_at=ctx.now))
    await ctx.db.flush()
    return await shown(ctx, row.id)


@router.handles(music_endpoints.PEOPLES_PLAYLISTS)
async def of_person(
    ctx: Ctx, username: UsernamePath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[Playlist]:
    """The public playlists of a person, the last changed first."""
    person = await person_named(ctx.db, username)
    if not await relations.may_see(ctx.db, ctx.user_id, person):
        raise Problem(ErrorCode.FORBIDDEN, "This account is private.")
    query = select(PlaylistRow.id, PlaylistRow.updated_at).where(
        PlaylistRow.owner_id == person.id, PlaylistRow.is_public
    )
    if cursor is not None:
        moment, playlist_id = decode_cursor(cursor, int, str)
        query = query.where(tuple_(PlaylistRow.updated_at, PlaylistRow.id) < (from_micros(moment), playlist_id))
    query = query.order_by(PlaylistRow.updated_at.desc(), PlaylistRow.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in await ctx.db.execute(query)]
    more = encode_cursor(micros(rows[limit - 1][1]), rows[limit - 1][0]) if len(rows) > limit else None
    ids = [playlist_id for playlist_id, _ in rows[:limit]]
    return Listing(ordered(ids, await PlaylistReader(reader_for(ctx)).playlists(ids)), more)
