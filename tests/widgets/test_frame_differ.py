"""What the differ writes makes a terminal show the frame, whatever it showed before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.e2e.screen import Cell, Pen, Screen, unexpected_sequences
from widgets.frame_differ import FrameDiffer, Piece, Shift

WIDTH, HEIGHT = 24, 6
ODD = (
    "中",
    "한글",
    "é",
    "e\u0301\u0323",
    "👍🏽",
    "👨\u200d👩\u200d👧",
    "❤\ufe0f",
    "☎",
    "سلام",
    "हि",
    "⚠",
    "ｶ",
    "\u200b",
    "🇩🇪",
)
PLAIN_TEXTS = ("", " ", "a", "words and words", "│ ▌", "▀▀▀", "              ", "ab  cd", "x" * 31)
TEXTS = st.sampled_from([*PLAIN_TEXTS, *ODD, *(f"ab{odd} c{odd}" for odd in ODD), "中文字符中文", "👍🏽 ok 👍🏽"])
STYLES = st.sampled_from(
    [
        None,
        Style(),
        Style(color="#aabbcc"),
        Style(bgcolor="#112233"),
        Style(color="#aabbcc", bgcolor="#112233", bold=True),
        Style(color="red", underline=True),
        Style(bgcolor="#445566", reverse=True),
        Style(italic=True, dim=True, link="https://example.com/a"),
        Style(bgcolor="bright_blue", strike=True),
    ]
)


def _whole(segments: list[tuple[str, Style | None]]) -> Strip:
    return Strip([Segment(text, style) for text, style in segments if text]).adjust_cell_length(WIDTH, Style.null())


LINES = st.lists(st.tuples(TEXTS, STYLES), max_size=4).map(_whole)


class Twin:
    """A differ with a terminal under it, and the lines that the terminal is to show."""

    def __init__(self, *, erases: bool) -> None:
        self.differ = FrameDiffer(ColorSystem.TRUECOLOR, erases=erases)
        self.differ.reset(WIDTH, HEIGHT)
        self.screen = Screen(WIDTH, HEIGHT)
        self.screen.feed(b"\x1b[?7l" + "junk 中 ".encode() * 20)
        self.lines = [Strip.blank(WIDTH)] * HEIGHT
        self.raw = b""
        self.draw(dict(enumerate(self.lines)))

    def draw(self, lines: dict[int, Strip], shift: Shift | None = None) -> bytes:
        """Draw whole lines and return what was written."""
        pieces = [Piece(y, 0, self.differ.cells.line(strip)) for y, strip in lines.items()]
        for y, strip in lines.items():
            self.lines[y] = strip
        return self._feed(self.differ.draw(pieces, shift))

    def lay(self, y: int, x: int, strip: Strip) -> None:
        """Lay a short strip over a line."""
        strip = strip.crop(0, WIDTH - x)
        end = x + strip.cell_length
        self._feed(self.differ.draw([Piece(y, x, self.differ.cells.line(strip))]))
        self.lines[y] = Strip.join([self.lines[y].crop(0, x), strip, self.lines[y].crop(end, WIDTH)])

    def _feed(self, text: str) -> bytes:
        self.raw += text.encode()
        self.screen.feed(text.encode())
        return text.encode()

    def check(self) -> None:
        """The terminal shows the lines, and nothing was written that has no reason."""
        for y, (strip, shown) in enumerate(zip(self.lines, self.screen.cells, strict=True)):
            assert [_seen(cell) for cell in shown] == [_seen(cell) for cell in _cells(strip)], (y, strip)
        assert unexpected_sequences(self.raw) == []


def _cells(strip: Strip) -> list[Cell]:
    """Return the cells of a line as the toolkit reckons them: of a cluster, its first character."""
    cells: list[Cell] = []
    for text, style, _ in strip:
        pen = _pen(style)
        for start, _end, width in split_graphemes(text)[0]:
            cells += [Cell(text[start], pen), *[Cell("", pen)] * (width - 1)][:width]
    return cells


@cache
def _pen(style: Style | None) -> Pen:
    terminal = Screen(1, 1)
    terminal.feed((style or Style()).update_link(None).render("x").encode())
    return terminal.cells[0][0].pen


@cache
def _seen(cell: Cell) -> Cell:
    """Return what can be seen of a cell: of a blank, its background and what runs through it."""
    through = {"background", "4", "7", "9"}
    if cell.text in (" ", ""):
        return Cell(" ", frozenset(part for part in cell.pen if part[0] in through))
    return cell


@pytest.mark.parametrize("erases", [True, False])
@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.integers(0, HEIGHT - 1), LINES), min_size=1, max_size=5))
def test_any_lines_over_any_others(erases: bool, frames: Sequence[dict[int, Strip]]) -> None:
    twin = Twin(erases=erases)
    for lines in frames:
        twin.draw(lines)
        twin.check()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(LINES, min_size=HEIGHT, max_size=HEIGHT),
    st.lists(LINES, min_size=HEIGHT, max_size=HEIGHT),
    st.integers(0, HEIGHT - 2),
    st.integers(2, HEIGHT),
    st.integers(-HEIGHT, HEIGHT),
    st.integers(-HEIGHT, HEIGHT),
)
def test_lines_that_move_and_hints_that_lie(
    first: list[Strip], fresh: list[Strip], top: int, bottom: int, lines: int, told: int
) -> None:
    twin = Twin(erases=True)
    twin.draw(dict(enumerate(first)))
    moved = {
        y: first[y + lines] if top <= y + lines < bottom and top <= y < bottom else fresh[y] for y in range(HEIGHT)
    }
    twin.draw(moved, Shift(top, bottom, told))
    twin.check()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(LINES, min_size=HEIGHT, max_size=HEIGHT),
    st.lists(
        st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), LINES, st.integers(1, WIDTH)), max_size=6
    ),
)
@example([_whole([("中中中中中", None)])] * HEIGHT, [(0, 1, _whole([("ab", None)]), 2)])
def test_what_lies_over_a_part_of_a_line(first: list[Strip], laid: list[tuple[int, int, Strip, int]]) -> None:
    twin = Twin(erases=True)
    twin.draw(dict(enumerate(first)))
    for y, x, strip, width in laid:
        twin.lay(y, x, strip.crop(0, width))
        twin.check()


def _text(y: int) -> Strip:
    return _whole([(f"line {y} of many others"[:WIDTH], Style(color="#aabbcc", bgcolor="#112233"))])


def test_lines_that_moved_are_moved_by_the_terminal() -> None:
    twin = Twin(erases=True)
    twin.draw({y: _text(y) for y in range(HEIGHT)})
    written = twin.draw({y: _text(y + 1) for y in range(HEIGHT)}, Shift(0, HEIGHT, 1))
    twin.check()
    assert written.startswith(b"\x1b[1;6r\x1b[1H\x1b[1M\x1b[r")
    assert written.count(b"line") == 1


def test_what_is_there_already_is_not_written() -> None:
    twin = Twin(erases=True)
    twin.draw({y: _text(y) for y in range(HEIGHT)})
    assert twin.draw({y: _text(y) for y in range(HEIGHT)}, Shift(0, HEIGHT, 1)) == b""


def test_one_character_costs_little() -> None:
    twin = Twin(erases=True)
    twin.draw({3: _whole([("abc def", Style(color="#aabbcc"))])})
    assert twin.draw({3: _whole([("abc dxf", Style(color="#aabbcc"))])}) == b"\x1b[4;6H\x1b[38;2;170;187;204mx\x1b[m"


def test_control_characters_never_get_through() -> None:
    twin = Twin(erases=True)
    evil = Style(link="https://x\x1b]0;evil\x07")
    twin.draw({0: _whole([("a\x1b[2Jb\x07\u202ec\ud800", evil)])})
    assert b"evil" not in twin.raw
    assert unexpected_sequences(twin.raw) == []
