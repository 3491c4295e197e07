"""Where a track was played from: from its context, as the platform calls it, to the place that shows it."""

from __future__ import annotations

from tui.places import AlbumPlace, ArtistPlace, MixPlace, Place, PlaylistPlace, QueuePlace
from tui.player.track import PlayableTrack
from tui.state.stations import CONTEXT as STATION


def source_of(track: PlayableTrack) -> Place | None:
    """Return the place that a track was played from; its album where that is all that is known, None for nowhere."""
    kind, item = track.context_type, track.context_id
    if kind in ("discover_weekly", "release_radar"):
        return MixPlace(kind.replace("_", "-"))
    if item:
        match kind:
            case "playlist":
                return PlaylistPlace(item)
            case "album":
                return AlbumPlace(item)
            case "artist":
                return ArtistPlace(item)
            case "daily_mix" | "similar":
                return MixPlace(f"{kind.replace('_', '-')}/{item}")
            case _ if kind == STATION:
                return QueuePlace()
    return AlbumPlace(track.album_id) if track.album_id else None
