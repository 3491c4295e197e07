"""What becomes of sessions by themselves: members who are away for long are out, and what is old is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.clock import from_ms, to_ms
from server.state import ServerState
from server.tables.together import GroupMemberRow, GroupSessionRow
from server.together import storage
from server.together.group import Group, without

AWAY_FOR = timedelta(minutes=20)
"""How long somebody without a connection stays a member: a train goes through tunnels."""
HOST_AWAY_FOR = timedelta(minutes=1)
"""After which a host who is away hands over to who is there."""
INTERVAL = timedelta(seconds=15)

OVER = "The session is over: it lasted for twelve hours."


async def tend_sessions(state: ServerState, now: datetime) -> None:
    """Note who is away, let go of those who are for long, hand over for hosts who are, and end what is old."""
    async with state.database.reading() as db:
        due = set(await db.scalars(select(GroupSessionRow.code).where(GroupSessionRow.expires_at <= now)))
        members = (await db.scalars(select(GroupMemberRow))).all()
    for member in members:
        since, online = member.away_since_ms, state.hub.is_online(member.user_id)
        if online == bool(since) or (since and now - from_ms(since) >= HOST_AWAY_FOR):
            due.add(member.code)
    for code in sorted(due):
        await tend(state, code, now)


async def tend(state: ServerState, code: str, now: datetime) -> None:
    """Do it for one session."""
    async with state.database.writing() as db:
        row = await db.get(GroupSessionRow, code)
        if row is None:
            return
        stored = storage.Stored(row, await storage.group_of(db, row))
        came_or_went = await _note_presence(db, state, code, now)
        group = await _tended(db, state, stored, now)
        if group == stored.group and not came_or_went:
            return
        await storage.save(db, state.hub, stored, group, now)
        told = await storage.view(db, state.hub, storage.Stored(row, group), now, with_queue=False)
        gone = [member for member in stored.group.members if not group.has(member.user_id)]
    storage.tell(state.hub, told, group.members, gone)


async def presence_changed(state: ServerState, user_id: str) -> None:
    """Somebody came or went: if they are in a session, its members see it."""
    async with state.database.reading() as db:
        found = await db.get(GroupMemberRow, user_id)
    if found is not None:
        await tend(state, found.code, state.clock.now())


async def _note_presence(db: AsyncSession, state: ServerState, code: str, now: datetime) -> bool:
    changed = False
    for row in await db.scalars(select(GroupMemberRow).where(GroupMemberRow.code == code)):
        online = state.hub.is_online(row.user_id)
        if online == (row.away_since_ms == 0):
            continue
        row.away_since_ms, changed = 0 if online else to_ms(now), True
    await db.flush()
    return changed


async def _tended(db: AsyncSession, state: ServerState, stored: storage.Stored, now: datetime) -> Group:
    group = stored.group
    if stored.row.expires_at <= now:
        return replace(group, ended=OVER, playing=False)
    rows = await db.scalars(select(GroupMemberRow).where(GroupMemberRow.code == stored.row.code))
    away = {row.user_id: from_ms(row.away_since_ms) for row in rows if row.away_since_ms}
    for member in group.members:
        since = away.get(member.user_id)
        if since is not None and now - since >= AWAY_FOR:
            group = without(group, member.user_id, member.username)
    since = away.get(group.host_id)
    if group.ended is None and since is not None and now - since >= HOST_AWAY_FOR:
        present = next((member for member in group.members if member.user_id not in away), None)
        if present is not None:
            group = replace(group, host_id=present.user_id)
    return group
