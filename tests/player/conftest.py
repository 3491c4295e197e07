"""A real HTTP server with real Ogg files and every fault that a network has."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy
import pytest
import soundfile

from tui.player.clock import LoopClock
from tui.player.downloader import TrackSource
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule, SourceOptions, StreamInfo
from tui.player.supply import Supply
from tui.player.supply import Watch as SourceWatch
from tui.player.tickets import TicketDesk

RATE = 22_050
HERE = AddressRule("http://127.0.0.1")
"""What a platform on this machine may hand out."""


def audio(seconds: float, noise: bool = False, container: str = "OGG", codec: str = "VORBIS") -> bytes:
    """Return `seconds` of a tone, or of noise (which compresses badly)."""
    count = int(seconds * RATE)
    if noise:
        samples = numpy.random.default_rng(1).uniform(-0.3, 0.3, count)
    else:
        samples = 0.3 * numpy.sin(numpy.arange(count) * 440 * 2 * numpy.pi / RATE)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples.astype("float32"), RATE, format=container, subtype=codec)
    return buffer.getvalue()


@dataclass
class Faults:
    """What the server does wrong with one file."""

    status: int | None = None
    expired_answers: int = 0
    """So many requests are answered with 403."""
    cut_each_at: int | None = None
    """Every answer ends after this many bytes of body."""
    cut_for_ever_at: int | None = None
    """Nothing after this offset of the file is ever sent."""
    hold_at: int | None = None
    """Of requests that begin up to this offset, the bytes after it come when `release` is set."""
    hold_answers: bool = False
    """Not even the head of an answer is sent before `release` is set."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    ranges: bool = True
    etag: str = ""
    location: str | None = None
    claimed_size: int | None = None


class AudioServer:
    """Serves `files` under /track/<id>?sig=<n>; a request log tells which ranges were asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, Faults] = {}
        self.log: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.signed = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, track_id: str, data: bytes, **faults: Any) -> Faults:
        self.files[track_id] = data
        self.faults[track_id] = Faults(**faults)
        return self.faults[track_id]

    async def resolve(self, track_id: str, quality: int | None = None) -> StreamInfo:
        self.signed += 1
        url = f"http://127.0.0.1:{self.port}/track/{track_id}?sig={self.signed}"
        return StreamInfo(url, 160, 2**60)

    async def asked(self, count: int) -> None:
        """Wait until `count` requests have come."""
        async with asyncio.timeout(30):
            while len(self.log) < count:
                self._news.clear()
                await self._news.wait()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._serve(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        track_id = head[0].split(" ")[1].partition("?")[0].rpartition("/")[2]
        asked = headers.get("range", "").removeprefix("bytes=")
        self.log.append((track_id, asked))
        self._news.set()
        self.headers.append(headers)
        fault = self.faults.get(track_id, Faults())
        data = self.files.get(track_id)
        if fault.hold_answers:
            await fault.release.wait()
        if fault.expired_answers:
            fault.expired_answers -= 1
            return await _status(writer, 403)
        if fault.location:
            return await _status(writer, 302, f"Location: {fault.location}\r\n")
        if fault.status or data is None:
            return await _status(writer, fault.status or 404)
        if headers.get("if-range", fault.etag) != fault.etag:
            asked = ""
        return await self._body(writer, data, fault, asked)

    async def _body(self, writer: asyncio.StreamWriter, data: bytes, fault: Faults, asked: str) -> bool:
        size = fault.claimed_size or len(data)
        start, end = 0, size
        tag = f"ETag: {fault.etag}\r\n" if fault.etag else ""
        if fault.ranges and asked:
            first, _, last = asked.partition("-")
            start, end = int(first), min(size, int(last) + 1 if last else size)
            writer.write(
                f"HTTP/1.1 206 Partial\r\nContent-Range: bytes {start}-{end - 1}/{size}\r\n{tag}"
                f"Content-Length: {end - start}\r\n\r\n".encode()
            )
        else:
            writer.write(f"HTTP/1.1 200 OK\r\n{tag}Content-Length: {size}\r\n\r\n".encode())
        stops = [stop for stop in (end, fault.cut_for_ever_at) if stop is not None]
        if fault.cut_each_at is not None:
            stops.append(start + fault.cut_each_at)
        stop = max(start, min(stops))
        if fault.hold_at is not None and start <= fault.hold_at and not fault.release.is_set():
            writer.write(data[start : max(start, min(stop, fault.hold_at))])
            await writer.drain()
            start = max(start, min(stop, fault.hold_at))
            if start < stop:
                await fault.release.wait()
        writer.write(data[start:stop])
        await writer.drain()
        return stop == end


async def _status(writer: asyncio.StreamWriter, status: int, more: str = "") -> bool:
    writer.write(f"HTTP/1.1 {status} No\r\n{more}Content-Length: 0\r\n\r\n".encode())
    await writer.drain()
    return True


class Watch:
    """Collects what arrives on the loop and waits for what is expected, without sleeping."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self._news = asyncio.Event()

    def __call__(self, item: Any) -> None:
        self.seen.append(item)
        self._news.set()

    async def until(self, wanted: Callable[[Any], bool], limit_s: float = 8.0) -> Any:
        """Return the first item from now on, or already seen, that is wanted, and forget all up to it."""
        async with asyncio.timeout(limit_s):
            while True:
                for index, item in enumerate(self.seen):
                    if wanted(item):
                        del self.seen[: index + 1]
                        return item
                self._news.clear()
                await self._news.wait()


@pytest.fixture(scope="session")
def tone() -> bytes:
    """1.2 seconds, a few kilobytes."""
    return audio(1.2)


@pytest.fixture(scope="session")
def long_tone() -> bytes:
    """A minute, so that it never ends during a test."""
    return audio(60.0)


@pytest.fixture(scope="session")
def large() -> bytes:
    """A third of a megabyte: longer than what is fetched at first."""
    data = audio(60.0, noise=True)
    assert len(data) > 350_000
    return data


@pytest.fixture(scope="session")
def cut_flac() -> bytes:
    """Twenty seconds by its header, but the second half of the file is missing."""
    data = audio(20.0, container="FLAC", codec="PCM_16")
    return data[: len(data) // 2]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def server() -> AsyncIterator[AudioServer]:
    made = AudioServer()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as made:
        yield made


def ready(client: httpx.AsyncClient) -> Callable[[], Awaitable[httpx.AsyncClient]]:
    """Return what gives a client that is there already."""

    async def give() -> httpx.AsyncClient:
        return client

    return give


@pytest.fixture
def options() -> SourceOptions:
    """The usual sizes, and no waiting between attempts."""
    return SourceOptions(retry_delays_s=(0.0, 0.0, 0.0))


@pytest.fixture
async def shelf(server: AudioServer, client: httpx.AsyncClient, options: SourceOptions) -> AsyncIterator[SourceShelf]:
    made = SourceShelf(lambda: client, server.resolve, HERE, options)
    yield made
    await made.close()


@pytest.fixture
async def make_source(
    server: AudioServer, client: httpx.AsyncClient, options: SourceOptions
) -> AsyncIterator[Callable[..., TrackSource]]:
    made: list[TrackSource] = []

    def make(
        track_id: str, resolve: Any = server.resolve, opts: SourceOptions = options, watch: SourceWatch | None = None
    ) -> TrackSource:
        supply = Supply(ready(client), TicketDesk(resolve, LoopClock()), HERE, opts)
        made.append(TrackSource(track_id, supply, watch=watch))
        return made[-1]

    yield make
    for source in made:
        await source.close()
