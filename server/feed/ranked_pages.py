"""Paging through a ranking that moves: the order is fixed at the first page and kept for the next ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.db import from_micros, micros, new_id
from server.paging import decode_cursor, encode_cursor
from server.problems import invalid

RANKING_DEPTH = 1000
"""How many posts deep a ranking goes."""
IDS_KEPT = 400_000
"""Ids over all kept orders; the order used longest ago is dropped first."""

Build = Callable[[datetime], Awaitable[Sequence[str]]]
"""Makes the order as of a point in time, leaving out what is newer."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The part of an order that a cursor has not shown yet."""

    order: Sequence[str]
    shown: int
    ranked_at: datetime
    token: str

    @property
    def is_first(self) -> bool:
        """Whether nothing of the order was shown before."""
        return self.shown == 0

    def take(self, count: int) -> Sequence[str]:
        """Return the next ids, at most `count`."""
        return self.order[self.shown : self.shown + count]

    def cursor_after(self, count: int) -> str | None:
        """Return the cursor behind the next `count` ids, None at the end."""
        end = self.shown + count
        if end >= len(self.order):
            return None
        return encode_cursor(self.token, micros(self.ranked_at), end, self.order[end - 1] if end else "")


class RankedPages:
    """The orders that are being paged through.

    Votes that arrive while somebody reads would otherwise move posts across the border between two pages, to be shown
    twice or never. An order that was dropped is made again as of its first page; then the cursor goes on behind the
    last id it showed, or by position if that is gone.
    """

    def __init__(self, ids_kept: int = IDS_KEPT) -> None:
        self._ids_kept = ids_kept
        self._orders: OrderedDict[tuple[str, ...], Sequence[str]] = OrderedDict()
        self._size = 0

    async def rest(self, question: tuple[str, ...], cursor: str | None, now: datetime, build: Build) -> Rest:
        """Return what `cursor` has not shown yet of the answer to `question`; without a cursor a new order begins.

        Raises Problem VALIDATION_ERROR for a cursor that was not made here.
        """
        if cursor is None:
            token = new_id()
            order = await build(now)
            self._keep((token, *question), order)
            return Rest(order, 0, now, token)
        token, ranked_micros, shown, last_id = decode_cursor(cursor, str, int, int, str)
        try:
            ranked_at = from_micros(ranked_micros)
        except OverflowError:
            raise invalid("cursor", "This cursor does not belong to this list.") from None
        shown = max(0, shown)
        key = (token, *question)
        kept = self._orders.get(key)
        if kept is not None:
            self._orders.move_to_end(key)
            return Rest(kept, shown, ranked_at, token)
        order = await build(ranked_at)
        self._keep(key, order)
        if last_id in order:
            shown = order.index(last_id) + 1
        return Rest(order, shown, ranked_at, token)

    def _keep(self, key: tuple[str, ...], order: Sequence[str]) -> None:
        self._size += len(order) - len(self._orders.pop(key, ()))
        self._orders[key] = order
        while self._size > self._ids_kept and len(self._orders) > 1:
            _, dropped = self._orders.popitem(last=False)
            self._size -= len(dropped)
