"""The thread that writes `cache.db`: gathers for a moment, then one transaction; makes room when there is too much."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from api_client.sync.cache.entries import Batch
from api_client.sync.cache.file import READ_ERRORS, CacheFile, CacheTrouble, is_damage
from api_client.sync.cache.pending import Pending
from api_client.sync.cache.rows import make_room, put_in

GATHER = 0.25
"""Seconds for which writes are gathered."""
_AGAIN = 30.0
"""Seconds until writing is tried again after it failed."""
_MOST_REBUILDS = 3
"""A disk that has broken so many files in one run is left alone."""
_LOOK_EVERY = 64
"""Transactions between two looks at the size of the file."""


class Writer(threading.Thread):
    """Writes what waits in `pending`; a daemon, so that a disk that hangs never keeps the program from leaving."""

    def __init__(self, path: Path, limit: int, now: Callable[[], float]) -> None:
        """`limit` is in bytes; `now` returns seconds since the epoch."""
        super().__init__(name="cache writer", daemon=True)
        self.file = CacheFile(path)
        self.pending = Pending(self._something_waits)
        self.complaints: list[str] = []
        self.opened = 0
        """Counts how often a file was opened: readers open theirs again when it has grown. 0: there is none."""
        self.run_number = 0
        self._limit = limit
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []
        self._leaving = False
        self._damaged = False
        self._rebuilt = 0
        self._rest = 0.0
        self._written = 0

    def soon(self, then: Callable[[], None], *, leave: bool = False) -> None:
        """Write without gathering any longer, and call `then`, from this thread, whatever came of it.

        With `leave` the file is closed and the thread ends.
        """
        with self._lock:
            self._waiting.append(then)
            self._leaving = self._leaving or leave
        self._hurry.set()
        self._wake.set()

    def found_trouble(self, error: Exception) -> None:
        """A reader has come upon something: if it is a broken page, the file is begun anew."""
        if is_damage(error):
            self._damaged = True
            self._wake.set()

    def run(self) -> None:
        """Live until told to leave."""
        waiting: list[Callable[[], None]] = []
        leaving = False
        try:
            self._open()
            while not leaving:
                _tell(waiting)
                self._wake.wait()
                self._hurry.wait(self._rest or GATHER)
                self._wake.clear()
                self._hurry.clear()
                waiting, leaving = self._asked()
                self._store()
        finally:
            # A fault of this thread is loud enough; nobody is to wait for it as well.
            if self._connection is not None:
                self._connection.close()
            _tell(waiting + self._asked()[0])

    def _asked(self) -> tuple[list[Callable[[], None]], bool]:
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting, self._leaving

    # -- writing

    def _store(self) -> None:
        """Write what waits; where that cannot be, it goes on waiting in memory, and is tried again later."""
        self._rest = 0.0
        if self._damaged:
            self._rebuild()
        batch = self.pending.take() if self._connection is not None else None
        if batch is None or self._connection is None:
            return
        try:
            self._write(self._connection, batch)
        except READ_ERRORS as error:
            self.pending.put_back()
            self._failed(error)
        else:
            self.pending.written()

    def _failed(self, error: Exception) -> None:
        if is_damage(error) and self._rebuilt < _MOST_REBUILDS:
            self._damaged = True
            self._hurry.set()
        elif getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._complain(f"What is fetched cannot be stored ({error}); it lasts until Parlour ends.")
            self._rest = _AGAIN
        self._wake.set()

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            put_in(connection, batch, self.run_number, self._now())
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        if self._written % _LOOK_EVERY == 0:
            make_room(connection, self._limit, self.run_number)
        self._written += 1

    def _something_waits(self) -> None:
        self._wake.set()

    # -- the file

    def _open(self) -> None:
        try:
            self._connection, self.run_number = self.file.prepare()
        except CacheTrouble as error:
            self._complain(error.sentence)
        else:
            self.opened += 1
        self._pass_on_complaints()

    def _rebuild(self) -> None:
        self._damaged = False
        if self._connection is None or self._rebuilt >= _MOST_REBUILDS:
            return
        self._rebuilt += 1
        damaged, self._connection = self._connection, None
        try:
            self._connection, self.run_number = self.file.replace(damaged)
        except CacheTrouble as error:
            self._complain(error.sentence)
            self.opened = 0
        else:
            self.opened += 1
        self._pass_on_complaints()

    def _pass_on_complaints(self) -> None:
        for sentence in self.file.complaints:
            self._complain(sentence)
        self.file.complaints.clear()

    def _complain(self, sentence: str) -> None:
        if sentence not in self.complaints:
            self.complaints.append(sentence)


def _tell(waiting: list[Callable[[], None]]) -> None:
    for then in waiting:
        then()
