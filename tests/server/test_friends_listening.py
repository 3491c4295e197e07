"""What friends hear and who may know: activity, private sessions and the lasting setting, asked for and live."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import event

from server.clock import to_ms
from server.music.reader import CatalogueReader
from server.realtime.hub import Hub
from server.tables.devices import DeviceRow, PlayerStateRow
from server.tables.music import PlaylistRow
from server.together.friends import activities
from tests.server.conftest import PASSWORD
from tests.server.music_seed import CREATED, seed_catalogue
from tests.server.socket_client import signed_in


async def befriend(one: Any, other: Any) -> None:
    await one.data("POST", f"/users/{other.username}/follow")
    await other.data("POST", f"/users/{one.username}/follow")


@pytest.fixture
async def friends(platform: Any) -> tuple[Any, Any]:
    """Ann and Ben, who follow each other."""
    await seed_catalogue(platform.state.database)
    ann, ben = await platform.person("ann"), await platform.person("ben")
    await befriend(ann, ben)
    return ann, ben


async def plays(platform: Any, person: Any, kind: str, track: str = "t1", position: int = 0, **more: Any) -> None:
    now = to_ms(platform.clock.now())
    body = {"trackId": track, "eventType": kind, "position": position, "timestamp": now, **more}
    reply = await person.post("/playback/events", body)
    assert reply.status_code == 200, reply.text
    await platform.state.background.drain()


async def anew(platform: Any, person: Any) -> None:
    """Sign somebody in again, whose token is too old by now."""
    reply = await person.http.post("auth/login", json={"email": person.username, "password": PASSWORD})
    person.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"


async def activity(person: Any) -> list[dict[str, Any]]:
    return list((await person.data("GET", "/friends/activity"))["friends"])


async def test_a_friend_is_heard_now_then_last(platform: Any, friends: Any) -> None:
    ann, ben = friends
    async with signed_in(platform.url, ben):
        await plays(platform, ben, "start", contextType="album", contextId="al1")
        (now,) = await activity(ann)
        assert (now["user"]["username"], now["track"]["title"], now["playing"]) == ("ben", "Song 1", True)
        assert now["leftMs"] == 200_001
        assert now["context"] == {"type": "album", "id": "al1", "name": "Ágætis byrjun"}
        platform.clock.advance(50)
        assert (await activity(ann))[0]["leftMs"] == 150_001
        await plays(platform, ben, "skip", position=50_000)
        (last,) = await activity(ann)
        assert (last["track"]["id"], last["playing"]) == ("t1", False)
    assert await activity(ben) == []


async def test_who_has_paused_hears_nothing_now(platform: Any, friends: Any) -> None:
    ann, ben = friends
    device = "01900000-0000-7000-8000-000000000001"
    state = {"deviceId": device, "current": {"entryId": 1, "trackId": "t1"}, "duration": 200.0}
    async with signed_in(platform.url, ann) as watcher, signed_in(platform.url, ben) as socket:
        await ben.data("PUT", f"/player/devices/{device}", {"name": "Desk", "kind": "computer"})
        await socket.send("subscribe", key=f"devices:{device}")
        await socket.until("updates")
        await plays(platform, ben, "start")
        for version, playing, progress in ((0, True, 0.0), (1, False, 20.0), (2, True, 20.0)):
            await ben.data(
                "PUT", "/player/state", state | {"version": version, "isPlaying": playing, "progress": progress}
            )
            await platform.state.background.drain()
            (one,) = await activity(ann)
            assert (one["playing"], one["leftMs"] > 0) == (playing, playing)
            platform.clock.advance(60)
        told = [frame["activity"]["playing"] for frame in await watcher.settled() if frame["type"] == "friend-activity"]
        assert told[-3:] == [True, False, True]


async def test_nobody_without_a_connection_is_heard_now(platform: Any, friends: Any) -> None:
    ann, ben = friends
    await plays(platform, ben, "start")
    assert [one["playing"] for one in await activity(ann)] == [False]


async def test_who_hears_something_now_stands_before_who_was_heard_last(platform: Any, friends: Any) -> None:
    ann, ben = friends
    eve, kim = await platform.person("eve"), await platform.person("kim")
    await befriend(ann, eve)
    await befriend(ann, kim)
    async with signed_in(platform.url, ben):
        await plays(platform, ben, "start")
        platform.clock.advance(10)
        for other in (eve, kim):
            await plays(platform, other, "start", "t2")
            platform.clock.advance(10)
        assert [one["user"]["username"] for one in await activity(ann)] == ["ben", "kim", "eve"]


async def test_strangers_and_private_accounts_stay_unseen(platform: Any, friends: Any) -> None:
    ann, _ = friends
    zed, kim = await platform.person("zed"), await platform.person("kim")
    await ann.data("POST", "/users/zed/follow")
    # A chat makes them friends, as it does for who is online; what a private account hears is for its followers.
    await kim.data("POST", "/conversations", {"memberIds": [ann.id]})
    for person in (zed, kim):
        await plays(platform, person, "start")
    assert [one["user"]["username"] for one in await activity(ann)] == ["kim"]
    await kim.data("PUT", "/users/me", {"isPrivate": True})
    async with signed_in(platform.url, ann) as watcher:
        await plays(platform, kim, "start", "t2")
        await plays(platform, zed, "start", "t2")
        assert [frame for frame in await watcher.settled() if frame["type"] == "friend-activity"] == []
    assert await activity(ann) == []


async def test_friends_who_are_there_are_told_at_once(platform: Any, friends: Any) -> None:
    ann, ben = friends
    eve = await platform.person("eve")
    async with signed_in(platform.url, ann) as watcher, signed_in(platform.url, eve) as stranger:
        async with signed_in(platform.url, ben):
            await plays(platform, ben, "start")
            told = (await watcher.until("friend-activity"))["activity"]
            assert (told["user"]["id"], told["track"]["id"], told["playing"]) == (ben.id, "t1", True)
            await plays(platform, ben, "complete", position=200_001)
            assert (await watcher.until("friend-activity"))["activity"]["playing"] is False
        assert [frame for frame in await stranger.settled() if frame["type"] == "friend-activity"] == []


async def test_a_private_playlist_is_not_named(platform: Any, friends: Any) -> None:
    ann, ben = friends
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        for name, public in (("open", True), ("secret", False)):
            db.add(
                PlaylistRow(
                    id=name, owner_id=ben.id, name=f"The {name} one", is_public=public, created_at=CREATED,
                    updated_at=now,
                )
            )  # fmt: skip
    await plays(platform, ben, "start", contextType="playlist", contextId="open")
    assert (await activity(ann))[0]["context"]["name"] == "The open one"
    platform.clock.advance(1)
    await plays(platform, ben, "start", "t2", contextType="playlist", contextId="secret")
    assert (await activity(ann))[0]["context"] is None


async def everything_shown(platform: Any, viewer: Any, watcher: Any) -> str:
    """Return all that the viewer can find out about Ben's listening, and what was told meanwhile, as text."""
    asked = [await viewer.get(path) for path in ("/friends/activity", "/users/ben", "/users/ben/followers")]
    told = await watcher.settled()
    return "\n".join([*(reply.text for reply in asked), json.dumps(told)])


