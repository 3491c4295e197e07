"""Reading the cache from one thread: what waits in memory over what is in the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, overload

from api_client.sync.cache.codec import as_kind, checksum, storable, unpacked
from api_client.sync.cache.entries import Batch, Document, ListEntry, Listing, Position
from api_client.sync.cache.file import READ_ERRORS
from api_client.sync.cache.pending import Pending
from api_client.sync.cache.versions import Entry, Stamp, outlasts, stamp

T = TypeVar("T")

_RECORDS = """
SELECT records.key, version, payload, crc, run
FROM json_each(?) AS wanted CROSS JOIN records ON records.key = wanted.value
"""


class _Row(NamedTuple):
    version: int | None
    payload: bytes | None


class CacheView:
    """What can be read, synchronously; to be used on the thread that made it.

    Nothing here raises for what the file holds: what is damaged is as if it were not there.
    """

    def __init__(
        self,
        pending: Pending,
        connect: Callable[[], tuple[sqlite3.Connection, int] | None],
        on_trouble: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        """`connect` returns this thread's connection and the number of the run, None where there is no file."""
        self._pending = pending
        self._connect = connect
        self._on_trouble = on_trouble
        self._run = 0

    @overload
    def record(self, key: str, kind: type[T]) -> T | None: ...
    @overload
    def record(self, key: str, kind: Any) -> Any: ...
    def record(self, key: str, kind: Any) -> Any:
        """Return the record with this key as a `kind`; None where it is not known, gone, or cannot be read as one."""
        found = self._records([key], kind)
        return found[0] if found else None

    @overload
    def listing(self, name: str, kind: type[T]) -> Listing[T] | None: ...
    @overload
    def listing(self, name: str, kind: Any) -> Listing[Any] | None: ...
    def listing(self, name: str, kind: Any) -> Listing[Any] | None:
        """Return a list with its records as `kind`s; None where it was never kept."""
        layers = self._pending.layers()
        waiting = [layer.lists[name] for layer in layers if name in layer.lists]
        entry = waiting[-1] if waiting else self._stored_list(name)
        if entry is None:
            return None
        return Listing(self._records(entry.keys, kind, layers), entry.next_cursor, entry.fetched_at)

    @overload
    def document(self, name: str, kind: type[T]) -> Document[T] | None: ...
    @overload
    def document(self, name: str, kind: Any) -> Document[Any] | None: ...
    def document(self, name: str, kind: Any) -> Document[Any] | None:
        """Return a whole reply as a `kind`; None where it was never kept or cannot be read as one."""
        waiting = [layer.documents[name] for layer in self._pending.layers() if name in layer.documents]
        if waiting:
            entry = waiting[-1]
            value = None if entry is None else as_kind(entry.value, kind)
            return None if entry is None or value is None else Document(value, entry.fetched_at)
        rows = self._query("SELECT payload, crc, fetched_at, run FROM documents WHERE name = ?", name)
        for payload, crc, fetched_at, run in rows:
            if isinstance(payload, bytes) and isinstance(fetched_at, float) and crc == checksum(name, None, payload):
                self._touch_names([(name, run)])
                value = unpacked(payload, kind)
                return None if value is None else Document(value, fetched_at)
        return None

    def position(self, place: str) -> Position | None:
        """Return where somebody was reading, None if they were never there."""
        waiting = [layer.positions[place] for layer in self._pending.layers() if place in layer.positions]
        if waiting:
            return waiting[-1]
        rows = self._query('SELECT item_key, "offset" FROM positions WHERE place = ?', place)
        for item_key, offset in rows:
            if isinstance(item_key, str) and isinstance(offset, int):
                return Position(item_key, offset)
        return None

    def stamp(self, key: str) -> Stamp | None:
        """Return the version of a record and whether it is gone, None where nothing is known of it."""
        layers = self._pending.layers()
        found = self._best(key, self._stored([key]).get(key), layers)
        if found is None or isinstance(found, Entry):
            return None if found is None else stamp(found)
        return Stamp(found.version, found.payload is None)

    # -- records

    def _records(self, keys: Sequence[str], kind: Any, layers: tuple[Batch, ...] | None = None) -> list[Any]:
        """Return those of the records that are there and can be read, in order."""
        # What waits is looked at first: what is written in between is then seen twice, and not missed.
        layers = self._pending.layers() if layers is None else layers
        stored = self._stored(keys)
        items = []
        for key in keys:
            found = self._best(key, stored.get(key), layers)
            if isinstance(found, Entry):
                value = None if found.model is None else as_kind(found.model, kind)
            else:
                value = None if found is None or found.payload is None else unpacked(found.payload, kind)
            if value is not None:
                items.append(value)
        return items

    @staticmethod
    def _best(key: str, row: _Row | None, layers: Iterable[Batch]) -> Entry | _Row | None:
        best: Entry | _Row | None = row
        state = None if row is None else Stamp(row.version, row.payload is None)
        for layer in layers:
            entry = layer.records.get(key)
            if entry is not None and (state is None or not outlasts(state, stamp(entry))):
                best, state = entry, stamp(entry)
        return best

    def _stored(self, keys: Sequence[str]) -> dict[str, _Row]:
        """Return the rows of these records; damaged ones are left out, and thrown out."""
        rows: dict[str, _Row] = {}
        touched: list[str] = []
        spoiled: list[str] = []
        wanted = json.dumps([key for key in keys if storable(key)])
        for key, version, payload, crc, run in self._query(_RECORDS, wanted):
            if not _sound(key, version, payload, crc):
                spoiled.append(key)
                continue
            rows[key] = _Row(version, payload)
            if run != self._run:
                touched.append(key)
        if touched or spoiled:
            self._pending.touch(keys=touched, spoiled=[key for key in spoiled if key in keys])
        return rows

    # -- the file

    def _stored_list(self, name: str) -> ListEntry | None:
        rows = self._query("SELECT keys, next_cursor, fetched_at, run FROM lists WHERE name = ?", name)
        for text, next_cursor, fetched_at, run in rows:
            try:
                keys = json.loads(text)
            except (ValueError, TypeError, RecursionError):
                continue
            if isinstance(keys, list) and isinstance(fetched_at, float) and isinstance(next_cursor, str | None):
                self._touch_names([(name, run)])
                return ListEntry(tuple(key for key in keys if isinstance(key, str)), next_cursor, fetched_at)
        return None

    def _touch_names(self, read: Iterable[tuple[str, int]]) -> None:
        if names := [name for name, run in read if run != self._run]:
            self._pending.touch(names=names)

    def _query(self, sql: str, wanted: str) -> list[Any]:
        if not storable(wanted):
            return []
        try:
            connected = self._connect()
            if connected is None:
                return []
            connection, self._run = connected
            return connection.execute(sql, (wanted,)).fetchall()
        except READ_ERRORS as error:
            self._on_trouble(error)
            return []


def _sound(key: object, version: object, payload: object, crc: object) -> bool:
    """Return whether a row is as it was written."""
    if not (isinstance(key, str) and isinstance(version, int | None) and isinstance(payload, bytes | None)):
        return False
    return crc == checksum(key, version, payload or b"")
