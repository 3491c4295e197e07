"""One exchange over HTTP into one record, while it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from time import perf_counter_ns
from typing import TYPE_CHECKING, TypeVar

from api_client.calls import Reply
from api_client.errors import PlatformError
from api_client.inspect.causes import current_cause
from api_client.inspect.records import CallRecord, Headers, Phases
from api_client.inspect.wire_times import CURRENT, WireTimes, attach, detach

if TYPE_CHECKING:
    import httpx

    from api_client.inspect.recorder import Recorder

T = TypeVar("T")

Tries = list[CallRecord]
"""The attempts of one call so far; empty while nothing is recorded."""


class Watch:
    """Is told by the one who sends what an exchange comes to."""

    __slots__ = ("answered_at", "record", "response", "times", "wire_size")

    def __init__(self, record: CallRecord) -> None:
        self.record = record
        self.times = WireTimes()
        self.response: httpx.Response | None = None
        self.answered_at = 0
        self.wire_size = 0

    def sends(self, request: httpx.Request) -> None:
        """Note the request as it leaves, with the headers that httpx adds."""
        self.record.request_headers = Headers(request.headers.raw)

    def answered(self, response: httpx.Response) -> None:
        """Note that the head of the reply is there."""
        self.answered_at = perf_counter_ns()
        self.response = response


def attend(client: httpx.AsyncClient, *, timed: bool) -> None:
    """Let the connections that `client` opens from now on be timed, or not any more."""
    (attach if timed else detach)(client)


async def watched(
    recorder: Recorder,
    send: Callable[[Watch], Awaitable[Reply]],
    tries: Tries | None,
    name: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | AsyncIterator[bytes] | None,
) -> Reply:
    """Carry out `send` and return or raise what it does; `recorder` has the record from the start, whole at the end."""
    cause = current_cause()
    record = CallRecord(recorder.next_id(), name, method, url, perf_counter_ns())
    record.cause = cause
    record.first = tries[0].id if tries else record.id
    if tries is not None:
        tries.append(record)
        record.attempt = len(tries)
    if cause is not None:
        record.origin = cause.origin
    if isinstance(content, bytes):
        record.request_body, record.request_size = content[: recorder.kept], len(content)
    elif content is not None:
        length = headers.get("Content-Length", "")
        record.request_size = int(length) if length.isdecimal() else -1
    recorder.learn_headers(headers)
    recorder.lag.begin()
    recorder.started(record)
    watch = Watch(record)
    # Left as it is afterwards: every exchange sets its own, and nothing else of this task uses a connection.
    CURRENT.set(watch.times)
    try:
        reply = await send(watch)
        record.body, record.body_size = reply.body[: recorder.kept], len(reply.body)
        return reply
    except PlatformError as error:
        record.error = error
        raise
    except asyncio.CancelledError:
        record.cancelled = True
        raise
    finally:
        _complete(recorder, watch)


async def reading(recorder: Recorder | None, record: CallRecord, work: Awaitable[T]) -> T:
    """Carry out `work`, which reads the reply of `record`, and note how long it takes and whether it fails."""
    start = perf_counter_ns()
    try:
        return await work
    except PlatformError as error:
        record.error = error
        raise
    finally:
        record.parsed_ns = perf_counter_ns() - start
        if recorder is not None:
            recorder.changed()


def _complete(recorder: Recorder, watch: Watch) -> None:
    record, times, response = watch.record, watch.times, watch.response
    record.ended = ended = perf_counter_ns()
    if response is not None:
        record.status = response.status_code
        record.http_version = response.http_version
        record.response_headers = Headers(response.headers.raw)
        record.wire_size = watch.wire_size
    if times.first_write or times.dns is not None or times.connect is not None:
        record.phases = times.phases(record.started, ended)
        record.connection, record.server = times.connection, times.server
        record.sent_bytes, record.received_bytes = times.sent, times.received
    elif response is not None:
        # A connection from before anybody looked, or a transport without one.
        record.phases = Phases(wait=watch.answered_at - record.started, receive=ended - watch.answered_at)
    record.reused = times.connect is None and response is not None and "network_stream" in response.extensions
    record.loop_lag = recorder.lag.end(record.started)
    if record.name.startswith("auth.") or (response is not None and "set-cookie" in response.headers):
        recorder.learn_from(record)
    recorder.ended(record)
