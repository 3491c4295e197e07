"""A server on a real socket that answers as a test says, and remembers what went over each connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[str, bytes], bytes | None]
"""From the request line and the body to all that is sent back; None hangs up."""


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return a whole reply of HTTP/1.1; `length` is what it says of its body, if not the truth."""
    lines = ["Content-Type: application/json", f"Content-Length: {len(body) if length is None else length}", *headers]
    return f"HTTP/1.1 {status}\r\n".encode() + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


@dataclass
class Server:
    """What is known of a running server."""

    url: str
    connections: int = 0
    heard: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def serving(answer: Answer, *, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve on 127.0.0.1, with TLS where `context` is given, until the block ends."""
    busy: set[asyncio.Task[None]] = set()
    server = Server("")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        server.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                server.heard += head
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
                server.heard += body
                said = answer(head.split(b"\r\n")[0].decode(), body)
                if said is None:
                    break
                server.said += said
                writer.write(said)
                await writer.drain()
                if b"Connection: close" in said:
                    break
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            busy.discard(task)
            writer.transport.abort()

    running = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    server.url = f"http{'s' if context else ''}://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        running.close()
        for task in list(busy):
            task.cancel()
        if busy:
            await asyncio.wait(busy)
