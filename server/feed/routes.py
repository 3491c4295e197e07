"""Routes of posts of both kinds, the feed, explore, likes and saved posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from api_client import endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done
from api_client.models.posts import (
    LikeState,
    NewPhotoPost,
    NewPost,
    NewThreadPost,
    PhotoPost,
    SaveState,
    ThreadPost,
)
from server.context import Ctx, RequestContext
from server.feed import access, announce, cache, hydrate, newcomers, photos, queries
from server.feed.media import Medium, linked, prepared
from server.feed.pages import Position, position
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.people import relations
from server.problems import Problem, invalid
from server.routing import IdPath, Router
from server.threads import creating

router = Router()
announce.register()
newcomers.register()


@dataclass(frozen=True, slots=True)
class Draft:
    """The body of a new post, and its media decoded and checked."""

    body: NewPhotoPost | NewThreadPost
    media: list[Medium]


async def _draft(ctx: Ctx, body: NewPost) -> Draft:
    if isinstance(body, NewThreadPost):
        return Draft(body, [])
    if body.media is not None:
        return Draft(body, await prepared(ctx.state.media, body.media, f"posts/{ctx.user_id}"))
    return Draft(body, linked(body.media_urls or []))


@router.handles(endpoints.FEED)
async def feed(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[PhotoPost]:
    """The posts of the people one follows and one's own, newest first.

    `nextCursor` is the id of the last post of a full page, and null on a short one. A feed is 1,000 posts long.
    """
    start = await _feed_start(ctx, cursor)
    cached = await queries.is_cached(ctx.db, ctx.user_id)
    if not cached:
        user_id = ctx.user_id
        ctx.background(lambda: cache.rebuild(ctx.state.database, user_id, ctx.now))
    ids = await queries.feed_page(ctx.db, ctx.user_id, start, limit, cached=cached)
    items = await _photos(ctx, ids)
    return Listing(items, ids[-1] if len(ids) == limit else None)


async def _feed_start(ctx: RequestContext, cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    start = await queries.feed_position(ctx.db, cursor)
    if start is None:
        raise invalid("cursor", "This cursor does not belong to this list.")
    return start


async def _photos(ctx: RequestContext, ids: list[str]) -> list[PhotoPost]:
    found = await hydrate.photo_posts(ctx.db, ctx.user_id, ids)
    return [found[post_id] for post_id in ids if post_id in found]


@router.handles(endpoints.EXPLORE)
async def explore(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[PhotoPost]:
    """Public posts of people one does not follow, by engagement times recency; at most 1,000."""
    rest = await ctx.state.rankings.rest(
        ("explore", ctx.user_id),
        cursor,
        ctx.now,
        lambda ranked_at: queries.explore_order(ctx.db, ctx.user_id, ranked_at),
    )
    ids = list(rest.take(limit))
    visible = await queries.still_public(ctx.db, ids)
    return Listing(await _photos(ctx, visible), rest.cursor_after(limit))


@router.handles(endpoints.SAVED_POSTS)
async def saved(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[PhotoPost | ThreadPost]:
    """The posts one keeps, the latest saved first."""
    ids, following = await queries.saved_page(ctx.db, ctx.user_id, position(cursor), limit)
    return Listing(await hydrate.posts(ctx.db, ctx.user_id, ids), following)


@router.handles(endpoints.USER_POSTS)
async def user_posts(
    ctx: Ctx, username: str, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[PhotoPost | ThreadPost]:
    """Somebody's posts of both kinds, newest first; those of a private account only for its followers."""
    person = await relations.person_named(ctx.db, username)
    if not await access.may_see_person(ctx.db, ctx.user, person):
        raise Problem(ErrorCode.FORBIDDEN, "This account is private.")
    ids, following = await queries.user_posts_page(
        ctx.db, person.id, position(cursor), limit, with_archived=person.id == ctx.user_id
    )
    return Listing(await hydrate.posts(ctx.db, ctx.user_id, ids), following)


@router.handles(endpoints.CREATE_POST)
async def create_post(ctx: Ctx, draft: Annotated[Draft, Depends(_draft)]) -> PhotoPost | ThreadPost:
    """Post photos to the feed (`media` or `mediaUrls`), or a post to a subreddit (`subreddit`, `title`).

    A user makes at most 100 posts of both kinds within any hour.
    """
    if isinstance(draft.body, NewThreadPost):
        post_id = await creating.create_thread(ctx, draft.body)
    else:
        post_id = await photos.create(ctx, draft.body, draft.media)
    row = await access.readable_post(ctx.db, ctx.user, post_id)
    return (await hydrate.posts(ctx.db, ctx.user_id, [row.id]))[0]


@router.handles(endpoints.POST)
async def post(ctx: Ctx, post_id: IdPath) -> PhotoPost | ThreadPost:
    """One post of either kind."""
    row = await access.readable_post(ctx.db, ctx.user, post_id)
    return (await hydrate.posts(ctx.db, ctx.user_id, [row.id]))[0]


@router.handles(endpoints.DELETE_POST)
async def delete_post(ctx: Ctx, post_id: IdPath) -> Done:
    """Remove a post: its author, a moderator of its subreddit, or a moderator of the site."""
    row = await access.readable_post(ctx.db, ctx.user, post_id)
    if row.author_id != ctx.user_id and not await access.moderates(ctx.db, ctx.user, row):
        raise Problem(ErrorCode.FORBIDDEN, "Forbidden")
    await photos.remove(ctx, row)
    return Done()


@router.handles(endpoints.TOGGLE_LIKE)
async def toggle_like(ctx: Ctx, post_id: IdPath) -> LikeState:
    """Like a photo post, or take the like back."""
    return await photos.like(ctx, await access.readable_photo(ctx.db, ctx.user, post_id), None)


@router.handles(endpoints.LIKE)
async def like(ctx: Ctx, post_id: IdPath) -> LikeState:
    """Like a photo post; liked already, it stays so."""
    return await photos.like(ctx, await access.readable_photo(ctx.db, ctx.user, post_id), True)


@router.handles(endpoints.UNLIKE)
async def unlike(ctx: Ctx, post_id: IdPath) -> LikeState:
    """Take the like of a photo post back; not liked, it stays so."""
    return await photos.like(ctx, await access.readable_photo(ctx.db, ctx.user, post_id), False)


@router.handles(endpoints.SAVE_POST)
async def save_post(ctx: Ctx, post_id: IdPath) -> SaveState:
    """Keep a post for later."""
    await photos.save(ctx, await access.readable_post(ctx.db, ctx.user, post_id))
    return SaveState(saved=True)


@router.handles(endpoints.UNSAVE_POST)
async def unsave_post(ctx: Ctx, post_id: IdPath) -> SaveState:
    """Keep a post no longer; also one that cannot be seen any more."""
    await photos.unsave(ctx, post_id)
    return SaveState(saved=False)
