"""One entry of the queue on its way through the engine, and how it stands to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.player.engine import Loudness
from tui.player.entry import Entry
from tui.player.listening import Listening
from tui.player.queue import PlayQueue
from tui.player.source import CUT, GETTING_READY, Held
from tui.player.track import PlayableTrack


@dataclass(slots=True, eq=False)
class Play:
    """What the deck knows of one play; times in seconds of the track, `ordered_at` of the clock."""

    load_id: int
    entry: Entry[PlayableTrack]
    source: Held | None
    listening: Listening
    ordered_at: float
    position_s: float = 0.0
    duration_s: float | None = None
    started: bool = False
    started_in_ms: int | None = None
    troubles: int = 0
    """How often it was loaded again."""
    well_since_ms: int = 0
    """How long it had been listened to when it was loaded again last."""
    ebb_s: float = 0.0
    """How long it fades away beneath the play that follows it."""

    def complete(self, ebbed_s: float = 0.0) -> None:
        """It was heard to its end, or until it had faded away for `ebbed_s` seconds."""
        end_s = self.duration_s or self.position_s
        end_s -= max(0.0, self.ebb_s - ebbed_s)
        self.listening.tick(end_s)
        self.listening.complete(end_s)

    def received(self) -> int:
        """Return how many bytes have come over the network for it."""
        return self.source.from_network if self.source is not None else 0

    def is_excused(self) -> bool:
        """Whether it is known why no bytes come: the downloader's own limits hold then."""
        return self.source is not None and self.source.waiting in (CUT, GETTING_READY)


def goes_on_in_album(first: Entry[PlayableTrack], second: Entry[PlayableTrack]) -> bool:
    """Whether two entries stand beside each other as they do on their album: nothing may then come between them.

    Entries that were queued together have numbers in a row; who moves or inserts one breaks the row.
    """
    album = first.item.album_id
    return bool(album) and album == second.item.album_id and second.entry_id == first.entry_id + 1


def fade_between(first: Entry[PlayableTrack], second: Entry[PlayableTrack], wanted_s: float) -> float:
    """Return for how many seconds `second` overlaps the end of `first`, at most half of either.

    None inside an album that plays in its own order, and none where a track follows itself.
    """
    if wanted_s <= 0 or first is second or goes_on_in_album(first, second):
        return 0.0
    halves = [entry.item.duration_ms / 2000 for entry in (first, second) if entry.item.duration_ms > 0]
    return min([wanted_s, *halves])


def neighbours(queue: PlayQueue[PlayableTrack], is_current: bool) -> tuple[Entry[PlayableTrack] | None, ...]:
    """Return what comes before and after the current entry, or the one that follows it."""
    if is_current:
        return (queue.history[-1] if queue.history else None), queue.peek_next()
    upcoming = queue.upcoming[1:2]
    return queue.current, upcoming[0] if upcoming else None


def loudness_of(
    entry: Entry[PlayableTrack], neighbours: Sequence[Entry[PlayableTrack] | None], wanted: Loudness
) -> Loudness:
    """Return which ReplayGain tag counts for an entry between the one before and the one after it.

    With `Loudness.ALBUM` wished, an album that plays in its own order keeps its quiet tracks quiet, and everything
    else is brought to one loudness.
    """
    if wanted is not Loudness.ALBUM:
        return wanted
    before, after = neighbours
    inside = (before is not None and goes_on_in_album(before, entry)) or (
        after is not None and goes_on_in_album(entry, after)
    )
    return Loudness.ALBUM if inside else Loudness.TRACK
