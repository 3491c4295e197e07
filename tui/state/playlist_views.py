"""How the user looks at playlists on this machine: in which order, which folders are folded, what was added to last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from api_client.models.base import Several, WireModel
from api_client.models.music import Playlist, PlaylistTrack
from api_client.sync.cache import Cache
from tui.state.kept import Kept

OWN_ORDER = "own"
SORTS: Mapping[str, str] = {
    OWN_ORDER: "Its own order",
    "title": "Title",
    "artist": "Artist",
    "album": "Album",
    "added": "Added last",
    "duration": "Length",
}
"""The orders in which a playlist can be looked at; the stored one stays as it is."""

REMEMBERED = 30
"""Playlists that are remembered as added to."""


class _View(WireModel):
    sort: str = OWN_ORDER


class _Names(WireModel):
    names: Several[str] = []


class PlaylistViews:
    """One for the session; kept in the cache, so that another start finds it."""

    def __init__(self, cache: Cache) -> None:
        self._views = Kept(cache, "playlist:view", _View)
        self._used = Kept(cache, "playlists:used", _Names)
        self._folded = Kept(cache, "playlists:folded", _Names)

    def sort_of(self, playlist_id: str) -> str:
        """Return in which of `SORTS` a playlist is looked at."""
        kept = self._views.get(playlist_id)
        return kept.sort if kept is not None and kept.sort in SORTS else OWN_ORDER

    def sort(self, playlist_id: str, name: str) -> None:
        """Look at a playlist in another order from now on."""
        self._views.put(_View(sort=name), playlist_id)

    def used(self, playlist_id: str) -> None:
        """Something was added to a playlist."""
        rest = [one for one in self._names(self._used) if one != playlist_id]
        self._used.put(_Names(names=[playlist_id, *rest[: REMEMBERED - 1]]))

    def last_used_first(self, playlists: Iterable[Playlist]) -> list[Playlist]:
        """Return `playlists`, those that were added to last first, the others as they stand."""
        places = {one: place for place, one in enumerate(self._names(self._used))}
        return sorted(playlists, key=lambda playlist: places.get(playlist.id, len(places)))

    @property
    def folded(self) -> frozenset[str]:
        """The folders that are closed."""
        return frozenset(self._names(self._folded))

    def fold(self, folder_id: str, closed: bool) -> None:
        """Keep that a folder is closed, or open."""
        rest = [one for one in self._names(self._folded) if one != folder_id]
        self._folded.put(_Names(names=[*rest, folder_id] if closed else rest))

    def _names(self, kept: Kept[_Names]) -> list[str]:
        found = kept.get()
        return found.names if found is not None else []


def in_order(tracks: Sequence[PlaylistTrack], sort: str) -> list[PlaylistTrack]:
    """Return the tracks of a playlist in one of `SORTS`; equals stand as they stand in the playlist."""
    match sort:
        case "title":
            return sorted(tracks, key=lambda track: track.title.casefold())
        case "artist":
            return sorted(tracks, key=lambda track: track.artist_names.casefold())
        case "album":
            return sorted(tracks, key=lambda track: track.album.title.casefold() if track.album else "")
        case "added":
            return sorted(tracks, key=lambda track: track.added_at.timestamp() if track.added_at else 0, reverse=True)
        case "duration":
            return sorted(tracks, key=lambda track: track.duration_ms)
        case _:
            return list(tracks)


def with_words(tracks: Iterable[PlaylistTrack], words: str) -> list[PlaylistTrack]:
    """Return those of `tracks` whose title, artist, album or adder have all of `words`, in whatever case."""
    wanted = words.casefold().split()

    def text(track: PlaylistTrack) -> str:
        album = track.album.title if track.album else ""
        return f"{track.title}\n{track.artist_names}\n{album}\n{track.added_by_name or ''}".casefold()

    return [track for track in tracks if all(word in text(track) for word in wanted)]
