"""What a line of the inspector stands for, and where it stands among the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from api_client.inspect.causes import Cause
from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord


class Order(StrEnum):
    """In which order the lines stand."""

    TIME = "time"
    DURATION = "duration"
    SIZE = "size"
    STATUS = "status"
    PATH = "path"


ORDER_TITLES = {
    Order.TIME: "As they came",
    Order.DURATION: "Slowest first",
    Order.SIZE: "Largest first",
    Order.STATUS: "Failures first",
    Order.PATH: "By path",
}


class View(StrEnum):
    """How calls and frames stand together."""

    FLAT = "flat"
    """Each on its own, in one order."""
    SOCKETS = "sockets"
    """Frames under the connection on which they travelled."""
    ACTIONS = "actions"
    """Everything under the action of the user that caused it."""


@dataclass(slots=True, eq=False)
class ActionGroup:
    """What one action of the user caused."""

    cause: Cause | None
    """None for what nobody asked for."""
    calls: int = 0
    frames: int = 0
    failed: int = 0
    waiting: int = 0
    """Calls that are under way."""
    ended: int | None = None
    """When its last call was answered and read, `perf_counter_ns`; None while none was."""
    painted: int | None = None
    """When the first frame after that was written to the terminal."""

    @property
    def number(self) -> int:
        """0 for what nobody asked for."""
        return self.cause.number if self.cause is not None else 0

    @property
    def felt(self) -> int | None:
        """Nanoseconds from the key to the frame that shows the outcome, as far as that is known."""
        end = self.painted or self.ended
        return end - self.cause.at if self.cause is not None and end is not None else None


Record = CallRecord | FrameRecord
Thing = CallRecord | FrameRecord | SocketRecord | ActionGroup


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    key: str
    thing: Thing
    depth: int = 0

    @property
    def stamp(self) -> tuple[object, ...]:
        """What differs whenever the line has to be drawn anew."""
        return stamp_of(self.thing)


def stamp_of(thing: Thing) -> tuple[object, ...]:
    """Return everything of a record that changes once it is there."""
    match thing:
        case CallRecord():
            return (thing.status, thing.ended, thing.parsed_ns, thing.cancelled, thing.error is not None)
        case SocketRecord():
            return (thing.status, thing.opened, thing.ended, thing.close_code)
        case ActionGroup():
            return (thing.calls, thing.frames, thing.failed, thing.waiting, thing.ended, thing.painted)
        case FrameRecord():
            return (thing.note,)


def is_settled(thing: CallRecord | SocketRecord, now: int) -> bool:
    """Return whether nothing of a record will change any more; `now` is `perf_counter_ns`."""
    if thing.ended is None:
        return False
    waits = isinstance(thing, CallRecord) and thing.parsed_ns is None and not thing.failed
    return not waits or now - thing.ended > 3_000_000_000


def key_of(thing: Thing) -> str:
    """Return the key of a record's line: it never changes, and stands for nothing else."""
    match thing:
        case CallRecord():
            return f"call:{thing.id}"
        case FrameRecord():
            return f"frame:{thing.id}"
        case SocketRecord():
            return f"socket:{thing.id}"
        case ActionGroup():
            return f"action:{thing.number}"


def path_of(url: str) -> str:
    """Return the path and the query of `url`; the whole of it where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or url


def duration_of(thing: Thing) -> int | None:
    """Return how long something took, in nanoseconds; None for what has no length or is under way."""
    match thing:
        case CallRecord():
            return thing.duration
        case SocketRecord():
            return None if thing.ended is None else thing.ended - thing.started
        case ActionGroup():
            return thing.felt
        case _:
            return None


def size_of(thing: Thing) -> int | None:
    """Return the bytes of the reply, inflated, or of the frame; None where there are none yet."""
    match thing:
        case CallRecord():
            return thing.body_size if thing.status is not None else None
        case FrameRecord():
            return thing.size
        case SocketRecord():
            return thing.received_bytes or None
        case _:
            return None


Rank = tuple[object, ...]


def rank_of(row: Row, order: Order, view: View) -> Rank:
    """Return what sorts the lines: tuples of one shape for each order and view, the record's number last."""
    thing = row.thing
    if isinstance(thing, ActionGroup):
        return (thing.number, 0)
    if view is View.ACTIONS:
        return (thing.cause.number if not isinstance(thing, SocketRecord) and thing.cause else 0, thing.id)
    if view is View.SOCKETS:
        return (thing.socket, thing.id) if isinstance(thing, FrameRecord) and row.depth else (thing.id, 0)
    match order:
        case Order.DURATION:
            return (-(duration_of(thing) or 0), thing.id)
        case Order.SIZE:
            return (-(size_of(thing) or 0), thing.id)
        case Order.STATUS:
            return (_failure_rank(thing), thing.id)
        case Order.PATH:
            return (path_of(thing.url) if not isinstance(thing, FrameRecord) else "~", thing.id)
        case _:
            return (thing.id,)


def _failure_rank(thing: CallRecord | FrameRecord | SocketRecord) -> int:
    """Return 0 for what has no answer at all, then the highest status first, then what is under way, then frames."""
    if isinstance(thing, FrameRecord):
        return 2000
    if isinstance(thing, CallRecord) and thing.failed and thing.status is None:
        return 0
    return 1000 - (thing.status or 0)
