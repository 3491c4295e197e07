"""What was seen going over the wire, as it was seen: references, undecoded and not yet redacted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from api_client.errors import PlatformError
from api_client.inspect.causes import Cause, Origin
from api_client.inspect.faults import MARK

if TYPE_CHECKING:
    from api_client.inspect.wire_times import WireTimes

EPOCH = time.time_ns() - time.perf_counter_ns()
"""Nanoseconds to add to a moment of `perf_counter_ns` for the wall clock: read once, so that order never turns."""

KEPT = 64 * 1024
"""Bytes of a body or a frame that are kept; its true size is kept besides."""

Direction = Literal["sent", "received"]

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""Opcodes of RFC 6455."""


class RawHeaders(Protocol):
    """Headers as httpx has them."""

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The lines in their order, undecoded."""


class Headers:
    """Header lines in their order, repeated ones included; decoded when somebody looks."""

    __slots__ = ("_source",)

    def __init__(self, source: RawHeaders | Iterable[tuple[bytes, bytes]] = ()) -> None:
        """`source` is kept as it is until somebody looks."""
        self._source = source

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The lines, undecoded."""
        source = self._source
        if not isinstance(source, list):
            found: Any = getattr(source, "raw", source)
            self._source = source = found if isinstance(found, list) else list(found)
        return source

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Return the headers of decoded `pairs`."""
        return cls([(name.encode("latin-1", "replace"), value.encode("utf-8")) for name, value in pairs])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, value in self.raw:
            yield name.decode("latin-1"), _decoded(value)

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.raw == other.raw

    __hash__ = None  # type: ignore[assignment]

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of `name`, whatever its case."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> list[str]:
        """Return every value of `name`."""
        wanted = name.lower().encode("latin-1")
        return [_decoded(value) for key, value in self.raw if key.lower() == wanted]

    @property
    def size(self) -> int:
        """Bytes that the lines take on an HTTP/1.1 connection."""
        return sum(len(name) + len(value) + 4 for name, value in self.raw)


@dataclass(slots=True)
class Phases:
    """How long each part took, in nanoseconds; None where it did not happen or could not be seen."""

    blocked: int | None = None
    """Waiting for a free connection, and what the client did before anything left."""
    dns: int | None = None
    connect: int | None = None
    """TCP alone, without TLS."""
    tls: int | None = None
    send: int | None = None
    wait: int | None = None
    """From the last byte of the request to the first of the reply: the platform's own time and the way there."""
    receive: int | None = None

    @property
    def total(self) -> int:
        """Sum of what is known, in nanoseconds."""
        parts = (self.blocked, self.dns, self.connect, self.tls, self.send, self.wait, self.receive)
        return sum(part for part in parts if part is not None)


