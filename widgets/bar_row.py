"""A row with a share of a whole: who or what, a bar, and the figure that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.segment import Segment
from textual.strip import Strip

from widgets.bars import bar
from widgets.item_renderer import RenderContext
from widgets.wrapping import cells, ellipsis

WIDEST = 150
"""Cells of a row."""
_ASIDE = 20
"""Cells of the figure, with what keeps it apart."""


@dataclass(frozen=True, slots=True)
class BarRow:
    """What is counted, and how much of it there was."""

    key: str
    title: str
    detail: str = ""
    """What else is to be said: the artists of a track."""
    share: float = 0.0
    """The length of the bar, from 0 to 1: 1 is the most of the list."""
    aside: str = ""
    """The figure."""
    number: str = ""
    """The place in the list."""
    marked: bool = False
    """Whether it is saved, or followed."""
    playing: Literal["", "playing", "paused"] = ""
    markable: bool = False
    """Whether it can be marked, to be acted on with others."""


def render(item: BarRow, context: RenderContext) -> Strip:
    """Draw a row: the words take two fifths, the bar what is left beside the figure."""
    style, width = context.style, min(context.width, WIDEST)
    mark = {"playing": "▶", "paused": "⏸"}.get(item.playing, "")
    heart = " ♥ " if item.marked else "   "
    aside = ellipsis(item.aside, _ASIDE - 2)
    words = max((width - 4 - cells(heart) - _ASIDE) * 3 // 5, 8)
    long = max(width - 4 - words - cells(heart) - _ASIDE, 0)
    title = ellipsis(item.title, words if not item.detail else max(words * 3 // 5, min(words, 16)))
    detail = ellipsis(f"  {item.detail}", words - cells(title)) if item.detail else ""
    filled = bar(item.share, long)
    return Strip(
        [
            Segment(f"{mark or item.number:>3} ", style("bold primary" if mark else "faint")),
            Segment(title, style("bold primary" if mark else "text")),
            Segment(detail + " " * (words - cells(title) - cells(detail)), style("muted")),
            Segment(heart, style("like")),
            Segment(filled, style("primary")),
            Segment(" " * (long - len(filled)) + f"{aside:>{_ASIDE - 1}} ", style("muted")),
        ]
    )
