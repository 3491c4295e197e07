"""`cache.db` itself: made, opened, checked, and set aside when it is no good."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from api_client.errors import PlatformError
from api_client.sync.files import SIDE_FILES, alone_in, beside
from api_client.sync.ports import StoreTrouble

SCHEMA = 1
_APPLICATION = 0x50524C43
_NAME = "The store of what was fetched"
READ_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What the database raises; of a broken schema it cannot even read the names of the columns."""

_TABLES = """
CREATE TABLE records(
    key TEXT PRIMARY KEY, version INTEGER, payload BLOB, crc INTEGER NOT NULL, run INTEGER NOT NULL);
CREATE TABLE lists(
    name TEXT PRIMARY KEY, keys TEXT NOT NULL, next_cursor TEXT, fetched_at REAL NOT NULL, run INTEGER NOT NULL);
CREATE TABLE documents(
    name TEXT PRIMARY KEY, payload BLOB NOT NULL, crc INTEGER NOT NULL, fetched_at REAL NOT NULL, run INTEGER NOT NULL);
CREATE TABLE positions(
    place TEXT PRIMARY KEY, item_key TEXT NOT NULL, "offset" INTEGER NOT NULL, kept_at REAL NOT NULL);
CREATE TABLE runs(number INTEGER NOT NULL);
INSERT INTO runs VALUES (0);
"""
_COLUMNS = (
    "key, version, payload, crc, run FROM records",
    "name, keys, next_cursor, fetched_at, run FROM lists",
    "name, payload, crc, fetched_at, run FROM documents",
    'place, item_key, "offset", kept_at FROM positions',
)


class CacheTrouble(PlatformError):
    """The file cannot be used at all: read-only, a full disk, or held by somebody else."""


class _Unfit(Exception):
    """The file is there, and is not ours to go on with."""


class CacheFile:
    """The path of one `cache.db`, and how connections to it are made. It holds none itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complaints: list[str] = []
        self._inode = 0

    def prepare(self) -> tuple[sqlite3.Connection, int]:
        """Return a connection to write with, and the number of this run; an unfit file is set aside first.

        Raises CacheTrouble.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.parent.chmod(0o700)
            with alone_in(self.path.parent):
                try:
                    return self._open()
                except _Unfit as error:
                    self._set_aside(str(error))
                    return self._open()
        except (OSError, sqlite3.Error, StoreTrouble, _Unfit) as error:
            raise CacheTrouble(f"{_NAME} cannot be used ({error}); it lasts until Parlour ends.") from error

    def replace(self, damaged: sqlite3.Connection) -> tuple[sqlite3.Connection, int]:
        """Return a connection to a new file in place of that of `damaged`, or to the one another process has made.

        Raises CacheTrouble.
        """
        damaged.close()
        try:
            with alone_in(self.path.parent):
                if self.path.exists() and self.path.stat().st_ino == self._inode:
                    self._set_aside("was damaged")
        except (OSError, StoreTrouble) as error:
            raise CacheTrouble(f"{_NAME} cannot be used ({error}); it lasts until Parlour ends.") from error
        return self.prepare()

    def reader(self) -> sqlite3.Connection:
        """Return a connection that only reads, for the thread that asks for it. Raises sqlite3.Error."""
        connection = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True, timeout=0.05, isolation_level=None)
        try:
            _guard(connection)
            connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _open(self) -> tuple[sqlite3.Connection, int]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            self._inode = os.fstat(descriptor).st_ino
            empty = os.fstat(descriptor).st_size == 0
        finally:
            os.close(descriptor)
        connection = sqlite3.connect(self.path, timeout=5.0, isolation_level=None)
        try:
            _guard(connection)
            if empty:
                create(connection)
            run = _checked(connection)
        except READ_ERRORS as error:
            connection.close()
            if is_damage(error):
                raise _Unfit("was damaged") from error
            raise
        except _Unfit:
            connection.close()
            raise
        return connection, run

    def _set_aside(self, why: str) -> None:
        aside = beside(self.path, ".aside")
        self.path.rename(aside)
        for ending in SIDE_FILES:
            with contextlib.suppress(FileNotFoundError):
                beside(self.path, ending).rename(beside(aside, ending))
        self.complaints.append(f"{_NAME} {why}. It was set aside as {aside.name}, and is fetched anew.")


def is_damage(error: Exception) -> bool:
    """Return whether one of `READ_ERRORS` says that the file itself is broken, and not merely out of reach."""
    if not isinstance(error, sqlite3.Error):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    # Rows of a torn page may also miss a table or hold the wrong type.
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _guard(connection: sqlite3.Connection) -> None:
    """Read a file that may have been changed by anybody: run nothing of it, and decode everything."""
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file. Raises sqlite3.Error."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")


def _checked(connection: sqlite3.Connection) -> int:
    """Return the number of this run; raises `_Unfit` for a file that is another program's or version's."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise _Unfit("was not written by Parlour")
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema != SCHEMA:
        raise _Unfit("was written by " + ("a newer" if schema > SCHEMA else "an older") + " Parlour")
    for columns in _COLUMNS:
        connection.execute(f"SELECT {columns} LIMIT 1").fetchall()
    rows = connection.execute("UPDATE runs SET number = number + 1 RETURNING number").fetchall()
    if len(rows) != 1 or not isinstance(rows[0][0], int):
        raise _Unfit("was damaged")
    return rows[0][0]
