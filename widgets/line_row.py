"""Rows of one or two lines: headings, and things with a name and a remark."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.wrapping import cells, ellipsis


@dataclass(frozen=True, slots=True)
class LineRow:
    """A row; a heading where `is_heading`."""

    key: str
    title: str
    remark: str = ""
    """Beside the title."""
    detail: str = ""
    """Below it, muted."""
    mark: str = ""
    """One or two cells before the title."""
    mark_style: str = "accent"
    trouble: bool = False
    """Whether the detail is what went wrong."""
    is_heading: bool = False


class LineRenderer(BaseRenderer[LineRow]):
    """Draws `LineRow`s."""

    def key(self, item: LineRow) -> str:
        return item.key

    def version(self, item: LineRow) -> Hashable:
        return item

    def estimate(self, item: LineRow, width: int) -> int:
        return 2 if item.detail or item.is_heading else 1

    def depth(self, item: LineRow) -> int:
        return 0 if item.is_heading else 1

    def may_mark(self, item: LineRow) -> bool:
        return not item.is_heading

    def pins(self, item: LineRow) -> int:
        return 2 if item.is_heading else 0

    def pinned(self, item: LineRow, context: RenderContext) -> Strip:
        return Strip([Segment(item.title, context.style("bold primary"))])

    def render(self, item: LineRow, context: RenderContext) -> list[Strip]:
        style, width = context.style, context.width
        if item.is_heading:
            return [Strip([]), Strip([Segment(item.title, style("bold primary"))])]
        mark = f"{item.mark} " if item.mark else ""
        remark = ellipsis(item.remark, max(width // 2, 8))
        room = max(width - cells(mark) - cells(remark) - 2, 4)
        title = ellipsis(item.title, room)
        first = [Segment(mark, style(item.mark_style)), Segment(title, style("bold text"))]
        if remark:
            first.append(Segment(f"  {remark}", style("muted")))
        strips = [Strip(first)]
        if item.detail:
            indent = " " * cells(mark)
            detail = ellipsis(item.detail, max(width - cells(mark), 4))
            strips.append(Strip([Segment(indent + detail, style("error" if item.trouble else "muted"))]))
        return strips
