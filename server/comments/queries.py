"""Reading comments: the skeleton of a thread, and the wire form of the ones on a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.posts import Comment
from server.comments.paths import subtree_range
from server.comments.tree import Node, Placed
from server.tables.posts import CommentLikeRow, CommentRow, VoteRow
from server.tables.users import UserRow

DELETED = "[deleted]"
"""Body and author of a deleted comment that stays for the replies beneath it."""


_COMMENTS, _PEOPLE, _VOTES, _LIKES = (
    table.__table__.alias(name)
    for table, name in ((CommentRow, "c"), (UserRow, "u"), (VoteRow, "v"), (CommentLikeRow, "l"))
)
"""The tables themselves: thousands of rows pass without what records of the ORM need."""
_CREATED = type_coerce(_COMMENTS.c.created_at, BigInteger)
_GONE = _COMMENTS.c.deleted_at.is_not(None)


async def skeleton(db: AsyncSession, post_id: str, root: CommentRow | None) -> list[Node]:
    """Return what decides the places of all comments of a post, or of those strictly below `root`.

    A parent comes before its replies.
    """
    kept = _COMMENTS.c
    query = (
        select(kept.id, kept.parent_id, kept.upvotes, kept.downvotes, kept.score, _CREATED, type_coerce(_GONE, Integer))
        .where(kept.post_id == post_id)
        .order_by(kept.number)
    )
    if root is not None:
        first, end = subtree_range(root.path)
        query = query.where(kept.path >= first, kept.path < end)
    return list(map(Node._make, await db.execute(query)))


def _truth(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return case((condition, func.json("true")), else_=func.json("false"))


def _plain(path: ColumnElement[str]) -> ColumnElement[str]:
    """Return `server.comments.paths.plain_path` in SQL: the zeros before each number go, four, two and one of them."""
    plain: ColumnElement[str] = literal(".").concat(path)
    for zeros in (".0000", ".00", ".0"):
        plain = func.replace(plain, zeros, ".")
    return func.substr(plain, 2)


_WANTED = func.json_each(bindparam("wanted", type_=String)).table_valued("id", "key", "value", name="w")
"""The ids of a page and, in one number that costs no further reading of JSON, what the page says of their replies."""
_BITS = 32
_RECORD = func.json_object(
    *("id", _COMMENTS.c.id),
    *("postId", _COMMENTS.c.post_id),
    *("parentId", _COMMENTS.c.parent_id),
    *("authorId", case((_GONE, null()), else_=_COMMENTS.c.author_id)),
    *("authorUsername", case((_GONE, DELETED), else_=_PEOPLE.c.username)),
    *("authorAvatar", case((_GONE, null()), else_=_PEOPLE.c.avatar_url)),
    *("body", case((_GONE, DELETED), else_=_COMMENTS.c.body)),
    *("score", _COMMENTS.c.score),
    *("upvotes", _COMMENTS.c.upvotes),
    *("downvotes", _COMMENTS.c.downvotes),
    *("likeCount", _COMMENTS.c.like_count),
    *("depth", _COMMENTS.c.depth),
    *("path", _plain(_COMMENTS.c.path)),
    *("myVote", func.coalesce(_VOTES.c.value, 0)),
    *("isLikedByMe", _truth(_LIKES.c.comment_id.is_not(None))),
    *("isDeleted", _truth(_GONE)),
    *("createdAt", func.strftime("%Y-%m-%dT%H:%M:%fZ", _CREATED // 1_000 / literal(1_000.0), "unixepoch")),
    *("version", _COMMENTS.c.version),
    *("childCount", _WANTED.c.value.op(">>")(_BITS)),
    *("moreReplies", func.nullif(_WANTED.c.value.op("&")((1 << _BITS) - 1), 0)),
).label("record")
_VIEWER = bindparam("viewer", type_=String)
_RECORDS = (
    select(_RECORD)
    .select_from(_WANTED)
    .join(_COMMENTS, _COMMENTS.c.id == _WANTED.c.key)
    .join(_PEOPLE, _PEOPLE.c.id == _COMMENTS.c.author_id)
    .outerjoin(
        _VOTES,
        and_(_VOTES.c.user_id == _VIEWER, _VOTES.c.target_type == "comment", _VOTES.c.target_id == _COMMENTS.c.id),
    )
    .outerjoin(_LIKES, and_(_LIKES.c.comment_id == _COMMENTS.c.id, _LIKES.c.user_id == _VIEWER))
    .order_by(_WANTED.c.id)
    .subquery()
)
_PAGE = select(func.group_concat(_RECORDS.c.record, ","))
"""A page as it travels, written by the database itself, and in one piece: models for thousands of comments cost ten
times as much, and rows for each of them as much again. An aggregate reads a subquery in the order that that asks for.
"""


async def rendered(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> str:
    """Return the comments of a page as `viewer_id` sees them, as a list in JSON, in the order of `placed`."""
    wanted = json.dumps({id_: child_count << _BITS | (more or 0) for id_, child_count, more in placed})
    found = await db.scalar(_PAGE, {"wanted": wanted, "viewer": viewer_id})
    return f"[{found or ''}]"


async def comments(db: AsyncSession, viewer_id: str, placed: Sequence[Placed]) -> list[Comment]:
    """Return comments as `viewer_id` sees them, in the order of `placed`."""
    return _SEVERAL.validate_json(await rendered(db, viewer_id, placed))


_SEVERAL = TypeAdapter(list[Comment])


async def direct_replies(db: AsyncSession, comment_id: str) -> int:
    """Return how many replies a comment has that are not deleted."""
    query = select(func.count()).where(CommentRow.parent_id == comment_id, CommentRow.deleted_at.is_(None))
    return await db.scalar(query) or 0


async def next_number(db: AsyncSession, post_id: str) -> int:
    """Return the number that the next comment of a post gets."""
    return (await db.scalar(select(func.max(CommentRow.number)).where(CommentRow.post_id == post_id)) or 0) + 1
