"""What the parts of one outbox share: the ports, what is pending, the history, and why nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from api_client.clock import Clock
from api_client.sync.history import Steps
from api_client.sync.intents import Intent
from api_client.sync.lanes import Lanes
from api_client.sync.pace import Pace
from api_client.sync.ports import Leadership, OutboxStore, Stored, StoreTrouble
from api_client.sync.rebasing import Rebase
from api_client.sync.receipts import NotSent, Receipt, Status

T = TypeVar("T")

Send = Callable[[Intent], Awaitable[Any]]

TOLD_AT_ONCE = 200
"""How many receipts may be told of before the event loop has its turn."""


@dataclass
class Core:
    """The state of one outbox; its parts act on it, each in its own way."""

    send: Send
    store: OutboxStore
    leadership: Leadership
    clock: Clock
    jitter: Callable[[], float]
    rebases: Mapping[str, Rebase]
    """By the name of the endpoint."""
    pace: Pace
    lanes: Lanes = field(default_factory=Lanes)
    steps: Steps = field(default_factory=Steps)
    history: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever makes a new history of the present one."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something may be sent that could not be before."""
    active: set[Receipt] = field(default_factory=set)
    """What an attempt of this process is at."""
    signed_out: str | None = None
    paused: str | None = None
    trouble: str | None = None
    """Why the store could not be written the last time; None once it could."""
    led: bool = False
    """Whether this process led when it last asked."""
    closed: bool = False
    complaints: list[str] = field(default_factory=list)
    """What was found damaged in the store and what became of it, one sentence each."""
    found: list[Callable[[Receipt], None]] = field(default_factory=list)
    """Who is told of receipts that nobody in this process has submitted."""
    _errands: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def held_up(self) -> str | None:
        """Why nothing is sent although it could be; None if nothing is in the way."""
        return self.paused or self.signed_out

    def stored(
        self, receipt: Receipt, status: Status, reason: str | None = None, conflict: Mapping[str, Any] | None = None
    ) -> Stored:
        """Return what the store is to know of a receipt."""
        sent_at = receipt.first_sent_at
        return Stored(receipt.seq, receipt.intent, status, reason, receipt.attempts, sent_at, conflict)

    async def note(self, stored: Stored) -> bool:
        """Store a state that the next start could do without: False if the intent is gone or another by now."""
        try:
            there = await self.store.mark(stored)
        except StoreTrouble as error:
            self.trouble = error.sentence
            return True
        self.trouble = None
        return there

    def receipt(self, stored: Stored) -> Receipt:
        """Return a new receipt for what stands in the store."""
        receipt = Receipt(stored.intent, stored.seq)
        receipt.attempts, receipt.first_sent_at = stored.attempts, stored.first_sent_at
        receipt.conflict = stored.conflict
        status, reason, retry_at = stored.status, stored.reason, None
        if status in (Status.QUEUED, Status.HELD):
            status, retry_at = self.standing(stored.intent)
        receipt.move(status, reason, retry_at)
        return receipt

    def standing(self, intent: Intent) -> tuple[Status, float | None]:
        """Return how an intent stands that has not been sent, and when that changes by the clock's `monotonic`."""
        left = 0.0 if intent.not_before is None else intent.not_before - self.clock.time()
        return (Status.HELD, self.clock.monotonic() + left) if left > 0 else (Status.QUEUED, None)

    def requeue(self, receipt: Receipt) -> None:
        """Put a receipt back to where it stands when nothing is known against it."""
        if receipt.status is Status.ATTENTION:
            receipt.reopen()
        status, retry_at = self.standing(receipt.intent) if receipt.first_sent_at is None else (Status.QUEUED, None)
        self.lanes.move(receipt, status, None, retry_at)
        self.wake.set()

    def put_in_place(self, receipt: Receipt, intent: Intent) -> None:
        """Let a receipt stand for another intent, which has never been sent."""
        self.lanes.rename(receipt, intent)
        receipt.attempts, receipt.first_sent_at, receipt.conflict = 0, None, None

    async def take_out(self, receipt: Receipt, steps: Steps | None = None) -> bool:
        """Take an intent out of the store, with the history that follows from it; False if it is on the way or gone."""
        history = None if steps is None else steps.all
        out = await self.store.discard([receipt.seq], steps=history)
        if not out and await self._store_agrees(receipt):
            out = await self.store.discard([receipt.seq], steps=history)
        if out:
            self.steps = self.steps if steps is None else steps
            self.gone(receipt)
        return out

    async def swap(self, receipt: Receipt, intent: Intent) -> bool:
        """Put another intent in the place of one; False if that is on the way, or not what it was."""
        was = receipt.intent.idempotency_key
        swapped = await self.store.replace(receipt.seq, intent, was=was)
        if not swapped and await self._store_agrees(receipt):
            swapped = await self.store.replace(receipt.seq, intent, was=was)
        if swapped:
            self.put_in_place(receipt, intent)
        return swapped

    async def _store_agrees(self, receipt: Receipt) -> bool:
        """Tell the store how a receipt stands, where it could not be told before; False if that is not ours to say."""
        if not self.leadership.leads or receipt in self.active or not receipt.is_open:
            return False
        return await self.store.mark(self.stored(receipt, receipt.status, receipt.reason, receipt.conflict))

    def gone(self, receipt: Receipt) -> None:
        """Let go of a receipt whose intent was discarded."""
        if receipt.is_open:
            self.lanes.remove(receipt, Status.DISCARDED)
            receipt.fail(NotSent(f"Discarded: {receipt.intent.label}."))
            self.clear_away(receipt.intent)
            self.wake.set()

    def hold_changed(self) -> None:
        """Tell of everything that `held_up`, or the platform being away, says something else about than before."""
        waiting = [receipt for receipt in self.lanes if receipt.status is Status.QUEUED]
        self._tell_queued(waiting[:TOLD_AT_ONCE])
        if len(waiting) > TOLD_AT_ONCE:
            self.errand(self._tell_rest(waiting[TOLD_AT_ONCE:]))

    async def _tell_rest(self, receipts: Sequence[Receipt]) -> None:
        for start in range(0, len(receipts), TOLD_AT_ONCE):
            # Keys are listened to in between.
            await asyncio.sleep(0)
            self._tell_queued(receipts[start : start + TOLD_AT_ONCE])

    def _tell_queued(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            if receipt.status is Status.QUEUED and not self.closed:
                self.lanes.tell(receipt)

    def tell_found(self, receipt: Receipt) -> None:
        """Tell of a receipt that nobody in this process has submitted."""
        for callback in tuple(self.found):
            callback(receipt)

    def clear_away(self, intent: Intent) -> None:
        """Delete the files that went along with an intent that is no more."""
        if intent.attachments:
            self.errand(asyncio.to_thread(_delete, intent.attachments))

    def errand(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Have `work` done to its end whoever waits for it; `close` waits for it too."""
        task = asyncio.ensure_future(work)
        self._errands.add(task)
        task.add_done_callback(self._errand_done)
        return task

    def _errand_done(self, task: asyncio.Task[Any]) -> None:
        self._errands.discard(task)
        if not task.cancelled():
            task.exception()  # it is for the caller, who may have given up waiting

    async def errands_done(self) -> None:
        """Wait until no errand is left."""
        while self._errands:
            await asyncio.wait(self._errands)


def _delete(paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(OSError):  # a file that cannot go now is swept up with the account's folder
            Path(path).unlink(missing_ok=True)
