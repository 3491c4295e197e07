"""A real WebSocket client for the tests: it signs in, asks, and waits for the frame it wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 30.0


class Socket:
    """An open socket; every frame that came is kept in `seen`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[dict[str, Any]] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": type_, **fields}))

    async def raw(self, text: str | bytes) -> None:
        await self.connection.send(text)

    async def next(self) -> dict[str, Any]:
        """Return the next frame."""
        async with asyncio.timeout(PATIENCE):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        self.seen.append(frame)
        return frame

    async def until(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Return the next frame of this type with these fields, passing over others."""
        while True:
            frame = await self.next()
            if frame["type"] == type_ and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    async def settled(self) -> list[dict[str, Any]]:
        """Return the frames that came before the answer to a ping sent now."""
        mark = len(self.seen)
        await self.send("ping", t=mark)
        await self.until("pong", t=mark)
        return self.seen[mark:-1]

    async def close_code(self) -> int:
        """Wait for the end and return its code."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def open_socket(url: str, token: str | None = None, *, header: str | None = None) -> AsyncIterator[Socket]:
    """Open `/api/v1/ws` of the platform at `url`; with `token` sign in by the first frame, with `header` by that."""
    address = url.replace("http://", "ws://") + "/api/v1/ws"
    headers = {"Authorization": header} if header is not None else {}
    async with connect(address, additional_headers=headers, proxy=None) as connection:
        socket = Socket(connection)
        if token is not None:
            await socket.send("auth", token=token)
        yield socket


@asynccontextmanager
async def signed_in(url: str, person: Any) -> AsyncIterator[Socket]:
    """Open a socket for `person` and wait until it is ready."""
    async with open_socket(url, header=f"Bearer {person.token}") as socket:
        await socket.until("ready", userId=person.id)
        yield socket
