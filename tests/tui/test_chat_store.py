"""The chat store: what is written offline shows, survives a restart, and happens once; chats open from this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from api_client.calls import build
from api_client.errors import PlatformError
from api_client.models.chat import Member, NewConversation, NewMessage
from api_client.sync.cache import Cache, Position
from api_client.sync.receipts import Status
from tests.shared_platform import SharedPlatform
from tests.tui.desk import Desk, Terminal, desks
from tui.state.message_entries import Delivery

MakeDesk = Callable[[str], Any]


@pytest.fixture
async def desk(platform: SharedPlatform) -> AsyncIterator[MakeDesk]:
    await platform.empty()
    async with desks(platform.url) as make:
        yield make


@pytest.fixture
async def ann(desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("tui.state.chat_writes.REGRET", 0.0)
    made: Desk = await desk("ann")
    return made


@pytest.fixture
async def bob(desk: MakeDesk) -> Desk:
    made: Desk = await desk("bob")
    return made


@pytest.fixture
async def chat(ann: Desk, bob: Desk) -> str:
    return (await ann.client.chat.create(NewConversation(member_ids=[bob.me.id]))).id


async def said(desk: Desk, chat_id: str, text: str) -> str:
    return (await desk.client.chat.send(chat_id, build(NewMessage, content=text))).id


async def on_platform(desk: Desk, chat_id: str) -> list[str]:
    return [message.content for message in reversed((await desk.client.chat.messages(chat_id, limit=100)).items)]


def shown(terminal: Terminal, chat_id: str) -> list[tuple[str, Delivery]]:
    return [(entry.message.content, entry.delivery) for entry in terminal.chat.transcript(chat_id).entries]


async def write(terminal: Terminal, chat_id: str, *texts: str) -> None:
    """Write messages without waiting for what becomes of them."""
    for text in texts:
        before = len(terminal.chat.transcript(chat_id).on_the_way)
        terminal.chat._tasks.later(terminal.chat.send(chat_id, text))
        await terminal.shows(lambda: len(terminal.chat.transcript(chat_id).on_the_way) > before)  # noqa: B023


# -- sending


async def test_what_is_written_offline_waits_in_order_and_is_sent_once_after_a_restart(ann: Desk, chat: str) -> None:
    first = await ann.terminal()
    await first.chat.load_messages(chat)
    ann.wire.up = False
    await write(first, chat, "one", "two", "three")
    # It waits without a reason of its own while only the connection is known to be away.
    await first.shows(lambda: bool(first.chat.transcript(chat).entries[0].reason))
    assert shown(first, chat)[0][1] is Delivery.WAITING
    assert [text for text, _ in shown(first, chat)] == ["one", "two", "three"]
    keys = [entry.key for entry in first.chat.transcript(chat).entries]

    second = await ann.terminal()
    await second.shows(lambda: shown(second, chat)[0][1] is Delivery.WAITING)
    assert [entry.key for entry in second.chat.transcript(chat).entries] == keys
    ann.wire.up = True
    await second.settled()
    assert shown(second, chat) == [("one", Delivery.SENT), ("two", Delivery.SENT), ("three", Delivery.SENT)]
    assert [entry.key for entry in second.chat.transcript(chat).entries] == keys, "nothing flickers"
    assert await on_platform(ann, chat) == ["one", "two", "three"]


async def test_a_message_whose_answer_was_lost_is_one_message_after_a_restart(ann: Desk, chat: str) -> None:
    first = await ann.terminal()
    ann.wire.loses = "POST"
    await write(first, chat, "once")
    await first.shows(lambda: shown(first, chat) == [("once", Delivery.WAITING)])
    second = await ann.terminal()
    ann.wire.up = True
    await second.chat.load_messages(chat)
    assert shown(second, chat) == [("once", Delivery.SENT)], "the page has it before the answer does"
    await second.settled()
    assert shown(second, chat) == [("once", Delivery.SENT)]
    assert await on_platform(ann, chat) == ["once"]


async def test_a_refused_message_says_why_after_a_restart_and_goes_when_it_is_given_up(ann: Desk, bob: Desk) -> None:
    group = await ann.client.chat.create(NewConversation(type="group", member_ids=[bob.me.id], name="Choir"))
    here = await bob.terminal()
    await here.chat.load()
    await here.chat.load_messages(group.id)
    await ann.client.chat.remove_member(group.id, bob.me.id)
    with pytest.raises(PlatformError) as refused:
        await here.chat.send(group.id, "hello")
    entry = here.chat.transcript(group.id).entries[-1]
    assert (entry.delivery, entry.reason) == (Delivery.REFUSED, refused.value.sentence)

    again = await bob.terminal()
    entry = again.chat.transcript(group.id).entries[-1]
    assert (entry.delivery, entry.reason) == (Delivery.REFUSED, refused.value.sentence)
    # bob is let in again, and sends it again himself.
    await ann.client.chat.add_member(group.id, bob.me.id)
    again.outbox.retry(again.outbox.attention[0].id)
    await again.settled()
    assert shown(again, group.id)[-1] == ("hello", Delivery.SENT)
    assert "hello" in await on_platform(ann, group.id)


async def test_a_message_that_is_given_up_is_gone(ann: Desk, chat: str) -> None:
    here = await ann.terminal()
    ann.wire.up = False
    await write(here, chat, "no", "yes")
    await here.shows(lambda: shown(here, chat)[0][1] is Delivery.WAITING)
    await here.shows(lambda: here.outbox.open[0].status is not Status.SENDING)
    assert await here.chat.withdraw(here.chat.transcript(chat).entries[0].message)
    assert [text for text, _ in shown(here, chat)] == ["yes"]
    ann.wire.up = True
    await here.settled()
    assert await on_platform(ann, chat) == ["yes"]


async def test_a_message_is_taken_back_unsent_and_sent(ann: Desk, chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.state.chat_writes.REGRET", 60.0)
    here = await ann.terminal()
    await here.chat.load_messages(chat)
    ann.wire.up = False
    await write(here, chat, "unsent")
    await here.shows(lambda: shown(here, chat)[0][1] is Delivery.WAITING)
    assert await here.outbox.undo() == f"message to {here.chat.title_of(chat)}"
    assert shown(here, chat) == []
    ann.wire.up = True
    await here.chat.send(chat, "sent")
    assert shown(here, chat) == [("sent", Delivery.SENT)]
    assert await here.outbox.undo() is not None
    await here.settled()
    assert shown(here, chat) == []
    assert await on_platform(ann, chat) == []


async def test_what_is_unsent_is_gone_at_once_and_after_a_restart_until_the_platform_has_decided(
    ann: Desk, chat: str
) -> None:
    message_id = await said(ann, chat, "oops")
    await said(ann, chat, "good")
    first = await ann.terminal()
    await first.chat.load_messages(chat)
    ann.wire.up = False
    oops = first.chat.transcript(chat).get(message_id)
    assert oops is not None
    first.chat._tasks.later(first.chat.unsend(oops))
    await first.shows(lambda: [text for text, _ in shown(first, chat)] == ["good"])
    second = await ann.terminal()
    assert [text for text, _ in shown(second, chat)] == ["good"]
    ann.wire.up = True
    await second.settled()
    assert [text for text, _ in shown(second, chat)] == ["good"]
    assert await on_platform(ann, chat) == ["good"]
    third = await ann.terminal()
    assert [text for text, _ in shown(third, chat)] == ["good"]


# -- chats that are asked for


async def test_a_chat_that_is_asked_for_offline_can_be_written_in_at_once(ann: Desk, bob: Desk) -> None:
    ann.wire.up = False
    first = await ann.terminal()
    person = Member(user_id=bob.me.id, username="bob")
    made = await first.chat.open_direct(bob.me.id, person)
    assert await first.chat.open_direct(bob.me.id, person) == made, "it is asked for once"
    await write(first, made.id, "hello", "there")
    second = await ann.terminal()
    assert [second.chat.title(c) for c in second.chat.conversations] == ["bob"]
    assert [text for text, _ in shown(second, made.id)] == ["hello", "there"]
    last = second.chat.conversations[0].last_message
    assert last is not None
    assert last.content == "there"
    ann.wire.up = True
    await second.settled()
    assert await on_platform(bob, made.id) == ["hello", "there"]
    assert second.chat.book.is_confirmed(made.id)
    assert shown(second, made.id) == [("hello", Delivery.SENT), ("there", Delivery.SENT)]


async def test_where_there_was_a_chat_already_what_was_written_goes_there(ann: Desk, bob: Desk) -> None:
    ann.wire.up = False
    here = await ann.terminal()
    made = await here.chat.open_direct(bob.me.id)
    await write(here, made.id, "one", "two")
    there = (await bob.client.chat.create(NewConversation(member_ids=[ann.me.id]))).id
    ann.wire.up = True
    here.outbox.resume()
    await here.shows(lambda: shown(here, there) == [("one", Delivery.SENT), ("two", Delivery.SENT)])
    assert here.chat.actual(made.id) == there
    assert await on_platform(bob, there) == ["one", "two"]
    assert [conversation.id for conversation in here.chat.conversations] == [there]
    assert not here.outbox.open
    again = await ann.terminal()
    assert again.chat.actual(made.id) == there, "also for whoever still has the old address"


async def test_a_chat_that_the_platform_refuses_says_so_and_keeps_what_was_written(ann: Desk) -> None:
    here = await ann.terminal()
    made = await here.chat.open_direct("nobody")
    await write(here, made.id, "are you there?")
    await here.shows(lambda: here.chat.book.trouble(made.id))
    again = await ann.terminal()
    assert again.chat.book.trouble(made.id)
    assert [text for text, _ in shown(again, made.id)] == ["are you there?"]
    for receipt in again.outbox.open[::-1]:
        assert await again.outbox.discard(receipt.id)
    assert again.chat.conversations == []
    assert shown(again, made.id) == []


# -- reading


async def test_what_was_read_offline_stays_read_and_is_told_once(ann: Desk, bob: Desk, chat: str) -> None:
    await said(bob, chat, "first")
    first = await ann.terminal()
    await first.chat.load()
    await first.chat.load_messages(chat)
    assert first.chat.unread == 1
    assert first.chat.transcript(chat).first_unread(1) is not None
    ann.wire.up = False
    first.chat._tasks.later(first.chat.read(chat))
    await first.shows(lambda: first.chat.unread == 0)
    second = await ann.terminal()
    assert second.chat.unread == 0
    newest = await said(bob, chat, "second")
    ann.wire.up = True
    ann.wire.asked.clear()
    second.outbox.pause("offline")
    await second.chat.load_messages(chat)
    second.chat._tasks.later(second.chat.read(chat))
    await second.shows(lambda: len(second.outbox.open) == 1 and second.outbox.open[0].intent.params["id"] == newest)
    await second.settled()
    assert [asked for asked in ann.wire.asked if asked.endswith("/read")] == [f"POST /api/v1/messages/{newest}/read"]
    await second.chat.load()
    assert second.chat.unread == 0


async def test_chats_open_from_this_machine_and_say_that_they_could_not_be_refreshed(
    ann: Desk, bob: Desk, chat: str
) -> None:
    for text in ("one", "two"):
        await said(bob, chat, text)
    first = await ann.terminal()
    await first.chat.load()
    await first.chat.load_messages(chat)
    first.chat.keep_position(chat, Position(first.chat.transcript(chat).entries[0].key, -2))
    ann.wire.up = False
    second = await ann.terminal()
    assert [second.chat.title(c) for c in second.chat.conversations] == ["bob"]
    assert second.chat.unread == 2
    assert [text for text, _ in shown(second, chat)] == ["one", "two"]
    assert second.chat.position(chat) == Position(second.chat.transcript(chat).entries[0].key, -2)
    assert second.chat.stale(chat) is None
    with pytest.raises(PlatformError):
        await second.chat.load()
    with pytest.raises(PlatformError):
        await second.chat.load_messages(chat)
    assert second.chat.stale_since is not None
    assert second.chat.stale(chat) is not None
    ann.wire.up = True
    await second.chat.load()
    await second.chat.load_messages(chat)
    assert second.chat.stale_since is None
    assert second.chat.stale(chat) is None


async def test_a_hole_after_a_long_absence_is_filled_when_it_is_seen(ann: Desk, bob: Desk, chat: str) -> None:
    await said(bob, chat, "before")
    first = await ann.terminal()
    await first.chat.load_messages(chat)
    for number in range(105, 310):
        await said(bob, chat, str(number))
    second = await ann.terminal()
    await second.chat.load_messages(chat)
    transcript = second.chat.transcript(chat)
    assert len(transcript.messages) == 101
    (hole,) = transcript.holes
    second.chat.fill(chat, hole)
    await second.shows(lambda: transcript.holes != [hole])
    (hole,) = transcript.holes
    second.chat.fill(chat, hole)
    second.chat.fill(chat, hole)
    await second.shows(lambda: not transcript.holes)
    assert [m.content for m in transcript.messages] == ["before", *map(str, range(105, 310))]
    assert transcript.complete

    second.chat.watch(chat)
    second.chat.unwatch(chat)
    assert len(transcript.messages) == 100, "what nobody looks at takes little room"
    ann.wire.up = False
    third = await ann.terminal()
    assert len(third.chat.transcript(chat).messages) == 100
    await third.chat.load_older(chat)
    await third.chat.load_older(chat)
    assert [m.content for m in third.chat.transcript(chat).messages] == ["before", *map(str, range(105, 310))]
    assert third.chat.transcript(chat).complete


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let windows be of a few messages."""
    for name, size in {"MOST_MESSAGES": 28, "AT_THE_END": 24, "AROUND": 8, "NEWEST": 5, "PAGE": 10}.items():
        monkeypatch.setattr(f"tui.state.transcripts.{name}", size)
    monkeypatch.setattr("tui.state.archive.PAGE", 4)


