"""A TCP proxy on 127.0.0.1 that does to a connection what networks do: for HTTP and WebSockets alike."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

_CHUNK = 65_536
_SLICES_PER_SECOND = 20
_GARBAGE = bytes(random.Random(7).randrange(256) for _ in range(256))


class Way(Enum):
    """A direction."""

    UP = "up"
    """From the client to the server."""
    DOWN = "down"


class Entry(Enum):
    """What happens to a client that knocks. Nobody listening at all is `FaultProxy.shut`."""

    OPEN = "open"
    BLACK_HOLE = "black hole"
    """The connection is made, and nothing ever comes through it, either way."""
    RESET = "reset"


class Then(Enum):
    """What happens to a direction after so many bytes."""

    RESET = "reset"
    """Both ends are told that the connection is broken."""
    FIN = "fin"
    """Both ends are told that nothing more will come."""
    FREEZE = "freeze"
    """Nothing passes any more in this direction, and nobody is told."""
    GARBAGE = "garbage"
    """Noise comes in place of what follows, and then the end."""
    FLIP = "flip"
    """One bit of the next byte is turned over; all else passes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What one direction of a connection suffers."""

    then: Then | None = None
    after: int = 0
    """Bytes that pass unharmed before `then`, counted from where the weather set in."""
    latency: float = 0.0
    """Seconds by which every piece is late."""
    jitter: float = 0.0
    """Seconds of latency at most that come to it by chance."""
    rate: float | None = None
    """Bytes per second; None: as fast as they come."""


FAIR = Fault()


@dataclass(frozen=True, slots=True)
class Weather:
    """What a connection suffers, both ways."""

    up: Fault = FAIR
    down: Fault = FAIR
    entry: Entry = Entry.OPEN

    def towards(self, way: Way) -> Fault:
        """Return the fault of one direction."""
        return self.up if way is Way.UP else self.down


CLEAR = Weather()


@dataclass(slots=True)
class Passed:
    """The bytes that came from each side within one exchange, whether or not they were let through."""

    bytes: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))

    @property
    def up(self) -> int:
        """From the client."""
        return self.bytes[Way.UP]

    @property
    def down(self) -> int:
        """From the server."""
        return self.bytes[Way.DOWN]


class FaultProxy:
    """Stands before a server and passes on what it is given, as the weather allows.

    An exchange begins with a connection, and again whenever the client speaks after the server has: on a kept
    connection of HTTP/1.1 that is one request and its reply. `strike` hits the next exchanges, `become` everything from
    now on, connections that are open included.
    """

    def __init__(self, host: str, port: int, *, seed: int = 0) -> None:
        """Prepare to stand before `host`:`port`; `seed` fixes what is left to chance."""
        self.target = host, port
        self.port = 0
        self.exchanges = 0
        """How many have begun."""
        self.accepted = 0
        """How many connections were accepted."""
        self.last = Passed()
        """What passed in the exchange that began last."""
        self._steady = CLEAR
        self._strikes: tuple[Weather, int] = CLEAR, 0
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._cuts = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients find it, for HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_links(self) -> int:
        """How many connections stand at this moment."""
        return len(self._links)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shut()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # -- the door

    async def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._arrived, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Listen no more: connections are refused. Those that stand remain."""
        if self._server is not None:
            self._server.close()
            self._server = None

    # -- the weather

    def become(self, weather: Weather) -> None:
        """Let this be the weather from now on, for what stands and what comes."""
        self._steady, self._strikes = weather, (CLEAR, 0)
        for link in list(self._links):
            link.suffer(weather)

    def strike(self, weather: Weather, times: int = 1) -> None:
        """Hit the next `times` exchanges; connections that idle are closed if it hits them at the door."""
        self._strikes = weather, times
        if weather.entry is not Entry.OPEN:
            self.cut()

    async def mend(self) -> None:
        """Listen, and let clear weather come; connections that were hurt before are closed."""
        self.become(CLEAR)
        self.cut()
        if self._server is None:
            await self.open()

    def cut(self) -> None:
        """Break every connection at once, as a cable that is pulled and a router that says so."""
        self._cuts += 1
        for link in list(self._links):
            link.reset()

    # -- how

    @property
    def steady(self) -> Weather:
        """The weather where nothing strikes."""
        return self._steady

    def next_weather(self, *, at_the_door: bool) -> Weather:
        """Return what the exchange that begins now will suffer."""
        weather, left = self._strikes
        if left == 0 or at_the_door is not (weather.entry is not Entry.OPEN):
            return self._steady
        self._strikes = weather, left - 1
        return weather

    def begin_exchange(self) -> Passed:
        """Count one more exchange."""
        self.exchanges += 1
        self.last = Passed()
        return self.last

    def chance(self) -> float:
        """Return a number in [0, 1)."""
        return self._random.random()

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        weather = self.next_weather(at_the_door=True)
        if weather.entry is Entry.RESET:
            self.begin_exchange()
            _reset(writer)
            return
        if weather.entry is Entry.BLACK_HOLE:
            self.begin_exchange()
            while await reader.read(_CHUNK):
                pass
            return
        cuts = self._cuts
        if self._server is None:
            return  # it came in at the moment in which the door was shut
        server = await asyncio.open_connection(*self.target)
        if cuts != self._cuts:
            server[1].transport.abort()
            return
        link = _Link(self, (reader, writer), server)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)
            server[1].transport.abort()


