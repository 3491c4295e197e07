"""Keeps up with the other processes on the account: what they take on, what became of it, and which one sends."""

from __future__ import annotations

from api_client.errors import PlatformError
from api_client.sync.core import Core
from api_client.sync.history import Steps
from api_client.sync.ports import Delta, Stored, StoreTrouble
from api_client.sync.receipts import Receipt, Status
from api_client.sync.settling import reply_data

LOOK_EVERY = 1.0
"""Seconds between two looks at what others have changed, and between two signs of life of the one who leads."""


async def keep_up(core: Core) -> None:
    """Look after the others for ever."""
    while True:
        await core.clock.sleep(LOOK_EVERY)
        await stand(core)
        try:
            await absorb(core)
        except StoreTrouble as error:
            core.trouble = error.sentence


async def stand(core: Core) -> None:
    """Lead, go on leading, or see whether somebody else does."""
    try:
        leads = await core.leadership.acquire()
    except StoreTrouble as error:
        core.trouble = error.sentence
        return
    if leads and not core.led:
        await _take_the_lead(core)
    core.led = leads
    core.wake.set()


async def absorb(core: Core) -> None:
    """Take in what others have changed; raises StoreTrouble if the store cannot be read."""
    delta = await core.store.changes()
    if delta is not None:
        _take_in(core, delta)
        core.wake.set()


def _take_in(core: Core, delta: Delta) -> None:
    for stored in delta.changed:
        _changed(core, stored)
    for key, reply in delta.done.items():
        receipt = core.lanes.get(key)
        if receipt is not None:
            _was_done(core, receipt, reply)
    for key in delta.discarded:
        receipt = core.lanes.get(key)
        if receipt is not None:
            core.gone(receipt)
    core.complaints += delta.complaints
    if delta.steps is not None:
        core.steps = Steps(tuple(delta.steps))


def _was_done(core: Core, receipt: Receipt, reply: str | None) -> None:
    core.lanes.remove(receipt, Status.DONE)
    try:
        receipt.succeed(reply_data(receipt.intent.endpoint, reply))
    except PlatformError as error:
        receipt.fail(error)


def _changed(core: Core, stored: Stored) -> None:
    receipt = core.lanes.get(stored.intent.idempotency_key)
    if receipt is None:
        receipt = core.lanes.by_seq(stored.seq)
        if receipt is None:
            receipt = core.receipt(stored)
            if core.leadership.leads:
                _forget_the_attempt(receipt)
            core.lanes.add(receipt)
            core.tell_found(receipt)
            return
        core.put_in_place(receipt, stored.intent)
    if receipt in core.active:
        return
    _adopt(core, receipt, stored)


def _adopt(core: Core, receipt: Receipt, stored: Stored) -> None:
    receipt.attempts, receipt.first_sent_at = stored.attempts, stored.first_sent_at
    receipt.conflict = stored.conflict
    if stored.status is Status.ATTENTION:
        core.lanes.move(receipt, Status.ATTENTION, stored.reason)
        receipt.fail(PlatformError(stored.reason or "The platform refused this."))
    elif core.leadership.leads or stored.status in (Status.QUEUED, Status.HELD):
        core.requeue(receipt)
    else:
        if receipt.status is Status.ATTENTION:
            receipt.reopen()
        core.lanes.move(receipt, stored.status, stored.reason)


async def _take_the_lead(core: Core) -> None:
    """Go on where the last leader stopped: what it had on the way is sent again, with the same key."""
    for receipt in tuple(core.lanes):
        if receipt in core.active:
            continue
        if receipt.status is Status.SENDING:
            await core.note(core.stored(receipt, Status.WAITING))
        if receipt.is_open and receipt.status in (Status.SENDING, Status.WAITING):
            core.requeue(receipt)


def _forget_the_attempt(receipt: Receipt) -> None:
    if receipt.status in (Status.SENDING, Status.WAITING):
        receipt.move(Status.QUEUED, receipt.reason)
