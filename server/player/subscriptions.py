"""Players on the socket: who may follow one, and that a device is there while it follows its own key."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from server.player.devices import PREFIX, tell, tell_departure
from server.realtime.rules import allow, watch
from server.state import ServerState
from server.tables.devices import DeviceRow, PlayerStateRow
from server.tables.users import UserRow


async def _own_player(_db: AsyncSession, user: UserRow, user_id: str) -> bool:
    return user.id == user_id


async def _version(db: AsyncSession, user_id: str) -> int:
    row = await db.get(PlayerStateRow, user_id)
    return row.version if row is not None else 0


async def _own_device(db: AsyncSession, user: UserRow, device_id: str) -> bool:
    row = await db.get(DeviceRow, device_id)
    return row is not None and row.user_id == user.id


def _came(state: ServerState, user_id: str, _device_id: str) -> None:
    state.background.start(lambda: tell(state, user_id))


def _left(state: ServerState, user_id: str, device_id: str) -> None:
    state.background.start(lambda: tell_departure(state, user_id, device_id))


def register() -> None:
    """Open `player:{userId}` to the user, and `devices:{id}` to the device itself."""
    allow("player", _own_player, _version)
    allow(PREFIX, _own_device)
    watch(PREFIX, _came, _left)
