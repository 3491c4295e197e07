"""A platform's socket that does what a test says, and a link to it that remembers what it was told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from api_client.addresses import normalise
from api_client.auth import Authority, MemoryTokens, Tokens
from api_client.inspect.faults import FaultSwitch
from api_client.inspect.recorder import Recorder
from api_client.models.users import TokenPair
from api_client.realtime import Phase, Realtime, SocketState

PATIENCE = 30.0


def sleep_through(hand: Any, seconds: float) -> None:
    """Let the clock go on while nobody who waits by it notices, as on a machine that is suspended."""
    hand.now += seconds
    hand._sleepers = [(at + seconds, order, woken) for at, order, woken in hand._sleepers]


class Hub:
    """A platform's socket: signs in by the first frame, answers pings, and remembers what it was sent."""

    def __init__(self) -> None:
        self.token = "access-1"
        self.connections: list[ServerConnection] = []
        self.paths: list[str] = []
        self.received: list[list[dict[str, Any]]] = []
        self.silent = False
        self.versions: dict[str, int] = {}
        """What is told of a key that is asked for."""
        self.pongs_only = False
        self.refusals: list[tuple[HTTPStatus, dict[str, str]]] = []

    async def __call__(self, connection: ServerConnection) -> None:
        frames: list[dict[str, Any]] = []
        self.received.append(frames)
        self.paths.append(connection.request.path if connection.request else "")
        first = json.loads(await connection.recv())
        if first != {"type": "auth", "token": self.token}:
            await connection.send(json.dumps({"type": "error", "message": "Authentication failed"}))
            await connection.close(4401, "Authentication failed")
            return
        await connection.send(json.dumps({"type": "ready", "userId": "u", "protocol": 1}))
        self.connections.append(connection)
        try:
            async for raw in connection:
                frame = json.loads(raw)
                frames.append(frame)
                if frame["type"] == "ping" and not self.silent:
                    await connection.send(json.dumps({"type": "pong", "t": frame["t"]}))
                if frame["type"] == "subscribe" and frame["key"] in self.versions and not self.pongs_only:
                    notice = {"key": frame["key"], "version": self.versions[frame["key"]]}
                    await connection.send(json.dumps({"type": "updates", "updates": [notice]}, separators=(",", ":")))
        except ConnectionClosed:
            return

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        if not self.refusals:
            return None
        status, headers = self.refusals.pop(0)
        response = connection.respond(status, "no\n")
        response.headers.update(headers)
        return response


class FixedHost:
    def __init__(self, base: str, clock: Any, store: MemoryTokens) -> None:
        self.address = normalise(base)
        self.clock = clock
        self.user_agent = "parlour/test"
        self.recorder: Recorder | None = None
        self.renewals: list[str] = []
        self.signed_out = 0
        self.renewal: Callable[[], TokenPair] = lambda: TokenPair(access_token="access-2", refresh_token="r-2")
        self.auth = Authority(store, self._refresh, clock, on_signed_out=self._on_signed_out)

    async def _refresh(self, token: str) -> TokenPair:
        self.renewals.append(token)
        return self.renewal()

    def _on_signed_out(self) -> None:
        self.signed_out += 1


class Scene:
    """A link to a hub, and everything it said."""

    def __init__(self, hub: Hub, base: str, clock: Any) -> None:
        self.hub, self.clock = hub, clock
        self.host = FixedHost(base, clock, MemoryTokens(Tokens(access="access-1", refresh="r-1")))
        self.states: list[SocketState] = []
        self.events: list[Any] = []
        self.changed = asyncio.Event()
        self.signs = 0
        self.faults = FaultSwitch()
        self.link = Realtime(
            self.host, on_event=self._event, on_gap=self._gap, on_state=self._state, on_sign=self._sign, clock=clock,
            jitter=lambda: 0.5, faults=self.faults,
        )  # fmt: skip

    def _sign(self) -> None:
        self.signs += 1
        self.changed.set()

    def _event(self, event: Any) -> None:
        self.events.append(event)
        self.changed.set()

    def _gap(self) -> None:
        self.events.append("gap")
        self.changed.set()

    def _state(self, state: SocketState) -> None:
        self.states.append(state)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Come back when `condition` holds, looking again whenever something happened."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                try:
                    await asyncio.wait_for(self.changed.wait(), 0.05)
                except TimeoutError:
                    continue

    async def until_phase(self, phase: Phase, count: int = 1) -> None:
        await self.until(lambda: sum(state.phase is phase for state in self.states) >= count)

    async def push(self, **frame: Any) -> None:
        await self.hub.connections[-1].send(json.dumps(frame))


@asynccontextmanager
async def open_scene(clock: Any) -> AsyncIterator[Scene]:
    """Run a hub and give a link to it, not started yet."""
    hub = Hub()
    async with serve(hub, "127.0.0.1", 0, process_request=hub.check, close_timeout=0.2) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        scene = Scene(hub, f"http://127.0.0.1:{port}", clock)
        try:
            yield scene
        finally:
            await scene.link.stop()


def message(name: str) -> dict[str, Any]:
    return {"id": name, "chatId": "c", "senderId": "u", "content": "hi \x1b[2J", "createdAt": "2026-01-01T00:00:00Z"}
