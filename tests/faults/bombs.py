"""Servers that answer with what should not be swallowed, and a victim in a process of its own that meets one of them.

`python -m tests.faults.bombs NAME` starts the server NAME in a child process, lets a client meet it, and prints as JSON
how the call ended, by how much the client's memory grew, and how long its event loop stood.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from api_client import endpoints as table
from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import PlatformError

GIB = 1 << 30
MIB = 1 << 20
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_TICK = 0.005
_CALL_SECONDS = 15.0

# A megabyte of gzip becomes a gigabyte of blanks. It is put together from the deflate of one mebibyte, flushed so that
# the pieces can stand one behind the other, because to deflate a gigabyte takes seconds.
_SQUEEZER = zlib.compressobj(9, zlib.DEFLATED, -15)
_BLANKS = _SQUEEZER.compress(b" " * MIB) + _SQUEEZER.flush(zlib.Z_FULL_FLUSH)
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def _gzip_bomb() -> bytes:
    return _GZIP_HEAD + _BLANKS * (GIB // MIB)


def _whole(encoding: str, body: bytes) -> bytes:
    return _OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _plain(body: bytes) -> bytes:
    return _OK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def _endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    yield head
    while True:
        yield piece


def _post_page(size: int) -> bytes:
    author = {"id": "u", "username": "ann", "displayName": "Ann", "createdAt": "2026-01-01T00:00:00Z"}
    post = {"kind": "media", "id": "p", "user": author, "media": [], "createdAt": "2026-01-01T00:00:00Z",
            "caption": "x" * 500}  # fmt: skip
    text = json.dumps(post).encode()
    return b'{"success":true,"data":[' + b",".join([text] * (size // (len(text) + 1))) + b"]}"


BOMBS: dict[str, Callable[[], Iterator[bytes]]] = {
    "gzip": lambda: iter([_whole("gzip", _gzip_bomb())]),
    "gzip twice": lambda: iter([_whole("gzip, gzip", gzip.compress(_gzip_bomb()))]),
    "deflate": lambda: iter([_whole("deflate", _BLANKS * 1024)]),
    "brotli": lambda: iter([_whole("br", b"\x5b\xff\xff\xff" * 200)]),
    "zstd": lambda: iter([_whole("zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 32_000)]),
    "endless body": lambda: _endless(_OK + b"\r\n", b" " * 65_536),
    "endless chunks": lambda: _endless(_CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n"),
    "one-byte chunks": lambda: _endless(_CHUNKED, b"1\r\n \r\n" * 10_000),
    "100 MB of JSON": lambda: iter([_plain(b"[" + b"1," * 50_000_000 + b"1]")]),
    "as much JSON as is taken": lambda: iter([_plain(_post_page(8 * MIB - 100))]),
    "as many numbers as are taken": lambda: iter([_plain(b"[" + b"1," * (4 * MIB - 2) + b"1]")]),
    "half a million numbers": lambda: iter([_plain(b"[" + b"1," * 499_999 + b"1]")]),
    "a hundred thousand objects": lambda: iter([_plain(b"[" + b'{"a":1},' * 99_998 + b"{}]")]),
    "depth 200,000": lambda: iter([_plain(b"[" * 200_000 + b"]" * 200_000)]),
    "objects of depth 200,000": lambda: iter([_plain(b'{"a":' * 200_000 + b"1" + b"}" * 200_000)]),
    "a header of 20 MB": lambda: iter([_OK + b"X: " + b"x" * 20_000_000 + b"\r\n\r\n{}"]),
    "20,000 headers": lambda: iter([_OK + b"".join(b"X-%d: x\r\n" % n for n in range(20_000)) + b"\r\n{}"]),
    "endless headers": lambda: _endless(_OK, b"X: x\r\n" * 1_000),
    "a number of a million digits": lambda: iter([_plain(b"[" + b"9" * 1_000_000 + b"]")]),
}


async def _serve(name: str, told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in BOMBS[name]():
                for start in range(0, len(piece), MIB):
                    writer.write(piece[start : start + MIB])
                    await writer.drain()
            await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server(name: str, told: Connection) -> None:
    asyncio.run(_serve(name, told))


async def _watched(work: Any) -> tuple[Any, float]:
    """Run `work`; return its result, and the most seconds of work that lay between two turns of the loop.

    CPU seconds, so that it says nothing of who else uses the machine.
    """
    worst = 0.0

    async def watch() -> None:
        nonlocal worst
        last = time.process_time()
        while True:
            await asyncio.sleep(_TICK)
            now = time.process_time()
            worst = max(worst, now - last)
            last = now

    watcher = asyncio.create_task(watch())
    try:
        return await work, worst
    finally:
        watcher.cancel()


async def _meet(port: int) -> dict[str, Any]:
    tokens = MemoryTokens(Tokens(access="a"))
    # Everything is there that comes with a first call.
    async with PlatformClient("http://127.0.0.1:1", tokens=tokens) as nobody:
        await _end_of(nobody)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with PlatformClient(f"http://127.0.0.1:{port}", tokens=tokens) as client:
        ending, stall = await _watched(_end_of(client))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"ending": ending, "grown_mib": grown, "stall_ms": stall * 1_000}


async def _end_of(client: PlatformClient) -> str:
    """Return the sentence of the error, or nothing if the call went well."""
    try:
        await client.call(table.FEED, deadline=_CALL_SECONDS, retries=0)
    except PlatformError as error:
        return error.sentence
    return ""


def main(name: str) -> None:
    """Let a client meet the bomb `name`, and print what came of it."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_server, args=(name, there), daemon=True)
    server.start()
    try:
        sys.stdout.write(json.dumps(asyncio.run(_meet(here.recv()))))
    finally:
        server.kill()
        server.join()


if __name__ == "__main__":
    main(sys.argv[1])
