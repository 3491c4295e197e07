"""Making and removing photo posts, liking and keeping posts: the writes of the feed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from api_client.models.posts import Coordinates, LikeState, NewPhotoPost
from server.client_ids import is_repetition
from server.context import RequestContext
from server.db import new_id
from server.feed import announce, cache, newcomers
from server.feed.access import PostRow
from server.feed.limits import count_post
from server.feed.media import Medium, claimed, write_files
from server.tables.posts import LikeRow, PhotoPostRow, PostMediaRow, SavedPostRow, ThreadPostRow
from server.tables.subreddits import SubredditRow
from server.tables.users import UserRow


async def create(ctx: RequestContext, body: NewPhotoPost, media: Sequence[Medium]) -> str:
    """Make a photo post with its media, count it, have it fanned out after the commit, and return its id.

    With an id that its author used before, nothing is made.
    """
    db = ctx.db
    if await is_repetition(db, ctx.user_id, "photo", body.id, ctx.now, PhotoPostRow, ThreadPostRow):
        return body.id or ""
    kept = await claimed(db, ctx.user_id, media)
    name, lat, lng = _place(body)
    post = PhotoPostRow(
        id=body.id or new_id(),
        author_id=ctx.user_id,
        caption=body.caption or None,
        location_name=name,
        lat=lat,
        lng=lng,
        created_at=ctx.now,
    )
    db.add(post)
    await db.flush()
    db.add_all([_media_row(post.id, index, medium) for index, medium in enumerate(kept)])
    announce.post_counted(ctx, ctx.user, 1)
    await db.flush()
    count_post(ctx)
    await write_files(ctx.state.media, kept)
    post_id, author_id = post.id, ctx.user_id
    ctx.background(lambda: cache.fan_out(ctx.state.database, post_id))
    ctx.background(lambda: newcomers.announce_post(ctx.state, post_id, author_id))
    return post_id


def _place(body: NewPhotoPost) -> tuple[str | None, float | None, float | None]:
    if isinstance(body.location, Coordinates):
        return body.location.name or None, body.location.lat, body.location.lng
    return body.location or None, None, None


def _media_row(post_id: str, index: int, medium: Medium) -> PostMediaRow:
    return PostMediaRow(
        id=new_id(),
        post_id=post_id,
        position=index,
        media_key=medium.key,
        url=medium.url,
        media_type=medium.kind,
        width=medium.width,
        height=medium.height,
        alt=medium.alt,
    )


async def remove(ctx: RequestContext, post: PostRow) -> None:
    """Take a post of either kind away; its pictures go with it, its comments are not reachable any more."""
    db = ctx.db
    post.deleted_at = ctx.now
    post.version += 1
    author = await db.get_one(UserRow, post.author_id)
    announce.post_counted(ctx, author, -1)
    await db.execute(delete(SavedPostRow).where(SavedPostRow.post_id == post.id))
    if isinstance(post, PhotoPostRow):
        await cache.post_removed(db, post.id)
        await _remove_media(ctx, post.id)
    else:
        post.title, post.body, post.url = "[deleted]", None, None
        await announce.subreddit_changed(ctx, await db.get_one(SubredditRow, post.subreddit_id))
    await db.flush()
    announce.post_changed(ctx, post)
    await announce.event(ctx, post, "deleted", {"targetType": "post", "id": post.id, "postId": post.id})


async def _remove_media(ctx: RequestContext, post_id: str) -> None:
    keys = list((await ctx.db.scalars(select(PostMediaRow.media_key).where(PostMediaRow.post_id == post_id))).all())
    await ctx.db.execute(delete(PostMediaRow).where(PostMediaRow.post_id == post_id))

    async def unlink() -> None:
        for key in keys:
            if key is not None:
                await ctx.state.media.remove(key)

    ctx.background(unlink)


async def like(ctx: RequestContext, post: PhotoPostRow, wanted: bool | None) -> LikeState:
    """Give or take back the like of the user; None turns it round. The transaction is exclusive: no count is lost."""
    db = ctx.db
    row = await db.get(LikeRow, (ctx.user_id, post.id))
    liked = row is None if wanted is None else wanted
    if liked != (row is not None):
        if row is None:
            db.add(LikeRow(user_id=ctx.user_id, post_id=post.id, created_at=ctx.now))
        else:
            await db.delete(row)
        post.like_count = max(0, post.like_count + (1 if liked else -1))
        post.version += 1
        await db.flush()
        announce.post_changed(ctx, post)
        await announce.scored(ctx, post, post)
    return LikeState(liked=liked, like_count=post.like_count)


async def save(ctx: RequestContext, post: PhotoPostRow | ThreadPostRow) -> None:
    """Keep a post for later; the moment of the first time counts."""
    if await ctx.db.get(SavedPostRow, (ctx.user_id, post.id)) is None:
        ctx.db.add(SavedPostRow(user_id=ctx.user_id, post_id=post.id, created_at=ctx.now))
        await ctx.db.flush()


async def unsave(ctx: RequestContext, post_id: str) -> None:
    """Keep a post no longer; harmless if it was not kept."""
    await ctx.db.execute(
        delete(SavedPostRow).where(SavedPostRow.user_id == ctx.user_id, SavedPostRow.post_id == post_id)
    )
