"""The player of the user, over all their devices: what plays where, and how one drives another."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import DEADLINE, Group
from api_client.models import player as models


class Player(Group):
    """State, devices, transfer and commands."""

    async def state(self) -> models.PlayerState:
        """Return what plays on the active device, and where it is now."""
        return await self._one(models.PlayerState, table.PLAYER_STATE)

    async def update(self, update: models.PlayerUpdate) -> models.PlayerStatus:
        """Say what plays here; raises `Conflict` where the state is another one by now."""
        return await self._one(models.PlayerStatus, table.UPDATE_PLAYER, body=update)

    async def devices(self) -> models.Devices:
        """Return the user's devices."""
        return await self._one(models.Devices, table.PLAYER_DEVICES)

    async def announce(self, device_id: str, told: models.DeviceAnnouncement) -> models.Device:
        """Say what a device is called and can do; raises `NotFound` if the id is somebody else's."""
        return await self._one(models.Device, table.ANNOUNCE_DEVICE, path={"id": device_id}, body=told)

    async def transfer(self, device_id: str, is_playing: bool | None = None) -> models.PlayerState:
        """Move the music to a device; raises `Conflict` where it is away or has no sound."""
        body = models.Transfer(is_playing=is_playing)
        return await self._one(models.PlayerState, table.TRANSFER_PLAYER, path={"id": device_id}, body=body)

    async def command(self, command: models.PlayerCommand, *, deadline: float = DEADLINE) -> models.CommandReceipt:
        """Ask a device to do something within `deadline` seconds; what became of it comes over the socket."""
        return await self._one(models.CommandReceipt, table.PLAYER_COMMAND, body=command, deadline=deadline)
