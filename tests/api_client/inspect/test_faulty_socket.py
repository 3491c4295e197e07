"""Faults on the socket: frames that are lost, doubled and late, and a line that is cut."""

from __future__ import annotations

from typing import Any

from api_client.inspect.fault_spec import parse_spec
from api_client.inspect.recorder import Recorder
from api_client.realtime import Phase
from tests.api_client.conftest import HandClock
from tests.api_client.socket_scene import Scene, message, open_scene


async def online(scene: Scene) -> None:
    scene.link.start()
    await scene.until_phase(Phase.ONLINE)
    await scene.until(lambda: len(scene.hub.connections) == 1)


def names(scene: Scene) -> list[str]:
    return [event if event == "gap" else event.message.id for event in scene.events]


async def says(scene: Scene, *ids: str) -> None:
    for name in ids:
        await scene.push(type="new-message", chatId="c", message=message(name))


async def test_frames_are_doubled_lost_and_whole_again(hand: Any) -> None:
    async with open_scene(hand) as scene:
        await online(scene)
        scene.host.recorder = recorder = Recorder()
        scene.faults.turn(parse_spec("duplicate=100%"))
        signs = scene.signs
        await says(scene, "a")
        # The same message twice is one by the time that it is handed on.
        await scene.until(lambda: scene.signs == signs + 2)
        scene.faults.turn(parse_spec("loss=100%,only=socket"))
        await says(scene, "b")
        # What is lost leaves no trace: it is waited for until it was counted.
        await scene.until(lambda: scene.faults.on is not None and scene.faults.on.injected["lost frame"] == 1)
        scene.faults.turn(None)
        await says(scene, "c")
        await scene.until(lambda: names(scene) == ["a", "c"])
        received = [frame for frame in recorder.frames if frame.direction == "received"]
        assert [frame.note for frame in received] == ["doubled", "lost", ""]


async def test_frames_are_late_and_do_not_overtake_each_other(hand: HandClock) -> None:
    async with open_scene(hand) as scene:
        await online(scene)
        signs = scene.signs
        scene.faults.turn(parse_spec("latency=10s±9s,seed=5"))
        await says(scene, *"abcdef")
        await scene.until(lambda: scene.faults.on is not None and scene.faults.on._turns["frame new-message"] == 6)
        assert names(scene) == []
        assert scene.signs == signs, "what has not come yet is no sign of life either"
        scene.faults.turn(None)
        # What comes after the end of a slow line waits for what is still in it.
        await says(scene, "g")
        for _ in range(20):
            await hand.advance(1.0)
        await scene.until(lambda: names(scene) == list("abcdefg"))


async def test_a_line_is_cut_again_and_again_until_that_is_over(hand: HandClock) -> None:
    async with open_scene(hand) as scene:
        await online(scene)
        scene.faults.turn(parse_spec("cut=20s"))
        await scene.until(lambda: any(at == hand.now + 20.0 for at, _, _ in hand._sleepers))
        await hand.advance(19.0)
        assert scene.link.state.phase is Phase.ONLINE
        await hand.advance(1.5)
        await scene.until_phase(Phase.WAITING)
        assert "injected" in next(state.reason for state in scene.states if state.phase is Phase.WAITING)
        await scene.hub.connections[0].wait_closed()
        assert scene.hub.connections[0].close_code == 1006, "nobody has said goodbye"
        await hand.advance(5.0)
        await scene.until_phase(Phase.ONLINE, 2)
        await scene.until(lambda: names(scene) == ["gap"])
        scene.faults.turn(None)
        await hand.advance(21.0)
        assert scene.link.state.phase is Phase.ONLINE
