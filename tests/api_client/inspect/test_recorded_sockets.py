"""What is recorded of the live connection: handshake, every frame both ways, what the protocol does itself, the end."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from api_client.inspect.causes import Cause, caused_by, current_cause
from api_client.inspect.har import har_json, to_har
from api_client.inspect.recorder import Recorder
from api_client.inspect.records import KEPT
from api_client.realtime import Phase
from tests.api_client.inspect.har_readers import as_chrome
from tests.api_client.socket_scene import message, open_scene
from tests.inspect_canary import survivors


async def test_every_frame_is_recorded_with_who_caused_it(hand: Any) -> None:
    recorder = Recorder()
    async with open_scene(hand) as scene:
        scene.host.recorder = recorder
        with caused_by("account.sign_in", "Sign in"):
            scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        with caused_by("post.open", "Open") as opened:
            scene.link.subscribe("posts:1")
        await scene.until(lambda: len(scene.hub.received[0]) == 1)
        await scene.push(type="new-message", message=message("m1"))
        await scene.until(lambda: len(recorder.frames) >= 4)
        await scene.link.stop()
    (connection,) = recorder.sockets
    assert (connection.status, connection.url) == (101, scene.host.address.socket)
    assert connection.request_headers.get("user-agent") == "parlour/test"
    assert connection.response_headers.get("upgrade").lower() == "websocket"
    assert None not in (connection.opened, connection.ended, connection.phases.connect, connection.phases.wait)
    assert connection.phases.tls is None
    assert connection.close_code is not None
    assert connection.sent_bytes > 0
    assert connection.received_bytes > 0
    frames = [frame for frame in recorder.frames if frame.opcode == 1]
    assert [(frame.direction, frame.type) for frame in frames[:3]] == [
        ("sent", "auth"), ("received", "ready"), ("sent", "subscribe"),
    ]  # fmt: skip
    assert "new-message" in [frame.type for frame in frames]
    assert [frame.cause for frame in frames[:3]] == [None, None, opened]
    assert all(frame.cause is None for frame in frames if frame.direction == "received")
    assert all(frame.socket == connection.id for frame in recorder.frames)
    assert [frame.at for frame in recorder.frames] == sorted(frame.at for frame in recorder.frames)
    assert {"sent", "received"} == {frame.direction for frame in recorder.frames if frame.type == "close"}
    har = to_har([], recorder.frames, recorder.sockets, redactor=recorder.redactor)
    assert len(as_chrome(har)[0]["messages"]) == len(recorder.frames)
    assert survivors(json.dumps(har), "access-1") == []


async def test_what_the_protocol_answers_by_itself_is_recorded_and_parts_are_one_message(hand: Any) -> None:
    recorder = Recorder()
    long = "x" * (KEPT + 500)

    async def talk(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(json.dumps({"type": "ready", "userId": "u", "protocol": 1}))
        await (await connection.ping(b"are you there"))
        await connection.send(iter(['{"type":"unknown",', f'"text":"{long}"', "}"]))
        await connection.send(b"\0\1")
        await connection.close(4000, "enough of this")

    async with open_scene(hand) as scene, serve(talk, "127.0.0.1", 0) as server:
        scene.host.recorder = recorder
        scene.link._url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
    kinds = [(frame.direction, frame.type or frame.opcode) for frame in recorder.frames]
    assert set(kinds[1:4]) == {("received", "ready"), ("received", "ping"), ("sent", "pong")}
    assert kinds.index(("received", "ping")) < kinds.index(("sent", "pong"))
    assert (kinds[0], kinds[4:6]) == (("sent", "auth"), [("received", "unknown"), ("received", 2)])
    parts = recorder.frames[4]
    assert (parts.opcode, parts.size, len(parts.data)) == (1, len(long) + 28, KEPT)
    assert [frame.data for frame in recorder.frames if frame.type == "pong"] == [b"are you there"]
    assert (recorder.sockets[0].close_code, recorder.sockets[0].close_reason) == (4000, "enough of this")


async def test_a_connection_that_is_refused_is_recorded_with_its_status(hand: Any) -> None:
    recorder = Recorder()
    async with open_scene(hand) as scene:
        scene.host.recorder = recorder
        scene.hub.refusals = [(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "7"})]
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
    (refused, *_) = recorder.sockets
    assert (refused.status, refused.response_headers.get("retry-after")) == (503, "7")
    assert refused.error == "The platform refuses the live connection (503)."
    assert refused.ended is not None


async def test_a_connection_that_never_was_is_recorded_with_why(hand: Any) -> None:
    recorder = Recorder()
    async with open_scene(hand) as scene:
        scene.host.recorder = recorder
        scene.link._url = "ws://127.0.0.1:1/nowhere"
        scene.link.start()
        await scene.until_phase(Phase.WAITING)
    assert "cannot be made" in recorder.sockets[0].error
    assert recorder.sockets[0].status is None


async def test_recording_may_begin_in_the_middle_of_a_connection_and_end_there(hand: Any) -> None:
    recorder = Recorder()
    async with open_scene(hand) as scene:
        scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        scene.host.recorder = recorder
        await scene.push(type="new-message", message=message("m1"))
        await scene.until(lambda: len(scene.events) == 1)
        scene.host.recorder = None
        await scene.push(type="new-message", message=message("m2"))
        await scene.until(lambda: len(scene.events) == 2)
    assert [frame.type for frame in recorder.frames] == ["new-message"]
    assert [connection.status for connection in recorder.sockets] == [101]
    assert "access-1" not in har_json([], recorder.frames, recorder.sockets, redactor=recorder.redactor)


async def test_what_events_lead_to_does_not_belong_to_the_action_in_whose_course_the_link_began(hand: Any) -> None:
    causes: list[Cause | None] = []
    async with open_scene(hand) as scene:
        scene.link._on_event = lambda event: causes.append(current_cause())
        with caused_by("account.sign_in", "Sign in"):
            scene.link.start()
        await scene.until_phase(Phase.ONLINE)
        await scene.push(type="new-message", message=message("m1"))
        await scene.until(lambda: bool(causes))
    assert causes == [None]
