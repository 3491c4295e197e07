"""Routes of comments on posts of both kinds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from api_client import endpoints
from api_client.models.base import Done
from api_client.models.posts import Comment, LikeState, NewComment, VoteRequest, VoteState
from api_client.models.threads import CommentSort
from server.comments import queries, tree, writing
from server.comments.tree import Placed
from server.context import Ctx, RequestContext
from server.db import micros
from server.feed import access
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing
from server.routing import IdPath, Router
from server.tables.posts import CommentRow
from server.threads import votes

router = Router()

COMMENTS_PER_UNIT = 50
"""A page of `limit` units holds at most this many times as many comments: 1,000 by default."""
COMMENTS_ON_A_PAGE = 5000
"""The most comments a page ever holds."""


@router.handles(endpoints.COMMENTS)
async def comments(
    ctx: Ctx,
    post_id: IdPath,
    sort: CommentSort = CommentSort.BEST,
    root: Annotated[str | None, Query(max_length=64, description="Show this comment and what is below it.")] = None,
    limit: Annotated[Limit, Query(description="Root comments on a page, or direct replies of `root`.")] = DEFAULT_LIMIT,
    whole: Annotated[
        bool, Query(description="As many of them as fit into 5,000 comments, instead of `limit`.")
    ] = False,
    cursor: Cursor = None,
) -> Listing[Comment]:
    """The comments of a post, depth first, siblings in the order of `sort`.

    A page covers up to `limit` root comments with everything beneath them, eleven levels deep, and holds at most
    50 x `limit` comments; with `whole=true` it covers as many root comments as fit into 5,000 comments, so that all
    but the largest threads come in one piece. `moreReplies` on a comment counts what a page leaves out beneath it; ask
    for that with `root`. With `root`, the first comment of the first page is that comment itself, pages go by its
    direct replies, and eleven levels count from it. `depth` and `path` are always those within the post.
    """
    post = await access.readable_post(ctx.db, ctx.user, post_id)
    top = await _top(ctx, post.id, root) if root is not None else None
    thread = await ctx.state.trees.get(ctx.db, post, sort, top)
    if top is not None and top.deleted_at is not None and not thread.units:
        raise writing.no_comment()

    async def units(ranked_at: datetime) -> list[str]:
        return thread.units_until(micros(ranked_at))

    rest = await ctx.state.rankings.rest(("comments", post.id, root or "", sort), cursor, ctx.now, units)
    placed = [Placed(top.id, len(thread.units), None)] if top is not None and rest.is_first else []
    window = rest.take(COMMENTS_ON_A_PAGE if whole else limit)
    present = [unit for unit in window if unit in thread.sizes]
    most = COMMENTS_ON_A_PAGE if whole else limit * COMMENTS_PER_UNIT
    block, covered = tree.page(thread, present, most)
    consumed = window.index(present[covered - 1]) + 1 if covered < len(present) else len(window)
    records = await queries.rendered(ctx.db, ctx.user_id, [*placed, *block])
    return Listing([], rest.cursor_after(consumed), rendered=records)


async def _top(ctx: RequestContext, post_id: str, comment_id: str) -> CommentRow:
    row = await ctx.db.get(CommentRow, comment_id)
    if row is None or row.post_id != post_id:
        raise writing.no_comment()
    return row


@router.handles(endpoints.CREATE_COMMENT)
async def create_comment(ctx: Ctx, post_id: IdPath, body: NewComment) -> Comment:
    """Comment on a post of either kind, or reply to the comment `parentId`; not on locked posts."""
    return await writing.create(ctx, await access.readable_post(ctx.db, ctx.user, post_id), body)


@router.handles(endpoints.DELETE_COMMENT)
async def delete_comment(ctx: Ctx, comment_id: IdPath) -> Done:
    """Delete a comment; while there are replies beneath it, a placeholder stays."""
    await writing.remove(ctx, comment_id)
    return Done()


@router.handles(endpoints.TOGGLE_COMMENT_LIKE)
async def toggle_comment_like(ctx: Ctx, comment_id: IdPath) -> LikeState:
    """Like a comment, or take the like back."""
    return await writing.like(ctx, comment_id, None)


@router.handles(endpoints.LIKE_COMMENT)
async def like_comment(ctx: Ctx, comment_id: IdPath) -> LikeState:
    """Like a comment; liked already, it stays so."""
    return await writing.like(ctx, comment_id, True)


@router.handles(endpoints.UNLIKE_COMMENT)
async def unlike_comment(ctx: Ctx, comment_id: IdPath) -> LikeState:
    """Take the like of a comment back; not liked, it stays so."""
    return await writing.like(ctx, comment_id, False)


@router.handles(endpoints.VOTE_COMMENT)
async def vote_on_comment(ctx: Ctx, comment_id: IdPath, body: VoteRequest) -> VoteState:
    """Vote a comment up (1) or down (-1), or take the vote back (0)."""
    row, post = await writing.readable(ctx, comment_id)
    before = row.version
    state = await votes.cast(ctx.db, ctx.user_id, row, body.value, ctx.now)
    if row.version != before:
        await writing.changed(ctx, post, row)
    return state
