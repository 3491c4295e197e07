"""Marks on the items of a list, to act on several at once: kept by the key of the item, whatever moves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TypeVar

from widgets import list_messages
from widgets.list_body import RENDER_ERRORS
from widgets.list_content import ListContent

T = TypeVar("T")


class ListMarks(ListContent[T], inherit_bindings=False):
    """A list whose items can be marked, if it was made with `marks`.

    A mark goes with its item when that is taken out, and stays with it when it is updated, folded away or moved.
    """

    @property
    def has_marks(self) -> bool:
        """Whether items can be marked."""
        return self._has_marks

    @property
    def marked(self) -> list[str]:
        """The keys of the marked items, from the top down."""
        return list(filter(self._marks.__contains__, self._body.rows.keys())) if self._marks else []

    @property
    def mark_count(self) -> int:
        """How many items are marked."""
        return len(self._marks)

    def is_marked(self, key: str) -> bool:
        """Return whether the item with `key` is marked."""
        return key in self._marks

    def may_mark(self, key: str) -> bool:
        """Return whether the item with `key` can be marked."""
        return key in self._body.rows and self._takes_mark(self._body.rows.item(key))

    def _takes_mark(self, item: T) -> bool:
        renderer = self._body.renderer
        try:
            return self._has_marks and renderer.may_mark(item) and not renderer.is_gap(item)
        except RENDER_ERRORS:
            return False

    def toggle_mark(self, key: str | None = None) -> bool:
        """Mark an item, or mark it no more, by default the one at the cursor; return whether anything changed."""
        key = self._cursor if key is None else key
        if key is None or not self.may_mark(key):
            return False
        self._marked_last = key
        self._set_marks(self._marks ^ {key})
        return True

    def mark_up_to(self, key: str | None = None) -> None:
        """Mark what can be seen from the item that was marked last to `key`, by default to the cursor."""
        rows = self._body.rows
        key = self._cursor if key is None else key
        if key is None or key not in rows:
            return
        start = self._marked_last
        if start is None or start not in rows:
            start = key
        first, last = sorted((rows.position(start), rows.position(key)))
        between = islice(zip(rows.keys(), rows, strict=True), first, last + 1)
        seen = {found for found, item in between if self._takes_mark(item) and not rows.is_hidden(found)}
        self._set_marks(self._marks | seen)
        self._marked_last = key

    def mark_all(self) -> None:
        """Mark every item, folded ones too."""
        self._set_marks(self._markable())

    def mark_none(self) -> bool:
        """Take all marks away; return whether there were any."""
        had = bool(self._marks)
        self._marked_last = None
        self._set_marks(frozenset())
        return had

    def invert_marks(self) -> None:
        """Mark what is not marked, and nothing else."""
        self._set_marks(self._markable() - self._marks)

    def _markable(self) -> frozenset[str]:
        """Return the keys of everything that can be marked."""
        rows = self._body.rows
        return frozenset(key for key, item in zip(rows.keys(), rows, strict=True) if self._takes_mark(item))

    def _set_marks(self, marks: frozenset[str]) -> None:
        self._note_marks(marks)
        self._sync()

    def _note_marks(self, marks: frozenset[str]) -> None:
        if marks != self._marks:
            self._marks = marks
            self.post_message(list_messages.MarksChanged(self, len(marks)))

    def _change(self, change: Callable[[], object], *, keep: bool = True) -> None:
        super()._change(change, keep=keep)
        if self._marks:
            self._note_marks(frozenset(key for key in self._marks if key in self._body.rows))
