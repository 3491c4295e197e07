"""An account whose outbox and cache outlast its terminal, on a real platform that can be cut off."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from api_client.client import PlatformClient
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.cache import Cache
from api_client.sync.intents import sender
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from tui.rebases import rebases
from tui.state.chat import ChatStore
from tui.state.live_records import LiveRecords
from tui.state.music import MusicStore
from tui.state.writes import Writes

PASSWORD = "correct horse battery"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares every account the reading of the machine's certificates; nothing here speaks TLS."""
PATIENCE = 30.0
"""Seconds that a test waits for something at most."""


class Wire(httpx.AsyncBaseTransport):
    """The way to the platform."""

    def __init__(self) -> None:
        self.up = True
        self.loses = ""
        """The method whose next answer is lost, after the platform has done what was asked."""
        self.asked: list[str] = []
        """Methods and paths of what got through."""
        self._inner = httpx.AsyncHTTPTransport(verify=NO_TLS)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.up:
            raise httpx.ConnectError("The platform is away.", request=request)
        self.asked.append(f"{request.method} {request.url.path}")
        response = await self._inner.handle_async_request(request)
        if self.loses == request.method:
            self.loses, self.up = "", False
            await response.aclose()
            raise httpx.ReadError("The answer is lost.", request=request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class Terminal:
    """Parlour running, without its screens. What it shows goes when it is left; what it stored does not."""

    def __init__(self, client: PlatformClient, me: User, disk: Disk, cache: Cache) -> None:
        self.client = client
        self.outbox = Outbox(sender(client), store=MemoryStore(disk), rebase=rebases(client))
        self.writes = Writes(self.outbox)
        self.realtime = Realtime(client, on_event=self._on_event, on_gap=self._on_gap)
        self.chat = ChatStore(client, self.writes, self.realtime, me, cache=cache)
        self.music = MusicStore(client, self.writes, me, cache)
        self.live = LiveRecords(client, self.realtime)
        self.music.put_on_shelf(self.live)

    def _on_event(self, frame: Any) -> None:
        self.chat.on_event(frame)
        self.live.on_event(frame)

    def _on_gap(self) -> None:
        self.chat.on_gap()
        self.live.on_gap()

    async def start(self, *, offline: bool = False) -> None:
        """Show what is open; nothing of it is sent when started `offline`."""
        if offline:
            self.outbox.pause("offline")
        self.outbox.on_foreign(lambda receipt: self.writes.follow(receipt) and None)
        await self.outbox.start()
        for receipt in self.outbox.open:
            self.writes.follow(receipt)
        await asyncio.sleep(0)

    async def shows(self, condition: Callable[[], Any]) -> None:
        """Wait until `condition` holds, looking again at every change."""
        changed = asyncio.Event()
        ends = [store.subscribe(lambda _: changed.set()) for store in (self.chat, self.music)]
        ends.append(self.outbox.subscribe(lambda _: changed.set()))
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await changed.wait()
                    changed.clear()
                    await asyncio.sleep(0)
        finally:
            for end in ends:
                end()

    async def settled(self) -> None:
        """Wait until the platform has confirmed everything."""
        self.outbox.resume()
        assert await self.outbox.drained(PATIENCE), [repr(receipt) for receipt in self.outbox.open]
        for _ in range(5):  # those who follow hear of it after the outbox has
            await asyncio.sleep(0)


class Desk:
    """An account on this machine."""

    def __init__(self, client: PlatformClient, me: User, wire: Wire) -> None:
        self.client = client
        self.me = me
        self.wire = wire
        self.disk = Disk()
        self.cache = Cache.in_memory()
        self._here: Terminal | None = None

    async def terminal(self, *, offline: bool = False) -> Terminal:
        """Leave the terminal there was, without waiting for the platform, and start another one."""
        await self.leave()
        self._here = Terminal(self.client, self.me, self.disk, self.cache)
        await self._here.start(offline=offline)
        return self._here

    async def leave(self) -> None:
        if self._here is not None:
            await self._here.realtime.stop()
            await self._here.outbox.close()
            self._here = None


@asynccontextmanager
async def desks(url: str) -> AsyncIterator[Callable[[str], Any]]:
    """Give what registers somebody under a name and returns their desk."""
    async with AsyncExitStack() as stack:

        async def desk(name: str) -> Desk:
            wire = Wire()
            client = await stack.enter_async_context(PlatformClient(url, transport=wire, jitter=lambda: 0.0))
            me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            made = Desk(client, me, wire)
            stack.push_async_callback(made.leave)
            return made

        yield desk
