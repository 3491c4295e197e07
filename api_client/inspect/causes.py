"""Which action of the user is behind what goes over the wire; it travels with the task, and into those it starts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass
from typing import Literal

Origin = Literal["network", "cache", "outbox"]
"""Where a call came from: asked for now, answered from this machine, or sent later by the outbox."""

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cause:
    """One press of a key, one command, one operation of the outbox."""

    action: str
    """Id of the action, such as `post.vote_up`; `outbox` where that was in an earlier run of the program."""
    label: str
    """What it is called in front of people."""
    number: int
    """Rises with every cause in this process: tells apart two presses of the same key."""
    at: int
    """When it began, `perf_counter_ns`."""
    origin: Origin = "network"


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


@contextmanager
def sent_later(cause: Cause | None, action: str, label: str) -> Iterator[Cause]:
    """Note that the outbox sends now what `cause` asked for; under `action` by itself if that is not known any more."""
    number, at = (cause.number, cause.at) if cause else (next(_NUMBERS), time.perf_counter_ns())
    later = Cause(cause.action if cause else action, label, number, at, "outbox")
    token = _CURRENT.set(later)
    try:
        yield later
    finally:
        _CURRENT.reset(token)


@contextmanager
def in_course_of(cause: Cause | None) -> Iterator[None]:
    """Note for all that happens inside that `cause` is behind it, or nothing: for what goes on elsewhere."""
    token = _CURRENT.set(cause)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def uncaused() -> Context:
    """Return this context without a cause: for tasks that outlive the action in whose course they begin."""
    context = copy_context()
    context.run(_CURRENT.set, None)
    return context
