"""A message in a chat, with the day above it where a new day begins."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.rich_text import plain_text
from widgets.wrapping import cells

WIDEST = 76
"""Cells of a line of text; longer lines are tiring to read."""


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message as it is shown."""

    key: str
    author: str
    mine: bool
    text: str
    at: datetime
    """In the user's own time zone."""
    starts_group: bool
    """Whether the author is to be named: another spoke before, or a while ago."""
    day: str
    """Title of the day that begins here, empty where none does."""
    state: str
    """Receipt or trouble: empty, `sending`, `waiting: why`, `seen`, `refused: why`."""
    attachment: str = ""
    """What else it carries, in words."""
    unread_above: bool = False
    """Whether everything from here on has come since the user was here."""
    gap_above: bool = False
    """Whether messages are missing between this one and the one above."""


class MessageRenderer(BaseRenderer[MessageItem]):
    """Author and time on one line, the words below, one's own set apart by a mark as well as by colour."""

    def key(self, item: MessageItem) -> str:
        return item.key

    def version(self, item: MessageItem) -> Hashable:
        return item

    def estimate(self, item: MessageItem, width: int) -> int:
        lines = 1 + len(item.text) // max(min(width, WIDEST) - 4, 10)
        return lines + (2 if item.starts_group else 0) + (2 if item.day else 0) + item.gap_above

    def words(self, item: MessageItem) -> str:
        return f"{item.author} {item.text} {item.attachment}"

    def render(self, item: MessageItem, context: RenderContext) -> list[Strip]:
        style, width = context.style, context.width
        strips: list[Strip] = []
        if item.gap_above:
            strips.append(_rule("messages are missing here, they are fetched", width, context, "warning"))
        if item.day:
            strips += [Strip([]), _rule(item.day, width, context, "muted")]
        if item.unread_above:
            strips.append(_rule("new since you were here", width, context, "unread"))
        if item.starts_group:
            name_style = style("bold primary") if item.mine else style("bold secondary")
            name = "you" if item.mine else item.author
            strips.append(Strip([]))
            strips.append(Strip([Segment(name, name_style), Segment(f"  {item.at:%H:%M}", style("muted"))]))
        bar = Segment("▌ " if item.mine else "│ ", style("primary" if item.mine else "faint"))
        body = min(width - 2, WIDEST)
        text = item.text
        if text:
            strips += [Strip([bar, *strip]) for strip in plain_text(text, body, style).strips]
        if item.attachment:
            strips.append(Strip([bar, Segment(item.attachment, style("italic secondary"))]))
        if not text and not item.attachment:
            strips.append(Strip([bar, Segment("this message is gone", style("italic muted"))]))
        if item.state:
            trouble = item.state.startswith("refused")
            strips.append(Strip([Segment("  "), Segment(item.state, style("bold error" if trouble else "muted"))]))
        return strips


def _rule(title: str, width: int, context: RenderContext, token: str) -> Strip:
    """Return a line with `title` in its middle."""
    room = max(width - cells(title) - 2, 0)
    left = "─" * (room // 2)
    right = "─" * (room - room // 2)
    return Strip([Segment(left, context.style("faint")), Segment(f" {title} ", context.style(token)),
                  Segment(right, context.style("faint"))])  # fmt: skip
