"""How the state of a player changes: by the device that plays, or by moving the music to another one."""

from __future__ import annotations

from typing import Any

from api_client.errors import ErrorCode
from api_client.models.player import PlayerUpdate
from server.context import RequestContext
from server.music.reader import reader_for
from server.player.devices import is_online, own_device
from server.player.views import packed, progress_at, status_of
from server.problems import Problem, version_conflict
from server.tables.devices import DeviceRow, PlayerQueueRow, PlayerStateRow


async def write(ctx: RequestContext, update: PlayerUpdate) -> PlayerStateRow:
    """Take in what the active device says.

    Raises Problem NOT_FOUND for a device that is not the user's, VERSION_CONFLICT where the state is another one by
    now, and CONFLICT where another device is active and is not to be replaced.
    """
    device = await own_device(ctx.db, ctx.user_id, update.device_id)
    row = await ctx.db.get(PlayerStateRow, ctx.user_id)
    if row is not None and await _is_repetition(ctx, row, update):
        return row
    if update.version != (row.version if row is not None else 0):
        raise version_conflict(f"player:{ctx.user_id}", await status_of(reader_for(ctx), ctx.state.hub, row))
    if row is None:
        row = PlayerStateRow(user_id=ctx.user_id, version=0, queue_version=0)
        ctx.db.add(row)
    if row.device_id not in (None, device.id):
        if not update.claims:
            raise Problem(ErrorCode.CONFLICT, "The music is on another device.")
        await _keep_volume(ctx, row)
    for name, value in _values(update).items():
        setattr(row, name, value)
    row.device_id = row.updated_by = device.id
    row.version += 1
    row.updated_at = ctx.now
    if update.lists is not None:
        await _keep_lists(ctx, _lists(update))
        row.queue_version = row.version
    await ctx.db.flush()
    return row


async def move(ctx: RequestContext, device: DeviceRow, is_playing: bool | None) -> PlayerStateRow:
    """Move the music to `device`, at the place where it is; raises Problem CONFLICT where it cannot play there."""
    if not is_online(ctx.state.hub, device.id):
        raise Problem(ErrorCode.CONFLICT, f"{device.name} is not connected.")
    if not device.can_play:
        raise Problem(ErrorCode.CONFLICT, f"{device.name} has no sound.")
    row = await ctx.db.get(PlayerStateRow, ctx.user_id)
    if row is None:
        row = PlayerStateRow(user_id=ctx.user_id, version=0, queue_version=0, is_playing=False, is_buffering=False)
        row.progress, row.updated_at = 0.0, ctx.now
        ctx.db.add(row)
    row.progress = await progress_at(ctx.db, ctx.state.hub, row, ctx.now)
    if row.device_id != device.id:
        await _keep_volume(ctx, row)
        row.volume, row.is_muted = device.volume, False
    row.device_id, row.updated_by = device.id, None
    row.is_playing = bool(row.current) and (row.is_playing if is_playing is None else is_playing)
    row.is_buffering = False
    row.version += 1
    row.updated_at = ctx.now
    await ctx.db.flush()
    return row


def _values(update: PlayerUpdate) -> dict[str, Any]:
    return {
        "current": packed(update.current) if update.current else None,
        "is_playing": update.is_playing and update.current is not None,
        "is_buffering": update.is_buffering,
        "progress": update.progress,
        "duration": update.duration,
        "volume": update.volume,
        "is_muted": update.is_muted,
        "repeat": update.repeat.value,
        "shuffle": update.shuffle,
        "queue_length": update.queue_length,
    }


def _lists(update: PlayerUpdate) -> dict[str, Any]:
    lists = update.lists
    if lists is None:
        return {}
    found: dict[str, Any] = {name: [packed(item) for item in getattr(lists, name)] for name in ("queue", "history")}
    return {**found, "aside": [packed(item) for item in lists.aside], "order": list(lists.order)}


async def _is_repetition(ctx: RequestContext, row: PlayerStateRow, update: PlayerUpdate) -> bool:
    """Whether this was written already, and only its answer was lost."""
    if update.version != row.version - 1 or row.updated_by != update.device_id:
        return False
    if any(getattr(row, name) != value for name, value in _values(update).items()):
        return False
    if update.lists is None:
        return row.queue_version != row.version
    stored = await ctx.db.get(PlayerQueueRow, ctx.user_id)
    return stored is not None and row.queue_version == row.version and stored.lists == _lists(update)


async def _keep_lists(ctx: RequestContext, lists: dict[str, Any]) -> None:
    stored = await ctx.db.get(PlayerQueueRow, ctx.user_id)
    if stored is None:
        ctx.db.add(PlayerQueueRow(user_id=ctx.user_id, lists=lists))
    else:
        stored.lists = lists


async def _keep_volume(ctx: RequestContext, row: PlayerStateRow) -> None:
    """Let the device that was active keep the volume it had."""
    before = await ctx.db.get(DeviceRow, row.device_id) if row.device_id else None
    if before is not None:
        before.volume = row.volume
