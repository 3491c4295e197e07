"""The socket under strain: subscriptions, debounce, garbage, haste and slow readers."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from contextlib import AsyncExitStack
from typing import Any

from websockets.asyncio.client import connect

from api_client.models.realtime import UserTyping
from server.realtime.connection import POLICY_VIOLATION, TOO_SLOW
from tests.server.socket_client import Socket, open_socket, signed_in


async def test_a_subscription_is_answered_with_the_present_version(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("subscribe", key=f"user:{ann.id}")
        assert (await socket.until("updates"))["updates"] == [{"key": f"user:{ann.id}", "version": 1}]


async def test_what_may_not_be_read_may_not_be_followed(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    chat = (await ben.data("POST", "/conversations", {"memberIds": [(await platform.person("eve")).id]}))["id"]
    async with signed_in(platform.url, ann) as socket:
        for key in (f"user:{ben.id}", f"conversations:{chat}", "secrets:1", "nonsense", "user:", ":1x"):
            await socket.send("subscribe", key=key)
            error = await socket.until("error")
            assert (error["key"], error["message"], error["code"]) == (key, "Forbidden", "FORBIDDEN")
            platform.state.hub.notify(key, 9)
        await asyncio.sleep(0)
        assert await socket.settled() == []


async def test_many_writes_at_once_are_one_notice_with_the_highest_version(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    chat = (await ann.data("POST", "/conversations", {"type": "group", "memberIds": [ben.id]}))["id"]
    keys = [f"user:{ann.id}", f"conversations:{chat}"]
    async with signed_in(platform.url, ann) as socket, signed_in(platform.url, ben) as other:
        for key in keys:
            await socket.send("subscribe", key=key)
            await socket.until("updates")
        await other.send("subscribe", key=keys[1])
        await other.until("updates")

        for version in (4, 9, 7):
            for key in keys:
                platform.state.hub.notify(key, version)
        frame = await socket.until("updates")
        assert frame["updates"] == [{"key": key, "version": 9} for key in keys]
        assert (await other.until("updates"))["updates"] == [{"key": keys[1], "version": 9}]
        assert await socket.settled() == []


async def test_a_change_of_a_group_is_noticed_by_who_follows_it(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    chat = (await ann.data("POST", "/conversations", {"type": "group", "memberIds": [ben.id]}))["id"]
    async with signed_in(platform.url, ben) as socket:
        await socket.send("subscribe", key=f"conversations:{chat}")
        before = (await socket.until("updates"))["updates"][0]["version"]
        await ann.data("PUT", f"/conversations/{chat}", {"name": "renamed"})
        assert (await socket.until("updates"))["updates"] == [{"key": f"conversations:{chat}", "version": before + 1}]
        await socket.send("unsubscribe", key=f"conversations:{chat}")
        await socket.settled()
        platform.state.hub.notify(f"conversations:{chat}", 99)
        await ann.data("PUT", f"/conversations/{chat}", {"name": "again"})
        assert await socket.settled() == []


GARBAGE = [
    "",
    "{",
    "null",
    "[]",
    '"ping"',
    "[" * 20_000,
    '{"type": null}',
    '{"type": "shutdown"}',
    '{"type": "updates", "updates": []}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "key": 7}',
    '{"type": "subscribe", "key": "' + "k" * 300 + '"}',
    '{"type": "send-message", "chatId": "c"}',
    '{"type": "send-message", "chatId": "c", "content": "\\ud800"}',
    '{"type": "send-message", "chatId": "c", "content": "' + "x" * 8001 + '"}',
    '{"type": "send-message", "chatId": {"a": 1}, "content": "x"}',
    '{"type": "ping", "t": NaN}',
    b"\x00\xff",
]


async def test_garbage_is_answered_and_the_socket_lives_on(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        for text in GARBAGE:
            await socket.raw(text)
            error = await socket.next()
            assert (error["type"], error["code"]) == ("error", "VALIDATION_ERROR"), text
            assert len(json.dumps(error)) < 1000
        await socket.send("subscribe", key=f"user:{ann.id}")
        await socket.until("updates")


async def test_an_error_names_the_frame_it_answers(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("send-message", chatId="c", content="", clientId="mine")
        error = await socket.next()
        assert (error["chatId"], error["clientId"]) == ("c", "mine")
        assert error["message"].startswith("content: ")


async def test_ping_is_answered_with_what_it_brought(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("ping", t=12.5)
        assert await socket.next() == {"type": "pong", "t": 12.5}
        await socket.send("ping")
        assert await socket.next() == {"type": "pong"}


async def test_too_many_frames_are_refused_then_end_the_connection(strict_platform: Any) -> None:
    ann = await strict_platform.person("ann")
    burst = 600 // 5
    async with signed_in(strict_platform.url, ann) as socket:
        for number in range(burst):
            await socket.send("ping", t=number)
        await socket.send("send-message", chatId="c", content="x", clientId="late")
        error = await socket.until("error")
        assert (error["code"], error["clientId"]) == ("RATE_LIMITED", "late")
        strict_platform.clock.advance(1)
        await socket.send("ping", t=-1)
        await socket.until("pong", t=-1)
        for _ in range(9 + burst):
            await socket.send("ping")
        assert await socket.close_code() == POLICY_VIOLATION


async def test_a_reader_that_is_too_slow_is_closed_and_holds_nobody_up(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    chat = (await ann.data("POST", "/conversations", {"memberIds": [ben.id]}))["id"]
    async with AsyncExitStack() as stack:
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        host, port = platform.url.removeprefix("http://").split(":")
        await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
        connection = await stack.enter_async_context(
            connect(
                platform.url.replace("http", "ws") + "/api/v1/ws",
                sock=raw,
                additional_headers={"Authorization": f"Bearer {ben.token}"},
                compression=None,
                max_queue=1,
            )
        )
        slow = Socket(connection)
        await slow.until("ready")
        fast = await stack.enter_async_context(signed_in(platform.url, ann))
        link = next(link for link in platform.state.hub.links() if link.user_id == ben.id)
        large = UserTyping(chat_id="x" * 60_000, user_id=ann.id)
        for number in range(400):
            platform.state.hub.to_user(ben.id, large)
            if link.is_closing:
                break
            await fast.send("ping", t=number)
            await fast.until("pong", t=number)
        assert link.is_closing
        assert await slow.close_code() == TOO_SLOW
        await fast.until("presence", userId=ben.id, status="offline")
        assert not platform.state.hub.is_online(ben.id)
        await fast.send("send-message", chatId=chat, content="still here")
        await fast.until("new-message")
    async with open_socket(platform.url, ben.token) as back:
        await back.until("ready")
