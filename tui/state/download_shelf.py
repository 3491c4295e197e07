"""What of the music is on this machine, and what of it is to be: read by screens, asked by the player."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from api_client.client import PlatformClient
from api_client.models.music import Track
from tui.player.source import Finished
from tui.player.vault import TrackVault
from tui.player.vault_records import Kind, Setback, Wish, WishKey
from tui.player.vault_source import KeptTrack
from tui.state.download_facts import TrackFacts
from tui.state.download_queue import DownloadQueue
from tui.state.music import MusicStore
from tui.state.observable import Observable

PAUSED = "paused"
CLOSED = "Downloads are not ready: the folder for them cannot be used."
NOT_HERE = "not on this machine"


class Here(Enum):
    """How much of something is on this machine."""

    NO = "no"
    WAITING = "waiting"
    COMING = "coming"
    PART = "part"
    """Of an album or a playlist."""
    FAILED = "failed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class DownloadChange:
    """The tracks that are news; None where anything may be."""

    track_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sizes in bytes."""

    downloaded: int
    tracks: int
    cached: int
    cached_tracks: int
    limit: int
    waiting: int
    failed: int


class DownloadShelf(Observable[DownloadChange]):
    """The player's `Vault`. Without a vault, or before there is one, nothing is here."""

    def __init__(self, client: PlatformClient, music: MusicStore) -> None:
        super().__init__()
        self.vault: TrackVault | None = None
        self.queue: DownloadQueue | None = None
        self.trouble = CLOSED
        """Why nothing can be downloaded, a sentence; empty if all is well."""
        self.away = False
        """Whether the platform cannot be reached, or is not to be."""
        self.facts = TrackFacts(client, music)
        """What belongs to the tracks: how they are called, their words, their covers."""
        self._taken: list[Wish] = []

    # -- what the player asks

    def open(self, track_id: str, quality: int | None) -> KeptTrack | None:
        """Return a track that is here at `quality` or better; what was asked for, or without the platform, at any."""
        if self.vault is None:
            return None
        is_enough = self.away or track_id in self.vault.contents.pinned()
        return self.vault.open(track_id, None if is_enough else quality)

    def keep(self, finished: Finished) -> None:
        """Take over a track that was fetched whole while it played."""
        if self.vault is not None:
            self.vault.keep(finished)

    def has(self, track_id: str) -> bool:
        """Whether a track can be played without the platform."""
        return self.vault is not None and self.vault.has(track_id)

    def played(self, track_id: str, quality: int | None) -> None:
        """A track sounds, as it is at `quality`."""
        if self.vault is not None:
            self.vault.played(track_id, quality)

    def distrust(self, track_id: str) -> bool:
        """The decoder could not make sense of a track: it is fetched anew; return whether it came from here."""
        return self.vault is not None and self.vault.distrust(track_id)

    # -- reading

    @property
    def _wishes(self) -> dict[WishKey, Wish]:
        return self.vault.contents.wishes if self.vault is not None else {}

    @property
    def wishes(self) -> list[Wish]:
        """What was asked for, the first first."""
        return list(self._wishes.values())

    def is_wanted(self, kind: Kind, item_id: str) -> bool:
        """Whether something was asked for, as itself."""
        return (kind, item_id) in self._wishes

    def track(self, track_id: str) -> Here:
        """Return how a track stands: as part of anything that was asked for."""
        vault, queue = self.vault, self.queue
        if vault is None or queue is None or track_id not in vault.contents.pinned():
            return Here.NO
        if track_id in vault.contents.files:
            return Here.ALL
        if track_id in vault.contents.setbacks:
            return Here.FAILED
        return Here.COMING if track_id in queue.under_way else Here.WAITING

    def collection(self, kind: Kind, item_id: str) -> Here:
        """Return how much of an album or a list is here that was asked for."""
        wish = self._wishes.get((kind, item_id))
        if wish is None:
            return Here.NO
        states = {self.track(track_id) for track_id in wish.track_ids}
        if states <= {Here.ALL}:
            return Here.ALL
        return Here.PART if Here.ALL in states else next(iter(states & {Here.COMING}), Here.WAITING)

    def is_out_of_reach(self, track_id: str) -> bool:
        """Whether a track cannot be played now: the platform is away, and the track is not here."""
        return self.away and not self.has(track_id)

    def setback(self, track_id: str) -> Setback | None:
        """Return why a track that was asked for is not here."""
        return self.vault.contents.setbacks.get(track_id) if self.vault is not None else None

    def progress(self, track_id: str) -> tuple[int, int]:
        """Return how many bytes of a track are here, and how many there are."""
        return self.queue.under_way.get(track_id, (0, 0)) if self.queue is not None else (0, 0)

    def size(self, track_ids: Iterable[str]) -> int:
        """Return how many bytes tracks take here."""
        files = self.vault.contents.files if self.vault is not None else {}
        return sum(stored.size for track_id in set(track_ids) for stored in files.get(track_id, ()))

    @property
    def is_paused(self) -> bool:
        """Whether the user has told downloads to wait."""
        return self.vault is not None and self.vault.contents.settings.get(PAUSED) == "1"

    def known(self, track_id: str) -> Track | None:
        """Return what is known of a track, once `load` was called."""
        return self.facts.known.get(track_id)

    def cached(self) -> list[str]:
        """Return the tracks that are here because they were played, the last played first."""
        if self.vault is None:
            return []
        others = self.vault.contents.pinned() | self._going()
        loose = sorted(self.vault.contents.stored(), key=lambda stored: -stored.used_at)
        return list(dict.fromkeys(stored.track_id for stored in loose if stored.track_id not in others))

    def totals(self) -> Totals:
        """Return everything in figures."""
        if self.vault is None or self.queue is None:
            return Totals(0, 0, 0, 0, 0, 0, 0)
        contents, pinned = self.vault.contents, self.vault.contents.pinned()
        here = {track_id for track_id in contents.files if track_id in pinned}
        cached = self.cached()
        return Totals(
            self.size(here),
            len(here),
            self.size(cached),
            len(cached),
            self.vault.limit,
            len(self.queue.waiting()),
            len(contents.setbacks),
        )

    def _going(self) -> frozenset[str]:
        """The tracks that were taken off, and are here for as long as that can be taken back."""
        return frozenset(track_id for wish in self._taken for track_id in wish.track_ids)
