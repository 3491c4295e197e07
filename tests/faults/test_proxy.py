"""The proxy does what it says: a fault that does not happen would prove nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from tests.faults.proxy import CLEAR, Entry, Fault, FaultProxy, Then, Weather

ANSWER = b"0123456789" * 10
SOON = 0.15


class Echo:
    """A server that answers every line with `ANSWER`, and keeps what it was sent."""

    def __init__(self) -> None:
        self.port = 0
        self.heard = bytearray()
        self.ends: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.heard += data
                if data.endswith(b"\n"):
                    writer.write(ANSWER)
            self.ends.append("fin")
        except ConnectionError:
            self.ends.append("reset")
        finally:
            writer.transport.abort()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    server = await asyncio.start_server(made, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[FaultProxy]:
    async with FaultProxy("127.0.0.1", echo.port) as made:
        yield made


async def asked(proxy: FaultProxy, *, within: float = SOON) -> bytes | str:
    """Ask once over a new connection: the bytes of the answer, or how it ended."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    except ConnectionRefusedError:
        return "refused"
    got = b""
    try:
        writer.write(b"question\n")
        async with asyncio.timeout(within):
            while len(got) < len(ANSWER):
                piece = await reader.read(1_000)
                if not piece:
                    return got + b"|fin"
                got += piece
        return got
    except ConnectionError:
        return got + b"|reset"
    except TimeoutError:
        return got + b"|silence"
    finally:
        writer.transport.abort()


async def test_in_clear_weather_everything_passes(proxy: FaultProxy) -> None:
    assert await asked(proxy) == ANSWER
    assert (proxy.exchanges, proxy.accepted) == (1, 1)
    assert (proxy.last.up, proxy.last.down) == (len(b"question\n"), len(ANSWER))


@pytest.mark.parametrize(
    ("weather", "seen"),
    [
        (Weather(entry=Entry.RESET), b"|reset"),
        (Weather(entry=Entry.BLACK_HOLE), b"|silence"),
        (Weather(down=Fault(Then.RESET)), b"|reset"),
        (Weather(down=Fault(Then.RESET, 30)), ANSWER[:30] + b"|reset"),
        (Weather(down=Fault(Then.FIN, 30)), ANSWER[:30] + b"|fin"),
        (Weather(down=Fault(Then.FREEZE, 30)), ANSWER[:30] + b"|silence"),
        (Weather(up=Fault(Then.FREEZE, 3)), b"|silence"),
        (Weather(up=Fault(Then.RESET, 3)), b"|reset"),
        (Weather(up=Fault(Then.FIN, 3)), b"|fin"),
    ],
)
async def test_a_fault_strikes_where_it_should_and_once(
    weather: Weather, seen: bytes, proxy: FaultProxy, echo: Echo
) -> None:
    proxy.strike(weather)
    assert await asked(proxy) == seen
    assert await asked(proxy) == ANSWER
    if weather.up.then is not None:
        assert bytes(echo.heard) == b"que" + b"question\n"


async def test_bits_flip_and_garbage_comes_at_their_place(proxy: FaultProxy) -> None:
    proxy.strike(Weather(down=Fault(Then.FLIP, 42)))
    got = await asked(proxy)
    assert isinstance(got, bytes)
    assert [place for place in range(100) if got[place] != ANSWER[place]] == [42]
    assert (got[42] ^ ANSWER[42]).bit_count() == 1
    proxy.strike(Weather(down=Fault(Then.GARBAGE, 10)))
    got = await asked(proxy)
    assert isinstance(got, bytes)
    assert got[:10] == ANSWER[:10]
    assert got[10:] not in (ANSWER[10:], b"")


async def test_a_shut_door_refuses_and_opens_where_it_was(proxy: FaultProxy) -> None:
    await proxy.shut()
    assert await asked(proxy) == "refused"
    await proxy.open()
    assert await asked(proxy) == ANSWER


async def test_weather_that_lasts_meets_every_connection(proxy: FaultProxy) -> None:
    proxy.become(Weather(down=Fault(Then.FIN, 1)))
    assert [await asked(proxy), await asked(proxy)] == [ANSWER[:1] + b"|fin"] * 2
    proxy.become(CLEAR)
    assert await asked(proxy) == ANSWER


@pytest.mark.parametrize("weather", [Weather(down=Fault(rate=1_000)), Weather(up=Fault(latency=0.1, jitter=0.05))])
async def test_slow_is_slow_and_whole(weather: Weather, proxy: FaultProxy) -> None:
    proxy.strike(weather)
    began = time.monotonic()
    assert await asked(proxy, within=30) == ANSWER
    assert time.monotonic() - began >= 0.045


async def test_a_kept_connection_is_struck_in_the_exchange_that_follows(proxy: FaultProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"one\n")
    assert await reader.readexactly(100) == ANSWER
    proxy.strike(Weather(down=Fault(Then.RESET, 5)))
    writer.write(b"two\n")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(100)
    assert (proxy.exchanges, proxy.accepted) == (2, 1)
    writer.transport.abort()


async def test_a_pulled_cable_ends_a_websocket_and_a_frozen_one_does_not() -> None:
    async def hub(connection: ServerConnection) -> None:
        async for word in connection:
            await connection.send(word)

    async with (
        serve(hub, "127.0.0.1", 0, close_timeout=0.2) as server,
        FaultProxy("127.0.0.1", next(iter(server.sockets)).getsockname()[1]) as proxy,
    ):
        address = f"ws://127.0.0.1:{proxy.port}"
        async with connect(address, proxy=None, close_timeout=0.2) as socket:
            await socket.send("a")
            assert await socket.recv() == "a"
            proxy.become(Weather(down=Fault(Then.FREEZE)))
            await socket.send("b")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), SOON)
        proxy.become(CLEAR)
        async with connect(address, proxy=None, close_timeout=0.2) as socket:
            await socket.send("c")
            assert await socket.recv() == "c"
            proxy.cut()
            with pytest.raises(ConnectionClosedError):
                await socket.recv()
