"""The shelf of track sources: the last played and the next to play stay in memory, within one budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from api_client.inspect.streaming import FindRecorder, nobody
from api_client.postponed import httpx
from tui.player.clock import Clock, LoopClock
from tui.player.downloader import TrackSource
from tui.player.engine import Fault
from tui.player.governor import Governor
from tui.player.queue import PlayQueue
from tui.player.source import AddressRule, Finished, Held, Resolve, ResolveAhead, SourceOptions, Vault
from tui.player.supply import Supply, Watch
from tui.player.tickets import TicketDesk
from tui.player.track import PlayableTrack

_OUT_OF_REACH = frozenset({Fault.NO_NETWORK, Fault.OFFLINE})
KEPT_OPEN = 8
"""Files of the vault that stay open although nothing of them is in use: what was looked at last."""


class SourceShelf:
    """Least recently used sources go first when the budget is spent; pinned ones stay.

    What lies in the vault is taken from there; what was fetched whole is handed to it.
    """

    def __init__(
        self,
        client: Callable[[], httpx.AsyncClient],
        resolve: Resolve,
        rule: AddressRule,
        options: SourceOptions | None = None,
        *,
        governor: Governor | None = None,
        vault: Vault | None = None,
        clock: Clock | None = None,
        ahead: ResolveAhead | None = None,
        recorder: FindRecorder = nobody,
    ) -> None:
        """`client` gives what fetches, without its auth and without redirects; `resolve` gives signed addresses."""
        self._recorder = recorder
        self.governor = governor or Governor()
        self._client, self._rule = client, rule
        self._options = options or SourceOptions()
        self._tickets = TicketDesk(resolve, clock or LoopClock(), ahead)
        self._vault = vault
        self._sources: dict[str, Held] = {}
        self._pinned: frozenset[str] = frozenset()
        self._warmed: str | None = None
        self._fetcher: asyncio.Task[httpx.AsyncClient] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._news: Callable[[], None] | None = None

    @property
    def held(self) -> int:
        """How many bytes of memory all sources use."""
        return sum(source.held for source in self._sources.values())

    def watch(self, news: Callable[[], None]) -> None:
        """Call `news` on the loop whenever what a track waits for has changed."""
        self._news = news

    def open(self, track_id: str) -> Held:
        """Return the source of a track, fetching all of it."""
        return self._take(track_id, everything=True)

    def prefetch(self, track_id: str) -> Held:
        """Return the source of a track, fetching what is needed to begin to play."""
        return self._take(track_id, everything=False)

    def warm(self, track_id: str) -> None:
        """Fetch the beginning of what the listener looks at; what was looked at before is given up if unfinished."""
        before, self._warmed = self._warmed, track_id
        source = self._sources.get(before) if before not in (None, track_id) else None
        is_unused = isinstance(source, TrackSource) and not source.is_wanted_whole and not source.is_ready
        if before is not None and is_unused and before not in self._pinned:
            self.forget(before)
        self.prefetch(track_id)

    def begun(self, source: Held) -> None:
        """A track sounds: all of it is fetched, and the vault counts it as played."""
        source.fetch(everything=True)
        if self._vault is not None:
            self._vault.played(source.track_id, source.quality)

    def expect(self, track_ids: Sequence[str]) -> None:
        """Get the addresses of tracks that the listener sees, without a byte of them."""
        self._tickets.expect(track_ids, self.governor.wanted)

    def pin(self, track_ids: Collection[str]) -> None:
        """Name the tracks that are in use; all others may be dropped, and no more of them is fetched."""
        self._pinned = frozenset(track_ids)
        for track_id, source in self._sources.items():
            if track_id not in self._pinned and isinstance(source, TrackSource):
                source.rest()

    def choose(self, quality: int | None, *, keep: str | None) -> None:
        """Ask for `quality` in kbit/s from now on, None for what the line carries; the track `keep` plays as it is."""
        self.governor.choose(quality)
        for track_id in self._sources.keys() - {keep}:
            self.forget(track_id)

    def stalled(self, track_id: str) -> bool:
        """The sound of a track stopped for want of bytes; return whether it should be opened again, now lower."""
        source = self._sources.get(track_id)
        if not isinstance(source, TrackSource) or source.complete or not source.is_steady:
            return False
        self.governor.stalled()
        if source.quality is None or self.governor.choice or self.governor.wanted >= source.quality:
            return False
        self.forget(track_id)
        return True

    def forget(self, track_id: str) -> None:
        """Drop a track, for instance because another quality is wanted; the next `open` fetches it afresh."""
        source = self._sources.pop(track_id, None)
        if source is not None:
            self._close_soon(source)

    @property
    def is_fetching(self) -> bool:
        """Whether something that is in use still comes over the network: others should give way."""
        used = (self._sources.get(track_id) for track_id in self._pinned)
        return any(isinstance(source, TrackSource) and source.is_busy for source in used)

    def is_kept(self, track_id: str) -> bool:
        """Whether a track can be played without the network."""
        source = self._sources.get(track_id)
        return (source is not None and source.complete) or (self._vault is not None and self._vault.has(track_id))

    def may_help_again(self, track_id: str, fault: Fault | None) -> bool:
        """A track ended with `fault`: return whether its next `open` gives something else to try.

        What was damaged and came from the vault is put away there, and is fetched.
        """
        source = self._sources.get(track_id)
        if fault in (Fault.DAMAGED, Fault.TOO_SHORT) and self._vault is not None:
            is_ours = source is not None and not isinstance(source, TrackSource)
            self.forget(track_id)
            return is_ours and self._vault.distrust(track_id)
        if fault is Fault.CHANGED:
            self.forget(track_id)
        return fault in (Fault.CHANGED, Fault.NO_OUTPUT)

    async def close(self) -> None:
        """Drop everything and wait until nothing is fetched any more."""
        for track_id in list(self._sources):
            self.forget(track_id)
        if self._closing:
            await asyncio.wait(self._closing)
        await self._tickets.close()
        if self._fetcher is not None:
            await asyncio.wait([self._fetcher])

    def _take(self, track_id: str, everything: bool) -> Held:
        source = self._sources.get(track_id)
        out_of_reach = False
        if source is not None and source.fault is not None:
            out_of_reach = source.fault in _OUT_OF_REACH
            self.forget(track_id)
            source = None
        if source is None:
            source = self._make(track_id, out_of_reach)
        self._sources.pop(track_id, None)
        self._sources[track_id] = source
        source.fetch(everything)
        self._keep_few_open(track_id)
        return source

    def _make(self, track_id: str, out_of_reach: bool) -> Held:
        self.governor.border()
        wanted = self.governor.wanted
        if self._vault is not None:
            # Out of reach, any quality is better than none.
            kept = self._vault.open(track_id, None if out_of_reach else wanted)
            if kept is not None:
                return kept
        watch = Watch(
            self._keep_to_budget,
            self.governor.fetched,
            lambda told: self.governor.answered(wanted, told),
            self._told_news,
            self._keep,
        )
        return TrackSource(track_id, self._supply(), wanted, watch)

    def _supply(self) -> Supply:
        if self._fetcher is None:
            # Reading the certificates of the system takes 50 ms, which the loop does not have; the ticket is asked for
            # meanwhile.
            self._fetcher = asyncio.create_task(asyncio.to_thread(self._client), name="audio client")
        fetcher = self._fetcher
        return Supply(lambda: asyncio.shield(fetcher), self._tickets, self._rule, self._options, self._recorder)

    def _told_news(self) -> None:
        if self._news is not None:
            self._news()

    def _keep(self, finished: Finished) -> None:
        if self._vault is not None:
            self._vault.keep(finished)

    def _keep_to_budget(self) -> None:
        for track_id in list(self._sources):
            if self.held <= self._options.budget:
                return
            if track_id not in self._pinned:
                self.forget(track_id)

    def _keep_few_open(self, wanted: str) -> None:
        """Files take no memory, but there are few descriptors: one for each track of a list would be too many."""
        loose = [
            track_id
            for track_id, source in self._sources.items()
            if not isinstance(source, TrackSource) and track_id != wanted and track_id not in self._pinned
        ]
        for track_id in loose[: max(0, len(loose) - KEPT_OPEN)]:
            self.forget(track_id)

    def _close_soon(self, source: Held) -> None:
        task = asyncio.get_running_loop().create_task(source.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def to_kept(queue: PlayQueue[PlayableTrack], shelf: SourceShelf) -> bool:
    """Go on in the queue to the next track that needs no network; return False, and stay, where there is none."""
    if not any(shelf.is_kept(entry.track_id) for entry in queue.upcoming):
        return False
    entry = queue.next(manual=True)
    while entry is not None and not shelf.is_kept(entry.track_id):
        entry = queue.next(manual=True)
    return entry is not None
