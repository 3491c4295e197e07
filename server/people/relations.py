"""Who follows whom, and what that lets them see."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.feed import cache
from server.problems import Problem
from server.tables.users import FollowRequestRow, FollowRow, UserRow


async def person_named(db: AsyncSession, username: str) -> UserRow:
    """Return the account with this name, in whatever case it is written; raises Problem NOT_FOUND."""
    found = (await db.scalars(select(UserRow).where(UserRow.username_key == username.casefold()))).one_or_none()
    if found is None:
        raise Problem(ErrorCode.NOT_FOUND, "There is nobody of this name.")
    return found


async def is_following(db: AsyncSession, follower_id: str, followed_id: str) -> bool:
    """Whether the first follows the second."""
    return await db.get(FollowRow, (follower_id, followed_id)) is not None


async def may_see(db: AsyncSession, viewer_id: str, owner: UserRow) -> bool:
    """Whether the viewer may see what `owner` shows to followers: everybody may, unless the account is private."""
    return not owner.is_private or owner.id == viewer_id or await is_following(db, viewer_id, owner.id)


def shown_to(viewer_id: str) -> ColumnElement[bool]:
    """Return the condition on `UserRow` that `may_see` stands for, for queries that join it."""
    following = exists().where(FollowRow.follower_id == viewer_id, FollowRow.followed_id == UserRow.id)
    return or_(UserRow.is_private.is_(False), UserRow.id == viewer_id, following)


async def follow(db: AsyncSession, follower: UserRow, followed: UserRow, now: datetime) -> bool:
    """Make the first follow the second and move both counts; False if they did already.

    Must run in a writing session, which makes reading and raising a count one step.
    """
    if await is_following(db, follower.id, followed.id):
        return False
    db.add(FollowRow(follower_id=follower.id, followed_id=followed.id, created_at=now))
    _count(follower, followed, 1)
    await db.flush()
    await cache.author_followed(db, follower.id, followed.id)
    return True


async def unfollow(db: AsyncSession, follower: UserRow, followed: UserRow) -> bool:
    """End it, and withdraw a request; False if there was no follow."""
    await db.execute(
        delete(FollowRequestRow).where(
            FollowRequestRow.follower_id == follower.id, FollowRequestRow.followed_id == followed.id
        )
    )
    row = await db.get(FollowRow, (follower.id, followed.id))
    if row is None:
        return False
    await db.delete(row)
    _count(follower, followed, -1)
    await db.flush()
    await cache.author_unfollowed(db, follower.id, followed.id)
    return True


async def request_between(db: AsyncSession, follower_id: str, followed_id: str) -> FollowRequestRow | None:
    """Return the request of the first to follow the second, if there is one."""
    query = select(FollowRequestRow).where(
        FollowRequestRow.follower_id == follower_id, FollowRequestRow.followed_id == followed_id
    )
    return (await db.scalars(query)).one_or_none()


async def accept_all(db: AsyncSession, owner: UserRow, now: datetime) -> list[UserRow]:
    """Grant every waiting request, as when a private account opens up, and return who had asked."""
    query = (
        select(UserRow)
        .join(FollowRequestRow, FollowRequestRow.follower_id == UserRow.id)
        .where(FollowRequestRow.followed_id == owner.id)
        .order_by(FollowRequestRow.created_at)
    )
    waiting = list((await db.scalars(query)).all())
    for follower in waiting:
        await follow(db, follower, owner, now)
    await db.execute(delete(FollowRequestRow).where(FollowRequestRow.followed_id == owner.id))
    return waiting


def _count(follower: UserRow, followed: UserRow, step: int) -> None:
    follower.following_count += step
    follower.version += 1
    followed.follower_count += step
    followed.version += 1
