"""The shelf of track sources: the last played and the next to play stay in memory, within one budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from api_client.postponed import httpx
from tui.player.downloader import TrackSource
from tui.player.source import AddressRule, Resolve, SourceOptions


class SourceShelf:
    """Least recently used sources go first when the budget is spent; pinned ones stay."""

    def __init__(
        self,
        client: Callable[[], httpx.AsyncClient],
        resolve: Resolve,
        rule: AddressRule,
        options: SourceOptions | None = None,
    ) -> None:
        """`client` gives what fetches, without its auth and without redirects; `resolve` gives signed addresses."""
        self._client, self._resolve, self._rule = client, resolve, rule
        self._options = options or SourceOptions()
        self._sources: dict[str, TrackSource] = {}
        self._pinned: frozenset[str] = frozenset()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def held(self) -> int:
        """How many bytes of memory all sources use."""
        return sum(source.held for source in self._sources.values())

    def open(self, track_id: str) -> TrackSource:
        """Return the source of a track, fetching all of it."""
        return self._take(track_id, everything=True)

    def prefetch(self, track_id: str) -> TrackSource:
        """Return the source of a track, fetching what is needed to begin to play."""
        return self._take(track_id, everything=False)

    def pin(self, track_ids: Collection[str]) -> None:
        """Name the tracks that are in use; all others may be dropped."""
        self._pinned = frozenset(track_ids)

    def forget(self, track_id: str) -> None:
        """Drop a track, for instance because another quality is wanted; the next `open` fetches it afresh."""
        source = self._sources.pop(track_id, None)
        if source is not None:
            self._close_soon(source)

    async def close(self) -> None:
        """Drop everything and wait until nothing is fetched any more."""
        for track_id in list(self._sources):
            self.forget(track_id)
        if self._closing:
            await asyncio.wait(self._closing)

    def _take(self, track_id: str, everything: bool) -> TrackSource:
        source = self._sources.get(track_id)
        if source is not None and source.fault is not None:
            self.forget(track_id)
            source = None
        if source is None:
            client = self._client()
            source = TrackSource(track_id, client, self._resolve, self._rule, self._options, self._keep_to_budget)
        self._sources.pop(track_id, None)
        self._sources[track_id] = source
        source.fetch(everything)
        return source

    def _keep_to_budget(self) -> None:
        for track_id in list(self._sources):
            if self.held <= self._options.budget:
                return
            if track_id not in self._pinned:
                self.forget(track_id)

    def _close_soon(self, source: TrackSource) -> None:
        task = asyncio.get_running_loop().create_task(source.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
