"""What is told of a player's state: where it is now, with what the catalogue says of its tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.music import Track
from api_client.models.player import PlayerState, PlayerStatus, PlayerTrack, QueueItem, RepeatMode
from server.music.reader import CatalogueReader
from server.player.devices import is_online
from server.realtime.hub import Hub
from server.tables.devices import DeviceRow, PlayerQueueRow, PlayerStateRow

_LISTS = ("queue", "history", "aside")


def packed(item: QueueItem) -> list[Any]:
    """Return an entry as it is stored."""
    return [item.entry_id, item.track_id, item.context_type, item.context_id]


def as_told(
    track: Track, entry_id: int = 0, context_type: str | None = None, context_id: str | None = None
) -> PlayerTrack:
    """Return a track of the catalogue as a player tells of it."""
    return PlayerTrack(
        id=track.id,
        entry_id=entry_id,
        title=track.title,
        artist=", ".join(artist.name for artist in track.artists),
        artists=[artist.name for artist in track.artists],
        album=track.album.title if track.album else "",
        album_id=track.album.id if track.album else None,
        duration_ms=track.duration_ms,
        cover_url=track.album.cover_url if track.album else None,
        context_type=context_type,
        context_id=context_id,
    )


async def asked_for(reader: CatalogueReader, items: Iterable[QueueItem]) -> list[PlayerTrack]:
    """Return the tracks of `items` that the catalogue has, in their order."""
    items = list(items)
    known = await reader.tracks(item.track_id for item in items)
    return [
        as_told(known[item.track_id], item.entry_id, item.context_type, item.context_id)
        for item in items
        if item.track_id in known
    ]


async def status_of(reader: CatalogueReader, hub: Hub, row: PlayerStateRow | None) -> PlayerStatus:
    """Return what plays at this moment, without the lists."""
    if row is None:
        return PlayerStatus()
    known = await reader.tracks([row.current[1]] if row.current else [])
    return PlayerStatus(**await _fields(reader.db, hub, row, known, reader.now))


async def state_of(reader: CatalogueReader, hub: Hub, row: PlayerStateRow | None) -> PlayerState:
    """Return what plays at this moment, with the lists."""
    if row is None:
        return PlayerState()
    stored = await reader.db.get(PlayerQueueRow, row.user_id)
    lists = stored.lists if stored is not None else {}
    entries = [*([row.current] if row.current else []), *(each for name in _LISTS for each in lists.get(name, []))]
    known = await reader.tracks(entry[1] for entry in entries)
    told = {name: list(_told(lists.get(name, []), known)) for name in _LISTS}
    fields = await _fields(reader.db, hub, row, known, reader.now)
    return PlayerState(**fields, **told, order=lists.get("order", []))


async def progress_at(db: AsyncSession, hub: Hub, row: PlayerStateRow, now: datetime) -> float:
    """Return where the track is at `now`, in seconds; with the device gone, where it was when it went."""
    left_at = None
    if row.device_id is not None and not is_online(hub, row.device_id):
        device = await db.get(DeviceRow, row.device_id)
        left_at = device.last_seen_at if device is not None else None
    return reached(hub, row, left_at, now)


def reached(hub: Hub, row: PlayerStateRow, left_at: datetime | None, now: datetime) -> float:
    """Return where the track is at `now`, in seconds; `left_at` is when the device was there last, if that is known."""
    if not row.is_playing or row.is_buffering or row.device_id is None:
        return row.progress
    until = now if is_online(hub, row.device_id) else left_at or row.updated_at
    place = row.progress + max(0.0, (until - row.updated_at).total_seconds())
    return min(place, row.duration) if row.duration else place


async def _fields(
    db: AsyncSession, hub: Hub, row: PlayerStateRow, known: Mapping[str, Track], now: datetime
) -> dict[str, Any]:
    idle = 0.0 if row.is_playing else (now - row.updated_at).total_seconds()
    return {
        "version": row.version,
        "queue_version": row.queue_version,
        "device_id": row.device_id,
        "updated_by": row.updated_by,
        "current_track": next(_told([row.current], known), None) if row.current else None,
        "is_playing": row.is_playing,
        "is_buffering": row.is_buffering,
        "progress": await progress_at(db, hub, row, now),
        "duration": row.duration,
        "volume": row.volume,
        "is_muted": row.is_muted,
        "repeat": RepeatMode(row.repeat),
        "shuffle": row.shuffle,
        "queue_length": row.queue_length,
        "idle_seconds": max(0, int(idle)),
    }


def _told(entries: Iterable[list[Any]], known: Mapping[str, Track]) -> Iterator[PlayerTrack]:
    for entry_id, track_id, context_type, context_id in entries:
        if track_id in known:
            yield as_told(known[track_id], entry_id, context_type, context_id)
