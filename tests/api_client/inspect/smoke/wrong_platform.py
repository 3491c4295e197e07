"""A platform written by hand that answers as it is told, right or wrong, over real sockets on 127.0.0.1."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

USER = {
    "id": "u1",
    "username": "anna",
    "fullName": None,
    "bio": None,
    "avatarUrl": None,
    "isVerified": False,
    "isPrivate": False,
    "followerCount": 0,
    "followingCount": 0,
    "postCount": 0,
    "role": None,
    "subscription": "free",
    "email": None,
    "createdAt": "2026-01-05T12:00:00.000Z",
    "updatedAt": None,
    "version": 1,
    "displayName": "anna",
}
META = {"name": "Wrong", "version": "9.9", "capabilities": ["feed"], "limits": {}, "demoAccount": None}


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What is answered; `raw` goes out as it is, and the connection ends after it."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hang: bool = False
    last: bool = False
    """Whether nobody answers at the address from now on."""


def good(data: Any, status: int = 200, **more: Any) -> Answer:
    return Answer(status, {"success": True, "data": data, **more})


def refusal(status: int, code: str) -> Answer:
    return Answer(status, {"success": False, "error": {"code": code, "message": "No."}, "meta": {"requestId": "r"}})


Route = Callable[[Request], Answer]


class WrongPlatform:
    """Answers by `routes`, and on the socket by `on_frame`; `push` sends an event to every socket."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Request] = []
        self.frames: list[dict[str, Any]] = []
        self.routes: dict[tuple[str, str], Route] = {
            ("GET", "/meta"): lambda _: good(META),
            ("POST", "/auth/register"): lambda r: good(self.signed_in(r), 201),
            ("POST", "/auth/logout"): lambda _: good({"success": True}),
            ("GET", "/auth/me"): lambda _: good({"user": USER}),
            ("GET", "/time"): lambda _: good({"now": 1}),
        }
        self.ready: list[Any] = [{"type": "ready", "userId": "u1", "protocol": 1}]
        self.closes_with: int | None = None
        self.upgrades = True
        self.on_frame: Callable[[dict[str, Any]], list[Any]] = lambda _: []
        self._sockets: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self._later: set[asyncio.Task[None]] = set()

    def signed_in(self, request: Request) -> dict[str, Any]:
        name = json.loads(request.body)["username"]
        return {
            "accessToken": f"access-token-of-{name}",
            "refreshToken": f"refresh-token-of-{name}",
            "expiresIn": 900,
            "user": {**USER, "username": name, "displayName": name},
        }

    def asked(self, method: str, path: str) -> int:
        """Return how often this was asked."""
        return sum(request.method == method and request.path == path for request in self.seen)

    def push(self, *events: Any) -> None:
        """Send events to every socket: objects as JSON, text as it is."""
        for writer in self._sockets:
            for event in events:
                writer.write(_frame(event if isinstance(event, str) else json.dumps(event)))

    def close_sockets(self, code: int = 1011) -> None:
        """Close every socket."""
        for writer in self._sockets:
            writer.write(_frame(struct.pack("!H", code), opcode=8))

    def push_after(self, seconds: float, *events: Any) -> None:
        """Send events a little later."""

        async def later() -> None:
            await asyncio.sleep(seconds)
            self.push(*events)

        task = asyncio.get_running_loop().create_task(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                if request.headers.get("upgrade") == "websocket" and self.upgrades:
                    await self._socket(request, reader, writer)
                    return
                self.seen.append(request)
                if not await self._answer(request, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        route = self.routes.get((request.method, request.path), lambda _: refusal(404, "NOT_FOUND"))
        answer = route(request)
        if answer.last and self._server is not None:
            self._server.close()
        if answer.hang:
            await asyncio.Event().wait()
        if answer.raw is not None:
            writer.write(answer.raw)
            await writer.drain()
            return False
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "X-Request-Id": request.headers.get("x-request-id", "none"),
            **answer.headers,
        }
        head = f"HTTP/1.1 {answer.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        return not answer.last

    async def _socket(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        digest = hashlib.sha1((request.headers["sec-websocket-key"] + _ACCEPT).encode()).digest()  # noqa: S324
        accept = base64.b64encode(digest).decode()
        head = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        writer.write(f"{head}{accept}\r\n\r\n".encode())
        if self.closes_with is not None:
            writer.write(_frame(struct.pack("!H", self.closes_with), opcode=8))
        for event in self.ready:
            writer.write(_frame(event if isinstance(event, str) else json.dumps(event)))
        self._sockets.append(writer)
        try:
            while (text := await _read_frame(reader)) is not None:
                self._received(json.loads(text), writer)
        finally:
            self._sockets.remove(writer)

    def _received(self, frame: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.frames.append(frame)
        if frame["type"] == "ping":
            writer.write(_frame(json.dumps({"type": "pong", "t": frame["t"]})))
        for event in self.on_frame(frame):
            writer.write(_frame(json.dumps(event)))


@asynccontextmanager
async def wrong_platform() -> AsyncIterator[WrongPlatform]:
    """Run one for the length of a block."""
    platform = WrongPlatform()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):  # The end of the block, of which asyncio would complain.
            await platform.serve(reader, writer)

    server = platform._server = await asyncio.start_server(connected, "127.0.0.1", 0)
    platform.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield platform
    finally:
        server.close()
        for task in tasks | platform._later:
            task.cancel()
        await asyncio.gather(*tasks, *platform._later, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target.removeprefix("/api/v1").partition("?")[0], headers, body)


def _frame(data: str | bytes, opcode: int = 1) -> bytes:
    payload = data.encode() if isinstance(data, str) else data
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
    return bytes([0x80 | opcode]) + length + payload


async def _read_frame(reader: asyncio.StreamReader) -> str | None:
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    mask = await reader.readexactly(4)
    payload = bytes(b ^ mask[n % 4] for n, b in enumerate(await reader.readexactly(length)))
    return payload.decode() if first & 0x0F == 1 else None
