"""Platforms that mean harm: bombs, other origins, and forty bodies for every endpoint."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from api_client import endpoints as table
from api_client.auth import MemoryTokens, Tokens
from api_client.calls import Reply
from api_client.client import PlatformClient
from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import PlatformError
from api_client.models.chat import NewMessage
from api_client.realtime import Phase, Realtime, SocketState
from api_client.replies import failure_of, read_json, read_reply
from tests.e2e.machine import ROOT
from tests.faults.bombs import BOMBS

GROWTH_MIB, LARGEST_GROWTH_MIB = 32.0, 48.0
STALL_MS = 100.0
AS_MUCH_AS_IS_TAKEN = "as much JSON as is taken"
QUICK = ("gzip", "as many numbers as are taken")
"""Those that meet the two ways in which a small reply could become a large memory; the others are for the soak."""


def _met(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.bombs", name], cwd=ROOT, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.soak) for name in BOMBS]
)
def test_a_bomb_becomes_a_sentence(name: str) -> None:
    told = _met(name)
    legal = name == AS_MUCH_AS_IS_TAKEN
    assert (told["ending"] == "") is legal, told
    assert told["ending"].isprintable()
    assert told["grown_mib"] <= (LARGEST_GROWTH_MIB if legal else GROWTH_MIB), told
    assert told["stall_ms"] <= STALL_MS, told


# -- another origin

CANARIES = ("canary-access", "canary-refresh", "canary-cookie", "canary-key")


class Origin:
    """A server that keeps every byte it is sent, and answers each request with the same bytes."""

    def __init__(self) -> None:
        self.url = ""
        self.answer = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self.heard = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard += await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
            await writer.drain()
            while data := await asyncio.wait_for(reader.read(65_536), 0.2):
                self.heard += data
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def _origins() -> AsyncIterator[tuple[Origin, Origin]]:
    own, other = Origin(), Origin()
    servers = [await asyncio.start_server(origin, "127.0.0.1", 0) for origin in (own, other)]
    for origin, server in zip((own, other), servers, strict=True):
        origin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield own, other
    finally:
        for server in servers:
            server.close()


def _client(url: str) -> PlatformClient:
    tokens = Tokens(access="canary-access", refresh="canary-refresh", cookie="session=canary-cookie")
    return PlatformClient(url, tokens=MemoryTokens(tokens), jitter=lambda: 0.0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_call_that_is_sent_elsewhere_takes_nothing_there(status: int) -> None:
    async with _origins() as (own, other), _client(own.url) as client:
        own.answer = f"HTTP/1.1 {status} Go\r\nLocation: {other.url}/api\r\nContent-Length: 0\r\n\r\n".encode()
        for call in (
            client.call(table.FEED, deadline=5),
            client.call(
                table.SEND_MESSAGE,
                path={"id": "7"},
                body=NewMessage(content="x"),
                idempotency_key="canary-key",
                deadline=5,
            ),
        ):
            with pytest.raises(PlatformError):
                await call
        assert all(canary.encode() in own.heard for canary in ("canary-access", "canary-cookie", "canary-key"))
        assert other.heard == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_picture_that_is_elsewhere_is_fetched_without_a_token(status: int) -> None:
    async with _origins() as (own, other), _client(own.url) as client:
        own.answer = f"HTTP/1.1 {status} Go\r\nLocation: {other.url}/a.png\r\nContent-Length: 0\r\n\r\n".encode()
        other.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\npng"
        assert await client.media("/a.png") == b"png"
        assert b"GET /a.png" in other.heard
        assert not [canary for canary in CANARIES if canary.encode() in other.heard]


async def test_a_live_connection_that_is_sent_elsewhere_does_not_go() -> None:
    async with _origins() as (own, other), _client(own.url) as client:
        target = other.url.replace("http:", "ws:")
        own.answer = f"HTTP/1.1 302 Go\r\nLocation: {target}/\r\nContent-Length: 0\r\n\r\n".encode()
        waiting = asyncio.Event()

        def follow(state: SocketState) -> None:
            if state.phase is Phase.WAITING:
                waiting.set()

        link = Realtime(client, on_event=lambda _: None, on_gap=lambda: None, on_state=follow)
        link.start()
        await asyncio.wait_for(waiting.wait(), 10)
        await link.stop()
        assert b"Upgrade" in own.heard
        assert other.heard == b""


# -- forty bodies

BODIES = (
    b"", b" ", b"null", b"true", b"0", b'"x"', b"[]", b"{}", b"[[]]", b"[null]", b"[1]", b'["x"]', b"[{}]", b"{",
    b"[1,", b'{"data"}', b'{"data":null}', b'{"data":[]}', b'{"data":{}}', b'{"data":[null]}', b'{"data":"x"}',
    b'{"data":{"items":null}}', b'{"data":[{"id":1}]}', b'{"data":{"id":null}}', b'{"success":false}',
    b'{"success":false,"error":null}', b'{"success":true,"data":{"data":{"data":{}}}}', b'{"error":{"code":1}}',
    b'{"data":{"id":"a","id":"b"}}', b"NaN", b'{"data":NaN}', b'{"data":1e999}', b"[" + b"9" * 5_000 + b"]",
    b'{"data":"\\ud800"}', b'{"data":{"id":"\\u001b[2J"}}', "{}".encode("utf-16"), b"\xff\xfe{}", b"\x00",
    b"<html>Please pay</html>", b"[" * 200_000, b'{"data":{"createdAt":"yesterday","version":-1}}',
    b'{"data":[' + b"1," * 5_000 + b"1]}",
)  # fmt: skip


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_forty_bodies_break_no_endpoint(endpoint: Endpoint) -> None:
    assert len(BODIES) >= 40
    for body in BODIES:
        for kind in ("application/json", "text/html", ""):
            reply = Reply(200, {"content-type": kind}, body)
            try:
                read_reply(reply, endpoint, "https://example.org")
            except PlatformError as error:
                assert error.sentence  # noqa: PT017
                assert error.sentence.isprintable()  # noqa: PT017
        for status in (204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503, 599):
            refusal = failure_of(Reply(status, {}, body), "https://example.org")
            assert refusal is None or refusal.sentence.isprintable()


@pytest.mark.parametrize("text", ['["\\ud800"]', '{"\\udfff": 1}', '{"a": ["\\ud83d", "\\udc00x"]}', '["\ud800"]'])
def test_half_a_character_reaches_nobody(text: str) -> None:
    try:
        value = read_json(text.encode("utf-8", "surrogatepass"), "x")
    except PlatformError:
        return
    json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize("digits", [str(2**63), str(-(2**63) - 1), "1" * 4_000])
def test_a_number_that_no_store_can_keep_is_refused(digits: str) -> None:
    with pytest.raises(PlatformError):
        read_json(f'{{"version": {digits}}}'.encode(), "x")
    assert read_json(b"[9223372036854775807, -9223372036854775808]", "x") == [2**63 - 1, -(2**63)]


def test_a_reply_of_very_many_small_things_is_refused() -> None:
    for body in (b"[" + b"1," * 500_001 + b"1]", b"[" * 100_001, b'{"a":[' + b"{}," * 100_000 + b"{}]}"):
        with pytest.raises(PlatformError, match="more than can be read"):
            read_json(body, "x")


def test_strings_are_cleaned_wherever_they_stand() -> None:
    esc = "\\u001b[2J"
    value = read_json(f'{{"{esc}k": ["{esc}", ["{esc}"], {{"a": "{esc}"}}], "b": "{esc}"}}'.encode(), "x")
    assert "\x1b" not in json.dumps(value, ensure_ascii=False)
    assert read_json(b'"\\u001b"', "x") == "\ufffd"
