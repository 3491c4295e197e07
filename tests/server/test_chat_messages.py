"""Messages over REST: order, retries, reading, taking back, and disappearance by the clock."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from server.realtime.housekeeping import expire_messages
from server.tables.chat import MessageRow

DAY = 86_400
PASSWORD = "correct horse battery"


async def start(platform: Any, *names: str, **more: Any) -> tuple[str, list[Any]]:
    """Open a conversation of the people called `names`, owned by the first."""
    people = [await platform.person(name) for name in names]
    kind = "direct" if len(people) == 2 else "group"
    body = {"type": kind, "memberIds": [person.id for person in people[1:]], **more}
    return str((await people[0].data("POST", "/conversations", body))["id"]), people


async def say(person: Any, chat: str, content: str, **more: Any) -> Any:
    return await person.data("POST", f"/conversations/{chat}/messages", {"content": content, **more})


async def sign_in_again(person: Any) -> None:
    """Give `person` a token that is good at the present moment of the clock."""
    reply = await person.http.post("auth/login", json={"email": person.username, "password": PASSWORD})
    person.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"


async def contents(person: Any, chat: str, **params: Any) -> list[str]:
    return [message["content"] for message in await person.data("GET", f"/conversations/{chat}/messages", **params)]


async def test_messages_come_newest_first_and_page_without_gaps(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    for number in range(7):
        await say((ann, ben)[number % 2], chat, str(number))
    expected = [str(number) for number in reversed(range(7))]
    assert [m["content"] for m in await ann.all(f"/conversations/{chat}/messages", limit=3)] == expected

    third = (await ann.data("GET", f"/conversations/{chat}/messages"))[2]
    assert await contents(ben, chat, before=third["id"], limit=2) == ["3", "2"]
    assert (await ann.get(f"/conversations/{chat}/messages", before="unknown")).status_code == 400


async def test_what_follows_a_message_comes_in_the_order_in_which_it_was_sent(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    sent = [await say((ann, ben)[number % 2], chat, str(number)) for number in range(7)]
    await ann.delete(f"/messages/{sent[4]['id']}")
    following = await ben.all(f"/conversations/{chat}/messages", after=sent[1]["id"], limit=2)
    assert [message["content"] for message in following] == ["2", "3", "5", "6"]
    assert await contents(ann, chat, after=sent[6]["id"]) == []
    assert (await ann.get(f"/conversations/{chat}/messages", after="unknown")).status_code == 400


async def test_a_retry_of_the_same_message_gives_the_same_message_for_ever(platform: Any) -> None:
    chat, (ann, _ben) = await start(platform, "ann", "ben")
    first = await say(ann, chat, "once", clientId="c1")
    platform.clock.advance(400 * DAY)
    await sign_in_again(ann)
    reply = await ann.post(f"/conversations/{chat}/messages", {"content": "once", "clientId": "c1"})
    assert reply.json()["data"] == first
    assert (reply.status_code, first["clientId"]) == (201, "c1")


async def test_retries_at_the_same_time_yield_one_message(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    sent = await asyncio.gather(*(say(ann, chat, "once", clientId="same") for _ in range(12)))
    assert len({message["id"] for message in sent}) == 1
    assert await contents(ben, chat) == ["once"]


async def test_the_same_client_id_of_another_sender_is_another_message(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    assert (await say(ann, chat, "a", clientId="x"))["id"] != (await say(ben, chat, "b", clientId="x"))["id"]


async def test_a_message_is_checked(platform: Any) -> None:
    chat, (ann, _) = await start(platform, "ann", "ben")
    cases: list[tuple[dict[str, Any], int]] = [
        ({"content": "x" * 8000}, 201),
        ({"content": "x" * 8001}, 400),
        ({"content": ""}, 400),
        ({"content": "  \n"}, 400),
        ({"content": "x", "type": "hologram"}, 400),
        ({"content": "x", "ttlSeconds": 604_800}, 201),
        ({"content": "x", "ttlSeconds": 604_801}, 400),
    ]
    for body, status in cases:
        assert (await ann.post(f"/conversations/{chat}/messages", body)).status_code == status, body


async def test_reading_a_message_reads_all_before_it_and_none_after(platform: Any) -> None:
    chat, (ann, ben, eve) = await start(platform, "ann", "ben", "eve")
    sent = [await say(ann, chat, str(number)) for number in range(4)]
    await ben.data("POST", f"/messages/{sent[2]['id']}/read")
    await eve.data("POST", f"/messages/{sent[0]['id']}/read")
    await ben.data("POST", f"/messages/{sent[1]['id']}/read")

    seen = {m["content"]: set(m["readBy"]) for m in await ann.data("GET", f"/conversations/{chat}/messages")}
    assert seen == {"0": {ben.id, eve.id}, "1": {ben.id}, "2": {ben.id}, "3": set()}
    assert (await ben.data("GET", f"/conversations/{chat}"))["unreadCount"] == 1


async def test_a_message_disappears_ten_seconds_after_it_was_read(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben", ttlSeconds=10)
    message = await say(ann, chat, "look quickly")
    assert (message["ttlSeconds"], message["expiresAt"]) == (10, None)
    platform.clock.advance(460)

    state = await ben.data("POST", f"/messages/{message['id']}/read")
    assert state["expiresAt"] == "2026-01-05T12:07:50.000Z"
    platform.clock.advance(9)
    assert await contents(ann, chat) == await contents(ben, chat) == ["look quickly"]
    platform.clock.advance(1)
    assert await contents(ann, chat) == await contents(ben, chat) == []
    assert (await ann.data("GET", f"/conversations/{chat}"))["lastMessage"] is None
    assert (await ben.post(f"/messages/{message['id']}/read")).status_code == 404


async def test_what_has_disappeared_is_wiped_from_the_database(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    message = await say(ann, chat, "secret", ttlSeconds=10, clientId="s")
    await ben.data("POST", f"/messages/{message['id']}/read")
    platform.clock.advance(10)
    await expire_messages(platform.state)

    async with platform.state.database.reading() as session:
        row = (await session.scalars(select(MessageRow))).one()
    assert (row.content, row.media_url) == ("", None)
    assert row.gone_at is not None
    late = await say(ann, chat, "secret", clientId="s")
    assert (late["id"], late["content"], late["isDeleted"]) == (message["id"], "", True)


async def test_one_that_nobody_reads_disappears_after_thirty_one_days(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben", ttlSeconds=10)
    await say(ann, chat, "unread")
    stays = await say(ann, chat, "kept", ttlSeconds=None)
    assert stays["ttlSeconds"] == 10
    platform.clock.advance(31 * DAY - 1)
    await sign_in_again(ben)
    assert await contents(ben, chat) == ["kept", "unread"]
    platform.clock.advance(1)
    assert await contents(ben, chat) == []


async def test_reading_own_messages_starts_no_countdown(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben", ttlSeconds=10)
    message = await say(ann, chat, "for ben")
    await ann.data("POST", f"/messages/{message['id']}/read")
    platform.clock.advance(11)
    assert await contents(ben, chat) == ["for ben"]


async def test_in_a_group_the_time_runs_once_everybody_has_read(platform: Any) -> None:
    chat, (ann, ben, eve) = await start(platform, "ann", "ben", "eve", ttlSeconds=10)
    message = await say(ann, chat, "for all")
    await ben.data("POST", f"/messages/{message['id']}/read")
    platform.clock.advance(60)
    assert await contents(eve, chat) == ["for all"]
    await eve.data("POST", f"/messages/{message['id']}/read")
    platform.clock.advance(9)
    assert await contents(ben, chat) == ["for all"]
    platform.clock.advance(1)
    assert await contents(ben, chat) == []


async def test_when_the_last_who_had_not_read_leaves_the_time_runs(platform: Any) -> None:
    chat, (ann, ben, eve) = await start(platform, "ann", "ben", "eve", ttlSeconds=10)
    message = await say(ann, chat, "for all")
    await ben.data("POST", f"/messages/{message['id']}/read")
    await eve.data("DELETE", f"/conversations/{chat}/members/{eve.id}")
    platform.clock.advance(10)
    assert await contents(ann, chat) == []


async def test_only_the_sender_takes_a_message_back(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    message = await say(ann, chat, "oops")
    assert (await ben.delete(f"/messages/{message['id']}")).status_code == 403
    await ann.data("DELETE", f"/messages/{message['id']}")
    assert await contents(ben, chat) == []
    assert (await ben.data("GET", f"/conversations/{chat}"))["unreadCount"] == 0
    assert (await ann.delete(f"/messages/{message['id']}")).status_code == 404
