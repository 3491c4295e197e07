"""What is recorded of calls over real sockets: phases, reuse, sizes, attempts, failures, causes; no secret leaves."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import logging
import socket
import weakref
from pathlib import Path
from typing import Any

import httpcore
import pytest

from api_client import endpoints as table
from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import BadReply, NotFound, PlatformError, TimedOut, Unreachable
from api_client.inspect.causes import caused_by
from api_client.inspect.curl import as_curl, as_python
from api_client.inspect.har import har_json
from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import SessionRecording
from api_client.inspect.records import KEPT, CallRecord
from api_client.inspect.session_file import Header, read_session
from api_client.inspect.wire_times import TimedBackend, first_of
from tests.api_client.inspect.plain_server import reply, serving
from tests.api_client.test_tls import Authority
from tests.inspect_canary import survivors

INFO = b'{"data":{"name":"x","version":"1","limits":{}}}'


def made(url: str, recorder: Recorder | None, **options: Any) -> PlatformClient:
    options.setdefault("tokens", MemoryTokens(Tokens(access="access-canary-1", refresh="refresh-canary-1")))
    return PlatformClient(url, recorder=recorder, jitter=lambda: 0.0, **options)


async def failing(client: PlatformClient, kind: type[PlatformError]) -> None:
    async with client:
        with pytest.raises(kind):
            await client.platform.info()


async def test_a_new_connection_has_its_phases_and_the_next_call_uses_it_again() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO)) as server, made(server.url, recorder) as client:
        await client.platform.info()
        await client.platform.info()
    first, second = recorder.calls
    assert (first.name, first.method, first.status, first.http_version) == ("platform.meta", "GET", 200, "HTTP/1.1")
    assert first.url == f"{server.url}/api/v1/meta"
    assert first.phases.connect
    assert first.phases.dns is first.phases.tls is None
    assert (first.reused, second.reused, second.phases.connect) == (False, True, None)
    assert first.connection == second.connection is not None
    assert first.server == ("127.0.0.1", int(server.url.rpartition(":")[2]))
    assert server.connections == 1
    for record in (first, second):
        assert record.duration is not None
        assert None not in (record.phases.blocked, record.phases.send, record.phases.wait, record.phases.receive)
        assert 0 < record.phases.total <= record.duration
        assert record.parsed_ns
        assert record.body == INFO
        assert (record.attempt, record.first, record.origin, record.cause) == (1, record.id, "network", None)
        assert dict(record.request_headers)["User-Agent"].startswith("parlour/")
    assert (first.sent_bytes or 0) + (second.sent_bytes or 0) == len(server.heard)
    assert (first.received_bytes or 0) + (second.received_bytes or 0) == len(server.said)


async def test_a_name_takes_time_to_resolve_and_every_address_of_it_is_tried() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO)) as server:
        # It may stand for ::1 first, where nobody listens.
        client = made(server.url.replace("127.0.0.1", "localhost"), recorder)
        async with client:
            await client.platform.info()
    (record,) = recorder.calls
    assert record.phases.dns is not None
    assert record.phases.connect is not None
    assert record.server is not None
    assert record.server[0] == "127.0.0.1"


async def test_a_name_that_nobody_knows_ends_in_its_phase_and_every_attempt_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    recorder = Recorder()
    async with made("https://nowhere.invalid", recorder) as client:
        with pytest.raises(Unreachable, match="is not known"):
            await client.platform.info()
    assert [record.attempt for record in recorder.calls] == [1, 2, 3]
    assert {record.first for record in recorder.calls} == {recorder.calls[0].id}
    for record in recorder.calls:
        assert isinstance(record.error, Unreachable)
        assert record.phases.dns is not None
        assert record.phases.connect is record.phases.wait is record.status is None
        assert record.failed


async def test_a_name_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    backend = TimedBackend(httpcore.AnyIOBackend())
    with pytest.raises(httpcore.ConnectTimeout):
        await backend.connect_tcp("nowhere.invalid", 80, timeout=0.01)


async def test_a_refused_connection_ends_in_its_phase() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        recorder = Recorder()
        await failing(made(f"http://127.0.0.1:{taken.getsockname()[1]}", recorder), Unreachable)
    record = recorder.calls[0]
    assert record.phases.connect is not None
    assert record.phases.send is record.status is record.connection is None
    assert not record.reused


async def test_a_server_that_hangs_up_is_seen_while_it_was_waited_for() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: None) as server:
        await failing(made(server.url, recorder), Unreachable)
    record = recorder.calls[0]
    assert record.phases.wait is not None
    assert record.phases.send is not None
    assert record.status is None
    assert isinstance(record.error, Unreachable)


async def test_a_body_that_breaks_off_leaves_status_and_headers() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO, "Connection: close", length=999)) as server:
        await failing(made(server.url, recorder), PlatformError)
    record = recorder.calls[0]
    assert (record.status, record.body, record.response_headers.get("content-length")) == (200, None, "999")
    assert record.error is not None
    assert record.phases.receive is not None
    assert record.received_bytes == len(reply(INFO, "Connection: close", length=999))


async def test_a_refusal_is_a_reply_and_no_error_of_the_wire() -> None:
    recorder = Recorder()
    refusal = reply(b'{"error":{"code":"NOT_FOUND","message":"no"}}', status="404 Not Found")
    async with serving(lambda line, body: refusal) as server, made(server.url, recorder) as client:
        with pytest.raises(NotFound):
            await client.accounts.me()
    (record,) = recorder.calls
    assert (record.status, record.error, record.failed, record.parsed_ns) == (404, None, True, None)
    # It was never sent, but is in use.
    assert survivors(recorder.redactor.text("<refresh-canary-1>"), "refresh-canary-1") == []


async def test_what_cannot_be_read_is_the_error_of_its_call() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(b"nonsense")) as server:
        await failing(made(server.url, recorder), BadReply)
    (record,) = recorder.calls
    assert isinstance(record.error, BadReply)
    assert (record.status, record.body) == (200, b"nonsense")
    assert record.parsed_ns is not None


async def test_a_caller_that_leaves_ends_the_record() -> None:
    recorder, heard = Recorder(), asyncio.Event()

    def silent(line: str, body: bytes) -> bytes:
        heard.set()
        return b""

    async with serving(silent) as server, made(server.url, recorder) as client:
        call = asyncio.create_task(client.platform.info())
        await heard.wait()
        (under_way,) = recorder.calls
        assert (under_way.ended, under_way.duration) == (None, None)
        call.cancel()
        await asyncio.wait({call})
    assert under_way.cancelled
    assert under_way.ended is not None
    assert under_way.phases.wait is not None


async def test_sizes_are_told_inflated_and_as_they_came_and_no_more_is_kept_than_the_limit() -> None:
    recorder = Recorder()
    large = b'{"data":{"name":"' + b"x" * 200_000 + b'","version":"1","limits":{}}}'
    packed = gzip.compress(large)
    answer = reply(packed, "Content-Encoding: gzip")
    async with serving(lambda line, body: answer) as server, made(server.url, recorder) as client:
        await client.platform.info()
    (record,) = recorder.calls
    assert (record.wire_size, record.body_size, record.body) == (len(packed), len(large), large[:KEPT])
    assert recorder.size < KEPT + 10_000


async def test_an_upload_that_is_streamed_has_its_size_and_no_body() -> None:
    recorder = Recorder()

    def answer(line: str, body: bytes) -> bytes:
        if line.startswith("POST /api/v1/uploads "):
            url = "/api/v1/uploads/up/bytes?sig=signature-canary"
            return reply(json.dumps({"data": {"uploadId": "up", "url": url, "expiresAt": 1}}).encode())
        return reply(b'{"data":{}}')

    async with serving(answer) as server, made(server.url, recorder) as client:
        await client.uploads.upload(b"\x89PNG" * 50_000, "a.png", "image/png")
    announced, sent, completed = recorder.calls
    assert [record.name for record in recorder.calls][1] == "upload"
    assert (sent.method, sent.request_body, sent.request_size) == ("PUT", None, 200_000)
    assert (sent.sent_bytes or 0) > 200_000
    assert announced.request_body is not None
    assert completed.status == 200
    assert survivors(har_json(recorder.calls, redactor=recorder.redactor), "signature-canary") == []


async def test_tls_has_a_phase_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    recorder = Recorder()
    tls = authority.server("127.0.0.1")
    async with serving(lambda line, body: reply(INFO), context=tls) as server, made(server.url, recorder) as client:
        await client.platform.info()
        await client.platform.info()
    first, second = recorder.calls
    assert first.phases.connect
    assert first.phases.tls
    assert (second.phases.tls, second.reused) == (None, True)
    assert first.sent_bytes is not None


async def test_a_certificate_that_is_not_trusted_ends_in_its_phase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO), context=authority.server("127.0.0.2")) as server:
        await failing(made(server.url, recorder), Unreachable)
    assert recorder.calls[0].phases.tls is not None
    assert recorder.calls[0].phases.send is None


async def test_recording_may_begin_and_end_while_connections_stand() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO)) as server, made(server.url, None) as client:
        await client.platform.info()
        client.recorder = recorder
        await client.platform.info()
        client.recorder = None
        await client.platform.info()
        (pool,) = [lane._transport._pool for lane in client._wire._clients.values()]  # type: ignore[attr-defined]
        assert not isinstance(pool._network_backend, TimedBackend)
        client.recorder = recorder
        assert isinstance(pool._network_backend, TimedBackend)
    (record,) = recorder.calls
    assert record.reused
    assert record.phases.wait is not None
    assert record.phases.receive is not None
    assert record.connection is record.sent_bytes is record.phases.blocked is None


async def test_a_record_that_was_dropped_is_gone_from_memory_at_once() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO)) as server, made(server.url, recorder) as client:
        gc.disable()
        try:
            await client.platform.info()
            dropped = weakref.ref(recorder.calls[0])
            recorder.clear()
            assert dropped() is None
        finally:
            gc.enable()


async def test_calls_carry_the_action_that_caused_them() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: reply(INFO)) as server, made(server.url, recorder) as client:
        with caused_by("feed.refresh", "Refresh") as pressed:
            task = asyncio.create_task(client.platform.info())
        with caused_by("feed.refresh", "Refresh") as again:
            await client.platform.info()
        await task
        await client.platform.info()
    causes = [record.cause for record in recorder.calls]
    assert sorted(causes[:2], key=lambda cause: cause.number if cause else 0) == [pressed, again]
    assert causes[2] is None


async def test_what_takes_too_long_in_all_is_a_call_that_was_left() -> None:
    recorder = Recorder()
    async with serving(lambda line, body: b"") as server, made(server.url, recorder) as client:
        with pytest.raises(TimedOut):
            await client.call(table.META, deadline=0.05)
    assert recorder.calls[0].cancelled


SECRETS = ("passw0rd-canary", "access-canary", "refresh-canary", "cookie-canary", "renewed-canary", "signed-canary")


async def test_nothing_that_leaves_holds_a_secret_and_the_logs_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    recorder = Recorder()
    user = {"id": "u", "username": "ann", "createdAt": "2026-01-01T00:00:00Z"}

    def answer(line: str, body: bytes) -> bytes:
        if "/auth/login" in line:
            data = {"accessToken": "access-canary", "refreshToken": "refresh-canary", "user": user}
            return reply(json.dumps(data).encode(), "Set-Cookie: session=cookie-canary; Path=/")
        if "/auth/refresh" in line:
            return reply(json.dumps({"accessToken": "renewed-canary", "refreshToken": "r", "expiresIn": 900}).encode())
        if b"renewed-canary" not in bytes(server.heard):
            return reply(b'{"error":{"code":"TOKEN_EXPIRED"}}', status="401 Unauthorized")
        echo = f"access-canary {json.dumps('passw0rd-canary')} /media/x?sig=signed-canary&exp=1"
        return reply(json.dumps({"data": {"user": {**user, "bio": echo}}}).encode())

    async with serving(answer) as server, made(server.url, recorder, tokens=MemoryTokens()) as client:
        await client.accounts.sign_in("ann", "passw0rd-canary")
        await client.accounts.me()
    assert [record.name for record in recorder.calls] == ["auth.login", "auth.me", "auth.refresh", "auth.me"]
    assert recorder.calls[3].first == recorder.calls[1].id
    outputs = [har_json(recorder.calls, redactor=recorder.redactor)]
    for record in recorder.calls:
        outputs += [as_curl(record, recorder.redactor), as_python(record, recorder.redactor), repr(record)]
    outputs += [entry.getMessage() for entry in caplog.records]
    assert survivors("\n".join(outputs), *SECRETS) == []
    assert "ann" in outputs[0]


async def test_the_first_connection_that_stands_is_taken_and_the_late_one_closed() -> None:
    closed: list[str] = []
    slow = asyncio.Event()

    class Stream(httpcore.AsyncNetworkStream):
        def __init__(self, name: str) -> None:
            self.name = name

        async def aclose(self) -> None:
            closed.append(self.name)

    async def connect(address: str) -> httpcore.AsyncNetworkStream:
        match address:
            case "bad":
                raise httpcore.ConnectError("refused")
            case "slow":
                try:
                    await slow.wait()
                except asyncio.CancelledError:
                    closed.append("slow was given up")
                    raise
        return Stream(address)

    async def name_of(*addresses: str) -> str:
        stream = await first_of(connect, list(addresses))
        assert isinstance(stream, Stream)
        return stream.name

    assert await name_of("good") == "good"
    assert await name_of("bad", "good") == "good"
    assert await name_of("slow", "bad", "good") == "good"
    assert closed == ["slow was given up"]
    with pytest.raises(httpcore.ConnectError, match="refused"):
        await first_of(connect, ["bad", "bad"])


def test_a_record_says_no_secret_of_itself() -> None:
    record = CallRecord(1, "media", "GET", "http://x?sig=canary", 0, request_body=b"canary", body=b"canary")
    assert "canary" not in repr(record)


async def test_while_a_session_is_recorded_bodies_are_kept_whole_and_then_no_more(tmp_path: Path) -> None:
    recorder = Recorder()
    large = b'{"data":{"name":"' + b"x" * 200_000 + b'","version":"1","limits":{}}}'
    async with serving(lambda line, body: reply(large)) as server, made(server.url, recorder) as client:
        recording = SessionRecording(tmp_path / "s.jsonl", recorder, Header(platform=client.address.base))
        await client.platform.info()
        await recording.stop()
        await client.platform.info()
    first, last = recorder.calls
    assert first.body == large
    assert last.body == large[:KEPT]
    (call,) = read_session(tmp_path / "s.jsonl").calls
    assert call.reply is not None
    assert not call.reply.cut
    assert call.reply.json_ == json.loads(large)
