"""The play queue: what plays now, what comes next and what came before, with no clock, thread or network in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic

from tui.player.entry import Entry, Removed, Repeat, T

RESTART_AFTER_S = 3.0
"""Above this position, in seconds, "previous" restarts the current track; up to and including it, it goes back."""

UNDO_DEPTH = 20
LARGEST_ID = 2**53
"""Ids of entries travel to other devices, which know no larger numbers."""
_FORMAT = 1


class PlayQueue(Generic[T]):
    """Every entry is in exactly one of four places: history, current, upcoming or set aside.

    Set aside are entries that the listener jumped over (or that stand before the one a list was started from).
    They are not played until repeat-all begins the list again or shuffle takes them into its draw.
    Beside the four places, `listed` remembers the order without shuffle.
    """

    def __init__(self, track_id: Callable[[T], str], rng: random.Random) -> None:
        """`track_id` names the track of a payload; `rng` is the only source of chance."""
        self._track_id = track_id
        self._rng = rng
        self._next_id = 1
        self._listed: list[Entry[T]] = []
        self._history: list[Entry[T]] = []
        self._current: Entry[T] | None = None
        self._upcoming: list[Entry[T]] = []
        self._aside: list[Entry[T]] = []
        self._planned: list[Entry[T]] | None = None
        self.revision = 0
        """Another number after each change, but for `repeat` and the step to the next entry."""
        self._undo: list[list[Removed[T]]] = []
        self._shuffle = False
        self.repeat = Repeat.OFF

    # What is there

    @property
    def current(self) -> Entry[T] | None:
        """The entry that is playing, or that would play."""
        return self._current

    @property
    def upcoming(self) -> Sequence[Entry[T]]:
        """What follows, in playing order."""
        return tuple(self._upcoming)

    @property
    def history(self) -> Sequence[Entry[T]]:
        """What was played, oldest first."""
        return tuple(self._history)

    @property
    def aside(self) -> Sequence[Entry[T]]:
        """What was jumped over."""
        return tuple(self._aside)

    @property
    def listed(self) -> Sequence[Entry[T]]:
        """Every entry in its order without shuffle."""
        return tuple(self._listed)

    @property
    def shuffle(self) -> bool:
        """Whether the order is drawn by chance."""
        return self._shuffle

    @property
    def can_undo(self) -> bool:
        """Whether a removal can be taken back."""
        return bool(self._undo)

    def __len__(self) -> int:
        return len(self._listed)

    # Filling

    def play_now(self, items: Sequence[T], start: int = 0) -> Entry[T] | None:
        """Replace everything by `items` and make the one at index `start` current.

        History is empty afterwards. Raises IndexError if `start` is outside a list that is not empty.
        """
        if items and not 0 <= start < len(items):
            raise IndexError(f"start {start} is outside a list of {len(items)}")
        self._listed = self._make(items)
        self._history = []
        self._undo = []
        self._current = self._listed[start] if self._listed else None
        self._aside = self._listed[:start]
        self._upcoming = self._listed[start + 1 :]
        if self._shuffle:
            self._draw()
        self._changed()
        return self._current

    def play_next(self, items: Iterable[T]) -> list[Entry[T]]:
        """Insert `items` right after the current entry, in their order."""
        made = self._make(items)
        self._upcoming[:0] = made
        at = self._listed.index(self._current) + 1 if self._current else 0
        self._listed[at:at] = made
        self._changed()
        return made

    def add(self, items: Iterable[T]) -> list[Entry[T]]:
        """Append `items`; with shuffle on each takes a place by chance among what is still to come."""
        made = self._make(items)
        self._listed.extend(made)
        for entry in made:
            at = self._rng.randint(0, len(self._upcoming)) if self._shuffle else len(self._upcoming)
            self._upcoming.insert(at, entry)
        self._changed()
        return made

    # Walking

    def next(self, manual: bool) -> Entry[T] | None:
        """Go on and return the new current entry, or None at the end (the state is then unchanged).

        `manual` says that the listener asked: repeat-one then does not hold the track.
        """
        order = self._following(manual)
        if not order:
            return None
        if order[0] is self._current:
            self._wrap_if_planned(order)
            return self._current
        if self._upcoming:
            self._retire_current()
            self._current = self._upcoming.pop(0)
        else:
            self._wrap_if_planned(order)
        return self._current

    def peek_next(self, manual: bool = False) -> Entry[T] | None:
        """Return what `next(manual)` would return, without going there."""
        order = self._following(manual)
        return order[0] if order else None

    def previous(self, position_s: float) -> Entry[T] | None:
        """Go back and return the entry to play from its start, or None if nothing is there.

        Above 3.00 s the current entry is returned: restart it. At 3.00 s and below the last of the history becomes
        current and the old current one is next. With no history repeat-all goes round the whole list backwards;
        otherwise the current entry is returned and nothing changes.
        """
        if position_s > RESTART_AFTER_S or self._current is None:
            return self._current
        if self._history:
            self._upcoming.insert(0, self._current)
            self._current = self._history.pop()
        elif self.repeat is Repeat.ALL:
            ring = [*self._aside, self._current, *self._upcoming]
            at = (len(self._aside) - 1) % len(ring)
            self._history, self._current, self._upcoming = ring[:at], ring[at], ring[at + 1 :]
            self._aside = []
        self._changed()
        return self._current

    def jump(self, entry_id: int) -> Entry[T]:
        """Make any entry current: what lies between is set aside (forwards) or comes again (backwards).

        Raises KeyError if there is no such entry.
        """
        place, index = self._find(entry_id)
        self._changed()
        if place == "upcoming":
            self._retire_current()
            self._aside.extend(self._upcoming[:index])
            self._current = self._upcoming[index]
            del self._upcoming[: index + 1]
        elif place == "aside":
            self._retire_current()
            self._current = self._aside[index]
            self._upcoming[:0] = self._aside[index + 1 :]
            del self._aside[index:]
        elif place == "history":
            again = self._history[index + 1 :]
            if self._current:
                again.append(self._current)
            self._upcoming[:0] = again
            self._current = self._history[index]
            del self._history[index:]
        if self._current is None:
            raise KeyError(entry_id)
        return self._current

    # Modes

    def set_shuffle(self, on: bool) -> None:
        """Turn shuffle on or off; the current entry keeps playing.

        On: everything not yet played is drawn once each before anything comes again. Off: the listed order is back,
        what stands after the current entry is to come (also if chance had played it already).
        """
        if on == self._shuffle:
            return
        self._shuffle = on
        self._changed()
        if on:
            self._draw()
            return
        at = self._listed.index(self._current) if self._current else -1
        before = {entry.entry_id for entry in self._listed[:at]} if at > 0 else set()
        self._history = [entry for entry in self._history if entry.entry_id in before]
        played = {entry.entry_id for entry in self._history}
        self._aside = [entry for entry in self._listed[: max(at, 0)] if entry.entry_id not in played]
        self._upcoming = self._listed[at + 1 :]

    # Editing

    def move(self, entry_id: int, to: int) -> None:
        """Move an upcoming entry to index `to` of the upcoming ones (clamped). Raises KeyError if it is not there."""
        place, index = self._find(entry_id)
        if place != "upcoming":
            raise KeyError(entry_id)
        entry = self._upcoming.pop(index)
        self._upcoming.insert(max(0, min(to, len(self._upcoming))), entry)
        if not self._shuffle:
            waiting = {each.entry_id for each in self._upcoming}
            fresh = iter(self._upcoming)
            self._listed = [next(fresh) if each.entry_id in waiting else each for each in self._listed]
        self._changed()

    def remove(self, entry_id: int) -> Entry[T]:
        """Take one entry out. If it is the current one, the next upcoming one (or none) becomes current.

        Raises KeyError if there is no such entry.
        """
        place, index = self._find(entry_id)
        if place == "current":
            removed = self._current
            self._current = self._upcoming.pop(0) if self._upcoming else None
        else:
            removed = self._places()[place].pop(index)
        if removed is None:
            raise KeyError(entry_id)
        self._remember([Removed(removed, place, index, self._listed.index(removed))])
        self._listed.remove(removed)
        self._changed()
        return removed

    def clear(self) -> int:
        """Take out everything but the current entry; return how many went."""
        listed = {entry.entry_id: index for index, entry in enumerate(self._listed)}
        gone = [
            Removed(entry, place, index, listed[entry.entry_id])
            for place, entries in self._places().items()
            for index, entry in enumerate(entries)
        ]
        if gone:
            self._remember(gone)
        self._history, self._upcoming, self._aside = [], [], []
        self._listed = [self._current] if self._current else []
        self._changed()
        return len(gone)

    def undo(self) -> int:
        """Put back what the last remove or clear took out, as near as may be to its old place; return how many."""
        if not self._undo:
            return 0
        batch = self._undo.pop()
        places = self._places()
        for removed in batch:
            # A track that was playing when it was removed comes next: what plays meanwhile is not interrupted.
            place = "upcoming" if removed.place == "current" else removed.place
            places[place].insert(removed.index, removed.entry)
        for removed in sorted(batch, key=lambda each: each.listed):
            self._listed.insert(removed.listed, removed.entry)
        self._changed()
        return len(batch)

    # Keeping

    def snapshot(self, pack: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
        """Return the whole queue as a plain dict that JSON can hold; `pack` turns a payload into one."""
        return self.freeze(pack)()

    def freeze(self, pack: Callable[[T], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        """Return what makes the snapshot of now: of a long queue that takes a while, and may be done on any thread."""
        listed, repeat, shuffle = tuple(self._listed), self.repeat, self._shuffle
        current = self._current.entry_id if self._current else None
        places = {name: tuple(entries) for name, entries in self._places().items()}

        def made() -> dict[str, Any]:
            return {
                "format": _FORMAT,
                "entries": [{"id": entry.entry_id, "item": pack(entry.item)} for entry in listed],
                "current": current,
                **{name: [entry.entry_id for entry in entries] for name, entries in places.items()},
                "shuffle": shuffle,
                "repeat": repeat.value,
            }

        return made

    def restore(self, data: dict[str, Any], unpack: Callable[[dict[str, Any]], T]) -> None:
        """Become what `snapshot` described. Raises ValueError, and changes nothing, if the data is damaged."""
        try:
            if data["format"] != _FORMAT:
                raise ValueError(f"queue format {data['format']!r} is not known")
            known: dict[int, Entry[T]] = {}
            for row in data["entries"]:
                item = unpack(row["item"])
                known[int(row["id"])] = Entry(int(row["id"]), self._track_id(item), item)
            current = known[data["current"]] if data["current"] is not None else None
            history, upcoming, aside = ([known[each] for each in data[key]] for key in ("history", "upcoming", "aside"))
            repeat = Repeat(data["repeat"])
            shuffle = bool(data["shuffle"])
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"the stored queue is damaged: {error!r}") from error
        placed = [*history, *upcoming, *aside, *([current] if current else [])]
        if not all(0 < entry_id < LARGEST_ID for entry_id in known):
            raise ValueError("the stored queue is damaged: an entry has a number that is none")
        if sorted(entry.entry_id for entry in placed) != sorted(known) or len(known) != len(data["entries"]):
            raise ValueError("the stored queue is damaged: an entry is lost or stands twice")
        self._listed = list(known.values())
        self._current, self._history, self._upcoming, self._aside = current, history, upcoming, aside
        self._shuffle, self.repeat = shuffle, repeat
        self._next_id = max(known, default=0) + 1
        self._changed()
        self._undo = []

    # Inside

    def _make(self, items: Iterable[T]) -> list[Entry[T]]:
        made = []
        for item in items:
            made.append(Entry(self._next_id, self._track_id(item), item))
            self._next_id += 1
        return made

    def _changed(self) -> None:
        self._planned = None
        self.revision += 1

    def _places(self) -> dict[str, list[Entry[T]]]:
        return {"history": self._history, "upcoming": self._upcoming, "aside": self._aside}

    def _find(self, entry_id: int) -> tuple[str, int]:
        if self._current and self._current.entry_id == entry_id:
            return "current", 0
        for place, entries in self._places().items():
            for index, entry in enumerate(entries):
                if entry.entry_id == entry_id:
                    return place, index
        raise KeyError(entry_id)

    def _remember(self, batch: list[Removed[T]]) -> None:
        self._undo = [*self._undo[-(UNDO_DEPTH - 1) :], batch]

    def _retire_current(self) -> None:
        if self._current:
            self._history.append(self._current)

    def _draw(self) -> None:
        """Shuffle all that was not played yet, so that each comes exactly once."""
        self._upcoming = [*self._aside, *self._upcoming]
        self._aside = []
        self._rng.shuffle(self._upcoming)

    def _following(self, manual: bool) -> Sequence[Entry[T]]:
        """Return a sequence whose first element is what comes next; it is empty at the end."""
        if self.repeat is Repeat.ONE and not manual and self._current:
            return (self._current,)
        if self._upcoming:
            return self._upcoming
        if self.repeat is not Repeat.ALL or not self._listed:
            return ()
        if self._planned is None:
            self._planned = list(self._listed)
            if self._shuffle:
                self._rng.shuffle(self._planned)
                if len(self._planned) > 1 and self._planned[0] is self._current:
                    self._planned.append(self._planned.pop(0))
        return self._planned

    def _wrap_if_planned(self, order: Sequence[Entry[T]]) -> None:
        """Begin the whole list again in the order that `peek_next` has already promised."""
        if order is self._planned:
            self._current, *self._upcoming = order
            self._history, self._aside, self._planned = [], [], None
