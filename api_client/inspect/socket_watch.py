"""One connection of a socket into records: its handshake, every frame as it comes and goes, its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response

from api_client.inspect.records import CLOSE, KEPT, TEXT, Direction, FrameRecord, Headers, SocketRecord

if TYPE_CHECKING:
    import asyncio

    from api_client.auth import Tokens
    from api_client.inspect.causes import Cause
    from api_client.inspect.recorder import Recorder

LOOKED_AT = 256
"""The newest frames, among which one that was just read is found."""


class SocketWatch:
    """Is told what happens on one connection. Somebody may begin to record in its middle, and leave off."""

    def __init__(self, recorder: Callable[[], Recorder | None], url: str, tokens: Tokens | None = None) -> None:
        """Watch a connection to `url` that begins now, signed in by `tokens`; `recorder` says who records now."""
        self._recorder = recorder
        self._tokens = tokens
        self._record = SocketRecord(0, url, perf_counter_ns())
        self._known_to: Recorder | None = None
        self._parts: dict[Direction, _Parts] = {"sent": _Parts(), "received": _Parts()}
        self.cause: Cause | None = None
        """What is behind the frame that is being sent."""
        recorder_now = recorder()
        if recorder_now is not None:
            self._introduce(recorder_now)

    def connected(self, *, now: int) -> None:
        """Note that the TCP connection stands."""
        self._record.phases.connect = now - self._record.started

    def made(self, *, secure: bool, now: int) -> None:
        """Note that TLS, if there is any, stands as well."""
        if secure:
            self._record.phases.tls = now - self._record.started - (self._record.phases.connect or 0)

    def asked(self, headers: Iterable[tuple[str, str]]) -> None:
        """Note the request to upgrade."""
        self._record.request_headers = Headers.of(headers)

    def answered(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Note the reply to it."""
        record = self._record
        record.status, record.response_headers = status, Headers.of(headers)
        record.opened = perf_counter_ns()
        record.phases.wait = record.opened - record.started - (record.phases.connect or 0) - (record.phases.tls or 0)
        self._tell()

    def came(self, size: int) -> None:
        """Count bytes that were read."""
        self._record.received_bytes += size

    def frame(self, direction: Direction, frame: Frame) -> None:
        """Take in a frame, whole messages where they come in parts."""
        size = len(frame.data)
        if direction == "sent":
            # RFC 6455, 5.2: two bytes, the longer forms of the length, and the mask of a client.
            self._record.sent_bytes += size + 6 + (0 if size < 126 else 2 if size < 65_536 else 8)
        recorder = self._recorder()
        if recorder is None:
            return
        opcode, data = int(frame.opcode), bytes(frame.data[:KEPT])
        if opcode == Opcode.CONT or not frame.fin:
            parts = self._parts[direction]
            parts.add(opcode, data, size)
            if not frame.fin:
                return
            opcode, data, size = parts.take()
        if recorder is not self._known_to:
            self._introduce(recorder)
        shown = str(data, "utf-8", "replace") if opcode == TEXT else data
        cause = self.cause if direction == "sent" and opcode < CLOSE else None
        recorder.frame(
            FrameRecord(recorder.next_id(), self._record.id, direction, perf_counter_ns(), shown, size, opcode, cause)
        )

    def mark(self, raw: str | bytes, note: str) -> None:
        """Note what was done on this machine to a frame that has come."""
        recorder = self._recorder()
        if recorder is None:
            return
        begins = raw[:KEPT]
        for record in reversed(recorder.frames[-LOOKED_AT:]):
            if record.direction == "received" and not record.note and record.data == begins:
                record.note = note
                recorder.changed()
                return

    def ended(self, *, error: str = "", code: int | None = None, reason: str = "") -> None:
        """Note that the connection is over, or never came to be."""
        record = self._record
        record.ended = record.ended or perf_counter_ns()
        record.error = record.error or error
        if record.close_code is None:
            record.close_code, record.close_reason = code, reason
        self._tell()

    def _introduce(self, recorder: Recorder) -> None:
        self._known_to = recorder
        self._record.id = recorder.next_id()
        if self._tokens is not None:
            recorder.learn_tokens(self._tokens)
        recorder.socket(self._record)

    def _tell(self) -> None:
        if self._known_to is not None:
            self._known_to.changed()


class _Parts:
    """A message that comes in several frames; no more of it is kept than of one in a single frame."""

    def __init__(self) -> None:
        self._opcode, self._kept, self._size = TEXT, b"", 0

    def add(self, opcode: int, data: bytes, size: int) -> None:
        """Take in the next part."""
        self._opcode = opcode or self._opcode
        self._kept = (self._kept + data)[:KEPT]
        self._size += size

    def take(self) -> tuple[int, bytes, int]:
        """Return opcode, beginning and size of the whole message, and begin anew."""
        whole = self._opcode, self._kept, self._size
        self._kept, self._size = b"", 0
        return whole


class WatchedConnection(ClientConnection):
    """A connection of websockets that tells its watch of everything, what the protocol does by itself included."""

    def __init__(self, protocol: ClientProtocol, *, watch: SocketWatch, **options: Any) -> None:
        """Set up the connection of `protocol`; the rest is websockets'."""
        super().__init__(protocol, **options)
        self._watch = watch
        self._answers: list[Frame] | None = None
        """What the protocol answers to bytes while it reads them, before anybody is told what has come."""
        watch.connected(now=perf_counter_ns())
        send_frame = protocol.send_frame

        def sent(frame: Frame) -> None:
            # Everything passes here: messages, and pongs and closes that the protocol makes by itself.
            if self._answers is None:
                watch.frame("sent", frame)
            else:
                self._answers.append(frame)
            send_frame(frame)

        protocol.send_frame = sent  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to talk."""
        self._watch.made(secure=transport.get_extra_info("ssl_object") is not None, now=perf_counter_ns())
        super().connection_made(transport)

    def process_event(self, event: Any) -> None:
        """Take in the reply to the handshake, or a frame on its arrival."""
        if isinstance(event, Frame):
            self._watch.frame("received", event)
        elif isinstance(event, Response):
            if self.request is not None:
                self._watch.asked(self.request.headers.raw_items())
            self._watch.answered(event.status_code, event.headers.raw_items())
        super().process_event(event)

    def data_received(self, data: bytes) -> None:
        """Take in bytes from the network."""
        self._watch.came(len(data))
        answers: list[Frame] = []
        self._answers = answers
        super().data_received(data)
        self._answers = None
        for frame in answers:
            self._watch.frame("sent", frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take in the end."""
        super().connection_lost(exc)
        self._watch.ended(error=str(exc or ""), code=self.close_code, reason=self.close_reason or "")
