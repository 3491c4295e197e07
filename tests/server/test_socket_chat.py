"""Chat on the socket: rooms, sending, typing, receipts, and what reaches whom."""

from __future__ import annotations

import asyncio
from typing import Any

from server.realtime.housekeeping import expire_messages
from tests.server.socket_client import signed_in


async def start(platform: Any, *names: str, **more: Any) -> tuple[str, list[Any]]:
    people = [await platform.person(name) for name in names]
    kind = "direct" if len(people) == 2 else "group"
    body = {"type": kind, "memberIds": [person.id for person in people[1:]], **more}
    return str((await people[0].data("POST", "/conversations", body))["id"]), people


def of_type(frames: list[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    return [frame for frame in frames if frame["type"] == type_]


async def test_a_message_reaches_members_who_have_not_joined_and_everybody_once(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    eve = await platform.person("eve")
    async with (
        signed_in(platform.url, ann) as sender,
        signed_in(platform.url, ben) as joined,
        signed_in(platform.url, ben) as elsewhere,
        signed_in(platform.url, eve) as stranger,
    ):
        await joined.send("join-chat", chatId=chat)
        await joined.until("user-joined", chatId=chat, userId=ben.id)
        await sender.send("send-message", chatId=chat, content="hello", clientId="c1")
        ack = await sender.until("new-message")
        assert ack["message"]["clientId"] == "c1"
        for socket in (joined, elsewhere):
            assert (await socket.until("new-message"))["message"] == ack["message"]
        for socket in (sender, joined, elsewhere, stranger):
            assert of_type(await socket.settled(), "new-message") == []
        assert of_type(stranger.seen, "new-message") == []


async def test_both_vocabularies_send_by_one_path(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("send-message", chatId=chat, content="t1", messageType="track", clientId="both")
        first = (await socket.until("new-message"))["message"]
        again = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "t1", "clientId": "both"})
        assert (again["id"], again["type"]) == (first["id"], "track")
        assert of_type(await socket.settled(), "new-message") == []
        await ann.data("POST", f"/conversations/{chat}/messages", {"content": "by rest"})
        assert (await socket.until("new-message"))["message"]["content"] == "by rest"
    assert len(await ben.all(f"/conversations/{chat}/messages")) == 2


async def test_concurrent_retries_yield_one_message_and_every_retry_is_answered(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    async with signed_in(platform.url, ann) as one, signed_in(platform.url, ann) as two:
        frame = {"chatId": chat, "content": "once", "clientId": "same"}
        await asyncio.gather(*(socket.send("send-message", **frame) for socket in (one, two) * 3))
        for socket in (one, two):
            await socket.settled()
            assert {f["message"]["id"] for f in of_type(socket.seen, "new-message")} != set()
        ids = {f["message"]["id"] for socket in (one, two) for f in of_type(socket.seen, "new-message")}
    assert len(ids) == 1
    assert len(await ben.all(f"/conversations/{chat}/messages")) == 1


async def test_who_is_not_a_member_can_do_nothing_in_a_conversation(platform: Any) -> None:
    chat, (ann, _ben) = await start(platform, "ann", "ben")
    eve = await platform.person("eve")
    async with signed_in(platform.url, ann) as inside, signed_in(platform.url, eve) as outside:
        await inside.send("join-chat", chatId=chat)
        await inside.until("user-joined")
        await outside.send("join-chat", chatId=chat)
        error = await outside.until("error")
        assert (error["message"], error["chatId"], error["code"]) == ("Not a member", chat, "FORBIDDEN")
        await outside.send("typing", chatId=chat)
        assert (await outside.until("error"))["message"] == "Not a member"
        await outside.send("send-message", chatId=chat, content="hi", clientId="mine")
        error = await outside.until("error")
        assert (error["message"], error["clientId"]) == ("Not a member", "mine")
        await outside.send("join-chat", chatId="nowhere")
        assert (await outside.until("error"))["code"] == "NOT_FOUND"
        assert await inside.settled() == []
    assert await ann.all(f"/conversations/{chat}/messages") == []


async def test_typing_is_not_echoed_and_not_repeated_at_once(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    async with (
        signed_in(platform.url, ann) as typist,
        signed_in(platform.url, ann) as other_device,
        signed_in(platform.url, ben) as reader,
    ):
        for socket in (typist, other_device, reader):
            await socket.send("join-chat", chatId=chat)
            await socket.settled()
        for _ in range(3):
            await typist.send("typing", chatId=chat)
        await typist.settled()
        platform.clock.advance(1)
        await typist.send("typing", chatId=chat)
        assert of_type(await typist.settled(), "user-typing") == []
        await other_device.settled()
        assert of_type(typist.seen + other_device.seen, "user-typing") == []
        await reader.settled()
        event = {"type": "user-typing", "chatId": chat, "userId": ann.id}
        assert of_type(reader.seen, "user-typing") == [event, event]


async def test_leaving_the_room_ends_what_only_the_room_hears(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    async with signed_in(platform.url, ann) as typist, signed_in(platform.url, ben) as reader:
        await reader.send("join-chat", chatId=chat)
        await reader.send("leave-chat", chatId=chat)
        await reader.settled()
        await typist.send("typing", chatId=chat)
        await typist.settled()
        assert of_type(await reader.settled(), "user-typing") == []


async def test_somebody_who_was_removed_hears_no_more(platform: Any) -> None:
    chat, (ann, _ben, eve) = await start(platform, "ann", "ben", "eve")
    async with signed_in(platform.url, ann) as typist, signed_in(platform.url, eve) as removed:
        await removed.send("subscribe", key=f"conversations:{chat}")
        await removed.send("join-chat", chatId=chat)
        await removed.settled()
        await ann.data("DELETE", f"/conversations/{chat}/members/{eve.id}")
        await typist.send("typing", chatId=chat)
        await typist.send("send-message", chatId=chat, content="without eve")
        await typist.until("new-message")
        assert await removed.settled() == []
        await removed.send("join-chat", chatId=chat)
        assert (await removed.until("error"))["message"] == "Not a member"


async def test_receipts_reach_everybody_once(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    await ann.data("POST", f"/conversations/{chat}/messages", {"content": "one"})
    last = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "two"})
    async with signed_in(platform.url, ann) as sender, signed_in(platform.url, ben) as reader:
        await ben.data("POST", f"/messages/{last['id']}/read")
        await ben.data("POST", f"/messages/{last['id']}/read")
        event = {"type": "message-read", "chatId": chat, "messageId": last["id"], "userId": ben.id}
        assert await sender.until("message-read") == event
        assert await reader.until("message-read") == event
        assert of_type(await sender.settled(), "message-read") == []


async def test_everybody_hears_that_a_message_is_gone(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben", ttlSeconds=10)
    message = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "look"})
    oops = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "oops"})
    async with signed_in(platform.url, ann) as sender, signed_in(platform.url, ben) as reader:
        await ann.data("DELETE", f"/messages/{oops['id']}")
        taken_back = {"type": "message-expired", "chatId": chat, "messageId": oops["id"], "userId": ann.id}
        assert await reader.until("message-expired") == taken_back

        await ben.data("POST", f"/messages/{message['id']}/read")
        platform.clock.advance(9)
        await expire_messages(platform.state)
        assert of_type(await reader.settled(), "message-expired") == []
        platform.clock.advance(1)
        for socket in (sender, reader):
            event = await socket.until("message-expired", messageId=message["id"])
            assert event == {"type": "message-expired", "chatId": chat, "messageId": message["id"]}


async def test_what_was_missed_while_away_is_there_by_rest(platform: Any) -> None:
    chat, (ann, ben) = await start(platform, "ann", "ben")
    async with signed_in(platform.url, ben) as socket:
        seen = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "seen"})
        await socket.until("new-message")
    for number in range(3):
        await ann.data("POST", f"/conversations/{chat}/messages", {"content": f"missed {number}"})
    async with signed_in(platform.url, ben):
        missed = await ben.all(f"/conversations/{chat}/messages", limit=2)
    assert [m["content"] for m in missed] == ["missed 2", "missed 1", "missed 0", "seen"]
    assert missed[-1]["id"] == seen["id"]
