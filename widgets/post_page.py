"""A post and its comments as one list: the head, the tree, and what was left out of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import Post, ThreadPost
from widgets.comment_item import CommentItem, MoreItem, comment_heading, comment_lines, first_words, more_lines
from widgets.item_renderer import WHOLE, BaseRenderer, RenderContext
from widgets.photo_card import PhotoCardRenderer
from widgets.thread_card import WIDEST
from widgets.thread_head import thread_head
from widgets.wrapping import cells, ellipsis


@dataclass(frozen=True, slots=True)
class PostHead:
    """The post itself; `note` says what follows: how many comments, in which order."""

    post: Post
    note: str
    revealed: bool = False
    """Whether spoilers in it are uncovered."""


PageItem = PostHead | CommentItem | MoreItem


class PostPageRenderer(BaseRenderer[PageItem]):
    """The head is the root of the tree, so that `parent` leads from every first-level comment to the post."""

    def __init__(self, photos: PhotoCardRenderer) -> None:
        """`photos` draws the head of a photo post."""
        self._photos = photos

    def key(self, item: PageItem) -> str:
        return item.post.id if isinstance(item, PostHead) else item.key

    def version(self, item: PageItem) -> Hashable:
        if isinstance(item, CommentItem):
            return item.version
        if isinstance(item, MoreItem):
            return item
        if isinstance(item.post, ThreadPost):
            return (item.post.model_dump_json(), item.note, item.revealed)
        return (self._photos.version(item.post), item.note)

    def depth(self, item: PageItem) -> int:
        return 0 if isinstance(item, PostHead) else item.level + 1

    def estimate(self, item: PageItem, width: int) -> int:
        if isinstance(item, CommentItem):
            return 2 + len(item.comment.body) // max(min(width, WIDEST) - 2 * item.level, 20)
        if isinstance(item, MoreItem):
            return 1
        if isinstance(item.post, ThreadPost):
            return 6 + len(item.post.body or "") // max(min(width, WIDEST), 20)
        return self._photos.estimate(item.post, width) + 1

    def is_gap(self, item: PageItem) -> bool:
        return isinstance(item, MoreItem)

    def pins(self, item: PageItem) -> int:
        return 0 if isinstance(item, MoreItem) else WHOLE

    def pinned(self, item: PageItem, context: RenderContext) -> Strip:
        if isinstance(item, CommentItem):
            return comment_heading(item, context)
        return _post_heading(item.post, context) if isinstance(item, PostHead) else Strip([])

    def words(self, item: PageItem) -> str | None:
        return f"{item.comment.author_username} {item.comment.body}" if isinstance(item, CommentItem) else None

    def render(self, item: PageItem, context: RenderContext) -> list[Strip]:
        if isinstance(item, CommentItem):
            return comment_lines(item, context)
        if isinstance(item, MoreItem):
            return more_lines(item, context)
        if isinstance(item.post, ThreadPost):
            lines = thread_head(item.post, context, reveal=item.revealed)
        else:
            lines = self._photos.render(item.post, context)[:-1]
        return [*lines, _rule(item.note, min(context.width, WIDEST), context)]


def _post_heading(post: Post, context: RenderContext) -> Strip:
    """Return the line that stands for the post while its comments are read."""
    where = f"r/{post.subreddit_name}" if isinstance(post, ThreadPost) else f"photo by {post.user.username}"
    words = post.title if isinstance(post, ThreadPost) else post.caption or ""
    title = first_words(words, max(min(context.width, WIDEST) - cells(where) - 2, 4))
    return Strip([Segment(title, context.style("bold text")), Segment(f"  {where}", context.style("muted"))])


def _rule(title: str, width: int, context: RenderContext) -> Strip:
    """Return a line with `title` near its start."""
    shown = ellipsis(title, max(width - 6, 1))
    line = Strip([Segment("── ", context.style("faint")), Segment(shown, context.style("muted")), Segment(" ")])
    return Strip([*line, Segment("─" * max(width - line.cell_length, 0), context.style("faint"))])
