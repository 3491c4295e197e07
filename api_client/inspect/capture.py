"""One exchange over HTTP into one record, while it happens."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from time import perf_counter_ns
from typing import TYPE_CHECKING

from api_client.errors import PlatformError
from api_client.inspect.causes import current_cause
from api_client.inspect.records import CallRecord, Headers
from api_client.inspect.wire_times import CURRENT, WireTimes, attach, detach

if TYPE_CHECKING:
    import httpx

    from api_client.calls import Reply
    from api_client.inspect.recorder import Recorder

Tries = list[CallRecord]
"""The attempts of one call so far; empty while nothing is recorded."""


class Watch(WireTimes):
    """Is told by the one who sends what an exchange comes to."""

    def __init__(self, recorder: Recorder, record: CallRecord) -> None:
        self.recorder = recorder
        self.record = record

    def sends(self, request: httpx.Request) -> None:
        """Note the request as it leaves, with the headers that httpx adds."""
        self.record.request_headers = Headers(request.headers)

    def has_answer(self, response: httpx.Response) -> None:
        """Note that the head of the reply is there."""
        self.answered = perf_counter_ns()
        record = self.record
        record.status = response.status_code
        record.http_version = response.http_version
        record.response_headers = Headers(response.headers)
        # No connect in this exchange: the pool had one, if the transport has a pool at all.
        record.reused = self.connect is None and "network_stream" in response.extensions

    def has_reply(self, reply: Reply, wire_size: int) -> None:
        """Note the whole reply, and how many bytes its body had on the way."""
        record, body = self.record, reply.body
        record.body, record.body_size, record.wire_size = body[: self.recorder.kept], len(body), wire_size
        if reply.cookies:
            self.recorder.learn_from(record)

    def has_streamed(self, size: int) -> None:
        """Note how many bytes of a body were read; the bytes themselves are not kept."""
        self.record.body_size = self.record.wire_size = size

    def fails(self, error: BaseException) -> None:
        """Note why there is no reply."""
        if isinstance(error, PlatformError):
            self.record.error = error
        else:
            self.record.cancelled = True

    def ends(self) -> None:
        """Hand the record in, complete."""
        record, recorder = self.record, self.recorder
        record.ended = now = perf_counter_ns()
        if self.first_write or self.connect is not None:
            record.connection, record.server = self.connection, self.server
            record.sent_bytes, record.received_bytes = self.sent, self.received
        lag = recorder.lag.end(record.started, now)
        if lag:
            record.loop_lag = lag
        if record.name.startswith("auth."):
            recorder.learn_from(record)
        recorder.ended(record)
        # What this task asks for without being recorded is no part of it.
        CURRENT.set(None)
        # The record keeps the times: if they kept it as well, it would stay in memory after it was dropped.
        del self.record, self.recorder


def begin(
    recorder: Recorder,
    tries: Tries | None,
    name: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | AsyncIterator[bytes] | None,
) -> Watch:
    """Return the watch over an exchange that begins now; its record is there from the start."""
    record = CallRecord.begun(recorder.next_id(), name, method, url, perf_counter_ns())
    record.first = tries[0].id if tries else record.id
    if tries is not None:
        tries.append(record)
        if len(tries) > 1:
            record.attempt = len(tries)
    cause = current_cause()
    if cause is not None:
        record.cause, record.origin = cause, cause.origin
    if content is not None:
        _note_body(record, headers, content, recorder.kept)
    watch = Watch(recorder, record)
    record.times = watch
    CURRENT.set(watch)
    recorder.learn_headers(headers)
    recorder.lag.begin()
    recorder.started(record)
    return watch


def _note_body(
    record: CallRecord, headers: Mapping[str, str], content: bytes | AsyncIterator[bytes], kept: int
) -> None:
    if isinstance(content, bytes):
        record.request_body, record.request_size = content[:kept], len(content)
    else:
        length = headers.get("Content-Length", "")
        record.request_size = int(length) if length.isdecimal() else -1


def note_reading(recorder: Recorder | None, record: CallRecord) -> None:
    """Note that the reply of `record` has been read just now, and why it could not be, if that is being raised."""
    record.parsed_ns = perf_counter_ns() - (record.ended or record.started)
    error = sys.exception()
    if isinstance(error, PlatformError):
        record.error = error
    if recorder is not None:
        recorder.changed()


def attend(client: httpx.AsyncClient, *, timed: bool) -> None:
    """Let the connections that `client` opens from now on be timed, or not any more."""
    (attach if timed else detach)(client)
