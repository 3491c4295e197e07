"""The tracks of a playlist as the platform has them, and as they stand with the changes that are on their way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from api_client.models.music import Playlist, PlaylistTrack, Track


@dataclass(frozen=True, slots=True)
class Add:
    """A track at the end or at `position`, unless it stands in the list already."""

    track: Track
    by: str
    """Id of the user."""
    position: int | None = None
    """Counted from 1; None: the end."""


@dataclass(frozen=True, slots=True)
class Remove:
    """A track goes."""

    track_id: str


@dataclass(frozen=True, slots=True)
class Move:
    """A track goes to position `to`, counted from 1."""

    track_id: str
    to: int


Edit = Add | Remove | Move


def apply(tracks: list[PlaylistTrack], edit: Edit) -> list[PlaylistTrack]:
    """Return `tracks` after `edit`, positions 1 to n; carried out twice it is as once, and what cannot be is not."""
    kept = list(tracks)
    match edit:
        case Add(track, by, position):
            if all(known.id != track.id for known in kept):
                fields = {name: getattr(track, name) for name in Track.model_fields}
                added = PlaylistTrack.model_construct(**fields, added_by=by, added_at=datetime.now(UTC))
                kept.insert(len(kept) if position is None else position - 1, added)
        case Remove(track_id):
            kept = [known for known in kept if known.id != track_id]
        case Move(track_id, to):
            moved = next((known for known in kept if known.id == track_id), None)
            if moved is not None:
                kept.remove(moved)
                kept.insert(min(max(to, 1) - 1, len(kept)), moved)
    return [
        track if track.position == position else track.changed(position=position)
        for position, track in enumerate(kept, 1)
    ]


@dataclass
class EditedPlaylist:
    """A playlist with its tracks, confirmed apart from asked for.

    Changes are sent one after the other: of those on their way the platform has carried out the first at most. A
    reply that was asked for meanwhile may know of it or not; as carried out twice it is as once, the changes are made
    on top of it in both cases, and `stale` says that the list has to be fetched again once all of them are settled.
    A reply that was asked for before a change came to its end may lack it, and is not taken over.
    """

    confirmed: Playlist | None = None
    """None as long as only changes are known."""
    stale: bool = False
    settled: int = 0
    """How many changes have come to their end; to be noted when a reply is asked for."""
    _pending: dict[int, Edit] = field(default_factory=dict)
    _serial: int = 0

    @property
    def shown(self) -> Playlist | None:
        """The playlist with every change that was asked for, in the order they were asked for."""
        if self.confirmed is None:
            return None
        tracks: list[PlaylistTrack] = self.confirmed.tracks
        for edit in self._pending.values():
            tracks = apply(tracks, edit)
        return self.confirmed.changed(tracks=tracks, track_count=len(tracks))

    @property
    def settled_all(self) -> bool:
        """Whether nothing is on its way."""
        return not self._pending

    @property
    def balance(self) -> int:
        """How many tracks more there will be, where the list itself is not known."""
        changes = {Add: 1, Remove: -1, Move: 0}
        return sum(changes[type(edit)] for edit in self._pending.values())

    def ask(self, edit: Edit) -> int:
        """Show `edit` at once; returns the number to settle it with."""
        self._serial += 1
        self._pending[self._serial] = edit
        return self._serial

    def confirm(self, serial: int, track: PlaylistTrack | None = None) -> None:
        """The platform has carried the change out; `track` is what it made of an added one."""
        edit = self._pending.pop(serial)
        self.settled += 1
        if self.confirmed is None:
            return
        tracks = apply(self.confirmed.tracks, edit)
        if track is not None:
            # A platform that does not know of positions puts it at the end.
            self.stale |= any(known.id == track.id and known.position != track.position for known in tracks)
            tracks = [track.changed(position=known.position) if known.id == track.id else known for known in tracks]
        self.confirmed = self.confirmed.changed(tracks=tracks, track_count=len(tracks))

    def refuse(self, serial: int) -> None:
        """The platform has not; its list may be another one than was thought."""
        del self._pending[serial]
        self.settled += 1
        self.stale = True

    def learn(self, playlist: Playlist, settled_before: int) -> None:
        """Take over a reply that was asked for when `settled_before` changes were settled, unless it is older."""
        late = settled_before != self.settled
        if self.confirmed is not None and late:
            self.stale = True
        elif self.confirmed is None or playlist.version >= self.confirmed.version:
            self.confirmed, self.stale = playlist, late or bool(self._pending)
