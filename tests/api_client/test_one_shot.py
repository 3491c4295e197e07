"""One request without the library says and tells what the same request with it does."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from api_client import one_shot
from api_client.addresses import normalise
from api_client.awaited import Awaited
from api_client.calls import Reply
from api_client.clock import SystemClock
from api_client.errors import PlatformError, Unreachable
from api_client.inspect.faults import FaultSwitch
from api_client.raw import RawClient
from api_client.transport import Wire

LIMIT = 100_000


async def asked_lightly(url: str, method: str = "GET", content: bytes | None = None) -> Reply:
    return await one_shot.exchange(
        method, f"{url}/api/v1/x?a=b", headers={"X-A": "1"}, content=content, limit=LIMIT, user_agent="parlour/test"
    )


async def asked_with_the_library(url: str, method: str = "GET", content: bytes | None = None) -> Reply:
    clock = SystemClock()
    awaited = Awaited(clock)
    wire = Wire(
        normalise(url),
        transport=None,
        user_agent="parlour/test",
        recorder=None,
        awaited=awaited,
        faults=FaultSwitch(),
        clock=clock,
    )
    try:
        return await wire.exchange(
            "raw", method, f"{url}/api/v1/x?a=b", headers={"X-A": "1"}, content=content, limit=LIMIT, tries=[]
        )
    finally:
        await wire.close()
        await awaited.close()


ANSWERS = {
    "plain": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-B: 1\r\nX-B: 2\r\n\r\n{}",
    "until the end": b"HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\nnothing here",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "hints before": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_replies_are_the_same(tcp_server: Callable[..., Any], answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 30)

    async with tcp_server(serve) as url:
        lightly, with_it = await asked_lightly(url), await asked_with_the_library(url)
    assert lightly == with_it


FAILURES = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "said to be too large": b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n",
    "too large": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 200_000,
    "another encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx",
}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES.keys())
async def test_failures_are_told_in_the_same_words(tcp_server: Callable[..., Any], answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 30)

    told = []
    async with tcp_server(serve) as url:
        for ask in (asked_lightly, asked_with_the_library):
            with pytest.raises(PlatformError) as caught:
                await ask(url)
            told.append((type(caught.value), caught.value.sentence, caught.value.may_have_happened))
    assert told[0] == told[1]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-name.invalid"])
async def test_who_cannot_be_reached_is_told_in_the_same_words(url: str) -> None:
    with pytest.raises(PlatformError) as lightly:
        await asked_lightly(url)
    if "127.0.0.1" in url:
        with pytest.raises(PlatformError) as with_it:
            await asked_with_the_library(url)
        assert (type(lightly.value), str(lightly.value)) == (type(with_it.value), str(with_it.value))
    assert not lightly.value.may_have_happened


_OF_THE_CONNECTION = {"connection", "accept", "accept-encoding"}


@pytest.mark.parametrize(("method", "content"), [("GET", None), ("POST", b'{"a":1}'), ("POST", None), ("DELETE", None)])
async def test_the_same_is_said(method: str, content: bytes | None) -> None:
    heard: list[tuple[str, set[str], bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().splitlines()
        said = {line.lower() for line in lines if line.partition(":")[0].lower() not in _OF_THE_CONNECTION}
        heard.append((first, said, await reader.readexactly(len(content or b""))))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asked_lightly(url, method, content)
        await asked_with_the_library(url, method, content)
    assert heard[0] == heard[1]
    assert heard[0][0] == f"{method} /api/v1/x?a=b HTTP/1.1"


async def test_what_is_packed_without_having_been_asked_for_is_refused(tcp_server: Callable[..., Any]) -> None:
    packed = gzip.compress(b"{}")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
        await writer.drain()

    async with tcp_server(serve) as url:
        with pytest.raises(PlatformError, match="not asked for"):
            await asked_lightly(url)
        assert (await asked_with_the_library(url)).body == b"{}"


async def test_who_takes_nothing_holds_nobody_up_beyond_the_time_that_was_given(
    tcp_server: Callable[..., Any],
) -> None:
    async def serve(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with tcp_server(serve) as url, asyncio.timeout(20):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asked_lightly(url, "POST", b"x" * 16_000_000)


@pytest.mark.parametrize("host", ["a" * 70 + ".localhost", "a..localhost"])
async def test_a_name_that_can_be_none_is_told_in_the_same_words(host: str) -> None:
    told = []
    for ask in (asked_lightly, asked_with_the_library):
        with pytest.raises(PlatformError) as caught:
            await ask(f"http://{host}:9")
        told.append(type(caught.value))
    assert told[0] is Unreachable


async def test_long_heads_are_read(tcp_server: Callable[..., Any]) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 90_000 + b"\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with tcp_server(serve) as url:
        assert await asked_lightly(url) == await asked_with_the_library(url)


async def test_what_the_user_wants_packed_is_unpacked(tcp_server: Callable[..., Any]) -> None:
    packed = gzip.compress(b"{}")

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
        await writer.drain()

    async with tcp_server(serve) as url, RawClient(url) as client:
        assert (await client.raw("GET", "/x", headers={"Accept-encoding": "gzip"})).body == b"{}"
