"""A post of a subreddit in a list: its score beside its title, a glimpse of its text, and where it comes from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from urllib.parse import urlsplit

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import PostType, ThreadPost
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import ago_compact
from widgets.vote_mark import comments, vote_mark
from widgets.wrapping import cells, ellipsis

WIDEST = 100
"""Cells of a line; longer lines are tiring to read."""
GUTTER = 9
"""Cells for the score."""
_GLIMPSE = 400
"""Characters of a post's text that are looked at for its glimpse."""


class ThreadCardRenderer(BaseRenderer[ThreadPost]):
    """Three to six lines and a gap."""

    def __init__(self, *, names_subreddit: bool) -> None:
        """`names_subreddit`: whether the posts come from several."""
        self.names_subreddit = names_subreddit

    def key(self, item: ThreadPost) -> str:
        return item.id

    def version(self, item: ThreadPost) -> Hashable:
        return (
            self.names_subreddit,
            item.version,
            item.score,
            item.my_vote,
            item.comment_count,
            item.is_saved_by_me,
            item.is_locked,
            item.is_pinned,
            item.title,
            item.body,
        )

    def estimate(self, item: ThreadPost, width: int) -> int:
        room = max(min(width, WIDEST) - GUTTER, 10)
        return 3 + len(item.title) // room + (1 if item.body else 0)

    def render(self, item: ThreadPost, context: RenderContext) -> list[Strip]:
        style = context.style
        room = max(min(context.width, WIDEST) - GUTTER, 10)
        gutter = Segment(" " * GUTTER)
        title = lay_out([Piece(item.title, "bold text")], room, style)
        lines = [Strip([vote_mark(item.my_vote, item.score, style, GUTTER), *title[0]])]
        lines += [Strip([gutter, *line]) for line in title[1:4]]
        if item.body and not item.is_nsfw:
            glimpse = " ".join(item.body[:_GLIMPSE].split())
            lines.append(Strip([gutter, Segment(ellipsis(glimpse, room), style("muted"))]))
        meta = fitting(self._facts(item, context.now), room)
        lines.append(Strip([gutter, *(Segment(text, style(spec)) for text, spec in meta)]))
        return [*lines, Strip([])]

    def _facts(self, item: ThreadPost, now: float) -> list[tuple[str, str]]:
        """Return what is known of a post, the most telling first, each with its style."""
        facts = [(text, "bold warning") for text in standing(item)]
        if self.names_subreddit:
            facts.append((f"r/{item.subreddit_name}", "secondary"))
        facts.append((f"u/{item.author_username}", "muted"))
        facts.append((ago_compact(item.created_at, now), "muted"))
        facts.append((comments(item.comment_count), "text" if item.comment_count else "muted"))
        if item.is_saved_by_me:
            facts.append(("◆ saved", "bold accent"))
        if item.url:
            facts.append((f"↗ {leads_to(item)}", "link"))
        if item.flair:
            facts.append((item.flair, "italic accent"))
        return facts


def standing(post: ThreadPost) -> list[str]:
    """Return what sets a post apart, in words."""
    found = []
    if post.is_pinned:
        found.append("pinned")
    if post.is_locked:
        found.append("locked")
    if post.is_nsfw:
        found.append("NSFW")
    return found


def leads_to(post: ThreadPost) -> str:
    """Return where the link of a post leads: its host, and what it is if it is not a page."""
    kind = {PostType.IMAGE: "picture", PostType.VIDEO: "video"}.get(post.post_type, "")
    try:
        host = urlsplit(post.url or "").hostname or ""
    except ValueError:
        host = ""
    return " on ".join(part for part in (kind, host) if part) or "link"


def fitting(facts: Iterable[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Return as many (text, style) pairs, with dots between them, as fit into `width` cells."""
    shown: list[tuple[str, str]] = []
    used = 0
    for text, spec in facts:
        gap = " · " if shown else ""
        left = width - used - cells(gap)
        if cells(text) > left:
            if left >= 12:
                shown += [(gap, "faint"), (ellipsis(text, left), spec)]
            break
        shown += [(gap, "faint"), (text, spec)] if gap else [(text, spec)]
        used += cells(gap) + cells(text)
    return shown
