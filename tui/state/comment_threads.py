"""The comments of posts as they are read: first from this machine, then from the platform, and kept up to date."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from api_client.calls import Page
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.posts import Comment
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.threads import CommentSort
from api_client.models.users import User
from api_client.sync.cache import Cache
from tui.state.comment_change import CommentsChange, CommentsPart
from tui.state.comment_entries import CommentEntry, TreeEntry
from tui.state.comment_shelf import CommentShelf, Reading
from tui.state.comment_thread import Thread
from tui.state.comment_tree import CommentTree
from tui.state.freshness import Freshness
from tui.state.observable import Observable
from tui.state.tasks import Tasks
from tui.state.turns import MANY, STEP, Turns, at_once

FIRST_PAGE = 20
"""Root comments of the first page, which is waited for."""
PAGE = 100
"""Root comments of the pages behind it, where the platform does not give as much as fits into a page."""
PIECE = 250
"""Comments of a page that are taken in and shown at once, before others have their turn."""
WAITING = 8
"""Pieces of a long thread that wait at most to be written into the cache: each comment takes 0.2 KB meanwhile."""
CALM = 1.0
"""Seconds between two times a thread is fetched again because something in it changed, per 500 comments."""
KEPT = 12
"""Threads that stay in memory after they were left."""


class CommentThreads(Observable[CommentsChange]):
    """What is known of the threads; `CommentsStore` adds what the user does to them."""

    def __init__(self, client: PlatformClient, me: User, cache: Cache, calm: float, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch."""
        super().__init__()
        self._client = client
        self.me = me
        self.calm = calm
        """Seconds between two times a busy thread is fetched again; see `CALM`."""
        self._now = now
        self._shelf = CommentShelf(cache)
        self._threads: dict[str, Thread] = {}
        self._shown: Counter[str] = Counter()
        self._tasks = Tasks()

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()

    # -- reading

    def entries(self, post_id: str, most: int | None = None) -> list[TreeEntry]:
        """Return a thread depth first, with what is still on its way; the first `most` entries, if that is given."""
        thread = self._threads.get(post_id)
        if thread is None:
            return []
        return self._all_as_wished(thread.tree.entries(most))

    async def entries_in_turns(self, post_id: str) -> list[TreeEntry]:
        """Return the same, letting others have their turn meanwhile: for threads of many thousands."""
        thread = self._threads.get(post_id)
        found: list[TreeEntry] = [] if thread is None else await thread.tree.entries_in_turns()
        turns = Turns()
        for start in range(0, len(found), STEP):
            found[start : start + STEP] = self._all_as_wished(found[start : start + STEP])
            await turns.rest()
        return found

    def size(self, post_id: str) -> int:
        """Return how many comments of a thread are known."""
        thread = self._threads.get(post_id)
        return len(thread.tree) if thread else 0

    def comment(self, post_id: str, comment_id: str) -> Comment | None:
        """Return a comment as it is shown, or None."""
        thread = self._threads.get(post_id)
        entry = thread.tree.entry(comment_id) if thread else None
        return self._wished(entry).comment if entry else None

    def key_of(self, post_id: str, comment_id: str) -> str:
        """Return the key under which a comment is listed."""
        thread = self._threads.get(post_id)
        return thread.tree.key_of(comment_id) if thread else comment_id

    def is_loaded(self, post_id: str) -> bool:
        """Whether at least the first page is there."""
        thread = self._threads.get(post_id)
        return thread is not None and thread.loaded

    def has_rest(self, post_id: str) -> bool:
        """Whether pages are still to come."""
        thread = self._threads.get(post_id)
        return thread is not None and thread.next_cursor is not None

    def sort(self, post_id: str) -> CommentSort:
        """Return the order of a thread."""
        thread = self._threads.get(post_id)
        return thread.sort if thread else CommentSort.BEST

    def fresh_count(self, post_id: str) -> int:
        """Return how many comments of others came since the thread was left, or while it is open."""
        thread = self._threads.get(post_id)
        return thread.tree.fresh_count if thread else 0

    def freshness(self, post_id: str) -> Freshness:
        """Return whether a thread is shown as it was on this machine, and from when that is."""
        thread = self._threads.get(post_id)
        return thread.freshness if thread else Freshness()

    def _all_as_wished(self, entries: list[TreeEntry]) -> list[TreeEntry]:
        if not self._has_wishes:
            return entries
        return [self._wished(entry) if isinstance(entry, CommentEntry) else entry for entry in entries]

    @property
    def _has_wishes(self) -> bool:
        """Whether anything at all is on its way."""
        raise NotImplementedError

    def _wished(self, entry: CommentEntry) -> CommentEntry:
        """Return an entry as it will be when what is on its way has arrived."""
        raise NotImplementedError

    def _shown_anew(self, post_id: str, thread: Thread) -> None:
        """A thread has come into memory: put into it what is still on its way."""
        raise NotImplementedError

    # -- opening and leaving

    def show(self, post_id: str) -> None:
        """A screen shows this thread, at once as far as it is on this machine: kept up to date until `hide`."""
        self._shown[post_id] += 1
        self._thread(post_id)

    def hide(self, post_id: str) -> None:
        """It does no more."""
        self._shown[post_id] -= 1
        if self._shown[post_id] <= 0:
            del self._shown[post_id]
            self.keep_reading(post_id, self.reading(post_id))
        for known in [known for known in self._threads if known not in self._shown][:-KEPT]:
            del self._threads[known]

    def reading(self, post_id: str) -> Reading:
        """Return how the user left a thread: what was folded."""
        return self._shelf.reading(post_id)

    def keep_reading(self, post_id: str, reading: Reading) -> None:
        """Keep how a thread is left; what others write from now on is new when it is opened again."""
        thread = self._threads.get(post_id)
        if thread is None or not thread.loaded:
            return
        seen = thread.tree.newest_at or reading.seen
        if not self._shown[post_id]:
            thread.tree.left_at = seen
        self._shelf.keep_reading(post_id, reading.changed(sort=thread.sort, seen=seen))

    def _thread(self, post_id: str) -> Thread:
        """Return a thread, the one touched last at the end; one that is not in memory comes from this machine."""
        thread = self._threads.pop(post_id, None)
        if thread is not None:
            self._threads[post_id] = thread
            return thread
        thread = self._threads[post_id] = Thread(CommentTree(self.me.id))
        reading = self._shelf.reading(post_id)
        thread.sort, thread.tree.left_at = reading.sort, reading.seen
        self._recall(post_id, thread, reading.sort)
        self._shown_anew(post_id, thread)
        return thread

    def _recall(self, post_id: str, thread: Thread, sort: CommentSort) -> bool:
        """Show what this machine has of a thread; return whether that is anything."""
        found = self._shelf.first_piece(post_id, sort)
        if found is None:
            return False
        thread.tree.replace(found.items)
        thread.sort, thread.loaded, thread.next_cursor = sort, True, None
        thread.freshness.recalled(found.fetched_at)
        thread.recalling = found.next_cursor is not None
        if found.next_cursor is not None:
            self._tasks.later(self._recall_rest(post_id, thread, thread.fetching, found.next_cursor))
        return True

    async def _recall_rest(self, post_id: str, thread: Thread, mine: int, name: str | None) -> None:
        """Read the pieces behind the first one, as long as nothing newer has come."""
        recalled = thread.freshness.since
        try:
            while name is not None:
                found = await self._shelf.piece(name)
                if found is None or thread.freshness.since != recalled or thread.sort.value not in name:
                    return
                self._append(post_id, thread, found.items)
                # One piece after the other: keys are listened to in between.
                await asyncio.sleep(0)
                name = found.next_cursor
        finally:
            if thread.freshness.since == recalled:
                thread.recalling = False

    def _append(self, post_id: str, thread: Thread, comments: list[Comment], asked: int | None = None) -> None:
        self._tell_appended(post_id, thread.tree.append(comments, asked))

    def _tell_appended(self, post_id: str, added: list[TreeEntry] | None) -> None:
        if added is None:
            self.tell(CommentsChange(post_id, CommentsPart.ALL))
        else:
            self.tell(CommentsChange(post_id, CommentsPart.APPENDED, tuple(self._all_as_wished(added))))

    # -- fetching

    async def load(self, post_id: str, sort: CommentSort | None = None) -> None:
        """Fetch a thread anew. Raises PlatformError; what was there stays then, and counts as stale.

        What is shown in the same order already stays until everything is there, and gives way in one step; else the
        first page is shown as soon as it comes, and the others follow.
        """
        thread = self._thread(post_id)
        sort = sort or thread.sort
        if sort is not thread.sort and self._recall(post_id, thread, sort):
            self.tell(CommentsChange(post_id, CommentsPart.ALL))
        thread.fetching += 1
        mine = thread.fetching
        if thread.loaded:
            thread.freshness.asked()
            self.tell(CommentsChange(post_id, CommentsPart.AGE))
        try:
            if thread.loaded and sort is thread.sort and thread.next_cursor is None:
                await self._load_whole(post_id, thread, mine)
            else:
                await self._load_in_pages(post_id, thread, mine, sort)
        except PlatformError:
            if thread.fetching == mine:
                thread.freshness.failed()
                self.tell(CommentsChange(post_id, CommentsPart.AGE))
            raise

    async def _load_whole(self, post_id: str, thread: Thread, mine: int) -> None:
        asked = thread.tree.ask()
        comments = await self._all_pages(post_id, thread.sort, None)
        if thread.fetching == mine:
            await thread.tree.replace_in_turns(comments, asked)
            self._fetched(post_id, thread)
            self.tell(CommentsChange(post_id, CommentsPart.ALL))

    async def _load_in_pages(self, post_id: str, thread: Thread, mine: int, sort: CommentSort) -> None:
        asked = thread.tree.ask()
        page = await self._client.comments.page(post_id, sort=sort, limit=FIRST_PAGE)
        if thread.fetching != mine:
            return
        thread.tree.replace(page.items, asked)
        thread.sort, thread.loaded, thread.next_cursor = sort, True, page.next_cursor
        thread.freshness.fetched(self._now())
        self.tell(CommentsChange(post_id, CommentsPart.ALL))
        await self.load_rest(post_id)

    async def load_rest(self, post_id: str) -> None:
        """Fetch the pages that are still missing. Raises PlatformError; what has come until then stays."""
        thread = self._threads[post_id]
        mine = thread.fetching
        while (cursor := thread.next_cursor) is not None:
            asked = thread.tree.ask()
            page = await self._page(post_id, cursor, thread.sort)
            turns = Turns()
            for start in range(0, len(page.items) or 1, PIECE):
                if thread.fetching != mine or thread.next_cursor != cursor:
                    return
                if start + PIECE >= len(page.items):
                    thread.next_cursor = page.next_cursor
                self._append(post_id, thread, page.items[start : start + PIECE], asked)
                await turns.rest()
        self._fetched(post_id, thread)

    async def _page(
        self, post_id: str, cursor: str | None, sort: CommentSort, root: str | None = None
    ) -> Page[Comment]:
        return await self._client.comments.page(post_id, cursor, sort=sort, root=root, limit=PAGE, whole=True)

    def _fetched(self, post_id: str, thread: Thread) -> None:
        """Everything there is has come: keep it."""
        thread.freshness.fetched(self._now())
        thread.recalling = False
        self._keep(post_id, thread)
        reading = self._shelf.reading(post_id)
        if reading.sort is not thread.sort:
            # Now, not when it is left: a program that is killed leaves nothing.
            self._shelf.keep_reading(post_id, reading.changed(sort=thread.sort))
        if thread.tree.take_held() or thread.stale:
            self._catch_up(post_id)

    def _keep(self, post_id: str, thread: Thread) -> None:
        """Keep a thread on this machine, if all of it is known."""
        if not thread.loaded or thread.next_cursor is not None or thread.recalling:
            return
        thread.keeping += 1
        if len(thread.tree) < MANY:
            at_once(self._shelf.keep(post_id, thread.sort, thread.tree.confirmed(), thread.kept))
        else:
            self._tasks.later(self._keep_in_turns(post_id, thread, thread.keeping))

    async def _keep_in_turns(self, post_id: str, thread: Thread, mine: int) -> None:
        sort, comments = thread.sort, await thread.tree.confirmed_in_turns()
        turns = Turns()
        for number, _ in enumerate(self._shelf.keep(post_id, sort, comments, thread.kept)):
            await turns.rest()
            if number % WAITING == 0:
                await self._shelf.written()
            if thread.keeping != mine:
                return

    async def load_replies(self, post_id: str, comment_id: str) -> None:
        """Fetch the replies below a comment that were left out. Raises PlatformError."""
        thread = self._threads[post_id]
        mine, asked = thread.fetching, thread.tree.ask()
        found = await self._all_pages(post_id, thread.sort, comment_id)
        if thread.fetching == mine:
            thread.tree.graft(comment_id, found, asked)
            self.tell(CommentsChange(post_id, CommentsPart.ALL))

    async def reach(self, post_id: str, comment_id: str) -> bool:
        """Fetch what was left out until a comment is there; return whether it is. Raises PlatformError."""
        thread = self._threads[post_id]
        while comment_id not in thread.tree:
            above = await self._client.comments.page(post_id, root=comment_id, limit=1)
            path = above.items[0].path if above.items else ""
            deepest = thread.tree.left_out_above(path)
            if deepest is None:
                return False
            await self.load_replies(post_id, deepest)
        return True

    async def _all_pages(self, post_id: str, sort: CommentSort, root: str | None) -> list[Comment]:
        found: list[Comment] = []
        cursor: str | None = None
        while True:
            page = await self._page(post_id, cursor, sort, root)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    # -- staying up to date

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket."""
        if isinstance(frame, Updates):
            for notice in frame.updates:
                kind, _, post_id = notice.key.partition(":")
                if kind == "posts" and post_id in self._shown:
                    self._catch_up(post_id)

    def on_gap(self) -> None:
        """The socket was away: fetch the threads that are shown again."""
        for post_id in self._shown:
            self._catch_up(post_id)

    def _catch_up(self, post_id: str) -> None:
        thread = self._threads.get(post_id)
        if thread is None or not thread.loaded:
            return
        thread.stale = True
        if not thread.catching_up:
            thread.catching_up = True
            self._tasks.later(self._keep_up(post_id, thread))

    async def _keep_up(self, post_id: str, thread: Thread) -> None:
        """Fetch until nothing has changed in the meantime; in a busy thread now and then, not at every vote."""
        try:
            while thread.stale and thread.next_cursor is None and post_id in self._shown:
                thread.stale = False
                mine, asked = thread.fetching, thread.tree.ask()
                comments = await self._all_pages(post_id, thread.sort, None)
                if thread.fetching == mine:
                    await thread.tree.merge_in_turns(comments, asked)
                    self._fetched(post_id, thread)
                    self.tell(CommentsChange(post_id, CommentsPart.ALL))
                await asyncio.sleep(self.calm * max(1.0, len(thread.tree) / 500))
        except PlatformError:
            thread.freshness.failed()
            self.tell(CommentsChange(post_id, CommentsPart.AGE))
            raise
        finally:
            thread.catching_up = False
