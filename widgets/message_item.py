"""A message in a chat, with the day above it where a new day begins."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.list_gaps import GapWords, gap_line
from widgets.rich_text import plain_text
from widgets.wrapping import cells

WIDEST = 76
"""Cells of a line of text; longer lines are tiring to read."""
HOLE = "hole "
"""What the key of a hole begins with, before that of the message behind it."""


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


@dataclass(frozen=True, slots=True)
class HoleItem:
    """Stands where messages are missing."""

    before: str
    """The key of the message that follows."""

    @property
    def key(self) -> str:
        """One for each hole."""
        return HOLE + self.before


ChatItem = MessageItem | HoleItem


class MessageRenderer(BaseRenderer[ChatItem]):
    """Author and time on one line, the words below, one's own set apart by a mark as well as by colour.

    The first message of a day is the root of what was said on it.
    """

    def key(self, item: ChatItem) -> str:
        return item.key

    def version(self, item: ChatItem) -> Hashable:
        return item

    def depth(self, item: ChatItem) -> int:
        return 0 if isinstance(item, MessageItem) and item.day else 1

    def estimate(self, item: ChatItem, width: int) -> int:
        if isinstance(item, HoleItem):
            return 1
        lines = 1 + len(item.text) // max(min(width, WIDEST) - 4, 10)
        return lines + (2 if item.starts_group else 0) + (2 if item.day else 0)

    def words(self, item: ChatItem) -> str:
        return f"{item.author} {item.text} {item.attachment}" if isinstance(item, MessageItem) else ""

    def is_gap(self, item: ChatItem) -> bool:
        return isinstance(item, HoleItem)

    def pins(self, item: ChatItem) -> int:
        return 2 if isinstance(item, MessageItem) and item.day else 0

    def pinned(self, item: ChatItem, context: RenderContext) -> Strip:
        return _rule(item.day if isinstance(item, MessageItem) else "", context.width, context, "muted")

    def render(self, item: ChatItem, context: RenderContext) -> list[Strip]:
        if isinstance(item, HoleItem):
            return [gap_line(GapWords("messages are missing here", "the messages that are missing here"), context)]
        style, width = context.style, context.width
        strips: list[Strip] = []
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
