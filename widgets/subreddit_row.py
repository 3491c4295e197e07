"""A subreddit in the list beside the posts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.textfmt import count_compact
from widgets.wrapping import cells, ellipsis


@dataclass(frozen=True, slots=True)
class SubredditRow:
    """One line; `name` None is the front page, and a row without a key that leads anywhere is a heading."""

    key: str
    title: str
    members: int | None = None
    heading: bool = False
    open: bool = False
    """Whether its posts are shown beside the list."""


class SubredditRowRenderer(BaseRenderer[SubredditRow]):
    """One line each, headings set apart."""

    def key(self, item: SubredditRow) -> str:
        return item.key

    def version(self, item: SubredditRow) -> Hashable:
        return item

    def estimate(self, item: SubredditRow, width: int) -> int:
        return 2 if item.heading else 1

    def depth(self, item: SubredditRow) -> int:
        return 0 if item.heading else 1

    def pins(self, item: SubredditRow) -> int:
        return 2 if item.heading else 0

    def pinned(self, item: SubredditRow, context: RenderContext) -> Strip:
        return Strip([Segment(ellipsis(item.title, context.width), context.style("bold muted"))])

    def render(self, item: SubredditRow, context: RenderContext) -> list[Strip]:
        style, width = context.style, context.width
        if item.heading:
            return [Strip([]), Strip([Segment(ellipsis(item.title, width), style("bold muted"))])]
        members = "" if item.members is None else count_compact(item.members)
        mark = "› " if item.open else "  "
        name = ellipsis(item.title, max(width - cells(members) - 3, 4))
        gap = " " * max(width - 2 - cells(name) - cells(members), 1)
        spec = "bold primary" if item.open else "text"
        return [Strip([Segment(mark + name, style(spec)), Segment(gap + members, style("muted"))])]
