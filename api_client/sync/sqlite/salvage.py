"""Brings what can be read of a damaged `outbox.db` into a new one; the old one is kept beside it, never deleted.

A crash at any moment leaves either the damaged file in its place, to be salvaged again, or the whole new one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from api_client.sync.files import SIDE_FILES, beside, create, settle
from api_client.sync.sqlite.pages import Losses, Record, Value, records
from api_client.sync.sqlite.schema import MIGRATIONS, migrate

_UNFINISHED = ".salvage-unfinished"
_FINISHED = ".salvaged"

_SEQS_LEFT_OUT = 1000
"""Numbers left out after a salvage, in case the rows with the highest ones were lost."""
_CHANGES_LEFT_OUT = 1 << 20

_TABLES = {
    20: ("intents", "INSERT INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    8: ("finished", "INSERT INTO finished VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    9: ("steps", "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    6: ("drafts", "INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?)"),
    7: ("unreadable", "INSERT INTO unreadable VALUES (?, ?, ?, ?, ?, ?, ?)"),
}
"""By the number of columns; the first of each is the row id."""

_CHECKED = {"intents": (1, 2, 3, 4, 5, 9, 11), "steps": (1, 4, 5, 6), "drafts": (1, 2, 3)}
"""The columns of text that a checksum vouches for, and that must not be mended by guessing."""


def finish(path: Path) -> None:
    """Put a salvaged database in its place, if one stands ready."""
    ready = beside(path, _FINISHED)
    if not ready.exists():
        return
    # The old log must be gone before the new file comes: SQLite would apply it. Both also stand under another name.
    for ending in SIDE_FILES:
        beside(path, ending).unlink(missing_ok=True)
    os.replace(ready, path)
    settle(path.parent)


def is_cut_off(path: Path) -> bool:
    """Whether the database is empty but its log is not: SQLite would take that for a new one, and delete the log."""
    log = beside(path, "-wal")
    return (not path.exists() or path.stat().st_size == 0) and log.exists() and log.stat().st_size > 0


def salvage(path: Path, now: float, get_on: Callable[[], None] = lambda: None) -> list[str]:
    """Make a new database of what can be read of the one at `path`, and say in sentences what became of it.

    `now` is in seconds since the epoch, `get_on` is called after every row that was read. Raises OSError or
    sqlite3.Error where the disk refuses; then the damaged file stands where it stood.
    """
    kept = _keep(path, now)
    while True:
        stamps = _stamps(kept)
        losses = Losses()
        found = []
        for record in records(_bytes(kept), _bytes(beside(kept, "-wal")), losses):
            found.append(record)
            get_on()
        _build(beside(path, _UNFINISHED), found, now)
        if _stamps(kept) == stamps:
            break
        # Another process still wrote to it: once more, with that.
    os.replace(beside(path, _UNFINISHED), beside(path, _FINISHED))
    settle(path.parent)
    finish(path)
    number = sum(len(record.values) == 20 for record in found)
    sentence = f"The outbox was damaged. {number:,} waiting changes were read from it; the old file is kept as {kept}."
    complaints = [sentence.replace("1 waiting changes were", "1 waiting change was") if number == 1 else sentence]
    if losses.rows:
        complaints.append(f"{losses.rows:,} of its rows could not be read: they may have been changes or drafts.")
    return complaints


def _keep(path: Path, now: float) -> Path:
    """Give the damaged files a second name, of which nothing here lets go; returns that of the database."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    number = 1
    while os.path.lexists(kept := beside(path, f".damaged-{stamp}-{number}")):
        number += 1
    for ending in ("-wal", ""):
        source = beside(path, ending)
        if source.exists():
            _second_name(source, beside(kept, ending))
    settle(path.parent)
    return kept


def _second_name(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except PermissionError:
        # A file system without hard links.
        create(target)
        shutil.copyfile(source, target)
        settle(target)


def _stamps(kept: Path) -> Sequence[tuple[int, int] | None]:
    stamps: list[tuple[int, int] | None] = []
    for file in (kept, beside(kept, "-wal")):
        try:
            found = file.stat()
        except FileNotFoundError:
            stamps.append(None)
        else:
            stamps.append((found.st_size, found.st_mtime_ns))
    return stamps


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _build(target: Path, found: Iterable[Record], now: float) -> None:
    for ending in ("", "-journal"):
        beside(target, ending).unlink(missing_ok=True)
    create(target)
    db = sqlite3.connect(target, isolation_level=None)
    try:
        migrate(db, None, MIGRATIONS)
        db.execute("BEGIN IMMEDIATE")
        changes, seqs = [0], [0]
        for record in found:
            _insert(db, record, now)
            if len(record.values) == 20 and isinstance(record.values[18], int):
                changes.append(record.values[18])
                seqs.append(record.rowid)
            elif len(record.values) == 3 and isinstance(record.values[1], int):
                changes.append(record.values[1])
            elif len(record.values) == 2 and record.values[0] == "intents" and isinstance(record.values[1], int):
                seqs.append(record.values[1])
        _settle_numbers(db, max(changes) + _CHANGES_LEFT_OUT, max(seqs) + _SEQS_LEFT_OUT)
        db.execute("COMMIT")
    finally:
        db.close()
    settle(target)


def _insert(db: sqlite3.Connection, record: Record, now: float) -> None:
    values = record.values
    if len(values) == 2 and values[0] == "account" and isinstance(values[1], str):
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", values)
    if len(values) not in _TABLES:
        return
    name, insert = _TABLES[len(values)]
    checked = _CHECKED.get(name, ())
    if any(isinstance(values[column], bytes) for column in checked):
        _put_aside(db, name, values, now)
        return
    row = (record.rowid, *(_legible(name, value) for value in values[1:]))
    try:
        db.execute(insert, row)
    except sqlite3.IntegrityError:
        _put_aside(db, name, values, now)


def _legible(name: str, value: Value) -> Value:
    """Return a value that no checksum vouches for, its damaged characters replaced; what was put aside stays bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) and name != "unreadable" else value


def _put_aside(db: sqlite3.Connection, name: str, values: tuple[Value, ...], now: float) -> None:
    db.execute(
        "INSERT INTO unreadable (kind, why, found_at, row) VALUES (?, ?, ?, ?)",
        (name, "its text is damaged", now, repr(values).encode("utf-8", "backslashreplace")),
    )


def _settle_numbers(db: sqlite3.Connection, change: int, seq: int) -> None:
    # Everything counts as changed by another, so that processes which still run look at all of it.
    db.execute("UPDATE intents SET change = ?, writer = 'salvage'", (change,))
    db.execute("UPDATE counters SET change = ?, writer = 'salvage'", (change,))
    db.execute("DELETE FROM intents WHERE key IN (SELECT key FROM finished)")
    db.execute("DELETE FROM sqlite_sequence")
    db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('intents', ?)", (seq,))
