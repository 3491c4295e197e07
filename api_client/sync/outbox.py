"""The outbox: in order for each object, side by side for different ones, each effect exactly once."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from api_client.backoff import jittered
from api_client.clock import Clock, SystemClock, wait_or_woken
from api_client.errors import ApiError, PlatformError, SignInRequired
from api_client.sync.intents import Intent, Inverse
from api_client.sync.receipts import NotSent, Receipt, Status

SIDE_BY_SIDE = 4
"""How many intents are on the way at the same time."""

Listener = Callable[[Receipt], None]


@dataclass
class _Lane:
    """The intents on one object, the oldest first, and the task that sends them."""

    receipts: deque[Receipt] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Outbox:
    """Takes intents, sends them, and says what became of each.

    A failure that may pass (no network, a failing platform, a limit) is tried again with the same key until it
    succeeds. A refusal stays at the head of its object's line and needs attention: whatever follows on that object
    waits until it is sent again or discarded. When the platform asks to sign in, everything waits for `resume`.
    """

    def __init__(
        self,
        send: Callable[[Intent], Awaitable[Any]],
        *,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        """`send` carries one intent to the platform and returns its data, or raises `PlatformError`."""
        self._send = send
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._slots = asyncio.Semaphore(side_by_side)
        self._lanes: dict[str, _Lane] = {}
        self._receipts: dict[str, Receipt] = {}
        self._listeners: list[Listener] = []
        self._hold: str | None = None
        self._quiet_until = 0.0
        self._closed = False

    @property
    def pending(self) -> int:
        """How many intents are still on their own way, those that need attention not counted."""
        return sum(receipt.status is not Status.ATTENTION for receipt in self._receipts.values())

    @property
    def attention(self) -> list[Receipt]:
        """The intents that need the user's decision, oldest first."""
        return [receipt for receipt in self._receipts.values() if receipt.status is Status.ATTENTION]

    @property
    def open(self) -> list[Receipt]:
        """All intents that the platform has not confirmed, oldest first."""
        return list(self._receipts.values())

    async def submit(self, intent: Intent, *, draft: str | None = None, undo: Inverse | None = None) -> Receipt:
        """Take `intent` on; raises `NotSent` after `close`. Handing in the same one again gives the same receipt."""
        if self._closed:
            raise NotSent("Parlour is leaving, and takes no more changes.")
        known = self._receipts.get(intent.idempotency_key)
        if known is not None:
            return known
        receipt = self._receipts[intent.idempotency_key] = Receipt(intent)
        lane = self._lanes.setdefault(intent.object_key, _Lane())
        lane.receipts.append(receipt)
        self._tell(receipt)
        self._start(intent.object_key, lane)
        return receipt

    def retry(self, receipt_id: str) -> None:
        """Send again what needs attention or waits, now; anything else is left alone."""
        receipt = self._receipts.get(receipt_id)
        if receipt is None or receipt.status not in (Status.ATTENTION, Status.WAITING):
            return
        lane = self._lanes[receipt.intent.object_key]
        if receipt.status is Status.ATTENTION:
            receipt.reopen()
            self._move(receipt, Status.QUEUED)
            self._start(receipt.intent.object_key, lane)
        lane.wake.set()

    async def discard(self, receipt_id: str) -> bool:
        """Take an intent back; False if it is on the way at this moment, or not in the outbox."""
        receipt = self._receipts.get(receipt_id)
        if receipt is None or receipt.status is Status.SENDING:
            return False
        lane = self._lanes[receipt.intent.object_key]
        lane.receipts.remove(receipt)
        del self._receipts[receipt_id]
        self._move(receipt, Status.DISCARDED)
        receipt.fail(NotSent(f"Discarded: {receipt.intent.label}."))
        lane.wake.set()
        self._start(receipt.intent.object_key, lane)
        self._forget_if_empty(receipt.intent.object_key, lane)
        return True

    def resume(self) -> None:
        """Go on after somebody has signed in again, or the network is back: nothing waits out its time."""
        self._hold = None
        self._quiet_until = 0.0
        for lane in self._lanes.values():
            lane.wake.set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with a receipt whenever its state changes; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def drained(self, within: float) -> bool:
        """Wait, at most `within` seconds, until nothing is on its way any more; return whether that was reached."""
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda _: changed.set())
        ends = self._clock.monotonic() + within
        try:
            while self.pending and (left := ends - self._clock.monotonic()) > 0:
                changed.clear()
                await wait_or_woken(self._clock, left, changed)
        finally:
            unsubscribe()
        return not self.pending

    async def close(self) -> tuple[Intent, ...]:
        """Stop sending, and return what the platform has not confirmed, oldest first.

        What was on the way at this moment is among them: sent again with the same key, it still happens once.
        """
        self._closed = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for receipt in self._receipts.values():
            receipt.fail(NotSent(f"Not confirmed before leaving: {receipt.intent.label}."))
        return tuple(receipt.intent for receipt in self._receipts.values())

    def _start(self, key: str, lane: _Lane) -> None:
        if lane.task is None and lane.receipts and not self._closed:
            lane.task = asyncio.create_task(self._drain(lane), name=f"outbox {key}")
            lane.task.add_done_callback(lambda task: self._lane_ended(key, lane, task))

    def _lane_ended(self, key: str, lane: _Lane, task: asyncio.Task[None]) -> None:
        lane.task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # A fault of this program, not of the platform: the intent stays, and whoever waits for it gets the fault.
            self._move(lane.receipts[0], Status.ATTENTION, f"A fault of this program: {type(error).__name__}.")
            lane.receipts[0].fail(error)
        elif lane.receipts and lane.receipts[0].status is not Status.ATTENTION:
            self._start(key, lane)
        self._forget_if_empty(key, lane)

    def _forget_if_empty(self, key: str, lane: _Lane) -> None:
        if not lane.receipts and lane.task is None and self._lanes.get(key) is lane:
            del self._lanes[key]

    async def _drain(self, lane: _Lane) -> None:
        while lane.receipts and lane.receipts[0].status is not Status.ATTENTION:
            receipt = lane.receipts[0]
            if await self._held_back(lane, receipt):
                continue
            async with self._slots:
                if lane.receipts and lane.receipts[0] is receipt and self._hold is None:
                    await self._attempt(lane, receipt)

    async def _held_back(self, lane: _Lane, receipt: Receipt) -> bool:
        """Wait if the outbox, or this intent, has to; whether there was anything to wait for."""
        now = self._clock.monotonic()
        until = max(self._quiet_until, receipt.retry_at or 0.0)
        if self._hold is None and until <= now:
            return False
        if self._hold is not None:
            self._move(receipt, Status.WAITING, self._hold)
            await wait_or_woken(self._clock, None, lane.wake)
        else:
            self._move(receipt, Status.WAITING, receipt.reason or "The platform asks to wait.", until)
            await wait_or_woken(self._clock, until - now, lane.wake)
        receipt.retry_at = None
        return self._hold is not None or self._quiet_until > self._clock.monotonic()

    async def _attempt(self, lane: _Lane, receipt: Receipt) -> None:
        receipt.attempts += 1
        self._move(receipt, Status.SENDING)
        try:
            data = await self._send(receipt.intent)
        except SignInRequired as error:
            self._hold = error.sentence
            self._move(receipt, Status.WAITING, error.sentence)
        except PlatformError as error:
            if error.worth_retrying:
                self._put_off(receipt, error)
            else:
                self._move(receipt, Status.ATTENTION, error.sentence)
                receipt.fail(error)
        else:
            lane.receipts.popleft()
            del self._receipts[receipt.id]
            self._move(receipt, Status.DONE)
            receipt.succeed(data)

    def _put_off(self, receipt: Receipt, error: PlatformError) -> None:
        now = self._clock.monotonic()
        wait = jittered(receipt.failures, self._jitter)
        receipt.failures += 1
        asked = error.retry_after if isinstance(error, ApiError) else None
        if asked is not None:
            # The platform speaks to the account, not to this one intent: everything waits.
            receipt.attempts -= 1
            wait = max(wait, asked)
            self._quiet_until = max(self._quiet_until, now + asked)
        retry_at = now + wait
        self._move(receipt, Status.WAITING, error.sentence, retry_at)

    def _move(self, receipt: Receipt, status: Status, reason: str | None = None, retry_at: float | None = None) -> None:
        receipt.move(status, reason, retry_at)
        self._tell(receipt)

    def _tell(self, receipt: Receipt) -> None:
        for listener in tuple(self._listeners):
            listener(receipt)
