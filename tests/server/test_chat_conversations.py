"""Conversations over REST: opening, listing, membership, and what a member may do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

VERBS = [
    ("GET", "/conversations/{chat}", None),
    ("PUT", "/conversations/{chat}", {"ttlSeconds": 10}),
    ("POST", "/conversations/{chat}/members", {"userId": "{me}"}),
    ("DELETE", "/conversations/{chat}/members/{me}", None),
    ("GET", "/conversations/{chat}/messages", None),
    ("POST", "/conversations/{chat}/messages", {"content": "let me in"}),
    ("POST", "/messages/{message}/read", None),
    ("DELETE", "/messages/{message}", None),
]


async def direct(one: Any, other: Any, **more: Any) -> str:
    body = {"type": "direct", "memberIds": [other.id], **more}
    return str((await one.data("POST", "/conversations", body))["id"])


async def group(owner: Any, *others: Any, **more: Any) -> str:
    body = {"type": "group", "memberIds": [person.id for person in others], **more}
    return str((await owner.data("POST", "/conversations", body))["id"])


async def say(person: Any, chat: str, content: str, **more: Any) -> Any:
    return await person.data("POST", f"/conversations/{chat}/messages", {"content": content, **more})


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
async def test_somebody_who_is_not_a_member_is_refused(platform: Any, method: str, path: str, body: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = await group(ann, ben)
    message = await say(ann, chat, "for us")

    filled = path.format(chat=chat, message=message["id"], me=eve.id)
    reply = await eve.request(method, filled, json={"userId": eve.id} if body and "userId" in body else body)

    assert reply.status_code == 403
    assert reply.json()["error"] == {"code": "FORBIDDEN", "message": "Not a member"}


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
async def test_what_does_not_exist_is_not_found(platform: Any, method: str, path: str, body: Any) -> None:
    ann = await platform.person("ann")
    reply = await ann.request(method, path.format(chat="nowhere", message="nothing", me=ann.id), json=body)
    assert reply.status_code == 404


async def test_two_people_have_one_direct_conversation(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    first = await ann.post("/conversations", {"type": "direct", "memberIds": [ben.id]})
    second = await ben.post("/conversations", {"type": "direct", "memberIds": [ann.id]})
    assert first.status_code == 201
    assert first.json()["data"]["id"] == second.json()["data"]["id"]
    assert len(await ann.all("/conversations")) == 1


async def test_both_opening_a_direct_conversation_at_once_get_the_same_one(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    ids = await asyncio.gather(*(direct(*pair) for pair in [(ann, ben), (ben, ann)] * 5))
    assert len(set(ids)) == 1


async def test_a_conversation_needs_the_right_people(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    cases: list[tuple[dict[str, Any], int]] = [
        ({"type": "direct", "memberIds": [ann.id]}, 400),
        ({"type": "direct", "memberIds": [ben.id, eve.id]}, 400),
        ({"type": "direct", "memberIds": []}, 400),
        ({"type": "direct", "memberIds": ["nobody"]}, 404),
        ({"type": "group", "memberIds": [ann.id]}, 400),
        ({"type": "group", "memberIds": [ben.id, "nobody"]}, 404),
        ({"type": "crowd", "memberIds": [ben.id]}, 400),
        ({"type": "group", "memberIds": [ben.id], "ttlSeconds": 0}, 400),
    ]
    for body, status in cases:
        assert (await ann.post("/conversations", body)).status_code == status, body
    assert await ann.all("/conversations") == []


async def test_the_list_shows_the_latest_activity_first_and_pages_without_gaps(platform: Any) -> None:
    ann = await platform.person("ann")
    chats = []
    for number in range(7):
        other = await platform.person(f"p{number}")
        chats.append(await direct(ann, other))
        platform.clock.advance(1)
    await say(ann, chats[2], "up")
    expected = [chats[2], *reversed(chats[:2] + chats[3:])]

    assert [chat["id"] for chat in await ann.all("/conversations", limit=3)] == expected
    page = (await ann.get("/conversations", limit=7)).json()
    assert page["nextCursor"] is None


async def test_the_list_shows_members_last_message_and_what_is_unread(platform: Any) -> None:
    ann, ben = await platform.person("ann", fullName="Ann Lee"), await platform.person("ben")
    chat = await direct(ann, ben)
    await say(ann, chat, "one")
    await say(ben, chat, "mine")
    last = await say(ann, chat, "two")

    seen_by_ben = (await ben.data("GET", "/conversations"))[0]
    assert {(m["username"], m["fullName"]) for m in seen_by_ben["members"]} == {("ann", "Ann Lee"), ("ben", None)}
    assert seen_by_ben["lastMessage"]["content"] == "two"
    assert seen_by_ben["unreadCount"] == 2
    assert (await ann.data("GET", f"/conversations/{chat}"))["unreadCount"] == 1

    await ben.data("POST", f"/messages/{last['id']}/read")
    seen_by_ben = await ben.data("GET", f"/conversations/{chat}")
    assert seen_by_ben["unreadCount"] == 0
    assert seen_by_ben["lastMessage"]["readBy"] == [ben.id]


async def test_only_the_owner_changes_a_group(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = await group(ann, ben, name="old")
    assert (await ben.put(f"/conversations/{chat}", {"name": "mine"})).status_code == 403
    assert (await ben.post(f"/conversations/{chat}/members", {"userId": eve.id})).status_code == 403
    assert (await ben.delete(f"/conversations/{chat}/members/{ann.id}")).status_code == 403
    changed = await ann.data("PUT", f"/conversations/{chat}", {"name": " new "})
    assert (changed["name"], changed["ttlSeconds"]) == ("new", None)
    changed = await ann.data("PUT", f"/conversations/{chat}", {"ttlSeconds": 10})
    assert (changed["name"], changed["ttlSeconds"]) == ("new", 10)
    changed = await ann.data("PUT", f"/conversations/{chat}", {"ttlSeconds": None})
    assert changed["ttlSeconds"] is None


async def test_a_direct_conversation_keeps_its_two_people_and_has_no_name(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = await direct(ann, ben)
    assert (await ann.post(f"/conversations/{chat}/members", {"userId": eve.id})).status_code == 409
    assert (await ann.delete(f"/conversations/{chat}/members/{ann.id}")).status_code == 409
    assert (await ann.put(f"/conversations/{chat}", {"name": "us"})).status_code == 400
    assert (await ben.data("PUT", f"/conversations/{chat}", {"ttlSeconds": 5}))["ttlSeconds"] == 5


async def test_somebody_new_is_no_reader_of_what_was_said_before(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = await group(ann, ben)
    await say(ann, chat, "before eve")
    joined = await ann.data("POST", f"/conversations/{chat}/members", {"userId": eve.id})
    again = await ann.data("POST", f"/conversations/{chat}/members", {"userId": eve.id})
    assert len(joined["members"]) == len(again["members"]) == 3
    assert (await eve.data("GET", f"/conversations/{chat}"))["unreadCount"] == 0
    assert (await ann.data("GET", f"/conversations/{chat}"))["lastMessage"]["readBy"] == []


async def test_when_the_owner_leaves_the_longest_member_owns_the_group(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = await group(ann, ben)
    platform.clock.advance(60)
    await ann.data("POST", f"/conversations/{chat}/members", {"userId": eve.id})
    await ann.data("DELETE", f"/conversations/{chat}/members/{ann.id}")

    roles = {m["userId"]: m["role"] for m in (await ben.data("GET", f"/conversations/{chat}"))["members"]}
    assert roles == {ben.id: "owner", eve.id: "member"}
    await ben.data("DELETE", f"/conversations/{chat}/members/{eve.id}")
    await ben.data("DELETE", f"/conversations/{chat}/members/{ben.id}")
    assert (await ben.get(f"/conversations/{chat}")).status_code == 404
