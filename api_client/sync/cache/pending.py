"""What has been kept but is not in the file yet; readers look here first, whichever thread they are on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from api_client.models.base import WireModel
from api_client.sync.cache.entries import Batch, DocumentEntry, ListEntry, Position
from api_client.sync.cache.versions import Entry, version_of

MOST_RECORDS = 100_000
"""So many records wait in memory at most, where there is no file to put them in; the first come go first."""


class Pending:
    """Two batches: the one that grows, and the one that is being written at this moment.

    A batch that is being written is never changed again, so that a reader may go on with the one it has got.
    """

    def __init__(self, on_first: Callable[[], None] = lambda: None) -> None:
        """`on_first` is called when there is something to write after there was nothing."""
        self._lock = threading.Lock()
        self._growing = Batch()
        self._leaving: Batch | None = None
        self._on_first = on_first
        self._announced = False

    def layers(self) -> tuple[Batch, ...]:
        """Return what is not in the file for sure, oldest first; to be asked for before the file is read."""
        with self._lock:
            return (self._growing,) if self._leaving is None else (self._leaving, self._growing)

    def keep(self, models: Mapping[str, WireModel]) -> None:
        """Take on records."""
        with self._lock:
            put = self._growing.put
            for key, model in models.items():
                put(key, Entry(version_of(model), model))
            if len(self._growing.records) > MOST_RECORDS:
                self._make_room()
        self._announce()

    def bury(self, key: str, version: int | None) -> None:
        """Take on a tombstone."""
        with self._lock:
            self._growing.put(key, Entry(version, None))
        self._announce()

    def keep_list(self, name: str, entry: ListEntry) -> None:
        """Take on the order of a list."""
        with self._lock:
            self._growing.lists[name] = entry
        self._announce()

    def keep_document(self, name: str, entry: DocumentEntry) -> None:
        """Take on a whole reply."""
        with self._lock:
            self._growing.documents[name] = entry
        self._announce()

    def keep_position(self, place: str, position: Position) -> None:
        """Take on a read position."""
        with self._lock:
            self._growing.positions[place] = position
        self._announce()

    def drop(self, name: str) -> None:
        """Take a list and a document of this name away."""
        with self._lock:
            self._growing.lists[name] = None
            self._growing.documents[name] = None
        self._announce()

    def touch(self, keys: Iterable[str] = (), names: Iterable[str] = (), spoiled: Iterable[str] = ()) -> None:
        """Note what was read for the first time in this run, and what could not be read."""
        with self._lock:
            self._growing.touched_records.update(keys)
            self._growing.touched_names.update(names)
            self._growing.spoiled.update(spoiled)
        self._announce()

    def take(self) -> Batch | None:
        """Hand over what is to be written, None if there is nothing; `written` or `put_back` follows."""
        with self._lock:
            self._announced = False
            if not self._growing:
                return None
            self._leaving, self._growing = self._growing, Batch()
            return self._leaving

    def written(self) -> None:
        """What was handed over is in the file."""
        with self._lock:
            self._leaving = None

    def put_back(self) -> None:
        """What was handed over could not be written: it waits again, beneath what has come since."""
        with self._lock:
            if self._leaving is None:
                return
            together = Batch()
            together.add(self._leaving)
            together.add(self._growing)
            self._growing, self._leaving = together, None
            if len(self._growing.records) > MOST_RECORDS:
                self._make_room()

    def _make_room(self) -> None:
        records = self._growing.records
        for key in list(records)[: len(records) // 4]:
            del records[key]

    def _announce(self) -> None:
        if not self._announced:
            self._announced = True
            self._on_first()
