"""Posts of both kinds in one list: photos as cards, those of subreddits as a few lines."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import PhotoPost, Post, ThreadPost
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.photo_card import WIDEST_TEXT, PhotoCardRenderer
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import ago, count_compact, plural

TITLE_LINES = 2
PREVIEW_LINES = 2


class MixedPostRenderer(BaseRenderer[Post]):
    """Photo posts are drawn by `photos`."""

    def __init__(self, photos: PhotoCardRenderer) -> None:
        self.photos = photos

    def key(self, item: Post) -> str:
        return item.id

    def version(self, item: Post) -> Hashable:
        if isinstance(item, PhotoPost):
            return self.photos.version(item)
        return (item.version, item.score, item.my_vote, item.comment_count, item.is_saved_by_me, item.title, item.body)

    def estimate(self, item: Post, width: int) -> int:
        return self.photos.estimate(item, width) if isinstance(item, PhotoPost) else 4

    def render(self, item: Post, context: RenderContext) -> list[Strip]:
        return self.photos.render(item, context) if isinstance(item, PhotoPost) else _thread(item, context)


def _thread(item: ThreadPost, context: RenderContext) -> list[Strip]:
    style = context.style
    width = min(context.width, WIDEST_TEXT + 20)
    head = [Piece(f"r/{item.subreddit_name}", "primary"), Piece(f" · @{item.author_username}", "muted")]
    head.append(Piece(f" · {ago(item.created_at, context.now)}", "muted"))
    for mark, spec in ((item.is_pinned, "success"), (item.is_locked, "warning"), (item.is_nsfw, "error")):
        if mark:
            word = {"success": "pinned", "warning": "locked", "error": "NSFW"}[spec]
            head.append(Piece(f" · {word}", spec))
    lines = lay_out(head, width, style)[:1]
    lines += lay_out([Piece(item.title, "bold text")], width, style)[:TITLE_LINES]
    preview = " ".join((item.body or item.url or "")[:400].split())
    if preview and not item.is_nsfw:
        lines += lay_out([Piece(preview, "text")], width, style)[:PREVIEW_LINES]
    arrow, spec = {1: ("▲", "bold up"), -1: ("▼", "bold down")}.get(item.my_vote, ("△", "text"))
    counts = [
        Segment(f"{arrow} {count_compact(item.score)}", style(spec)),
        Segment(f"   {plural(item.comment_count, 'comment')}", style("muted")),
    ]
    if item.is_saved_by_me:
        counts.append(Segment("   ◆ saved", style("bold accent")))
    return [*lines, Strip(counts), Strip([])]
