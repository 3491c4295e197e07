"""Votes: one per person and target, with counts, ranks and karma kept in step in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.posts import VoteState
from server.tables.posts import CommentRow, ThreadPostRow, VoteRow
from server.tables.users import UserRow
from server.threads import ranking

Value = Literal[-1, 0, 1]


def rank(post: ThreadPostRow) -> None:
    """Bring the stored ranks of a post in line with its votes."""
    post.hot = ranking.hot(post.score, post.created_at)
    post.best = ranking.wilson(post.upvotes, post.downvotes)
    post.controversy = ranking.controversy(post.upvotes, post.downvotes)


async def cast(
    db: AsyncSession, voter_id: str, target: ThreadPostRow | CommentRow, value: Value, now: datetime
) -> VoteState:
    """Set somebody's vote on a post or comment, 0 takes it back, and return the counts after it.

    Votes are moved by their difference rather than counted anew: the writing transaction is exclusive, so nothing can
    drift, and a post with a million votes costs what one with three does. Nobody earns karma from their own vote.
    """
    target_type = "post" if isinstance(target, ThreadPostRow) else "comment"
    row = await db.get(VoteRow, (voter_id, target_type, target.id))
    before = row.value if row is not None else 0
    if before != value:
        await _store(db, row, VoteRow(user_id=voter_id, target_type=target_type, target_id=target.id), value, now)
        target.upvotes += (value == 1) - (before == 1)
        target.downvotes += (value == -1) - (before == -1)
        target.score = target.upvotes - target.downvotes
        target.version += 1
        if isinstance(target, ThreadPostRow):
            rank(target)
        if voter_id != target.author_id:
            await _reward(db, target, value - before)
        await db.flush()
    return VoteState(score=target.score, upvotes=target.upvotes, downvotes=target.downvotes, my_vote=value)


async def _store(db: AsyncSession, row: VoteRow | None, new: VoteRow, value: Value, now: datetime) -> None:
    if value == 0:
        if row is not None:
            await db.delete(row)
    elif row is not None:
        row.value, row.updated_at = value, now
    else:
        new.value, new.created_at, new.updated_at = value, now, now
        db.add(new)


async def _reward(db: AsyncSession, target: ThreadPostRow | CommentRow, difference: int) -> None:
    karma = UserRow.karma_posts if isinstance(target, ThreadPostRow) else UserRow.karma_comments
    await db.execute(update(UserRow).where(UserRow.id == target.author_id).values({karma: karma + difference}))
