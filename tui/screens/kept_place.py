"""Where somebody was reading in a list: kept at every move, and found again when the list is opened again."""

from __future__ import annotations

from typing import Any

from api_client.sync.cache import Cache, Position
from widgets.virtual_list import VirtualList


class KeptPlace:
    """One list that shows one thing after another, and the place in each: the item, and its row on the screen."""

    def __init__(self, cache: Cache, items: VirtualList[Any]) -> None:
        self._cache = cache
        self._items = items
        self._place: str | None = None
        self._sought: Position | None = None

    def open(self, place: str) -> None:
        """Something else is shown, under the name `place`: look for where it was left."""
        self._place = place
        self._sought = self._cache.position(place)

    @property
    def sought(self) -> str | None:
        """The key of the item that is looked for, None once it is found, or where nothing is."""
        return self._sought.item_key if self._sought is not None else None

    def settle(self) -> None:
        """Everything has come: if the item is not there, it is no more."""
        self._sought = None

    def find(self) -> None:
        """Go to the item, if it has come; to be called whenever items have."""
        sought = self._sought
        if sought is not None and self._items.show_position(sought.item_key, sought.offset):
            self._sought = None

    def keep(self) -> None:
        """Keep where the list stands now; to be called at every move, and before something else is shown."""
        here = self._items.position
        if self._place is not None and self._sought is None and here is not None:
            self._cache.keep_position(self._place, Position(*here))
