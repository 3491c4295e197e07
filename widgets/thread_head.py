"""A post at the top of its own thread: all of it, and how it stands."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.posts import PostType, ThreadPost
from widgets.item_renderer import RenderContext
from widgets.rich_text import markdown
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import ago
from widgets.thread_card import WIDEST, fitting, leads_to, standing
from widgets.vote_mark import comments, vote_mark

GONE = "This post was deleted."


def thread_head(post: ThreadPost, context: RenderContext, *, reveal: bool = False) -> list[Strip]:
    """Return the lines of `post`: where and who, title, link, text, score. `reveal` uncovers spoilers."""
    style = context.style
    width = min(context.width, WIDEST)
    where = [
        (f"r/{post.subreddit_name}", "bold secondary"),
        (f"u/{post.author_username}", "muted"),
        (ago(post.created_at, context.now), "muted"),
    ]
    if post.flair:
        where.append((post.flair, "italic accent"))
    lines = [_line(where, width, context)]
    lines += lay_out([Piece(post.title, "bold primary")], width, style)
    if post.deleted_at is not None:
        return [*lines, Strip([]), Strip([Segment(GONE, style("italic muted"))]), Strip([])]
    if post.url:
        hint = "m shows it" if post.post_type is PostType.IMAGE else "o opens it"
        lines.append(_line([(f"↗ {leads_to(post)}", "bold link"), (hint, "muted")], width, context))
        lines += lay_out([Piece(post.url, "muted")], width, style)[:2]
    if post.body:
        lines += [Strip([]), *markdown(post.body, width, style, reveal=reveal).strips]
    lines.append(Strip([]))
    lines.append(Strip([vote_mark(post.my_vote, post.score, style), *_state(post, width - 8, context)]))
    return lines


def _state(post: ThreadPost, width: int, context: RenderContext) -> list[Segment]:
    facts = [("", "muted")]
    votes = post.upvotes + post.downvotes
    if votes:
        facts.append((f"{post.upvotes * 100 // votes}% upvoted", "muted"))
    facts.append((comments(post.comment_count), "muted"))
    if post.is_saved_by_me:
        facts.append(("◆ saved", "bold accent"))
    facts += [(text, "bold warning") for text in standing(post)]
    if post.is_locked:
        facts.append(("no more comments", "muted"))
    return [Segment(text, context.style(spec)) for text, spec in fitting(facts, width)]


def _line(facts: list[tuple[str, str]], width: int, context: RenderContext) -> Strip:
    return Strip([Segment(text, context.style(spec)) for text, spec in fitting(facts, width)])
