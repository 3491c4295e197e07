"""Signed addresses: one for each track and quality, used until shortly before it expires, never asked for twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui.player.clock import Clock
from tui.player.source import Resolve, ResolveAhead, StreamInfo

MARGIN_MS = 30_000
"""A ticket is not used any more so long before it expires: a request under way should end in time."""
_KEPT = 256
_Key = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class _Known:
    info: StreamInfo
    is_dated: bool
    """Whether its time can be believed: one that had expired when it came says that the clocks disagree."""


class TicketDesk:
    """Asks the platform for addresses and remembers them; whoever wants the same one at the same time shares it."""

    def __init__(self, resolve: Resolve, clock: Clock, ahead: ResolveAhead | None = None) -> None:
        """`resolve` asks the platform, `ahead` for several at once; `clock` tells the time by which tickets expire."""
        self._resolve, self._clock, self._ahead = resolve, clock, ahead
        self._expecting: asyncio.Task[None] | None = None
        self._known: OrderedDict[_Key, _Known] = OrderedDict()
        self._asking: dict[_Key, asyncio.Task[StreamInfo]] = {}

    def at_hand(self, track_id: str, quality: int | None) -> StreamInfo | None:
        """Return a ticket that is known and still good, or None."""
        known = self._known.get((track_id, quality))
        if known is None or not self._is_good(known):
            return None
        return known.info

    async def ticket(self, track_id: str, quality: int | None) -> StreamInfo:
        """Return a good ticket, asking for one if need be; raises what `resolve` raises."""
        ready = self.at_hand(track_id, quality)
        if ready is not None:
            return ready
        key = track_id, quality
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key), name=f"ticket {track_id}")
            self._asking[key] = task
            task.add_done_callback(lambda done: self._asked(key, done))
        # Who loses interest takes nothing away from the others, and the ticket may be wanted again soon.
        return await asyncio.shield(task)

    def expect(self, track_ids: Sequence[str], quality: int | None) -> None:
        """Ask for what is not known yet of tickets that may be wanted soon, all at once and one question at a time.

        What is expected later takes the place of what was expected before and is not here yet. A few at the edge of
        what is known wait until there are more of them.
        """
        missing = [
            track_id
            for track_id in track_ids
            if self.at_hand(track_id, quality) is None and (track_id, quality) not in self._asking
        ]
        if self._ahead is None or len(missing) <= len(track_ids) // 4:
            return
        if self._expecting is not None:
            self._expecting.cancel()
        self._expecting = asyncio.create_task(self._ask_ahead(self._ahead, missing, quality), name="tickets ahead")

    async def _ask_ahead(self, ahead: ResolveAhead, track_ids: list[str], quality: int | None) -> None:
        for track_id, info in (await ahead(track_ids, quality)).items():
            self._keep((track_id, quality), info)

    def refused(self, track_id: str, quality: int | None, info: StreamInfo) -> None:
        """The host of the audio does not take this ticket any more: the next one is a fresh one."""
        known = self._known.get((track_id, quality))
        if known is not None and known.info is info:
            del self._known[track_id, quality]

    def forget(self) -> None:
        """Drop every ticket."""
        self._known.clear()

    async def close(self) -> None:
        """End what is being asked."""
        tasks: list[asyncio.Task[Any]] = [*self._asking.values()]
        tasks += [self._expecting] if self._expecting is not None else []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, key: _Key) -> StreamInfo:
        info = await self._resolve(*key)
        self._keep(key, info)
        return info

    def _keep(self, key: _Key, info: StreamInfo) -> None:
        self._known[key] = _Known(info, info.expires_at_ms - MARGIN_MS > self._clock.wall_ms())
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _asked(self, key: _Key, task: asyncio.Task[StreamInfo]) -> None:
        del self._asking[key]
        if not task.cancelled():
            # Looked at, because those who asked may all have gone.
            task.exception()

    def _is_good(self, known: _Known) -> bool:
        return not known.is_dated or known.info.expires_at_ms - MARGIN_MS > self._clock.wall_ms()
