"""Posts and comments that have not been sent yet, as rows of their lists: with the reason, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import ThreadPost
from api_client.text import clean_line
from tui.state.unsent import Unsent
from widgets.comment_item import CommentItem, guides
from widgets.item_renderer import RenderContext
from widgets.post_page import PageItem, PostPageRenderer
from widgets.thread_card import GUTTER, WIDEST, ThreadCardRenderer
from widgets.wrapping import ellipsis


@dataclass(frozen=True)
class UnsentItem(CommentItem):
    """One's own comment that the platform has yet to confirm."""

    reason: str = ""
    """Why it waits, or was refused: one sentence; empty while it is on its way."""
    refused: bool = False

    @property
    def version(self) -> Hashable:
        """What its drawing depends on."""
        return (super().version, self.reason, self.refused)


def unsent_words(unsent: Unsent) -> str:
    """Return on one line how something unsent stands."""
    reason = clean_line(unsent.reason or "")
    if unsent.refused:
        return f"Not sent: {reason} E edits it, p sends it again, d drops it."
    return f"Not sent yet. {reason}".rstrip()


def _remark(words: str, refused: bool, before: Segment, room: int, context: RenderContext) -> Strip:
    style = context.style("bold error" if refused else "warning")
    return Strip([before, Segment(ellipsis(words, room), style)])


class ThreadPageRenderer(PostPageRenderer):
    """A post and its comments; one's own unsent ones say what holds them up."""

    def estimate(self, item: PageItem, width: int) -> int:
        return super().estimate(item, width) + isinstance(item, UnsentItem)

    def render(self, item: PageItem, context: RenderContext) -> list[Strip]:
        lines = super().render(item, context)
        if isinstance(item, UnsentItem) and item.reason:
            guide, taken = guides(item.level, context.width, context.style)
            room = max(min(context.width, WIDEST) - taken, 10)
            words = unsent_words(Unsent(item.reason, item.refused))
            lines.append(_remark(words, item.refused, guide, room, context))
        return lines


class PostRowRenderer(ThreadCardRenderer):
    """Posts in a list; one's own unsent ones say what holds them up."""

    def __init__(self, unsent: Callable[[str], Unsent | None]) -> None:
        """`unsent` tells how a post stands that the platform has yet to confirm."""
        super().__init__(names_subreddit=True)
        self._unsent = unsent

    def version(self, item: ThreadPost) -> Hashable:
        return (super().version(item), self._unsent(item.id))

    def render(self, item: ThreadPost, context: RenderContext) -> list[Strip]:
        lines = super().render(item, context)
        unsent = self._unsent(item.id)
        if unsent is None:
            return lines
        room = max(min(context.width, WIDEST) - GUTTER, 10)
        remark = _remark(unsent_words(unsent), unsent.refused, Segment(" " * GUTTER), room, context)
        return [*lines[:-1], remark, lines[-1]]
