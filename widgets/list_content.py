"""The content of a virtual list as a screen changes it: items that come and go, folds, notes for loading and errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from widgets import list_messages
from widgets.item_renderer import GapState
from widgets.list_gaps import BOTTOM, TOP, ListGaps
from widgets.list_search import Sought

T = TypeVar("T")

SIGN_AFTER = 0.2
"""Seconds after which it is said that a list is being put together."""
_TURN = 0.008
"""Seconds after which others have their turn: half a frame."""


class ListContent(ListGaps[T], inherit_bindings=False):
    """A list surface whose items can be changed while what is read stays in its place."""

    # -- content -------------------------------------------------------------------------------------------------

    @property
    def items(self) -> Sequence[T]:
        """All items in order, folded ones as well."""
        return list(self._body.rows)

    @property
    def keys(self) -> list[str]:
        """The keys of all items, hidden ones too, in order."""
        return list(self._body.rows.keys())

    def __len__(self) -> int:
        return len(self._body.rows)

    def __bool__(self) -> bool:
        return True  # a widget, even while it is empty

    def item(self, key: str) -> T | None:
        """Return the item with `key`."""
        return self._body.rows.item(key) if key in self._body.rows else None

    def set_items(self, items: Iterable[T], *, keep_anchor: bool = True) -> None:
        """Show `items` and nothing else; without `keep_anchor` from the start (from the end, when following)."""
        rows = self._body.rows
        end = next(reversed(list(rows.keys())), None) if self._follow and not self._ended else None
        with self._steady():
            self._arrived()
            self._change(lambda: rows.load(items), keep=keep_anchor)
            self._armed = {"top": True, "bottom": True}
        if not keep_anchor:
            self._start_over()
        elif end is not None and end in rows:
            self._count_below(len(rows) - rows.position(end) - 1)

    async def set_items_in_turns(self, items: Iterable[T], *, sign: str) -> None:
        """Do as `set_items` does, letting others have their turn: for lists of many thousands.

        Until everything is put together the list stays as it is, and is read on; when that takes a while, `sign` stands
        over its first line. Whoever cancels this leaves the list as it was. A later change of the items is not lost:
        it is overtaken, as by `set_items`.
        """
        rows = self._body.rows.beside()
        began = until = time.perf_counter()
        until += _TURN
        try:
            for _ in rows.loading(items):
                if (now := time.perf_counter()) >= until:
                    if now - began >= SIGN_AFTER:
                        self._show_sign(sign)
                    await asyncio.sleep(0)
                    until = time.perf_counter() + _TURN
        finally:
            self._show_sign("")
        with self._steady():
            self._arrived()
            self._change(lambda: self._body.rows.become(rows))
            self._armed = {"top": True, "bottom": True}

    def _show_sign(self, sign: str) -> None:
        if sign != self._sign:
            self._sign = sign
            self._sync()

    def append(self, items: Iterable[T]) -> None:
        """Add `items` at the end; those already there are replaced in their places."""
        added = 0

        def change() -> None:
            nonlocal added
            added = self._body.rows.insert(len(self._body.rows), items)

        ended = self._ended
        with self._steady():
            self._arrived()
            self._change(change)
            if added:
                self._armed["bottom"] = True
        if self._follow and not ended:
            self._count_below(added)

    def prepend(self, items: Iterable[T]) -> None:
        """Add `items` before the first one; those already there are replaced in their places."""
        with self._steady():
            self._arrived()
            before = len(self._body.rows)
            self._change(lambda: self._body.rows.insert(0, items))
            if len(self._body.rows) > before:
                self._armed["top"] = True

    def insert_after(self, key: str, items: Iterable[T]) -> None:
        """Add `items` right after `key`; KeyError when there is no such item."""
        position = self._body.rows.position(key) + 1
        with self._steady():
            self._change(lambda: self._body.rows.insert(position, items))

    def update(self, item: T) -> bool:
        """Put `item` in the place of the one with its key; return whether there was one."""
        replaced = False

        def change() -> None:
            nonlocal replaced
            replaced = self._body.rows.replace(item)

        with self._steady():
            self._change(change)
        return replaced

    def remove_item(self, key: str) -> bool:
        """Take out the item with `key`; return whether there was one."""
        if key not in self._body.rows:
            return False
        with self._steady():
            self._body.forget(key)
            self._change(lambda: self._body.rows.remove(key))
        return True

    def invalidate(self, key: str) -> None:
        """Draw `key` anew, because something beside the item has changed (a picture has come)."""
        with self._steady():
            self._body.forget(key)

    def redraw(self) -> None:
        """Draw everything anew as it comes into view, because a setting or the time of day has changed."""
        with self._steady():
            self._body.repaint()

    def show_loading(self) -> None:
        """Say that items are on their way: as grey bars, or below the items there are; until some arrive."""
        self._announce("loading", GapState("loading"))

    @property
    def has_failed(self) -> bool:
        """Whether a sentence stands where items should be."""
        return self._state == "error"

    def show_error(self, sentence: str) -> None:
        """Say why there is nothing to show, or nothing more, below the items there are; until some arrive."""
        self._error = sentence
        self._announce("error", GapState("failed", sentence))

    def _announce(self, state: Literal["loading", "error"], gap: GapState) -> None:
        self._state = state
        if len(self._body.rows):
            self._body.footer = None
            self._set_gap(BOTTOM, gap)
        self._sync()

    def _arrived(self) -> None:
        """Take back what was said about items on their way."""
        if self._state != "items":
            self._state = "items"
            self._body.gaps.pop(BOTTOM, None)
            self._body.changed()

    def text_of(self, key: str) -> str:
        """Return what is drawn of the item with `key`, without colours: to be copied or read out."""
        return self._body.text(key) if self._ready and key in self._body.rows else ""

    def words_of(self, key: str) -> str:
        """Return what the item with `key` says, to be searched: more than is shown of it, or less."""
        return self._body.words(key) if self._ready and key in self._body.rows else ""

    @property
    def sought(self) -> Sought:
        """What stands out wherever it is drawn."""
        return self._sought

    @sought.setter
    def sought(self, sought: Sought) -> None:
        if sought != self._sought:
            self._sought = sought
            self._looks = None
            self._body.undress()
            self._sync()

    def set_empty(self, sentence: str) -> None:
        """Say this where there are no items, from now on."""
        if sentence != self._empty:
            self._empty = sentence
            self._sync()

    def set_header(self, text: str | None) -> None:
        """Show one line above the first item, or none."""
        with self._steady():
            self._body.header = text
            self._body.changed()

    def set_footer(self, text: str | None) -> None:
        """Show one line below the last item, or none."""
        with self._steady():
            self._body.footer = text
            self._body.gaps.pop(BOTTOM, None)
            self._body.changed()

    def _change(self, change: Callable[[], object], *, keep: bool = True) -> None:
        """Change the items and see to it that the cursor stands on one that is shown."""
        rows = self._body.rows
        position = rows.position(self._cursor) if self._cursor is not None else 0
        had = self._cursor
        change()
        self._body.changed()
        for gone in [key for key in self._body.gaps if key not in (TOP, BOTTOM) and key not in rows]:
            del self._body.gaps[gone]
        if not len(rows):
            self._set_cursor(None)
        elif had is None or not keep:
            self._set_cursor(None if self._follow else rows.first())
        elif had not in rows:
            self._set_cursor(self._nearest_visible(rows.key_at(min(position, len(rows) - 1))))
        else:
            self._set_cursor(self._nearest_visible(had))

    def _start_over(self) -> None:
        self._spans = []
        if self._ready:
            self._begin()
        self._sync()

    def _count_below(self, added: int) -> None:
        if added and not self._ended:
            self._unseen += added
            self.post_message(list_messages.NewBelow(self, self._unseen))

    # -- cursor -------------------------------------------------------------------------------------------------

    @property
    def highlighted(self) -> T | None:
        """The item on which the cursor stands."""
        return None if self._cursor is None else self._body.rows.item(self._cursor)

    @property
    def highlighted_key(self) -> str | None:
        """The key of the item on which the cursor stands."""
        return self._cursor

    def _set_cursor(self, key: str | None) -> None:
        if key != self._cursor:
            self._cursor, self._first_row = key, None
            self.post_message(list_messages.Highlighted(self, self.highlighted))

    # -- folds --------------------------------------------------------------------------------------------------

    def is_folded(self, key: str) -> bool:
        """Return whether the descendants of `key` are hidden."""
        return self._body.rows.is_folded(key)

    def fold(self, key: str) -> bool:
        """Hide the descendants of `key`; return whether anything changed. A cursor among them goes to `key`."""
        return self._refold(lambda: key in self._body.rows and self._body.rows.fold(key))

    def unfold(self, key: str) -> bool:
        """Show the descendants of `key` again; return whether anything changed."""
        return self._refold(lambda: self._body.rows.unfold(key))

    def toggle_fold(self, key: str) -> bool:
        """Fold or unfold `key`; return whether it is folded now."""
        return not self.unfold(key) and self.fold(key)

    def fold_only(self, keys: Iterable[str]) -> None:
        """Fold `keys` and unfold everything else, in one go."""
        wanted = set(keys)
        with self._steady():
            self._change(lambda: self._body.rows.fold_exactly(wanted))

    def fold_more(self, keys: Iterable[str]) -> None:
        """Fold `keys` as well, in one go."""
        more = set(keys)
        if more:
            with self._steady():
                self._change(lambda: self._body.rows.fold_also(more))

    def _refold(self, change: Callable[[], bool]) -> bool:
        changed = False

        def run() -> None:
            nonlocal changed
            changed = change()

        with self._steady():
            self._change(run)
        return changed
