"""Who is there: asked for by friends, and told to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api_client.models.chat import Presence, PresenceStatus
from api_client.models.realtime import PresenceEvent
from server.clock import to_ms
from server.db import Database
from server.realtime.hub import Hub
from server.tables.chat import MemberRow, PresenceRow
from server.tables.users import FollowRow


async def friends_of(session: AsyncSession, user_id: str, among: Sequence[str] | None = None) -> set[str]:
    """Return who may see whether `user_id` is there: people in a common conversation, and mutual followers.

    With `among` only those are looked at.
    """
    mine, theirs = aliased(MemberRow), aliased(MemberRow)
    companions = (
        select(theirs.user_id)
        .join(mine, mine.conversation_id == theirs.conversation_id)
        .where(mine.user_id == user_id, theirs.user_id != user_id)
    )
    out, back = aliased(FollowRow), aliased(FollowRow)
    returned = exists().where(and_(back.follower_id == out.followed_id, back.followed_id == user_id))
    mutual = select(out.followed_id).where(out.follower_id == user_id, returned)
    if among is not None:
        companions = companions.where(theirs.user_id.in_(among))
        mutual = mutual.where(out.followed_id.in_(among))
    return set((await session.scalars(companions.union(mutual))).all())


async def presence_for(
    session: AsyncSession, hub: Hub, user_id: str, ids: Sequence[str], now: datetime
) -> dict[str, Presence]:
    """Return the presence of those of `ids` who are friends of `user_id`, or themselves; others are left out."""
    visible = await friends_of(session, user_id, ids) | ({user_id} & set(ids))
    rows = await session.scalars(select(PresenceRow).where(PresenceRow.user_id.in_(visible)))
    last_seen = {row.user_id: to_ms(row.last_seen_at) for row in rows.all()}
    return {
        wanted: Presence(status=PresenceStatus.ONLINE, last_seen=to_ms(now))
        if hub.is_online(wanted)
        else Presence(status=PresenceStatus.OFFLINE, last_seen=last_seen.get(wanted))
        for wanted in dict.fromkeys(ids)
        if wanted in visible
    }


async def announce_arrival(database: Database, hub: Hub, user_id: str, now: datetime) -> None:
    """Tell friends that somebody came."""
    async with database.reading() as session:
        friends = await friends_of(session, user_id)
    _announce(hub, user_id, friends, now)


async def announce_departure(database: Database, hub: Hub, user_id: str, now: datetime) -> None:
    """Remember when somebody's last connection closed, and tell friends."""
    async with database.writing() as session:
        row = await session.get(PresenceRow, user_id)
        if row is None:
            session.add(PresenceRow(user_id=user_id, last_seen_at=now))
        else:
            row.last_seen_at = now
        friends = await friends_of(session, user_id)
    _announce(hub, user_id, friends, now)


def _announce(hub: Hub, user_id: str, friends: set[str], now: datetime) -> None:
    # What holds at this moment is told, not what held when the query began: comings and goings may overtake each other.
    status = PresenceStatus.ONLINE if hub.is_online(user_id) else PresenceStatus.OFFLINE
    hub.to_users(friends, PresenceEvent(user_id=user_id, status=status, last_seen=to_ms(now)))
