"""Reading comments: the skeleton of a thread, and the wire form of the ones on a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal, null, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api_client.models.posts import Comment
from server.comments.paths import subtree_range
from server.comments.tree import Node, Placed
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


_GONE = CommentRow.deleted_at.is_not(None)


def _truth(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((condition, func.json("true")), else_=func.json("false"))


def _plain(path: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return `server.comments.paths.plain_path` in SQL: the zeros before each number go, four, two and one of them."""
    plain: ColumnElement[str] = literal(".").concat(path)
    for zeros in (".0000", ".00", ".0"):
        plain = func.replace(plain, zeros, ".")
    return func.substr(plain, 2)


_CREATED = type_coerce(CommentRow.created_at, BigInteger)
_RECORD = func.json_object(
    *("id", CommentRow.id),
    *("postId", CommentRow.post_id),
    *("parentId", CommentRow.parent_id),
    *("authorId", case((_GONE, null()), else_=CommentRow.author_id)),
    *("authorUsername", case((_GONE, DELETED), else_=UserRow.username)),
    *("authorAvatar", case((_GONE, null()), else_=UserRow.avatar_url)),
    *("body", case((_GONE, DELETED), else_=CommentRow.body)),
    *("score", CommentRow.score),
    *("upvotes", CommentRow.upvotes),
    *("downvotes", CommentRow.downvotes),
    *("likeCount", CommentRow.like_count),
    *("depth", CommentRow.depth),
    *("path", _plain(CommentRow.path)),
    *("myVote", func.coalesce(VoteRow.value, 0)),
    *("isLikedByMe", _truth(CommentLikeRow.comment_id.is_not(None))),
    *("isDeleted", _truth(_GONE)),
    *(
        "createdAt",
        func.strftime("%Y-%m-%dT%H:%M:%S", _CREATED // 1_000_000, "unixepoch").concat(
            func.printf(".%03dZ", _CREATED // 1_000 % 1_000)
        ),
    ),
    *("version", CommentRow.version),
)
"""A comment as it travels, written by the database itself: models for thousands of rows cost ten times as much.

What a page says of its replies is missing.
"""


async def rendered(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> list[str]:
    """Return the comments of a page as `viewer_id` sees them, as JSON, in the order of `placed`."""
    vote = and_(VoteRow.user_id == viewer_id, VoteRow.target_type == "comment", VoteRow.target_id == CommentRow.id)
    like = and_(CommentLikeRow.comment_id == CommentRow.id, CommentLikeRow.user_id == viewer_id)
    wanted = func.json_each(json.dumps([place.id for place in placed])).table_valued("value")
    query = (
        select(CommentRow.id, _RECORD)
        .select_from(wanted)
        .join(CommentRow, CommentRow.id == wanted.c.value)
        .join(UserRow, UserRow.id == CommentRow.author_id)
        .outerjoin(VoteRow, vote)
        .outerjoin(CommentLikeRow, like)
    )
    found = {row[0]: row[1] for row in await db.execute(query)}
    return [
        f'{found[place.id][:-1]},"childCount":{place.child_count},"moreReplies":{place.more_replies or "null"}}}'
        for place in placed
        if place.id in found
    ]


async def comments(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> list[Comment]:
    """Return comments as `viewer_id` sees them, in the order of `placed`."""
    return [Comment.model_validate_json(record) for record in await rendered(db, viewer_id, placed)]


async def direct_replies(db: AsyncSession, comment_id: str) -> int:
    """Return how many replies a comment has that are not deleted."""
    query = select(func.count()).where(CommentRow.parent_id == comment_id, CommentRow.deleted_at.is_(None))
    return await db.scalar(query) or 0


async def next_number(db: AsyncSession, post_id: str) -> int:
    """Return the number that the next comment of a post gets."""
    return (await db.scalar(select(func.max(CommentRow.number)).where(CommentRow.post_id == post_id)) or 0) + 1