def contents(terminal: Terminal, chat_id: str) -> list[str]:
    return [message.content for message in terminal.chat.transcript(chat_id).messages]


def reads(terminal: Terminal, chat_id: str, content: str | None) -> None:
    """Let somebody read a message, None for the end."""
    found = (e.key for e in terminal.chat.transcript(chat_id).entries if e.message.content == content)
    terminal.chat.keep_position(chat_id, Position("" if content is None else next(found)))


async def goes_up(terminal: Terminal, chat_id: str) -> None:
    """Read on from the oldest message that is shown."""
    reads(terminal, chat_id, contents(terminal, chat_id)[0])
    await terminal.chat.load_older(chat_id)


async def goes_down(terminal: Terminal, chat_id: str) -> None:
    """Read on at the first hole, coming from above."""
    transcript = terminal.chat.transcript(chat_id)
    hole, before = transcript.holes[0], transcript.before(transcript.holes[0])
    assert before is not None
    reads(terminal, chat_id, before.content)
    known = len(transcript), transcript.before(hole)
    terminal.chat.fill(chat_id, hole)
    await terminal.shows(lambda: hole not in transcript.holes or (len(transcript), transcript.before(hole)) != known)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("away", [False, True])
async def test_a_chat_of_any_length_is_read_in_a_window_that_comes_back(
    ann: Desk, bob: Desk, chat: str, away: bool
) -> None:
    said_there = [f"{number:02}" for number in range(65)]
    for text in said_there:
        await said(bob, chat, text)
    here = await ann.terminal()
    await here.chat.load_messages(chat)
    transcript = here.chat.transcript(chat)
    while not transcript.complete:
        await goes_up(here, chat)
        assert len(transcript) <= 28
    assert contents(here, chat)[:10] == said_there[:10]
    assert contents(here, chat)[-5:] == said_there[-5:], "the end is at hand"
    ann.wire.up = not away
    seen = set(contents(here, chat))
    while transcript.holes:
        await goes_down(here, chat)
        assert len(transcript) <= 28
        shown_now = contents(here, chat)
        assert shown_now == sorted(set(shown_now))
        seen |= set(shown_now)
    assert sorted(seen) == said_there
    reads(here, chat, None)
    ann.wire.up = True
    await said(bob, chat, "65")
    await here.chat.load_messages(chat)
    assert contents(here, chat) == [*said_there, "65"][-len(transcript) :]


