"""Fetching records of every kind in one call, and the version notices that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from api_client.models.records import POINTER_LIMIT, SELF_FILLING_LIMIT
from tests.server.conftest import Person, Platform
from tests.server.music_seed import seed_catalogue
from tests.server.pictures import medium
from tests.server.socket_client import Socket, signed_in


@dataclass
class World:
    """What Ann, whose account is private, has made; Ben follows her and is in her conversation, Dora neither."""

    ann: Person
    ben: Person
    dora: Person
    ids: dict[str, str]


@pytest.fixture
async def world(platform: Platform) -> World:
    await seed_catalogue(platform.state.database)
    ann, ben, dora = [await platform.person(name) for name in ("ann", "ben", "dora")]
    await ben.post("/users/ann/follow")
    await ann.put("/users/me", {"isPrivate": True})
    await ann.post("/r", {"name": "Birds"})
    photo = await ann.data("POST", "/posts", {"media": [medium()], "caption": "One"})
    thread = await ann.data("POST", "/posts", {"subreddit": "birds", "title": "Wrens"})
    comment = await ann.data("POST", f"/posts/{photo['id']}/comments", {"body": "Hello"})
    await ann.data("POST", f"/posts/{photo['id']}/comments", {"body": "Hi", "parentId": comment["id"]})
    story = await ann.data("POST", "/stories", {"media": medium()})
    playlist = await ann.data("POST", "/playlists", {"name": "Mine", "isPublic": False, "isCollaborative": True})
    await ann.data("POST", f"/playlists/{playlist['id']}/collaborators", {"username": "ben"})
    await ann.data("POST", f"/playlists/{playlist['id']}/tracks", {"trackId": "t1"})
    chat = await ann.data("POST", "/conversations", {"type": "group", "memberIds": [ben.id], "name": "Two"})
    project = await ann.data("POST", "/projects", {"name": "Song"})
    await ann.data("POST", f"/projects/{project['id']}/collaborators", {"username": "ben", "access": "read"})
    ids = {
        "posts": photo["id"], "comments": comment["id"], "stories": story["id"], "playlists": playlist["id"],
        "songs": "t1", "users": ann.id, "conversations": chat["id"], "r": "Birds", "projects": project["id"],
        "thread": thread["id"],
    }  # fmt: skip
    return World(ann, ben, dora, ids)


async def fetch(person: Person, *pointers: tuple[str, str]) -> dict[str, Any]:
    body = {"pointers": [{"table": table, "id": id_} for table, id_ in pointers]}
    found: dict[str, Any] = (await person.data("POST", "/realtime/getRecords", body))["recordMap"]
    return found


async def test_records_of_every_kind_come_as_they_are_read_singly(world: World) -> None:
    tables = [table for table in world.ids if table != "thread"]
    pointers = [(table, world.ids[table]) for table in tables]
    found = await fetch(world.ben, *pointers, ("posts", world.ids["thread"]))
    assert set(found) == set(tables)
    single = {
        "posts": f"/posts/{world.ids['posts']}",
        "playlists": f"/playlists/{world.ids['playlists']}",
        "users": "/users/ann",
        "conversations": f"/conversations/{world.ids['conversations']}",
        "r": "/r/Birds",
    }
    for table, path in single.items():
        assert found[table][world.ids[table]] == await world.ben.data("GET", path), table
    assert found["posts"][world.ids["thread"]] == await world.ben.data("GET", f"/posts/{world.ids['thread']}")
    comments = await world.ben.all(f"/posts/{world.ids['posts']}/comments")
    assert found["comments"][world.ids["comments"]] == comments[0]
    tray = await world.ben.all("/stories/tray")
    assert found["stories"][world.ids["stories"]] == tray[0]["stories"][0]
    assert found["songs"]["t1"] == {**await world.ben.data("GET", "/tracks/t1"), "version": 10}
    assert all("version" in record for records in found.values() for record in records.values())


async def test_strangers_are_given_what_is_open_to_everybody_and_nothing_else(world: World) -> None:
    found = await fetch(
        world.dora,
        *[(table, id_) for table, id_ in world.ids.items() if table != "thread"],
        ("posts", world.ids["thread"]),
    )
    assert set(found) == {"posts", "songs", "users", "r"}
    assert set(found["posts"]) == {world.ids["thread"]}
    assert found["users"][world.ann.id]["email"] is None


async def test_people_and_subreddits_are_found_by_name_in_any_case(world: World, platform: Platform) -> None:
    found = await fetch(world.ben, ("users", "ann"), ("users", "ANN"), ("users", world.ann.id), ("r", "BIRDS"))
    assert found["r"]["BIRDS"]["name"] == "Birds"
    assert set(found["users"]) == {"ann", "ANN", world.ann.id}
    assert all(record["id"] == world.ann.id for record in found["users"].values())
    async with signed_in(platform.url, world.ben) as socket:
        before = await follow(socket, "users:ann")
        await world.ann.data("PUT", "/users/me", {"bio": "Hi"})
        assert await heard(socket, "users:ann") == before + 1


async def test_what_is_unknown_or_gone_is_left_out(world: World, platform: Platform) -> None:
    await world.ann.delete(f"/posts/{world.ids['posts']}")
    await world.ann.delete(f"/stories/{world.ids['stories']}")
    gone = [(table, world.ids[table]) for table in ("posts", "comments", "stories")]
    unknown = [(table, "nothing") for table in (*world.ids, "tracks", "clips", "audio_files", "messages", "sessions")]
    assert await fetch(world.ann, *gone, *unknown) == {}
    assert await fetch(world.ann) == {}


async def test_a_story_that_has_run_out_is_left_out(world: World, platform: Platform) -> None:
    pointer = ("stories", world.ids["stories"])
    platform.clock.advance(24 * 3600)
    again = await platform.client()
    reply = await again.post("auth/login", json={"email": "ann", "password": "correct horse battery"})
    signed = Person(again, reply.json()["data"])
    again.headers["Authorization"] = f"Bearer {signed.token}"
    assert await fetch(signed, pointer) == {}


async def test_so_many_records_at_once_and_no_more_and_only_for_those_signed_in(world: World) -> None:
    pointers = [{"table": "posts", "id": str(number)} for number in range(POINTER_LIMIT + 1)]
    path = "/realtime/getRecords"
    assert (await world.ann.post(path, {"pointers": pointers[:-1]})).status_code == 200
    assert (await world.ann.post(path, {"pointers": pointers})).status_code == 400
    world.ann.http.headers.pop("Authorization")
    assert (await world.ann.post(path, {"pointers": []})).status_code == 401


async def test_so_many_playlists_that_fill_themselves_and_no_more(world: World) -> None:
    rules = {"where": {"match": "all", "rules": []}}
    made = [
        (await world.ann.data("POST", "/playlists", {"name": str(number), "rules": rules}))["id"]
        for number in range(SELF_FILLING_LIMIT + 1)
    ]
    found = await fetch(world.ann, *[("playlists", id_) for id_ in made[1:]], ("playlists", world.ids["playlists"]))
    assert len(found["playlists"]) == SELF_FILLING_LIMIT + 1
    pointers = [{"table": "playlists", "id": id_} for id_ in made]
    assert (await world.ann.post("/realtime/getRecords", {"pointers": pointers})).status_code == 400


async def test_reading_records_does_not_wait_for_a_turn_to_write(world: World, platform: Platform) -> None:
    async with platform.state.database.writing():
        assert await fetch(world.ann, ("songs", "t1"))


async def follow(socket: Socket, key: str) -> int:
    """Follow `key` and return the version that stands."""
    await socket.send("subscribe", key=key)
    notices = (await socket.until("updates"))["updates"]
    assert [notice["key"] for notice in notices] == [key]
    return int(notices[0]["version"])


async def heard(socket: Socket, key: str) -> int:
    """Return the next version of `key`."""
    while True:
        for notice in (await socket.until("updates"))["updates"]:
            if notice["key"] == key:
                return int(notice["version"])


CHANGES: dict[str, tuple[str, str, str, Any]] = {
    "photo liked": ("posts:{posts}", "PUT", "/posts/{posts}/like", None),
    "photo commented": ("posts:{posts}", "POST", "/posts/{posts}/comments", {"body": "Hi"}),
    "comment liked": ("posts:{posts}", "PUT", "/comments/{comments}/like", None),
    "thread voted": ("posts:{thread}", "POST", "/posts/{thread}/vote", {"value": 1}),
    "playlist renamed": ("playlists:{playlists}", "PUT", "/playlists/{playlists}", {"name": "B"}),
    "playlist saved": ("playlists:{playlists}", "PUT", "/library/playlists/{playlists}", None),
    "subreddit posted to": ("r:{r}", "POST", "/posts", {"subreddit": "birds", "title": "Robins"}),
    "profile changed": ("users:{users}", "PUT", "/users/me", {"bio": "Hi"}),
    "profile counts a post": ("users:{users}", "POST", "/posts", {"subreddit": "birds", "title": "Robins"}),
    "group renamed": ("conversations:{conversations}", "PUT", "/conversations/{conversations}", {"name": "B"}),
    "project filled": ("projects:{projects}", "POST", "/projects/{projects}/tracks", {"name": "A", "type": "bus"}),
    "thread deleted": ("posts:{thread}", "DELETE", "/posts/{thread}", None),
    "photo deleted": ("posts:{posts}", "DELETE", "/posts/{posts}", None),
    "story deleted": ("stories:{stories}", "DELETE", "/stories/{stories}", None),
    "playlist deleted": ("playlists:{playlists}", "DELETE", "/playlists/{playlists}", None),
    "project deleted": ("projects:{projects}", "DELETE", "/projects/{projects}", None),
}


async def test_followers_of_a_record_hear_of_its_changes(world: World, platform: Platform) -> None:
    async with signed_in(platform.url, world.ben) as socket:
        for change, (key, method, path, body) in CHANGES.items():
            key = key.format(**world.ids)
            await socket.send("unsubscribe", key=key)
            before = await follow(socket, key)
            reply = await world.ann.request(method, path.format(**world.ids), json=body)
            assert reply.is_success, f"{change}: {reply.text}"
            assert await heard(socket, key) > before, change


async def test_a_seen_story_and_a_joined_subreddit_have_new_versions(world: World, platform: Platform) -> None:
    async with signed_in(platform.url, world.ann) as socket:
        for key, path in ((f"stories:{world.ids['stories']}", "/stories/{stories}/view"), ("r:Birds", "/r/birds/join")):
            before = await follow(socket, key)
            await world.ben.data("POST", path.format(**world.ids))
            assert await heard(socket, key) == before + 1


async def test_the_own_account_is_followed_by_its_owner_alone(world: World, platform: Platform) -> None:
    async with signed_in(platform.url, world.ann) as socket:
        before = await follow(socket, f"user:{world.ann.id}")
        await world.ann.data("PUT", "/users/me", {"bio": "Hi"})
        assert await heard(socket, f"user:{world.ann.id}") == before + 1
        await socket.send("subscribe", key=f"user:{world.ben.id}")
        assert (await socket.until("error"))["code"] == "FORBIDDEN"


async def test_strangers_do_not_follow_what_they_may_not_read(world: World, platform: Platform) -> None:
    async with signed_in(platform.url, world.dora) as socket:
        for table in ("posts", "stories", "playlists", "conversations", "projects"):
            await socket.send("subscribe", key=f"{table}:{world.ids[table]}")
            refused = await socket.next()
            assert (refused["type"], refused["code"]) == ("error", "FORBIDDEN"), table


async def test_a_feed_has_a_new_version_when_something_new_is_in_it(world: World, platform: Platform) -> None:
    key = f"feed:{world.ben.id}"
    async with signed_in(platform.url, world.ben) as socket:
        start = await follow(socket, key)
        own = f"users:{world.ben.id}"
        await follow(socket, own)
        await world.dora.data("POST", "/posts", {"media": [medium()]})
        await platform.state.background.drain()
        await world.ben.data("PUT", "/users/me", {"bio": "Hi"})
        assert await heard(socket, own)
        assert not [frame for frame in socket.seen[-1:] if key in str(frame)], "nobody Ben follows posted"
        await world.ann.data("POST", "/posts", {"media": [medium()]})
        following = await heard(socket, key)
        await world.ben.data("POST", "/posts", {"media": [medium()]})
        assert start < following < await heard(socket, key)
        await socket.send("subscribe", key=f"feed:{world.ann.id}")
        assert (await socket.until("error"))["code"] == "FORBIDDEN"
    async with signed_in(platform.url, world.ben) as socket:
        assert await follow(socket, key) > following


async def test_a_feed_nobody_watches_costs_no_query(world: World, platform: Platform) -> None:
    await platform.state.background.drain()
    assert platform.state.hub.followed("feed") == []
    async with signed_in(platform.url, world.ben) as socket:
        await follow(socket, f"feed:{world.ben.id}")
        assert platform.state.hub.followed("feed") == [world.ben.id]
