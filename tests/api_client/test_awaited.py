"""An answer that is overdue is told, and whether the platform is there meanwhile; what takes its time is no alarm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from api_client import endpoints as table
from api_client.awaited import Awaited, Delay
from api_client.errors import PlatformError
from api_client.models.posts import MediaInput, NewPhotoPost
from api_client.transport import LARGE_BODY
from tests.api_client.socket_scene import sleep_through


class Platform:
    """What is asked, and what it says to probes."""

    def __init__(self, clock: Any) -> None:
        self.awaited = Awaited(clock)
        self.told: list[Delay | None] = []
        self.probes = 0
        self.is_there = True
        self.has_socket = True
        self.awaited.follow(self.told.append, self.probe)

    def probe(self) -> bool:
        self.probes += 1
        if self.has_socket and self.is_there:
            asyncio.get_running_loop().call_soon(self.awaited.heard)
        return self.has_socket


@pytest.fixture
async def platform(hand: Any) -> AsyncIterator[Platform]:
    made = Platform(hand)
    yield made
    await made.awaited.close()


async def _pass(hand: Any, seconds: float) -> None:
    """Let time pass; before and after it, what is due at once happens."""
    await asyncio.sleep(0)
    for _ in range(round(seconds * 4)):
        await hand.advance(0.25)
    await asyncio.sleep(0)


async def test_quick_answers_are_not_spoken_of_and_afterwards_nobody_is_awake(hand: Any, platform: Platform) -> None:
    for _ in range(20):
        with platform.awaited.asking() as came:
            await _pass(hand, 0.75)
            came()
    await _pass(hand, 1)
    assert platform.told == []
    assert platform.probes == 0
    assert hand._sleepers == []


async def test_a_platform_that_freezes_is_told_after_a_second_until_it_is_heard_of(
    hand: Any, platform: Platform
) -> None:
    platform.is_there = False
    with platform.awaited.asking() as came:
        await _pass(hand, 0.75)
        assert platform.told == []
        await _pass(hand, 2.25)
        assert platform.told == [Delay(1, True), Delay(2, True), Delay(3, True)]
        assert platform.probes == 3
        came()
    assert platform.told[3:] == [None]
    await _pass(hand, 1)
    assert hand._sleepers == []


async def test_one_slow_answer_of_a_platform_that_is_there_is_no_silence(hand: Any, platform: Platform) -> None:
    platform.awaited.heard()
    await hand.advance(5)
    with platform.awaited.asking():
        await _pass(hand, 4)
    assert platform.told == [Delay(1, True), Delay(1, False), Delay(2, False), Delay(3, False), Delay(4, False), None]


async def test_who_has_just_been_heard_of_is_not_called_silent(hand: Any, platform: Platform) -> None:
    with platform.awaited.asking():
        await _pass(hand, 0.5)
        platform.awaited.heard()
        await _pass(hand, 2)
        assert platform.told == [Delay(1, False), Delay(2, False)]
        platform.is_there = False
        await _pass(hand, 2)
        assert platform.told[2:] == [Delay(3, False), Delay(1, True)]


async def test_a_long_answer_that_comes_piece_by_piece_is_no_delay(hand: Any, platform: Platform) -> None:
    with platform.awaited.asking() as came:
        for _ in range(20):
            await _pass(hand, 0.75)
            came()
    assert platform.told == []


async def test_silence_lasts_beyond_the_request_that_was_given_up(hand: Any, platform: Platform) -> None:
    platform.is_there = False
    with platform.awaited.asking():
        await _pass(hand, 1)
    await _pass(hand, 2)
    assert platform.told == [Delay(1, True), Delay(2, True), Delay(3, True)]
    platform.awaited.heard()
    assert platform.told[-1] is None
    await _pass(hand, 1)
    assert hand._sleepers == []


async def test_without_a_connection_to_ask_by_nothing_is_asked_once_the_request_is_over(
    hand: Any, platform: Platform
) -> None:
    platform.is_there = platform.has_socket = False
    with platform.awaited.asking():
        await _pass(hand, 2)
    await _pass(hand, 1)
    assert platform.told == [Delay(1, True), Delay(2, True), None]
    assert hand._sleepers == []


async def test_a_machine_that_slept_blames_nobody(hand: Any, platform: Platform) -> None:
    platform.is_there = False
    with platform.awaited.asking():
        await _pass(hand, 0.5)
        sleep_through(hand, 3_600)
        await _pass(hand, 1)
        assert platform.told == []
        await _pass(hand, 1)
        assert platform.told == [Delay(1, True)]


async def test_who_was_silent_before_the_machine_slept_is_not_taken_for_well(hand: Any, platform: Platform) -> None:
    platform.is_there = False
    with platform.awaited.asking():
        await _pass(hand, 3.5)
        sleep_through(hand, 3_600)
        await _pass(hand, 3)
        assert platform.told == [Delay(seconds, True) for seconds in (1, 2, 3, 1, 2)]


async def test_a_connection_that_broke_has_the_platform_asked_at_once(hand: Any, platform: Platform) -> None:
    platform.awaited.lost()
    platform.awaited.lost()
    assert platform.probes == 1
    await _pass(hand, 2)
    assert platform.told == []
    assert hand._sleepers == []
    platform.is_there = False
    platform.awaited.lost()
    await _pass(hand, 2)
    assert platform.told == [Delay(1, True), Delay(2, True)]
    platform.has_socket = False
    await _pass(hand, 2)
    assert platform.told[2:] == [None]
    assert hand._sleepers == []


async def test_two_requests_are_one_delay_the_longer_one(hand: Any, platform: Platform) -> None:
    with platform.awaited.asking():
        await _pass(hand, 2)
        with platform.awaited.asking():
            await _pass(hand, 2)
            assert platform.told[-1] == Delay(4, False)
    assert platform.told[-1] is None


# -- in the client


async def _held(request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError(request)


Call = Callable[[Any], Any]

CALLS: list[tuple[str, Call, bool]] = [
    ("a call", lambda client: client.accounts.me(), True),
    ("a small write", lambda client: client.chat.read("7"), True),
    ("a picture", lambda client: client.media("/a.png"), False),
    ("a picture of another's", lambda client: client.media("https://elsewhere.example/a.png"), False),
    (
        "a large write",
        lambda client: client.call(
            table.CREATE_POST, body=NewPhotoPost(media=[MediaInput(type="image", base64="A" * LARGE_BODY)])
        ),
        False,
    ),
]


@pytest.mark.parametrize(("call", "is_awaited"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
async def test_what_is_slow_for_a_good_reason_is_not_awaited(
    call: Call, is_awaited: bool, hand: Any, make_client: Any
) -> None:
    client = make_client(_held, clock=hand)
    told: list[Delay | None] = []
    client.awaited.follow(told.append, lambda: True)
    work = asyncio.ensure_future(call(client))
    async with asyncio.timeout(30):
        while not client._wire._clients:  # noqa: ASYNC110 - it is made on another thread
            await asyncio.sleep(0.01)
        for _ in range(20):
            await asyncio.sleep(0)
    await _pass(hand, 1)
    assert told == ([Delay(1, True)] if is_awaited else [])
    work.cancel()
    await asyncio.wait({work})


async def test_a_request_that_reached_nobody_has_the_platform_asked(hand: Any, make_client: Any) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("")

    client = make_client(gone, clock=hand)
    probes: list[int] = []
    client.awaited.follow(lambda delay: None, lambda: probes.append(1) is None)
    with pytest.raises(PlatformError):
        await client.call(table.FEED, retries=0)
    assert probes == [1]
    with pytest.raises(PlatformError):
        await client.media("https://elsewhere.example/a.png", deadline=0.1)
    assert probes == [1]


async def test_a_refusal_is_an_answer(hand: Any, make_client: Any) -> None:
    client = make_client(lambda request: httpx.Response(404, json={}), clock=hand)
    told: list[Delay | None] = []
    client.awaited.follow(told.append, lambda: True)
    with pytest.raises(PlatformError):
        await client.accounts.me()
    assert client.awaited._heard_at == hand.now
    await _pass(hand, 2)
    assert told == []
