"""Reading comments: the skeleton of a thread, and the wire form of the ones on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.posts import Comment
from server.comments.paths import plain_path, subtree_range
from server.comments.tree import Node, Placed
from server.feed.hydrate import batches
from server.tables.posts import CommentLikeRow, CommentRow, VoteRow
from server.tables.users import UserRow

DELETED = "[deleted]"
"""Body and author of a deleted comment that stays for the replies beneath it."""


async def skeleton(db: AsyncSession, post_id: str, root: CommentRow | None) -> list[Node]:
    """Return what decides the places of all comments of a post, or of those strictly below `root`."""
    query = select(
        CommentRow.id,
        CommentRow.parent_id,
        CommentRow.upvotes,
        CommentRow.downvotes,
        CommentRow.score,
        CommentRow.created_at,
        CommentRow.deleted_at,
    ).where(CommentRow.post_id == post_id)
    if root is not None:
        first, end = subtree_range(root.path)
        query = query.where(CommentRow.path >= first, CommentRow.path < end)
    return [
        Node(id_, parent_id, upvotes, downvotes, score, created_at, deleted_at is not None)
        for id_, parent_id, upvotes, downvotes, score, created_at, deleted_at in await db.execute(query)
    ]


_COLUMNS = (
    CommentRow.id,
    CommentRow.post_id,
    CommentRow.parent_id,
    CommentRow.author_id,
    CommentRow.body,
    CommentRow.score,
    CommentRow.upvotes,
    CommentRow.downvotes,
    CommentRow.like_count,
    CommentRow.depth,
    CommentRow.path,
    CommentRow.created_at,
    CommentRow.deleted_at,
    CommentRow.version,
    UserRow.username,
    UserRow.avatar_url,
    VoteRow.value,
    CommentLikeRow.comment_id,
)
"""What a comment needs; columns instead of entities, which cost twice as much for thousands of rows."""


async def comments(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> list[Comment]:
    """Return the comments of a page as `viewer_id` sees them, in the order of `placed`."""
    vote = and_(VoteRow.user_id == viewer_id, VoteRow.target_type == "comment", VoteRow.target_id == CommentRow.id)
    like = and_(CommentLikeRow.comment_id == CommentRow.id, CommentLikeRow.user_id == viewer_id)
    places = {place.id: place for place in placed}
    found: dict[str, Comment] = {}
    for batch in batches(places):
        query = (
            select(*_COLUMNS)
            .join(UserRow, UserRow.id == CommentRow.author_id)
            .outerjoin(VoteRow, vote)
            .outerjoin(CommentLikeRow, like)
            .where(CommentRow.id.in_(batch))
        )
        found.update({row[0]: _comment(row, places[row[0]]) for row in await db.execute(query)})
    return [found[place.id] for place in placed if place.id in found]


def _comment(row: Row[*tuple[Any, ...]], place: Placed) -> Comment:
    (
        comment_id, post_id, parent_id, author_id, body, score, upvotes, downvotes, like_count, depth, path,
        created_at, deleted_at, version, username, avatar, vote, liked,
    ) = row  # fmt: skip
    gone = deleted_at is not None
    return Comment(
        id=comment_id,
        post_id=post_id,
        parent_id=parent_id,
        author_id=None if gone else author_id,
        author_username=DELETED if gone else username,
        author_avatar=None if gone else avatar,
        body=DELETED if gone else body,
        score=score,
        upvotes=upvotes,
        downvotes=downvotes,
        like_count=like_count,
        depth=depth,
        path=plain_path(path),
        my_vote=vote or 0,
        is_liked_by_me=liked is not None,
        child_count=place.child_count,
        more_replies=place.more_replies,
        is_deleted=gone,
        created_at=created_at,
        version=version,
    )


async def direct_replies(db: AsyncSession, comment_id: str) -> int:
    """Return how many replies a comment has that are not deleted."""
    query = select(func.count()).where(CommentRow.parent_id == comment_id, CommentRow.deleted_at.is_(None))
    return await db.scalar(query) or 0


async def next_number(db: AsyncSession, post_id: str) -> int:
    """Return the number that the next comment of a post gets."""
    return (await db.scalar(select(func.max(CommentRow.number)).where(CommentRow.post_id == post_id)) or 0) + 1