@dataclass(eq=False)
class CallRecord:
    """One exchange over HTTP: one attempt of a call."""

    id: int
    name: str
    """The endpoint's name, or `media`, or `upload`."""
    method: str
    url: str = field(repr=False)
    """As it was asked for: signed addresses of media are secrets, too."""
    started: int
    """`perf_counter_ns`; add `EPOCH` for nanoseconds of the wall clock."""
    request_headers: Headers = field(default_factory=Headers, repr=False)
    request_body: bytes | None = field(default=None, repr=False)
    """The first `KEPT` bytes; None where there is none and where it was streamed."""
    request_size: int = 0
    """Bytes of the whole request body, -1 if nobody knows."""
    attempt: int = 1
    first: int = 0
    """Id of the first attempt of the same call; its own for that one."""
    origin: Origin = "network"
    cause: Cause | None = None
    ended: int | None = None
    """`perf_counter_ns`; None while it is under way."""
    status: int | None = None
    http_version: str = ""
    response_headers: Headers = field(default_factory=Headers, repr=False)
    body: bytes | None = field(default=None, repr=False)
    """The first `KEPT` bytes, inflated; None where none came."""
    wire_size: int = 0
    """Bytes of the reply's body as they came."""
    body_size: int = 0
    """Bytes of the reply's body, inflated."""
    sent_bytes: int | None = None
    """Everything written for this exchange, headers included; None where it could not be counted."""
    received_bytes: int | None = None
    error: PlatformError | None = None
    cancelled: bool = False
    """Whether the caller left, or the time for the whole call was over."""
    phases: Phases = field(default_factory=Phases)
    reused: bool = False
    """Whether the connection had been open already."""
    connection: int | None = None
    """Number of the connection in this process."""
    server: tuple[str, int] | None = None
    """Address and port of the other end."""
    parsed_ns: int | None = None
    """Time to read the JSON and build the models."""
    loop_lag: int = 0
    """By how much the program itself was late during this call, in nanoseconds."""
    weight: int = 0
    """Bytes it takes in the recorder; 0 once it was dropped."""
    times: WireTimes | None = field(default=None, repr=False)
    """What `phases` are worked out of."""

    @classmethod
    def begun(cls, number: int, name: str, method: str, url: str, started: int) -> CallRecord:
        """Return the record of a call that begins: as one that is made, but what has no value yet costs nothing."""
        record = cls.__new__(cls)
        record.id, record.name, record.method, record.url, record.started = number, name, method, url, started
        return record

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Asked only for what `begun` has left open and is not there by default.
            if name == "phases":
                phases = Phases() if self.times is None else self.times.phases(self.started, self.ended)
                if self.ended is not None:
                    self.phases, self.times = phases, None
                return phases
            if name in ("request_headers", "response_headers"):
                return Headers()
            raise AttributeError(name)

    @property
    def started_at(self) -> float:
        """When it started, in seconds since the epoch."""
        return (self.started + EPOCH) / 1e9

    @property
    def duration(self) -> int | None:
        """Nanoseconds from start to end; None while it is under way."""
        return None if self.ended is None else self.ended - self.started

    @property
    def note(self) -> str:
        """What was done to it on this machine, such as an injected fault; empty for nothing."""
        broken = getattr(self.error.__cause__, "injected", "") if self.error is not None else ""
        return str(broken) or self.response_headers.get(MARK)

    @property
    def failed(self) -> bool:
        """Whether no reply came, it could not be read, or it is a refusal."""
        return self.error is not None or self.cancelled or (self.status is not None and self.status >= 400)

    @property
    def media_type(self) -> str:
        """Content type of the reply without its parameters, in lower case."""
        return self.response_headers.get("content-type").partition(";")[0].strip().lower()


@dataclass(slots=True, eq=False)
class SocketRecord:
    """One connection of a WebSocket, from the handshake to its end."""

    id: int
    url: str = field(repr=False)
    started: int
    request_headers: Headers = field(default_factory=Headers, repr=False)
    status: int | None = None
    response_headers: Headers = field(default_factory=Headers, repr=False)
    opened: int | None = None
    """When the handshake was done, `perf_counter_ns`."""
    ended: int | None = None
    close_code: int | None = None
    close_reason: str = ""
    error: str = ""
    phases: Phases = field(default_factory=Phases)
    sent_bytes: int = 0
    received_bytes: int = 0

    @property
    def started_at(self) -> float:
        """When it started, in seconds since the epoch."""
        return (self.started + EPOCH) / 1e9


@dataclass(slots=True, eq=False)
class FrameRecord:
    """One frame of a WebSocket."""

    id: int
    socket: int
    """Id of the `SocketRecord`."""
    direction: Direction
    at: int
    """`perf_counter_ns`; on arrival for what was received."""
    data: str | bytes = field(repr=False)
    """The first `KEPT` characters or bytes."""
    size: int
    """Bytes of the whole payload."""
    opcode: int = TEXT
    cause: Cause | None = None
    note: str = ""
    """What was done to it on this machine, such as an injected fault."""
    weight: int = 0
    """Bytes it takes in the recorder; 0 once it was dropped."""

    @property
    def at_time(self) -> float:
        """When, in seconds since the epoch."""
        return (self.at + EPOCH) / 1e9

    @property
    def type(self) -> str:
        """The frame's `type`; `ping`, `pong` or `close` for those of the protocol, empty where there is none."""
        if self.opcode in _CONTROL:
            return _CONTROL[self.opcode]
        text = self.data if isinstance(self.data, str) else self.data.decode("utf-8", "replace")
        try:
            value, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            # It may have been cut.
            cut = _TYPE.match(text)
            return cut[1] if cut else ""
        kind = value.get("type") if isinstance(value, dict) else None
        return kind if isinstance(kind, str) else ""


_TYPE = re.compile(r'\s*\{\s*"type"\s*:\s*"([^"\\]{1,60})"')
_CONTROL = {CLOSE: "close", PING: "ping", PONG: "pong"}


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
