"""Makes an order fit into one frame of the socket, however long the names of its tracks are."""

from __future__ import annotations

import json
from collections.abc import Sequence

from api_client.models.player import PlayerTrack

TRACKS_BYTES = 768 * 1024
"""Of all tracks of an order: a frame has 1 MiB at most, and other frames may wait before it."""

_SHORTER = (400, 200, 100, 50)
"""Bytes of each name, tried in this order; with the last, as many tracks as an order may have are sure to fit."""


def fitting(tracks: Sequence[PlayerTrack]) -> list[PlayerTrack]:
    """Return all of `tracks`, with names as short as it needs for them to fit.

    A device plays by the ids; what it looks up of a track has the whole names.
    """
    for most in _SHORTER:
        if sum(len(track.model_dump_json(exclude_none=True).encode()) for track in tracks) <= TRACKS_BYTES:
            break
        tracks = [_shortened(track, most) for track in tracks]
    return list(tracks)


def _shortened(track: PlayerTrack, most: int) -> PlayerTrack:
    """Return a track with names of `most` bytes each, and without what makes no sense as a part and is longer."""
    artists, room = [], most
    for name in track.artists:
        room -= _size(name)
        if room < 0:
            break
        artists.append(name)
    return track.changed(
        title=_cut(track.title, most),
        artist=_cut(track.artist, most),
        artists=artists,
        album=_cut(track.album, most),
        cover_url=_whole(track.cover_url, most),
        context_type=_whole(track.context_type, most),
        context_id=_whole(track.context_id, most),
    )


def _size(text: str) -> int:
    """Return how many bytes `text` takes in a frame, with its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode())


def _whole(text: str | None, most: int) -> str | None:
    return text if text is None or _size(text) <= most else None


def _cut(text: str, most: int) -> str:
    if _size(text) <= most:
        return text
    kept = text[:most]
    while _size(f"{kept}…") > most:
        kept = kept[: -max(1, len(kept) // 8)]
    return f"{kept.rstrip()}…"
