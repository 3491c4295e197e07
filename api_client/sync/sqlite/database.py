"""The connection to `outbox.db`: made, checked, salvaged if it must be, and the transactions on it.

Everything here runs on one thread, that of `writer`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from api_client.sync import files
from api_client.sync.ports import Contents, Delta, Draft, StoreTrouble
from api_client.sync.sqlite import reading, salvage
from api_client.sync.sqlite.schema import PRAGMAS, NewerSchema, check_shape, look_through, migrate
from api_client.sync.sqlite.tables import Tables
from api_client.sync.sqlite.troubles import Damaged, is_damage, is_interruption, is_passing, trouble

T = TypeVar("T")

_OPENING_PATIENCE = 2000
"""Milliseconds to wait for a lock while the program starts; afterwards it is what `PRAGMAS` says."""


_LARGE = 4_000_000
"""Bytes from which a file that was closed properly opens first, and is looked through when there is nothing to do."""
_STEPS = 50_000
"""SQLite's own steps, some ms of work, after which it is seen how an opening or a looking through gets on."""

_GONE = "{path} was taken away while Parlour was running. Nothing was stored: put it back, or start Parlour again."


class Outcome:
    """What a piece of work came to: entered around it, it holds whatever the work raised.

    The work is a caller's on another thread: a fault in it is the caller's to hear of, and must not end the thread.
    """

    def __init__(self) -> None:
        self.value: Any = None
        self.error: BaseException | None = None

    def __enter__(self) -> Outcome:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


@dataclass(eq=False, slots=True)
class Job:
    """Something to be done on the thread of the database, for one caller."""

    work: Callable[[], Any] | Callable[[sqlite3.Connection], Any]
    writes: bool
    """Whether it goes into a transaction, and gets the connection; it may be called again if that is taken back."""
    outcome: Outcome


