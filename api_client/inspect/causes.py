"""Which action of the user is behind what goes over the wire; it travels with the task, and into those it starts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cause:
    """One press of a key, one command, one operation of the outbox."""

    action: str
    """Id of the action, such as `post.vote_up`; `outbox.{kind}` for what the outbox sends."""
    label: str
    """What it is called in front of people."""
    number: int
    """Rises with every cause in this process: tells apart two presses of the same key."""
    at: int
    """When it began, `perf_counter_ns`."""


_CURRENT: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause | None:
    """Return the action in whose course this runs; None for what nobody asked for."""
    return _CURRENT.get()


@contextmanager
def caused_by(action: str, label: str) -> Iterator[Cause]:
    """Note for all that happens inside, tasks that are started there included, that `action` is behind it."""
    cause = Cause(action, label, next(_NUMBERS), time.perf_counter_ns())
    token = _CURRENT.set(cause)
    try:
        yield cause
    finally:
        _CURRENT.reset(token)
