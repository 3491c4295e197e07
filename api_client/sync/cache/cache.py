"""The cache of one account: reads at once, writes behind, and never gets in the way."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from api_client.clock import Clock, SystemClock
from api_client.models.base import WireModel
from api_client.sync.cache.entries import DocumentEntry, ListEntry, Position
from api_client.sync.cache.pending import Pending
from api_client.sync.cache.view import CacheView
from api_client.sync.cache.writer import Writer

R = TypeVar("R")

PATIENCE = 3.0
"""Seconds to wait for a disk at the start and at the end."""
LIMIT = 200_000_000
"""Bytes that the file may use before what was used longest ago goes."""


class Cache(CacheView):
    """Records by key and version, lists by name, whole replies, and read positions.

    It may be thrown away at any time, and nothing here ever fails: what cannot be stored lasts as long as the program,
    what cannot be read is as if it had never been fetched, and `complaints` says so. Record keys are those of the
    socket (`posts:{id}`). A record never goes back to an older version, also not over a tombstone; of models without
    a version the last one counts. What is written is read back at once, and reaches the file within about 250 ms.

    All methods are for the thread of the event loop.
    """

    def __init__(self, writer: Writer | None, clock: Clock) -> None:
        """Use `open` or `in_memory` instead."""
        self._writer = writer
        self._clock = clock
        self._connected = _Connected(writer)
        self._reading: _Reading | None = None
        if writer is None:
            super().__init__(Pending(), self._connected.connect)
        else:
            super().__init__(writer.pending, self._connected.connect, writer.found_trouble)

    @classmethod
    async def open(cls, path: Path, clock: Clock | None = None, *, limit: int = LIMIT) -> Self:
        """Return the cache in the file at `path`, which is made if missing, mode 0600, its folder 0700.

        A file that is damaged, foreign or of another version is set aside and begun anew; one that cannot be written
        is done without. `limit` is in bytes. A disk that does not answer is waited for `PATIENCE` seconds;
        what it has is there once it does.
        """
        clock = clock or SystemClock()
        writer = Writer(path, limit, clock.time)
        opened = asyncio.Event()
        writer.soon(_from_thread(opened))
        writer.start()
        await _at_most(opened)
        return cls(writer, clock)

    @classmethod
    def in_memory(cls, clock: Clock | None = None) -> Self:
        """Return a cache that lasts as long as the program."""
        return cls(None, clock or SystemClock())

    @property
    def complaints(self) -> tuple[str, ...]:
        """What went wrong with the file so far, one sentence each."""
        return () if self._writer is None else tuple(self._writer.complaints)

    # -- writing

    def keep(self, models: Mapping[str, WireModel]) -> None:
        """Keep records by their keys."""
        self._pending.keep(models)

    def keep_listing(self, name: str, models: Mapping[str, WireModel], next_cursor: str | None) -> None:
        """Keep a list, as far as it is known, and its records; `next_cursor` is None where it is known to its end."""
        self._pending.keep(models)
        self.keep_order(name, models, next_cursor)

    def keep_order(self, name: str, keys: Iterable[str], next_cursor: str | None) -> None:
        """Keep a list of records that are kept already."""
        self._pending.keep_list(name, ListEntry(tuple(keys), next_cursor, self._clock.time()))

    def keep_document(self, name: str, value: Any) -> None:
        """Keep a whole reply: a model, or what consists of models and JSON, and is not changed any more."""
        self._pending.keep_document(name, DocumentEntry(value, self._clock.time()))

    def forget(self, key: str, version: int | None = None) -> None:
        """A record is gone: whatever is as old as what is known of it, or as `version`, does not bring it back."""
        known = self.stamp(key)
        versions = [found for found in (version, known.version if known else None) if found is not None]
        self._pending.bury(key, max(versions, default=None))

    def drop(self, name: str) -> None:
        """Drop a list and a document by name; the records of the list stay."""
        self._pending.drop(name)

    def keep_position(self, place: str, position: Position) -> None:
        """Keep where somebody is reading."""
        self._pending.keep_position(place, position)

    # -- the threads

    async def read(self, work: Callable[[CacheView], R]) -> R:
        """Return what `work` reads, which runs on the reader's thread: for lists of thousands."""
        if self._writer is None:
            return work(self)
        if self._reading is None:
            self._reading = _Reading(self._pending, self._writer)
            self._reading.start()
        return await self._reading.do(work)

    async def flush(self) -> None:
        """Come back when everything kept so far is in the file, or could not be stored."""
        await self._settled(leave=False)

    async def close(self) -> None:
        """Write what waits, and close the file; a disk that does not answer is waited for `PATIENCE` seconds.

        Nothing is to be asked of the cache any more.
        """
        if self._reading is not None:
            self._reading.leave()
        self._connected.close()
        await self._settled(leave=True)

    async def _settled(self, *, leave: bool) -> None:
        if self._writer is None or not self._writer.is_alive():
            return
        done = asyncio.Event()
        self._writer.soon(_from_thread(done), leave=leave)
        await (_at_most(done) if leave else done.wait())


async def _at_most(event: asyncio.Event) -> None:
    """Wait for `event`, but not for ever."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), PATIENCE)


class _Connected:
    """One thread's connection for reading, opened when first needed, and again when the file was replaced."""

    def __init__(self, writer: Writer | None) -> None:
        self._writer = writer
        self._opened = 0
        self._connection: sqlite3.Connection | None = None

    def connect(self) -> tuple[sqlite3.Connection, int] | None:
        """Return the connection and the number of this run; raises sqlite3.Error."""
        writer = self._writer
        if writer is None:
            return None
        if writer.opened != self._opened:
            self.close()
            self._opened = writer.opened
            self._connection = writer.file.reader() if self._opened else None
        return None if self._connection is None else (self._connection, writer.run_number)

    def close(self) -> None:
        """Close it; on the thread that has opened it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Reading(threading.Thread):
    """The thread for large reads; a daemon, as the writer's."""

    def __init__(self, pending: Pending, writer: Writer) -> None:
        super().__init__(name="cache reader", daemon=True)
        self._work: queue.SimpleQueue[Callable[[CacheView], None] | None] = queue.SimpleQueue()
        self._connected = _Connected(writer)
        self._view = CacheView(pending, self._connected.connect, writer.found_trouble)

    async def do(self, work: Callable[[CacheView], R]) -> R:
        """Return what `work` returns there, or raise what it raises."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[R] = loop.create_future()

        def run(view: CacheView) -> None:
            try:
                value = work(view)
            except BaseException as error:  # noqa: BLE001 - it is raised again where it belongs
                _on_loop(loop, outcome.set_exception, error)
            else:
                _on_loop(loop, outcome.set_result, value)

        self._work.put(run)
        # Who gives up waiting must not leave a future behind that can no longer be answered.
        return await asyncio.shield(outcome)

    def leave(self) -> None:
        """Close the file when what was asked for is read."""
        self._work.put(None)

    def run(self) -> None:
        """Read what is asked for, in turn."""
        while (work := self._work.get()) is not None:
            work(self._view)
        self._connected.close()


def _on_loop(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *arguments: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(act, *arguments)


def _from_thread(event: asyncio.Event) -> Callable[[], None]:
    """Return what sets `event` from another thread."""
    loop = asyncio.get_running_loop()
    return lambda: _on_loop(loop, event.set)
