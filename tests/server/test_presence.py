"""Who is there: with several sockets, for friends alone, and as it is remembered."""

from __future__ import annotations

from typing import Any

from server.clock import to_ms
from tests.server.socket_client import signed_in


async def befriend(one: Any, other: Any) -> None:
    await one.data("POST", "/conversations", {"memberIds": [other.id]})


async def test_somebody_is_offline_only_when_the_last_socket_closes(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    await befriend(ann, ben)
    async with signed_in(platform.url, ann) as watcher:
        async with signed_in(platform.url, ben):
            now = to_ms(platform.clock.now())
            came = await watcher.until("presence")
            assert came == {"type": "presence", "userId": ben.id, "status": "online", "lastSeen": now}
            async with signed_in(platform.url, ben) as second:
                await second.settled()
            await platform.state.background.drain()
            assert platform.state.hub.is_online(ben.id)
            assert await watcher.settled() == []
            platform.clock.advance(60)
        gone = await watcher.until("presence")
        assert (gone["status"], gone["lastSeen"]) == ("offline", now + 60_000)


async def test_friends_are_told_of_and_strangers_are_left_out(platform: Any) -> None:
    ann, ben, eve, kim, zed = [await platform.person(name) for name in ("ann", "ben", "eve", "kim", "zed")]
    await befriend(ann, ben)
    for follower, followed in ((ann, eve), (eve, ann), (ann, kim), (zed, ann)):
        await follower.data("POST", f"/users/{followed.username}/follow")
    async with (
        signed_in(platform.url, ann) as watcher,
        signed_in(platform.url, kim) as follower_only,
        signed_in(platform.url, eve),
    ):
        await watcher.until("presence", userId=eve.id)
        ids = ",".join(person.id for person in (ann, ben, eve, kim, zed))
        found = await ann.data("GET", "/presence", ids=ids)
        assert set(found) == {ann.id, ben.id, eve.id}
        assert [found[person.id]["status"] for person in (ann, ben, eve)] == ["online", "offline", "online"]
        assert found[ben.id]["lastSeen"] is None
        await platform.state.background.drain()
        await watcher.settled()
        assert {frame["userId"] for frame in watcher.seen if frame["type"] == "presence"} == {eve.id}
        assert await follower_only.settled() == []


async def test_when_somebody_was_last_there_is_remembered(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    await befriend(ann, ben)
    for _ in range(2):
        async with signed_in(platform.url, ben) as socket:
            await socket.settled()
        platform.clock.advance(30)
        await platform.state.hub.emptied(5)
        await platform.state.background.drain()
    left = to_ms(platform.clock.now())
    platform.clock.advance(600)
    found = (await ann.get("/presence", params={}, ids=ben.id)).json()["data"]
    assert found[ben.id]["status"] == "offline"
    assert left - 30_000 <= found[ben.id]["lastSeen"] <= left


async def test_the_question_is_limited(platform: Any) -> None:
    ann = await platform.person("ann")
    assert (await ann.get("/presence", ids=",".join(["x"] * 100))).status_code == 200
    assert (await ann.get("/presence", ids=",".join(["x"] * 101))).status_code == 400
    assert (await ann.get("/presence")).status_code == 400
