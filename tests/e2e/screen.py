"""A terminal as far as the program uses one: turns the bytes it writes into the text that a person would see.

Only what a full-screen program of this kind needs is obeyed. Every control sequence is kept as it came, so that a test
can ask for the ones that the program had no business to write.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<csi>(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~])"
    r"|(?P<string>(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c))"
    r"|(?P<short>\x1b[ -/]*[0-OQ-WYZ\\`-~])"
    r"|(?P<single>[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
)

# What the toolkit itself writes, each for a reason of its own; anything else comes from somebody's text.
_EXPECTED = re.compile(
    r"\x1b\[[0-9;]*m"  # colours and styles
    r"|\x1b\[\d+;\d+H|\x1b\[\d*H|\x1b\[\d+G"  # the cursor goes to a cell
    r"|\x1b\[K|\x1b\[\d+X"  # blanks
    r"|\x1b\[\d+;\d+r|\x1b\[r|\x1b\[\d+[LM]"  # lines move within a region
    r"|\x1b\[\?(?:1000|1003|1004|1006|1015|1016|1049|2004|2026|2048|25|7)[hl]"  # mouse, focus, paste, alternate screen
    r"|\x1b\[\?(?:2026|2048)\$p"  # asks for synchronised output and for resize reports
    r"|\x1b\[[<>=]\d*u"  # the keyboard protocol
    r"|\x1b\[2J|\x1b\[\d* q"
    r"|\x1b\]8;[^;\x07\x1b]*;(?:https?://[!-~]*)?\x1b\\"  # links
    r"|\x1b\]2;[^\x00-\x1f\x7f-\x9f]*\x1b\\|\x1b\[2[23];2t"  # the title of the window, and the one before
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the pointer
    r"|[\r\n]"
)


def control_sequences(raw: bytes) -> Iterator[str]:
    """Yield every control sequence and every single control character in `raw`, unfinished ones as well."""
    text = raw.decode("utf-8", "surrogateescape")
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            yield text[at : at + 40]
            at += 1
            continue
        if match.lastgroup != "text":
            yield match.group()
        at = match.end()


def unexpected_sequences(raw: bytes) -> list[str]:
    """Return the control sequences in `raw` that the program has no reason of its own to write."""
    return [sequence for sequence in control_sequences(raw) if not _EXPECTED.fullmatch(sequence)]


Pen = frozenset[tuple[str, str]]
"""Colours and attributes, as (what, SGR codes)."""
PLAIN: Pen = frozenset()


class Cell(NamedTuple):
    """What stands in a cell, and how; a cell that the character before it reaches over holds no text."""

    text: str
    pen: Pen


class Screen:
    """A grid of cells that is written to as a terminal is."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.alternate = False
        """Whether the program has taken the whole screen."""
        self.modes: set[str] = {"7", "25"}
        """Private modes that are on, such as `1000` for the mouse; wrapping (7) and cursor (25) from the start."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._row = self._column = 0
        self._pen: Pen = PLAIN
        self._region = 0, rows
        self._cells = self._blank()
        self._behind = self._cells
        self._left_at = 0, 0

    def _blank(self) -> list[list[Cell]]:
        return [self._blank_row() for _ in range(self.rows)]

    def _blank_row(self) -> list[Cell]:
        return [Cell(" ", PLAIN)] * self.columns

    @property
    def lines(self) -> list[str]:
        """The rows from top to bottom, without the blanks at their ends."""
        return ["".join(cell.text for cell in row).rstrip() for row in self._cells]

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows from top to bottom, cell by cell."""
        return [list(row) for row in self._cells]

    def resize(self, columns: int, rows: int) -> None:
        """Become `columns` by `rows`; what does not fit any more is lost, as on a terminal."""
        shown, behind = self._cells, self._behind
        self.columns, self.rows = columns, rows
        self._region = 0, rows
        self._cells, self._behind = self._blank(), self._blank()
        for old, new in ((shown, self._cells), (behind, self._behind)):
            for before, after in zip(old, new, strict=False):
                kept = min(len(before), len(after))
                after[:kept] = before[:kept]
        self._row, self._column = min(self._row, rows - 1), min(self._column, columns - 1)

    def feed(self, data: bytes) -> None:
        """Take what the program wrote."""
        text = self._rest + self._decoder.decode(data)
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                break
            kind, token = match.lastgroup, match.group()
            if kind == "text":
                self._write(token)
            elif kind == "csi":
                self._obey(token)
            elif kind == "single":
                self._move(token)
            at = match.end()
        self._rest = text[at:]

    def _write(self, text: str) -> None:
        for character in text:
            width = get_character_cell_size(character)
            if self._column + width > self.columns and "7" in self.modes:
                self._move("\r")
                self._move("\n")
            if width == 0 or self._column + width > self.columns or self._row >= self.rows:
                continue
            self._put(Cell(character, self._pen))
            for _ in range(1, width):
                self._put(Cell("", self._pen))

    def _put(self, cell: Cell) -> None:
        """Write one cell; of a wide character that loses a half, a blank is left."""
        row, at = self._cells[self._row], self._column
        if cell.text and not row[at].text and at:
            row[at - 1] = Cell(" ", row[at - 1].pen)
        row[at] = cell
        self._column += 1
        if self._column < self.columns and not row[self._column].text:
            row[self._column] = Cell(" ", row[self._column].pen)

    def _erase(self, count: int) -> None:
        """Blank cells from the cursor on; they take the background of the pen."""
        column = self._column
        background = frozenset(part for part in self._pen if part[0] == "background")
        for _ in range(min(count, self.columns - column)):
            self._put(Cell(" ", background))
        self._column = column

    def _roll(self, lines: int) -> None:
        """Take `lines` out at the cursor, or put in as many where it is negative, within the region."""
        top, bottom = self._row, max(self._region[1], self._row)
        kept, fresh = self._cells[top:bottom], [self._blank_row() for _ in range(min(abs(lines), bottom - top))]
        moved = [*kept[lines:], *fresh] if lines > 0 else [*fresh, *kept[:lines]]
        self._cells[top:bottom] = moved[: bottom - top]

    def _move(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\n":
            self._row += 1
            if self._row >= self.rows:
                self._cells = [*self._cells[1:], self._blank_row()]
                self._row = self.rows - 1

    def _obey(self, sequence: str) -> None:
        body, final = sequence.removeprefix("\x1b[")[:-1], sequence[-1]
        if final == "H":
            row, _, column = body.partition(";")
            self._row = min(int(row or 1), self.rows) - 1
            self._column = min(int(column or 1), self.columns) - 1
        elif final == "G":
            self._column = min(int(body), self.columns) - 1
        elif final == "J":
            self._cells = self._blank()
        elif final == "K":
            self._erase(self.columns)
        elif final == "X":
            self._erase(int(body))
        elif final in "LM":
            self._roll(int(body) if final == "M" else -int(body))
        elif final == "r":
            top, _, bottom = body.partition(";")
            self._region = int(top or 1) - 1, min(int(bottom or self.rows), self.rows)
            self._row = self._column = 0
        elif final == "m":
            self._pen = _changed(self._pen, body)
        elif final in "hl" and body.startswith("?"):
            mode = body[1:]
            (self.modes.add if final == "h" else self.modes.discard)(mode)
            if mode == "1049":
                self._change_screen(final == "h")

    def _change_screen(self, alternate: bool) -> None:
        if alternate == self.alternate:
            return
        self.alternate = alternate
        if alternate:
            self._behind, self._cells = self._cells, self._blank()
            self._left_at = self._row, self._column
        else:
            self._cells = self._behind
            self._row, self._column = self._left_at


def _changed(pen: Pen, codes: str) -> Pen:
    """Return `pen` as the SGR `codes` change it."""
    parts = dict(pen)
    left = codes.split(";")
    while left:
        code = left.pop(0)
        if code in ("38", "48"):
            taken = 4 if left[0] == "2" else 2
            parts["foreground" if code == "38" else "background"] = ";".join([code, *left[:taken]])
            del left[:taken]
        elif code in ("", "0"):
            parts.clear()
        elif code in ("39", "49"):
            parts.pop("foreground" if code == "39" else "background", None)
        elif re.fullmatch(r"[39][0-7]", code):
            parts["foreground"] = code
        elif re.fullmatch(r"4[0-7]|10[0-7]", code):
            parts["background"] = code
        else:
            parts[code] = code
    return frozenset(parts.items())
