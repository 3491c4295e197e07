"""The one thread that touches the disk, and the queue in front of it."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from api_client.sync.ports import StoreTrouble
from api_client.sync.sqlite.database import Database, Job, Outcome

T = TypeVar("T")

TOGETHER = 256
"""How many pieces of work may share a transaction."""

_CLOSING_LIMIT = 1.0
"""Seconds after which a disk that does not answer is left to itself."""
_QUIET = 2.0
"""Seconds without a write after which what was deleted is taken out of the write-ahead log."""
_LOOK_AROUND = 60.0
"""Seconds without a write after which it is looked again for what is old."""

_Waiting = tuple[Job, "asyncio.Future[Any]"]
_Orders = queue.SimpleQueue["_Waiting | None"]


class Writer:
    """Hands work to the thread of a `Database`, and its outcome back to the event loop that waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: _Orders = queue.SimpleQueue()
        self._open: dict[asyncio.Future[Any], None] = {}
        """Whom an answer is still owed; touched by the event loop alone."""
        self._thread: threading.Thread | None = None
        self._hung: threading.Thread | None = None
        """One that had not ended in time."""
        self._closed = False

    async def read(self, work: Callable[[], T]) -> T:
        """Return what `work` returns on the thread, after all that was asked for before."""
        return await self._ask(Job(work, False, Outcome()))  # type: ignore[no-any-return]

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns in a transaction, once that is on the disk; raises StoreTrouble if it is not."""
        return await self._ask(Job(work, True, Outcome()))  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Do what was asked for before, then end; within a second, whatever the disk does."""
        self._closed = True
        if self._thread is None:
            return
        # The thread has a queue of its own: whoever opens again meets neither.
        thread, self._thread = self._thread, None
        orders, self._queue = self._queue, queue.SimpleQueue()
        ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        orders.put((Job(self._database.close, False, Outcome()), ended))
        orders.put(None)
        await asyncio.wait([ended], timeout=_CLOSING_LIMIT)
        if ended.done():
            return
        ended.cancel()
        self._hung = thread
        for waiting in tuple(self._open):
            if not waiting.done():
                waiting.set_exception(StoreTrouble("The disk does not answer: nobody knows whether this was stored."))

    def reopen(self) -> None:
        """Take work again after `close`; raises StoreTrouble as long as the disk has not answered to that."""
        if self._hung is not None and self._hung.is_alive():
            raise StoreTrouble("The disk does not answer. Nothing was stored: see to the disk.")
        self._closed = False

    async def _ask(self, job: Job) -> Any:
        if self._closed:
            raise StoreTrouble("The outbox is closed: nothing was stored.")
        if self._thread is None:
            # A daemon: a disk that hangs must not keep the program from leaving.
            self._thread = threading.Thread(target=self._run, args=(self._queue,), name="outbox.db", daemon=True)
            self._thread.start()
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._open[answer] = None
        answer.add_done_callback(self._open.pop)
        self._queue.put((job, answer))
        return await answer

    def _run(self, orders: _Orders) -> None:
        ends = False
        tidy_at = time.monotonic() + _QUIET
        while not ends:
            try:
                waiting = [orders.get(timeout=max(0.0, tidy_at - time.monotonic()))]
            except queue.Empty:
                tidied = self._database.tidy(lambda: not orders.empty())
                tidy_at = time.monotonic() + (_LOOK_AROUND if tidied else _QUIET)
                continue
            waiting += _also_waiting(orders)
            ends = None in waiting
            batch = [item for item in waiting if item is not None]
            if any(job.writes for job, _ in batch):
                # Looking for changes is not work: it happens every second.
                tidy_at = time.monotonic() + _QUIET
            self._database.carry_out([job for job, _ in batch])
            _answer(batch)


def _also_waiting(orders: _Orders) -> list[_Waiting | None]:
    found: list[_Waiting | None] = []
    while len(found) < TOGETHER:
        try:
            found.append(orders.get_nowait())
        except queue.Empty:
            break
    return found


def _answer(batch: Sequence[_Waiting]) -> None:
    """Tell those who wait, each on its own event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for job, answer in batch:
        by_loop.setdefault(answer.get_loop(), []).append((job, answer))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:
            # The event loop has ended, and with it everybody who waited.
            continue


def _settle(answers: Sequence[_Waiting]) -> None:
    for job, answer in answers:
        if answer.done():
            continue
        if job.outcome.error is not None:
            answer.set_exception(job.outcome.error)
        else:
            answer.set_result(job.outcome.value)
