"""Where somebody was reading in a list: kept at every move, and found again when the list is opened again."""

from __future__ import annotations

from typing import Any

from api_client.sync.cache import Cache, Position
from widgets.virtual_list import VirtualList

_STEPS = 200
"""Lines that are scrolled, at most, to bring an item back to its height on the screen."""


class KeptPlace:
    """One list and the place in it. What is kept is the item at the cursor, and how many items stand above it."""

    def __init__(self, cache: Cache, items: VirtualList[Any]) -> None:
        self._cache = cache
        self._items = items
        self._place: str | None = None
        self._sought: Position | None = None

    def open(self, place: str) -> None:
        """Another list is shown, under the name `place`: look for where it was left."""
        self._place = place
        self._sought = self._cache.position(place)

    def settle(self) -> None:
        """Everything has come: if the item is not there, it is no more."""
        self._sought = None

    def find(self) -> None:
        """Go to the item, if it has come; to be called whenever items have."""
        sought = self._sought
        if sought is not None and self._items.item(sought.item_key) is not None:
            self._sought = None
            self._items.highlight(sought.item_key)
            self._items.call_after_refresh(self._bring_back, sought)

    def _bring_back(self, sought: Position) -> None:
        """Scroll until as many items stand above the item as did before."""
        for _ in range(_STEPS):
            shown = self._items.visible_keys
            if sought.item_key not in shown or self._items.highlighted_key != sought.item_key:
                return
            above = shown.index(sought.item_key)
            if above == sought.offset or not self._items.scroll_lines(1 if above > sought.offset else -1):
                return

    def keep(self) -> None:
        """Keep where the cursor is now; to be called at every move."""
        key = self._items.highlighted_key
        if self._place is None or self._sought is not None or key is None:
            return
        shown = self._items.visible_keys
        self._cache.keep_position(self._place, Position(key, shown.index(key) if key in shown else 0))
