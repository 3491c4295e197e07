"""The inspector's lines: what the recorder has seen, filtered, in an order or under headings, and what has changed."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from api_client.inspect.filtering import Filter, FilterError, parse_filter
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord
from tui.state.inspector_changes import Change, PaintLog
from tui.state.inspector_rows import (
    ActionGroup,
    Order,
    Rank,
    Record,
    Row,
    View,
    is_settled,
    key_of,
    rank_of,
    stamp_of,
)

_TURN = 0.004
"""Seconds after which others have their turn while many records are looked through."""

Seen = CallRecord | FrameRecord | SocketRecord


class InspectorStore:
    """Lines of a recorder. `pull` takes in what is new; nothing happens by itself, and nothing between two pulls."""

    def __init__(self, recorder: Recorder, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        """`clock` gives nanoseconds, as the records do."""
        self.recorder = recorder
        self.paints = PaintLog()
        self.order = Order.TIME
        self.view = View.FLAT
        self.filter_text = ""
        self.held = False
        """Whether the lines stay as they are, whatever is recorded."""
        self.follows = True
        """Whether the newest line is kept in sight."""
        self.reveals = False
        """Whether secrets are shown for the moment."""
        self._clock = clock
        self._filter: Filter | None = None
        self._busy = False
        self._forget()

    def _forget(self) -> None:
        self._version = -1
        self._last = [0, 0, 0]
        """Numbers of the newest call, frame and socket that were taken in."""
        self._rows: list[Row] = []
        self._ranks: list[Rank] = []
        self._places: dict[str, tuple[Row, Rank]] = {}
        self._calls: deque[CallRecord] = deque()
        self._frames: deque[FrameRecord] = deque()
        self._sockets: dict[int, SocketRecord] = {}
        self._groups: dict[int, ActionGroup] = {}
        self._under: dict[str, int] = {}
        """How many lines stand under a heading."""
        self._watched: dict[int, tuple[CallRecord | SocketRecord, tuple[object, ...]]] = {}
        """What may still change, with what was known of it."""
        self._unpainted: dict[int, ActionGroup] = {}

    # -- what is shown

    @property
    def rows(self) -> list[Row]:
        """All lines in their order."""
        return list(self._rows)

    @property
    def last_key(self) -> str | None:
        """The key of the last line."""
        return self._rows[-1].key if self._rows else None

    @property
    def shown(self) -> int:
        """How many calls and frames are shown."""
        return len(self._rows) - len(self._under)

    @property
    def seen(self) -> int:
        """How many calls and frames the recorder has."""
        return len(self._calls) + len(self._frames)

    def row(self, key: str) -> Row | None:
        """Return the line with a key."""
        place = self._places.get(key)
        return place[0] if place is not None else None

    def under(self, key: str) -> list[Row]:
        """Return the lines under the heading with `key`."""
        if (place := self._places.get(key)) is None:
            return []
        at = bisect_right(self._ranks, place[1])
        found = []
        while at < len(self._rows) and self._rows[at].depth > place[0].depth:
            found.append(self._rows[at])
            at += 1
        return found

    def group(self, number: int) -> ActionGroup | None:
        """Return what the action with a number caused."""
        return self._groups.get(number)

    def caused(self, number: int) -> list[Record]:
        """Return the calls and frames of an action, whatever is shown, in the order in which they were seen."""
        seen: list[Record] = [*self._calls, *self._frames]
        found = [each for each in seen if each.cause and each.cause.number == number]
        return sorted(found, key=lambda each: each.id)

    def frames_of(self, socket: int) -> list[FrameRecord]:
        """Return the frames of a connection, whatever is shown."""
        return [frame for frame in self._frames if frame.socket == socket]

    def attempts_of(self, call: CallRecord) -> list[CallRecord]:
        """Return every attempt of the call that `call` is one of."""
        return [each for each in self._calls if each.first == call.first] if call.first else [call]

    # -- how it is shown

    def check_filter(self, text: str) -> FilterError | None:
        """Return what is wrong with a filter; None where nothing is."""
        try:
            parse_filter(text)
        except FilterError as error:
            return error
        return None

    async def show(
        self, *, filter_text: str | None = None, order: Order | None = None, view: View | None = None
    ) -> None:
        """Look at every record anew, with another filter, order or view; raises FilterError.

        Others have their turn meanwhile; `pull` finds nothing until this is done.
        """
        text = self.filter_text if filter_text is None else filter_text
        self._filter = parse_filter(text) if text.strip() else None
        self.filter_text = text
        self.order = order or self.order
        self.view = view or self.view
        self._forget()
        self._busy = True
        try:
            until = time.perf_counter() + _TURN
            for record in self._news():
                self._take(record)
                if time.perf_counter() >= until:
                    await asyncio.sleep(0)
                    until = time.perf_counter() + _TURN
        finally:
            self._busy = False
        self._sort()

    def _sort(self) -> None:
        """Put lines in order that were taken in by the thousand."""
        placed = sorted(self._places.values(), key=lambda place: place[1])
        self._rows = [row for row, _ in placed]
        self._ranks = [rank for _, rank in placed]

    # -- taking in

    def pull(self) -> Change:
        """Take in what was recorded since the last time, and return what that changes."""
        change = Change()
        if self.held or self._busy:
            return change
        if self._version != self.recorder.version:
            self._version = self.recorder.version
            self._drop_gone(change)
            fresh = list(self._news())
            for record in fresh:
                for row in self._take(record):
                    self._insert(row, change)
            self._look_again(change)
        self._look_for_paints(change)
        return change

    def _news(self) -> Iterator[Seen]:
        """Yield what was not there the last time, in the order in which it was seen."""
        found: list[Seen] = []
        recorder = self.recorder
        kinds: tuple[Sequence[Seen], ...] = (recorder.calls, recorder.frames, recorder.sockets)
        for number, records in enumerate(kinds):
            last = self._last[number]
            for record in reversed(records):
                if record.id <= last:
                    break
                found.append(record)
                self._last[number] = max(self._last[number], record.id)
        return iter(sorted(found, key=lambda record: record.id))

    def _take(self, record: Seen) -> list[Row]:
        """Take in a record, and return the lines that it brings: a heading before itself, where that is new."""
        if isinstance(record, SocketRecord):
            self._sockets[record.id] = record
            self._watched[record.id] = record, stamp_of(record)
            return [self._place(Row(key_of(record), record))] if self._wants_socket(record) else []
        if isinstance(record, CallRecord):
            self._calls.append(record)
            if not is_settled(record, self._clock()):
                self._watched[record.id] = record, stamp_of(record)
        else:
            self._frames.append(record)
        return self._lines_of(record) if self._filter is None or self._filter(record) else []

    def _wants_socket(self, socket: SocketRecord) -> bool:
        """Return whether a connection is a line by itself, and not only above its frames."""
        return self.view is not View.ACTIONS and (self._filter is None or self._filter(socket))

    def _lines_of(self, record: Record) -> list[Row]:
        heading = self._heading_of(record)
        if heading is None:
            return [self._place(Row(key_of(record), record))]
        key = key_of(heading)
        self._under[key] = self._under.get(key, 0) + 1
        lines = [self._place(Row(key_of(record), record, depth=1))]
        if isinstance(heading, ActionGroup):
            self._count(heading, record)
        return lines if key in self._places else [self._place(Row(key, heading)), *lines]

    def _heading_of(self, record: Record) -> ActionGroup | SocketRecord | None:
        """Return what a record stands under."""
        if self.view is View.SOCKETS and isinstance(record, FrameRecord):
            return self._sockets.get(record.socket)
        if self.view is not View.ACTIONS:
            return None
        number = record.cause.number if record.cause else 0
        return self._groups.setdefault(number, ActionGroup(record.cause))

    def _count(self, group: ActionGroup, record: Record) -> None:
        """Count a record in its group; what is answered already ends it."""
        if isinstance(record, FrameRecord):
            group.frames += 1
            return
        group.calls += 1
        if record.ended is None:
            group.waiting += 1
        else:
            self._answered(group, record)

    def _answered(self, group: ActionGroup, call: CallRecord) -> None:
        group.failed += call.failed
        end = (call.ended or 0) + (call.parsed_ns or 0)
        if group.ended is None or end > group.ended:
            group.ended, group.painted = end, None
        if group.cause is not None:
            self._unpainted[group.number] = group

    def _place(self, row: Row) -> Row:
        self._places[row.key] = row, rank_of(row, self.order, self.view)
        return row

    def _insert(self, row: Row, change: Change) -> None:
        rank = self._places[row.key][1]
        at = bisect_right(self._ranks, rank)
        self._ranks.insert(at, rank)
        self._rows.insert(at, row)
        change.added.append((self._rows[at - 1].key if at else None, row))
        if row.depth and (heading := self._heading_of_row(row)) is not None:
            change.changed.append(heading)

    def _heading_of_row(self, row: Row) -> Row | None:
        thing = row.thing
        heading = self._heading_of(thing) if isinstance(thing, CallRecord | FrameRecord) else None
        return self.row(key_of(heading)) if heading is not None else None

    def _remove(self, key: str, change: Change) -> None:
        if (place := self._places.pop(key, None)) is None:
            return
        at = bisect_left(self._ranks, place[1])
        del self._ranks[at], self._rows[at]
        change.gone.append(key)

    # -- what changes and goes

    def _drop_gone(self, change: Change) -> None:
        """Take out what the recorder has no more."""
        for records in (self._calls, self._frames):
            while records and not records[0].weight:
                record = records.popleft()
                _, known = self._watched.pop(record.id, (record, (None, 0)))
                self._take_out(record, change, waiting=known[1] is None)
        held = {socket.id for socket in self.recorder.sockets}
        for number, socket in list(self._sockets.items()):
            if number not in held and not self._under.get(key_of(socket)):
                self._watched.pop(number, None)
                del self._sockets[number]
                self._remove(key_of(socket), change)

    def _take_out(self, record: Record, change: Change, *, waiting: bool) -> None:
        """Take out a record's line, and a heading with nothing under it; `waiting`: it was counted as under way."""
        row = self.row(key_of(record))
        if row is None:
            return
        self._remove(row.key, change)
        heading = self._heading_of(record) if row.depth else None
        if heading is None:
            return
        if isinstance(heading, ActionGroup):
            heading.calls -= isinstance(record, CallRecord)
            heading.frames -= isinstance(record, FrameRecord)
            heading.waiting -= waiting and isinstance(record, CallRecord)
        key = key_of(heading)
        self._under[key] -= 1
        if not self._under[key]:
            del self._under[key]
            if not (isinstance(heading, SocketRecord) and self._wants_socket(heading)):
                self._remove(key, change)
            if isinstance(heading, ActionGroup):
                del self._groups[heading.number]
                self._unpainted.pop(heading.number, None)

    def _look_again(self, change: Change) -> None:
        """Look at what was under way the last time."""
        now = self._clock()
        for number, (thing, known) in list(self._watched.items()):
            stamp = stamp_of(thing)
            if is_settled(thing, now):
                del self._watched[number]
            elif stamp != known:
                self._watched[number] = thing, stamp
            if stamp != known:
                self._changed(thing, known, change)

    def _changed(self, thing: CallRecord | SocketRecord, known: tuple[object, ...], change: Change) -> None:
        row = self.row(key_of(thing))
        if isinstance(thing, SocketRecord):
            wanted = self._wants_socket(thing) or bool(self._under.get(key_of(thing)))
        else:
            wanted = self._filter is None or self._filter(thing)
        if row is None or not wanted:
            self._come_or_go(thing, row, change, waiting=known[1] is None)
            return
        if rank_of(row, self.order, self.view) != self._places[row.key][1]:
            self._remove(row.key, change)
            self._insert(self._place(row), change)
        else:
            change.changed.append(row)
        heading = self._heading_of(thing) if row.depth and isinstance(thing, CallRecord) else None
        if isinstance(heading, ActionGroup) and isinstance(thing, CallRecord):
            if known[1] is None and thing.ended is not None:
                heading.waiting -= 1
            self._answered_again(heading, thing, known)
            change.changed += [found] if (found := self.row(key_of(heading))) is not None else []

    def _come_or_go(self, thing: CallRecord | SocketRecord, row: Row | None, change: Change, *, waiting: bool) -> None:
        """Show what fits the filter only now, or take out what fits it no more."""
        if row is not None:
            if isinstance(thing, CallRecord):
                self._take_out(thing, change, waiting=waiting)
            else:
                self._remove(row.key, change)
        elif isinstance(thing, CallRecord):
            if self._filter is None or self._filter(thing):
                for line in self._lines_of(thing):
                    self._insert(line, change)
        elif self._wants_socket(thing):
            self._insert(self._place(Row(key_of(thing), thing)), change)

    def _answered_again(self, group: ActionGroup, call: CallRecord, known: tuple[object, ...]) -> None:
        if call.ended is None:
            return
        if known[1] is None:
            self._answered(group, call)
        elif (end := call.ended + (call.parsed_ns or 0)) > (group.ended or 0):
            group.ended, group.painted = end, None
            self._unpainted[group.number] = group

    def _look_for_paints(self, change: Change) -> None:
        for number, group in list(self._unpainted.items()):
            if group.waiting or group.ended is None:
                continue
            group.painted = self.paints.first_after(group.ended)
            if group.painted is not None:
                del self._unpainted[number]
                change.changed += [found] if (found := self.row(key_of(group))) is not None else []

    def clear(self) -> None:
        """Forget everything that was recorded."""
        self.recorder.clear()


def things(rows: Iterable[Row]) -> tuple[list[CallRecord], list[FrameRecord], list[SocketRecord]]:
    """Return the calls, frames and connections among `rows`."""
    all_of = [row.thing for row in rows]
    return (
        [thing for thing in all_of if isinstance(thing, CallRecord)],
        [thing for thing in all_of if isinstance(thing, FrameRecord)],
        [thing for thing in all_of if isinstance(thing, SocketRecord)],
    )
