"""Remembers how far somebody has read in a list, also between runs."""

from __future__ import annotations

from typing import Any

from api_client.sync.cache import Cache, Position
from widgets.virtual_list import VirtualList


class ReadPosition:
    """The position in one list at one place."""

    def __init__(self, shown: VirtualList[Any], cache: Cache, place: str) -> None:
        """`place` names the list in the cache, such as `feed:home`."""
        self._shown = shown
        self._cache = cache
        self._place = place
        self._wanted = cache.position(place)

    @property
    def moved(self) -> bool:
        """Whether the list stands somewhere else than at its beginning."""
        here, first = self._shown.position, next(iter(self._shown.keys), None)
        return here is not None and (here[0] != first or here[1] < 0)

    def restore(self) -> None:
        """Go to where it was left, once that is in the list; whoever has moved meanwhile is left alone."""
        wanted = self._wanted
        if wanted is None or wanted.item_key not in self._shown.keys:
            return
        if not self.moved:
            self._shown.show_position(wanted.item_key, wanted.offset)
        if self._shown.position is not None:
            self._wanted = None
        else:
            # The list has its items, and no place on the screen yet.
            self._shown.call_after_refresh(self.restore)

    def keep(self) -> None:
        """Remember where it stands now."""
        here = self._shown.position
        if here is not None:
            self._cache.keep_position(self._place, Position(*here))