async def test_a_message_whose_time_was_up_meanwhile_is_not_shown_from_this_machine(
    ann: Desk, bob: Desk, chat: str
) -> None:
    await said(bob, chat, "stays")
    first = await ann.terminal()
    await first.chat.load_messages(chat)
    stays = first.chat.transcript(chat).messages[0]
    over = stays.changed(id="over", content="burnt", expires_at=stays.created_at, created_at=stays.created_at)
    first.chat.arrived(over, heard=True)
    assert len(shown(first, chat)) == 2
    second = await ann.terminal()
    assert shown(second, chat) == [("stays", Delivery.SENT)]


async def test_after_the_socket_was_away_what_is_shown_is_fetched_again(ann: Desk, bob: Desk, chat: str) -> None:
    here = await ann.terminal()
    await here.chat.load()
    await here.chat.load_messages(chat)
    here.chat.watch(chat)
    ends = here.chat.subscribe(lambda _: here.chat.transcript(chat) and None)
    await said(bob, chat, "missed")
    here.chat.on_gap()
    await here.shows(lambda: shown(here, chat) == [("missed", Delivery.SENT)] and here.chat.unread == 1)
    ends()


async def test_what_arrives_by_socket_is_there_after_a_restart_without_the_platform(
    ann: Desk, bob: Desk, chat: str
) -> None:
    first = await ann.terminal()
    first.realtime.start()
    await first.chat.load()
    await first.chat.load_messages(chat)
    await said(bob, chat, "heard")
    await first.shows(lambda: shown(first, chat) == [("heard", Delivery.SENT)])
    gone = await said(bob, chat, "regretted")
    await first.shows(lambda: len(shown(first, chat)) == 2)
    await bob.client.chat.unsend(gone)
    await first.shows(lambda: len(shown(first, chat)) == 1)
    ann.wire.up = False
    second = await ann.terminal()
    assert shown(second, chat) == [("heard", Delivery.SENT)]
    assert second.chat.transcript(chat).holes == []
    assert second.chat.unread == 1


async def test_without_a_cache_what_is_open_still_shows(ann: Desk, bob: Desk, chat: str) -> None:
    first = await ann.terminal()
    await first.chat.load_messages(chat)
    ann.wire.up = False
    await write(first, chat, "kept in the outbox")
    ann.cache = Cache.in_memory()
    second = await ann.terminal()
    assert [text for text, _ in shown(second, chat)] == ["kept in the outbox"]
    ann.wire.up = True
    await second.settled()
    assert await on_platform(bob, chat) == ["kept in the outbox"]
