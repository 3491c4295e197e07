"""Server-sent events: topics, a replay ring for Last-Event-ID, and the text of the stream."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

HEARTBEAT_SECONDS = 15.0
RING_SIZE = 256
"""Events kept for each topic, for readers that come back."""
TOPICS_KEPT = 512
"""Topics without a reader whose ring is kept; the one used longest ago is forgotten first."""
BACKLOG_LIMIT = 1024
"""Events a reader may be behind before it is cut off; it comes back with its Last-Event-ID."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event; `id` is unique over restarts, None for one that must not move a reader's Last-Event-ID."""

    id: str | None
    event: str
    data: dict[str, Any]

    def encode(self) -> str:
        """Return the event as the lines of `text/event-stream`."""
        head = f"id: {self.id}\n" if self.id else ""
        return f"{head}event: {self.event}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n"


RESET = StreamEvent(None, "reset", {})
"""Sent first to a reader whose Last-Event-ID is no longer known: it has to fetch the whole thing again."""


@dataclass(slots=True)
class _Topic:
    ring: deque[StreamEvent] = field(default_factory=lambda: deque(maxlen=RING_SIZE))
    readers: set[EventReader] = field(default_factory=set)
    count: int = 0


class EventStreams:
    """All topics of one server; runs in the event loop's thread alone."""

    def __init__(self, epoch: str) -> None:
        """`epoch` differs from one start of the server to the next, so that an old id is never taken for a new one."""
        self._epoch = epoch
        self._topics: OrderedDict[str, _Topic] = OrderedDict()
        self._closed = False

    def publish(self, topic: str, event: str, data: dict[str, Any]) -> None:
        """Send `data` (JSON-ready) as `event` to the readers of `topic`, and keep it for those who come back."""
        entry = self._topic(topic)
        entry.count += 1
        item = StreamEvent(f"{self._epoch}-{entry.count}", event, data)
        entry.ring.append(item)
        for reader in list(entry.readers):
            reader.put(item)

    def subscribe(self, topic: str, last_id: str | None = None) -> EventReader:
        """Return a reader of `topic`, to be used in `async with`; with `last_id` it starts behind that event."""
        entry = self._topic(topic)
        reader = EventReader(entry.readers)
        for item in self._missed(entry, last_id):
            reader.put(item)
        if self._closed:
            reader.end()
        return reader

    def close(self) -> None:
        """End every reader, as at shutdown."""
        self._closed = True
        for entry in self._topics.values():
            for reader in list(entry.readers):
                reader.end()

    def _missed(self, entry: _Topic, last_id: str | None) -> list[StreamEvent]:
        if last_id is None:
            return []
        epoch, _, number = last_id.rpartition("-")
        if epoch != self._epoch or not number.isdecimal() or int(number) > entry.count:
            return [RESET]
        behind = entry.count - int(number)
        if behind > len(entry.ring):
            return [RESET]
        return list(entry.ring)[len(entry.ring) - behind :]

    def _topic(self, name: str) -> _Topic:
        entry = self._topics.get(name)
        if entry is None:
            entry = self._topics[name] = _Topic()
            self._forget_idle()
        self._topics.move_to_end(name)
        return entry

    def _forget_idle(self) -> None:
        excess = len(self._topics) - TOPICS_KEPT
        idle = [name for name, entry in self._topics.items() if not entry.readers] if excess > 0 else []
        for name in idle[:-1][:excess]:
            del self._topics[name]


class EventReader:
    """The reading end of one topic: an async iterator that ends at shutdown or when it is too far behind."""

    def __init__(self, registered_in: set[EventReader]) -> None:
        self._registry = registered_in
        self._registry.add(self)
        self._waiting: deque[StreamEvent] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    def put(self, event: StreamEvent) -> None:
        """Take an event; a reader with too long a backlog is ended instead."""
        if len(self._waiting) >= BACKLOG_LIMIT:
            self.end()
            return
        self._waiting.append(event)
        self._wake.set()

    def end(self) -> None:
        """Deliver no more after what is waiting."""
        self._ended = True
        self._registry.discard(self)
        self._wake.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events()

    async def _events(self) -> AsyncIterator[StreamEvent]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._ended:
                return
            self._wake.clear()
            await self._wake.wait()

    async def lines(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> AsyncIterator[str]:
        """Yield the body of the stream: events, and a comment whenever nothing happened for so many seconds."""
        yield ": connected\n\n"
        while True:
            while self._waiting:
                yield self._waiting.popleft().encode()
            if self._ended:
                return
            self._wake.clear()
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    await self._wake.wait()
            except TimeoutError:
                yield ": keep-alive\n\n"
