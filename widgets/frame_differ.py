"""What is on the terminal, and the least that has to be written to change it into another frame.

The cells are compared with those of the new frame and only the difference is written. Lines that moved up or down
together are moved by the terminal itself (a scroll region with deleted or inserted lines). A line that holds characters
over whose width terminals disagree is written as a whole, with the cursor put anew after each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import ne, or_
from typing import NamedTuple

from rich.color import ColorSystem

from widgets.frame_cells import NO_PEN, REST, UNKNOWN, CellLine, Cells, Pen, is_odd, is_wide_beyond_doubt

_GAP = 5
"""Cells that are rather written again than jumped over."""
_ERASE_FROM = 9
"""Blanks that are rather erased than written."""
_SAME = re.compile(r"(.)\1*", re.DOTALL)


class Piece(NamedTuple):
    """A part of a line, with the place on the screen of its first cell."""

    y: int
    x: int
    line: CellLine


class Shift(NamedTuple):
    """A hint that the lines from `top` to before `bottom` moved up by `lines` (down if negative)."""

    top: int
    bottom: int
    lines: int


class FrameDiffer:
    """Knows what the terminal shows, cell by cell, and what it is to show."""

    def __init__(self, colours: ColorSystem, *, erases: bool) -> None:
        """`erases`: whether erased cells take the background colour (`bce` and `ech` of terminfo)."""
        self._colours = colours
        self._erases = erases
        self.cells = Cells(colours)
        self._rows: list[CellLine] = []
        self._wanted: dict[int, CellLine] = {}
        self._shift: Shift | None = None
        self._stamps: list[object] = []
        self.width = 0
        self._moved = ""
        self._out: list[str] = []
        self._pen = NO_PEN
        self._at: tuple[int, int] = (-1, -1)

    @property
    def height(self) -> int:
        """Lines of the screen."""
        return len(self._rows)

    @property
    def is_pending(self) -> bool:
        """Whether something was laid that is not written yet."""
        return bool(self._wanted or self._moved)

    def reset(self, width: int, height: int) -> None:
        """Know nothing of what a terminal of this size shows."""
        if self.cells.is_full:
            self.cells = Cells(self._colours)
        self.width = width
        self._rows = [self._unknown()] * height
        self._stamps = [None] * height
        self._wanted, self._shift, self._moved = {}, None, ""

    def _unknown(self) -> CellLine:
        return CellLine(UNKNOWN * self.width, NO_PEN * self.width)

    def shown(self, y: int) -> CellLine:
        """Return what line `y` is to show."""
        return self._wanted.get(y) or self._rows[y]

    # -- what is to be shown

    def lay(self, pieces: Iterable[Piece], shift: Shift | None = None) -> None:
        """Take `pieces` over what is to be shown; a `shift` that does not help is left out."""
        rows, wanted, height = self._rows, self._wanted, len(self._rows)
        for y, x, line in pieces:
            if 0 <= y < height and 0 <= x < self.width and line.text:
                wanted[y] = self._laid(wanted.get(y) or rows[y], x, line)
                self._stamps[y] = None
        if shift is not None:
            # Of two moves before a frame only one and the same region can be told as one.
            before = self._shift or Shift(shift.top, shift.bottom, 0)
            same = before[:2] == shift[:2]
            self._shift = Shift(shift.top, shift.bottom, before.lines + shift.lines) if same else None

    def stamp(self, y: int, stamp: object) -> None:
        """Mark what line `y` is to show."""
        self._stamps[y] = stamp

    def forget_stamps(self) -> None:
        """Mark nothing any more."""
        self._stamps = [None] * len(self._rows)

    @property
    def stamps(self) -> Sequence[object]:
        """The marks of the lines; None where something else was laid over a line since."""
        return self._stamps

    def scroll(self, shift: Shift, left: int, right: int) -> None:
        """Let the terminal move lines; only their cells from `left` to before `right` are meant to move.

        Marks move with their lines. Nothing may be waiting to be written.
        """
        top, bottom, lines = shift
        before = self._rows[top:bottom]
        self._scroll(shift)
        marks = self._stamps[top:bottom]
        none: list[object] = [None] * abs(lines)
        self._stamps[top:bottom] = [*marks[lines:], *none] if lines > 0 else [*none, *marks[:lines]]
        for y, old in enumerate(before, top):
            new = self._rows[y]
            text, pens = old
            if (
                text[:left] != new.text[:left]
                or pens[:left] != new.pens[:left]
                or (right < self.width and (text[right:] != new.text[right:] or pens[right:] != new.pens[right:]))
            ):
                self._wanted[y], self._stamps[y] = old, None

    # -- what is written

    def draw(self, pieces: Iterable[Piece], shift: Shift | None = None) -> str:
        """Return what changes the terminal so that it shows `pieces` over what it shows; it is taken as written."""
        self.lay(pieces, shift)
        return self.flush()

    def flush(self) -> str:
        """Return what changes the terminal so that it shows what it is to show; it is taken as written.

        The cursor may stand anywhere afterwards.
        """
        rows, wanted, shift = self._rows, self._wanted, self._shift
        self._out, self._pen, self._at = [self._moved], NO_PEN, (-1, -1)
        self._wanted, self._shift, self._moved = {}, None, ""
        if shift is not None and self._helps(shift, wanted):
            for y in range(shift.top, shift.bottom):
                wanted.setdefault(y, rows[y])
            self._scroll(shift)
            self._out.append(self._moved)
            self._moved = ""
            self.forget_stamps()
        for y in sorted(wanted):
            if wanted[y] != rows[y]:
                self._change(y, rows[y], wanted[y])
                rows[y] = wanted[y]
        self._take(NO_PEN)
        return "".join(self._out)

    def _laid(self, row: CellLine, x: int, line: CellLine) -> CellLine:
        """Return `row` with `line` over it from column `x`; what is cut in two leaves blanks, as on a terminal."""
        text, pens = row
        end = min(x + len(line.text), self.width)
        fresh = line.text[: end - x]
        if x > 0 and text[x] == REST:
            start = x - 1
            while start and text[start] == REST:
                start -= 1
            text = text[:start] + " " * (x - start) + text[x:]
        if end < self.width and text[end] == REST:
            stop = end
            while stop < self.width and text[stop] == REST:
                stop += 1
            text = text[:end] + " " * (stop - end) + text[stop:]
        return CellLine(text[:x] + fresh + text[end:], pens[:x] + line.pens[: end - x] + pens[end:])

    # -- lines that move

    def _helps(self, shift: Shift, wanted: dict[int, CellLine]) -> bool:
        """Return whether less has to be written after the terminal has moved the lines."""
        top, bottom, lines = shift
        rows = self._rows
        if not lines or abs(lines) >= bottom - top or top < 0 or bottom > len(rows):
            return False
        part = slice(3, self.width * 9 // 10)  # neither the mark of the cursor nor the scrollbar moves with the lines
        ends = range(max(top, top - lines), min(bottom, bottom - lines))
        same = sum((wanted.get(y) or rows[y]).text[part] == rows[y + lines].text[part] for y in ends)
        if not same or same > 3 * len(ends) // 4:
            return same > 0
        before = after = 0
        for y in range(top, bottom):
            line = wanted.get(y) or rows[y]
            before += _cost(line, rows[y])
            after += _cost(line, rows[y + lines] if y in ends else self._unknown())
        return after + self.width < before

    def _scroll(self, shift: Shift) -> None:
        top, bottom, lines = shift
        region = self._rows[top:bottom]
        exposed = [self._unknown()] * abs(lines)
        verb = "M" if lines > 0 else "L"
        self._moved += f"\x1b[{top + 1};{bottom}r\x1b[{top + 1}H\x1b[{abs(lines)}{verb}\x1b[r"
        self._rows[top:bottom] = [*region[lines:], *exposed] if lines > 0 else [*exposed, *region[:lines]]

    # -- cells that differ

    def _change(self, y: int, old: CellLine, new: CellLine) -> None:
        if old.is_odd or new.is_odd:
            self._write_known(y, new)
            return
        differs = map(or_, map(ne, old.text, new.text), map(ne, old.pens, new.pens))
        start = stop = -1
        for x in compress(range(self.width), differs):
            if x - stop > _GAP:
                if stop > start:
                    self._write(y, start, stop, new)
                start = x
            stop = x + 1
        if stop > start:
            self._write(y, start, stop, new)

    def _write_known(self, y: int, line: CellLine) -> None:
        """Write a line as a whole, but for the cells that nobody has drawn yet."""
        for match in re.finditer(f"[^{UNKNOWN}]+", line.text):
            self._write(y, *match.span(), line)

    def _write(self, y: int, start: int, stop: int, line: CellLine) -> None:
        """Write the cells of line `y` from `start` to before `stop`."""
        text, pens = line
        for match in _SAME.finditer(pens, start, stop):
            at, end = match.span()
            number = match.group(1)
            chunk = text[at:end]
            blank = not chunk.strip(" ")
            pen = self.cells.pen(number)
            if blank and number != self._pen and self._fits_blanks(pen):
                number = self._pen
            if self._at != (y, at):
                self._go(y, at)
            self._take(number)
            if blank and self._erases and len(chunk) >= _ERASE_FROM and not pen.shows_on_blanks:
                self._out.append("\x1b[K" if end == self.width else f"\x1b[{len(chunk)}X")
            elif is_odd(chunk):
                self._write_odd(y, at, chunk)
            else:
                self._out.append(chunk)
                self._at = y, end

    def _fits_blanks(self, pen: Pen) -> bool:
        """Return whether blanks look the same with the pen in hand as with `pen`."""
        mine = self.cells.pen(self._pen)
        return mine.background == pen.background and not mine.shows_on_blanks and not pen.shows_on_blanks

    def _write_odd(self, y: int, x: int, chunk: str) -> None:
        for n, cell in enumerate(chunk):
            if cell == REST:
                continue
            content = self.cells.content(cell)
            rest = len(chunk[n + 1 :]) - len(chunk[n + 1 :].lstrip(REST))
            sure = content == cell or is_wide_beyond_doubt(content)
            self._go(y, x + n)
            if not sure and rest:
                # Where the terminal takes less than these cells, nothing old may shine through.
                self._out.append(" " * (1 + rest))
                self._at = y, -1
                self._go(y, x + n)
            self._out.append(content)
            self._at = (y, x + n + 1 + rest) if sure else (y, -1)

    def _go(self, y: int, x: int) -> None:
        """Put the cursor into a cell, if it is not there."""
        if self._at == (y, x):
            return
        self._out.append(f"\x1b[{x + 1}G" if self._at[0] == y else f"\x1b[{y + 1};{x + 1}H")
        self._at = y, x

    def _take(self, pen: str) -> None:
        if pen != self._pen:
            self._out.append(self.cells.turn(self._pen, pen))
            self._pen = pen


def _cost(line: CellLine, over: CellLine) -> int:
    """Return how many cells, blanks not counted, have to be written to show `line` where `over` is."""
    differs = map(or_, map(ne, line.text, over.text), map(ne, line.pens, over.pens))
    return sum(cell != " " for cell in compress(line.text, differs))
