"""What goes into the tables of `cache.db`, and what is taken out again when they grow too large."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from api_client.sync.cache.codec import checksum, packed, storable
from api_client.sync.cache.entries import Batch

MOST_POSITIONS = 2_000

_RECORD = """
INSERT INTO records(key, version, payload, crc, run) VALUES (?, ?, ?, ?, ?)
ON CONFLICT(key) DO UPDATE SET
    version = excluded.version, payload = excluded.payload, crc = excluded.crc, run = excluded.run
WHERE records.version IS NULL
    OR excluded.version > records.version
    OR (excluded.version = records.version AND (excluded.payload IS NULL OR records.payload IS NOT NULL))
"""
"""The rule of `versions.outlasts`."""
_LIST = "INSERT OR REPLACE INTO lists(name, keys, next_cursor, fetched_at, run) VALUES (?, ?, ?, ?, ?)"
_DOCUMENT = "INSERT OR REPLACE INTO documents(name, payload, crc, fetched_at, run) VALUES (?, ?, ?, ?, ?)"
_POSITION = 'INSERT OR REPLACE INTO positions(place, item_key, "offset", kept_at) VALUES (?, ?, ?, ?)'
_FORGET_POSITIONS = (
    "DELETE FROM positions WHERE place NOT IN (SELECT place FROM positions ORDER BY kept_at DESC LIMIT ?)"
)
_OLDEST = """
DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE run < ? ORDER BY run, rowid LIMIT ?)
"""
_AT_ONCE = {"lists": 50, "documents": 50, "records": 2_000}
"""Rows that go in one step, by table."""
_ROOM = 0.9
"""Part of the limit down to which room is made."""


def put_in(connection: sqlite3.Connection, batch: Batch, run: int, now: float) -> None:
    """Write `batch` as part of the transaction that is open; raises sqlite3.Error.

    What JSON or UTF-8 has no form for is left out.
    """
    execute, many = connection.execute, connection.executemany
    many("DELETE FROM records WHERE key = ?", [(key,) for key in batch.spoiled if storable(key)])
    many("UPDATE records SET run = ? WHERE key = ?", [(run, key) for key in batch.touched_records])
    for table in ("lists", "documents"):
        many(f"UPDATE {table} SET run = ? WHERE name = ?", [(run, name) for name in batch.touched_names])  # noqa: S608
    many(_RECORD, _record_rows(batch, run))
    for name, listed in batch.lists.items():
        if listed is None and storable(name):
            execute("DELETE FROM lists WHERE name = ?", (name,))
        elif listed is not None and storable(name) and storable(listed.next_cursor or ""):
            keys = json.dumps([key for key in listed.keys if storable(key)])
            execute(_LIST, (name, keys, listed.next_cursor, listed.fetched_at, run))
    for name, document in batch.documents.items():
        if document is None and storable(name):
            execute("DELETE FROM documents WHERE name = ?", (name,))
        elif document is not None and storable(name) and (payload := packed(document.value)) is not None:
            execute(_DOCUMENT, (name, payload, checksum(name, None, payload), document.fetched_at, run))
    places = [(place, position) for place, position in batch.positions.items() if storable(place + position.item_key)]
    many(_POSITION, [(place, position.item_key, position.offset, now) for place, position in places])


def _record_rows(batch: Batch, run: int) -> Iterator[tuple[Any, ...]]:
    for key, (version, model) in batch.records.items():
        payload = None if model is None else packed(model)
        if storable(key) and (model is None or payload is not None):
            yield key, version, payload, checksum(key, version, payload or b""), run


def make_room(connection: sqlite3.Connection, limit: int, run: int) -> None:
    """Delete what was used longest ago until the file is below `limit` bytes, or only the last two runs are left.

    Raises sqlite3.Error.
    """
    connection.execute(_FORGET_POSITIONS, (MOST_POSITIONS,))
    if _size(connection) <= limit:
        return
    deleted = 1
    while deleted and _size(connection) > limit * _ROOM:
        deleted = 0
        for table, count in _AT_ONCE.items():
            deleted += connection.execute(_OLDEST.format(table=table), (run - 1, count)).rowcount
    # It frees a page at each step and has no rows: only a script is stepped to its end.
    connection.executescript("PRAGMA incremental_vacuum;")


def _size(connection: sqlite3.Connection) -> int:
    """Return how many bytes of the file are in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return (int(pages) - int(free)) * int(size)
