"""Devices of a user over real sockets: who is there, what plays, who may say so, and how it moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.player.routes import COMMANDS_PER_MINUTE
from tests.server.music_seed import seed_catalogue
from tests.server.socket_client import Socket, signed_in

DESK = "aaaaaaaa-0000-4000-8000-000000000001"
SOFA = "aaaaaaaa-0000-4000-8000-000000000002"
ORDER = "bbbbbbbb-0000-4000-8000-000000000001"
SECOND = "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


@asynccontextmanager
async def device(platform: Any, person: Any, device_id: str, name: str, **more: Any) -> AsyncIterator[Socket]:
    """Announce a device and connect it."""
    await person.data("PUT", f"/player/devices/{device_id}", {"name": name, **more})
    async with signed_in(platform.url, person) as socket:
        await socket.send("subscribe", key=f"devices:{device_id}")
        await shows(socket, name, online=True)
        yield socket


def playing(device_id: str, version: int, **more: Any) -> dict[str, Any]:
    current = {"trackId": "t1", "entryId": 1}
    lists = {"queue": [{"trackId": "t2", "entryId": 2}, {"trackId": "t3", "entryId": 3}], "order": [1, 2, 3]}
    fields = {"progress": 10.0, "duration": 200.0, "volume": 0.5, "isPlaying": True}
    return {"deviceId": device_id, "version": version, "current": current, "lists": lists, **fields, **more}


async def shows(watcher: Socket, name: str, *, online: bool) -> None:
    """Wait until a device is told to be there, or not."""
    told: set[tuple[str, bool]] = set()
    while (name, online) not in told:
        told = {(each["name"], each["isOnline"]) for each in (await watcher.until("player-devices"))["devices"]}


async def refused(person: Any, method: str, path: str, body: Any, status: int) -> str:
    reply = await person.request(method, path, json=body)
    assert reply.status_code == status, reply.text
    return str(reply.json()["error"]["code"])


async def test_a_device_is_there_while_its_socket_is(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk") as desk:
        async with device(platform, ann, SOFA, "Sofa"):
            found = (await ann.data("GET", "/player/devices"))["devices"]
            assert {(each["name"], each["isOnline"]) for each in found} == {("Desk", True), ("Sofa", True)}
            await shows(desk, "Sofa", online=True)
            platform.clock.advance(60)
        left = platform.clock.now()
        await shows(desk, "Sofa", online=False)
        platform.clock.advance(600)
        found = (await ann.data("GET", "/player/devices"))["devices"]
        (sofa,) = [each for each in found if each["name"] == "Sofa"]
        assert not sofa["isOnline"]
        assert sofa["lastSeen"] == left.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_what_plays_is_told_to_every_device_and_moves_on_with_the_clock(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"), device(platform, ann, SOFA, "Sofa") as sofa:
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        told = (await sofa.until("player-state"))["state"]
        assert (told["version"], told["deviceId"], told["currentTrack"]["title"]) == (1, DESK, "Song 1")
        platform.clock.advance(7)
        state = await ann.data("GET", "/player/state")
        assert state["progress"] == pytest.approx(17.0)
        assert [(each["entryId"], each["title"]) for each in state["queue"]] == [(2, "Song 2"), (3, "Song 3")]
        platform.clock.advance(400)
        assert (await ann.data("GET", "/player/state"))["progress"] == 200.0


async def test_an_older_version_is_refused_and_the_same_again_is_not(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"):
        first = playing(DESK, 0)
        assert (await ann.data("PUT", "/player/state", first))["version"] == 1
        assert (await ann.data("PUT", "/player/state", first))["version"] == 1
        assert await refused(ann, "PUT", "/player/state", playing(DESK, 0, volume=0.9), 409) == "VERSION_CONFLICT"
        assert (await ann.data("PUT", "/player/state", playing(DESK, 1, volume=0.9)))["version"] == 2


async def test_only_the_active_device_says_what_plays_unless_it_claims_the_music(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"), device(platform, ann, SOFA, "Sofa"):
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        assert await refused(ann, "PUT", "/player/state", playing(SOFA, 1), 409) == "CONFLICT"
        assert (await ann.data("PUT", "/player/state", playing(SOFA, 1, claims=True)))["deviceId"] == SOFA
        assert await refused(ann, "PUT", "/player/state", playing(DESK, 2), 409) == "CONFLICT"


async def test_the_music_moves_at_its_place_and_each_device_keeps_its_volume(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk") as desk, device(platform, ann, SOFA, "Sofa", volume=0.2):
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        platform.clock.advance(5)
        moved = await ann.data("POST", f"/player/devices/{SOFA}/transfer", {})
        assert (moved["deviceId"], moved["updatedBy"], moved["isPlaying"]) == (SOFA, None, True)
        assert (moved["progress"], moved["volume"]) == (pytest.approx(15.0), 0.2)
        assert len(moved["queue"]) == 2
        told = [(await desk.until("player-state"))["state"]["deviceId"] for _ in range(2)]
        assert told == [DESK, SOFA]
        found = (await ann.data("GET", "/player/devices"))["devices"]
        assert {each["name"]: each["volume"] for each in found} == {"Desk": 0.5, "Sofa": 0.2}
        held = await ann.data("POST", f"/player/devices/{DESK}/transfer", {"isPlaying": False})
        assert (held["isPlaying"], held["progress"], held["volume"]) == (False, pytest.approx(15.0), 0.5)


async def test_a_device_that_dies_leaves_the_music_where_it_was(platform: Any, ann: Any) -> None:
    async with device(platform, ann, SOFA, "Sofa") as sofa:
        async with device(platform, ann, DESK, "Desk"):
            await shows(sofa, "Desk", online=True)
            await ann.data("PUT", "/player/state", playing(DESK, 0))
            platform.clock.advance(20)
        await shows(sofa, "Desk", online=False)
        platform.clock.advance(500)
        assert (await ann.data("GET", "/player/state"))["progress"] == pytest.approx(30.0)
        assert await refused(ann, "POST", f"/player/devices/{DESK}/transfer", {}, 409) == "CONFLICT"
        command = {"id": ORDER, "action": "pause"}
        assert await refused(ann, "POST", "/player/command", command, 409) == "CONFLICT"
        taken = await ann.data("POST", f"/player/devices/{SOFA}/transfer", {"isPlaying": True})
        assert (taken["deviceId"], taken["progress"]) == (SOFA, pytest.approx(30.0))


async def test_a_command_reaches_the_active_device_alone_and_its_answer_all(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk") as desk, device(platform, ann, SOFA, "Sofa") as sofa:
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        items = [
            {"trackId": "t4"},
            {"trackId": "nowhere"},
            {"trackId": "t5", "contextType": "album", "contextId": "al1"},
        ]
        asked = {"id": ORDER, "action": "play-tracks", "items": items, "start": 1, "fromDevice": SOFA}
        assert (await ann.data("POST", "/player/command", asked))["deviceId"] == DESK
        order = (await desk.until("player-command"))["command"]
        assert (order["id"], order["fromName"], order["start"]) == (ORDER, "Sofa", 1)
        assert [each["title"] for each in order["tracks"]] == ["Song 4", "Song 5"]
        last = asked | {"id": SECOND, "items": [{"trackId": "t4"}, {"trackId": "nowhere"}]}
        await ann.data("POST", "/player/command", last)
        order = (await desk.until("player-command"))["command"]
        assert (order["start"], len(order["tracks"])) == (0, 1), "what is left plays, where the chosen one is not here"
        await desk.send("player-answer", commandId=ORDER, outcome="refused", message="Not now.")
        assert (await sofa.until("player-answer"))["message"] == "Not now."
        assert not [frame for frame in sofa.seen if frame["type"] == "player-command"]


async def test_a_device_that_is_not_active_takes_only_what_concerns_its_own_sound(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"), device(platform, ann, SOFA, "Sofa") as sofa:
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        pause = {"id": ORDER, "action": "pause", "deviceId": SOFA}
        assert await refused(ann, "POST", "/player/command", pause, 409) == "CONFLICT"
        await ann.data("POST", "/player/command", {"id": ORDER, "action": "volume", "volume": 0.3, "deviceId": SOFA})
        assert (await sofa.until("player-command"))["command"]["volume"] == 0.3


async def test_nobody_else_sees_or_drives_the_devices(platform: Any, ann: Any) -> None:
    eve = await platform.person("eve")
    async with device(platform, ann, DESK, "Desk"), signed_in(platform.url, eve) as stranger:
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        announce = await refused(eve, "PUT", f"/player/devices/{DESK}", {"name": "Mine"}, 404)
        write = await refused(eve, "PUT", "/player/state", playing(DESK, 0), 404)
        move = await refused(eve, "POST", f"/player/devices/{DESK}/transfer", {}, 404)
        pause = {"id": ORDER, "action": "pause", "deviceId": DESK}
        command = await refused(eve, "POST", "/player/command", pause, 404)
        assert {announce, write, move, command} == {"NOT_FOUND"}
        assert (await eve.data("GET", "/player/devices"))["devices"] == []
        assert (await eve.data("GET", "/player/state"))["version"] == 0
        for key in (f"devices:{DESK}", f"player:{ann.id}"):
            await stranger.send("subscribe", key=key)
            assert (await stranger.until("error"))["key"] == key
        await stranger.send("player-answer", commandId=ORDER, outcome="applied")
        await stranger.settled()
        kinds = {frame["type"] for frame in stranger.seen}
        assert kinds.isdisjoint({"player-state", "player-devices", "player-command"})


@pytest.mark.parametrize(
    "body",
    [
        {"action": "seek"},
        {"action": "volume", "volume": 1.5},
        {"action": "play-tracks", "items": []},
        {"action": "move", "entryId": 3},
        {"action": "explode"},
        {"action": "add", "items": [{"trackId": "t1"}] * 1001},
    ],
)
async def test_a_command_that_is_not_whole_is_refused(platform: Any, ann: Any, body: dict[str, Any]) -> None:
    assert await refused(ann, "POST", "/player/command", {"id": ORDER, **body}, 400) == "VALIDATION_ERROR"


async def test_commands_are_limited(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"):
        await ann.data("PUT", "/player/state", playing(DESK, 0))
        for _ in range(COMMANDS_PER_MINUTE):
            platform.state.limiter.take("player command", ann.id, COMMANDS_PER_MINUTE, 60, platform.clock.now())
        pause = {"id": ORDER, "action": "pause"}
        assert await refused(ann, "POST", "/player/command", pause, 429) == "RATE_LIMITED"
        platform.clock.advance(61)
        await ann.data("POST", "/player/command", pause)


async def test_a_new_platform_finds_what_played(platform: Any, ann: Any) -> None:
    async with device(platform, ann, DESK, "Desk"):
        await ann.data("PUT", "/player/state", playing(DESK, 0, isPlaying=False))
    platform.clock.advance(700)
    state = await ann.data("GET", "/player/state")
    assert (state["progress"], state["idleSeconds"], state["shuffle"]) == (10.0, 700, False)
