"""The link on a bad day: deaf platforms, broken protocols, networks that flap, time that jumps."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.models.realtime import Updates
from api_client.realtime import Phase, Realtime, SocketState, session
from api_client.realtime.ends import Over
from tests.api_client.socket_scene import FixedHost, message, open_scene, sleep_through

HOUR = 3_600.0
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
READY = '{"type":"ready","userId":"u","protocol":1}'


async def _let_pass(hand: Any, seconds: float, scene: Any) -> None:
    """Let time pass in steps, so that what travels through real sockets arrives in between."""
    for _ in range(round(seconds / 5)):
        await hand.advance(5)
        await asyncio.sleep(0.02)


async def test_a_platform_that_only_answers_pings_is_left_within_a_minute(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.versions = {"posts:1": 4}
        scene.link.subscribe("posts:1")
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.until(lambda: len(scene.events) == 1)
        await _let_pass(hand, 120, scene)
        assert [state.phase for state in scene.states] == [Phase.CONNECTING, Phase.ONLINE]
        scene.hub.pongs_only = True
        began = hand.now
        while scene.states[-1].phase is not Phase.WAITING:
            await _let_pass(hand, 5, scene)
            assert hand.now - began <= 60
        assert "does not answer" in str(scene.states[-1].reason)
        scene.hub.pongs_only = False
        await hand.advance(1)
        await scene.until_phase(Phase.ONLINE, 2)
        await scene.until(lambda: scene.events[-1] != "gap" and "gap" in scene.events)


async def test_a_platform_that_does_not_answer_a_probe_is_left_within_seconds(hand: Any) -> None:
    async with open_scene(hand) as scene:
        assert not scene.link.probe()
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        scene.hub.silent = True
        began = hand.now
        assert scene.link.probe()
        while scene.states[-1].phase is Phase.ONLINE:
            await hand.advance(1)
            await asyncio.sleep(0.02)
            assert hand.now - began <= 6
        assert scene.states[-1].phase is Phase.WAITING
        assert "does not answer" in str(scene.states[-1].reason)


async def test_an_answered_probe_changes_nothing_and_leaves_nobody_awake(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        asleep = len(hand._sleepers)
        for number in range(1, 4):
            assert scene.link.probe()
            await scene.until(lambda number=number: scene.signs == 1 + number)
            await hand.advance(1)
        assert len(hand._sleepers) == asleep
        await _let_pass(hand, 15, scene)
        assert [state.phase for state in scene.states] == [Phase.CONNECTING, Phase.ONLINE]


async def test_an_answer_that_came_while_the_machine_slept_counts(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        scene.hub.silent = True
        scene.link.probe()
        await hand.advance(1)
        sleep_through(hand, 30)
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 1)
        await _let_pass(hand, 5, scene)
        assert scene.states[-1].phase is Phase.ONLINE


async def test_a_lost_subscription_is_made_good_without_a_reconnect(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.versions = {"posts:1": 4, "posts:2": 1}
        for key in scene.hub.versions:
            scene.link.subscribe(key)
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        scene.hub.versions = {"posts:1": 5, "posts:2": 1}
        await _let_pass(hand, 50, scene)
        await scene.until(
            lambda: any(n.key == "posts:1" and n.version == 5 for e in scene.events if isinstance(e, Updates)
                        for n in e.updates)
        )  # fmt: skip
        assert len(scene.hub.connections) == 1


async def test_many_keys_are_asked_for_bit_by_bit(hand: Any) -> None:
    async with open_scene(hand) as scene:
        for number in range(200):
            scene.link.subscribe(f"posts:{number}")
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.until(lambda: len(scene.hub.received[0]) == 64)
        await _let_pass(hand, 30, scene)
        keys = [frame["key"] for frame in scene.hub.received[0] if frame["type"] == "subscribe"]
        assert keys == [f"posts:{number}" for number in range(200)]


async def test_after_eight_hours_of_sleep_there_is_one_reconnect(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await hand.advance(20)
        sleep_through(hand, 8 * HOUR)
        await hand.advance(5)
        await scene.until_phase(Phase.WAITING)
        await hand.advance(1)
        await scene.until_phase(Phase.ONLINE, 2)
        await _let_pass(hand, 40, scene)
        assert len(scene.hub.connections) == 2
        assert scene.events == ["gap"]
        assert scene.host.renewals == []


@pytest.mark.parametrize("jump", [-24 * HOUR, 24 * HOUR])
async def test_a_wall_clock_that_jumps_changes_nothing(jump: float, hand: Any) -> None:
    shift = 0.0
    hand.time = lambda: hand.now + shift
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        shift = jump
        await _let_pass(hand, 60, scene)
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 1)
        assert len(scene.hub.connections) == 1
        assert scene.host.renewals == []


def _accepted(head: bytes) -> bytes:
    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")).split(b": ")[1]
    proof = base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 - as RFC 6455 wants it
    return (
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + proof
        + b"\r\n\r\n"
    )


def _text(text: str) -> bytes:
    return bytes([0x81, len(text)]) + text.encode()


class Rogue:
    """A server that shakes hands, says `ready`, sends what it was told to send, and never hangs up."""

    def __init__(self, said: bytes, *, times: int = 1) -> None:
        self.said, self.times = said, times
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            writer.write(_accepted(await reader.readuntil(b"\r\n\r\n")) + _text(READY))
            for _ in range(self.times):
                writer.write(self.said)
                await writer.drain()
            while await reader.read(65_536):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


async def _meet(rogue: Rogue, hand: Any, during: Callable[[Realtime, list[SocketState]], Any]) -> None:
    server = await asyncio.start_server(rogue, "127.0.0.1", 0)
    host = FixedHost(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", hand, MemoryTokens(Tokens(access="a")))
    states: list[SocketState] = []
    realtime = Realtime(host, on_event=lambda _: None, on_gap=lambda: None, on_state=states.append, clock=hand)
    realtime.start()
    try:
        await during(realtime, states)
    finally:
        began = time.monotonic()
        await realtime.stop()
        assert time.monotonic() - began < 20
        server.close()


async def _until(condition: Callable[[], bool], hand: Any, seconds: float = 0.0) -> None:
    """Wait until `condition` holds, and let the clock go on by `seconds` at a time.

    As long as bytes are awaited it has to stand: on a busy machine it would be ahead of them, and call them late.
    """
    async with asyncio.timeout(60):
        while not condition():
            await hand.advance(seconds)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "said",
    [
        b"\x83\x01a",
        b"\xc1\x01a",
        b"\x81\x81abcda",
        b"\x81\x7f\x40\0\0\0\0\0\0\0",
        b"\x89\x7e\x01\x00" + b"a" * 256,
        b"\x81\x02\xff\xfe",
        bytes(range(40, 140)),
        b"\x01\x01a" + b"\x00\x01a" * 60_000,
        b"\x01\x00" + b"\x00\x00" * 60_000,
        b"\x81\x7f" + (2 << 20).to_bytes(8, "big") + b"x" * (2 << 20),
    ],
    ids=["opcode", "reserved bits", "masked", "2^62 bytes", "long ping", "utf-8", "noise", "fragments",
         "empty fragments", "2 MiB"],
)  # fmt: skip
async def test_a_platform_that_breaks_the_protocol_and_does_not_hang_up_is_left(
    said: bytes, hand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api_client.realtime.session.CLOSE_SECONDS", 0.1)  # it is waited for in vain each time
    rogue = Rogue(said)

    async def during(realtime: Realtime, states: list[SocketState]) -> None:
        await _until(lambda: any(state.phase is Phase.WAITING for state in states), hand)
        assert "broke" in str(next(state.reason for state in states if state.phase is Phase.WAITING))
        await _until(lambda: rogue.connections == 2, hand, seconds=1)

    await _meet(rogue, hand, during)


async def test_a_compressed_bomb_is_refused_because_nothing_compressed_was_agreed(hand: Any) -> None:
    async def during(realtime: Realtime, states: list[SocketState]) -> None:
        await _until(lambda: any(state.phase is Phase.WAITING for state in states), hand)

    await _meet(Rogue(b"\xc1\x7e\x04\x00" + b"\0" * 1_024), hand, during)


async def test_a_flood_of_pings_is_borne(hand: Any) -> None:
    async def during(realtime: Realtime, states: list[SocketState]) -> None:
        await _until(lambda: any(state.phase is Phase.ONLINE for state in states), hand)
        began = time.monotonic()
        await asyncio.sleep(0.2)
        assert time.monotonic() - began < 20

    await _meet(Rogue(b"\x89\x00" * 10_000, times=3), hand, during)


class Flapping:
    """Stands in for a connection: fails at once, or holds for a while, as the dice fall."""

    dice = random.Random(0)

    def __init__(self, target: Any, clock: Any, **callbacks: Any) -> None:
        self._clock = clock
        self._callbacks = callbacks

    async def run(self) -> None:
        if self.dice.random() < 0.7:
            raise Over("The live connection cannot be made. Is the platform running?")
        self._callbacks["on_open"](self)
        self._callbacks["on_ready"]()
        await self._clock.sleep(self.dice.choice((0.1, 1.0, 5.0, 20.0, 300.0)))
        raise Over("The live connection broke.")

    def post(self, frame: Any) -> None:
        """Lose it."""


async def _flap(seed: int, hours: float, quick: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], int]:
    """Return when it was tried within so many hours, and how many gaps were told of how many expected."""
    monkeypatch.setattr(session, "Session", Flapping)
    Flapping.dice = random.Random(seed)
    tried: list[float] = []
    done = asyncio.Event()
    online = gaps = 0
    end = quick.now + hours * HOUR

    def follow(state: SocketState) -> None:
        nonlocal online
        if state.phase is Phase.CONNECTING:
            tried.append(quick.now)
        online += state.phase is Phase.ONLINE
        if quick.now >= end:
            done.set()

    def gap() -> None:
        nonlocal gaps
        gaps += 1

    host = FixedHost("http://127.0.0.1:1", quick, MemoryTokens(Tokens(access="a")))
    realtime = Realtime(
        host, on_event=lambda _: None, on_gap=gap, on_state=follow, clock=quick, jitter=random.Random(seed).random
    )
    before = len(asyncio.all_tasks())
    realtime.start()
    await done.wait()
    await realtime.stop()
    assert len(asyncio.all_tasks()) == before
    assert gaps <= online
    return tried, online


async def _check_pace(seed: int, hours: float, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, online = await _flap(seed, hours, quick, monkeypatch)
    assert online
    assert len(tried) > hours * 10
    assert max(later - earlier for earlier, later in pairwise(tried)) <= 300 + 30 + 60
    assert all(tried[n + 12] - tried[n] >= 59.9 for n in range(len(tried) - 12))


@pytest.mark.parametrize("seed", range(5))
async def test_a_flapping_network_is_tried_at_most_twelve_times_a_minute(
    seed: int, quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _check_pace(seed, 1, quick, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("start", range(0, 200, 20))
async def test_a_flapping_network_for_days(start: int, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(start, start + 20):
        await _check_pace(seed, 24, quick, monkeypatch)
