"""Sessions in which several hear the same: who is in them, what each may do, and how they end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api_client.models.together import CODE_LETTERS
from server.clock import to_ms
from server.tables.together import GroupSessionRow
from server.together.housekeeping import AWAY_FOR, HOST_AWAY_FOR, tend_sessions
from tests.server.conftest import PASSWORD
from tests.server.music_seed import seed_catalogue
from tests.server.socket_client import signed_in


@pytest.fixture
async def people(platform: Any) -> list[Any]:
    await seed_catalogue(platform.state.database)
    return [await platform.person(name) for name in ("ann", "ben", "eve")]


async def start(host: Any, *tracks: str, **more: Any) -> str:
    return str((await host.data("POST", "/sessions/group", {"trackIds": list(tracks), **more}))["code"])


async def join(person: Any, code: str) -> dict[str, Any]:
    return dict(await person.data("POST", f"/sessions/group/{code}/join"))


async def command(person: Any, code: str, kind: str, **more: Any) -> dict[str, Any]:
    return dict(await person.data("POST", f"/sessions/group/{code}/command", {"kind": kind, **more}))


async def refused(person: Any, code: str, kind: str, **more: Any) -> tuple[int, str]:
    reply = await person.post(f"/sessions/group/{code}/command", {"kind": kind, **more})
    return reply.status_code, reply.json()["error"]["message"]


async def anew(platform: Any, person: Any) -> None:
    """Sign somebody in again, whose token is too old by now."""
    reply = await person.http.post("auth/login", json={"email": person.username, "password": PASSWORD})
    person.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"


async def look(person: Any, code: str) -> dict[str, Any]:
    return dict(await person.data("GET", f"/sessions/group/{code}"))


def titles(state: dict[str, Any]) -> list[str]:
    return [entry["track"]["title"] for entry in state["entries"]]


async def test_a_code_is_short_and_read_however_it_is_written(platform: Any, people: list[Any]) -> None:
    ann, ben, eve = people
    code = await start(ann, "t1")
    assert len(code) == 6
    assert set(code) <= set(CODE_LETTERS)
    state = await join(ben, f"{code[:3].lower()}-{code[3:]}")
    assert [member["user"]["username"] for member in state["members"]] == ["ann", "ben"]
    assert state["hostId"] == ann.id
    for wrong in ("BBBBBB", "x", "nonsense-that-is-long"):
        assert (await eve.post(f"/sessions/group/{wrong}/join")).status_code == 404
        assert (await eve.get(f"/sessions/group/{wrong}")).status_code == 404
        assert (await eve.post(f"/sessions/group/{wrong}/command", {"kind": "play"})).status_code == 404
    # Who knows the code and is not in it learns nothing and can do nothing.
    assert (await eve.get(f"/sessions/group/{code}")).status_code == 403
    assert (await refused(eve, code, "pause"))[0] == 403
    assert (await eve.post(f"/sessions/group/{code}/leave")).status_code == 403


async def test_a_latecomer_comes_into_the_middle(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    code = await start(ann, "t1", "t2", positionMs=5_000)
    platform.clock.advance(20)
    state = await join(ben, code)
    assert (state["currentId"], state["positionMs"], state["playing"]) == (1, 25_000, True)
    assert state["at"] == state["serverTime"] == to_ms(platform.clock.now())
    assert titles(state) == ["Song 1", "Song 2"]
    platform.clock.advance(200)
    assert [(await look(person, code))["currentId"] for person in (ann, ben)] == [2, 2]
    assert (await look(ben, code))["positionMs"] == 225_000 - 200_001
    platform.clock.advance(250)
    over = await look(ben, code)
    assert (over["currentId"], over["playing"]) == (None, False)


async def test_everybody_is_told_of_every_command_with_a_version(platform: Any, people: list[Any]) -> None:
    ann, ben, eve = people
    code = await start(ann, "t1", "t2")
    await join(ben, code)
    async with signed_in(platform.url, ben) as socket, signed_in(platform.url, eve) as stranger:
        await platform.state.background.drain()
        await socket.settled()
        platform.clock.advance(10)
        state = await command(ann, code, "pause")
        told = await socket.until("session-state")
        assert told["code"] == code
        assert told["hostTime"] == to_ms(platform.clock.now())
        assert told["state"]["version"] == state["version"]
        assert (told["state"]["playing"], told["state"]["positionMs"]) == (False, 10_000)
        assert "entries" not in told["state"], "the queue has not changed"
        await command(ben, code, "add", trackIds=["t3"])
        told = await socket.until("session-state")
        assert [entry["addedByName"] for entry in told["state"]["entries"]] == ["ann", "ann", "ben"]
        assert [frame for frame in await stranger.settled() if frame["type"] == "session-state"] == []


async def test_guests_add_and_control_only_if_the_host_lets_them(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    code = await start(ann, "t1", "t2")
    await join(ben, code)
    for kind, more in (
        ("play", {}), ("pause", {}), ("seek", {"positionMs": 1}), ("next", {}), ("previous", {}),
        ("jump", {"entryId": 2}), ("move", {"entryId": 2, "to": 0}), ("add_next", {"trackIds": ["t3"]}),
        ("remove", {"entryId": 2}), ("settings", {"guestsControl": True}), ("hand_over", {"userId": ben.id}),
        ("remove_member", {"userId": ann.id}), ("close", {}),
    ):  # fmt: skip
        status, sentence = await refused(ben, code, kind, **more)
        assert (status, sentence.endswith(".")) == (403, True), kind
    state = await command(ben, code, "add", trackIds=["t3", "t9", "nothing"])
    assert [entry["track"]["id"] for entry in state["entries"]] == ["t1", "t2", "t3"], "t9 is not out yet"
    state = await command(ben, code, "remove", entryId=3)
    assert len(state["entries"]) == 2, "what one has added, one may take out"
    await command(ann, code, "settings", guestsControl=True)
    assert (await command(ben, code, "next", entryId=1))["currentId"] == 2
    assert (await refused(ben, code, "close"))[0] == 403


async def test_two_who_skip_at_once_skip_one_track(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    code = await start(ann, "t1", "t2", "t3", guestsControl=True)
    await join(ben, code)
    assert (await command(ann, code, "next", entryId=1))["currentId"] == 2
    assert (await command(ben, code, "next", entryId=1))["currentId"] == 2
    assert (await command(ben, code, "seek", entryId=1, positionMs=90_000))["positionMs"] == 0


async def test_a_command_that_comes_twice_is_done_once(platform: Any, people: list[Any]) -> None:
    ann, _, _ = people
    code = await start(ann, "t1")
    for _ in range(2):
        reply = await ann.post(f"/sessions/group/{code}/command", {"kind": "add", "trackIds": ["t2"]}, key="once")
        assert reply.status_code == 200
    assert titles(await look(ann, code)) == ["Song 1", "Song 2"]


async def test_who_was_taken_out_is_told_and_does_not_come_back(platform: Any, people: list[Any]) -> None:
    ann, ben, eve = people
    code = await start(ann, "t1")
    await join(ben, code)
    async with signed_in(platform.url, ben) as socket:
        await command(ann, code, "remove_member", userId=ben.id)
        while (told := (await socket.until("session-state"))["state"])["members"]:
            pass
        assert "entries" not in told
        await command(ann, code, "pause")
        assert [frame for frame in await socket.settled() if frame["type"] == "session-state"] == []
    assert (await ben.get(f"/sessions/group/{code}")).status_code == 403
    assert (await refused(ben, code, "add", trackIds=["t2"]))[0] == 403
    reply = await ben.post(f"/sessions/group/{code}/join")
    assert (reply.status_code, "taken you out" in reply.text) == (403, True)
    assert (await ann.post(f"/sessions/group/{code}/command", {"kind": "remove_member"})).status_code == 400
    await join(eve, code)


async def test_after_the_host_the_oldest_member_is_host_and_after_the_last_it_is_over(
    platform: Any, people: list[Any]
) -> None:
    ann, ben, eve = people
    code = await start(ann, "t1")
    await join(ben, code)
    platform.clock.advance(1)
    await join(eve, code)
    await ann.data("POST", f"/sessions/group/{code}/leave")
    assert (await look(eve, code))["hostId"] == ben.id
    await command(ben, code, "hand_over", userId=eve.id)
    assert (await look(ben, code))["hostId"] == eve.id
    async with signed_in(platform.url, ben) as socket:
        await command(eve, code, "close")
        while not (told := (await socket.until("session-state"))["state"]).get("ended"):
            pass
        assert told["ended"] == "eve has ended the session."
    assert (await ben.get(f"/sessions/group/{code}")).status_code == 404
    again = await start(ann, "t1")
    await ann.data("POST", f"/sessions/group/{again}/leave")
    assert (await ann.get(f"/sessions/group/{again}")).status_code == 404


async def test_nobody_is_in_two_sessions(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    first = await start(ann, "t1")
    await join(ben, first)
    second = await start(ann, "t2")
    assert first != second
    assert (await look(ben, first))["hostId"] == ben.id
    await join(ben, second)
    assert (await ben.get(f"/sessions/group/{first}")).status_code == 404


async def test_a_host_who_is_away_hands_over_and_who_is_away_for_long_is_out(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    code = await start(ann, "t1")

    async def until(socket: Any, *members: tuple[str, bool]) -> dict[str, Any]:
        while True:
            state: dict[str, Any] = (await socket.until("session-state"))["state"]
            if [(one["user"]["username"], one["online"]) for one in state["members"]] == list(members):
                return state

    async with signed_in(platform.url, ben) as socket:
        async with signed_in(platform.url, ann):
            await join(ben, code)
            await until(socket, ("ann", True), ("ben", True))
        await until(socket, ("ann", False), ("ben", True))
        platform.clock.advance(HOST_AWAY_FOR.total_seconds())
        await tend_sessions(platform.state, platform.clock.now())
        assert (await look(ben, code))["hostId"] == ben.id
        platform.clock.advance(AWAY_FOR.total_seconds())
        await tend_sessions(platform.state, platform.clock.now())
        await until(socket, ("ben", True))
    await platform.state.hub.emptied(30)
    await platform.state.background.drain()
    platform.clock.advance(AWAY_FOR.total_seconds())
    await tend_sessions(platform.state, platform.clock.now())
    async with platform.state.database.reading() as db:
        assert (await db.scalars(select(GroupSessionRow.code))).all() == []


async def test_a_session_ends_after_twelve_hours(platform: Any, people: list[Any]) -> None:
    ann, _, _ = people
    code = await start(ann, "t1")
    platform.clock.advance(12 * 3600)
    await anew(platform, ann)
    assert (await ann.get(f"/sessions/group/{code}")).status_code == 404
    await tend_sessions(platform.state, platform.clock.now())
    async with platform.state.database.reading() as db:
        assert (await db.scalars(select(GroupSessionRow.code))).all() == []


async def test_the_clock_of_the_platform_can_be_asked(platform: Any, people: list[Any]) -> None:
    assert await people[0].data("GET", "/time") == {"now": to_ms(platform.clock.now())}


async def test_codes_cannot_be_tried_through_by_anything(platform: Any, people: list[Any]) -> None:
    ann, _, eve = people
    code = await start(ann, "t1")
    tries = [eve.get("/sessions/group/BBBBBB"), eve.post("/sessions/group/BBBBBB/leave")]
    tries += [eve.post(f"/sessions/group/{code}/command", {"kind": "play"}) for _ in range(27)]
    assert {(await each).status_code for each in tries} == {403, 404}
    assert (await eve.post("/sessions/group/BBBBBB/join")).status_code == 404
    assert (await eve.get(f"/sessions/group/{code}")).status_code == 429
    for _ in range(31):
        await look(ann, code)


async def test_who_was_in_a_session_that_ran_out_begins_another_one_at_once(platform: Any, people: list[Any]) -> None:
    ann, ben, _ = people
    first = await start(ann, "t1")
    await join(ben, first)
    platform.clock.advance(12 * 3600)
    await anew(platform, ann)
    await anew(platform, ben)
    second = await start(ann, "t2")
    state = await join(ben, second)
    assert [member["user"]["username"] for member in state["members"]] == ["ann", "ben"]
    await tend_sessions(platform.state, platform.clock.now())
    assert (await look(ben, second))["version"] >= state["version"]
