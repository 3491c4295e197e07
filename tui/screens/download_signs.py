"""How rows of music say what is on this machine, and what cannot be played without the platform."""

from __future__ import annotations

from api_client.models.music import Album, Playlist
from tui.player.vault_records import Kind
from tui.state.download_shelf import NOT_HERE, DownloadShelf, Here
from widgets.here_sign import HereSign

_SIGNS = {
    Here.NO: HereSign.NO,
    Here.WAITING: HereSign.WAITING,
    Here.COMING: HereSign.COMING,
    Here.PART: HereSign.PART,
    Here.FAILED: HereSign.FAILED,
    Here.ALL: HereSign.ALL,
}


def track_sign(downloads: DownloadShelf | None, track_id: str) -> HereSign:
    """Return the sign of a track."""
    return _SIGNS[downloads.track(track_id)] if downloads is not None else HereSign.NO


def out_of_reach(downloads: DownloadShelf | None, track_id: str) -> str:
    """Return why a track cannot be played now: the platform is away, and it is not here; empty if it can."""
    return NOT_HERE if downloads is not None and downloads.is_out_of_reach(track_id) else ""


def collection_sign(downloads: DownloadShelf | None, thing: object) -> tuple[HereSign, bool]:
    """Return the sign of an album or a list, and whether nothing of it is known to be playable now."""
    match thing:
        case Album():
            key = Kind.ALBUM, thing.id
        case Playlist():
            key = Kind.PLAYLIST, thing.id
        case _ if isinstance(kind := getattr(thing, "kind", None), Kind):
            key = kind, getattr(thing, "id", "")
        case _:
            return HereSign.NO, False
    if downloads is None:
        return HereSign.NO, False
    here = downloads.collection(*key)
    return _SIGNS[here], downloads.away and here not in (Here.ALL, Here.PART)
