"""The chat screen: from where it was left, what waits and why, what is new, and what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual import events

from api_client.calls import build
from api_client.models.chat import Member, NewConversation, NewMessage
from api_client.sync.cache import Position
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import ConversationPlace, DirectChatPlace, SectionPlace
from tui.screens.chat import ChatScreen
from widgets.composer import Composer
from widgets.virtual_list import VirtualList

SIZE = (110, 24)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


@pytest.fixture
async def bob(world: MusicWorld) -> Listener:
    return await world.listener("bob")


@pytest.fixture
async def chat(ann: Listener, bob: Listener) -> str:
    return (await ann.client.chat.create(NewConversation(member_ids=[bob.session.me.id]))).id


async def said(who: Listener, chat_id: str, *texts: str) -> None:
    for text in texts:
        await who.client.chat.send(chat_id, build(NewMessage, content=text))


def messages(host: MusicHost) -> VirtualList[object]:
    return host.screen.query_one("#messages", VirtualList)


async def test_a_message_goes_out_and_comes_in(ann: Listener, bob: Listener, chat: str) -> None:
    await said(bob, chat, "hello ann")
    host = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("hello ann") and host.row("new since you were here"))
        await until(pilot, lambda: ann.session.chat.unread == 0)
        await pilot.press(*"hi", "enter")
        await until(pilot, lambda: host.row("▌ hi"))
        assert host.screen.query_one(Composer).text == ""
        await until(pilot, lambda: not ann.session.outbox.open)
        assert [m.content for m in (await bob.client.chat.messages(chat)).items] == ["hi", "hello ann"]
        await pilot.press("escape", "h")
        await until(pilot, lambda: host.row("you: hi"))


async def test_what_waits_says_so_and_is_taken_back_into_the_field(ann: Listener, chat: str) -> None:
    host = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Nobody has said anything yet."))
        ann.session.outbox.pause("Parlour is offline.")
        await pilot.press(*"one", "enter", *"two", "enter")
        await until(pilot, lambda: host.row("▌ two"))
        await until(pilot, lambda: host.row("waiting: Parlour is offline."))
        await pilot.press("escape", "G", "d")
        await until(pilot, lambda: host.screen.query_one(Composer).text == "two")
        await until(pilot, lambda: not host.row("▌ two"))
        assert len(ann.session.outbox.open) == 1
        ann.session.outbox.resume()
        await until(pilot, lambda: not ann.session.outbox.open)
        assert [m.content for m in (await ann.client.chat.messages(chat)).items] == ["one"]


async def test_a_chat_with_somebody_is_open_before_the_platform_has_made_it(ann: Listener, bob: Listener) -> None:
    await ann.session.chat.load()
    ann.session.outbox.pause("Parlour is offline.")
    person = Member(user_id=bob.session.me.id, username="bob")
    made = await ann.session.chat.open_direct(person.user_id, person)
    host = MusicHost(ann, lambda shell: ChatScreen(shell, DirectChatPlace(person.user_id)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("not opened yet"))
        await pilot.press(*"hey", "enter")
        await until(pilot, lambda: host.row("▌ hey"))
        ann.session.outbox.resume()
        await until(pilot, lambda: not ann.session.outbox.open and not host.row("not opened yet"))
        assert [m.content for m in (await bob.client.chat.messages(made.id)).items] == ["hey"]


async def test_a_chat_opens_again_where_it_was_left(ann: Listener, bob: Listener, chat: str) -> None:
    await said(bob, chat, *(f"line {number:02}" for number in range(60)))
    host = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("│ line 00"))
        await pilot.press("escape", "G")
        await until(pilot, lambda: host.row("│ line 59"))
        await pilot.press("pageup", "pageup")
        await until(pilot, lambda: not host.row("│ line 59"))
        left = messages(host).visible_keys, messages(host).position
        await until(pilot, lambda: (kept := ann.session.chat.position(chat)) is not None and kept.item_key)
        assert ann.session.chat.position(chat) == Position(*(left[1] or ("", 0)))
    again = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with again.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: (messages(again).visible_keys, messages(again).position) == left)


async def test_a_hole_is_shown_and_fills_by_itself(ann: Listener, bob: Listener, chat: str) -> None:
    await said(bob, chat, "at first")
    await ann.session.chat.load()
    await ann.session.chat.load_messages(chat)
    transcript = ann.session.chat.transcript(chat)
    held = ann.session.chat.fill
    asked: list[str] = []
    ann.session.chat.fill = lambda chat_id, message_id: asked.append(message_id)  # type: ignore[method-assign]
    transcript.on_gap()
    await said(bob, chat, "missed", "heard")
    newest = (await bob.client.chat.messages(chat, limit=1)).items[0]
    for message in transcript.messages[1:]:
        transcript.thin_out(0, lambda kept: kept.id != message.id)  # noqa: B023
    ann.session.chat.arrived(newest, heard=True)
    host = MusicHost(ann, lambda shell: ChatScreen(shell, SectionPlace("chat")))
    async with host.run_test(size=SIZE) as pilot:
        screen = host.screen
        assert isinstance(screen, ChatScreen)
        await until(pilot, lambda: host.row("bob"))
        ann.session.chat.load_messages = lambda _: _nothing()  # type: ignore[method-assign]
        await pilot.press("enter")
        await until(pilot, lambda: host.row("messages are missing here"))
        assert newest.id in asked
        held(chat, newest.id)
        await until(pilot, lambda: host.row("missed") and not host.row("are missing here"))


async def _nothing() -> None:
    """Stand in for a newest page that does not come."""


async def test_the_key_behind_the_one_that_leads_to_the_chats_is_for_the_chats(
    world: MusicWorld, ann: Listener, bob: Listener, chat: str
) -> None:
    cleo = await world.listener("cleo")
    other = (await ann.client.chat.create(NewConversation(member_ids=[cleo.session.me.id]))).id
    await said(bob, chat, "hello from bob")
    await said(cleo, other, "hello from cleo")
    host = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("│ hello from bob") and host.row("cleo"))
        screen = host.screen
        assert isinstance(screen, ChatScreen)
        await pilot.press("escape")
        await until(pilot, lambda: screen.focused is messages(host))
        screen.query_one("#chats", VirtualList).highlight(other)
        for key in ("h", "enter"):
            # Without a turn of the loop in between, as a quick hand or a slow line brings them.
            await host.on_event(events.Key(key, None))
        await until(pilot, lambda: screen.chat_id == other)


async def test_what_cannot_go_out_waits_for_the_connection_and_does_not_say_that_it_is_sent(
    ann: Listener, bob: Listener, chat: str
) -> None:
    other = (await ann.client.chat.create(NewConversation(type="group", member_ids=[bob.session.me.id]))).id
    host = MusicHost(ann, lambda shell: ChatScreen(shell, ConversationPlace(chat)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Nobody has said anything yet."))
        ann.client.offline = True
        sending = asyncio.ensure_future(ann.session.chat.send(other, "to the others"))
        await until(pilot, lambda: ann.session.outbox.away)
        await pilot.press(*"one", "enter")
        await until(pilot, lambda: host.row("▌ one"))
        await until(pilot, lambda: host.row("waits for the connection"))
        assert not host.row("sending")
        ann.client.offline = False
        ann.session.outbox.resume()
        await until(pilot, lambda: not ann.session.outbox.open)
        await sending
