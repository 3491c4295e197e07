"""Sessions in the database, and what their members are told after each change."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.realtime import SessionStateEvent
from api_client.models.together import CODE_LENGTH, CODE_LETTERS, GroupEntry, GroupMember, GroupSession, read_code
from server.clock import to_ms
from server.people.views import user_ref
from server.problems import Problem
from server.realtime.hub import Hub
from server.tables.together import GroupMemberRow, GroupSessionRow
from server.tables.users import UserRow
from server.together.group import Group, Member, settled

LASTS = timedelta(hours=12)
"""How long a session lasts at most."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A session with the row that holds it, as it was read."""

    row: GroupSessionRow
    group: Group


async def find(db: AsyncSession, written: str, now: datetime) -> Stored:
    """Return the session of a code as somebody wrote it; raises Problem NOT_FOUND."""
    code = read_code(written)
    row = await db.get(GroupSessionRow, code) if code else None
    if row is None or row.expires_at <= now:
        raise Problem(ErrorCode.NOT_FOUND, "There is no session with this code (any more).")
    return Stored(row, await group_of(db, row))


async def of_user(db: AsyncSession, user_id: str, now: datetime) -> Stored | None:
    """Return the session that somebody is in."""
    member = await db.get(GroupMemberRow, user_id)
    row = await db.get(GroupSessionRow, member.code) if member is not None else None
    return Stored(row, await group_of(db, row)) if row is not None and row.expires_at > now else None


async def group_of(db: AsyncSession, row: GroupSessionRow) -> Group:
    """Return the session that a row holds, with its members in the order in which they came."""
    query = (
        select(GroupMemberRow.user_id, UserRow.username)
        .join(UserRow, UserRow.id == GroupMemberRow.user_id)
        .where(GroupMemberRow.code == row.code)
        .order_by(GroupMemberRow.joined_at, GroupMemberRow.user_id)
    )
    return Group(
        host_id=row.host_id,
        members=tuple(Member(user_id, username) for user_id, username in await db.execute(query)),
        at=row.at_ms,
        entries=tuple(GroupEntry.model_validate(entry) for entry in row.entries),
        current_id=row.current_id,
        position_ms=row.position_ms,
        playing=row.playing,
        guests_control=row.guests_control,
        open_to_friends=row.open_to_friends,
        next_id=row.next_id,
        removed=tuple(row.removed),
    )


async def create(db: AsyncSession, hub: Hub, group: Group, now: datetime) -> Stored:
    """Store a new session with a code that no other one has."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    while await db.scalar(select(exists().where(GroupSessionRow.code == code))):
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    row = GroupSessionRow(
        code=code, host_id=group.host_id, version=0, queue_version=0, at_ms=group.at, created_at=now,
        expires_at=now + LASTS,
    )  # fmt: skip
    db.add(row)
    await db.flush()
    empty = Group(host_id=group.host_id, members=(), at=group.at)
    await save(db, hub, Stored(row, empty), group, now)
    return Stored(row, group)


async def save(db: AsyncSession, hub: Hub, before: Stored, group: Group, now: datetime) -> None:
    """Store what has become of a session; one that is over is gone."""
    row = before.row
    row.version += 1
    if group.ended is not None:
        await db.delete(row)
        await db.flush()
        return
    row.host_id, row.current_id, row.position_ms, row.at_ms = (
        group.host_id,
        group.current_id,
        group.position_ms,
        group.at,
    )
    row.playing, row.guests_control, row.open_to_friends = group.playing, group.guests_control, group.open_to_friends
    if group.entries != before.group.entries or row.queue_version == 0:
        row.queue_version += 1
        row.entries = [entry.model_dump(mode="json") for entry in group.entries]
        row.entry_count = len(group.entries)
    row.next_id, row.removed = group.next_id, list(group.removed)
    there = {member.user_id for member in group.members}
    gone = [member.user_id for member in before.group.members if member.user_id not in there]
    if gone:
        await db.execute(
            delete(GroupMemberRow).where(GroupMemberRow.code == row.code, GroupMemberRow.user_id.in_(gone))
        )
    new = [member.user_id for member in group.members if not before.group.has(member.user_id)]
    if new:
        # Whoever was in one that has run out is in it until that is cleared away.
        await db.execute(delete(GroupMemberRow).where(GroupMemberRow.user_id.in_(new)))
    for user_id in new:
        away = 0 if hub.is_online(user_id) else to_ms(now)
        db.add(GroupMemberRow(user_id=user_id, code=row.code, joined_at=now, away_since_ms=away))
    await db.flush()


async def view(db: AsyncSession, hub: Hub, stored: Stored, now: datetime, *, with_queue: bool = True) -> GroupSession:
    """Return a session as its members see it."""
    group, row = settled(stored.group, to_ms(now)), stored.row
    people = await db.scalars(select(UserRow).where(UserRow.id.in_([member.user_id for member in group.members])))
    by_id = {person.id: person for person in people}
    return GroupSession(
        code=row.code,
        version=row.version,
        host_id=group.host_id,
        members=[
            GroupMember(user=user_ref(by_id[member.user_id]), online=hub.is_online(member.user_id))
            for member in group.members
            if member.user_id in by_id
        ],
        queue_version=row.queue_version,
        entries=list(group.entries) if with_queue else None,
        current_id=group.current_id,
        position_ms=group.position_ms,
        at=group.at,
        playing=group.playing,
        guests_control=group.guests_control,
        open_to_friends=group.open_to_friends,
        server_time=to_ms(now),
        ended=group.ended,
    )


def tell(hub: Hub, state: GroupSession, members: Iterable[Member], gone: Iterable[Member] = ()) -> None:
    """Tell the members how the session is now; those who are out of it hear no more than that."""
    hub.to_users([member.user_id for member in members], _event(state))
    without = state.changed(members=[], entries=None)
    hub.to_users([member.user_id for member in gone], _event(without))


def _event(state: GroupSession) -> SessionStateEvent:
    return SessionStateEvent(code=state.code, state=state, host_time=state.server_time)
