"""Signed addresses: one for each track and quality, used until shortly before it expires, never asked for twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from tui.player.clock import Clock
from tui.player.source import Resolve, StreamInfo

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

    def __init__(self, resolve: Resolve, clock: Clock) -> None:
        """`resolve` asks the platform; `clock` tells the time by which tickets expire."""
        self._resolve, self._clock = resolve, clock
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
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _ask(self, key: _Key) -> StreamInfo:
        info = await self._resolve(*key)
        self._known[key] = _Known(info, info.expires_at_ms - MARGIN_MS > self._clock.wall_ms())
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return info

    def _asked(self, key: _Key, task: asyncio.Task[StreamInfo]) -> None:
        del self._asking[key]
        if not task.cancelled():
            # Looked at, because those who asked may all have gone.
            task.exception()

    def _is_good(self, known: _Known) -> bool:
        return not known.is_dated or known.info.expires_at_ms - MARGIN_MS > self._clock.wall_ms()
