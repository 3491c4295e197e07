"""Playlists as the platform confirmed them, with everything that is asked for of them, shown together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from api_client.models.music import Library, Playlist
from api_client.sync.cache import Cache
from tui.state.freshness import Freshness
from tui.state.kept import Kept
from tui.state.playlist_edits import EditedPlaylist
from tui.state.wishes import Wishes

_FACTS = ("name", "description", "is_public", "is_collaborative", "rules", "cover_url", "can_edit")


class PlaylistBook:
    """Every playlist that some screen shows, once. What was opened is kept on this machine with its tracks."""

    def __init__(self, cache: Cache, listed: Kept[Library], recalled: Callable[[Playlist], None]) -> None:
        """`listed` has the user's playlists without their tracks; `recalled` is told what this machine had."""
        self._recalled = recalled
        self._freshness: dict[str, Freshness] = {}
        self._cache = cache
        self._listed = listed
        self._edited: dict[str, EditedPlaylist] = {}
        self._new: dict[str, Playlist] = {}
        """Those that were made here, until they are listed."""
        self._wished: set[str] = set()
        """Those of them that the platform has not made yet."""
        self._deleted: set[str] = set()
        self.changes: Wishes[dict[str, Any]] = Wishes()
        """By playlist, the fields that are to be changed."""
        self.going: Wishes[bool] = Wishes()
        """Which are to be deleted."""

    # -- what is shown

    def edited(self, playlist_id: str) -> EditedPlaylist:
        """Return a playlist with its changes; what this machine has of it is there at once."""
        found = self._edited.get(playlist_id)
        if found is None:
            kept = self._cache.listing(_name(playlist_id), Playlist)
            if kept is not None and kept.items:
                self.freshness(playlist_id).recalled(kept.fetched_at)
                self._recalled(kept.items[0])
            found = self._edited[playlist_id] = EditedPlaylist(next(iter(kept or ()), None))
        return found

    def freshness(self, playlist_id: str) -> Freshness:
        """Return how a playlist stands to the platform."""
        return self._freshness.setdefault(playlist_id, Freshness())

    def get(self, playlist_id: str) -> Playlist | None:
        """Return a playlist with its tracks as they stand; None where it is not known, or gone."""
        shown = self.edited(playlist_id).shown
        return None if shown is None or self.is_gone(playlist_id) else self._as_wanted(shown)

    def version_of(self, playlist_id: str) -> int | None:
        """Return the confirmed version of a playlist that was opened and that the platform has, else None."""
        edited = self._edited.get(playlist_id)
        if edited is None or edited.confirmed is None or not self.is_confirmed(playlist_id):
            return None
        return edited.confirmed.version

    def is_gone(self, playlist_id: str) -> bool:
        """Whether it was deleted, or is about to be."""
        return playlist_id in self._deleted or bool(self.going.of(playlist_id))

    def is_confirmed(self, playlist_id: str) -> bool:
        """Whether the platform has it."""
        return playlist_id not in self._wished

    @property
    def mine(self) -> list[Playlist] | None:
        """The user's playlists without their tracks, new ones first; None where they are not known."""
        listed = self._listed.get()
        if listed is None and not self._new:
            return None
        known = list(listed.playlists) if listed is not None else []
        ids = {playlist.id for playlist in known}
        new = [playlist for playlist in self._new.values() if playlist.id not in ids]
        return self.as_shown([*reversed(new), *known])

    @property
    def made_here(self) -> set[str]:
        """Those that were made here and confirmed, but not listed yet; to be noted when the list is asked for."""
        return set(self._new) - self._wished

    def listed(self, made_before: set[str]) -> None:
        """The list has come that was asked for when those of `made_before` were made."""
        for playlist_id in made_before:
            self._new.pop(playlist_id, None)

    def as_shown(self, playlists: Iterable[Playlist]) -> list[Playlist]:
        """Return listed `playlists` with the changes that were asked for, without those that are gone."""
        return [self._listed_as_shown(playlist) for playlist in playlists if not self.is_gone(playlist.id)]

    def _listed_as_shown(self, playlist: Playlist) -> Playlist:
        edited = self._edited.get(playlist.id)
        if edited is None:
            return self._as_wanted(playlist)
        shown = edited.shown
        if shown is None:
            return self._as_wanted(playlist.changed(track_count=max(playlist.track_count + edited.balance, 0)))
        if shown.version < playlist.version and edited.settled_all:
            # The list is from later than the tracks.
            return self._as_wanted(playlist)
        return self._as_wanted(playlist.changed(track_count=shown.track_count, name=shown.name))

    def _as_wanted(self, playlist: Playlist) -> Playlist:
        for change in self.changes.all_of(playlist.id):
            playlist = playlist.changed(**change)
        return playlist

    # -- what becomes of it

    def learn(self, playlist: Playlist, settled_before: int) -> None:
        """Take in a playlist with its tracks, asked for when `settled_before` of its changes were settled."""
        edited = self.edited(playlist.id)
        edited.learn(playlist, settled_before)
        self._deleted.discard(playlist.id)
        self._keep(playlist.id)

    def learn_facts(self, playlist: Playlist) -> None:
        """Take over what the platform says of a playlist but its tracks."""
        facts = {name: getattr(playlist, name) for name in _FACTS}
        edited = self._edited.get(playlist.id)
        if edited is not None and edited.confirmed is not None:
            edited.confirmed = edited.confirmed.changed(**facts)
            self._keep(playlist.id)
        self._relist(lambda known: known.changed(**facts) if known.id == playlist.id else known)

    def wish(self, playlist: Playlist) -> None:
        """Show a playlist that the platform has not made yet."""
        edited = self.edited(playlist.id)
        if edited.confirmed is None:
            edited.confirmed = playlist
            self._new[playlist.id] = playlist
            self._wished.add(playlist.id)

    def unwish(self, playlist_id: str) -> None:
        """It will not be made."""
        if playlist_id in self._wished:
            self._wished.discard(playlist_id)
            del self._new[playlist_id], self._edited[playlist_id]

    def made(self, playlist: Playlist) -> None:
        """The platform has made it; what was put into it since is still to come."""
        self._wished.discard(playlist.id)
        self._new[playlist.id] = playlist.changed(tracks=[])
        edited = self.edited(playlist.id)
        edited.confirmed = playlist
        # What came with it says nothing of marks: it is to be read as any other list.
        edited.stale |= bool(playlist.tracks)
        self._keep(playlist.id)

    def count(self, playlist_id: str, more: int) -> None:
        """A playlist whose tracks are not known has `more` of them now."""
        self._relist(
            lambda known: known.changed(track_count=known.track_count + more) if known.id == playlist_id else known
        )

    def delete(self, playlist_id: str) -> None:
        """It is gone for good."""
        self._deleted.add(playlist_id)
        self._edited.pop(playlist_id, None)
        self._cache.forget(f"playlists:{playlist_id}")
        listed = self._listed.get()
        if listed is not None:
            self._listed.put(Library(playlists=[known for known in listed.playlists if known.id != playlist_id]))

    def settled(self, playlist_id: str) -> bool:
        """Keep how it is now; whether it has to be fetched again."""
        self._keep(playlist_id)
        edited = self._edited.get(playlist_id)
        return edited is not None and edited.stale and edited.settled_all and self.is_confirmed(playlist_id)

    def _keep(self, playlist_id: str) -> None:
        edited = self._edited.get(playlist_id)
        if edited is not None and edited.confirmed is not None and self.is_confirmed(playlist_id):
            # A list of one: so it is known from when it is.
            self._cache.keep_listing(_name(playlist_id), {f"playlists:{playlist_id}": edited.confirmed}, None)

    def _relist(self, change: Callable[[Playlist], Playlist]) -> None:
        listed = self._listed.get()
        if listed is not None:
            self._listed.put(Library(playlists=[change(known) for known in listed.playlists]))


def _name(playlist_id: str) -> str:
    return f"playlist:{playlist_id}"
