import asyncio
import time
from http import HTTPStatus
from typing import Any

import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import SignInRequired, Unreachable
from api_client.models.realtime import NewMessageEvent, Typing, Updates
from api_client.models.users import TokenPair
from api_client.realtime import Phase, Realtime, SocketState
from tests.api_client.socket_scene import PATIENCE, message, open_scene


async def test_events_arrive_typed_and_cleaned_and_no_token_stands_in_the_address(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="from-the-future", x=1)
        await scene.push(type="new-message", message=message("m"))
        await scene.push(type="updates", updates=[{"key": "posts:1", "version": 3}])
        await scene.until(lambda: len(scene.events) == 2)
        assert isinstance(scene.events[0], NewMessageEvent)
        assert "\x1b" not in scene.events[0].message.content
        assert isinstance(scene.events[1], Updates)
        assert scene.hub.paths == ["/api/v1/ws"]
        assert [state.phase for state in scene.states] == [Phase.CONNECTING, Phase.ONLINE]


async def test_frames_that_are_no_frames_do_no_harm(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        for raw in (
            "",
            "null",
            "[" * 5_000,
            "{",
            '{"type": 7}',
            '{"type": "updates"}',
            '{"type":"updates","updates":7}',
        ):
            await scene.hub.connections[-1].send(raw)
        await scene.hub.connections[-1].send(b"\xff\xfe")
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 1)
        assert len(scene.hub.connections) == 1


async def test_after_a_break_everything_is_asked_for_again_and_the_gap_is_told(hand: Any) -> None:
    async with open_scene(hand) as scene:
        link = scene.link
        link.subscribe("posts:1")
        link.start()
        await scene.until_phase(Phase.ONLINE)
        link.subscribe("r:python")
        link.subscribe("posts:2")
        link.unsubscribe("posts:2")
        link.join("c")
        await scene.until(lambda: len(scene.hub.received[0]) == 5)
        assert "gap" not in scene.events
        scene.hub.connections[-1].transport.abort()
        await scene.until_phase(Phase.WAITING)
        assert scene.states[-1].retry_at == hand.now + 0.5
        assert scene.states[-1].seconds_left(hand.now) == 0
        assert not link.send(Typing(chat_id="c"))
        await hand.advance(0.5)
        await scene.until_phase(Phase.ONLINE, 2)
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 2)
        assert scene.events[0] == "gap"
        await scene.until(lambda: len(scene.hub.received[1]) == 3)
        assert [frame.get("key") or frame["chatId"] for frame in scene.hub.received[1]] == ["posts:1", "r:python", "c"]
        assert link.send(Typing(chat_id="c"))
        await scene.until(lambda: scene.hub.received[1][-1] == {"type": "typing", "chatId": "c"})


async def test_a_first_connection_without_trouble_is_no_gap(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 1)
        assert isinstance(scene.events[0], NewMessageEvent)


async def test_a_first_connection_after_failed_ones_is_a_gap_and_only_one(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.refusals = [(HTTPStatus.BAD_GATEWAY, {})] * 2
        scene.link.start()
        for count, wait in enumerate((0.5, 1.0), start=1):
            await scene.until_phase(Phase.WAITING, count)
            await hand.advance(wait)
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="new-message", message=message("m"))
        await scene.until(lambda: len(scene.events) == 2)
        assert scene.events[0] == "gap", "it comes before what followed it"
        assert scene.events.count("gap") == 1


