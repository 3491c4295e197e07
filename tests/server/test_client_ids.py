"""Creating with an id of one's own: however often it comes, there is one effect, and nobody takes another's id."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api_client.ids import new_id
from server.db import new_id as server_id
from tests.server.conftest import Person, Platform
from tests.server.pictures import medium
from tests.server.socket_client import signed_in


@pytest.fixture
async def ann(platform: Platform) -> Person:
    return await platform.person("ann")


@pytest.fixture
async def ben(platform: Platform) -> Person:
    return await platform.person("ben")


KINDS = ("photo", "thread", "comment", "story", "conversation", "message", "playlist")


async def creation(kind: str, ann: Person, ben: Person, record_id: str) -> tuple[str, dict[str, Any]]:
    """Return path and body of a create by Ann, and what it needs made."""
    if kind in ("thread", "comment"):
        await ann.post("/r", {"name": "birds"})
    if kind == "comment":
        post = await ann.data("POST", "/posts", {"subreddit": "birds", "title": "Wrens"})
        return f"/posts/{post['id']}/comments", {"id": record_id, "body": "Hello"}
    if kind == "message":
        chat = await ann.data("POST", "/conversations", {"type": "direct", "memberIds": [ben.id]})
        return f"/conversations/{chat['id']}/messages", {"id": record_id, "content": "Hello"}
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "photo": ("/posts", {"media": [medium()], "caption": "One"}),
        "thread": ("/posts", {"subreddit": "birds", "title": "Robins"}),
        "story": ("/stories", {"media": medium()}),
        "conversation": ("/conversations", {"type": "group", "memberIds": [ben.id], "name": "Two"}),
        "playlist": ("/playlists", {"name": "Mornings"}),
    }
    path, body = bodies[kind]
    return path, {"id": record_id, **body}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_create_that_comes_again_after_hours_answers_with_what_exists(
    kind: str, ann: Person, ben: Person, platform: Platform
) -> None:
    path, body = await creation(kind, ann, ben, new_id())
    first = await ann.post(path, body, key="once")
    platform.clock.advance(700)
    again = await ann.post(path, body, key="once")
    assert (first.status_code, again.status_code) == (201, 201), first.text + again.text
    assert first.json()["data"]["id"] == body["id"]
    assert again.json()["data"] == first.json()["data"]


@pytest.mark.parametrize("kind", KINDS)
async def test_creates_at_the_same_time_have_one_effect(kind: str, ann: Person, ben: Person) -> None:
    path, body = await creation(kind, ann, ben, new_id())
    replies = await asyncio.gather(*[ann.post(path, body) for _ in range(4)])
    assert [reply.status_code for reply in replies] == [201] * 4
    assert len({str(reply.json()["data"]) for reply in replies}) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_an_id_that_somebody_else_used_is_refused(kind: str, ann: Person, ben: Person) -> None:
    path, body = await creation(kind, ann, ben, new_id())
    assert (await ben.post("/playlists", {"id": body["id"], "name": "Mine"})).status_code == 201
    refused = await ann.post(path, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "DUPLICATE")


async def test_an_own_id_of_another_kind_is_refused(ann: Person) -> None:
    chosen = new_id()
    await ann.post("/r", {"name": "birds"})
    assert (await ann.post("/posts", {"id": chosen, "subreddit": "birds", "title": "A"})).status_code == 201
    photo = {"id": chosen, "mediaUrls": ["https://example.org/a.png"]}
    assert (await ann.post("/posts", photo)).json()["error"]["code"] == "DUPLICATE"
    assert (await ann.post("/playlists", {"id": chosen, "name": "A"})).json()["error"]["code"] == "DUPLICATE"


async def test_an_id_that_the_platform_made_is_taken(ann: Person, ben: Person) -> None:
    made = await ben.data("POST", "/playlists", {"name": "Mine"})
    refused = await ann.post("/playlists", {"id": made["id"], "name": "Mine too"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "DUPLICATE")


async def test_what_was_deleted_does_not_come_back_with_a_late_repetition(ann: Person, platform: Platform) -> None:
    body = {"id": new_id(), "name": "Mornings"}
    await ann.data("POST", "/playlists", body)
    await ann.data("DELETE", f"/playlists/{body['id']}")
    platform.clock.advance(700)
    assert (await ann.post("/playlists", body)).status_code == 404
    assert await ann.all("/playlists") == []


async def test_a_refused_create_leaves_its_id_free(ann: Person) -> None:
    body = {"id": new_id(), "subreddit": "nowhere", "title": "A"}
    assert (await ann.post("/posts", body)).status_code == 404
    await ann.post("/r", {"name": "nowhere"})
    assert (await ann.post("/posts", body)).status_code == 201


async def test_a_comment_is_not_repeated_under_another_post(ann: Person) -> None:
    await ann.post("/r", {"name": "birds"})
    one, other = [await ann.data("POST", "/posts", {"subreddit": "birds", "title": title}) for title in "AB"]
    body = {"id": new_id(), "body": "Hello"}
    await ann.data("POST", f"/posts/{one['id']}/comments", body)
    assert (await ann.post(f"/posts/{other['id']}/comments", body)).json()["error"]["code"] == "DUPLICATE"
    again = await ann.data("POST", f"/posts/{one['id']}/comments", body)
    assert (await ann.data("GET", f"/posts/{one['id']}"))["commentCount"] == 1
    await ann.data("POST", f"/posts/{one['id']}/comments", {"body": "Hi", "parentId": again["id"]})
    assert (await ann.data("POST", f"/posts/{one['id']}/comments", body))["childCount"] == 1


@pytest.mark.parametrize("wrong", ["7", "", "x" * 36, "{01977a6e-0000-7000-8000-000000000000}", 7])
async def test_an_id_that_is_no_uuid_is_refused(wrong: Any, ann: Person) -> None:
    refused = await ann.post("/playlists", {"id": wrong, "name": "A"})
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (400, "id")


async def test_an_id_in_capitals_is_the_same_id(ann: Person) -> None:
    chosen = server_id()
    assert (await ann.data("POST", "/playlists", {"id": chosen.upper(), "name": "A"}))["id"] == chosen
    assert (await ann.data("POST", "/playlists", {"id": chosen, "name": "A"}))["id"] == chosen
    assert len(await ann.all("/playlists")) == 1


async def test_two_people_still_have_one_direct_conversation(ann: Person, ben: Person) -> None:
    wish = {"type": "direct", "memberIds": [ben.id]}
    first = await ann.data("POST", "/conversations", {**wish, "id": new_id()})
    second = await ben.data("POST", "/conversations", {"type": "direct", "memberIds": [ann.id], "id": new_id()})
    assert first["id"] == second["id"]


async def test_a_message_over_rest_and_socket_with_one_id_is_one_message(
    ann: Person, ben: Person, platform: Platform
) -> None:
    chat = await ann.data("POST", "/conversations", {"type": "direct", "memberIds": [ben.id]})
    chosen = new_id()
    sent = await ann.data("POST", f"/conversations/{chat['id']}/messages", {"id": chosen, "content": "Hello"})
    async with signed_in(platform.url, ann) as socket:
        await socket.send("send-message", id=chosen, chatId=chat["id"], content="Hello")
        assert (await socket.until("new-message"))["message"]["id"] == chosen == sent["id"]
    assert len(await ann.all(f"/conversations/{chat['id']}/messages")) == 1
