"""Undo and redo: what has not been sent is withdrawn, what has been is answered by its inverse."""

from __future__ import annotations

import uuid
from dataclasses import replace

from api_client.sync.core import Core
from api_client.sync.following import absorb
from api_client.sync.history import Steps
from api_client.sync.intents import Intent, Inverse
from api_client.sync.ports import Step, StepState, Stored
from api_client.sync.rebasing import inverse_upon
from api_client.sync.receipts import Receipt, Status


def step_for(core: Core, intent: Intent, undo: Inverse) -> Step:
    """Return the step of the history that `intent` does and `undo` takes back."""
    now = core.clock.time()
    inverse = None
    if undo.endpoint is not None:
        inverse = Intent.of(
            undo.endpoint,
            object_key=intent.object_key,
            created_at=now,
            label=undo.label or f"take back: {intent.label}",
            params=undo.params,
            body=undo.body,
        )
        inverse = inverse_upon(core.rebases.get(inverse.endpoint.name), inverse, intent)
    # The files of an intent are deleted with it; without them it cannot be done again.
    forward = intent if undo.again and not intent.attachments else None
    until = None if undo.within is None else now + undo.within
    return Step(intent.idempotency_key, intent.label, now, forward, inverse, StepState.DONE, until)


async def undo(core: Core) -> str | None:
    """Take back the newest step; see `Outbox.undo`."""
    async with core.history:
        await absorb(core)
        gone_out: set[str] = set()

        def possible(step: Step) -> bool:
            return step.inverse is not None or (step.id not in gone_out and _withdrawable(core, step) is not None)

        while (step := core.steps.to_undo(core.clock.time(), possible)) is not None:
            receipt = None if step.id in gone_out else _withdrawable(core, step)
            if receipt is not None:
                back = None if step.forward is None else replace(step, state=StepState.UNDONE)
                if await core.take_out(receipt, core.steps.put(step, back)):
                    return step.label
                # It went out at this very moment.
                gone_out.add(step.id)
                await absorb(core)
            elif step.inverse is not None:
                inverse = _renewed(core, step.inverse)
                undone = replace(step, id=inverse.idempotency_key, inverse=inverse, state=StepState.UNDONE)
                await _submit(core, inverse, core.steps.put(step, None if step.forward is None else undone))
                return step.label
    return None


async def redo(core: Core) -> str | None:
    """Do again what was taken back last; see `Outbox.redo`."""
    async with core.history:
        await absorb(core)
        step = core.steps.to_redo()
        if step is None or step.forward is None:
            return None
        receipt = _withdrawable(core, step)
        if receipt is not None:
            done = replace(step, id=step.forward.idempotency_key, state=StepState.DONE)
            if await core.take_out(receipt, core.steps.put(step, done)):
                return step.label
            await absorb(core)
        forward = _renewed(core, step.forward)
        now = core.clock.time()
        until = None if step.until is None else now + (step.until - step.at)
        inverse = step.inverse
        if inverse is not None:
            strategy = core.rebases.get(inverse.endpoint.name)
            if inverse.base is not None:
                forward = inverse_upon(core.rebases.get(forward.endpoint.name), forward, inverse)
            inverse = inverse_upon(strategy, inverse, forward)
        done = Step(forward.idempotency_key, step.label, now, forward, inverse, StepState.DONE, until)
        await _submit(core, forward, core.steps.put(step, done))
        return step.label


def _withdrawable(core: Core, step: Step) -> Receipt | None:
    """Return the receipt of what did the step last, if it can go without the platform's knowing."""
    receipt = core.lanes.get(step.id)
    return receipt if receipt is not None and (receipt.is_unsent or receipt.status is Status.ATTENTION) else None


async def _submit(core: Core, intent: Intent, steps: Steps) -> None:
    seq = await core.store.append(intent, steps=steps.all)
    core.steps = steps
    receipt = core.receipt(Stored(seq, intent))
    core.lanes.add(receipt)
    core.wake.set()
    core.tell_found(receipt)


def _renewed(core: Core, intent: Intent) -> Intent:
    """Return `intent` to be done now: the platform knows its old names and would answer without doing anything."""
    now = core.clock.time()
    hold = None if intent.not_before is None else now + (intent.not_before - intent.created_at)
    strategy = core.rebases.get(intent.endpoint.name)
    payload = intent.payload if strategy is None else strategy.renewed(intent)
    return replace(intent, payload=payload, idempotency_key=str(uuid.uuid4()), created_at=now, not_before=hold)