class Database:
    """`outbox.db` of one account."""

    def __init__(self, path: Path, tables: Tables, account: str | None, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch."""
        self.path = path
        self._tables = tables
        self._account = account
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._newer: NewerSchema | None = None
        self._damaged = False
        """Whether a damage was met since the file was last looked through."""
        self._was_made = False
        """Whether the file was there before: it is not made anew when somebody takes it away meanwhile."""
        self._to_look_through = False
        """Whether the file was opened without that."""
        self.progress = 0
        """Grows while opening, salvaging and reading get on; read by other threads."""
        self._complaints: list[str] = []
        self._version: int | None = None
        """SQLite's own mark of the file's state, when `news` last looked."""

    def open(self) -> Contents:
        """Make or read the file, whatever state it is in."""
        self.let_go()
        self._was_made = False
        found = self._contents()
        return Contents(found.intents, found.steps, (*self._taken_complaints(), *found.complaints))

    def news(self) -> Delta | None:
        """Return what others have changed, and what was salvaged, since the last look; one pragma if nothing."""
        db = self._connected()
        if self._newer is not None:
            return None
        # Of the connection that writes: it changes for the commits of others alone.
        version = int(db.execute("PRAGMA data_version").fetchone()[0])
        if version == self._version:
            return None
        found = reading.news(db, self._tables)
        self._version = version
        if self._complaints:
            found = replace(found or Delta(), complaints=self._taken_complaints())
        return found

    def drafts(self) -> list[Draft]:
        """Return all drafts, the one touched last first."""
        return reading.drafts(self._connected())

    def carry_out(self, jobs: Sequence[Job]) -> None:
        """Do `jobs` in their order, those that write and follow each other in one transaction."""
        for writes, some in groupby(jobs, key=lambda job: job.writes):
            if writes:
                self._write(list(some))
            else:
                for job in some:
                    self._do(job)

    def tidy(self, busy: Callable[[], bool] = lambda: False) -> bool:
        """Do what can wait until there is nothing else to do; False if it was given up because `busy` said otherwise.

        What is old is forgotten, what was deleted taken out of the write-ahead log, and the file looked through.
        """
        if self._connection is None or self._newer is not None:
            return True
        if self._to_look_through and not self._looked_through(self._connection, busy):
            return False
        if self._connection is None:
            return True
        with Outcome() as outcome:
            if self._tables.has_old(self._connection):
                self._write([Job(self._tables.prune, True, Outcome())])
            if self._tables.purged:
                self._checkpoint(self._connection)
        self._react(outcome)
        return True

    def _looked_through(self, db: sqlite3.Connection, busy: Callable[[], bool]) -> bool:
        db.set_progress_handler(busy, _STEPS)
        with Outcome() as outcome:
            look_through(db)
        db.set_progress_handler(self._get_on, _STEPS)
        if isinstance(outcome.error, sqlite3.Error) and is_interruption(outcome.error):
            return False
        self._to_look_through = False
        self._react(outcome)
        return True

    def close(self) -> None:
        """Let go of the file, nothing left beside it if nobody else has it open."""
        if self._connection is not None and self._newer is None:
            with Outcome():
                self._checkpoint(self._connection)
        self.let_go()

    def let_go(self) -> None:
        """Forget the connection; the next work makes another."""
        connection, self._connection = self._connection, None
        self._version = None
        if connection is not None:
            with Outcome():
                connection.close()

    def _checkpoint(self, db: sqlite3.Connection) -> None:
        # Whoever reads at this moment is not waited for: the log is emptied another time.
        db.execute("PRAGMA busy_timeout=100")
        busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        db.execute(PRAGMAS[0])
        self._tables.purged = self._tables.purged and bool(busy)

    def _do(self, job: Job) -> None:
        was_damaged = self._damaged
        job.outcome = self._try(job)
        if self._damaged and not was_damaged:
            # What can be read was not yet looked for: the second time it is read from a salvaged file.
            job.outcome = self._try(job)

    def _try(self, job: Job) -> Outcome:
        with Outcome() as outcome:
            outcome.value = job.work()  # type: ignore[call-arg]
        self._react(outcome)
        return outcome

    def _write(self, jobs: list[Job]) -> None:
        outcome = self._attempt(jobs)
        if outcome.error is None:
            return
        if not outcome.value and not self._damaged:
            for job in jobs:
                job.outcome = outcome
            return
        # The whole was taken back. Each by itself, so that nobody fails for another; on a salvaged file, if it must be.
        for job in jobs:
            alone = self._attempt([job])
            if alone.error is not None:
                job.outcome = alone

    def _attempt(self, jobs: list[Job]) -> Outcome:
        """Do `jobs` in one transaction; an error of the outcome is one of the whole, its value whether it had begun."""
        steps = self._tables.known_steps
        with Outcome() as outcome:
            db = self._connected()
            if self._newer is not None:
                raise self._newer
            # Never a plain BEGIN: if another process wrote meanwhile, the first write would fail without waiting.
            db.execute("BEGIN IMMEDIATE")
            outcome.value = True
            for job in jobs:
                self._in_savepoint(db, job)
            db.execute("COMMIT")
            if not self._is_in_place():
                raise Damaged("another process has put a salvaged file in its place meanwhile")
        if outcome.error is not None:
            self._tables.known_steps = steps
            if self._connection is not None and self._connection.in_transaction:
                with Outcome():
                    self._connection.execute("ROLLBACK")
            self._react(outcome)
        return outcome

    def _in_savepoint(self, db: sqlite3.Connection, job: Job) -> None:
        steps = self._tables.known_steps
        db.execute("SAVEPOINT job")
        with Outcome() as outcome:
            outcome.value = job.work(db)  # type: ignore[call-arg]
        if outcome.error is not None:
            self._tables.known_steps = steps
            error = _as_damage(outcome.error)
            if not db.in_transaction or (isinstance(error, sqlite3.Error) and is_damage(error)):
                raise error
            db.execute("ROLLBACK TO job")
            self._react(outcome)
        db.execute("RELEASE job")
        job.outcome = outcome

    def _react(self, outcome: Outcome) -> None:
        """Make a sentence of what went wrong, and see to it that the next work finds a good connection."""
        error = None if outcome.error is None else _as_damage(outcome.error)
        if isinstance(error, sqlite3.Error):
            if is_damage(error) and self._newer is None:
                self._damaged = True
            if is_damage(error) or not is_passing(error):
                self.let_go()
            outcome.error = trouble(error, self.path)
        elif isinstance(error, OSError):
            outcome.error = trouble(error, self.path)
        elif isinstance(error, OverflowError | UnicodeEncodeError):
            outcome.error = StoreTrouble(f"This cannot be stored: {error}.")

    def _contents(self) -> Contents:
        db = self._connected()
        if self._newer is None:
            return reading.contents(db, self._tables, may_write=True)
        try:
            found = reading.contents(db, self._tables, may_write=False)
        except sqlite3.Error:
            # Its tables have another form by now.
            found = Contents()
        return Contents(found.intents, found.steps, (*found.complaints, self._newer.sentence))

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None or not self._is_in_place():
            self.let_go()
            self._connection = self._connect()
        return self._connection

    def _is_in_place(self) -> bool:
        """Whether the file at the path is still the one we have open; another process may have salvaged it."""
        try:
            return files.identity(self.path) == self._identity
        except FileNotFoundError:
            raise StoreTrouble(_GONE.format(path=self.path)) from None

    def _connect(self) -> sqlite3.Connection:
        files.make_private(self.path)
        with files.alone_in(self.path.parent):
            salvage.finish(self.path)
            if salvage.is_cut_off(self.path) or (self._damaged and not self._was_replaced()):
                self._salvage()
            if not self.path.exists():
                if self._was_made:
                    raise StoreTrouble(_GONE.format(path=self.path))
                files.create(self.path)
            try:
                connection = self._checked()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._salvage()
                connection = self._checked()
            self._damaged = False
            self._identity = files.identity(self.path)
            self._was_made = True
        return connection

    def _was_replaced(self) -> bool:
        """Whether another process has salvaged the file since we had it open."""
        return self._identity is not None and self.path.exists() and files.identity(self.path) != self._identity

    def _salvage(self) -> None:
        self._complaints += salvage.salvage(self.path, self._now(), self._get_on)

    def _taken_complaints(self) -> list[str]:
        complaints, self._complaints = self._complaints, []
        return complaints

    def _get_on(self) -> None:
        self.progress += 1

    def _checked(self) -> sqlite3.Connection:
        """Return a connection to a file that is up to date, whole and this account's, or to a later Parlour's."""
        self._newer = None
        # The last one to close it leaves no log behind, and what a crash has left is looked through at once.
        closed = not files.beside(self.path, "-wal").exists()
        self._to_look_through = closed and not self._damaged and self.path.stat().st_size >= _LARGE
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=_OPENING_PATIENCE / 1000)
        with Outcome() as outcome:
            connection.set_progress_handler(self._get_on, _STEPS)
            for pragma in PRAGMAS[1:]:
                connection.execute(pragma)
            migrate(connection, self.path)
            if not self._to_look_through:
                look_through(connection)
            check_shape(connection)
            self._bind(connection)
            connection.execute(PRAGMAS[0])
        if isinstance(outcome.error, NewerSchema):
            self._newer = outcome.error
            connection.execute("PRAGMA query_only=ON")
        elif outcome.error is not None:
            connection.close()
            raise _as_damage(outcome.error)
        return connection

    def _bind(self, connection: sqlite3.Connection) -> None:
        """See that the file is the account's, or make it so."""
        if self._account is None:
            return
        found = connection.execute("SELECT value FROM meta WHERE key = 'account'").fetchone()
        if found is None:
            connection.execute("INSERT INTO meta VALUES ('account', ?)", (self._account,))
        elif found[0] != self._account:
            raise StoreTrouble(f"{self.path} belongs to another account: nothing of it is shown, sent or changed.")


def _as_damage(error: BaseException) -> BaseException:
    """Return `error`, or what it stands for: SQLite's complaints quote damaged names, which Python cannot read."""
    return Damaged("its names are no text") if isinstance(error, UnicodeDecodeError) else error
