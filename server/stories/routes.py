"""Routes of stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from api_client import endpoints
from api_client.models.base import Done
from api_client.models.posts import NewStory, Story, TrayEntry, Viewer
from server.context import Ctx
from server.feed.media import Medium, prepared
from server.feed.pages import cursor_at, position
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.routing import IdPath, Router
from server.stories import queries, subscriptions, writing

router = Router()
subscriptions.register()


@dataclass(frozen=True, slots=True)
class Draft:
    """A new story, its medium decoded and checked; `story_id` is the id that its author wants for it."""

    story_id: str | None
    media: list[Medium]


async def _draft(ctx: Ctx, body: NewStory) -> Draft:
    return Draft(body.id, await prepared(ctx.state.media, [body.media], f"stories/{ctx.user_id}"))


@router.handles(endpoints.STORY_TRAY)
async def tray(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[TrayEntry]:
    """The running stories of oneself and the people one follows, those with something unseen first."""
    rest = await ctx.state.rankings.rest(
        ("tray", ctx.user_id), cursor, ctx.now, lambda _ranked_at: queries.tray_order(ctx.db, ctx.user_id, ctx.now)
    )
    items = await queries.tray(ctx.db, ctx.user_id, rest.take(limit), ctx.now)
    return Listing(items, rest.cursor_after(limit))


@router.handles(endpoints.CREATE_STORY)
async def create_story(ctx: Ctx, draft: Annotated[Draft, Depends(_draft)]) -> Story:
    """Show a picture or video to one's followers for 24 hours."""
    return queries.story(await writing.create(ctx, draft.story_id, draft.media), seen=True)


@router.handles(endpoints.VIEW_STORY)
async def view_story(ctx: Ctx, story_id: IdPath) -> Story:
    """Note that one has seen a story; a second time changes nothing."""
    return queries.story(await writing.view(ctx, story_id), seen=True)


@router.handles(endpoints.STORY_VIEWERS)
async def story_viewers(
    ctx: Ctx, story_id: IdPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[Viewer]:
    """Who saw one's story, the latest first; for its owner alone."""
    row = await writing.own(ctx, story_id)
    found = await queries.viewers(ctx.db, row.id, position(cursor), limit + 1)
    page = found[:limit]
    following = cursor_at(page[-1].viewed_at, page[-1].user.id) if len(found) > limit else None
    return Listing(page, following)


@router.handles(endpoints.DELETE_STORY)
async def delete_story(ctx: Ctx, story_id: IdPath) -> Done:
    """Remove one's story before its time."""
    await writing.remove(ctx, await writing.own(ctx, story_id))
    return Done()
