"""Routes of subreddits, their posts, and votes on posts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api_client import endpoints
from api_client.models.posts import ThreadPost, VoteRequest, VoteState
from api_client.models.threads import (
    SUBREDDIT_NAME_LIMIT,
    JoinState,
    NewSubreddit,
    PostSort,
    Subreddit,
    TopWindow,
)
from server.context import Ctx, RequestContext
from server.feed import access, announce, hydrate
from server.feed.pages import cursor_at, position
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.routing import IdPath, Router
from server.threads import creating, queries, votes

router = Router()

SubredditName = Annotated[str, Path(alias="name", min_length=1, max_length=SUBREDDIT_NAME_LIMIT)]
"""The `{name}` of a path."""


@router.handles(endpoints.SUBREDDITS)
async def subreddits(
    ctx: Ctx,
    query: Annotated[str, Query(max_length=100, description="What the name or display name contains.")] = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[Subreddit]:
    """Subreddits, the largest first, all of them or those whose names contain `query`."""
    rest = await ctx.state.rankings.rest(
        ("subreddits", query), cursor, ctx.now, lambda _ranked_at: queries.matching_subreddits(ctx.db, query)
    )
    items = await hydrate.subreddits(ctx.db, ctx.user_id, rest.take(limit))
    return Listing(items, rest.cursor_after(limit))


@router.handles(endpoints.MY_SUBREDDITS)
async def my_subreddits(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[Subreddit]:
    """The subreddits one has joined, by name."""
    after = decode_cursor(cursor, str)[0] if cursor is not None else ""
    rows = await queries.joined_subreddits(ctx.db, ctx.user_id, after, limit + 1)
    page = rows[:limit]
    items = await hydrate.subreddits(ctx.db, ctx.user_id, [subreddit_id for subreddit_id, _ in page])
    return Listing(items, encode_cursor(page[-1][1]) if len(rows) > limit else None)


@router.handles(endpoints.SUBREDDIT)
async def subreddit(ctx: Ctx, name: SubredditName) -> Subreddit:
    """One subreddit, by its name in whatever case."""
    row = await queries.subreddit_named(ctx.db, name)
    return hydrate.subreddit(row, await queries.role_in(ctx.db, row.id, ctx.user_id))


@router.handles(endpoints.CREATE_SUBREDDIT)
async def found(ctx: Ctx, body: NewSubreddit) -> Subreddit:
    """Found a subreddit and own it."""
    return (await hydrate.subreddits(ctx.db, ctx.user_id, [await creating.found(ctx, body)]))[0]


@router.handles(endpoints.JOIN)
async def join(ctx: Ctx, name: SubredditName) -> JoinState:
    """Join a subreddit."""
    return await creating.join(ctx, name)


@router.handles(endpoints.LEAVE)
async def leave(ctx: Ctx, name: SubredditName) -> JoinState:
    """Leave a subreddit; its owner cannot."""
    return await creating.leave(ctx, name)


@router.handles(endpoints.THREADS)
async def threads(
    ctx: Ctx,
    subreddit: Annotated[str | None, Query(max_length=SUBREDDIT_NAME_LIMIT)] = None,
    sort: PostSort = PostSort.HOT,
    t: Annotated[TopWindow, Query(description="How far back `top` and `controversial` look.")] = TopWindow.DAY,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[ThreadPost]:
    """Posts of one subreddit, or the front page: of those one has joined, of all if there are none.

    The pinned posts of a subreddit come first. `new` goes back to the first post; the ranked orders are 1,000 posts
    deep and stay as they were at their first page while one pages through them.
    """
    if subreddit:
        scope = queries.one_subreddit(await queries.subreddit_named(ctx.db, subreddit))
    else:
        scope = await queries.front_page(ctx.db, ctx.user_id)
    pinned = await queries.pinned(ctx.db, scope) if cursor is None else []
    room = max(1, limit - len(pinned))
    if sort is PostSort.NEW:
        ids, following = await _newest(ctx, scope, cursor, room)
    else:
        rest = await ctx.state.rankings.rest(
            ("threads", scope.name, sort, t),
            cursor,
            ctx.now,
            lambda ranked_at: queries.ranked(ctx.db, scope, sort, t, ranked_at),
        )
        ids, following = list(rest.take(room)), rest.cursor_after(room)
    shown = [*pinned[: limit - 1], *ids]
    found_posts = await hydrate.thread_posts(ctx.db, ctx.user_id, shown)
    return Listing([found_posts[post_id] for post_id in shown if post_id in found_posts], following)


async def _newest(
    ctx: RequestContext, scope: queries.Scope, cursor: str | None, limit: int
) -> tuple[list[str], str | None]:
    rows = await queries.newest(ctx.db, scope, position(cursor), limit + 1)
    page = rows[:limit]
    following = cursor_at(page[-1][1], page[-1][0]) if len(rows) > limit else None
    return [post_id for post_id, _ in page], following


@router.handles(endpoints.VOTE_POST)
async def vote_on_post(ctx: Ctx, post_id: IdPath, body: VoteRequest) -> VoteState:
    """Vote a subreddit's post up (1) or down (-1), or take the vote back (0); locked posts can be voted on."""
    post = await access.readable_thread(ctx.db, ctx.user, post_id)
    before = post.version
    state = await votes.cast(ctx.db, ctx.user_id, post, body.value, ctx.now)
    if post.version != before:
        announce.post_changed(ctx, post)
        await announce.scored(ctx, post, post)
    return state
