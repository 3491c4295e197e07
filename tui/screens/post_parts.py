"""What the screen of a post shows, as items of one list; its links; and where a reply is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from api_client.models.posts import COMMENT_LIMIT, FOLD_AT_SCORE, PhotoPost, Post
from api_client.models.threads import CommentSort
from tui.screens.thread_rows import UnsentItem, unsent_words
from tui.state.comment_entries import CommentEntry, MoreEntry, TreeEntry
from tui.state.comment_shelf import Reading
from tui.state.comments import CommentsStore
from tui.state.turns import STEP, Turns
from tui.state.unsent import Unsent
from widgets.comment_item import CommentItem, MoreItem
from widgets.composer import Composer
from widgets.post_page import PageItem, PostHead
from widgets.rich_text import markdown
from widgets.vote_mark import comments
from widgets.wrapping import ellipsis

SORTS = {
    CommentSort.BEST: "best: the surest approval",
    CommentSort.TOP: "top: the highest scores",
    CommentSort.NEW: "new: the latest first",
    CommentSort.HOT: "hot: lively now",
    CommentSort.CONTROVERSIAL: "controversial: as many against as for",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a reply answers."""

    draft: str
    """The key under which the words are kept while they are written."""
    parent_id: str | None
    title: str
    """Whom and what it answers, on one line."""
    amends: str | None = None
    """The id of a refused comment that is written anew."""
    words: str = ""
    """What stands in the field where there is no draft."""


class PageItems:
    """Turns entries of the store into items of the list, and remembers what was folded or revealed by hand."""

    def __init__(self, me_id: str, left: Reading) -> None:
        """`left` is how the thread was left the last time."""
        self._me_id = me_id
        self._left_folded = frozenset(left.folded)
        self.closed: set[str] = set(left.closed)
        """Keys of comments without replies whose words are hidden."""
        self.opened: set[str] = set(left.opened)
        """Keys of comments that the user opened although they start folded."""
        self.revealed: set[str] = set()
        """Keys of items whose spoilers are uncovered."""
        self._judged: set[str] = set()

    def comment(self, post: Post, entry: CommentEntry) -> CommentItem:
        """Return the item of one comment."""
        comment = entry.comment
        poster = post.user.id if isinstance(post, PhotoPost) else post.author_id
        kind = partial(UnsentItem, reason=entry.reason, refused=entry.refused) if entry.reason else CommentItem
        return kind(
            key=entry.key,
            comment=comment,
            level=entry.depth,
            mine=comment.author_id == self._me_id,
            by_poster=comment.author_id is not None and comment.author_id == poster,
            liked=isinstance(post, PhotoPost),
            sending=entry.sending and not entry.refused,
            fresh=entry.fresh,
            closed=entry.key in self.closed,
            revealed=entry.key in self.revealed,
        )

    def comments(self, post: Post, entries: Iterable[TreeEntry]) -> list[PageItem]:
        """Return the items of a thread, in order."""
        return [self._item(post, entry) for entry in entries]

    async def in_turns(self, post: Post, entries: Sequence[TreeEntry]) -> tuple[list[PageItem], list[str]]:
        """Return the items of a thread and what `to_fold` says of it, letting others have their turn meanwhile."""
        items: list[PageItem] = []
        folded: list[str] = []
        turns = Turns()
        for start in range(0, len(entries), STEP):
            piece = entries[start : start + STEP]
            following = entries[start + STEP] if start + STEP < len(entries) else None
            folded += self.to_fold(piece, following)
            items += self.comments(post, piece)
            await turns.rest()
        return items, folded

    def _item(self, post: Post, entry: TreeEntry) -> PageItem:
        if isinstance(entry, MoreEntry):
            return MoreItem(entry.key, entry.parent_id, entry.count, entry.depth, entry.deep)
        return self.comment(post, entry)

    def head(self, post: Post, note: str) -> PostHead:
        """Return the item of the post itself."""
        return PostHead(post, note, post.id in self.revealed)

    def to_fold(self, entries: Sequence[TreeEntry], behind: TreeEntry | None = None) -> list[str]:
        """Return the keys of comments that start folded, by their score or because they were left so, each once.

        Those without replies are closed here. `behind` is what follows the `entries`.
        """
        folded: list[str] = []
        for position, entry in enumerate(entries):
            if isinstance(entry, MoreEntry) or entry.key in self._judged:
                continue
            self._judged.add(entry.key)
            if entry.key in self._left_folded:
                folded.append(entry.key)
                continue
            bad = entry.comment.score <= FOLD_AT_SCORE and entry.comment.author_id != self._me_id
            if not bad or entry.key in self.opened:
                continue
            following = entries[position + 1] if position + 1 < len(entries) else behind
            if following is not None and following.depth > entry.depth:
                folded.append(entry.key)
            else:
                self.closed.add(entry.key)
        return folded


def note(post: Post, store: CommentsStore, unsent: Unsent | None, *, failed: bool) -> str:
    """Return what stands between a post and its comments: how many there are, in which order, what is new.

    `failed` says that they could not be fetched.
    """
    parts = [comments(post.comment_count)]
    if post.comment_count:
        parts.append(f"{store.sort(post.id).value} first")
    if unsent is not None:
        parts = [unsent_words(unsent)]
    elif not store.is_loaded(post.id):
        parts.append("not fetched" if failed else "fetching…")
    elif store.has_rest(post.id):
        parts.append("fetching the rest…")
    if fresh := store.fresh_count(post.id):
        parts.append(f"● {fresh} new")
    return " · ".join(parts)


def links_in(item: PageItem | None) -> list[str]:
    """Return the web links of an item, each once, in order."""
    parts: list[str | None] = []
    if isinstance(item, CommentItem):
        parts = [item.comment.body]
    elif isinstance(item, PostHead):
        post = item.post
        parts = [post.caption] if isinstance(post, PhotoPost) else [post.url, post.body]
    return markdown("\n\n".join(filter(None, parts)), 80, lambda _: Style.null()).links


class ReplyDock(Vertical):
    """The field for a reply at the bottom of the screen, with what it answers above it; hidden until it is opened."""

    DEFAULT_CSS = """
    ReplyDock { height: auto; display: none; background: $surface; border-top: solid $panel; }
    ReplyDock.-open { display: block; }
    ReplyDock > Static { height: 1; color: $muted; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.target: Target | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False)
        yield Composer(limit=COMMENT_LIMIT, placeholder="Markdown · Ctrl+S sends · Esc keeps it for later")

    @property
    def composer(self) -> Composer:
        """The field."""
        return self.query_one(Composer)

    def open(self, target: Target) -> None:
        """Be there for a reply to `target`."""
        self.target = target
        self.query_one(Static).update(Content(ellipsis(target.title, max(self.app.size.width - 2, 10))))
        self.add_class("-open")
        self.composer.focus()

    def close(self) -> None:
        """Hide."""
        self.target = None
        self.remove_class("-open")
