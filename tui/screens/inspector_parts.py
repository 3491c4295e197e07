"""How the lines of the inspector and of its details look, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import ceil

from rich.segment import Segment
from textual.strip import Strip

from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord
from api_client.text import clean_line
from tui.state.inspector import InspectorStore
from tui.state.inspector_details import LOOKED_AT
from tui.state.inspector_rows import ORDER_TITLES, ActionGroup, Order, Row, duration_of, size_of
from tui.state.json_tree import Line
from tui.state.waterfall import duration_text
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import byte_size, plural
from widgets.wrapping import cells, ellipsis

WIDE = 100
"""Cells of a line from which the cause and the size of the request have columns of their own."""
_SLOW = ((8, "success"), (32, "secondary"), (128, "text"), (512, "warning"), (2048, "bold warning"))
"""Up to how many milliseconds a duration has which style: each step is four times the one before."""
_ORIGINS = {"network": (" ", "muted"), "cache": ("≡", "secondary"), "outbox": ("↑", "accent")}
_INJECTED = ("⚡", "warning")
_MOST_LINES = 12
"""Lines that one value may take in the details; Enter on a longer one lists all of it."""
_NAME = 26
"""Cells of the names beside bars."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The cells of each column, without the blank behind it; 0 for a column that is left out."""

    time: int
    method: int
    path: int
    status: int
    kind: int
    sent: int
    size: int
    duration: int
    cause: int


