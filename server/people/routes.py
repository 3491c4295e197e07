"""Routes of people: profiles, follows and requests to follow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from api_client import endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done
from api_client.models.users import FollowRequest, FollowState, Profile, ProfileChange, User, UserRef
from server.context import Ctx, RequestContext
from server.db import micros
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.people import relations, subscriptions
from server.people.announce import people_changed
from server.people.avatars import claimed_avatar
from server.people.profiles import profiles
from server.people.views import user_ref, user_view
from server.problems import Problem, version_conflict
from server.routing import IdPath, Router
from server.tables.users import FollowRequestRow, FollowRow, UserRow

router = Router()
subscriptions.register()

UsernamePath = Annotated[str, Path(alias="username", min_length=1, max_length=64)]


@router.handles(endpoints.CHANGE_PROFILE)
async def change_profile(ctx: Ctx, body: ProfileChange) -> User:
    """Change the own profile; what is absent stays, null clears, and `baseVersion` guards against changes between."""
    user, given = ctx.user, body.model_fields_set
    if body.base_version not in (None, user.version):
        raise version_conflict(f"users:{user.id}", user_view(user, own=True))
    if "full_name" in given:
        user.full_name = body.full_name or None
    if "bio" in given:
        user.bio = body.bio or None
    if "avatar_url" in given:
        user.avatar_url = await claimed_avatar(ctx.db, user.id, body.avatar_url) if body.avatar_url else None
    if body.is_private is not None:
        opened = user.is_private and not body.is_private
        user.is_private = body.is_private
        if opened:
            people_changed(ctx, *await relations.accept_all(ctx.db, user, ctx.now))
    user.updated_at = ctx.now
    user.version += 1
    people_changed(ctx, user)
    return user_view(user, own=True)


@router.handles(endpoints.PROFILE)
async def profile(ctx: Ctx, username: UsernamePath) -> Profile:
    """A person as the reader sees them; `me` is the reader."""
    person = ctx.user if username.casefold() == "me" else await relations.person_named(ctx.db, username)
    return (await profiles(ctx.db, ctx.user_id, [person.id]))[0]


@router.handles(endpoints.FOLLOWERS)
async def followers(
    ctx: Ctx, username: UsernamePath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[UserRef]:
    """Who follows a person, the latest first."""
    person = await _shown_person(ctx, username)
    query = select(UserRow, FollowRow.created_at).join(FollowRow, FollowRow.follower_id == UserRow.id)
    return await _people(
        ctx, query.where(FollowRow.followed_id == person.id), FollowRow.follower_id, limit=limit, cursor=cursor
    )


@router.handles(endpoints.FOLLOWING)
async def following(
    ctx: Ctx, username: UsernamePath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[UserRef]:
    """Whom a person follows, the latest first."""
    person = await _shown_person(ctx, username)
    query = select(UserRow, FollowRow.created_at).join(FollowRow, FollowRow.followed_id == UserRow.id)
    return await _people(
        ctx, query.where(FollowRow.follower_id == person.id), FollowRow.followed_id, limit=limit, cursor=cursor
    )


@router.handles(endpoints.FOLLOW)
async def follow(ctx: Ctx, username: UsernamePath) -> FollowState:
    """Follow a person; a private account is asked first."""
    person = await relations.person_named(ctx.db, username)
    if person.id == ctx.user_id:
        raise Problem(ErrorCode.CONFLICT, "You cannot follow yourself.")
    if not person.is_private:
        if await relations.follow(ctx.db, ctx.user, person, ctx.now):
            people_changed(ctx, ctx.user, person)
        return FollowState(following=True, pending=False, follower_count=person.follower_count)
    if await relations.is_following(ctx.db, ctx.user_id, person.id):
        return FollowState(following=True, pending=False, follower_count=person.follower_count)
    if await relations.request_between(ctx.db, ctx.user_id, person.id) is None:
        ctx.db.add(FollowRequestRow(follower_id=ctx.user_id, followed_id=person.id, created_at=ctx.now))
    return FollowState(following=False, pending=True, follower_count=person.follower_count)


@router.handles(endpoints.UNFOLLOW)
async def unfollow(ctx: Ctx, username: UsernamePath) -> FollowState:
    """Stop following a person, or withdraw the request."""
    person = await relations.person_named(ctx.db, username)
    if await relations.unfollow(ctx.db, ctx.user, person):
        people_changed(ctx, ctx.user, person)
    return FollowState(following=False, pending=False, follower_count=person.follower_count)


@router.handles(endpoints.FOLLOW_REQUESTS)
async def requests(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[FollowRequest]:
    """Who asks to follow the reader, the latest first."""
    query = (
        select(FollowRequestRow, UserRow)
        .join(UserRow, UserRow.id == FollowRequestRow.follower_id)
        .where(FollowRequestRow.followed_id == ctx.user_id)
        .order_by(FollowRequestRow.created_at.desc(), FollowRequestRow.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(FollowRequestRow.created_at, FollowRequestRow.id) < _position(cursor))
    rows = (await ctx.db.execute(query)).all()
    items = [FollowRequest(id=row.id, user=user_ref(user), created_at=row.created_at) for row, user in rows[:limit]]
    return Listing(items, _next([(row.created_at, row.id) for row, _ in rows], limit))


@router.handles(endpoints.ACCEPT_FOLLOW)
async def accept(ctx: Ctx, request_id: IdPath) -> Done:
    """Let the person follow."""
    request = await _own_request(ctx, request_id)
    follower = await ctx.db.get_one(UserRow, request.follower_id)
    await ctx.db.delete(request)
    await relations.follow(ctx.db, follower, ctx.user, ctx.now)
    people_changed(ctx, follower, ctx.user)
    return Done()


@router.handles(endpoints.REJECT_FOLLOW)
async def reject(ctx: Ctx, request_id: IdPath) -> Done:
    """Refuse the person, who is not told."""
    await ctx.db.delete(await _own_request(ctx, request_id))
    return Done()


async def _own_request(ctx: RequestContext, request_id: str) -> FollowRequestRow:
    request = await ctx.db.get(FollowRequestRow, request_id)
    if request is None or request.followed_id != ctx.user_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such request.")
    return request


async def _shown_person(ctx: RequestContext, username: str) -> UserRow:
    person = await relations.person_named(ctx.db, username)
    if not await relations.may_see(ctx.db, ctx.user_id, person):
        raise Problem(ErrorCode.FORBIDDEN, "This account is private.")
    return person


async def _people(
    ctx: RequestContext,
    query: Select[UserRow, datetime],
    identity: InstrumentedAttribute[str],
    *,
    limit: int,
    cursor: str | None,
) -> Listing[UserRef]:
    """Return one page of `query`, which goes over follows; `identity` names the person within each."""
    if cursor is not None:
        query = query.where(tuple_(FollowRow.created_at, identity) < _position(cursor))
    query = query.order_by(FollowRow.created_at.desc(), identity.desc()).limit(limit + 1)
    rows = (await ctx.db.execute(query)).all()
    items = [user_ref(person) for person, _ in rows[:limit]]
    return Listing(items, _next([(since, person.id) for person, since in rows], limit))


def _position(cursor: str) -> Any:
    moment, identity = decode_cursor(cursor, int, str)
    return tuple_(moment, identity)


def _next(positions: list[tuple[datetime, str]], limit: int) -> str | None:
    if len(positions) <= limit:
        return None
    moment, identity = positions[limit - 1]
    return encode_cursor(micros(moment), identity)
