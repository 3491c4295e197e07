"""What is read from the cache, and what waits to be stored in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from api_client.sync.cache.versions import Entry, outlasts, stamp

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """An ordered list as it was fetched last; what cannot be read or is gone by now is left out."""

    items: list[T]
    next_cursor: str | None
    """None where the list was known to its end."""
    fetched_at: float
    """Seconds since the epoch."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """A whole reply as it was fetched last."""

    value: T
    fetched_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where somebody was reading: the item, and how many rows of it or of what is above it were hidden."""

    item_key: str
    offset: int = 0


class ListEntry(NamedTuple):
    """The order of a list that waits to be stored."""

    keys: tuple[str, ...]
    next_cursor: str | None
    fetched_at: float


class DocumentEntry(NamedTuple):
    """A whole reply that waits to be stored."""

    value: Any
    fetched_at: float


@dataclass
class Batch:
    """What goes to the file in one transaction. None stands for what was dropped."""

    records: dict[str, Entry] = field(default_factory=dict)
    lists: dict[str, ListEntry | None] = field(default_factory=dict)
    documents: dict[str, DocumentEntry | None] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    touched_records: set[str] = field(default_factory=set)
    touched_names: set[str] = field(default_factory=set)
    """Read in this run, and therefore spared when room is made."""
    spoiled: set[str] = field(default_factory=set)
    """Keys of records whose rows are damaged."""

    def __bool__(self) -> bool:
        return bool(
            self.records
            or self.lists
            or self.documents
            or self.positions
            or self.touched_records
            or self.touched_names
            or self.spoiled
        )

    def put(self, key: str, entry: Entry) -> None:
        """Add a record, unless what is here already outlasts it."""
        known = self.records.get(key)
        # The usual case, a record that is fetched again as it was, is told without weighing the two.
        same = known is not None and known.version == entry.version and known.model is not None
        if known is None or same or not outlasts(stamp(known), stamp(entry)):
            self.records[key] = entry

    def add(self, later: Batch) -> None:
        """Take in what came after this."""
        for key, entry in later.records.items():
            self.put(key, entry)
        self.lists.update(later.lists)
        self.documents.update(later.documents)
        self.positions.update(later.positions)
        self.touched_records |= later.touched_records
        self.touched_names |= later.touched_names
        self.spoiled |= later.spoiled
