"""Profiles as the reader sees them, many in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.users import Profile
from server.feed.hydrate import batches
from server.people.views import user_view
from server.tables.users import FollowRequestRow, FollowRow, UserRow


async def ids_of(db: AsyncSession, names: Sequence[str]) -> dict[str, str]:
    """Return the ids of the people whom `names` name, by those; an id names its owner, a username does in any case."""
    found: dict[str, str] = {}
    for batch in batches(names):
        keys = {name.casefold(): name for name in batch}
        query = select(UserRow.id, UserRow.username_key).where(
            or_(UserRow.id.in_(batch), UserRow.username_key.in_(list(keys)))
        )
        for user_id, key in await db.execute(query):
            found.update({name: user_id for name in batch if name == user_id or name.casefold() == key})
    return found


async def profiles(db: AsyncSession, reader_id: str, ids: Sequence[str]) -> list[Profile]:
    """Return the profiles of the people with these ids; unknown ones are left out."""
    found: list[Profile] = []
    for batch in batches(ids):
        people = await db.scalars(select(UserRow).where(UserRow.id.in_(batch)))
        followed = await db.scalars(
            select(FollowRow.followed_id).where(FollowRow.follower_id == reader_id, FollowRow.followed_id.in_(batch))
        )
        following = await db.scalars(
            select(FollowRow.follower_id).where(FollowRow.followed_id == reader_id, FollowRow.follower_id.in_(batch))
        )
        asked = await db.scalars(
            select(FollowRequestRow.followed_id).where(
                FollowRequestRow.follower_id == reader_id, FollowRequestRow.followed_id.in_(batch)
            )
        )
        theirs, mine, waiting = set(following), set(followed), set(asked)
        found += [
            Profile(
                **user_view(person, own=person.id == reader_id).model_dump(by_alias=False, exclude={"display_name"}),
                is_following=person.id in mine,
                follows_me=person.id in theirs,
                follow_requested=person.id in waiting,
                karma=person.karma_posts + person.karma_comments,
            )
            for person in people
        ]
    return found
