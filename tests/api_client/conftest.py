"""Time that the tests move, replies written by hand, and servers that misbehave."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient

BASE = "http://127.0.0.1:3000"


class QuickClock:
    """A clock on which every sleep is over at once, and is remembered."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.sleeps: list[float] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class HandClock:
    """A clock that stands until `advance` moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self.now = end


@pytest.fixture
def quick() -> QuickClock:
    return QuickClock()


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


Handler = Callable[[httpx.Request], httpx.Response]
MakeClient = Callable[..., PlatformClient]


@pytest.fixture
async def make_client(quick: QuickClock) -> AsyncIterator[MakeClient]:
    """Return what makes a signed-in client whose platform is a function from request to response."""
    clients: list[PlatformClient] = []

    def make(handler: Any = None, **options: Any) -> PlatformClient:
        options.setdefault("tokens", MemoryTokens(Tokens(access="access-1", refresh="refresh-1")))
        options.setdefault("clock", quick)
        options.setdefault("jitter", lambda: 0.5)
        if handler is not None:
            options["transport"] = httpx.MockTransport(handler)
        client = PlatformClient(options.pop("base", BASE), **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def tcp_server() -> Callable[[Serve], Any]:
    """Return a context manager that runs a TCP server on 127.0.0.1 and gives its address."""

    @asynccontextmanager
    async def run(serve: Serve) -> AsyncIterator[str]:
        busy: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            busy.add(task)
            try:
                await reader.readuntil(b"\r\n\r\n")
                await serve(reader, writer)
            except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
                pass
            finally:
                busy.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for task in list(busy):
                task.cancel()
            if busy:
                await asyncio.wait(busy)

    return run
