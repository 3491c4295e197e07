"""A comment in its tree: guides for its level, who, how it stands, and its words."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import Comment
from widgets.item_renderer import RenderContext
from widgets.list_gaps import GapWords, gap_line
from widgets.rich_text import markdown, plain_text
from widgets.text_layout import StyleOf
from widgets.textfmt import ago_compact, plural
from widgets.thread_card import WIDEST, fitting
from widgets.vote_mark import like_mark, vote_mark
from widgets.wrapping import cells, ellipsis

GUIDE = "│ "
_MARKDOWN = re.compile(r"^[ \t]*(?:[#>]+|```.*)|[*`]+", re.MULTILINE)
"""What is left out of words that are shown on a single line."""
NARROWEST = 36
"""Cells that a comment's words keep, however deep it stands."""


@dataclass(frozen=True, slots=True)
class CommentItem:
    """A comment as it is shown."""

    key: str
    comment: Comment
    level: int
    """From 0."""
    mine: bool = False
    by_poster: bool = False
    """Whether the author of the post wrote it."""
    liked: bool = False
    """Whether it is judged by likes, as under photos, and not by votes."""
    sending: bool = False
    fresh: bool = False
    """Whether it came while the thread was open."""
    closed: bool = False
    """Whether its words are hidden although nothing is beneath it."""
    revealed: bool = False
    """Whether spoilers in it are uncovered."""

    @property
    def version(self) -> Hashable:
        """What its drawing depends on."""
        c = self.comment
        judged = (c.score, c.my_vote, c.like_count, c.is_liked_by_me)
        flags = (self.mine, self.by_poster, self.liked, self.sending, self.fresh, self.closed, self.revealed)
        return (c.id, c.version, c.is_deleted, c.body, self.level, judged, flags)


@dataclass(frozen=True, slots=True)
class MoreItem:
    """Stands where replies were left out."""

    key: str
    parent_id: str
    count: int
    level: int
    deep: bool = False
    """Whether nothing of what is beneath is shown: the thread goes on deeper than a page does."""


def guides(level: int, width: int, style: StyleOf) -> tuple[Segment, int]:
    """Return the guides of a level and the cells they take: no more than leave the words their room."""
    shown = min(level, max((width - NARROWEST) // len(GUIDE), 1))
    return Segment(GUIDE * shown, style("faint")), shown * len(GUIDE)


def comment_lines(item: CommentItem, context: RenderContext) -> list[Strip]:
    """Return the lines of a comment; a folded one is a single line."""
    style = context.style
    guide, taken = guides(item.level, context.width, style)
    room = max(min(context.width, WIDEST) - taken, 10)
    folded = context.folded or item.closed
    lines = [] if item.level else [Strip([])]
    lines.append(Strip([guide, *_heading(item, context, room, folded)]))
    comment = item.comment
    if folded or comment.is_deleted:
        return lines
    if item.liked:
        body = plain_text(comment.body, room, style)
    else:
        body = markdown(comment.body, room, style, reveal=item.revealed)
    return lines + [Strip([guide, *line]) for line in body.strips]


def _heading(item: CommentItem, context: RenderContext, room: int, folded: bool) -> list[Segment]:
    """Return who wrote it, how it stands and how old it is; the author's name gives way last."""
    style, comment = context.style, item.comment
    sign = "▸ " if folded else ""
    name = ellipsis(comment.author_username, max(room - 24, 8))
    spec = "italic muted" if comment.is_deleted else "bold primary" if item.mine else "bold secondary"
    found = [Segment(sign, style("bold accent")), Segment(name, style(spec))]
    if item.by_poster:
        found.append(Segment(" OP", style("bold accent")))
    found.append(Segment("  "))
    if not comment.is_deleted:
        found.append(
            like_mark(comment.is_liked_by_me, comment.like_count, style)
            if item.liked
            else vote_mark(comment.my_vote, comment.score, style)
        )
    facts = [("sending…" if item.sending else ago_compact(comment.created_at, context.now), "muted")]
    if item.fresh:
        facts.append(("new", "bold unread"))
    if item.level and guides(item.level, context.width, style)[1] < item.level * len(GUIDE):
        facts.append((f"level {item.level + 1}", "faint"))
    if folded:
        facts.append((f"{plural(context.hidden, 'reply')} folded" if context.hidden else "folded", "italic muted"))
    used = sum(segment.cell_length for segment in found) + 2
    found.append(Segment("" if comment.is_deleted else "  "))
    return found + [Segment(text, style(spec)) for text, spec in fitting(facts, max(room - used, 4))]


def more_lines(item: MoreItem, context: RenderContext) -> list[Strip]:
    """Return the line that stands for replies that were left out."""
    guide, _ = guides(item.level, context.width, context.style)
    replies = "1 reply" if item.count == 1 else f"{item.count:,} replies"
    more = f"continue this thread: {replies}" if item.deep else replies.replace(" ", " more ")
    return [gap_line(GapWords(more, replies), context, guide)]


def comment_heading(item: CommentItem, context: RenderContext) -> Strip:
    """Return the line that stands for a comment while its replies are read: whose it is, and its first words."""
    style, comment = context.style, item.comment
    width = min(context.width, WIDEST)
    guide, taken = guides(item.level, context.width, style)
    name = ellipsis(comment.author_username, max(width - taken - 24, 8))
    spec = "italic muted" if comment.is_deleted else "bold primary" if item.mine else "bold secondary"
    words = "" if comment.is_deleted else first_words(comment.body, max(width - taken - cells(name) - 4, 4))
    return Strip([guide, Segment(name, style(spec)), Segment(f"  {words}", style("muted"))])


def first_words(text: str, room: int) -> str:
    """Return the beginning of `text` on one line of at most `room` cells, without marks of Markdown."""
    return ellipsis(" ".join(_MARKDOWN.sub("", text[: 4 * room]).split()), room)
