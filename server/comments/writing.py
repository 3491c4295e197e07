"""Writing, removing and liking comments."""

from __future__ import annotations

from api_client.errors import ErrorCode
from api_client.models.posts import Comment, LikeState, NewComment
from server.client_ids import is_repetition, taken
from server.comments import queries
from server.comments.paths import DEPTH_STORED, NUMBER_LIMIT, child_path
from server.comments.tree import Placed
from server.context import RequestContext
from server.db import new_id
from server.feed import access, announce
from server.feed.access import PostRow
from server.problems import Problem
from server.tables.posts import CommentLikeRow, CommentRow, ThreadPostRow


async def create(ctx: RequestContext, post: PostRow, body: NewComment) -> Comment:
    """Write a comment on a post, or a reply to one of its comments, and return it.

    Raises Problem CONFLICT on a locked post and below a deleted comment, NOT_FOUND for a parent on another post,
    DUPLICATE for an id that is used for something else.
    """
    db = ctx.db
    if await is_repetition(db, ctx.user_id, "comment", body.id, ctx.now, CommentRow):
        return await _written(ctx, post, body.id or "")
    if isinstance(post, ThreadPostRow) and post.is_locked:
        raise Problem(ErrorCode.CONFLICT, "This post is locked.")
    parent = await _parent(ctx, post, body.parent_id) if body.parent_id is not None else None
    number = await queries.next_number(db, post.id)
    depth = parent.depth + 1 if parent is not None else 0
    if depth > DEPTH_STORED or number > NUMBER_LIMIT:
        raise Problem(ErrorCode.CONFLICT, "This conversation is full; reply further up.")
    row = CommentRow(
        id=body.id or new_id(),
        post_id=post.id,
        number=number,
        parent_id=parent.id if parent is not None else None,
        author_id=ctx.user_id,
        body=body.body,
        depth=depth,
        path=child_path(parent.path if parent is not None else None, number),
        created_at=ctx.now,
    )
    db.add(row)
    post.comment_count += 1
    post.version += 1
    await db.flush()
    comment = (await queries.comments(db, ctx.user_id, [Placed(row.id, 0, None)]))[0]
    announce.post_changed(ctx, post)
    await announce.event(ctx, post, "comment", announce.wire(comment))
    return comment


async def _written(ctx: RequestContext, post: PostRow, comment_id: str) -> Comment:
    """Return a comment that the user wrote before, by the id that they gave it."""
    row = await ctx.db.get(CommentRow, comment_id)
    if row is None or row.deleted_at is not None:
        raise no_comment()
    if row.post_id != post.id:
        raise taken()
    replies = await queries.direct_replies(ctx.db, row.id)
    return (await queries.comments(ctx.db, ctx.user_id, [Placed(row.id, replies, None)]))[0]


async def _parent(ctx: RequestContext, post: PostRow, parent_id: str) -> CommentRow:
    parent = await ctx.db.get(CommentRow, parent_id)
    if parent is None or parent.post_id != post.id:
        raise no_comment()
    if parent.deleted_at is not None:
        raise Problem(ErrorCode.CONFLICT, "The comment you reply to has been deleted.")
    return parent


async def readable(ctx: RequestContext, comment_id: str) -> tuple[CommentRow, PostRow]:
    """Return a comment that is not deleted, and its post; raises Problem NOT_FOUND or FORBIDDEN."""
    row = await ctx.db.get(CommentRow, comment_id)
    if row is None or row.deleted_at is not None:
        raise no_comment()
    return row, await access.readable_post(ctx.db, ctx.user, row.post_id)


async def remove(ctx: RequestContext, comment_id: str) -> None:
    """Blank a comment: its author, who moderates the post, or the author of the photo it stands under.

    Its replies stay. Raises Problem NOT_FOUND or FORBIDDEN.
    """
    row, post = await readable(ctx, comment_id)
    photo_author = post.author_id if not isinstance(post, ThreadPostRow) else None
    if ctx.user_id not in (row.author_id, photo_author) and not await access.moderates(ctx.db, ctx.user, post):
        raise Problem(ErrorCode.FORBIDDEN, "Forbidden")
    row.deleted_at = ctx.now
    row.body = ""
    row.version += 1
    post.comment_count = max(0, post.comment_count - 1)
    post.version += 1
    await ctx.db.flush()
    announce.post_changed(ctx, post)
    await announce.event(ctx, post, "deleted", {"targetType": "comment", "id": row.id, "postId": post.id})


async def like(ctx: RequestContext, comment_id: str, wanted: bool | None) -> LikeState:
    """Give or take back the like of the user; None turns it round."""
    row, post = await readable(ctx, comment_id)
    given = await ctx.db.get(CommentLikeRow, (ctx.user_id, row.id))
    liked = given is None if wanted is None else wanted
    if liked != (given is not None):
        if given is None:
            ctx.db.add(CommentLikeRow(user_id=ctx.user_id, comment_id=row.id, created_at=ctx.now))
        else:
            await ctx.db.delete(given)
        row.like_count = max(0, row.like_count + (1 if liked else -1))
        row.version += 1
        await changed(ctx, post, row)
    return LikeState(liked=liked, like_count=row.like_count)


async def changed(ctx: RequestContext, post: PostRow, row: CommentRow) -> None:
    """Announce new counts of a comment, and with them a new version of its post."""
    post.version += 1
    await ctx.db.flush()
    announce.post_changed(ctx, post)
    await announce.scored(ctx, post, row)


def no_comment() -> Problem:
    """Return the refusal for a comment that does not exist, any more or on this post."""
    return Problem(ErrorCode.NOT_FOUND, "There is no such comment.")
