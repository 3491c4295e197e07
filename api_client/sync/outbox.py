"""The outbox: durable before it is shown, in order for each object, each effect exactly once."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import JsonValue

from api_client.calls import Body, request_json
from api_client.clock import Clock, SystemClock, wait_or_woken
from api_client.postponed import operations
from api_client.sync import taking_back
from api_client.sync.core import Core, Send
from api_client.sync.drafts import Drafts
from api_client.sync.following import absorb, keep_up, stand
from api_client.sync.history import Steps
from api_client.sync.intents import Base, Intent, Inverse
from api_client.sync.lanes import Listener
from api_client.sync.leadership import SoleLeader
from api_client.sync.memory import MemoryStore
from api_client.sync.pace import Pace
from api_client.sync.ports import Leadership, OutboxStore, Stored, StoreTrouble
from api_client.sync.rebasing import Rebase, rebased
from api_client.sync.receipts import NotSent, Receipt, Status
from api_client.sync.sending import Sender, keep_in_history

SIDE_BY_SIDE = 4
"""How many intents are on the way at the same time."""

LOADED_AT_ONCE = 1_000
"""How many stored intents are taken in before the event loop has its turn."""

T = TypeVar("T")


class Outbox:
    """Takes intents, stores them, sends them, and says what became of each.

    A failure that may pass (no network, a failing platform, a limit, an answer that is none of the platform's) is tried
    again with the same key until there is an answer. A refusal needs attention and stays at the head of its object's
    line: whatever follows on that object waits until it is sent again, edited or discarded. When the platform asks to
    sign in, or after `pause`, everything waits for `resume`.
    """

    def __init__(
        self,
        send: Send,
        *,
        store: OutboxStore | None = None,
        leadership: Leadership | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        side_by_side: int = SIDE_BY_SIDE,
        rebase: Mapping[str, Rebase] | None = None,
        writer: str | None = None,
    ) -> None:
        """`send` carries one intent to the platform and returns its data, or raises `PlatformError`.

        Without a `store` nothing outlives the program; without `leadership` no other process is looked out for.
        `rebase` says, by the name of the endpoint, how a change of a versioned record is made anew. `writer` names this
        process among those that write drafts.
        """
        clock = clock or SystemClock()
        store = store or MemoryStore()
        self._shared = leadership is not None
        self._core = Core(
            send, store, leadership or SoleLeader(), clock, jitter, dict(rebase or {}), Pace(side_by_side)
        )
        self._sender = Sender(self._core)
        self._starting: asyncio.Task[None] | None = None
        self._keeping_up: asyncio.Task[None] | None = None
        self.drafts = Drafts(store, clock, writer or f"{os.getpid()}-{uuid.uuid4().hex[:12]}")
        """What is being typed on this account."""

    @property
    def pending(self) -> int:
        """How many intents are still on their own way, those that need attention not counted."""
        return len(self._core.lanes) - self._core.lanes.attention_count

    @property
    def attention(self) -> list[Receipt]:
        """The intents that need the user's decision, oldest first."""
        return self._core.lanes.attention

    @property
    def open(self) -> list[Receipt]:
        """All intents that the platform has not confirmed, in the order in which they were taken on."""
        return list(self._core.lanes)

    @property
    def history(self) -> Steps:
        """What can be taken back and done again."""
        return self._core.steps

    @property
    def leads(self) -> bool:
        """Whether this process sends, and not another one on the account."""
        return self._core.leadership.leads

    @property
    def held_up(self) -> str | None:
        """Why nothing is sent at the moment (offline mode, signed out), None if nothing is in the way."""
        return self._core.held_up

    @property
    def away(self) -> bool:
        """Whether the platform is taken to be out of reach: what waits for its turn goes out when it is back."""
        return self._core.pace.away

    @property
    def complaints(self) -> Sequence[str]:
        """What was found damaged in the store so far and what became of it, one sentence each."""
        return tuple(self._core.complaints)

    @property
    def progress(self) -> int:
        """Grows while `start` gets on, which tells an outbox that holds much from a disk that does not answer."""
        return self._core.store.progress + len(self._core.lanes)

    @property
    def trouble(self) -> str | None:
        """Why something could not be stored the last time, None if all is well; the user is to be told at once."""
        return self._core.trouble or self.drafts.trouble

    async def start(self) -> None:
        """Load what is stored, and begin to send; raises StoreTrouble. A second call only waits for the first."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        try:
            await asyncio.shield(self._starting)
        except StoreTrouble:
            self._starting = None
            raise

    async def submit(self, intent: Intent, *, draft: str | None = None, undo: Inverse | None = None) -> Receipt:
        """Take `intent` on; it is stored when this returns, and the draft with the key `draft` has gone with that.

        `undo` is what takes it back, for the history. Handing in the same intent again gives the same receipt. A caller
        that is cancelled takes nothing back. Raises StoreTrouble, then nothing was taken on, and NotSent after `close`.
        """
        return await self._whole(self._take_on(intent, draft, undo))

    def retry(self, receipt_id: str) -> None:
        """Send again what needs attention or waits, now; anything else is left alone."""
        core = self._core
        receipt = core.lanes.get(receipt_id)
        if receipt is None or receipt.status not in (Status.ATTENTION, Status.WAITING):
            return
        core.pace.hurry()
        core.requeue(receipt)
        if not self.leads:
            core.errand(core.note(core.stored(receipt, Status.QUEUED)))

    async def discard(self, receipt_id: str) -> bool:
        """Take an intent back, and its step of the history with it; False if it is on the way now, or not here.

        Raises StoreTrouble, then it is still here.
        """
        return await self._whole(self._discard(receipt_id))

    async def edit(self, receipt_id: str, body: Body) -> bool:
        """Send another body in place of one that needs attention or was never sent; False if it is neither.

        Raises StoreTrouble, then it is as it was, and BadReply if JSON cannot hold the body.
        """
        receipt = self._core.lanes.get(receipt_id)
        if receipt is None or not (receipt.is_unsent or receipt.status is Status.ATTENTION):
            return False
        intent = receipt.intent
        unheard = receipt.attempts == 0 and self.leads
        key = intent.idempotency_key if unheard else str(uuid.uuid4())
        edited = replace(intent, payload=request_json(intent.endpoint, body).decode(), idempotency_key=key)
        strategy = self._core.rebases.get(intent.endpoint.name)
        if strategy is not None and intent.base is not None:
            edited = rebased(strategy, edited, strategy.fields(edited), intent.base, key)
        return await self._whole(self._put_in_place(receipt, edited))

    async def resolve(self, receipt_id: str, fields: Mapping[str, JsonValue]) -> bool:
        """Decide between two changes of one record: `fields` is what the fields in question are to be.

        What is not named stays as this side wanted it. If all is to be as the other side made it, the write is
        discarded. False if there is nothing to decide; raises StoreTrouble, then it is still to be decided.
        """
        receipt = self._core.lanes.get(receipt_id)
        if receipt is None or receipt.conflict is None:
            return False
        strategy = self._core.rebases.get(receipt.intent.endpoint.name)
        if strategy is None:
            return False
        conflict = receipt.conflict
        theirs: dict[str, JsonValue] = dict(conflict["theirs"])
        wanted = {name: fields.get(name, value) for name, value in conflict["mine"].items()}
        if all(operations.same_value(value, theirs.get(name)) for name, value in wanted.items()):
            return await self.discard(receipt_id)
        base = Base(int(conflict["version"]), theirs)
        decided = rebased(strategy, receipt.intent, wanted, base, str(uuid.uuid4()))
        return await self._whole(self._put_in_place(receipt, decided))

    async def undo(self) -> str | None:
        """Take back the newest step that can be, and return its label; None if there is none. Raises StoreTrouble.

        What the platform cannot have heard of, or has refused, is withdrawn; else its inverse is sent behind it.
        """
        await self.start()
        return await self._whole(taking_back.undo(self._core))

    async def redo(self) -> str | None:
        """Do again what was taken back last, and return its label; None if there is none. Raises StoreTrouble."""
        await self.start()
        return await self._whole(taking_back.redo(self._core))

    def pause(self, reason: str) -> None:
        """Send nothing more until `resume`; `reason` is one sentence for the user."""
        before, self._core.paused = self.held_up, reason
        if before != self.held_up:
            self._core.hold_changed()

    def resume(self) -> None:
        """Go on, after `pause`, a sign-in, or when the network is back: nothing waits out its time."""
        core, before = self._core, self.held_up
        core.paused = core.signed_out = None
        if before is not None:
            core.hold_changed()
        core.pace.hurry()
        core.lanes.hurry()
        core.wake.set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with a receipt whenever its state changes; returns what ends that."""
        return self._core.lanes.listen(listener)

    def on_foreign(self, callback: Callable[[Receipt], None]) -> Callable[[], None]:
        """Call `callback` with receipts that nobody here has submitted; returns what ends that.

        They are those of other processes on the account, and those of undo and redo. What was found in the store at the
        start is in `open`.
        """
        found = self._core.found
        found.append(callback)
        return lambda: found.remove(callback) if callback in found else None

    async def drained(self, within: float) -> bool:
        """Wait, at most `within` seconds, until nothing can be sent any more; return whether that was reached.

        What is held, needs attention, or stands behind such a one is not waited for, nor anything while this outbox is
        paused, signed out or another process sends.
        """
        clock, changed = self._core.clock, asyncio.Event()
        unsubscribe = self.subscribe(lambda _: changed.set())
        ends = clock.monotonic() + within
        try:
            while (moving := self._moves()) and (left := ends - clock.monotonic()) > 0:
                changed.clear()
                await wait_or_woken(clock, left, changed)
        finally:
            unsubscribe()
        return not moving

    async def close(self) -> tuple[Intent, ...]:
        """Stop, let another process lead, and return what the platform has not confirmed, oldest first.

        It stands in the store for the next start; what was on the way is among it: sent again with the same key, it
        still happens once. Raises StoreTrouble if a draft could not be stored; everything is closed all the same.
        """
        core = self._core
        core.closed = True
        for task in (self._starting, self._keeping_up):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        await self._sender.stop()
        await core.errands_done()
        for receipt in core.lanes:
            receipt.fail(NotSent(f"Not confirmed before leaving: {receipt.intent.label}."))
        try:
            await self.drafts.close()
        finally:
            await core.leadership.release()
            await core.store.close()
        return tuple(receipt.intent for receipt in core.lanes)

    async def _start(self) -> None:
        core = self._core
        contents = await core.store.open()
        core.complaints += contents.complaints
        core.steps = Steps(tuple(contents.steps))
        for number, stored in enumerate(contents.intents, 1):
            core.lanes.add(core.receipt(stored))
            if number % LOADED_AT_ONCE == 0:
                # Keys are listened to in between.
                await asyncio.sleep(0)
        await self.drafts.load()
        await stand(core)
        if not self._shared:
            await absorb(core)
        self._sender.start()
        if self._shared:
            self._keeping_up = asyncio.create_task(keep_up(core), name="outbox of others")

    async def _take_on(self, intent: Intent, draft: str | None, undo: Inverse | None) -> Receipt:
        core = self._core
        if core.closed:
            raise NotSent("Parlour is leaving, and takes no more changes.")
        await self.start()
        if (known := core.lanes.get(intent.idempotency_key)) is not None:
            return known
        async with self.drafts.going(draft) as keep_writers, core.history if undo else nullcontext():
            steps = None
            if undo is not None:
                await absorb(core)
                steps = core.steps.added(taking_back.step_for(core, intent, undo), core.clock.time())
            seq = await core.store.append(
                intent, draft=draft, keep_writers=keep_writers, steps=None if steps is None else steps.all
            )
            core.steps = core.steps if steps is None else steps
        if seq > core.lanes.last_seq + 1:
            # Another process came in between; what it did stands before this one.
            await absorb(core)
        if (known := core.lanes.get(intent.idempotency_key)) is not None:
            return known
        receipt = core.receipt(Stored(seq, intent))
        core.lanes.add(receipt)
        core.wake.set()
        return receipt

    async def _discard(self, receipt_id: str) -> bool:
        core = self._core
        receipt = core.lanes.get(receipt_id)
        if receipt is None or receipt.status is Status.SENDING:
            return False
        async with core.history:
            steps = core.steps.without(receipt.intent.idempotency_key)
            if await core.take_out(receipt, None if steps is core.steps else steps):
                return True
        await absorb(core)
        return False

    async def _put_in_place(self, receipt: Receipt, intent: Intent) -> bool:
        core, key = self._core, receipt.intent.idempotency_key
        if not await core.swap(receipt, intent):
            await absorb(core)
            return False
        core.requeue(receipt)
        await keep_in_history(core, key, intent)
        return True

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work` to its end, even if the caller gives up: half of it would be stored and not known."""
        return await asyncio.shield(self._core.errand(work))

    def _moves(self) -> bool:
        sendable = self._core.held_up is None and self.leads
        moving = (Status.QUEUED, Status.SENDING, Status.WAITING) if sendable else (Status.SENDING,)
        return any(receipt.status in moving for receipt in self._core.lanes.heads())
