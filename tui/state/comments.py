"""Comments on posts of both kinds: judged, written and deleted at once, and sent when the platform can be reached."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.ids import new_id
from api_client.models.posts import Comment, LikeState, NewComment, VoteRequest, VoteState
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Intent, Inverse
from api_client.sync.receipts import Receipt, Status
from tui.state.comment_change import CommentsChange, CommentsPart
from tui.state.comment_entries import CommentEntry, blanked
from tui.state.comment_thread import Thread
from tui.state.comment_threads import CALM, CommentThreads
from tui.state.lanes import lane, made_id
from tui.state.unsent import UnsentCreates
from tui.state.wishes import Vote, Wishes, confirmed, with_like, with_vote
from tui.state.writes import Writes

__all__ = ["CommentsChange", "CommentsPart", "CommentsStore", "draft_key"]

HOLD = 5.0
"""Seconds for which a deletion can be taken back before anybody has seen it."""
_CHANGERS = (
    endpoints.VOTE_COMMENT,
    endpoints.LIKE_COMMENT,
    endpoints.UNLIKE_COMMENT,
    endpoints.DELETE_COMMENT,
)


def draft_key(post_id: str, parent_id: str | None) -> str:
    """Return under which key a reply to a comment, or to the post itself, is kept while it is being written."""
    return f"comment:{post_id}:{parent_id or ''}"


class CommentsStore(CommentThreads):
    """One for the session. What is shown is what the platform has said, and on top of it what the outbox holds."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        me: User,
        calm: float = CALM,
        *,
        cache: Cache | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`calm` is in seconds (see `CALM`), `now` in seconds since the epoch; without a `cache` nothing is kept."""
        super().__init__(client, me, cache or Cache.in_memory(), calm, now)
        self._writes = writes
        self._votes: Wishes[Vote] = Wishes()
        self._likes: Wishes[bool] = Wishes()
        self._deletions: Wishes[bool] = Wishes()
        self._unsent = UnsentCreates(writes, endpoints.CREATE_COMMENT, self._moved, self._dropped)
        writes.show(endpoints.VOTE_COMMENT, by=self._follow_vote)
        writes.show(endpoints.LIKE_COMMENT, endpoints.UNLIKE_COMMENT, by=self._follow_like)
        writes.show(endpoints.DELETE_COMMENT, by=self._follow_delete)
        writes.show(endpoints.CREATE_COMMENT, by=self._follow_create)

    # -- what is on its way

    @property
    def _has_wishes(self) -> bool:
        return bool(self._votes or self._likes or self._deletions or self._unsent.receipts())

    def _wished(self, entry: CommentEntry) -> CommentEntry:
        comment = self._wished_comment(entry.comment)
        if comment is not entry.comment:
            entry = entry._replace(comment=comment)
        standing = self._unsent.standing(entry.comment.id) if entry.sending else None
        if standing is not None:
            entry = entry._replace(reason=standing.reason, refused=standing.refused)
        return entry

    def _wished_comment(self, comment: Comment) -> Comment:
        if self._deletions.of(comment.id):
            return blanked(comment)
        return with_like(with_vote(comment, self._votes.of(comment.id)), self._likes.of(comment.id))

    def _shown_anew(self, post_id: str, thread: Thread) -> None:
        for receipt in self._unsent.receipts():
            if receipt.intent.params["id"] == post_id:
                thread.tree.pend(self._as_comment(receipt))

    def _as_comment(self, receipt: Receipt) -> Comment:
        """Return an unsent comment as it will be."""
        intent = receipt.intent
        wish: NewComment = intent.body
        return Comment(
            id=made_id(intent),
            post_id=intent.params["id"],
            parent_id=wish.parent_id,
            author_id=self.me.id,
            author_username=self.me.username,
            author_avatar=self.me.avatar_url,
            body=wish.body,
            created_at=datetime.fromtimestamp(intent.created_at, UTC),
        )

    def _holder(self, comment_id: str) -> tuple[str, Thread] | None:
        """Return the thread in memory that has a comment, and its post's id."""
        return next(((post_id, t) for post_id, t in self._threads.items() if comment_id in t.tree), None)

    def _changed(self, comment_id: str) -> None:
        held = self._holder(comment_id)
        entry = held[1].tree.entry(comment_id) if held else None
        if held is not None and entry is not None:
            self.tell(CommentsChange(held[0], CommentsPart.ONE, (self._wished(entry),)))

    def _decided(self, comment_id: str, change: Callable[[Comment], Comment]) -> None:
        """Take in what the platform says about a comment after the user's change."""
        held = self._holder(comment_id)
        known = held[1].tree.get(comment_id) if held else self._shelf.comment(comment_id)
        if known is None:
            return
        if held is not None:
            held[1].tree.update(change(known))
        self._shelf.keep_one(change(known))

    def _lane(self, comment_id: str) -> str:
        """Return where a write on a comment waits: behind its own create, as long as that is unsent."""
        return lane(
            self._writes.outbox.open,
            f"comment:{comment_id}",
            comment_id,
            makers=(endpoints.CREATE_COMMENT,),
            changers=_CHANGERS,
        )

    # -- judging

    async def vote(self, comment: Comment, value: Vote) -> None:
        """Vote on a comment. Raises PlatformError; the vote is then taken back."""
        params = {"id": comment.id}
        undo = Inverse(
            endpoints.VOTE_COMMENT, params, VoteRequest(value=comment.my_vote), "vote on a comment as before"
        )
        await self._tasks.see_through(
            self._writes.do(
                endpoints.VOTE_COMMENT,
                object_key=self._lane(comment.id),
                label="vote on a comment",
                params=params,
                body=VoteRequest(value=value),
                undo=undo,
            )
        )

    async def _follow_vote(self, receipt: Receipt) -> VoteState:
        comment_id = receipt.intent.params["id"]
        with self._votes.wished(comment_id, receipt.intent.body.value, self._changed):
            state: VoteState = await receipt
            self._decided(comment_id, lambda known: confirmed(known, state))
        return state

    async def like(self, comment: Comment, liked: bool) -> None:
        """Like a comment, or take the like back. Raises PlatformError; nothing has changed then."""
        params = {"id": comment.id}
        there = (endpoints.LIKE_COMMENT, "like a comment")
        back = (endpoints.UNLIKE_COMMENT, "take back the like of a comment")
        (endpoint, label), (opposite, other_label) = (there, back) if liked else (back, there)
        await self._tasks.see_through(
            self._writes.do(
                endpoint,
                object_key=self._lane(comment.id),
                label=label,
                params=params,
                undo=Inverse(opposite, params, label=other_label),
            )
        )

    async def _follow_like(self, receipt: Receipt) -> LikeState:
        comment_id = receipt.intent.params["id"]
        with self._likes.wished(comment_id, receipt.intent.endpoint == endpoints.LIKE_COMMENT, self._changed):
            state: LikeState = await receipt
            self._decided(
                comment_id, lambda known: known.changed(is_liked_by_me=state.liked, like_count=state.like_count)
            )
        return state

    # -- writing

    async def reply(
        self,
        post_id: str,
        text: str,
        parent_id: str | None = None,
        *,
        draft: str | None = None,
        comment_id: str | None = None,
    ) -> Comment:
        """Comment on a post, or answer a comment: shown at once, returned when the platform has it.

        `draft` is the key of the draft that goes with it, `comment_id` what it is to be called. Raises StoreTrouble,
        and the draft stays; PlatformError when it is refused, and it stays in its place with the reason.
        """
        comment_id = comment_id or new_id()
        written: Comment = await self._tasks.see_through(
            self._writes.do(
                endpoints.CREATE_COMMENT,
                object_key=self._lane_for_new(post_id),
                label="reply" if parent_id else "comment",
                params={"id": post_id},
                body=NewComment(id=comment_id, body=text, parent_id=parent_id),
                holds_words=True,
                idempotency_key=comment_id,
                draft=draft,
                undo=Inverse(
                    endpoints.DELETE_COMMENT, {"id": comment_id}, label="delete the comment", within=HOLD, again=False
                ),
            )
        )
        return written

    def _lane_for_new(self, post_id: str) -> str:
        """Return where a new comment waits: in turn with the others on the post, and behind the post itself."""
        return lane(self._writes.outbox.open, f"comments:{post_id}", post_id, makers=(endpoints.CREATE_POST,))

    async def _follow_create(self, receipt: Receipt) -> Comment:
        comment_id, post_id = self._unsent.add(receipt), receipt.intent.params["id"]
        thread = self._threads.get(post_id)
        if thread is not None:
            thread.tree.pend(self._as_comment(receipt))
        self.tell(CommentsChange(post_id, CommentsPart.ALL))
        comment: Comment = await receipt
        self._unsent.confirmed(comment_id)
        thread = self._thread(post_id)
        thread.tree.confirm(comment_id, comment)
        self._keep(post_id, thread)
        self.tell(CommentsChange(post_id, CommentsPart.ALL))
        return comment

    def _moved(self, receipt: Receipt) -> None:
        """An unsent comment stands otherwise, or has other words."""
        if (thread := self._threads.get(receipt.intent.params["id"])) is not None:
            thread.tree.pend(self._as_comment(receipt))
        self._changed(made_id(receipt.intent))

    def _dropped(self, receipt: Receipt) -> None:
        post_id = receipt.intent.params["id"]
        if (thread := self._threads.get(post_id)) is not None:
            thread.tree.take_back(made_id(receipt.intent))
        self.tell(CommentsChange(post_id, CommentsPart.ALL))

    def unsent(self, comment_id: str) -> Receipt | None:
        """Return the outbox's receipt for a comment that the platform has yet to confirm, None for any other."""
        return self._unsent.receipt(comment_id)

    async def amend(self, comment_id: str, text: str) -> bool:
        """Change the words of a comment that was refused, and send it again; False if it is not waiting for that."""
        receipt = self._unsent.receipt(comment_id)
        if receipt is None or receipt.status is not Status.ATTENTION:
            return False
        wish: NewComment = receipt.intent.body
        await self._writes.outbox.edit(receipt.id, NewComment(id=comment_id, body=text, parent_id=wish.parent_id))
        return True

    # -- deleting

    async def delete(self, comment: Comment) -> None:
        """Delete a comment; one that was never sent leaves the outbox. Raises PlatformError; it is then shown again."""
        receipt = self._unsent.receipt(comment.id)
        if receipt is not None and self._may_withdraw(receipt) and await self._writes.outbox.discard(receipt.id):
            return
        await self._tasks.see_through(
            self._writes.do(
                endpoints.DELETE_COMMENT,
                object_key=self._lane(comment.id),
                label="delete a comment",
                params={"id": comment.id},
                hold=HOLD,
                undo=Inverse(),
            )
        )

    def _may_withdraw(self, receipt: Receipt) -> bool:
        """Whether the platform cannot have an unsent comment, and nothing that waits builds on it."""
        comment_id = made_id(receipt.intent)
        built_on = any(_builds_on(other.intent, comment_id) for other in self._writes.outbox.open)
        return not built_on and (receipt.attempts == 0 or receipt.status is Status.ATTENTION)

    async def _follow_delete(self, receipt: Receipt) -> None:
        comment_id = receipt.intent.params["id"]
        held = self._holder(comment_id)
        serial = self._deletions.want(comment_id, True)
        self._changed(comment_id)
        try:
            await self._until_gone(receipt)
            self._shelf.forget(comment_id)
            if (held := self._holder(comment_id)) is not None:
                held[1].tree.remove(comment_id)
        finally:
            self._deletions.settle(comment_id, serial)
            if held is not None:
                self.tell(CommentsChange(held[0], CommentsPart.ALL))

    async def _until_gone(self, receipt: Receipt) -> None:
        try:
            await receipt
        except NotFound:
            # Somebody else has deleted it in the meantime: that is what was wanted.
            await self._writes.outbox.discard(receipt.id)


def _builds_on(intent: Intent, comment_id: str) -> bool:
    """Whether an unsent write judges, deletes or answers a comment."""
    if intent.endpoint == endpoints.CREATE_COMMENT:
        wish: NewComment = intent.body
        return wish.parent_id == comment_id
    return intent.endpoint in _CHANGERS and intent.params["id"] == comment_id
