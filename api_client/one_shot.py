"""One exchange over plain HTTP for a program that asks once and ends: loading a whole library takes longer than asking.

What is said here and how its failures are told is what `transport.Wire` says and tells; connections are not kept,
nothing is recorded, and there is no TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from api_client.calls import Reply
from api_client.errors import BadReply, TimedOut, Unreachable
from api_client.transport import CONNECT_SECONDS, TRANSFER_SECONDS, cookies_in, too_large

_CHUNK = 64 * 1024
_LONGEST_HEAD = 100 * 1024
"""Bytes of the headers of a reply, as the library takes them."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose length is said also where it is none."""


class _Head(NamedTuple):
    status: int
    headers: dict[str, str]
    cookies: dict[str, str]


async def exchange(
    method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, limit: int, user_agent: str
) -> Reply:
    """Send one request to `url`, which is http, and return its reply, whatever its status.

    `limit` is for the body in bytes. Raises `Unreachable`, `TimedOut` or `BadReply`.
    """
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc}"
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    usual = {"Host": parts.netloc, "User-Agent": user_agent, "Connection": "close"}
    if content is not None or method in _WITH_BODY:
        usual["Content-Length"] = str(len(content or b""))
    named = {name.lower() for name in headers}
    lines = [*((name, value) for name, value in usual.items() if name.lower() not in named), *headers.items()]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        request = h11.Request(method=method, target=target, headers=lines)
        sent = protocol.send(request) or b""
        sent += (protocol.send(h11.Data(data=content)) or b"") if content else b""
        sent += protocol.send(h11.EndOfMessage()) or b""
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise BadReply(f"The request to {host} could not be made.", sent=False) from error
    reader, writer = await _connected(parts.hostname or "", parts.port or 80, host)
    try:
        writer.write(sent)
        return await _answer(_events(protocol, reader, host), limit, host)
    except OSError as error:
        raise Unreachable(f"The connection to {host} broke.", sent=True) from error
    finally:
        # Not closed: that would wait until the platform has taken what it may never read.
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _connected(name: str, port: int, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    import socket

    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(name, port)
    except TimeoutError as error:
        raise Unreachable(f"{host} does not answer. Is the address right, and the network up?") from error
    except (socket.gaierror, UnicodeError) as error:
        raise Unreachable(f"The name of {host} is not known. Is the address right, and the network up?") from error
    except OSError as error:
        raise Unreachable(f"Nothing answers at {host}. Is the platform running?") from error


async def _answer(events: AsyncIterator[_Head | bytes], limit: int, host: str) -> Reply:
    head: _Head | None = None
    body = bytearray()
    async for event in events:
        if isinstance(event, _Head):
            head = event
            length = head.headers.get("content-length", "")
            if length.isdecimal() and int(length[:15]) > limit:
                raise too_large(host, limit)
            if head.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
                raise BadReply(f"{host} answered in an encoding that was not asked for.")
        else:
            body += event
            if len(body) > limit:
                raise too_large(host, limit)
    if head is None:
        raise Unreachable(f"The connection to {host} broke.", sent=True)
    return Reply(head.status, head.headers, bytes(body), head.cookies)


async def _events(protocol: h11.Connection, reader: asyncio.StreamReader, host: str) -> AsyncIterator[_Head | bytes]:
    """Yield the head of the reply, and its body in pieces."""
    ended = False
    while True:
        try:
            event = protocol.next_event()
        except h11.RemoteProtocolError as error:
            if ended:
                raise Unreachable(f"The connection to {host} broke.", sent=True) from error
            raise BadReply(f"{host} answers, but does not speak HTTP as it should. Is the address right?") from error
        if event is h11.NEED_DATA:
            try:
                async with asyncio.timeout(TRANSFER_SECONDS):
                    data = await reader.read(_CHUNK)
            except TimeoutError as error:
                raise TimedOut(f"{host} did not answer in time.") from error
            ended = not data
            protocol.receive_data(data)
        elif isinstance(event, h11.Response):
            lines = [(name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in event.headers]
            set_cookies = [value for name, value in lines if name == "set-cookie"]
            yield _Head(event.status_code, _joined(lines), cookies_in(set_cookies) if set_cookies else {})
        elif isinstance(event, h11.Data):
            yield bytes(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            return


def _joined(lines: list[tuple[str, str]]) -> dict[str, str]:
    """Return header lines by name; the values of a name that stands twice are joined as RFC 9110 has it."""
    headers: dict[str, str] = {}
    for name, value in lines:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
