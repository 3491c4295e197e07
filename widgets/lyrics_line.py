"""A line of a song's words."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.wrapping import wrap

When = Literal["past", "now", "to come", "untimed"]
"""How a line stands to the place in the song."""

WIDEST = 80
"""Cells of a line."""


@dataclass(frozen=True, slots=True)
class LyricsLine:
    """One line; `key` is its place among the lines."""

    key: str
    text: str
    when: When


_TOKENS: dict[When, str] = {"past": "faint", "now": "bold primary", "to come": "text", "untimed": "text"}


class LyricsRenderer(BaseRenderer[LyricsLine]):
    """The line that is sung stands out by a mark as well as by colour."""

    def key(self, item: LyricsLine) -> str:
        return item.key

    def version(self, item: LyricsLine) -> Hashable:
        return item

    def estimate(self, item: LyricsLine, width: int) -> int:
        return 1

    def render(self, item: LyricsLine, context: RenderContext) -> list[Strip]:
        style = context.style(_TOKENS[item.when])
        mark = "♪ " if item.when == "now" else "  "
        text = item.text.strip() or ("" if item.when == "untimed" else "♪")
        lines = wrap(text, max(min(context.width - 3, WIDEST), 4)) or [""]
        return [
            Strip([Segment(mark if number == 0 else "  ", style), Segment(line, style)])
            for number, line in enumerate(lines)
        ]
