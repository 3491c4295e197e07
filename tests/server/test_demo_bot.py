"""The demo's talking partner: online, reading, typing, answering once, on a clock that does not run by itself."""

from __future__ import annotations

from typing import Any

from server.chat.demo_bot import READING_SECONDS, Step, bring_online
from server.demo.replies import Reply
from tests.server.socket_client import signed_in


class Rehearsal:
    """Keeps the steps until it is told to go on, and how long each would have waited."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Step]] = []

    def __call__(self, seconds: float, step: Step) -> None:
        self.waiting.append((seconds, step))

    async def go_on(self) -> float:
        seconds, step = self.waiting.pop(0)
        await step()
        return seconds


async def test_the_partner_is_online_reads_types_and_answers_once(platform: Any) -> None:
    ann, ben, eve = [await platform.person(name) for name in ("ann", "ben", "eve")]
    chat = (await ann.data("POST", "/conversations", {"memberIds": [ben.id]}))["id"]
    crowd = (await ann.data("POST", "/conversations", {"type": "group", "memberIds": [ben.id, eve.id]}))["id"]
    later = Rehearsal()
    async with signed_in(platform.url, ann) as socket:
        bot = await bring_online(platform.state, "Ben", lambda _chat, text: Reply(f"re {text}", 3.0), later)
        assert bot is not None
        assert bot.user_id == ben.id
        await socket.until("presence", userId=ben.id, status="online")
        await socket.send("join-chat", chatId=chat)
        await socket.send("send-message", chatId=chat, content="hi")
        sent = (await socket.until("new-message"))["message"]

        assert await later.go_on() == READING_SECONDS
        await socket.until("message-read", messageId=sent["id"], userId=ben.id)
        await socket.until("user-typing", userId=ben.id)
        await socket.send("send-message", chatId=chat, content="are you there?")
        await socket.until("new-message")
        pulse, reading = later.waiting
        later.waiting = [pulse]
        assert await later.go_on() == 2.0
        await socket.until("user-typing", userId=ben.id)
        assert await later.go_on() == 1.0
        answer = (await socket.until("new-message"))["message"]
        assert (answer["senderId"], answer["content"]) == (ben.id, "re hi")
        assert later.waiting == []

        await reading[1]()
        await socket.until("message-read", userId=ben.id)
        later.waiting.clear()
        await socket.send("send-message", chatId=crowd, content="all of you")
        message = (await socket.until("new-message"))["message"]
        await later.go_on()
        await socket.until("message-read", messageId=message["id"], userId=ben.id)
        assert later.waiting == []


async def test_a_message_taken_back_in_time_is_not_answered(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    chat = (await ann.data("POST", "/conversations", {"memberIds": [ben.id]}))["id"]
    later = Rehearsal()
    await bring_online(platform.state, "ben", lambda _chat, text: Reply(text, 0.0), later)
    message = await ann.data("POST", f"/conversations/{chat}/messages", {"content": "oops"})
    await ann.data("DELETE", f"/messages/{message['id']}")
    await later.go_on()
    assert later.waiting == []


async def test_without_that_person_nobody_comes(platform: Any) -> None:
    assert await bring_online(platform.state, "nobody", lambda _chat, text: Reply(text, 0.0), Rehearsal()) is None
