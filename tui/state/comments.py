"""Comments on posts of both kinds: fetched page by page, judged and answered at once, kept up to date while shown."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.posts import Comment, LikeState, NewComment, VoteRequest, VoteState
from api_client.models.realtime import ServerFrame, Updates
from api_client.models.threads import CommentSort
from api_client.models.users import User
from tui.state.comment_tree import CommentEntry, CommentTree, TreeEntry, blanked
from tui.state.observable import Observable
from tui.state.tasks import Tasks
from tui.state.wishes import Vote, Wishes, confirmed, with_like, with_vote
from tui.state.writes import Writes

FIRST_PAGE = 20
"""Root comments of the first page, which is waited for."""
PAGE = 100
"""Root comments of the pages behind it; the most that the platform gives."""
CALM = 1.0
"""Seconds between two times a thread is fetched again because something in it changed, per 500 comments."""
KEPT = 12
"""Threads that are remembered after they were left."""


class CommentsPart(Enum):
    """What has changed."""

    ALL = "all"
    """The list is to be read anew."""
    APPENDED = "appended"
    """`entries` came behind everything else."""
    ONE = "one"
    """The comment of `entries`."""


@dataclass(frozen=True, slots=True)
class CommentsChange:
    """A change in one thread."""

    post_id: str
    part: CommentsPart
    entries: tuple[CommentEntry, ...] = ()


@dataclass
class _Thread:
    """One post's comments, and how far they were fetched."""

    tree: CommentTree = field(default_factory=CommentTree)
    sort: CommentSort = CommentSort.BEST
    loaded: bool = False
    next_cursor: str | None = None
    fetching: int = 0
    """Number of the newest fetch of the whole thread; an older one that still arrives is dropped."""
    writes: int = 0
    """How often the user has changed something: a list fetched across such a change is out of date."""
    stale: bool = False
    catching_up: bool = False


