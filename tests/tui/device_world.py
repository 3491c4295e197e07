"""Terminals of one user on a real platform, each with a player that keeps time by one clock for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from api_client.client import PlatformClient
from api_client.realtime import Realtime
from server.clock import ManualClock as PlatformClock
from server.serve import Running, running
from tests.player.manual_clock import ManualClock
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import quick_settings
from tui.connect import Connect
from tui.device_identity import DeviceIdentity
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule, StreamInfo
from tui.player.switch import PlayerSwitch
from tui.player.track import PlayableTrack
from tui.state.devices import DevicesStore

PASSWORD = "correct horse battery"
PATIENCE = 30.0
SONGS = [PlayableTrack(f"t{number}", f"Song {number}", duration_ms=200_000 + number) for number in range(1, 8)]


class Terminal:
    """One Parlour without its screens."""

    def __init__(self, client: PlatformClient, user_id: str, folder: Path, host: str, clock: ManualClock) -> None:
        self.client = client
        self.said: list[str] = []
        shelf = SourceShelf(lambda: httpx.AsyncClient(), _nothing, AddressRule())
        self.player = Player(SilentEngine(clock, "no sound"), shelf, lambda _: None, clock=clock)
        self.face = PlayerSwitch(self.player, clock)
        self.store = DevicesStore(clock.monotonic)
        self.realtime = Realtime(
            client,
            on_event=lambda frame: self.connect.on_event(frame),
            on_gap=lambda: self.connect.on_gap(),
            on_state=lambda state: self.connect.on_state(state),
            jitter=lambda: 0.0,
        )
        self.connect = Connect(
            client,
            self.realtime,
            self.player,
            self.face,
            self.store,
            DeviceIdentity(folder, host, "", {}),
            user_id,
            lambda sentence, _severity: self.said.append(sentence),
            output_is_chosen=True,
            clock=clock,
        )

    async def open(self) -> None:
        await self.player.open()
        self.realtime.start()
        await self.connect.open()

    async def close(self) -> None:
        await self.connect.close()
        await self.realtime.stop()
        self.face.close()
        await self.player.close()
        await self.client.close()


class DeviceWorld:
    """A platform, its user, and the time."""

    at: Running

    def __init__(self, clock: PlatformClock, folder: Path, stack: AsyncExitStack) -> None:
        self.clock = ManualClock()
        self._platform_clock = clock
        self._settings = replace(quick_settings(folder / "platform"), clock=clock)
        self._folder = folder / "terminals"
        self._stack = stack
        self._platform = AsyncExitStack()
        stack.push_async_callback(self.stop)

    async def start(self) -> None:
        """Start the platform; the second time where it was before."""
        self.at = await self._platform.enter_async_context(running(self._settings))
        self._settings = replace(self._settings, port=int(self.at.url.rpartition(":")[2]))

    async def stop(self) -> None:
        """Stop the platform."""
        await self._platform.aclose()

    async def terminal(self, host: str, user: str = "ann") -> Terminal:
        """Open a terminal of `user` on the machine `host`, and wait until the platform knows it."""
        client, folder = PlatformClient(self.at.url, jitter=lambda: 0.0), self._folder / user
        if folder.exists():
            me = await client.accounts.sign_in(user, PASSWORD)
        else:
            folder.mkdir()
            me = await client.accounts.register(user, f"{user}@example.com", PASSWORD)
        made = Terminal(client, me.id, folder, host, self.clock)
        self._stack.push_async_callback(made.close)
        await made.open()
        own = made.store
        await self.until(lambda: own.is_known and any(d.id == own.own_id and d.is_online for d in own.devices))
        return made

    def pass_time(self, seconds: float) -> None:
        """Let as much time pass for the platform and for every player."""
        self._platform_clock.advance(seconds)
        self.clock.advance(seconds)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until `condition` holds; what is due at once is done, and no time passes."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.clock.advance(0.0)
                await asyncio.sleep(0.005)


@asynccontextmanager
async def device_world(folder: Path) -> AsyncIterator[DeviceWorld]:
    """Give a platform with the catalogue of the server's tests, on a clock that stands still."""
    clock = PlatformClock(datetime(2026, 1, 5, 12, 0, tzinfo=UTC))
    (folder / "terminals").mkdir()
    async with AsyncExitStack() as stack:
        world = DeviceWorld(clock, folder, stack)
        await world.start()
        await seed_catalogue(world.at.state.database)
        yield world


async def _nothing(_track_id: str, _quality: int | None) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")
