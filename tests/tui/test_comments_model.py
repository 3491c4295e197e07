"""The store of comments against a model: whatever happens in whatever order, it ends with what the platform has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from api_client import endpoints
from api_client.calls import Page
from api_client.errors import PlatformError, Unreachable
from api_client.models.posts import Comment
from api_client.models.realtime import Updates
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Intent
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from tests.tui.forum_model import POST, Client, Forum, Leads
from tests.tui.threads_world import Ahead
from tui.state.comment_entries import CommentEntry
from tui.state.comments import CommentsStore
from tui.state.writes import Writes

ME = User.model_validate({"id": "me", "username": "me", "created_at": "2026-01-01T00:00:00Z"})
CHOICE = st.integers(0, 1000)


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

    @rule(
        choice=CHOICE,
        does=st.sampled_from(["vote", "like", "delete", "reply"]),
        loads=st.booleans(),
        answered=st.booleans(),
        confirmed=st.booleans(),
    )
    def a_list_is_overtaken(self, choice: int, does: str, loads: bool, answered: bool, confirmed: bool) -> None:
        """A list that was asked for before the user did something arrives after it, as it was then."""
        comment = self.pick(choice)
        if comment is None:
            return
        if answered and comment.id in self.forum.comments and not self.forum.comments[comment.id].is_deleted:
            self.another_answers(comment.id)
        if loads:
            self.loads()
        else:
            self.hears_of_a_change(False)
        match does:
            case "vote":
                self.votes(choice, -comment.my_vote or 1)
            case "like":
                self.likes(choice, not comment.is_liked_by_me)
            case "delete":
                self.deletes(choice)
            case _:
                self.answers(choice, False)
        while confirmed and self.client.writes:
            self.is_replied_to(0, False)
        while self.client.questions:
            self.is_answered(len(self.client.questions) - 1, True, 1)

    def another_answers(self, parent_id: str) -> None:
        self.written += 1
        self.forum.write(f"c{self.written}", "ann", parent_id, f"words {self.written}")

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