async def test_whoever_shows_old_things_hears_of_a_gap_at_the_first_connection(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start(behind=True)
        await scene.until(lambda: scene.events == ["gap"])


async def test_waits_double_and_start_over_only_after_a_stable_connection(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.refusals = [(HTTPStatus.BAD_GATEWAY, {})] * 3
        scene.link.start()
        waits = []
        for count in range(1, 6):
            await scene.until_phase(Phase.WAITING, count)
            waits.append(scene.states[-1].retry_at - hand.now)
            await hand.advance(waits[-1])
            if count >= 3:
                await scene.until_phase(Phase.ONLINE, count - 2)
                if count == 4:
                    await hand.advance(10)
                scene.hub.connections[-1].transport.abort()
        assert waits == [0.5, 1.0, 2.0, 4.0, 0.5]


async def test_retry_now_does_not_wait(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.refusals = [(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "120"})]
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
        assert scene.states[-1].retry_at == hand.now + 120
        scene.link.retry_now()
        await scene.until_phase(Phase.ONLINE)


async def test_stopped_is_stopped(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        began = time.monotonic()
        await scene.link.stop()
        assert time.monotonic() - began < 20
        assert scene.link.state == SocketState(Phase.STOPPED)
        await hand.advance(3_600)
        assert len(scene.hub.received) == 1
        await scene.link.stop()


async def test_a_wait_can_be_stopped(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.refusals = [(HTTPStatus.BAD_GATEWAY, {})]
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
        await scene.link.stop()
        await hand.advance(60)
        assert scene.hub.received == []


async def test_a_refused_token_is_renewed_once(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.token = "access-2"
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        assert scene.host.renewals == ["r-1"]
        assert len(scene.hub.received) == 2


async def test_a_token_that_stays_refused_ends_in_offline_until_somebody_signs_in(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.hub.token = "another"
        scene.link.start()
        await scene.until_phase(Phase.OFFLINE)
        assert "Authentication failed" in str(scene.states[-1].reason)
        assert len(scene.hub.received) == 2
        await hand.advance(3_600)
        assert len(scene.hub.received) == 2
        await scene.host.auth.sign_in(Tokens(access="another"))
        scene.link.retry_now()
        await scene.until_phase(Phase.ONLINE)


async def test_a_refused_renewal_signs_out_and_a_failing_one_does_not(hand: Any) -> None:
    def refuse() -> TokenPair:
        raise SignInRequired("no", code="SESSION_EXPIRED", status=401)

    def fail() -> TokenPair:
        raise Unreachable("no network")

    async with open_scene(hand) as scene:
        scene.hub.token = "another"
        scene.host.renewal = fail
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
        assert scene.host.signed_out == 0
        scene.host.renewal = refuse
        scene.link.retry_now()
        await scene.until_phase(Phase.OFFLINE)


async def test_a_connection_through_which_nothing_comes_is_given_up(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        for pings in range(1, 6):
            await hand.advance(20)
            await scene.until(lambda pings=pings: len(scene.hub.received[0]) == pings)
            await asyncio.sleep(0.05)  # The pong is on its way through a real socket.
        assert len(scene.states) == 2
        scene.hub.silent = True
        await hand.advance(50)
        await scene.until_phase(Phase.WAITING)
        assert "nothing comes" in str(scene.states[-1].reason)


async def test_a_slow_consumer_does_not_slow_the_socket(hand: Any) -> None:
    async with open_scene(hand) as scene:
        gate = asyncio.Event()
        seen: list[Any] = []

        async def slow(event: Any) -> None:
            seen.append(event)
            await gate.wait()

        scene.link._on_event = slow
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="new-message", message=message("first"))
        await scene.until(lambda: len(seen) == 1)
        for number in range(2_000):
            await scene.push(type="updates", updates=[{"key": f"posts:{number % 10}", "version": number}])
        await scene.push(type="new-message", message=message("last"))
        await scene.until(lambda: len(scene.link._buffer) == 11)
        gate.set()
        await scene.until(lambda: len(seen) == 3)
        assert {notice.version for notice in seen[2].updates} == set(range(1990, 2000))


async def test_huge_frames_end_the_connection_and_not_the_program(hand: Any) -> None:
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.hub.connections[-1].send("x" * (1024 * 1024 + 1))
        await scene.until_phase(Phase.WAITING)
        await hand.advance(1)
        await scene.until_phase(Phase.ONLINE, 2)


async def test_a_redirect_does_not_get_the_token(hand: Any) -> None:
    async with open_scene(hand) as elsewhere, open_scene(hand) as scene:
        target = elsewhere.host.address.socket
        scene.hub.refusals = [(HTTPStatus.FOUND, {"Location": target})]
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
        assert elsewhere.hub.received == []


async def test_nobody_there_is_said_in_words(hand: Any) -> None:
    client = PlatformClient("http://127.0.0.1:1", tokens=MemoryTokens(Tokens(access="a")), clock=hand)
    states: list[SocketState] = []
    waiting = asyncio.Event()

    def note(state: SocketState) -> None:
        states.append(state)
        if state.phase is Phase.WAITING:
            waiting.set()

    link = Realtime(client, on_event=lambda event: None, on_gap=lambda: None, on_state=note)
    link.start()
    await asyncio.wait_for(waiting.wait(), PATIENCE)
    assert states[-1].reason == "The live connection cannot be made. Is the platform running?"
    await link.stop()
    await client.close()


async def test_without_tokens_nothing_is_tried(hand: Any) -> None:
    client = PlatformClient("http://127.0.0.1:1", clock=hand)
    link = Realtime(client, on_event=lambda event: None, on_gap=lambda: None)
    link.start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert link.state == SocketState(Phase.OFFLINE, "Not signed in.")
    await link.stop()
    await client.close()


async def test_a_fault_in_a_callback_is_not_hidden(hand: Any) -> None:
    async with open_scene(hand) as scene:
        faults: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))

        def broken(event: Any) -> None:
            raise ZeroDivisionError

        scene.link._on_event = broken
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="new-message", message=message("m"))
        await scene.until_phase(Phase.OFFLINE)
        assert len(faults) == 1
        with pytest.raises(ExceptionGroup):
            await scene.link.stop()
