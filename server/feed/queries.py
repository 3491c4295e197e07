"""Which posts a list of the feed consists of, as ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, Subquery, literal, or_, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from server.db import micros
from server.feed.cache import FEED_BOUND
from server.feed.pages import Position, behind, cursor_at
from server.feed.ranked_pages import RANKING_DEPTH
from server.people.relations import shown_to
from server.tables.posts import FeedRow, FeedStateRow, PhotoPostRow, SavedPostRow, ThreadPostRow
from server.tables.users import FollowRow, UserRow
from server.threads import ranking

EXPLORE_WINDOW = timedelta(days=90)
EXPLORE_CANDIDATES = 5000

Page = tuple[list[str], str | None]
"""Ids, and the cursor of the next page."""


async def is_cached(db: AsyncSession, reader_id: str) -> bool:
    """Whether the reader's feed stands in the cache."""
    return await db.get(FeedStateRow, reader_id) is not None


async def feed_page(db: AsyncSession, reader_id: str, start: Position | None, limit: int, *, cached: bool) -> list[str]:
    """Return the ids of the next posts of a feed, newest first, ties by id.

    A cached feed is the cached posts and, merged in, the posts of those authors whose posts are not written into
    feeds; without a cache it is every post of everybody the reader follows. Both are bounded alike.
    """
    authors = union(select(FollowRow.followed_id).where(FollowRow.follower_id == reader_id), select(literal(reader_id)))
    own = select(PhotoPostRow.id, PhotoPostRow.created_at).where(
        PhotoPostRow.author_id.in_(authors), PhotoPostRow.deleted_at.is_(None), ~PhotoPostRow.is_archived
    )
    if not cached:
        merged = _newest(own)
    else:
        written = select(FeedRow.post_id.label("id"), FeedRow.created_at).where(FeedRow.user_id == reader_id)
        read_in = _newest(own.where(~PhotoPostRow.is_fanned_out))
        cache = _newest(written)
        # A post is in one of the two: it is marked as written in the transaction that writes it.
        both = union_all(select(cache.c.id, cache.c.created_at), select(read_in.c.id, read_in.c.created_at)).subquery()
        merged = _newest(select(both.c.id, both.c.created_at))
    query = (
        select(merged.c.id)
        .where(behind(merged.c.created_at, merged.c.id, start))
        .order_by(merged.c.created_at.desc(), merged.c.id.desc())
        .limit(limit)
    )
    return list((await db.scalars(query)).all())


def _newest(query: Select[str, datetime]) -> Subquery:
    post_id, created_at = query.selected_columns
    return query.order_by(created_at.desc(), post_id.desc()).limit(FEED_BOUND).subquery()


async def feed_position(db: AsyncSession, post_id: str) -> Position | None:
    """Return the place of a post in any feed, None if there never was such a post."""
    row = await db.get(PhotoPostRow, post_id)
    return None if row is None else (row.created_at, row.id)


async def user_posts_page(
    db: AsyncSession, author_id: str, start: Position | None, limit: int, *, with_archived: bool
) -> Page:
    """Return somebody's posts of both kinds, newest first."""
    threads = select(ThreadPostRow.id, ThreadPostRow.created_at).where(
        ThreadPostRow.author_id == author_id,
        ThreadPostRow.deleted_at.is_(None),
        behind(ThreadPostRow.created_at, ThreadPostRow.id, start),
    )
    photos = select(PhotoPostRow.id, PhotoPostRow.created_at).where(
        PhotoPostRow.author_id == author_id,
        PhotoPostRow.deleted_at.is_(None),
        behind(PhotoPostRow.created_at, PhotoPostRow.id, start),
    )
    if not with_archived:
        photos = photos.where(~PhotoPostRow.is_archived)
    both = union_all(threads, photos).subquery()
    query = select(both.c.id, both.c.created_at).order_by(both.c.created_at.desc(), both.c.id.desc()).limit(limit + 1)
    return _cut([(row.id, row.created_at) for row in await db.execute(query)], limit)


async def saved_page(db: AsyncSession, viewer_id: str, start: Position | None, limit: int) -> Page:
    """Return the posts somebody keeps, the latest saved first, without those they may not see any more."""
    photo_is_there = (
        select(PhotoPostRow.id)
        .join(UserRow, UserRow.id == PhotoPostRow.author_id)
        .where(
            PhotoPostRow.id == SavedPostRow.post_id,
            PhotoPostRow.deleted_at.is_(None),
            or_(~PhotoPostRow.is_archived, PhotoPostRow.author_id == viewer_id),
            shown_to(viewer_id),
        )
        .exists()
    )
    thread_is_there = (
        select(ThreadPostRow.id)
        .where(ThreadPostRow.id == SavedPostRow.post_id, ThreadPostRow.deleted_at.is_(None))
        .exists()
    )
    query = (
        select(SavedPostRow.post_id, SavedPostRow.created_at)
        .where(
            SavedPostRow.user_id == viewer_id,
            behind(SavedPostRow.created_at, SavedPostRow.post_id, start),
            or_(photo_is_there, thread_is_there),
        )
        .order_by(SavedPostRow.created_at.desc(), SavedPostRow.post_id.desc())
        .limit(limit + 1)
    )
    return _cut([(row.post_id, row.created_at) for row in await db.execute(query)], limit)


async def explore_order(db: AsyncSession, viewer_id: str, ranked_at: datetime) -> Sequence[str]:
    """Return public posts of people the viewer does not follow, by engagement times recency at `ranked_at`."""
    followed = select(FollowRow.followed_id).where(FollowRow.follower_id == viewer_id)
    query = (
        select(PhotoPostRow.id, PhotoPostRow.like_count, PhotoPostRow.comment_count, PhotoPostRow.created_at)
        .join(UserRow, UserRow.id == PhotoPostRow.author_id)
        .where(
            PhotoPostRow.created_at <= ranked_at,
            PhotoPostRow.created_at > ranked_at - EXPLORE_WINDOW,
            PhotoPostRow.deleted_at.is_(None),
            ~PhotoPostRow.is_archived,
            ~UserRow.is_private,
            UserRow.id != viewer_id,
            UserRow.id.not_in(followed),
        )
        .order_by(PhotoPostRow.created_at.desc())
        .limit(EXPLORE_CANDIDATES)
    )
    ranked = [
        (
            ranking.discovery(row.like_count, row.comment_count, row.created_at, ranked_at),
            micros(row.created_at),
            row.id,
        )
        for row in await db.execute(query)
    ]
    ranked.sort(reverse=True)
    return [post_id for _, _, post_id in ranked[:RANKING_DEPTH]]


async def still_public(db: AsyncSession, ids: Sequence[str]) -> list[str]:
    """Return those of `ids` that everybody may see at this moment, in their order."""
    query = (
        select(PhotoPostRow.id)
        .join(UserRow, UserRow.id == PhotoPostRow.author_id)
        .where(PhotoPostRow.id.in_(ids), ~PhotoPostRow.is_archived, ~UserRow.is_private)
    )
    found = set((await db.scalars(query)).all())
    return [post_id for post_id in ids if post_id in found]


def _cut(rows: list[tuple[str, datetime]], limit: int) -> Page:
    """Return the first `limit` ids, and a cursor behind them if there are more."""
    page = rows[:limit]
    ids = [post_id for post_id, _ in page]
    return ids, cursor_at(page[-1][1], page[-1][0]) if len(rows) > limit else None
