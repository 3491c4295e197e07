"""What the play queue is made of: entries, their old places, and the repeat modes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Repeat(StrEnum):
    """What happens at the end: stop, begin the whole list again, or play the same track again."""

    OFF = "off"
    ALL = "all"
    ONE = "one"

    def following(self) -> Repeat:
        """Return the mode that one more press of the repeat key selects: off, all, one, off."""
        modes = list(Repeat)
        return modes[(modes.index(self) + 1) % len(modes)]


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One place in the queue; the same track queued twice makes two entries."""

    entry_id: int
    track_id: str
    item: T


@dataclass(frozen=True, slots=True)
class Removed(Generic[T]):
    """Where a removed entry stood, so that undo can put it back."""

    entry: Entry[T]
    place: str
    index: int
    listed: int
