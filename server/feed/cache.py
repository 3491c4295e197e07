"""The cached feeds: fan-out on write for authors with few followers, and what keeps the cache true.

A post is written into the feeds of its author's followers after its own transaction, and only then marked as fanned
out. Until then, and for good where the author has too many followers, readers merge it in themselves; so nothing is
missing if the server stops in between. Only readers who have opened their feed once have one in the cache.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, func, insert, literal, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from server.db import Database
from server.tables.posts import FeedRow, FeedStateRow, PhotoPostRow
from server.tables.users import FollowRow

FEED_BOUND = 1000
"""Posts in a feed; older ones are reached through the profiles."""
CELEBRITY_FOLLOWERS = 1000
"""From this many followers on, an author's posts are merged in at reading time."""

_COLUMNS = ("user_id", "post_id", "post_user_id", "created_at")

_TRIM = text(
    """
    WITH over AS (
      SELECT feed.user_id AS id FROM user_feeds AS feed
      WHERE feed.user_id = :person
         OR (:with_followers AND feed.user_id IN (SELECT follower_id FROM follows WHERE followed_id = :person))
      GROUP BY feed.user_id HAVING count(*) > :bound
    ),
    first AS (
      SELECT over.id,
        (SELECT created_at FROM user_feeds WHERE user_id = over.id
         ORDER BY created_at DESC, post_id DESC LIMIT 1 OFFSET :bound) AS created_at,
        (SELECT post_id FROM user_feeds WHERE user_id = over.id
         ORDER BY created_at DESC, post_id DESC LIMIT 1 OFFSET :bound) AS post_id
      FROM over
    )
    DELETE FROM user_feeds WHERE rowid IN (
      SELECT feed.rowid FROM first JOIN user_feeds AS feed
        ON feed.user_id = first.id AND feed.created_at <= first.created_at
       AND (feed.created_at < first.created_at OR feed.post_id <= first.post_id)
    )
    """
)


async def fan_out(database: Database, post_id: str) -> None:
    """Write a post into the cached feeds of its author and followers, unless the author has too many of them."""
    async with database.writing() as db:
        post = await db.get(PhotoPostRow, post_id)
        if post is None or post.deleted_at is not None or await is_celebrity(db, post.author_id):
            return
        readers = union(
            select(FollowRow.follower_id).where(FollowRow.followed_id == post.author_id),
            select(literal(post.author_id)),
        )
        entry = select(
            FeedStateRow.user_id,
            literal(post.id),
            literal(post.author_id),
            select(PhotoPostRow.created_at).where(PhotoPostRow.id == post.id).scalar_subquery(),
        ).where(FeedStateRow.user_id.in_(readers))
        await db.execute(insert(FeedRow).prefix_with("OR IGNORE").from_select(_COLUMNS, entry))
        await db.execute(update(PhotoPostRow).where(PhotoPostRow.id == post.id).values(is_fanned_out=True))
        await _trim(db, post.author_id, with_followers=True)


async def is_celebrity(db: AsyncSession, author_id: str) -> bool:
    """Whether an author has so many followers that their posts are not written into feeds."""
    some = select(literal(1)).where(FollowRow.followed_id == author_id).limit(CELEBRITY_FOLLOWERS).subquery()
    return (await db.scalar(select(func.count()).select_from(some)) or 0) >= CELEBRITY_FOLLOWERS


async def rebuild(database: Database, reader_id: str, now: datetime) -> None:
    """Make the cached feed of a reader from posts and follows."""
    async with database.writing() as db:
        await db.execute(delete(FeedRow).where(FeedRow.user_id == reader_id))
        await _backfill(db, reader_id, select(FollowRow.followed_id).where(FollowRow.follower_id == reader_id))
        await _backfill(db, reader_id, select(literal(reader_id)))
        await db.execute(insert(FeedStateRow).prefix_with("OR REPLACE").values(user_id=reader_id, built_at=now))
        await _trim(db, reader_id)


async def author_followed(db: AsyncSession, reader_id: str, author_id: str) -> None:
    """Bring the recent posts of a newly followed author into the reader's feed; part of the follow's transaction."""
    if await db.get(FeedStateRow, reader_id) is not None:
        await _backfill(db, reader_id, select(literal(author_id)))
        await _trim(db, reader_id)


async def author_unfollowed(db: AsyncSession, reader_id: str, author_id: str) -> None:
    """Take an author's posts out of the reader's feed; part of the unfollow's transaction."""
    await db.execute(delete(FeedRow).where(FeedRow.user_id == reader_id, FeedRow.post_user_id == author_id))


async def post_removed(db: AsyncSession, post_id: str) -> None:
    """Take a post out of every cached feed; part of the transaction that removes it."""
    await db.execute(delete(FeedRow).where(FeedRow.post_id == post_id))


async def _backfill(db: AsyncSession, reader_id: str, authors: Select[str]) -> None:
    recent = (
        select(literal(reader_id), PhotoPostRow.id, PhotoPostRow.author_id, PhotoPostRow.created_at)
        .where(
            PhotoPostRow.author_id.in_(authors),
            PhotoPostRow.is_fanned_out,
            PhotoPostRow.deleted_at.is_(None),
            ~PhotoPostRow.is_archived,
        )
        .order_by(PhotoPostRow.created_at.desc(), PhotoPostRow.id.desc())
        .limit(FEED_BOUND)
    )
    await db.execute(insert(FeedRow).prefix_with("OR IGNORE").from_select(_COLUMNS, recent))


async def _trim(db: AsyncSession, person_id: str, *, with_followers: bool = False) -> None:
    """Keep the newest posts in the feed of a person and, if asked, of those who follow them."""
    await db.execute(_TRIM, {"person": person_id, "with_followers": with_followers, "bound": FEED_BOUND})
