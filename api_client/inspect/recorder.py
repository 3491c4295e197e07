"""The last calls and frames, as many as fit into a limit of bytes and of records."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping

from api_client.auth import Tokens
from api_client.clock import Clock, SystemClock
from api_client.inspect.loop_lag import LoopLag
from api_client.inspect.records import KEPT, CallRecord, FrameRecord, SocketRecord
from api_client.inspect.redaction import Redactor

LIMIT_BYTES = 16 * 1024 * 1024
LIMIT_RECORDS = 10_000
"""Of calls, and of frames."""
LIMIT_SOCKETS = 200

_CALL_OVERHEAD, _FRAME_OVERHEAD = 3_500, 300
"""Bytes that a record takes besides bodies and the headers of the reply."""


class Recorder:
    """Keeps what goes over the wire; the oldest goes when there is no room.

    Calls and frames each have at least half of the room, so that a flood of one does not drive out the other. Nothing
    may be drawn from a callback: it notes that something changed, and whoever draws comes by on its own.
    """

    def __init__(
        self, limit_bytes: int = LIMIT_BYTES, clock: Clock | None = None, *, limit_records: int = LIMIT_RECORDS
    ) -> None:
        """Keep at most `limit_bytes`, and `limit_records` calls and as many frames."""
        self.limit_bytes = limit_bytes
        self.limit_records = limit_records
        self.clock = clock or SystemClock()
        self.kept = KEPT
        """Bytes of a body that are kept; more while somebody needs it whole."""
        self.redactor = Redactor()
        """Knows the secrets that were seen; everything that leaves goes through it."""
        self.lag = LoopLag()
        """Knows by how much this program was late itself."""
        self.version = 0
        """Rises with every change."""
        self.dropped = 0
        """Records that had to go."""
        self._calls: deque[CallRecord] = deque()
        self._frames: deque[FrameRecord] = deque()
        self._sockets: deque[SocketRecord] = deque(maxlen=LIMIT_SOCKETS)
        self._call_bytes = self._frame_bytes = 0
        self._ids = itertools.count(1)
        self._callbacks: tuple[Callable[[], None], ...] = ()
        self._authorization = self._cookie = ""

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The calls, newest last, those under way included."""
        return tuple(self._calls)

    @property
    def frames(self) -> tuple[FrameRecord, ...]:
        """The frames, newest last."""
        return tuple(self._frames)

    @property
    def sockets(self) -> tuple[SocketRecord, ...]:
        """The connections of sockets, newest last."""
        return tuple(self._sockets)

    @property
    def size(self) -> int:
        """Bytes that the records take, about."""
        return self._call_bytes + self._frame_bytes

    def next_id(self) -> int:
        """Return a number for a record, unique in this recorder and rising."""
        return next(self._ids)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` at every change; the function that is returned ends that."""
        self._callbacks += (callback,)

        def unsubscribe() -> None:
            self._callbacks = tuple(other for other in self._callbacks if other is not callback)

        return unsubscribe

    def started(self, record: CallRecord) -> None:
        """Take in a call that leaves now."""
        weight = _CALL_OVERHEAD + len(record.url) + len(record.request_body or b"")
        record.weight = weight
        self._calls.append(record)
        self._call_bytes += weight
        self._settle()

    def ended(self, record: CallRecord) -> None:
        """Note that `record`, changed by whoever watched the call, is complete."""
        if record.weight:
            bodies = len(record.request_body or b"") + len(record.body or b"")
            # Each line of headers takes several times its text; what else was read is known to the byte.
            headers = 4 * max(0, (record.received_bytes or 0) - record.wire_size)
            weight = _CALL_OVERHEAD + len(record.url) + bodies + headers
            self._call_bytes += weight - record.weight
            record.weight = weight
        self._settle()

    def socket(self, record: SocketRecord) -> None:
        """Take in the connection of a socket."""
        self._sockets.append(record)
        self._settle()

    def frame(self, record: FrameRecord) -> None:
        """Take in a frame."""
        record.weight = _FRAME_OVERHEAD + len(record.data)
        self._frames.append(record)
        self._frame_bytes += record.weight
        self._settle()

    def changed(self) -> None:
        """Say that a record has changed."""
        self.version += 1
        for callback in self._callbacks:
            callback()

    def clear(self) -> None:
        """Forget every record; secrets stay known."""
        for call in self._calls:
            call.weight = 0
        for frame in self._frames:
            frame.weight = 0
        self._calls.clear()
        self._frames.clear()
        self._sockets.clear()
        self._call_bytes = self._frame_bytes = self.dropped = 0
        self.changed()

    def learn_tokens(self, tokens: Tokens) -> None:
        """Know by value, from now on, what somebody signed in with."""
        self.redactor.add(tokens.access, "token")
        self.redactor.add(tokens.refresh, "token")
        if tokens.cookie:
            self.redactor.add_headers([("Cookie", tokens.cookie)])

    def learn_headers(self, headers: Mapping[str, str]) -> None:
        """Know the token and the cookie that a request carries; the same ones again cost a comparison."""
        authorization, cookie = headers.get("Authorization", ""), headers.get("Cookie", "")
        if authorization != self._authorization or cookie != self._cookie:
            self._authorization, self._cookie = authorization, cookie
            self.redactor.add_headers([("Authorization", authorization), ("Cookie", cookie)])

    def learn_from(self, record: CallRecord) -> None:
        """Know the secrets in a sign-in and its reply, and in cookies that are set."""
        self.redactor.add_headers(record.response_headers)
        for body in (record.request_body, record.body):
            try:
                self.redactor.add_json(json.loads(body or b"null"))
            except (ValueError, RecursionError):
                continue  # No JSON: then nothing in it was understood as a secret either.

    def _settle(self) -> None:
        while self._call_bytes + self._frame_bytes > self.limit_bytes:
            if self._frames and (self._frame_bytes > self.limit_bytes // 2 or not self._calls):
                self._drop_frame()
            else:
                self._drop_call()
        if len(self._calls) > self.limit_records:
            self._drop_call()
        if len(self._frames) > self.limit_records:
            self._drop_frame()
        self.changed()

    def _drop_call(self) -> None:
        record = self._calls.popleft()
        self._call_bytes -= record.weight
        record.weight = 0
        self.dropped += 1

    def _drop_frame(self) -> None:
        record = self._frames.popleft()
        self._frame_bytes -= record.weight
        record.weight = 0
        self.dropped += 1
