"""Sends what may be sent: one task decides, each attempt is one more, and what becomes of it is stored first."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from api_client.backoff import base_delay_ms
from api_client.clock import wait_or_woken
from api_client.errors import ApiError, PlatformError
from api_client.inspect.causes import sent_later, uncaused
from api_client.models.base import Done
from api_client.sync.core import Core
from api_client.sync.following import absorb
from api_client.sync.intents import Base, Intent
from api_client.sync.merging import Clash, merge
from api_client.sync.ports import StoreTrouble
from api_client.sync.rebasing import inverse_upon, rebased
from api_client.sync.receipts import Receipt, Status
from api_client.sync.settling import Verdict, judge, platform_is_away, reply_text

_ASKED_TO_WAIT = "The platform asks to wait."


class Sender:
    """Attempts intents in the order of their lanes, a few side by side, as fast as the pace allows."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._attempts: dict[asyncio.Task[None], Receipt] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="outbox", context=uncaused())

    async def stop(self) -> None:
        """Stop sending; what is on the way at this moment stays marked as that, and is sent again the next time."""
        tasks = [*self._attempts, *([] if self._task is None else [self._task])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self) -> None:
        core = self._core
        while True:
            wait = self._begin_what_may()
            await wait_or_woken(core.clock, wait, core.wake)

    def _begin_what_may(self) -> float | None:
        """Begin attempts; return the seconds until that is to be looked at again, None where only an event can say."""
        core = self._core
        now = core.clock.monotonic()
        core.lanes.ripen(now)
        waits = [] if (due := core.lanes.due()) is None else [due - now]
        while core.held_up is None and core.leadership.leads and (receipt := core.lanes.peek()) is not None:
            wait = core.pace.wait(now, len(core.active))
            if wait is None:
                break
            if wait > 0:
                waits.append(wait)
                break
            core.lanes.take(receipt)
            if receipt not in core.active:
                self._begin(receipt)
        return max(0.0, min(waits)) if waits else None

    def _begin(self, receipt: Receipt) -> None:
        self._core.active.add(receipt)
        task = asyncio.create_task(self._attempt(receipt), name=f"send {receipt.intent.label}")
        self._attempts[task] = receipt
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        core, receipt = self._core, self._attempts.pop(task)
        core.active.discard(receipt)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A fault of this program, not of the platform: the intent stays, and whoever waits for it gets the fault.
            reason = f"A fault of this program: {type(error).__name__}."
            if receipt.is_open:
                core.lanes.move(receipt, Status.ATTENTION, reason)
                core.errand(core.note(core.stored(receipt, Status.ATTENTION, reason)))
            receipt.fail(error)
        elif receipt.is_open:
            core.lanes.refile(receipt)
        core.wake.set()

    async def _attempt(self, receipt: Receipt) -> None:
        core = self._core
        began, sent_before = core.clock.monotonic(), receipt.first_sent_at
        receipt.attempts += 1
        receipt.first_sent_at = core.clock.time() if sent_before is None else sent_before
        try:
            there = await core.store.mark(core.stored(receipt, Status.SENDING))
        except StoreTrouble as error:
            # What cannot be noted is not sent: after a crash nobody would know of it.
            core.trouble = error.sentence
            self._as_before(receipt, sent_before)
            self._later(receipt, error.sentence, began, whole=True)
            return
        core.trouble = None
        if not there or not core.leadership.leads:
            self._as_before(receipt, sent_before)
            if there:
                await core.note(core.stored(receipt, Status.QUEUED))
            await self._overtaken(receipt, began)
            return
        if not receipt.is_open:
            return
        core.lanes.move(receipt, Status.SENDING)
        try:
            with sent_later(receipt.cause, "outbox", receipt.intent.label):
                data = await core.send(receipt.intent)
        except PlatformError as error:
            if receipt.is_open:
                await self._came_to_nothing(receipt, error, began, sent_before)
        else:
            core.pace.answered()
            await self._done(receipt, data)

    async def _overtaken(self, receipt: Receipt, began: float) -> None:
        """Another process has changed the intent, or taken the lead, since this one looked."""
        core, key = self._core, receipt.intent.idempotency_key
        try:
            await absorb(core)
            if core.leadership.leads and receipt.is_open and receipt.intent.idempotency_key == key:
                # Nobody says that he has taken it out: what the store has lost it is given again.
                seq = await core.store.append(receipt.intent)
                if seq == receipt.seq:
                    # It knows the key and has nothing to send: an earlier run has had it confirmed.
                    core.lanes.remove(receipt, Status.DONE)
                    receipt.succeed(None)
                    core.clear_away(receipt.intent)
                receipt.seq = seq
        except StoreTrouble as error:
            core.trouble = error.sentence
            self._later(receipt, error.sentence, began, whole=False)

    async def _came_to_nothing(
        self, receipt: Receipt, error: PlatformError, began: float, sent_before: float | None, *, merging: bool = True
    ) -> None:
        core = self._core
        if not error.may_have_happened:
            receipt.first_sent_at = sent_before
        verdict = judge(receipt, error, sent_before is not None)
        if verdict is Verdict.SIGN_IN:
            core.signed_out = error.sentence
            core.hold_changed()
            await core.note(core.stored(receipt, Status.WAITING, error.sentence))
            core.lanes.move(receipt, Status.WAITING, error.sentence)
        elif verdict is Verdict.SLOW_DOWN:
            receipt.attempts -= 1
            asked = error.retry_after if isinstance(error, ApiError) else None
            core.pace.told_to_wait(core.clock.monotonic() + (asked or 0.0))
            await core.note(core.stored(receipt, Status.WAITING, error.sentence))
            self._later(receipt, error.sentence or _ASKED_TO_WAIT, began, whole=False, at_least=asked or 0.0)
        elif verdict is Verdict.AGAIN:
            await core.note(core.stored(receipt, Status.WAITING, error.sentence))
            self._later(receipt, error.sentence, began, whole=platform_is_away(error))
        else:
            core.pace.answered()
            if verdict is Verdict.THERE_ALREADY:
                await self._done(receipt, Done())
            elif verdict is Verdict.CONFLICT and merging and receipt.intent.endpoint.name in core.rebases:
                await self._merge(receipt, error, began, sent_before)
            else:
                await self._needs_attention(receipt, error)

    def _as_before(self, receipt: Receipt, sent_before: float | None) -> None:
        receipt.attempts -= 1
        receipt.first_sent_at = sent_before

    def _later(self, receipt: Receipt, reason: str, began: float, *, whole: bool, at_least: float = 0.0) -> None:
        core = self._core
        now, chance = core.clock.monotonic(), core.jitter()
        wait = max(at_least, base_delay_ms(receipt.failures) * chance / 1_000)
        was_away = core.pace.away
        core.pace.no_answer(began, now, base_delay_ms(core.pace.failures) * chance / 1_000, whole=whole)
        if core.pace.away and not was_away:
            core.hold_changed()
        receipt.failures += 1
        if receipt.is_open:
            core.lanes.move(receipt, Status.WAITING, reason, now + wait)

    async def _needs_attention(self, receipt: Receipt, error: PlatformError) -> None:
        core = self._core
        await core.note(core.stored(receipt, Status.ATTENTION, error.sentence, receipt.conflict))
        if receipt.is_open:
            core.lanes.move(receipt, Status.ATTENTION, error.sentence)
            receipt.fail(error)

    async def _done(self, receipt: Receipt, data: Any) -> None:
        """Let go of what the platform has confirmed, once that is stored; until then it holds its lane."""
        core = self._core
        text, failures = reply_text(receipt.intent.endpoint, data), 0
        while True:
            try:
                await core.store.finish(receipt.seq, text)
                break
            except StoreTrouble as error:
                core.trouble = error.sentence
                if receipt.is_open:
                    core.lanes.move(receipt, Status.SENDING, error.sentence)
                await core.clock.sleep(base_delay_ms(failures) / 1_000)
                failures += 1
        core.trouble = None
        if receipt.is_open:
            core.lanes.remove(receipt, Status.DONE)
            receipt.succeed(data)
            core.clear_away(receipt.intent)

    async def _merge(self, receipt: Receipt, error: PlatformError, began: float, sent_before: float | None) -> None:
        """Make a change anew upon the version that came in between, or have the user decide."""
        core, intent = self._core, receipt.intent
        strategy, base = core.rebases[intent.endpoint.name], intent.base
        if base is None:
            raise ValueError(f"{intent.label} has no base to merge upon")
        try:
            version, record = await strategy.current(intent)
        except PlatformError as trouble:
            await self._came_to_nothing(receipt, trouble, began, sent_before, merging=False)
            return
        mine = strategy.fields(intent)
        before = {name: base.fields.get(name) for name in mine}
        theirs = {name: record.get(name) for name in mine}
        outcome = merge(before, mine, theirs)
        if isinstance(outcome, Clash):
            receipt.conflict = {"base": before, "mine": dict(mine), "theirs": theirs, "version": version}
            await self._needs_attention(receipt, error)
            return
        merged = rebased(strategy, intent, outcome.fields, Base(version, theirs), str(uuid.uuid4()))
        await core.note(core.stored(receipt, Status.QUEUED))
        try:
            there = await core.store.replace(receipt.seq, merged, was=intent.idempotency_key)
        except StoreTrouble as full:
            core.trouble = full.sentence
            self._later(receipt, full.sentence, began, whole=False)
            return
        if there:
            core.put_in_place(receipt, merged)
            await keep_in_history(core, intent.idempotency_key, merged)
            self._again_soon(receipt)
        else:
            await self._overtaken(receipt, began)

    def _again_soon(self, receipt: Receipt) -> None:
        """Send a merged one at once; where merging comes again and again, somebody is busy with the record."""
        core = self._core
        wait = base_delay_ms(receipt.failures - 1) * core.jitter() / 1_000 if receipt.failures else 0.0
        receipt.failures += 1
        if receipt.is_open:
            retry_at = core.clock.monotonic() + wait if wait else None
            core.lanes.move(receipt, Status.QUEUED if retry_at is None else Status.WAITING, None, retry_at)


async def keep_in_history(core: Core, key: str, intent: Intent) -> None:
    """Let the step that the intent with `key` did speak of `intent`, which has taken its place."""
    async with core.history:
        strategy = core.rebases.get(intent.endpoint.name)
        steps = core.steps.rekeyed(
            key,
            intent,
            lambda step: None if step.inverse is None else inverse_upon(strategy, step.inverse, intent),
        )
        if steps is not core.steps:
            core.steps = steps
            try:
                await core.store.keep_steps(steps.all)
            except StoreTrouble as error:
                # The step stands for a write that is sent by now, which is what the old key stands for as well.
                core.trouble = error.sentence