async def test_a_private_session_hides_in_all_ways(platform: Any, friends: Any) -> None:
    ann, ben = friends
    async with signed_in(platform.url, ann) as watcher, signed_in(platform.url, ben) as own:
        await plays(platform, ben, "complete", "t3", position=200_003)
        platform.clock.advance(1)
        await plays(platform, ben, "start", "t4")
        assert "Song 4" in await everything_shown(platform, ann, watcher)

        privacy = await ben.data("PUT", "/listening/privacy", {"private": True})
        assert privacy["privateUntil"] == "2026-01-05T18:00:01.000Z"
        await platform.state.background.drain()
        assert (await own.until("listening-privacy"))["privacy"] == {
            "showsListening": True,
            "privateUntil": privacy["privateUntil"],
        }
        # What went on when it began is hidden as well; what was heard before remains.
        (shown,) = await activity(ann)
        assert (shown["track"]["id"], shown["playing"]) == ("t3", False)
        await watcher.settled()

        for kind, position in (("start", 0), ("seek", 9_000), ("progress", 40_000), ("complete", 200_008)):
            platform.clock.advance(1)
            await plays(platform, ben, kind, "t8", position, listenedMs=position)
        code = (await ben.data("POST", "/sessions/group", {"trackIds": ["t8"]}))["code"]
        await platform.state.background.drain()
        seen = await everything_shown(platform, ann, watcher)
        assert "t8" not in seen
        assert "Thunderstruck" not in seen
        assert code not in seen
        # It counts all the same, and stands in the own history.
        assert (await ann.data("GET", "/tracks/t8"))["streamCount"] == 81
        assert [play["track"]["id"] for play in await ben.all("/history")] == ["t8", "t4", "t3"]

        await ben.data("PUT", "/listening/privacy", {"private": False})
        await ben.data("POST", f"/sessions/group/{code}/leave")
        await platform.state.background.drain()
        seen = await everything_shown(platform, ann, watcher)
        assert "Thunderstruck" not in seen
        assert "Song 4" not in seen, "what was heard in private stays so"


