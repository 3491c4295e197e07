"""The history of what can be taken back and done again: pure, each change gives a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from api_client.sync.intents import Intent
from api_client.sync.ports import Step, StepState

MOST = 200
"""How many steps are remembered."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in the order in which they were done, those that were taken back among them."""

    all: tuple[Step, ...] = ()

    def __iter__(self) -> Iterator[Step]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def added(self, step: Step, now: float) -> Steps:
        """Return the history with a new step: what was taken back can no longer be done again."""
        kept = [old for old in self.all if old.state is StepState.DONE and not expired(old, now)]
        return Steps((*kept, step)[-MOST:])

    def to_undo(self, now: float, possible: Callable[[Step], bool]) -> Step | None:
        """Return the newest step that is done, not expired and `possible` to take back; None if there is none."""
        for step in reversed(self.all):
            if step.state is StepState.DONE and not expired(step, now) and possible(step):
                return step
        return None

    def to_redo(self) -> Step | None:
        """Return the step that was taken back last, None if there is none."""
        return next((step for step in self.all if step.state is StepState.UNDONE), None)

    def put(self, old: Step, new: Step | None) -> Steps:
        """Return the history with `new` in the place of `old`, or without it."""
        kept = (new if step is old else step for step in self.all)
        return Steps(tuple(step for step in kept if step is not None))

    def without(self, key: str) -> Steps:
        """Return the history after the intent with this key was discarded.

        A step that it did goes; a step that it was to take back is done again, because it never was taken back.
        """
        step = self.of(key)
        if step is None:
            return self
        if step.state is StepState.UNDONE and step.forward is not None:
            return self.put(step, replace(step, id=step.forward.idempotency_key, state=StepState.DONE))
        return self.put(step, None)

    def rekeyed(self, key: str, intent: Intent, inverse: Callable[[Step], Intent | None]) -> Steps:
        """Return the history after another intent, edited or merged, took the place of the one with `key`.

        `inverse` says what takes the step back from now on.
        """
        step = self.of(key)
        if step is None:
            return self
        if step.state is StepState.UNDONE:
            return self.put(step, replace(step, id=intent.idempotency_key, inverse=intent))
        forward = None if step.forward is None else intent
        return self.put(step, replace(step, id=intent.idempotency_key, forward=forward, inverse=inverse(step)))

    def of(self, key: str) -> Step | None:
        """Return the step that the intent with this key did, or is to take back."""
        return next((step for step in self.all if step.id == key), None)


def expired(step: Step, now: float) -> bool:
    """Whether it is too late to take `step` back; `now` is in seconds since the epoch."""
    return step.until is not None and step.until <= now
