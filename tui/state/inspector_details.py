"""All about one line of the inspector: what it is, where its time went, its headers and its bodies, as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from http import HTTPStatus

from api_client.inspect.records import CallRecord, FrameRecord, Headers, SocketRecord
from api_client.inspect.redaction import Redactor
from api_client.text import clean, clean_line
from tui.state.inspector import InspectorStore
from tui.state.inspector_bodies import AT_ONCE, BodyLines, hiding, read_body
from tui.state.inspector_rows import ActionGroup, Row, Thing, path_of
from tui.state.json_tree import Line
from tui.state.waterfall import bars, duration_text, felt, spans_of

MOST_FRAMES = 200
"""Frames of a connection that are listed with it, the newest."""
LOOKED_AT = 4096
"""Characters of a frame that are looked through for secrets before its beginning is shown: a cut token is none."""
MOST_OF_A_FRAME = 300
"""Characters of a frame that are shown where it is one of many."""
_ORIGINS = {"network": "the network", "cache": "this machine, without asking", "outbox": "the outbox"}


class Details:
    """The lines of one thing. `top` gives the first ones, `bodies` what has to be read first, `open` what is asked."""

    def __init__(self, store: InspectorStore, row: Row, short: Callable[[str], str] = path_of) -> None:
        """`short` gives what is shown of an address where there is little room; it leaves out secrets."""
        self._store = store
        self._short = short
        self.row = row
        self._redactor: Redactor | None = None if store.reveals else store.recorder.redactor
        self._bodies: dict[str, BodyLines] = {}

    @property
    def thing(self) -> Thing:
        """What they are about."""
        return self.row.thing

    # -- what stands there at once

    def top(self) -> list[Line]:
        """Return the lines that cost nothing; where a body is to follow, its heading."""
        match self.thing:
            case CallRecord() as call:
                return list(self._call(call))
            case FrameRecord() as frame:
                return list(self._frame(frame))
            case SocketRecord() as socket:
                return list(self._socket(socket))
            case ActionGroup() as group:
                return list(self._group(group))

    def text(self, text: str) -> str:
        """Return `text` as it may be shown on one line."""
        return clean_line(self._redactor.text(text) if self._redactor is not None else text)

    def paragraph(self, text: str) -> str:
        """Return `text` as it may be shown on several lines."""
        return clean(self._redactor.text(text) if self._redactor is not None else text)

    def url(self, url: str) -> str:
        """Return an address as it may be shown."""
        return clean_line(self._redactor.url(url) if self._redactor is not None else url)

    def _call(self, call: CallRecord) -> Iterator[Line]:
        yield _heading("about", f"{clean_line(call.method)} {clean_line(self._short(self.url(call.url)))}")
        yield from self._outcome(call)
        yield _field("about", "when", _when(call.started_at))
        yield _field("about", "endpoint", clean_line(call.name))
        yield _field("about", "address", self.url(call.url))
        yield _field("about", "from", _ORIGINS[call.origin])
        if call.cause is not None:
            yield _field("about", "because of", f"{clean_line(call.cause.label)} ({clean_line(call.cause.action)})")
        attempts = self._store.attempts_of(call)
        if call.attempt > 1 or len(attempts) > 1:
            yield _field("about", "attempt", f"{call.attempt} of {max(len(attempts), call.attempt)}")
        if call.connection is not None:
            kind = "used before" if call.reused else "new"
            where = f", {call.server[0]} port {call.server[1]}" if call.server else ""
            yield _field("about", "connection", f"number {call.connection}, {kind}{where} {call.http_version}".strip())
        yield from self._timing(call)
        yield from self._headers("request-headers", "Request headers", call.request_headers)
        if call.request_body is not None or call.request_size:
            yield _heading("request-body", f"Request body, {_bytes(call.request_size)}")
        if call.status is not None:
            yield from self._headers("response-headers", "Response headers", call.response_headers)
        if call.body:
            squeezed = f", {call.wire_size:,} on the wire" if call.wire_size != call.body_size else ""
            yield _heading("response-body", f"Response body, {_bytes(call.body_size)}{squeezed}")
        elif call.status is not None:
            yield _heading("response-body", "No response body")

    def _outcome(self, call: CallRecord) -> Iterator[Line]:
        if call.note:
            yield _field("about", "injected fault", clean_line(call.note), "warning")
        if call.error is not None:
            yield Line("about:error", 1, value=self.paragraph(call.error.sentence), spec="error")
        if call.cancelled:
            yield Line("about:left", 1, value="Given up before the answer was there.", spec="warning")
        if call.status is not None:
            spec = "error" if call.status >= 400 else "success"
            yield _field("about", "status", status_text(call.status), spec)
        elif call.ended is None:
            yield _field("about", "status", "under way", "warning")

    def _timing(self, call: CallRecord) -> Iterator[Line]:
        spans = spans_of(call)
        if not spans:
            return
        end = max(span.end for span in spans)
        yield _heading("timing", f"Timing, {duration_text(end - call.started)}")
        for span in spans:
            shown = bars([span], call.started, end)
            yield Line(f"timing:{span.name}", 1, span.name, duration_text(span.length), bars=shown)
        if call.loop_lag:
            value = f"late by up to {duration_text(call.loop_lag)}, which is part of the above"
            yield _field("timing", "this program", value, "warning")

    def _headers(self, key: str, title: str, headers: Headers) -> Iterator[Line]:
        if not len(headers):
            return
        yield _heading(key, f"{title}, {len(headers)}")
        pairs = list(headers)
        for number, (name, value) in enumerate(self._redactor.headers(pairs) if self._redactor else pairs):
            yield Line(f"{key}:{number}", 1, clean_line(name), clean_line(value))

    def _frame(self, frame: FrameRecord) -> Iterator[Line]:
        arrow = "Sent" if frame.direction == "sent" else "Received"
        yield _heading("about", f"{arrow}: {clean_line(frame.type) or 'a frame'}")
        yield _field("about", "when", _when(frame.at_time))
        yield _field("about", "connection", f"socket {frame.socket}")
        if frame.note:
            yield _field("about", "injected fault", clean_line(frame.note), "warning")
        if frame.cause is not None:
            yield _field("about", "because of", f"{clean_line(frame.cause.label)} ({clean_line(frame.cause.action)})")
        yield _heading("data", f"Data, {_bytes(frame.size)}")

    def _socket(self, socket: SocketRecord) -> Iterator[Line]:
        yield _heading("about", f"Socket {path_of(self.url(socket.url))}")
        yield _field("about", "when", _when(socket.started_at))
        if socket.error:
            yield Line("about:error", 1, value=self.text(socket.error), spec="error")
        if socket.status is not None:
            yield _field("about", "status", status_text(socket.status))
        state = "open" if socket.opened and socket.ended is None else "not open"
        if socket.close_code is not None:
            state = f"closed with {socket.close_code} {self.text(socket.close_reason)}".strip()
        yield _field("about", "state", state)
        yield _field("about", "bytes", f"{socket.sent_bytes:,} sent, {socket.received_bytes:,} received")
        yield from self._headers("request-headers", "Request headers", socket.request_headers)
        yield from self._headers("response-headers", "Response headers", socket.response_headers)
        frames = self._store.frames_of(socket.id)
        yield _heading("frames", f"Frames, {len(frames):,}")
        yield from self._frames(frames[-MOST_FRAMES:])

    def _frames(self, frames: Iterable[FrameRecord]) -> Iterator[Line]:
        for frame in frames:
            arrow = "→" if frame.direction == "sent" else "←"
            data = frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")
            name = f"{_clock(frame.at_time)} {arrow} {clean_line(frame.type)}"
            yield Line(f"frames:{frame.id}", 1, name, self.text(data[:LOOKED_AT])[:MOST_OF_A_FRAME], "muted")

    def _group(self, group: ActionGroup) -> Iterator[Line]:
        cause = group.cause
        yield _heading("about", clean_line(cause.label) if cause is not None else "Without an action of yours")
        records = self._store.caused(group.number) if cause is not None else []
        calls = [record for record in records if isinstance(record, CallRecord)]
        if cause is not None:
            yield _field("about", "action", clean_line(cause.action))
        if (sums := felt(group, calls)) is not None:
            yield _field("about", "key to request", duration_text(sums.before))
            yield _field("about", "wait for the platform", duration_text(sums.wait), "success")
            yield _field("about", "read the replies", duration_text(sums.parse))
            yield _field("about", "everything else", duration_text(sums.other))
            yield _field("about", "reply to paint", duration_text(sums.paint) or "nothing was painted after it")
            yield _field("about", "in all", duration_text(sums.total), "bold text")
            if sums.lag:
                value = f"late by up to {duration_text(sums.lag)}, which is part of the above"
                yield _field("about", "this program", value, "warning")
        yield from self._waterfall(group, calls)
        frames = [record for record in records if isinstance(record, FrameRecord)]
        if frames:
            yield _heading("frames", f"Frames, {len(frames):,}")
            yield from self._frames(frames[-MOST_FRAMES:])

    def _waterfall(self, group: ActionGroup, calls: list[CallRecord]) -> Iterator[Line]:
        spans = [spans_of(call) for call in calls]
        ends = [span.end for each in spans for span in each]
        if group.cause is None or not ends:
            return
        start, end = group.cause.at, max([*ends, group.painted or 0])
        yield _heading("waterfall", f"From the key to the paint, {duration_text(end - start)}")
        before = ((0.0, max(calls[0].started - start, 0) / max(end - start, 1), "accent"),)
        yield Line("waterfall:key", 1, "key", duration_text(calls[0].started - start), bars=before)
        for call, each in zip(calls, spans, strict=True):
            name = f"{clean_line(call.method)} {clean_line(self._short(self.url(call.url)))}"
            yield Line(f"waterfall:{call.id}", 1, name, duration_text(call.duration), bars=bars(each, start, end))
        if group.painted is not None and group.ended is not None:
            shown = (((group.ended - start) / max(end - start, 1), 1.0, "secondary"),)
            yield Line("waterfall:paint", 1, "paint", duration_text(group.painted - group.ended), bars=shown)

    # -- what has to be read

    @property
    def bodies(self) -> dict[str, tuple[bytes, str, int]]:
        """The bodies by the key of their heading: what was kept, its media type, and its true size."""
        thing = self.thing
        if isinstance(thing, FrameRecord):
            data = thing.data.encode("utf-8", "surrogatepass") if isinstance(thing.data, str) else thing.data
            return {"data": (data, "", len(data) if len(thing.data) >= thing.size else thing.size)}
        if not isinstance(thing, CallRecord):
            return {}
        found = {}
        if thing.request_body:
            kind = thing.request_headers.get("content-type").partition(";")[0].strip().lower()
            found["request-body"] = (thing.request_body, kind, thing.request_size)
        if thing.body:
            found["response-body"] = (thing.body, thing.media_type, thing.body_size)
        return found

    @property
    def is_large(self) -> bool:
        """Whether reading the bodies takes long."""
        return any(len(data) > AT_ONCE for data, _, _ in self.bodies.values())

    def read(self) -> None:
        """Read the bodies; takes long for megabytes, and may be called on a thread."""
        for key, (data, kind, size) in self.bodies.items():
            body = read_body(data, kind, max(size, len(data)), self._redactor)
            self._bodies[key] = BodyLines(f"{key}/", 1, body, hiding(self._redactor))

    def body_lines(self) -> dict[str, list[Line]]:
        """Return the first lines of the bodies that were read, by the key of their heading."""
        return {key: body.top() for key, body in self._bodies.items()}

    def can_open(self, key: str) -> bool:
        """Return whether something under the line with `key` is not listed yet."""
        return any(body.can_open(key) for body in self._bodies.values())

    def open(self, key: str) -> list[Line]:
        """Return what stands under the line with `key`, or behind it where it asks for more."""
        return next((body.open(key) for body in self._bodies.values() if body.can_open(key)), [])


def status_text(status: int) -> str:
    """Return a status with its words."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _heading(key: str, title: str) -> Line:
    return Line(key, 0, title, heads=True, opens=True)


def _field(section: str, name: str, value: str, spec: str = "text") -> Line:
    return Line(f"{section}:{name}", 1, name, value, spec)


def _bytes(size: int) -> str:
    return f"{size:,} bytes" if size >= 0 else "streamed"


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M:%S.%f}"[:-3]


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds).astimezone():%H:%M:%S.%f}"[:-3]
