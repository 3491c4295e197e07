"""What a player shares with the user's other devices, and how it becomes what they shared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api_client.models.player import (
    ASIDE_LIMIT,
    HISTORY_LIMIT,
    MOST_SECONDS,
    QUEUE_LIMIT,
    PlayerState,
    PlayerTrack,
    PlayerUpdate,
    QueueItem,
    QueueLists,
    RepeatMode,
)
from tui.player.entry import Entry
from tui.player.queue import PlayQueue
from tui.player.track import PlayableTrack, PlayerSnapshot

_BEFORE_START = 50
"""Tracks before the chosen one that go along when a long list is played on another device."""


def playable(track: PlayerTrack) -> PlayableTrack:
    """Return what a player needs of a track that another device has in its queue."""
    return PlayableTrack(
        id=track.id,
        title=track.title,
        artist=track.artist,
        artists=tuple(track.artists),
        album=track.album,
        album_id=track.album_id or "",
        duration_ms=track.duration_ms,
        cover_url=track.cover_url or "",
        context_type=track.context_type or "",
        context_id=track.context_id or "",
    )


def item_of(track: PlayableTrack, entry_id: int = 0) -> QueueItem:
    """Return a track as it is named to the platform."""
    return QueueItem(
        track_id=track.id,
        entry_id=entry_id,
        context_type=track.context_type[:32] or None,
        context_id=track.context_id[:64] or None,
    )


def window(tracks: Sequence[PlayableTrack], start: int) -> tuple[list[PlayableTrack], int]:
    """Return as many tracks around `start` as can be shared, and where it is among them."""
    first = max(0, min(start - _BEFORE_START, len(tracks) - QUEUE_LIMIT))
    return list(tracks[first : first + QUEUE_LIMIT]), start - first


def lists_of(queue: PlayQueue[PlayableTrack]) -> QueueLists:
    """Return the lists of a queue, as far as they are shared."""
    upcoming, history = queue.upcoming[:QUEUE_LIMIT], queue.history[-HISTORY_LIMIT:]
    aside = queue.aside[-ASIDE_LIMIT:]
    current = [queue.current] if queue.current is not None else []
    shared = {entry.entry_id for entry in (*upcoming, *history, *aside, *current)}
    return QueueLists(
        queue=_items(upcoming),
        history=_items(history),
        aside=_items(aside),
        order=[entry.entry_id for entry in queue.listed if entry.entry_id in shared],
    )


def order_of(queue: PlayQueue[PlayableTrack]) -> tuple[object, ...]:
    """Return what is the same as long as the shared lists are."""
    current = queue.current.entry_id if queue.current is not None else None
    parts = (queue.upcoming[:QUEUE_LIMIT], queue.history[-HISTORY_LIMIT:], queue.aside[-ASIDE_LIMIT:])
    return (current, len(queue), *(tuple(entry.entry_id for entry in part) for part in parts))


def update_of(
    device_id: str,
    version: int,
    queue: PlayQueue[PlayableTrack],
    now: PlayerSnapshot,
    *,
    claims: bool,
    with_lists: bool,
) -> PlayerUpdate:
    """Return what a player says of itself, made from the shared state `version`."""
    current = queue.current
    return PlayerUpdate(
        device_id=device_id,
        version=version,
        claims=claims,
        current=item_of(current.item, current.entry_id) if current is not None else None,
        lists=lists_of(queue) if with_lists else None,
        is_playing=now.playing,
        is_buffering=now.buffering,
        progress=min(max(now.position_s, 0.0), MOST_SECONDS),
        duration=min(max(now.duration_s, 0.0), MOST_SECONDS),
        volume=now.volume / 100,
        is_muted=now.muted,
        repeat=RepeatMode(now.repeat.value),
        shuffle=now.shuffle,
        queue_length=now.queue_length,
    )


def queue_data(state: PlayerState, empty: dict[str, Any]) -> dict[str, Any]:
    """Return the queue that `state` describes in the form that `PlayQueue.restore` takes.

    `empty` is the snapshot of any queue, whose form is taken. An entry that stands twice is taken once.
    """
    entries: dict[int, PlayerTrack] = {}

    def taken(tracks: Iterable[PlayerTrack]) -> list[int]:
        fresh = [track for track in tracks if track.entry_id not in entries]
        fresh = list({track.entry_id: track for track in fresh}.values())
        entries.update((track.entry_id, track) for track in fresh)
        return [track.entry_id for track in fresh]

    current = taken([state.current_track] if state.current_track else [])
    history, upcoming, aside = taken(state.history), taken(state.queue), taken(state.aside)
    listed = [entry_id for entry_id in dict.fromkeys(state.order) if entry_id in entries]
    listed += [entry_id for entry_id in (*aside, *history, *current, *upcoming) if entry_id not in set(listed)]
    return {
        **empty,
        "entries": [{"id": entry_id, "item": playable(entries[entry_id]).pack()} for entry_id in listed],
        "current": current[0] if current else None,
        "history": history,
        "upcoming": upcoming,
        "aside": aside,
        "shuffle": state.shuffle,
        "repeat": state.repeat.value,
    }


def taken_over(saved: dict[str, Any], state: PlayerState, position_s: float) -> dict[str, Any]:
    """Return `saved`, what `Player.save` gave, with the queue and the place of `state`; the volume is its own."""
    return {**saved, "queue": queue_data(state, saved["queue"]), "position_s": position_s}


def _items(entries: Iterable[Entry[PlayableTrack]]) -> list[QueueItem]:
    return [item_of(entry.item, entry.entry_id) for entry in entries]
