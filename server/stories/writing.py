"""Making, seeing and removing stories, and clearing away those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.client_ids import is_repetition
from server.context import RequestContext
from server.db import new_id
from server.feed.access import may_see_person
from server.feed.media import Medium, claimed, write_files
from server.problems import Problem
from server.state import ServerState
from server.tables.stories import StoryRow, StoryViewRow
from server.tables.users import UserRow

LIFETIME = timedelta(hours=24)
PRUNED_AT_ONCE = 500


async def create(ctx: RequestContext, story_id: str | None, media: Sequence[Medium]) -> StoryRow:
    """Make a story of the one medium in `media`; it is over 24 hours later.

    With an id that the user gave to a story before, that one is returned; Problem NOT_FOUND if it is gone by now.
    """
    if await is_repetition(ctx.db, ctx.user_id, "story", story_id, ctx.now, StoryRow):
        return await running(ctx.db, story_id or "", ctx.now)
    kept = await claimed(ctx.db, ctx.user_id, media)
    row = StoryRow(
        id=story_id or new_id(),
        user_id=ctx.user_id,
        media_key=kept[0].key,
        media_type=kept[0].kind,
        view_count=0,
        created_at=ctx.now,
        expires_at=ctx.now + LIFETIME,
    )
    ctx.db.add(row)
    await ctx.db.flush()
    await write_files(ctx.state.media, kept)
    return row


async def running(db: AsyncSession, story_id: str, now: datetime) -> StoryRow:
    """Return a story that is not over; raises Problem NOT_FOUND from the 24th hour on, cleared away or not."""
    row = await db.get(StoryRow, story_id)
    if row is None or now >= row.expires_at:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such story.")
    return row


async def own(ctx: RequestContext, story_id: str) -> StoryRow:
    """Return a running story of the user's own; raises Problem FORBIDDEN for that of somebody else."""
    row = await running(ctx.db, story_id, ctx.now)
    if row.user_id != ctx.user_id:
        raise Problem(ErrorCode.FORBIDDEN, "Forbidden")
    return row


async def view(ctx: RequestContext, story_id: str) -> StoryRow:
    """Note that the user has seen a story, once, and not one of their own; its owner sees the count move.

    Raises Problem FORBIDDEN for the story of a private account that the user does not follow.
    """
    row = await running(ctx.db, story_id, ctx.now)
    author = await ctx.db.get_one(UserRow, row.user_id)
    if not await may_see_person(ctx.db, ctx.user, author):
        raise Problem(ErrorCode.FORBIDDEN, "This account is private.")
    seen = await ctx.db.get(StoryViewRow, (row.id, ctx.user_id)) is not None
    if not seen and row.user_id != ctx.user_id:
        ctx.db.add(StoryViewRow(story_id=row.id, viewer_id=ctx.user_id, viewed_at=ctx.now))
        row.view_count += 1
        await _changed(ctx, row)
    return row


async def remove(ctx: RequestContext, row: StoryRow) -> None:
    """Remove a story, its views and its file."""
    key = row.media_key
    await _changed(ctx, row)
    await ctx.db.delete(row)
    await ctx.db.flush()
    ctx.background(lambda: ctx.state.media.remove(key))


async def _changed(ctx: RequestContext, row: StoryRow) -> None:
    """Give a story its next version and announce that once it is committed."""
    row.version += 1
    await ctx.db.flush()
    key, version = f"stories:{row.id}", row.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))


async def prune(state: ServerState, now: datetime) -> None:
    """Clear away the stories that are over, with their views and files."""
    ended = select(StoryRow.id, StoryRow.media_key).where(StoryRow.expires_at <= now).limit(PRUNED_AT_ONCE)
    async with state.database.reading() as db:
        if (await db.execute(ended)).first() is None:
            return
    async with state.database.writing() as db:
        over = (await db.execute(ended)).all()
        await db.execute(delete(StoryRow).where(StoryRow.id.in_([row.id for row in over])))
    for row in over:
        await state.media.remove(row.media_key)
