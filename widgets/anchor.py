"""What a window over rows of unequal height shows, held by an item and a line within it, never by an absolute row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Rows(Protocol):
    """The rows under a window: visible keys in order, each with the exact number of its lines (at least 1)."""

    def first(self) -> str | None:
        """Return the first key, None when there is none."""

    def last(self) -> str | None:
        """Return the last key, None when there is none."""

    def after(self, key: str) -> str | None:
        """Return the key after `key`."""

    def before(self, key: str) -> str | None:
        """Return the key before `key`."""

    def measure(self, key: str) -> int:
        """Return the lines of `key`, drawing it if that is how one knows."""


class Anchor(NamedTuple):
    """A place in the content that stays what it is when things come and go around it."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """A run of lines of one item on the screen."""

    key: str
    line: int
    """The first line shown, counted within the item."""
    count: int
    """How many lines are shown."""
    y: int
    """The screen row of the first line shown."""


class Window:
    """A window of some height over rows; all heights in cells, all screen rows from 0 at its top."""

    def __init__(self, rows: Rows, *, sink: bool = False) -> None:
        """With `sink`, content shorter than the window lies at its bottom, as in a chat."""
        self._rows = rows
        self._sink = sink
        self._top: Anchor | None = None
        self.height = 0

    @property
    def top(self) -> Anchor | None:
        """The place at the first row of the window; None while nothing is shown."""
        return self._top

    def spans(self) -> list[Span]:
        """Return what is shown, from the top down."""
        spans = list(self._fill())
        if self._sink and spans:
            last = spans[-1]
            gap = self.height - (last.y + last.count)
            if gap > 0:
                return [Span(span.key, span.line, span.count, span.y + gap) for span in spans]
        return spans

    def _fill(self) -> Iterator[Span]:
        if self._top is None:
            return
        key: str | None = self._top.key
        line, y = self._top.line, 0
        while key is not None and y < self.height:
            count = min(self._rows.measure(key) - line, self.height - y)
            yield Span(key, line, count, y)
            y += count
            line = 0
            key = self._rows.after(key)

    def place(self, key: str, line: int, y: int) -> None:
        """Show line `line` of `key` at screen row `y`, or as near to it as the ends of the content allow."""
        self._top = self._at(key, line - y)
        self._fill_bottom()

    def move(self, lines: int) -> bool:
        """Move the window down by `lines` (up if negative), stopping at the ends; return whether it did move."""
        if self._top is None:
            return False
        before = self._top
        self.place(before.key, before.line + lines, 0)
        return self._top != before

    def to_top(self) -> None:
        """Show the first row."""
        first = self._rows.first()
        self._top = None if first is None else Anchor(first, 0)

    def to_bottom(self) -> None:
        """Show the last row at the bottom."""
        last = self._rows.last()
        if last is None:
            self._top = None
        else:
            self.place(last, self._rows.measure(last) - 1, self.height - 1)

    @property
    def at_top(self) -> bool:
        """Whether the first row is shown."""
        return self._top is None or (self._top.line == 0 and self._rows.before(self._top.key) is None)

    @property
    def at_bottom(self) -> bool:
        """Whether the last row is shown."""
        return self.ends_with(list(self._fill()))

    def ends_with(self, spans: list[Span]) -> bool:
        """Return whether the last row is among `spans`, which are those that are shown."""
        if not spans:
            return True
        last = spans[-1]
        whole = last.line + last.count == self._rows.measure(last.key)
        return whole and self._rows.after(last.key) is None

    def _at(self, key: str, line: int) -> Anchor:
        """Return the place `line` lines below the start of `key`, where `line` may lie outside of it."""
        while line < 0:
            previous = self._rows.before(key)
            if previous is None:
                return Anchor(key, 0)
            key = previous
            line += self._rows.measure(key)
        while line >= (count := self._rows.measure(key)):
            following = self._rows.after(key)
            if following is None:
                return Anchor(key, count - 1)
            key = following
            line -= count
        return Anchor(key, line)

    def _fill_bottom(self) -> None:
        """Move up when rows are wanting at the bottom while there are some above."""
        shown = sum(span.count for span in self._fill())
        if self._top is not None and shown < self.height:
            self._top = self._at(self._top.key, self._top.line - (self.height - shown))