async def test_a_private_session_ends_by_itself_after_six_hours(platform: Any, friends: Any) -> None:
    ann, ben = friends
    await ben.data("PUT", "/listening/privacy", {"private": True})
    platform.clock.advance(6 * 3600 - 1)
    for person in friends:
        await anew(platform, person)
    await plays(platform, ben, "start", "t1")
    assert await activity(ann) == []
    platform.clock.advance(2)
    assert (await ben.data("GET", "/listening/privacy"))["privateUntil"] is None
    await plays(platform, ben, "start", "t2")
    assert [one["track"]["id"] for one in await activity(ann)] == ["t2"]


async def test_an_event_that_was_private_when_it_happened_stays_so_when_it_arrives_late(
    platform: Any, friends: Any
) -> None:
    ann, ben = friends
    async with signed_in(platform.url, ann) as watcher:
        await plays(platform, ben, "start", "t5", private=True)
        assert await watcher.settled() == []
    assert await activity(ann) == []


async def test_the_lasting_setting_shows_nothing_at_all(platform: Any, friends: Any) -> None:
    ann, ben = friends
    await plays(platform, ben, "start", "t1")
    assert len(await activity(ann)) == 1
    async with signed_in(platform.url, ann) as watcher:
        await ben.data("PUT", "/listening/privacy", {"showsListening": False})
        told = (await watcher.until("friend-activity"))["activity"]
        assert told.get("track") is None
    assert await activity(ann) == []
    platform.clock.advance(60)
    await plays(platform, ben, "start", "t2")
    await ben.data("PUT", "/listening/privacy", {"showsListening": True})
    assert [one["track"]["id"] for one in await activity(ann)] == [], "what was heard meanwhile stays hidden"
    platform.clock.advance(60)
    await plays(platform, ben, "start", "t3")
    assert [one["track"]["id"] for one in await activity(ann)] == ["t3"]


async def test_a_session_of_a_friend_can_be_joined_if_it_is_open_to_friends(platform: Any, friends: Any) -> None:
    ann, ben = friends
    async with signed_in(platform.url, ann) as watcher:
        code = (await ben.data("POST", "/sessions/group", {"trackIds": ["t1"]}))["code"]
        assert (await watcher.until("friend-activity"))["activity"]["group"] == {"code": code, "members": 1}
        assert (await activity(ann))[0]["group"]["code"] == code
        await ben.data("POST", f"/sessions/group/{code}/command", {"kind": "settings", "openToFriends": False})
        assert "group" not in (await watcher.until("friend-activity"))["activity"]
    assert await activity(ann) == []


@pytest.mark.parametrize("ahead_s", [30, 86_400])
async def test_no_more_is_left_than_the_whole_track_whatever_the_clock_of_a_friend_says(
    platform: Any, friends: Any, ahead_s: int
) -> None:
    ann, ben = friends
    now = to_ms(platform.clock.now())
    body = {"trackId": "t1", "eventType": "start", "position": 0, "timestamp": now + ahead_s * 1000}
    async with signed_in(platform.url, ben):
        await ben.data("POST", "/playback/events", body)
        (one,) = await activity(ann)
        assert (one["playing"], one["leftMs"]) == (True, 200_001)


async def test_friends_who_left_while_something_played_cost_no_query_each(platform: Any) -> None:
    await seed_catalogue(platform.state.database)
    people = [await platform.person(name) for name in ("ann", "ben", "eve", "kim")]
    now = platform.clock.now()
    for person in people:
        await plays(platform, person, "start")
    async with platform.state.database.writing() as db:
        for person in people:
            db.add(DeviceRow(id=f"d-{person.id}"[:36], user_id=person.id, name="A", kind="phone", last_seen_at=now))
            state = {"current": [1, "t1", None, None], "is_playing": True, "progress": 20.0, "duration": 200.0}
            db.add(PlayerStateRow(user_id=person.id, device_id=f"d-{person.id}"[:36], updated_at=now, **state))
    platform.clock.advance(60)
    hub = Everywhere()
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    async def count(*listeners: Any) -> int:
        async with platform.state.database.reading() as db:
            engine = (await db.connection()).sync_connection.engine
            event.listen(engine, "before_cursor_execute", note)
            asked.clear()
            reader = CatalogueReader(db, "", platform.clock.now(), platform.state.media.url)
            found = await activities(reader, hub, [person.id for person in listeners])
            event.remove(engine, "before_cursor_execute", note)
        assert [one.left_ms for one in found] == [180_001] * len(listeners)
        return len(asked)

    assert await count(*people) == await count(people[0])


class Everywhere(Hub):
    """Everybody is connected, with another program than the one that plays."""

    def is_online(self, user_id: str) -> bool:
        return True
