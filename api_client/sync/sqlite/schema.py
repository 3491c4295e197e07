"""The tables of `outbox.db`, and how an older file becomes a newer one: wholly, or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from api_client.sync.files import beside, create, settle
from api_client.sync.ports import StoreTrouble
from api_client.sync.sqlite.troubles import Damaged

BACKUP = ".backup"
"""Ending of the copy that is made before the first step of a migration; the last one is kept."""

PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)
"""What holds for every connection: a commit survives a loss of power, and what is deleted is overwritten."""

# The number of columns tells the tables apart when pages have to be read without SQLite (see `salvage`): no two tables
# may have the same number, and a later migration may only make new tables or a longer form of an old one.
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, change INTEGER NOT NULL, writer TEXT NOT NULL)",
        """CREATE TABLE intents (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL,
            params TEXT NOT NULL, payload TEXT, object_key TEXT NOT NULL, created_at REAL NOT NULL,
            label TEXT NOT NULL, not_before REAL, base TEXT, holds_words INTEGER NOT NULL,
            attachments TEXT NOT NULL, checksum INTEGER NOT NULL,
            status TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL, first_sent_at REAL, conflict TEXT,
            change INTEGER NOT NULL, writer TEXT NOT NULL)""",
        "CREATE INDEX intents_by_change ON intents (change)",
        """CREATE TABLE finished (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, outcome TEXT NOT NULL, reply TEXT,
            at REAL NOT NULL, change INTEGER NOT NULL, writer TEXT NOT NULL)""",
        "CREATE INDEX finished_by_change ON finished (change)",
        "CREATE INDEX finished_by_time ON finished (at)",
        """CREATE TABLE steps (
            position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, label TEXT NOT NULL, at REAL NOT NULL,
            forward TEXT, inverse TEXT, state TEXT NOT NULL, until REAL, checksum INTEGER NOT NULL)""",
        """CREATE TABLE drafts (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, writer TEXT NOT NULL, fields TEXT NOT NULL,
            updated_at REAL NOT NULL, checksum INTEGER NOT NULL, UNIQUE (key, writer))""",
        """CREATE TABLE unreadable (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT, label TEXT, why TEXT NOT NULL,
            found_at REAL NOT NULL, row BLOB NOT NULL)""",
        "INSERT INTO counters VALUES ('change', 0, ''), ('steps', 0, '')",
    ),
)


class NewerSchema(StoreTrouble):
    """A later Parlour made the file: it is read as far as that goes, and never written."""


def version(connection: sqlite3.Connection, known: int) -> int:
    """Return which version of the schema the file has, 0 where it is new.

    The version stands in two places, so that a damaged byte in the header is not taken for a later Parlour's work:
    raises Damaged where they disagree, NewerSchema where it is above `known`.
    """
    header = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if header == 0 and not tables:
        return 0
    try:
        noted = _noted(connection) if "meta" in tables else None
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        # The table is there, and has not the columns that every version of it has.
        noted = None
    if header > known and (noted is None or noted > known):
        raise NewerSchema(
            "The outbox on this disk was made by a later Parlour. What waits in it is shown and kept, but nothing can "
            "be stored: update Parlour."
        )
    if noted != header:
        raise Damaged("the version of the schema is not what it was")
    return header


def _noted(connection: sqlite3.Connection) -> int | None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    return int(row[0]) if row is not None and str(row[0]).isdecimal() else None


def migrate(
    connection: sqlite3.Connection, path: Path | None, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> None:
    """Bring the schema up to date, each step in one transaction; a file that held something is copied before.

    `path` is where the file stands, None for one that nobody would miss.
    """
    before = version(connection, len(migrations))
    if before == len(migrations):
        return
    if before and path is not None:
        _back_up(connection, path)
    for number in range(before + 1, len(migrations) + 1):
        _step(connection, number, migrations[number - 1])


def look_through(connection: sqlite3.Connection) -> None:
    """Raise Damaged where the file is not as SQLite has left it."""
    # 100,000 intents take 0.3 s, and a hundred less than a millisecond.
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise Damaged(verdict)


def check_shape(connection: sqlite3.Connection) -> None:
    """Raise Damaged where the tables of a file, which is up to date, are not as we have left them."""
    if _shape(connection) != _expected_shape():
        raise Damaged("its tables are not ours")


def _shape(connection: sqlite3.Connection) -> tuple[tuple[Any, ...], ...]:
    return tuple(sorted(connection.execute("SELECT name, type, tbl_name, coalesce(sql, '') FROM sqlite_master")))


@cache
def _expected_shape() -> tuple[tuple[Any, ...], ...]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, None)
        return _shape(connection)
    finally:
        connection.close()


def _step(connection: sqlite3.Connection, number: int, statements: Sequence[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(number),))
        connection.execute(f"PRAGMA user_version={number:d}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    unfinished = beside(path, ".backup-unfinished")
    unfinished.unlink(missing_ok=True)
    create(unfinished)
    copy = sqlite3.connect(unfinished, isolation_level=None)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    settle(unfinished)
    os.replace(unfinished, beside(path, BACKUP))
    settle(path.parent)
