"""Which posts and subreddits a list of the threads consists of, as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.threads import PostSort, TopWindow
from server.db import micros
from server.feed.pages import Position, behind
from server.feed.ranked_pages import RANKING_DEPTH
from server.problems import Problem
from server.tables.posts import ThreadPostRow
from server.tables.subreddits import SubredditMemberRow, SubredditRow
from server.threads import ranking

RISING_CANDIDATES = 5000

_WINDOWS = {
    TopWindow.HOUR: timedelta(hours=1),
    TopWindow.DAY: timedelta(days=1),
    TopWindow.WEEK: timedelta(weeks=1),
    TopWindow.MONTH: timedelta(days=30),
    TopWindow.YEAR: timedelta(days=365),
}
_WINDOWED = (PostSort.TOP, PostSort.CONTROVERSIAL)
_RANKS = {
    PostSort.HOT: ThreadPostRow.hot,
    PostSort.TOP: ThreadPostRow.score,
    PostSort.BEST: ThreadPostRow.best,
    PostSort.CONTROVERSIAL: ThreadPostRow.controversy,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a listing covers: one subreddit, those somebody has joined, or everything public."""

    name: str
    """Differs between listings with different posts."""
    condition: ColumnElement[bool]
    subreddit_id: str | None = None


async def subreddit_named(db: AsyncSession, name: str) -> SubredditRow:
    """Return the subreddit called `name`, in whatever case; raises Problem NOT_FOUND."""
    row = await db.scalar(select(SubredditRow).where(SubredditRow.name_key == name.casefold()))
    if row is None:
        raise Problem(ErrorCode.NOT_FOUND, "There is no subreddit of this name.")
    return row


async def role_in(db: AsyncSession, subreddit_id: str, user_id: str) -> str | None:
    """Return somebody's role in a subreddit, None if they have not joined."""
    row = await db.get(SubredditMemberRow, (subreddit_id, user_id))
    return row.role if row is not None else None


def one_subreddit(row: SubredditRow) -> Scope:
    """Return the scope of one subreddit; its pinned posts stand apart, first."""
    condition = and_(ThreadPostRow.subreddit_id == row.id, ~ThreadPostRow.is_pinned)
    return Scope(row.id, condition, row.id)


async def front_page(db: AsyncSession, viewer_id: str) -> Scope:
    """Return the scope of the front page: what the viewer has joined, else everything that is safe for work."""
    joined = select(SubredditMemberRow.subreddit_id).where(SubredditMemberRow.user_id == viewer_id)
    if await db.scalar(joined.limit(1)) is not None:
        return Scope(f"joined by {viewer_id}", ThreadPostRow.subreddit_id.in_(joined))
    return Scope("all", ~ThreadPostRow.is_nsfw)


async def pinned(db: AsyncSession, scope: Scope) -> list[str]:
    """Return the pinned posts of a subreddit, newest first; a front page has none."""
    if scope.subreddit_id is None:
        return []
    query = (
        select(ThreadPostRow.id)
        .where(
            ThreadPostRow.subreddit_id == scope.subreddit_id,
            ThreadPostRow.is_pinned,
            ThreadPostRow.deleted_at.is_(None),
        )
        .order_by(ThreadPostRow.created_at.desc(), ThreadPostRow.id.desc())
    )
    return list((await db.scalars(query)).all())


async def newest(db: AsyncSession, scope: Scope, start: Position | None, limit: int) -> list[tuple[str, datetime]]:
    """Return (id, created at) of the next posts, newest first, ties by id."""
    query = (
        select(ThreadPostRow.id, ThreadPostRow.created_at)
        .where(
            scope.condition,
            ThreadPostRow.deleted_at.is_(None),
            behind(ThreadPostRow.created_at, ThreadPostRow.id, start),
        )
        .order_by(ThreadPostRow.created_at.desc(), ThreadPostRow.id.desc())
        .limit(limit)
    )
    return [(row.id, row.created_at) for row in await db.execute(query)]


async def ranked(
    db: AsyncSession, scope: Scope, sort: PostSort, window: TopWindow, ranked_at: datetime
) -> Sequence[str]:
    """Return ids in the order of `sort`, highest rank first, ties newest first, without posts newer than `ranked_at`.

    `window` limits `top` and `controversial`; `rising` looks at the last 24 hours; the others at everything.
    """
    query = select(ThreadPostRow.id, ThreadPostRow.score, ThreadPostRow.created_at).where(
        scope.condition, ThreadPostRow.deleted_at.is_(None), ThreadPostRow.created_at <= ranked_at
    )
    if sort is PostSort.RISING:
        recent = query.where(ThreadPostRow.created_at > ranked_at - ranking.RISING_WINDOW)
        rows = await db.execute(recent.order_by(ThreadPostRow.created_at.desc()).limit(RISING_CANDIDATES))
        velocities = [
            (ranking.rising(row.score, row.created_at, ranked_at), micros(row.created_at), row.id) for row in rows
        ]
        velocities.sort(reverse=True)
        return [post_id for _, _, post_id in velocities[:RANKING_DEPTH]]
    if sort in _WINDOWED and window in _WINDOWS:
        query = query.where(ThreadPostRow.created_at > ranked_at - _WINDOWS[window])
    rank = _RANKS[sort]
    ordered = query.order_by(rank.desc(), ThreadPostRow.created_at.desc(), ThreadPostRow.id.desc())
    return [row.id for row in await db.execute(ordered.limit(RANKING_DEPTH))]


async def matching_subreddits(db: AsyncSession, words: str) -> Sequence[str]:
    """Return the ids of subreddits whose name or display name contains `words`, the largest first."""
    wanted = words.strip().casefold()
    condition: ColumnElement[bool] = true()
    if wanted:
        condition = or_(
            SubredditRow.name_key.contains(wanted, autoescape=True),
            func.lower(SubredditRow.display_name).contains(wanted, autoescape=True),
        )
    query = (
        select(SubredditRow.id)
        .where(condition)
        .order_by(SubredditRow.subscriber_count.desc(), SubredditRow.name_key)
        .limit(RANKING_DEPTH)
    )
    return list((await db.scalars(query)).all())


async def joined_subreddits(db: AsyncSession, user_id: str, after_name: str, limit: int) -> list[tuple[str, str]]:
    """Return (id, name key) of the subreddits somebody has joined, by name."""
    query = (
        select(SubredditRow.id, SubredditRow.name_key)
        .join(SubredditMemberRow, SubredditMemberRow.subreddit_id == SubredditRow.id)
        .where(SubredditMemberRow.user_id == user_id, SubredditRow.name_key > after_name)
        .order_by(SubredditRow.name_key)
        .limit(limit)
    )
    return [(row.id, row.name_key) for row in await db.execute(query)]
