"""A post of either kind with its comments: one list, in which everything is read, judged and answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widget import Widget

from api_client.errors import NotFound, PlatformError
from api_client.models.posts import PhotoPost, Post, ThreadPost
from api_client.models.threads import CommentSort
from tui.places import Place, PostPlace
from tui.screens.drafting import Drafting
from tui.screens.kept_place import KeptPlace
from tui.screens.post_list import may_show, picture_source
from tui.screens.post_parts import SORTS, PageItems, ReplyDock, note
from tui.screens.post_writing import PostWriting
from tui.screens.thread_rows import ThreadPageRenderer
from tui.state.comment_shelf import Reading
from tui.state.comments import CommentsChange, CommentsPart
from tui.state.feed import FeedChange, FeedPart
from tui.state.threads import ThreadsChange, ThreadsPart
from tui.state.turns import MANY
from widgets.comment_item import CommentItem, MoreItem
from widgets.list_messages import Chosen, GapReached, Highlighted, VisibleChanged
from widgets.photo_card import PhotoCardRenderer
from widgets.post_page import PageItem, PostHead
from widgets.section_tabs import SectionTabs
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

DELETED = "This post was deleted, or never was."
PUTTING_IN_ORDER = "putting the comments in order…"
AT_ONCE = 200
"""Comments of a long thread that are shown before it is put together: more than fit a screen, also with folds."""
MOST_FETCHES = 2
"""So many places are filled at once at which replies were left out."""
MOST_ATTEMPTS = 3
"""So often a long thread that changes meanwhile is put together anew."""


class PostScreen(PostWriting):
    """Opened at a `PostPlace`; its comment is highlighted once it is there."""

    SECTION = "threads"
    TITLES: ClassVar[dict[str, str]] = {
        "item.create": "comment",
        "item.compose": "comment",
        "list.toggle": "fold",
        "list.leave_item": "fold, back",
        "list.next_block": "next sibling",
        "list.previous_block": "previous sibling",
        "item.follow": "join",
    }
    DEFAULT_CSS = """
    PostScreen #page { padding: 0 1; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._wanted = place.comment_id if isinstance(place, PostPlace) else None
        self._items = PageItems(shell.session.me.id, self.comments.reading(self.post_id))
        self._gone = False
        self._fetches = asyncio.Semaphore(MOST_FETCHES)
        self._changes = 0
        """Counts what has changed, so that what is being put together is known to be out of date."""
        self._was_unsent = False
        self._reading: KeptPlace | None = None
        self._is_shown = False
        """Whether the user may see this post: one marked NSFW waits for an answer."""

    def compose_body(self) -> Iterable[Widget]:
        photos = PhotoCardRenderer(
            picture_source(self.shell, self, VirtualList),
            self.shell.config.view.picture_rows,
            whole=True,
            draws=lambda: self.shell.draws_pictures,
        )
        yield VirtualList(ThreadPageRenderer(photos), id="page")
        yield ReplyDock()

    # -- life

    def start(self) -> None:
        key = f"posts:{self.post_id}"
        self.drafting = Drafting(self.shell, self.query_one(ReplyDock).composer)
        self.keep(self.drafting.keep)
        self._reading = KeptPlace(self.shell.session.cache, self.page)
        self.keep(self._reading.keep)
        if self._wanted is None:
            self._reading.open(f"comments:{self.post_id}")
        self.threads.recall(self.post_id)
        self._was_unsent = self.threads.unsent(self.post_id) is not None
        self.keep(self.comments.subscribe(self._comments_changed))
        self.keep(self.threads.subscribe(self._threads_changed))
        self.keep(self.feed.subscribe(self._feed_changed))
        self.comments.show(self.post_id)
        self.keep(lambda: self.comments.hide(self.post_id))
        self.shell.session.realtime.subscribe(key)
        self.keep(lambda: self.shell.session.realtime.unsubscribe(key))
        self.page.show_loading()
        self._show()
        self.page.focus()
        self.work_on(self._load(), "post")

    def refresh_content(self) -> None:
        self.work_on(self._load(), "post")

    async def _load(self, sort: CommentSort | None = None) -> None:
        try:
            if self.threads.unsent(self.post_id) is not None:
                self._show()
                return
            known = self.post
            if known is not None and self._may_show(known):
                # What is on this machine is shown already: its comments are what one waits for.
                await self.comments.load(self.post_id, sort)
                await self._load_post()
            elif await self._load_post():
                await self.comments.load(self.post_id, sort)
            if self._wanted is not None:
                await self._go_to_wanted(self._wanted)
        except NotFound:
            self._gone = True
            self.page.set_items([])
            self.page.show_error(DELETED)
        except PlatformError as error:
            self.say_failed(self.page, error)
            self._show_head()
            if self.page.items and self.comments.freshness(self.post_id).stale_since is None:
                raise
        finally:
            if self._reading is not None:
                self._reading.settle()

    async def _load_post(self) -> bool:
        """Fetch the post itself; return whether the user wants to see it. Raises PlatformError."""
        post = await self.feed.fetch(self.post_id)
        if isinstance(post, ThreadPost):
            self.threads.take(post)
        if not await may_show(self.shell, post):
            self.shell.leave()
            return False
        self._is_shown = True
        self._show()
        return True

    async def _go_to_wanted(self, comment_id: str) -> None:
        self._wanted = None
        if await self.comments.reach(self.post_id, comment_id):
            self.page.highlight(self.comments.key_of(self.post_id, comment_id))
        else:
            self.shell.say("That comment was deleted.")

    # -- what is shown

    def _may_show(self, post: Post) -> bool:
        """Whether nothing stands in the way of showing `post` at once."""
        return self._is_shown or isinstance(post, PhotoPost) or not post.is_nsfw or self.shell.session.shows_nsfw

    def _show(self) -> None:
        """Show all that is known; of a thread of thousands as soon as it is put together, while keys are heard."""
        post = self.post
        if post is None or self._gone or not self._may_show(post):
            return
        if self.comments.size(self.post_id) >= MANY:
            if not len(self.page):
                self._show_beginning(post)
            self.work_on(self._show_in_turns(post), "show")
            return
        entries = self.comments.entries(self.post_id)
        folded = self._items.to_fold(entries)
        self._put(post, self._items.comments(post, entries), folded)

    def _show_beginning(self, post: Post) -> None:
        """Show the first comments of a long thread before all are put together, unless others are to be read first."""
        *entries, behind = self.comments.entries(self.post_id, AT_ONCE + 1)
        sought = self._reading.sought if self._reading is not None else None
        if self._wanted is not None or sought not in (None, post.id, *(entry.key for entry in entries)):
            return
        folded = self._items.to_fold(entries, behind)
        self._put(post, self._items.comments(post, entries), folded)
        self.page.show_loading()

    async def _show_in_turns(self, post: Post) -> None:
        folded: list[str] = []
        for _ in range(MOST_ATTEMPTS):
            changes = self._changes
            entries = await self.comments.entries_in_turns(self.post_id)
            items, more = await self._items.in_turns(post, entries)
            folded += more
            if changes == self._changes:
                await self.page.set_items_in_turns([self._head(post), *items], sign=PUTTING_IN_ORDER)
                if changes == self._changes:
                    self._shown(post, items, folded)
                    return
        # Something comes without a pause: once everything at one go, then.
        entries = self.comments.entries(self.post_id)
        folded += self._items.to_fold(entries)
        self._put(self.post or post, self._items.comments(post, entries), folded)

    def _put(self, post: Post, comments: Sequence[PageItem], folded: Iterable[str]) -> None:
        self.page.set_items([self._head(post), *comments])
        self._shown(post, comments, folded)

    def _shown(self, post: Post, comments: Sequence[PageItem], folded: Iterable[str]) -> None:
        """Fold what starts folded, go where the reader was, and say what is still to come."""
        self.query_one(SectionTabs).current = "feed" if self.photo is not None else self.SECTION
        self.page.fold_more(folded)
        if self._written_last is not None and self.page.highlight(self._written_last):
            self._written_last = None
        elif self._reading is not None:
            self._reading.find()
        self._show_age()
        loaded = self.comments.is_loaded(self.post_id)
        if self.threads.unsent(self.post_id) is not None:
            self.page.set_footer(None)
        elif not loaded:
            self.page.show_loading()
        elif not comments:
            locked = isinstance(post, ThreadPost) and post.is_locked
            self.page.set_footer(
                "No comments, and no more: it is locked." if locked else "No comments yet. r writes one."
            )
        self.update_footer()

    def _head(self, post: Post) -> PostHead:
        return self._items.head(
            post, note(post, self.comments, self.threads.unsent(post.id), failed=self.page.has_failed)
        )

    def _show_head(self) -> None:
        if (post := self.post) is not None and not self._gone:
            self.page.update(self._head(post))

    def _show_age(self) -> None:
        self.say_stale(self.comments.freshness(self.post_id).stale_since)

    @on(Highlighted, "#page")
    @on(VisibleChanged, "#page")
    def _moved(self) -> None:
        if self._reading is not None:
            self._reading.keep()

    def _comments_changed(self, change: CommentsChange) -> None:
        post = self.post
        if change.post_id != self.post_id or post is None:
            return
        self._changes += 1
        match change.part:
            case CommentsPart.ALL:
                self._show()
            case CommentsPart.APPENDED:
                folded = self._items.to_fold(change.entries)
                self.page.append(self._items.comments(post, change.entries))
                self.page.fold_more(folded)
                self._show_head()
            case CommentsPart.ONE:
                for item in self._items.comments(post, change.entries):
                    self.page.update(item)
            case CommentsPart.AGE:
                self._show_age()

    def _threads_changed(self, change: ThreadsChange) -> None:
        if change.part is ThreadsPart.POST and change.name == self.post_id:
            unsent = self.threads.unsent(self.post_id) is not None
            if self._was_unsent and not unsent and self.post is not None:
                self.refresh_content()
            self._was_unsent = unsent
            self._show_head()

    def _feed_changed(self, change: FeedChange) -> None:
        if change.part is FeedPart.POST and change.key == self.post_id:
            self._show_head()

    # -- opening and folding

    @on(Chosen, "#page")
    def _chosen(self, event: Chosen) -> None:
        item: PageItem = event.item
        if isinstance(item, CommentItem) and (item.closed or self.page.is_folded(item.key)):
            self._toggle()
        elif isinstance(item, PostHead) and isinstance(item.post, PhotoPost):
            self.action_media()
        elif not isinstance(item, MoreItem):
            key = item.post.id if isinstance(item, PostHead) else item.key
            self._items.revealed ^= {key}
            self._changes += 1
            self.page.update(replace(item, revealed=key in self._items.revealed))

    @on(GapReached, "#page")
    def _gap_reached(self, event: GapReached) -> None:
        item = self.page.item(event.place)
        if isinstance(item, MoreItem):
            self.page.load_gap(item.key)
            self.work_on(self._fetch_replies(item), f"replies {item.key}")
        elif event.asked:
            self.refresh_content()

    async def _fetch_replies(self, item: MoreItem) -> None:
        """Fetch what was left out, unless it has been scrolled past before its turn came."""
        try:
            async with self._fetches:
                if item.key in self.page.visible_keys:
                    await self.comments.load_replies(self.post_id, item.parent_id)
        except PlatformError as error:
            self.page.fail_gap(item.key, error.sentence)
        else:
            self.page.close_gap(item.key)

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Fold or unfold the comment; Textual has an action of this name for every node, with an argument."""
        self._toggle()

    def _toggle(self) -> None:
        item = self.selected
        if not isinstance(item, CommentItem):
            return
        self._changes += 1
        if self.page.unfold(item.key) or item.closed:
            self._items.closed.discard(item.key)
            self._items.opened.add(item.key)
        else:
            self._items.opened.discard(item.key)
            if not self.page.fold(item.key):
                self._items.closed.add(item.key)
        self.page.update(replace(item, closed=item.key in self._items.closed))
        folded = tuple(key for key in self.page.keys if self.page.is_folded(key))
        left = Reading(folded=folded, closed=tuple(self._items.closed), opened=tuple(self._items.opened))
        self.comments.keep_reading(self.post_id, left)

    def action_leave_item(self) -> None:
        """Fold; what is folded already leads to its parent, and the post leads back."""
        item = self.selected
        if isinstance(item, CommentItem) and not self.page.is_folded(item.key) and not item.closed:
            self._toggle()
        elif isinstance(item, PostHead) or not self.page.move_to_parent():
            self.shell.leave()

    def action_next_block(self) -> None:
        """From the post to the first comment; from a comment to its next sibling."""
        keys = self.page.keys
        if isinstance(self.selected, PostHead) and len(keys) > 1:
            self.page.highlight(keys[1])
        else:
            super().action_next_block()

    async def action_sort(self, order: str = "") -> None:
        chosen = order or await self.shell.choose("Order of the comments", [(s.value, w) for s, w in SORTS.items()])
        sort = next((sort for sort in SORTS if sort.value == chosen), None)
        if sort is not None:
            self.page.highlight(self.post_id)
            self.work_on(self._load(sort), "post")
        elif order:
            self.shell.say(f"There is no order {order}. There are: {', '.join(SORTS)}.", "warning")
