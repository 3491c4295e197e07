"""A chat in the list of chats: who, when, the last words, what is unread."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.textfmt import ago_compact
from widgets.wrapping import cells, ellipsis


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What the list shows of a chat."""

    id: str
    title: str
    preview: str
    """The last words, on one line."""
    at: datetime | None
    unread: int
    online: bool
    group: bool
    typing: bool = False


class ConversationRenderer(BaseRenderer[ConversationRow]):
    """Two lines and a gap."""

    def key(self, item: ConversationRow) -> str:
        return item.id

    def version(self, item: ConversationRow) -> Hashable:
        return item

    def render(self, item: ConversationRow, context: RenderContext) -> list[Strip]:
        style, width = context.style, context.width
        mark = "●" if item.online else ("◇" if item.group else "○")
        when = ago_compact(item.at, context.now) if item.at else ""
        unread = f" {item.unread if item.unread < 100 else '99+'} " if item.unread else ""
        room = max(width - cells(when) - 3, 4)
        name = ellipsis(item.title, room)
        gap = " " * max(width - 2 - cells(name) - cells(when), 1)
        first = [
            Segment(f"{mark} ", style("online" if item.online else "faint")),
            Segment(name, style("bold unread" if item.unread else "bold text")),
            Segment(gap + when, style("muted")),
        ]
        words = "is typing…" if item.typing else item.preview
        room = max(width - 2 - cells(unread) - 1, 4)
        preview = ellipsis(words, room)
        second = [
            Segment("  "),
            Segment(preview, style("italic secondary" if item.typing else ("text" if item.unread else "muted"))),
            Segment(" " * max(width - 2 - cells(preview) - cells(unread), 0)),
            Segment(unread, style("bold background on unread") if unread else style("text")),
        ]
        return [Strip(first), Strip(second), Strip([])]
