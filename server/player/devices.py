"""The devices of one user: announced by themselves, there while their socket follows `devices:{id}`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.player import Device, DeviceAnnouncement, DeviceKind
from api_client.models.realtime import PlayerDevicesEvent
from server.problems import Problem
from server.realtime.hub import Hub
from server.state import ServerState
from server.tables.devices import DeviceRow, PlayerStateRow

PREFIX = "devices"
"""Of the key that a device follows to say that it is there."""
DEVICES_KEPT = 20
"""Of each user; when one more comes, the one that was away longest is forgotten."""
SHOWN_FOR = timedelta(days=30)
"""For how long a device that is away is listed."""


def is_online(hub: Hub, device_id: str) -> bool:
    """Whether the socket of a device is open."""
    return hub.is_followed(f"{PREFIX}:{device_id}")


async def own_device(db: AsyncSession, user_id: str, device_id: str) -> DeviceRow:
    """Return a device of this user; raises Problem NOT_FOUND for any other."""
    row = await db.get(DeviceRow, device_id.lower())
    if row is None or row.user_id != user_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such device.")
    return row


async def announce(
    db: AsyncSession, hub: Hub, user_id: str, device_id: str, told: DeviceAnnouncement, now: datetime
) -> DeviceRow:
    """Take in what a device says of itself; raises Problem NOT_FOUND if the id is somebody else's."""
    row = await db.get(DeviceRow, device_id)
    if row is None:
        await _make_room(db, hub, user_id)
        row = DeviceRow(id=device_id, user_id=user_id)
        db.add(row)
    elif row.user_id != user_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such device.")
    row.name, row.kind, row.can_play, row.volume = told.name, told.kind.value, told.can_play, told.volume
    row.last_seen_at = now
    await db.flush()
    return row


async def _make_room(db: AsyncSession, hub: Hub, user_id: str) -> None:
    query = select(DeviceRow.id).where(DeviceRow.user_id == user_id).order_by(DeviceRow.last_seen_at)
    known = list(await db.scalars(query))
    away = [found for found in known if not is_online(hub, found)]
    surplus = away[: max(0, len(known) - DEVICES_KEPT + 1)]
    if len(known) - len(surplus) >= DEVICES_KEPT:
        raise Problem(ErrorCode.CONFLICT, f"You have {DEVICES_KEPT} devices connected, which is the most.")
    if surplus:
        await db.execute(delete(DeviceRow).where(DeviceRow.id.in_(surplus)))


async def devices_of(db: AsyncSession, hub: Hub, user_id: str, now: datetime) -> list[Device]:
    """Return the devices of a user: the active one first, then those that are there, then by when they were."""
    state = await db.get(PlayerStateRow, user_id)
    query = select(DeviceRow).where(DeviceRow.user_id == user_id).order_by(DeviceRow.last_seen_at.desc(), DeviceRow.id)
    shown = [shown_as(row, state, hub, now) for row in await db.scalars(query)]
    listed = [each for each in shown if each.is_online or each.is_active or now - each.last_seen <= SHOWN_FOR]
    return sorted(listed, key=lambda each: (not each.is_active, not each.is_online))


def shown_as(row: DeviceRow, state: PlayerStateRow | None, hub: Hub, now: datetime) -> Device:
    """Return a device as it is told."""
    there = is_online(hub, row.id)
    active = state is not None and state.device_id == row.id
    return Device(
        id=row.id,
        name=row.name,
        kind=DeviceKind(row.kind),
        can_play=row.can_play,
        volume=state.volume if state is not None and active else row.volume,
        is_online=there,
        is_active=active,
        last_seen=now if there else row.last_seen_at,
    )


async def tell(state: ServerState, user_id: str) -> None:
    """Tell all connections of a user which devices there are."""
    async with state.database.reading() as db:
        devices = await devices_of(db, state.hub, user_id, state.clock.now())
    state.hub.to_user(user_id, PlayerDevicesEvent(devices=devices))


async def tell_departure(state: ServerState, user_id: str, device_id: str) -> None:
    """Remember when a device was there last, and tell the others."""
    async with state.database.writing() as db:
        row = await db.get(DeviceRow, device_id)
        if row is not None:
            row.last_seen_at = state.clock.now()
    await tell(state, user_id)
