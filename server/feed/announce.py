"""Tells those who watch: version notices over the socket and events of the streams, always after the commit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.base import WireModel
from server.context import RequestContext
from server.feed.access import PostRow, may_see_person
from server.people.announce import people_changed
from server.realtime.rules import allow
from server.tables.posts import CommentRow, PhotoPostRow, ThreadPostRow
from server.tables.subreddits import SubredditRow
from server.tables.users import UserRow


def post_topic(post_id: str) -> str:
    """Return the stream topic, and the key of version notices, of a post."""
    return f"posts:{post_id}"


def subreddit_topic(name: str) -> str:
    """Return the stream topic, and the key of version notices, of a subreddit by its own spelling."""
    return f"r:{name}"


def post_changed(ctx: RequestContext, post: PostRow) -> None:
    """Announce a new version of a post."""
    key, version = post_topic(post.id), post.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))


def post_counted(ctx: RequestContext, author: UserRow, step: int) -> None:
    """Move the number of an author's posts, and announce the profile that it stands in."""
    author.post_count = max(0, author.post_count + step)
    author.version += 1
    people_changed(ctx, author)


async def event(ctx: RequestContext, post: PostRow, name: str, data: dict[str, Any]) -> None:
    """Send an event to those who watch the post, and to those who watch the subreddit it stands in."""
    topics = [post_topic(post.id)]
    if isinstance(post, ThreadPostRow):
        subreddit = await ctx.db.get_one(SubredditRow, post.subreddit_id)
        topics.append(subreddit_topic(subreddit.name))
    ctx.after_commit(lambda: _publish(ctx, topics, name, data))


async def scored(ctx: RequestContext, post: PostRow, target: PostRow | CommentRow) -> None:
    """Announce new counts of a post or of a comment on it."""
    data: dict[str, Any] = {
        "targetType": "comment" if isinstance(target, CommentRow) else "post",
        "id": target.id,
        "postId": post.id,
    }
    if not isinstance(target, PhotoPostRow):
        data |= {"score": target.score, "upvotes": target.upvotes, "downvotes": target.downvotes}
    if not isinstance(target, ThreadPostRow):
        data["likeCount"] = target.like_count
    if not isinstance(target, CommentRow):
        data["commentCount"] = target.comment_count
    await event(ctx, post, "score", data)


def wire(model: WireModel) -> dict[str, Any]:
    """Return a record as the data of an event."""
    return model.model_dump(mode="json")


async def subreddit_changed(ctx: RequestContext, row: SubredditRow) -> None:
    """Count up the version of a subreddit, as after a new or removed post or member, and announce it."""
    row.version += 1
    await ctx.db.flush()
    key, version = subreddit_topic(row.name), row.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))


def _publish(ctx: RequestContext, topics: list[str], name: str, data: dict[str, Any]) -> None:
    for topic in topics:
        ctx.state.streams.publish(topic, name, data)


async def _may_read_post(db: AsyncSession, user: UserRow, post_id: str) -> bool:
    thread = await db.get(ThreadPostRow, post_id)
    if thread is not None:
        return thread.deleted_at is None
    photo = await db.get(PhotoPostRow, post_id)
    if photo is None or photo.deleted_at is not None:
        return False
    if photo.is_archived and photo.author_id != user.id:
        return False
    return await may_see_person(db, user, await db.get_one(UserRow, photo.author_id))


async def _post_version(db: AsyncSession, post_id: str) -> int:
    row: PostRow | None = await db.get(ThreadPostRow, post_id)
    row = row or await db.get(PhotoPostRow, post_id)
    return row.version if row is not None else 0


async def _subreddit(db: AsyncSession, name: str) -> SubredditRow | None:
    row = await db.scalar(select(SubredditRow).where(SubredditRow.name_key == name.casefold()))
    return row if row is not None and row.name == name else None


async def _may_read_subreddit(db: AsyncSession, _user: UserRow, name: str) -> bool:
    return await _subreddit(db, name) is not None


async def _subreddit_version(db: AsyncSession, name: str) -> int:
    row = await _subreddit(db, name)
    return row.version if row is not None else 0


def register() -> None:
    """Open the keys `posts:{id}` and `r:{name}`."""
    allow("posts", _may_read_post, _post_version)
    allow("r", _may_read_subreddit, _subreddit_version)
