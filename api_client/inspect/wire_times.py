"""When what happened on a connection: a network backend of httpcore that looks at the clock."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextvars import ContextVar
from time import perf_counter_ns
from typing import Any

import httpcore

from api_client.inspect.records import Phases
from api_client.postponed import httpx

STAGGER_SECONDS = 0.25
"""How long one address has before the next one is tried beside it (RFC 8305, Connection Attempt Delay)."""

_NUMBERS = itertools.count(1)


class WireTimes:
    """What one exchange saw of its connection; moments are of `perf_counter_ns`, 0 where they never came."""

    # Of the class until they are set: most of an exchange needs few of them.
    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    first_write = 0
    last_write = 0
    first_read = 0
    last_read = 0
    answered = 0
    """When the head of the reply was read."""
    sent = 0
    received = 0
    connection: int | None = None
    server: tuple[str, int] | None = None

    @property
    def were_seen(self) -> bool:
        """Whether the connection is one that is timed, or was to become one."""
        return bool(self.first_write) or self.dns is not None or self.connect is not None

    def phases(self, started: int, ended: int | None) -> Phases:
        """Return how the time from `started` to `ended`, or until now, was spent, as far as it was seen."""
        end = perf_counter_ns() if ended is None else ended
        if not self.were_seen:
            # A connection from before anybody looked, or a transport without one.
            return Phases(wait=self.answered - started, receive=end - self.answered) if self.answered else Phases()
        setting_up = (self.dns or 0) + (self.connect or 0) + (self.tls or 0)
        phases = Phases(dns=self.dns, connect=self.connect, tls=self.tls)
        if not self.first_write:
            phases.blocked = max(0, end - started - setting_up)
            return phases
        phases.blocked = max(0, self.first_write - started - setting_up)
        phases.send = self.last_write - self.first_write
        if not self.first_read:
            phases.wait = max(0, end - self.last_write)
            return phases
        # A refusal may come before the last piece of an upload has left.
        phases.wait = max(0, self.first_read - self.last_write)
        phases.receive = max(0, self.last_read - max(self.first_read, self.last_write))
        return phases


CURRENT: ContextVar[WireTimes | None] = ContextVar("wire_times", default=None)
"""Whose exchange it is that uses a connection now: with HTTP/1.1 nobody else does."""


class TimedStream(httpcore.AsyncNetworkStream):
    """A connection that tells the exchange using it when bytes went which way."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, number: int) -> None:
        """`number` tells connections apart in this process."""
        self.inner = inner
        self.number = number
        self._server = _server_of(inner)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Read at most `max_bytes`."""
        data = await self.inner.read(max_bytes, timeout)
        times = CURRENT.get()
        if times is not None:
            now = perf_counter_ns()
            if not times.first_read:
                times.first_read = now
            times.last_read = now
            times.received += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        """Write all of `buffer`."""
        times = CURRENT.get()
        if times is None:
            await self.inner.write(buffer, timeout)
            return
        if not times.first_write:
            times.first_write = times.last_write = perf_counter_ns()
            times.connection, times.server = self.number, self._server
        await self.inner.write(buffer, timeout)
        times.last_write = perf_counter_ns()
        times.sent += len(buffer)

    async def aclose(self) -> None:
        """Close the connection."""
        await self.inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
    ) -> httpcore.AsyncNetworkStream:
        """Return the same connection with TLS on it."""
        start = perf_counter_ns()
        try:
            inner = await self.inner.start_tls(
                ssl_context=ssl_context, server_hostname=server_hostname, timeout=timeout
            )
        finally:
            times = CURRENT.get()
            if times is not None:
                times.tls = (times.tls or 0) + perf_counter_ns() - start
        return TimedStream(inner, self.number)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection below knows."""
        return self.inner.get_extra_info(info)


class TimedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections as the backend below does, and takes the time of each step."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self.inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to `host`, its name resolved apart, with several addresses tried as RFC 8305 says.

        Raises `httpcore.ConnectError` and `httpcore.ConnectTimeout`, as the backend below does.
        """
        times = CURRENT.get() or WireTimes()
        start = perf_counter_ns()
        addresses = await self._resolved(host, port, timeout, times)
        left = None if timeout is None else max(0.001, timeout - (perf_counter_ns() - start) / 1e9)

        async def connect(address: str) -> httpcore.AsyncNetworkStream:
            return await self.inner.connect_tcp(
                address, port, timeout=left, local_address=local_address, socket_options=socket_options
            )

        start = perf_counter_ns()
        try:
            stream = await first_of(connect, addresses)
        finally:
            times.connect = perf_counter_ns() - start
        return TimedStream(stream, next(_NUMBERS))

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a socket of this machine."""
        times = CURRENT.get() or WireTimes()
        start = perf_counter_ns()
        stream = await self.inner.connect_unix_socket(path, timeout=timeout, socket_options=socket_options)
        times.connect = perf_counter_ns() - start
        return TimedStream(stream, next(_NUMBERS))

    async def sleep(self, seconds: float) -> None:
        """Wait as the backend below does."""
        await self.inner.sleep(seconds)

    async def _resolved(self, host: str, port: int, limit: float | None, times: WireTimes) -> list[str]:
        """Return the addresses of `host`; one that is an address already takes no time."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            start = perf_counter_ns()
        try:
            async with asyncio.timeout(limit):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no address for {host} in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        finally:
            times.dns = perf_counter_ns() - start
        return _alternating(dict.fromkeys((int(family), str(place[0])) for family, _, _, _, place in found))


def attach(client: httpx.AsyncClient) -> None:
    """Let connections that `client` opens from now on be timed; those that are open already stay as they are."""
    for pool in _pools_of(client):
        if not isinstance(pool._network_backend, TimedBackend):
            pool._network_backend = TimedBackend(pool._network_backend)


def detach(client: httpx.AsyncClient) -> None:
    """Let connections that `client` opens from now on be as if nobody had ever timed them."""
    for pool in _pools_of(client):
        if isinstance(pool._network_backend, TimedBackend):
            pool._network_backend = pool._network_backend.inner


async def first_of(
    connect: Callable[[str], Awaitable[httpcore.AsyncNetworkStream]], addresses: list[str]
) -> httpcore.AsyncNetworkStream:
    """Return the connection that stands first, trying a further address after each failure or a short wait.

    Raises the first failure if all fail; connections that come second are closed.
    """
    if len(addresses) == 1:
        return await connect(addresses[0])
    waiting, pending = deque(addresses), set[asyncio.Task[httpcore.AsyncNetworkStream]]()
    winner: httpcore.AsyncNetworkStream | None = None
    failure: BaseException | None = None
    try:
        while winner is None and (waiting or pending):
            if waiting:
                pending.add(asyncio.ensure_future(connect(waiting.popleft())))
            done, _ = await asyncio.wait(
                pending, timeout=STAGGER_SECONDS if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                failure = failure or error
                if error is not None:
                    pending.discard(task)
                elif winner is None:
                    pending.discard(task)
                    winner = task.result()
    finally:
        for task in pending:
            task.cancel()
        for late in await asyncio.gather(*pending, return_exceptions=True):
            if isinstance(late, httpcore.AsyncNetworkStream):
                await late.aclose()
    if winner is None:
        raise failure or httpcore.ConnectError("no address")
    return winner


def _pools_of(client: httpx.AsyncClient) -> Iterator[httpcore.AsyncConnectionPool]:
    """Yield the pools of the transports in use: httpx has no name for them that is public."""
    for transport in (client._transport, *client._mounts.values()):
        inner = transport
        while inner is not None and not hasattr(inner, "_pool"):
            inner = getattr(inner, "inner", None)
        pool = getattr(inner, "_pool", None)
        if isinstance(pool, httpcore.AsyncConnectionPool):
            yield pool


def _alternating(addresses: Iterable[tuple[int, str]]) -> list[str]:
    """Return addresses with the families taking turns, beginning with the one the system prefers (RFC 8305)."""
    families: dict[int, deque[str]] = {}
    for family, address in addresses:
        families.setdefault(family, deque()).append(address)
    ordered: list[str] = []
    while any(families.values()):
        ordered += [queue.popleft() for queue in families.values() if queue]
    return ordered


def _server_of(stream: httpcore.AsyncNetworkStream) -> tuple[str, int] | None:
    try:
        place = stream.get_extra_info("server_addr")
    except OSError:
        return None  # It is gone already.
    return (str(place[0]), int(place[1])) if isinstance(place, tuple) and len(place) >= 2 else None