_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: FaultProxy, client: _Stream, server: _Stream) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._over = asyncio.Event()
        self._passed = Passed()
        self._heard_server = True
        self.suffer(proxy.steady)

    def suffer(self, weather: Weather) -> None:
        """Change the weather, and count from here."""
        self._weather = weather
        self._since = dict.fromkeys(Way, 0)

    def reset(self) -> None:
        """Break the connection both ways."""
        _reset(self._client[1])
        _reset(self._server[1])
        self._over.set()

    async def run(self) -> None:
        """Pass on until either side ends."""
        pumps = [
            asyncio.create_task(self._pump(Way.UP, self._client[0], self._server[1])),
            asyncio.create_task(self._pump(Way.DOWN, self._server[0], self._client[1])),
        ]
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait([*pumps, over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*pumps, over):
                task.cancel()
            await asyncio.wait([*pumps, over])

    async def _pump(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                self._count(way, len(data))
                if not await self._pass(way, data, writer):
                    break
            writer.close()
            await writer.wait_closed()
        except OSError:
            self.reset()

    def _count(self, way: Way, size: int) -> None:
        if way is Way.UP and self._heard_server:
            self._heard_server = False
            self._passed = self._proxy.begin_exchange()
            self.suffer(self._proxy.next_weather(at_the_door=False))
        elif way is Way.DOWN:
            self._heard_server = True
        self._passed.bytes[way] += size

    async def _pass(self, way: Way, data: bytes, writer: asyncio.StreamWriter) -> bool:
        """Let `data` through as far as the fault of this direction does; False where the direction ends."""
        fault = self._weather.towards(way)
        if fault.latency or fault.jitter:
            await asyncio.sleep(fault.latency + fault.jitter * self._proxy.chance())
        before = self._since[way]
        self._since[way] += len(data)
        left = fault.after - before
        if fault.then is Then.FLIP and 0 <= left < len(data):
            data = data[:left] + bytes([data[left] ^ (1 << fault.after % 8)]) + data[left + 1 :]
        if fault.then in (None, Then.FLIP) or left >= len(data):
            await self._drip(fault, data, writer)
            return True
        await self._drip(fault, data[: max(left, 0)], writer)
        await self._end(fault.then, writer)
        return False

    async def _end(self, then: Then | None, writer: asyncio.StreamWriter) -> None:
        match then:
            case Then.RESET:
                # What was let through has to arrive before the reset, which overtakes everything.
                await asyncio.sleep(0.01)
                self.reset()
            case Then.FREEZE:
                await self._over.wait()
            case Then.GARBAGE:
                writer.write(_GARBAGE)
                await writer.drain()

    async def _drip(self, fault: Fault, data: bytes, writer: asyncio.StreamWriter) -> None:
        if fault.rate is None:
            writer.write(data)
            await writer.drain()
            return
        size = max(1, int(fault.rate / _SLICES_PER_SECOND))
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(len(piece) / fault.rate)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
