"""Lines of the screen as two strings of one character a cell, what stands there and with which pen: quick to compare.

A cell whose content is not one plain character (a wide one, a cluster of several) holds a stand-in from the private
planes of Unicode, and the cells that it reaches over hold `REST`. Pens are numbered likewise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.backstop import safe_link, safe_text

UNKNOWN = "\0"
"""A cell of which is not known what the terminal shows there."""
REST = "\U0010fffd"
"""A cell that the content of the one before it reaches over."""
NO_PEN = "\u0100"
"""No colours, no attributes."""

_FIRST_CLUSTER = 0xF0000
_MOST_CLUSTERS = 0xFF00
_MOST_PENS = 40_000
_MOST_LINES = 4_096
_MOST_TURNS = 4_096

# Every terminal gives these one cell. What is not here is not narrow beyond doubt.
_NARROW = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e"
    "\u2070-\u209c\u20a0-\u20bf\u2190-\u2193\u21e0-\u22ff\u2500-\u25a9\u25b2-\u25b5\u25b8-\u25bf\u25c2-\u25fa"
    "\u2605\u2606\u2660\u2661\u2665\u2764\u2713\u2800-\u28ff]*"
)
_WIDE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]")
"""Every terminal gives these two cells."""
_GAP = " " * 9
"""Blanks that are worth a pen of their own, even within a text: they can be erased."""
_RUNS = re.compile(f"{_GAP} *|(?:(?!{_GAP}).)+")
_ODD = re.compile("[\U000f0000-\U0010ffff]")

_ATTRIBUTES = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"), ("blink2", "6"), ("reverse", "7"),
    ("conceal", "8"), ("strike", "9"), ("underline2", "21"), ("frame", "51"), ("encircle", "52"), ("overline", "53"),
)  # fmt: skip
_LEAVES_BLANKS = frozenset(("1", "2", "3", "8"))
"""Attributes that cannot be seen on a blank."""


class CellLine(NamedTuple):
    """A line, or a part of one; both strings have one character a cell."""

    text: str
    pens: str

    @property
    def is_odd(self) -> bool:
        """Whether a cell holds anything but one narrow character."""
        return is_odd(self.text)

    def cut(self, start: int, stop: int) -> CellLine:
        """Return the cells from `start` to before `stop`; what is cut in two leaves blanks, as on a terminal."""
        text = self.text[start:stop]
        lead = len(text) - len(text.lstrip(REST))
        if self.text[stop : stop + 1] == REST:
            text = text.rstrip(REST)[:-1]
        return CellLine(" " * lead + text[lead:].ljust(min(stop, len(self.text)) - start - lead), self.pens[start:stop])


def is_odd(text: str) -> bool:
    """Return whether any of the cells holds anything but one narrow character."""
    return not text.isascii() and _ODD.search(text) is not None


@dataclass(frozen=True)
class Pen:
    """How cells are written, in the codes of SGR."""

    attributes: frozenset[str] = frozenset()
    foreground: str = "39"
    background: str = "49"
    link: str = ""
    """Parameters and address, as OSC 8 takes them."""

    @cached_property
    def shows_on_blanks(self) -> bool:
        """Whether a blank shows more of it than the background."""
        return bool(self.link) or not self.attributes <= _LEAVES_BLANKS

    def after(self, other: Pen) -> str:
        """Return what changes the terminal from `other` to this pen."""
        codes: list[str] = []
        if not other.attributes <= self.attributes:
            codes.append("0")
            other = Pen(link=other.link)
        codes += sorted(self.attributes - other.attributes, key=int)
        if self.foreground != other.foreground:
            codes.append(self.foreground)
        if self.background != other.background:
            codes.append(self.background)
        link = "" if self.link == other.link else f"\x1b]8;{self.link or ';'}\x1b\\"
        if codes and self == Pen(link=self.link):
            codes = [""]
        return link + (f"\x1b[{';'.join(codes)}m" if codes else "")


class Cells:
    """Turns strips into lines of cells, and stand-ins back into what they stand for."""

    def __init__(self, colours: ColorSystem) -> None:
        """`colours` is what the terminal can show."""
        self._colours = colours
        self._pens: list[Pen] = [Pen()]
        self._number: dict[Pen, str] = {Pen(): NO_PEN}
        self._of_style: dict[Style | None, tuple[str, str]] = {None: (NO_PEN, NO_PEN)}
        self._clusters: list[str] = []
        self._stand_in: dict[str, str] = {}
        self._lines: dict[int, tuple[Strip, CellLine]] = {}
        self._turns: dict[tuple[str, str], str] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are too many pens or clusters; then everything that was made of them is to be forgotten."""
        return len(self._pens) > _MOST_PENS or len(self._clusters) > _MOST_CLUSTERS

    def forget_lines(self) -> None:
        """Make the lines of strips anew, because something that is laid over them has changed."""
        self._lines.clear()

    def pen(self, number: str) -> Pen:
        """Return the pen with a number."""
        return self._pens[ord(number) - 0x100]

    def turn(self, before: str, after: str) -> str:
        """Return what changes the terminal from one pen to another."""
        found = self._turns.get((before, after))
        if found is None:
            if len(self._turns) >= _MOST_TURNS:
                self._turns.clear()
            found = self._turns[before, after] = self.pen(after).after(self.pen(before))
        return found

    def content(self, cell: str) -> str:
        """Return what a cell shows; nothing for a cell that another one reaches over."""
        if cell == REST:
            return ""
        return self._clusters[ord(cell) - _FIRST_CLUSTER] if ord(cell) >= _FIRST_CLUSTER else cell

    def known(self, strip: Strip) -> CellLine | None:
        """Return the line of a strip that was turned into one before."""
        found = self._lines.get(id(strip))
        return None if found is None else found[1]

    def line(self, segments: Iterable[Segment], keep_as: Strip | None = None) -> CellLine:
        """Return the line of `segments`; it is kept as that of `keep_as`, if they were made from that strip."""
        line = self._made(segments)
        if keep_as is not None:
            if len(self._lines) >= _MOST_LINES:
                self._lines.clear()
            # The strip is kept with it: what is alive has an identity of its own.
            self._lines[id(keep_as)] = keep_as, line
        return line

    def _made(self, segments: Iterable[Segment]) -> CellLine:
        texts: list[str] = []
        pens: list[str] = []
        of_style = self._of_style
        for text, style, control in segments:
            if control or not text:
                continue
            found = of_style.get(style)
            if found is None:
                found = self._number_style(style)
            if not (text.isascii() and text.isprintable()) and _NARROW.fullmatch(text) is None:
                text = self._odd(safe_text(text))
                pens.append(found[0] * len(text))
            elif found[0] == found[1] or _GAP not in text:
                pens.append((found[0] if text.strip(" ") else found[1]) * len(text))
            else:
                pens += [found[run.startswith(_GAP)] * len(run) for run in _RUNS.findall(text)]
            texts.append(text)
        return CellLine("".join(texts), "".join(pens))

    def _odd(self, text: str) -> str:
        cells: list[str] = []
        spans, _ = split_graphemes(text)
        for start, end, width in spans:
            cluster = text[start:end]
            if width == 0:
                # A mark without anything to stand on joins what is before it, or goes.
                if cells:
                    at = next(n for n in range(len(cells) - 1, -1, -1) if cells[n] != REST)
                    cells[at] = self._cluster(self.content(cells[at]) + cluster)
            elif width == 1 and _NARROW.fullmatch(cluster):
                cells.append(cluster)
            else:
                cells.append(self._cluster(cluster))
                cells.extend([REST] * (width - 1))
        return "".join(cells)

    def _cluster(self, cluster: str) -> str:
        found = self._stand_in.get(cluster)
        if found is None:
            found = self._stand_in[cluster] = chr(_FIRST_CLUSTER + len(self._clusters))
            self._clusters.append(cluster)
        return found

    def _number_style(self, style: Style | None) -> tuple[str, str]:
        """Return the numbers of the pens of a style, the second one for blanks."""
        pen = Pen() if style is None else _pen(style, self._colours)
        number = self._number_pen(pen)
        blank = number if pen.shows_on_blanks else self._number_pen(Pen(background=pen.background))
        self._of_style[style] = number, blank
        return number, blank

    def _number_pen(self, pen: Pen) -> str:
        number = self._number.get(pen)
        if number is None:
            number = self._number[pen] = chr(0x100 + len(self._pens))
            self._pens.append(pen)
        return number


def _pen(style: Style, colours: ColorSystem) -> Pen:
    foreground, background = style.color, style.bgcolor
    link = f"id={style.link_id};{style.link}" if style.link and safe_link(style.link) else ""
    return Pen(
        frozenset(code for name, code in _ATTRIBUTES if getattr(style, name)),
        "39" if foreground is None else ";".join(foreground.downgrade(colours).get_ansi_codes()),
        "49" if background is None else ";".join(background.downgrade(colours).get_ansi_codes(foreground=False)),
        link,
    )


def is_wide_beyond_doubt(cluster: str) -> bool:
    """Return whether every terminal moves on by two cells after `cluster`."""
    return len(cluster) == 1 and _WIDE.match(cluster) is not None
