"""The player of a user, over all their devices, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.base import ClientId
from api_client.models.player import (
    OF_THE_DEVICE,
    CommandReceipt,
    Device,
    DeviceAnnouncement,
    Devices,
    PlayerCommand,
    PlayerOrder,
    PlayerState,
    PlayerStatus,
    PlayerUpdate,
    Transfer,
)
from api_client.models.realtime import PlayerCommandEvent, PlayerStateEvent
from server.context import Ctx, RequestContext
from server.music.reader import reader_for
from server.player import subscriptions
from server.player.devices import PREFIX, announce, devices_of, is_online, own_device, shown_as, tell
from server.player.fitting import fitting
from server.player.views import asked_for, state_of, status_of
from server.player.writing import move, write
from server.problems import Problem
from server.routing import Router
from server.tables.devices import DeviceRow, PlayerStateRow
from server.together.listening import held_or_resumed

router = Router()
subscriptions.register()

DeviceIdPath = Annotated[ClientId, Path(alias="id")]

WRITES_PER_MINUTE, COMMANDS_PER_MINUTE, MOVES_PER_MINUTE = 300, 240, 30


@router.handles(music_endpoints.PLAYER_STATE)
async def state(ctx: Ctx) -> PlayerState:
    """What plays on the user's active device, and where it is at this moment."""
    row = await ctx.db.get(PlayerStateRow, ctx.user_id)
    return await state_of(reader_for(ctx), ctx.state.hub, row)


@router.handles(music_endpoints.UPDATE_PLAYER)
async def update(ctx: Ctx, body: PlayerUpdate) -> PlayerStatus:
    """What the active device says that plays; every other device of the user is told."""
    ctx.limit("player state", ctx.user_id, WRITES_PER_MINUTE, 60)
    before = await ctx.db.get(PlayerStateRow, ctx.user_id)
    active = before.device_id if before is not None else None
    sounded = before is not None and before.is_playing
    row = await write(ctx, body)
    if row.is_playing != sounded:
        await held_or_resumed(ctx)
    told = await status_of(reader_for(ctx), ctx.state.hub, row)
    _announce(ctx, told, moved=active != row.device_id)
    return told


@router.handles(music_endpoints.PLAYER_DEVICES)
async def devices(ctx: Ctx) -> Devices:
    """The user's devices: which are there, which one is active, how loud each is."""
    return Devices(devices=await devices_of(ctx.db, ctx.state.hub, ctx.user_id, ctx.now))


@router.handles(music_endpoints.ANNOUNCE_DEVICE)
async def announce_device(ctx: Ctx, device_id: DeviceIdPath, body: DeviceAnnouncement) -> Device:
    """What a device says of itself; its id is its own, and it is there while it follows `devices:{id}`."""
    row = await announce(ctx.db, ctx.state.hub, ctx.user_id, device_id, body, ctx.now)
    user_id, platform = ctx.user_id, ctx.state
    ctx.background(lambda: tell(platform, user_id))
    return shown_as(row, await ctx.db.get(PlayerStateRow, ctx.user_id), ctx.state.hub, ctx.now)


@router.handles(music_endpoints.TRANSFER_PLAYER)
async def transfer(ctx: Ctx, device_id: DeviceIdPath, body: Transfer) -> PlayerState:
    """Move the music to a device: the one that played stops, this one goes on at the same place."""
    ctx.limit("player transfer", ctx.user_id, MOVES_PER_MINUTE, 60)
    device = await own_device(ctx.db, ctx.user_id, device_id)
    row = await move(ctx, device, body.is_playing)
    _announce(ctx, await status_of(reader_for(ctx), ctx.state.hub, row), moved=True)
    return await state_of(reader_for(ctx), ctx.state.hub, row)


@router.handles(music_endpoints.PLAYER_COMMAND)
async def command(ctx: Ctx, body: PlayerCommand) -> CommandReceipt:
    """Ask a device to do something; it answers on the socket with `player-answer`."""
    ctx.limit("player command", ctx.user_id, COMMANDS_PER_MINUTE, 60)
    target = await _asked(ctx, body)
    asking = await own_device(ctx.db, ctx.user_id, body.from_device) if body.from_device else None
    tracks = await asked_for(reader_for(ctx), body.items or [])
    if body.items and not tracks:
        raise Problem(ErrorCode.NOT_FOUND, "None of these tracks is here.")
    known = {track.id for track in tracks}
    before = sum(item.track_id in known for item in (body.items or [])[: body.start or 0])
    order = PlayerOrder(
        **body.model_dump(exclude={"items", "device_id", "start"}),
        # What the catalogue does not have is left out, and what is to play first moves up.
        start=min(before, max(len(tracks) - 1, 0)),
        device_id=target.id,
        from_name=asking.name if asking is not None else "",
        tracks=fitting(tracks),
    )
    ctx.after_commit(lambda: ctx.state.hub.to_followers(f"{PREFIX}:{target.id}", PlayerCommandEvent(command=order)))
    return CommandReceipt(command_id=body.id, device_id=target.id)


async def _asked(ctx: RequestContext, body: PlayerCommand) -> DeviceRow:
    """Return the device that a command is for; raises Problem NOT_FOUND or CONFLICT."""
    row = await ctx.db.get(PlayerStateRow, ctx.user_id)
    active = row.device_id if row is not None else None
    wanted = body.device_id or active
    if wanted is None:
        raise Problem(ErrorCode.CONFLICT, "Nothing plays on any of your devices.")
    device = await own_device(ctx.db, ctx.user_id, wanted)
    if wanted != active and body.action not in OF_THE_DEVICE:
        raise Problem(ErrorCode.CONFLICT, f"The music is not on {device.name}.")
    if not is_online(ctx.state.hub, device.id):
        raise Problem(ErrorCode.CONFLICT, f"{device.name} is not connected.")
    return device


def _announce(ctx: RequestContext, told: PlayerStatus, *, moved: bool) -> None:
    user_id, platform = ctx.user_id, ctx.state

    def tell_state() -> None:
        platform.hub.to_user(user_id, PlayerStateEvent(state=told))
        platform.hub.notify(f"player:{user_id}", told.version)

    ctx.after_commit(tell_state)
    if moved:
        ctx.background(lambda: tell(platform, user_id))
