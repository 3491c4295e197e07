"""A platform behind a relay that throws version notices into its sockets, as fast as it is told to.

It is a process of its own. A line on its input is one storm: events per second, seconds, keys. Its answer is one line
of JSON: how many events were sent, in how many seconds, and the last version of each key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from server.serve import running
from server.settings import HashCost, RateLimits, Settings

READY = "listening on "
TICK_SECONDS = 0.005
END_KEY = "storm:end"
"""Comes once, after everything: who has it has all."""
_CHUNK = 65_536


def key_of(number: int) -> str:
    """Return a key as long as those of the platform."""
    return f"posts:00000000-0000-7000-8000-{number:012}"


def frame(key: str, version: int) -> bytes:
    """Return a whole frame of the WebSocket that notifies of one version."""
    return framed(f'{{"type":"updates","updates":[{{"key":"{key}","version":{version}}}]}}'.encode())


def framed(text: bytes) -> bytes:
    """Return a whole frame of the WebSocket with `text` in it."""
    head = bytes([0x81, len(text)]) if len(text) < 126 else b"\x81\x7e" + struct.pack(">H", len(text))
    return head + text


class Edges:
    """Knows, of a stream of frames, whether it stands between two of them."""

    def __init__(self) -> None:
        self._rest = b""
        self._missing = 0

    def pass_by(self, data: bytes) -> bool:
        """Take what was sent; whether a frame may follow now."""
        while data:
            if self._missing:
                taken = min(self._missing, len(data))
                self._missing -= taken
                data = data[taken:]
                continue
            head = self._rest + data
            size = head[1] & 0x7F if len(head) > 1 else 0
            header = 2 + {126: 2, 127: 8}.get(size, 0)
            if len(head) < header:
                self._rest = head
                return False
            self._rest = b""
            self._missing = size if size < 126 else int.from_bytes(head[2:header])
            data = head[header:]
        return not self._missing


class Relay:
    """Passes on what platform and client say to each other, and throws frames in between."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: dict[asyncio.StreamWriter, bool] = {}
        """Of each open socket, whether a frame may follow now."""
        self._held: dict[asyncio.StreamWriter, bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        above, up = await asyncio.open_connection("127.0.0.1", self._port)
        pumps = [asyncio.create_task(self._up(reader, up)), asyncio.create_task(self._down(above, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            self._sockets.pop(writer, None)
            up.transport.abort()
            writer.close()

    async def storm(self, rate: float, seconds: float, keys: int) -> dict[str, object]:
        """Throw `rate` events per second for `seconds` over `keys` keys, and say what was thrown."""
        versions = dict.fromkeys((key_of(number) for number in range(keys)), 1)
        names = list(versions)
        dice = random.Random(7)
        sent, began = 0, time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            batch = []
            for _ in range(int(passed * rate) - sent):
                key = names[dice.randrange(keys)]
                versions[key] += 1
                batch.append(frame(key, versions[key]))
            sent += len(batch)
            await self._throw(b"".join(batch))
            await asyncio.sleep(TICK_SECONDS)
        took = time.monotonic() - began
        await self._throw(frame(END_KEY, 1))
        return {"sent": sent, "seconds": took, "sockets": len(self._sockets), "versions": versions}

    async def _throw(self, data: bytes) -> None:
        for writer in list(self._sockets):
            if not self._sockets.get(writer):
                # In the middle of a frame of the platform: the rest of it comes first, and this after it.
                self._held[writer] = self._held.get(writer, b"") + data
                continue
            with contextlib.suppress(ConnectionError):
                writer.write(self._held.pop(writer, b"") + data)
                await writer.drain()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(_CHUNK)
        writer.write(head)
        if not head.startswith(b"HTTP/1.1 101"):
            while data := await reader.read(_CHUNK):
                writer.write(data)
                await writer.drain()
            return
        edges = Edges()
        self._sockets[writer] = edges.pass_by(head.partition(b"\r\n\r\n")[2])
        while data := await reader.read(_CHUNK):
            writer.write(data)
            self._sockets[writer] = edges.pass_by(data)


R = TypeVar("R", bound=Relay)


async def serve_behind(
    folder: Path, make: Callable[[int], R], answer: Callable[[R, list[str]], Awaitable[object]]
) -> None:
    """Run a platform behind the relay that `make` gives for its port, and answer each line of stdin by one of JSON."""
    settings = Settings(
        data_dir=folder,
        port=0,
        hash_cost=HashCost(passes=1, memory_kib=8, lanes=1),
        limits=RateLimits(posts_per_hour=10_000, logins_per_minute=10_000, requests_per_minute=1_000_000),
    )
    async with running(settings) as at:
        relay = make(int(at.url.rpartition(":")[2]))
        server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
        print(f"{READY}http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await answer(relay, line.split())), flush=True)
        server.close()


async def _storm(relay: Relay, words: list[str]) -> object:
    rate, seconds, keys = words
    return await relay.storm(float(rate), float(seconds), int(keys))


if __name__ == "__main__":
    asyncio.run(serve_behind(Path(sys.argv[1]), Relay, _storm))