@lru_cache(maxsize=64)
def columns_in(width: int) -> Columns:
    """Return the columns of a line of so many cells; the path takes what the others leave."""
    wide = width >= WIDE
    time = 12 if wide else 8
    kind = 5 if width >= 60 else 0
    size = 7 if width >= 48 else 0
    sent = 7 if wide else 0
    cause = min(24, width // 6) if wide else 0
    fixed = [time, 2, 6, 4, kind, sent, size, 8, cause]
    path = width - sum(each + 1 for each in fixed if each)
    return Columns(time, 6, max(path, 8), 4, kind, sent, size, 8, cause)


def header_text(width: int) -> str:
    """Return the names of the columns over a list whose lines have so many cells."""
    room = columns_in(width)
    parts = [f"{'time':<{room.time}}", "  ", f"{'method':<{room.method}}", f"{'path':<{room.path}}"]
    parts += [f"{'code':<{room.status}}"]
    parts += [f"{'type':<{room.kind}}"] if room.kind else []
    parts += [f"{'sent':>{room.sent}}"] if room.sent else []
    parts += [f"{'size':>{room.size}}"] if room.size else []
    parts += [f"{'took':>{room.duration}}"]
    parts += [f"{'because of':<{room.cause}}"] if room.cause else []
    return " ".join(parts)


def state_words(store: InspectorStore, *, follows: bool, records: bool) -> str:
    """Return how much is shown, and what is not as usual; `follows` says that the newest line is kept in sight."""
    shown = f"{store.shown:,} of {store.seen:,}" if store.filter_text.strip() else f"{store.seen:,} recorded"
    parts = [shown]
    if store.recorder.dropped:
        parts.append(f"{store.recorder.dropped:,} older ones dropped")
    parts += [ORDER_TITLES[store.order].lower()] if store.order is not Order.TIME else []
    parts += ["held"] if store.held else ["following"] if follows else []
    parts += ["SECRETS SHOWN"] if store.reveals else []
    parts += [] if records else ["not recording"]
    return " · ".join(parts)


def slow_spec(nanoseconds: int | None) -> str:
    """Return the style of a duration, on a scale on which each colour stands for four times the one before."""
    if nanoseconds is None:
        return "muted"
    return next((spec for limit, spec in _SLOW if nanoseconds < limit * 1_000_000), "bold error")


def status_spec(status: int | None, *, failed: bool) -> str:
    """Return the style of a status."""
    if failed:
        return "bold error" if status is None or status >= 500 else "error"
    return "muted" if status is None or status < 200 else "secondary" if status >= 300 else "success"


def kind_of(media_type: str) -> str:
    """Return a media type in five letters: `json`, `jpeg`, `html`."""
    kind = media_type.rpartition("/")[2].rpartition("+")[2].removeprefix("x-")
    return {"javascript": "js", "octet-stream": "bytes", "plain": "text", "event-stream": "sse"}.get(kind, kind)[:5]


class RowRenderer(BaseRenderer[Row]):
    """One line each: calls, frames, connections, and actions above what they caused."""

    def __init__(self, path: Callable[[str], str], text: Callable[[str], str]) -> None:
        """`path` and `text` give what may be shown of an address, in short, and of what a frame says."""
        self._path = path
        self._text = text
        self.reveals = False

    def key(self, item: Row) -> str:
        return item.key

    def version(self, item: Row) -> Hashable:
        return (*item.stamp, item.depth, self.reveals)

    def depth(self, item: Row) -> int:
        return item.depth

    def estimate(self, item: Row, width: int) -> int:
        return 1

    def may_mark(self, item: Row) -> bool:
        return not isinstance(item.thing, ActionGroup)

    def words(self, item: Row) -> str | None:
        match item.thing:
            case CallRecord() as call:
                return f"{call.method} {self._path(call.url)} {call.status or ''} {call.name}"
            case FrameRecord() as frame:
                return f"{frame.type} {self._text(frame.data if isinstance(frame.data, str) else '')}"
            case _:
                return None

    def render(self, item: Row, context: RenderContext) -> list[Strip]:
        match item.thing:
            case CallRecord() as call:
                return [self._call(call, item.depth, context)]
            case FrameRecord() as frame:
                return [self._frame(frame, item.depth, context)]
            case SocketRecord() as socket:
                return [self._socket(socket, context)]
            case ActionGroup() as group:
                return [_group(group, context)]

    def _call(self, call: CallRecord, depth: int, context: RenderContext) -> Strip:
        room, style = columns_in(context.width), context.style
        origin = _INJECTED if call.note else _ORIGINS[call.origin]
        again = f"↻{call.attempt} " if call.attempt > 1 else ""
        path = "  " * depth + again + clean_line(self._path(call.url))
        status = str(call.status) if call.status is not None else "✗" if call.failed else "…"
        cells_ = [
            (_clock(call.started_at, room.time), room.time, "muted"),
            (origin[0], 2, origin[1]),
            (clean_line(call.method), room.method, "primary" if call.method == "GET" else "bold accent"),
            (path, room.path, "error" if call.failed else "text"),
            (status, room.status, status_spec(call.status, failed=call.failed)),
            (kind_of(call.media_type), room.kind, "muted"),
            (_size(call.request_size), -room.sent, "muted"),
            (_size(size_of(call)), -room.size, "text"),
            (duration_text(call.duration), -room.duration, slow_spec(call.duration)),
            (clean_line(call.cause.label) if call.cause else "", room.cause, "muted"),
        ]
        return _line(cells_, style)

    def _frame(self, frame: FrameRecord, depth: int, context: RenderContext) -> Strip:
        room, style = columns_in(context.width), context.style
        arrow = "WS →" if frame.direction == "sent" else "WS ←"
        data = frame.data if isinstance(frame.data, str) else f"{len(frame.data):,} bytes"
        kind = clean_line(frame.type)
        said = clean_line(self._text(data[:LOOKED_AT])[: 2 * room.path])
        rest = room.path + room.status + 1 + (room.kind + 1 if room.kind else 0)
        cells_ = [
            (_clock(frame.at_time, room.time), room.time, "muted"),
            (_INJECTED[0] if frame.note else "", 2, _INJECTED[1] if frame.note else "muted"),
            (arrow, room.method, "secondary"),
            ("  " * depth + (f"{kind}  {said}" if kind else said), rest, "text"),
            (_size(frame.size) if frame.direction == "sent" else "", -room.sent, "muted"),
            (_size(frame.size), -room.size, "text"),
            ("", room.duration, "muted"),
            (clean_line(frame.cause.label) if frame.cause else "", room.cause, "muted"),
        ]
        return _line(cells_, style)

    def _socket(self, socket: SocketRecord, context: RenderContext) -> Strip:
        room, style = columns_in(context.width), context.style
        bad = bool(socket.error) or (socket.status is not None and socket.status >= 400)
        state = "" if socket.ended is None else f"  closed {socket.close_code or ''}".rstrip()
        folded = f"  {plural(context.hidden, 'frame')}" if context.folded and context.hidden else ""
        took = duration_of(socket)
        cells_ = [
            (_clock(socket.started_at, room.time), room.time, "muted"),
            ("", 2, "muted"),
            ("WS", room.method, "bold secondary"),
            (clean_line(self._path(socket.url)) + state + folded, room.path, "error" if bad else "text"),
            (str(socket.status or ("✗" if bad else "…")), room.status, status_spec(socket.status, failed=bad)),
            ("", room.kind, "muted"),
            (_size(socket.sent_bytes or None), -room.sent, "muted"),
            (_size(size_of(socket)), -room.size, "text"),
            (duration_text(took), -room.duration, "muted"),
            ("", room.cause, "muted"),
        ]
        return _line(cells_, style)


def _group(group: ActionGroup, context: RenderContext) -> Strip:
    style, cause = context.style, group.cause
    arrow = "▸" if context.folded else "▾"
    title = clean_line(cause.label) if cause is not None else "without an action of yours"
    counts = [plural(group.calls, "call")] if group.calls else []
    counts += [plural(group.frames, "frame")] if group.frames else []
    counts += [f"{group.failed} failed"] if group.failed else []
    counts += ["under way"] if group.waiting else []
    remark = " · ".join(counts)
    took = ""
    if cause is not None and group.felt is not None:
        took = f"{duration_text(group.felt)} {'to the paint' if group.painted else 'to the answer'}"
    room = max(context.width - 2 - cells(remark) - cells(took) - 4, 6)
    title = ellipsis(title, room)
    gap = " " * max(context.width - 2 - cells(title) - 2 - cells(remark) - cells(took), 1)
    remark_spec = "error" if group.failed else "muted"
    return Strip(
        [
            Segment(f"{arrow} ", style("accent")),
            Segment(title, style("bold text" if cause is not None else "muted")),
            Segment(f"  {remark}", style(remark_spec)),
            Segment(gap),
            Segment(took, style(slow_spec(group.felt))),
        ]
    )


def _line(parts: list[tuple[str, int, str]], style: Callable[[str], object]) -> Strip:
    """Return one line of (text, cells, style) columns; negative cells stand at the right of their column."""
    segments = []
    for text, size, spec in parts:
        if not size:
            continue
        text = ellipsis(text, abs(size))
        blank = " " * (abs(size) - cells(text))
        segments.append(Segment(f"{blank}{text} " if size < 0 else f"{text}{blank} ", style(spec)))  # type: ignore[arg-type]
    return Strip(segments)


def _size(size: int | None) -> str:
    return "" if size is None or size <= 0 else byte_size(size)


def _clock(seconds: float, width: int) -> str:
    return f"{datetime.fromtimestamp(seconds).astimezone():%H:%M:%S.%f}"[:width]


class DetailRenderer(BaseRenderer[Line]):
    """Headings, names with values, bars, and a tree."""

    def __init__(self, is_closed: Callable[[str], bool]) -> None:
        """`is_closed` tells of a line with something under it whether that is not listed yet."""
        self._is_closed = is_closed

    def key(self, item: Line) -> str:
        return item.key

    def version(self, item: Line) -> Hashable:
        return item, item.opens and self._is_closed(item.key)

    def depth(self, item: Line) -> int:
        return item.depth

    def estimate(self, item: Line, width: int) -> int:
        return 2 if item.heads else 1

    def words(self, item: Line) -> str | None:
        return f"{item.name} {item.value}"

    def pins(self, item: Line) -> int:
        return 1 if item.heads else 0

    def pinned(self, item: Line, context: RenderContext) -> Strip:
        return Strip([Segment(item.name, context.style("bold primary"))])

    def render(self, item: Line, context: RenderContext) -> list[Strip]:
        style = context.style
        closed = context.folded or (item.opens and self._is_closed(item.key))
        if item.heads:
            return [Strip([Segment(f"{'▸' if context.folded else '▾'} {item.name}", style("bold primary"))])]
        if item.bars:
            return [_bar_line(item, context)]
        margin = "  " * item.depth
        arrow = ("▸ " if closed else "▾ ") if item.opens and item.name else "  " if item.name else ""
        first = [Piece(f"{margin}{arrow}", "accent")]
        later = (Piece(" " * cells(margin + arrow)),)
        if item.name:
            pieces = [Piece(f"{item.name}: ", "secondary"), Piece(item.value, item.spec)]
        else:
            pieces = [Piece(item.value, item.spec)]
        lines = lay_out(pieces, context.width, style, tuple(first), later)
        return lines[:_MOST_LINES]


def _bar_line(item: Line, context: RenderContext) -> Strip:
    """Return a name, bars over the time they are about, and how long it took."""
    style, width = context.style, context.width
    names = max(min(_NAME, width // 3), min(14, width // 2))
    name = ellipsis(f"  {item.name}", names)
    room = max(width - names - 11, 4)
    line: list[str] = [""] * room
    for start, end, spec in item.bars:
        first = min(int(start * room), room - 1)
        for at in range(first, max(min(ceil(end * room), room), first + 1)):
            line[at] = spec
    segments = [Segment(name + " " * (names - cells(name)), style("secondary"))]
    segments += [Segment("█", style(spec)) if spec else Segment(" ") for spec in line]
    return Strip([*segments, Segment(f" {item.value:>9}", style("text"))])
