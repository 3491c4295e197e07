"""The store of comments against a model: whatever happens in whatever order, it ends with what the platform has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from api_client import endpoints
from api_client.calls import Page
from api_client.errors import Conflict, NotFound, PlatformError, Unreachable
from api_client.models.base import Done
from api_client.models.posts import Comment, LikeState, NewComment, VoteState
from api_client.models.realtime import Updates
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Intent
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from tests.tui.threads_world import Ahead
from tui.state.comment_tree import CommentEntry
from tui.state.comments import CommentsStore
from tui.state.writes import Writes

POST = "p"
ME = User.model_validate({"id": "me", "username": "me", "created_at": "2026-01-01T00:00:00Z"})
CHOICE = st.integers(0, 1000)


class Forum:
    """The platform, as far as the comments of one post go."""

    def __init__(self) -> None:
        self.comments: dict[str, Comment] = {}
        self.version = 1

    def write(self, comment_id: str, author: str, parent_id: str | None, body: str) -> Comment:
        if comment_id in self.comments:
            return self.comments[comment_id]
        if parent_id is not None and (parent_id not in self.comments or self.comments[parent_id].is_deleted):
            raise Conflict("The comment you reply to has been deleted.", code="CONFLICT", status=409)
        self.version += 1
        number = len(self.comments)
        self.comments[comment_id] = Comment(
            id=comment_id,
            post_id=POST,
            parent_id=parent_id,
            author_id=author,
            author_username=author,
            body=body,
            created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        )
        return self.comments[comment_id]

    def change(self, comment_id: str, **fields: Any) -> Comment:
        known = self.comments.get(comment_id)
        if known is None or known.is_deleted:
            raise NotFound("There is no such comment.", code="NOT_FOUND", status=404)
        self.version += 1
        self.comments[comment_id] = known.changed(version=known.version + 1, **fields)
        return self.comments[comment_id]

    def delete(self, comment_id: str) -> None:
        nobody = {"author_id": None, "author_username": "[deleted]"}
        self.change(comment_id, is_deleted=True, body="[deleted]", **nobody)

    def listed(self) -> list[Comment]:
        """Return the comments depth first; a deleted one is there as long as something stands below it."""

        def below(parent_id: str | None) -> list[Comment]:
            found: list[Comment] = []
            for comment in self.comments.values():
                if comment.parent_id == parent_id and (answers := below(comment.id), comment.is_deleted) != ([], True):
                    found += [comment, *answers]
            return found

        return below(None)

    def carry_out(self, intent: Intent) -> Any:
        """Do what a write asks for."""
        match intent.endpoint:
            case endpoints.CREATE_COMMENT:
                wish: NewComment = intent.body
                return self.write(wish.id or "", "me", wish.parent_id, wish.body)
            case endpoints.VOTE_COMMENT:
                value = intent.body.value
                found = self.comments.get(intent.params["id"])
                score = 0 if found is None else found.score - found.my_vote + value
                self.change(intent.params["id"], my_vote=value, score=score)
                return VoteState(score=score, upvotes=0, downvotes=0, my_vote=value)
            case endpoints.LIKE_COMMENT | endpoints.UNLIKE_COMMENT:
                liked = intent.endpoint == endpoints.LIKE_COMMENT
                after = self.change(intent.params["id"], is_liked_by_me=liked, like_count=int(liked))
                return LikeState(liked=liked, like_count=after.like_count)
            case _:
                self.delete(intent.params["id"])
                return Done()


class Leads:
    """The one process of the account."""

    leads = False

    async def acquire(self) -> bool:
        self.leads = True
        return True

    async def release(self) -> None:
        self.leads = False


class Client:
    """Asks the forum, which answers when the test wants it to."""

    def __init__(self, forum: Forum) -> None:
        self.forum = forum
        self.comments = self
        self.questions: list[tuple[list[Comment], asyncio.Future[Page[Comment]]]] = []
        self.writes: list[tuple[Intent, asyncio.Future[Any]]] = []

    async def page(self, post_id: str, cursor: str | None = None, **_: Any) -> Page[Comment]:
        answer: asyncio.Future[Page[Comment]] = asyncio.get_running_loop().create_future()
        self.questions.append((self.forum.listed(), answer))
        return await answer

    async def send(self, intent: Intent) -> Any:
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.writes.append((intent, reply))
        return await reply


class Threads(RuleBasedStateMachine):
    """Somebody reads and writes in a thread with others, over a bad connection, and starts again at times."""

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.forum = Forum()
        for number in range(3):
            self.forum.write(f"c{number}", "ann", None if number < 2 else "c0", f"words {number}")
        self.disk = Disk()
        self.cache = Cache.in_memory()
        self.tasks: list[asyncio.Task[Any]] = []
        self.written = 3
        self.mine: set[str] = set()
        self.deleted: set[str] = set()
        self.unsure: set[str] = set()
        """Comments of writes whose reply was lost or cut off: the store may not know yet what became of them."""
        self.seen: dict[str, int] = {}
        self.start()
        self.do(self.store.load(POST))
        self.answer_all()

    def start(self) -> None:
        async def started() -> None:
            self.client = Client(self.forum)
            store = MemoryStore(self.disk)
            send = self.client.send
            self.outbox = Outbox(send, store=store, leadership=Leads(), clock=Ahead(), jitter=lambda: 0.0)
            writes = Writes(self.outbox)
            self.store = CommentsStore(self.client, writes, ME, calm=0.0, cache=self.cache)  # type: ignore[arg-type]
            await self.outbox.start()
            for receipt in self.outbox.open:
                writes.follow(receipt)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.store.show(POST)

        self.run(started())

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something, and let everything that follows from it happen."""

        async def on() -> None:
            await work
            for _ in range(40):
                await asyncio.sleep(0)

        self.loop.run_until_complete(on())

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let the user do something that ends when the platform has replied."""

        async def begun() -> None:
            task = asyncio.create_task(work)
            # What is refused, or not sent before leaving, shows in the tree.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self.tasks.append(task)

        self.run(begun())

    def now(self, work: Callable[[], object]) -> None:
        async def done() -> None:
            work()

        self.run(done())

    def shown(self) -> list[CommentEntry]:
        return [e for e in self.store.entries(POST) if isinstance(e, CommentEntry)]

    def pick(self, choice: int) -> Comment | None:
        found = [e.comment for e in self.shown() if not e.comment.is_deleted and not e.refused]
        return found[choice % len(found)] if found else None

    # -- others

    @rule(choice=CHOICE)
    def another_writes(self, choice: int) -> None:
        there = [None, *(c.id for c in self.forum.comments.values() if not c.is_deleted)]
        self.written += 1
        self.forum.write(f"c{self.written}", "ann", there[choice % len(there)], f"words {self.written}")

    @rule(choice=CHOICE, deletes=st.booleans())
    def another_votes_or_deletes(self, choice: int, deletes: bool) -> None:
        there = [c for c in self.forum.comments.values() if not c.is_deleted]
        if there:
            found = there[choice % len(there)]
            if deletes:
                self.forum.delete(found.id)
            else:
                self.forum.change(found.id, score=found.score + 1)

    # -- the user

    @rule(choice=CHOICE, root=st.booleans())
    def answers(self, choice: int, root: bool) -> None:
        parent = self.pick(choice)
        self.written += 1
        parent_id = None if root or parent is None else parent.id
        self.do(self.store.reply(POST, f"mine {self.written}", parent_id))

    @rule(choice=CHOICE, value=st.sampled_from([-1, 0, 1]))
    def votes(self, choice: int, value: Any) -> None:
        if (comment := self.pick(choice)) is not None:
            self.do(self.store.vote(comment, value))

    @rule(choice=CHOICE, liked=st.booleans())
    def likes(self, choice: int, liked: bool) -> None:
        if (comment := self.pick(choice)) is not None:
            self.do(self.store.like(comment, liked))

    @rule(choice=CHOICE)
    def deletes(self, choice: int) -> None:
        if (comment := self.pick(choice)) is not None:
            self.do(self.store.delete(comment))

    @rule()
    def loads(self) -> None:
        self.do(self.store.load(POST))

    @rule()
    def starts_again(self) -> None:
        self.run(self.outbox.close())
        self.start()

    # -- the connection

    @rule(old=st.booleans())
    def hears_of_a_change(self, old: bool) -> None:
        notice = {"key": f"posts:{POST}", "version": 1 if old else self.forum.version}
        self.now(lambda: self.store.on_event(Updates.model_validate({"updates": [notice]})))

    @precondition(lambda self: self.client.questions)
    @rule(choice=CHOICE, old=st.booleans(), lost=st.integers(0, 9))
    def is_answered(self, choice: int, old: bool, lost: int) -> None:
        then, answer = self.client.questions.pop(choice % len(self.client.questions))
        comments = then if old else self.forum.listed()
        if lost == 0:
            self.now(lambda: answer.done() or answer.set_exception(Unreachable("No answer.")))
        else:
            self.now(lambda: answer.done() or answer.set_result(Page(items=comments, next_cursor=None)))

    @precondition(lambda self: self.client.writes)
    @rule(choice=CHOICE, lost=st.booleans())
    def is_replied_to(self, choice: int, lost: bool) -> None:
        intent, reply = self.client.writes.pop(choice % len(self.client.writes))
        if not reply.done():
            self.now(lambda: self.reply(intent, reply, lost))

    def reply(self, intent: Intent, reply: asyncio.Future[Any], lost: bool) -> None:
        try:
            outcome = self.forum.carry_out(intent)
        except PlatformError as error:
            reply.set_exception(error)
        else:
            written = intent.body.id if intent.endpoint == endpoints.CREATE_COMMENT else intent.params["id"]
            if lost:
                self.unsure.add(written)
                reply.set_exception(Unreachable("The answer was lost."))
            else:
                self.unsure.discard(written)
                reply.set_result(outcome)
                if intent.endpoint == endpoints.CREATE_COMMENT:
                    self.mine.add(written)
                if intent.endpoint == endpoints.DELETE_COMMENT:
                    self.deleted.add(written)

    # -- at all times

    @invariant()
    def what_was_confirmed_stays(self) -> None:
        """Comments, votes, likes and deletions that the platform has confirmed outlast every older answer."""
        if not hasattr(self, "loop") or not self.store.is_loaded(POST):
            return
        shown = {e.comment.id: e for e in self.shown()}
        open_ids = {r.intent.params["id"] for r in self.outbox.open}
        for receipt in self.outbox.open:
            if receipt.intent.endpoint == endpoints.CREATE_COMMENT:
                assert receipt.intent.body.id in shown, "what is unsent is shown"
        for comment_id in self.mine - open_ids:
            known = self.forum.comments[comment_id]
            assert comment_id in shown or known.is_deleted or known.id in self.unsure, "one's own comment stays"
        for comment_id, entry in shown.items():
            known_there = self.forum.comments.get(comment_id)
            if known_there is None or comment_id in open_ids | self.unsure or entry.comment.is_deleted:
                continue
            assert comment_id not in self.deleted, "a deleted comment stays deleted"
            if not known_there.is_deleted:
                now = (entry.comment.my_vote, entry.comment.is_liked_by_me)
                assert now == (known_there.my_vote, known_there.is_liked_by_me), "a judgement stays"
            assert entry.comment.version >= self.seen.get(comment_id, 0), "no version goes back"
            self.seen[comment_id] = entry.comment.version

    # -- in the end

    def settle(self) -> None:
        """Answer everything, and let the store hear that it was away."""
        self.now(self.outbox.resume)
        self.do(self.store.load(POST))
        self.answer_all()
        self.now(self.store.on_gap)
        self.answer_all()

    def answer_all(self) -> None:
        for _ in range(200):
            if self.client.writes:
                intent, reply = self.client.writes.pop(0)
                self.now(lambda i=intent, r=reply: r.done() or self.reply(i, r, False))  # type: ignore[misc]
            elif self.client.questions:
                _, answer = self.client.questions.pop(0)
                page = Page(items=self.forum.listed(), next_cursor=None)
                self.now(lambda a=answer, p=page: a.done() or a.set_result(p))  # type: ignore[misc]
            else:
                return
        raise AssertionError("it asks for ever")

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.settle()
            self.check()
        finally:
            self.run(self.outbox.close())
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.run(asyncio.sleep(0))
            self.loop.close()

    def check(self) -> None:
        shown = {e.comment.id: e for e in self.shown()}
        there = {comment.id: comment for comment in self.forum.listed()}
        unsent = {r.intent.body.id for r in self.outbox.open if r.intent.endpoint == endpoints.CREATE_COMMENT}
        touched = {r.intent.params["id"] for r in self.outbox.open}
        assert there.keys() <= shown.keys()
        assert unsent <= shown.keys()
        for comment_id, entry in shown.items():
            if comment_id in unsent:
                assert entry.sending
            elif comment_id in there:
                assert not entry.sending
                assert comment_id in touched or _seen(entry.comment) == _seen(there[comment_id])
            else:
                assert entry.comment.is_deleted, "only what a refused answer stands under outlasts the platform"


def _seen(comment: Comment) -> tuple[object, ...]:
    return (comment.parent_id, comment.body, comment.score, comment.my_vote, comment.is_liked_by_me, comment.is_deleted)


TestThreads = Threads.TestCase
TestThreads.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