class CommentsStore(Observable[CommentsChange]):
    """One for the session."""

    def __init__(self, client: PlatformClient, writes: Writes, me: User, calm: float = CALM) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self.me = me
        self._calm = calm
        self._threads: dict[str, _Thread] = {}
        self._shown: Counter[str] = Counter()
        self._votes: Wishes[Vote] = Wishes()
        self._likes: Wishes[bool] = Wishes()
        self._deletions: Wishes[bool] = Wishes()
        self._tasks = Tasks()
        self.drafts: dict[str, str] = {}
        """Replies that are being written, by the id of the comment or post they answer."""

    # -- reading

    def entries(self, post_id: str) -> list[TreeEntry]:
        """Return a thread depth first, with what is still on its way."""
        thread = self._threads.get(post_id)
        return [self._wished(entry) for entry in thread.tree.entries()] if thread else []

    def comment(self, post_id: str, comment_id: str) -> Comment | None:
        """Return a comment as it is shown, or None."""
        thread = self._threads.get(post_id)
        entry = thread.tree.entry(comment_id) if thread else None
        return self._wished_comment(entry.comment) if entry else None

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
        """Return how many comments came since the thread was opened."""
        thread = self._threads.get(post_id)
        return thread.tree.fresh_count if thread else 0

    def _wished(self, entry: TreeEntry) -> TreeEntry:
        return self._wished_entry(entry) if isinstance(entry, CommentEntry) else entry

    def _wished_entry(self, entry: CommentEntry) -> CommentEntry:
        comment = self._wished_comment(entry.comment)
        return entry if comment is entry.comment else replace(entry, comment=comment)

    def _wished_comment(self, comment: Comment) -> Comment:
        if self._deletions.of(comment.id):
            return blanked(comment)
        return with_like(with_vote(comment, self._votes.of(comment.id)), self._likes.of(comment.id))

    # -- fetching

    def show(self, post_id: str) -> None:
        """A screen shows this thread: it is kept up to date until `hide`."""
        self._shown[post_id] += 1

    def hide(self, post_id: str) -> None:
        """It does no more."""
        self._shown[post_id] -= 1
        if self._shown[post_id] <= 0:
            del self._shown[post_id]
        for known in [known for known in self._threads if known not in self._shown][:-KEPT]:
            del self._threads[known]

    async def load(self, post_id: str, sort: CommentSort | None = None) -> None:
        """Fetch a thread anew: the first page replaces what is there, the others follow. Raises PlatformError."""
        thread = self._threads.pop(post_id, None) or _Thread()
        self._threads[post_id] = thread
        sort = sort or thread.sort
        thread.fetching += 1
        mine, writes = thread.fetching, thread.writes
        page = await self._client.comments.page(post_id, sort=sort, limit=FIRST_PAGE)
        if thread.fetching != mine:
            return
        thread.tree.replace(page.items)
        thread.sort, thread.loaded, thread.next_cursor = sort, True, page.next_cursor
        self.tell(CommentsChange(post_id, CommentsPart.ALL))
        await self.load_rest(post_id)
        if thread.writes != writes:
            self._catch_up(post_id)

    async def load_rest(self, post_id: str) -> None:
        """Fetch the pages that are still missing. Raises PlatformError; what has come until then stays."""
        thread = self._threads[post_id]
        mine = thread.fetching
        while (cursor := thread.next_cursor) is not None:
            page = await self._client.comments.page(post_id, cursor, sort=thread.sort, limit=PAGE)
            if thread.fetching != mine or thread.next_cursor != cursor:
                return
            added = thread.tree.append(page.items)
            thread.next_cursor = page.next_cursor
            if added is None:
                self.tell(CommentsChange(post_id, CommentsPart.ALL))
            else:
                self.tell(CommentsChange(post_id, CommentsPart.APPENDED, tuple(added)))
        if thread.stale:
            self._catch_up(post_id)

    async def load_replies(self, post_id: str, comment_id: str) -> None:
        """Fetch the replies below a comment that were left out. Raises PlatformError."""
        thread = self._threads[post_id]
        mine = thread.fetching
        found = await self._all_pages(post_id, thread.sort, comment_id)
        if thread.fetching == mine:
            thread.tree.graft(comment_id, found)
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
            page = await self._client.comments.page(post_id, cursor, sort=sort, root=root, limit=PAGE)
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

    async def _keep_up(self, post_id: str, thread: _Thread) -> None:
        """Fetch until nothing has changed in the meantime; in a busy thread now and then, not at every vote."""
        try:
            while thread.stale and thread.next_cursor is None and post_id in self._shown:
                thread.stale = False
                mine, writes = thread.fetching, thread.writes
                comments = await self._all_pages(post_id, thread.sort, None)
                if thread.fetching == mine and thread.writes == writes:
                    thread.tree.merge(comments, self.me.id)
                    self.tell(CommentsChange(post_id, CommentsPart.ALL))
                elif thread.fetching == mine:
                    thread.stale = True
                await asyncio.sleep(self._calm * max(1.0, len(thread.tree) / 500))
        finally:
            thread.catching_up = False

    # -- what the user does

    async def vote(self, comment: Comment, value: Vote) -> None:
        """Vote on a comment. Raises PlatformError; the vote is then taken back."""

        async def work() -> None:
            serial = self._votes.want(comment.id, value)
            self._changed(comment)
            try:
                state: VoteState = await self._writes.do(
                    endpoints.VOTE_COMMENT,
                    object_key=f"vote:{comment.id}",
                    label="vote on a comment",
                    params={"id": comment.id},
                    body=VoteRequest(value=value),
                )
                self._confirm(comment, lambda known: confirmed(known, state))
            finally:
                self._votes.settle(comment.id, serial)
                self._changed(comment)

        await self._tasks.see_through(work())

    async def toggle_like(self, comment: Comment) -> None:
        """Like a comment, or take the like back. Raises PlatformError; nothing has changed then."""

        async def work() -> None:
            serial = self._likes.want(comment.id, not self._wished_comment(comment).is_liked_by_me)
            self._changed(comment)
            try:
                state: LikeState = await self._writes.do(
                    endpoints.TOGGLE_COMMENT_LIKE,
                    object_key=f"like:{comment.id}",
                    label="like a comment",
                    params={"id": comment.id},
                )
                self._confirm(
                    comment, lambda known: known.changed(is_liked_by_me=state.liked, like_count=state.like_count)
                )
            finally:
                self._likes.settle(comment.id, serial)
                self._changed(comment)

        await self._tasks.see_through(work())

    async def reply(self, post_id: str, text: str, parent_id: str | None = None) -> None:
        """Comment on a post, or on its comment `parent_id`, shown at once. Raises PlatformError; it is a draft then."""

        async def work() -> None:
            thread = self._threads.setdefault(post_id, _Thread())
            key = str(uuid.uuid4())
            echo = Comment(
                id=key,
                post_id=post_id,
                parent_id=parent_id,
                author_id=self.me.id,
                author_username=self.me.username,
                body=text,
                created_at=datetime.now(UTC),
            )
            thread.tree.echo(echo)
            self.tell(CommentsChange(post_id, CommentsPart.ALL))
            try:
                comment: Comment = await self._writes.do(
                    endpoints.CREATE_COMMENT,
                    object_key=f"comments:{post_id}",
                    label="reply" if parent_id else "comment",
                    params={"id": post_id},
                    body=NewComment(body=text, parent_id=parent_id),
                    idempotency_key=key,
                )
                thread.tree.confirm(key, comment)
            except PlatformError:
                thread.tree.take_back(key)
                self.drafts.setdefault(parent_id or post_id, text)
                raise
            finally:
                thread.writes += 1
                self.tell(CommentsChange(post_id, CommentsPart.ALL))

        await self._tasks.see_through(work())

    async def delete(self, comment: Comment) -> None:
        """Delete a comment. Raises PlatformError; it is then shown again."""

        async def work() -> None:
            serial = self._deletions.want(comment.id, True)
            self._changed(comment)
            try:
                await self._writes.do(
                    endpoints.DELETE_COMMENT,
                    object_key=f"comments:{comment.post_id}",
                    label="delete a comment",
                    params={"id": comment.id},
                )
                if (thread := self._threads.get(comment.post_id)) is not None:
                    thread.writes += 1
                    thread.tree.remove(comment.id)
            finally:
                self._deletions.settle(comment.id, serial)
                self.tell(CommentsChange(comment.post_id, CommentsPart.ALL))

        await self._tasks.see_through(work())

    def _confirm(self, comment: Comment, change: Callable[[Comment], Comment]) -> None:
        """Take in what the platform says about a comment after the user's change."""
        thread = self._threads.get(comment.post_id)
        known = thread.tree.get(comment.id) if thread else None
        if thread is not None and known is not None:
            thread.writes += 1
            thread.tree.update(change(known))

    def _changed(self, comment: Comment) -> None:
        thread = self._threads.get(comment.post_id)
        entry = thread.tree.entry(comment.id) if thread else None
        if entry is not None:
            self.tell(CommentsChange(comment.post_id, CommentsPart.ONE, (self._wished_entry(entry),)))
