"""Reading comments: the skeleton of a thread, and the wire form of the ones on a page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
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


async def comments(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> list[Comment]:
    """Return the comments of a page as `viewer_id` sees them, in the order of `placed`."""
    places = {place.id: place for place in placed}
    found: dict[str, Comment] = {}
    for batch in batches(places):
        query = (
            select(CommentRow, UserRow.username, UserRow.avatar_url, VoteRow.value, CommentLikeRow.comment_id)
            .join(UserRow, UserRow.id == CommentRow.author_id)
            .outerjoin(
                VoteRow,
                and_(
                    VoteRow.user_id == viewer_id,
                    VoteRow.target_type == "comment",
                    VoteRow.target_id == CommentRow.id,
                ),
            )
            .outerjoin(
                CommentLikeRow,
                and_(CommentLikeRow.comment_id == CommentRow.id, CommentLikeRow.user_id == viewer_id),
            )
            .where(CommentRow.id.in_(batch))
        )
        for row, username, avatar, vote, liked in await db.execute(query):
            found[row.id] = _comment(row, places[row.id], (username, avatar), vote or 0, liked=liked is not None)
    return [found[place.id] for place in placed if place.id in found]


def _comment(row: CommentRow, place: Placed, author: tuple[str, str | None], vote: int, *, liked: bool) -> Comment:
    gone = row.deleted_at is not None
    return Comment(
        id=row.id,
        post_id=row.post_id,
        parent_id=row.parent_id,
        author_id=None if gone else row.author_id,
        author_username=DELETED if gone else author[0],
        author_avatar=None if gone else author[1],
        body=DELETED if gone else row.body,
        score=row.score,
        upvotes=row.upvotes,
        downvotes=row.downvotes,
        like_count=row.like_count,
        depth=row.depth,
        path=plain_path(row.path),
        my_vote=1 if vote == 1 else -1 if vote == -1 else 0,
        is_liked_by_me=liked,
        child_count=place.child_count,
        more_replies=place.more_replies,
        is_deleted=gone,
        created_at=row.created_at,
        version=row.version,
    )


async def next_number(db: AsyncSession, post_id: str) -> int:
    """Return the number that the next comment of a post gets."""
    return (await db.scalar(select(func.max(CommentRow.number)).where(CommentRow.post_id == post_id)) or 0) + 1
