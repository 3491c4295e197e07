"""Styled text on lines of cells: pieces of one paragraph, wrapped together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.wrapping import cells, graphemes, wrap_spans

StyleOf = Callable[[str], Style]
"""Resolves words such as "muted italic": see `widgets.palette.Palette.style`."""

_VEIL = "░"


class Piece(NamedTuple):
    """Text in one style."""

    text: str
    spec: str = "text"
    """Words for the style."""
    veiled: bool = False
    """Whether the text is covered, every character by as many cells as it takes."""


def lay_out(
    pieces: Iterable[Piece],
    width: int,
    style: StyleOf,
    first: tuple[Piece, ...] = (),
    later: tuple[Piece, ...] = (),
) -> list[Strip]:
    """Return the lines of one paragraph, each exactly `width` cells; line breaks in the text are kept.

    `first` stands before the first line, `later` before the others: bullets, bars, indents. They should be equally
    wide.
    """
    pieces = list(pieces)
    text = "".join(piece.text for piece in pieces)
    margin = sum(cells(piece.text) for piece in first)
    room = max(1, width - margin)
    strips = []
    at = offset = 0
    for number, (start, end) in enumerate(wrap_spans(text, room)):
        segments = [Segment(piece.text, style(piece.spec)) for piece in (later if number else first)]
        while at < len(pieces) and offset + len(pieces[at].text) <= start:
            offset += len(pieces[at].text)
            at += 1
        here, reach = at, offset
        while here < len(pieces) and reach < end:
            piece = pieces[here]
            part = piece.text[max(0, start - reach) : end - reach]
            if part:
                segments.append(Segment(_veil(part) if piece.veiled else part, style(piece.spec)))
            reach += len(piece.text)
            here += 1
        strips.append(Strip(segments).adjust_cell_length(width, Style.null()))
    return strips


def _veil(text: str) -> str:
    return "".join(character if character == " " else _VEIL * size for character, size in graphemes(text))
