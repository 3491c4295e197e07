"""Faults that are injected into the running program: said on every screen, survived by everything, gone at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.inspect.fault_spec import parse_spec
from api_client.models.chat import NewConversation
from api_client.models.threads import NewSubreddit
from api_client.realtime import Realtime
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tests.api_client.conftest import QuickClock
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import PASSWORD, House, Visit, house
from tui.state.session import Session
from widgets.fault_badge import FaultBadge
from widgets.menu import Menu
from widgets.prompt import Prompt


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def types(visit: Visit, line: str) -> None:
    """Give a command behind the colon."""
    await visit.pilot.press("colon")
    assert visit.app.front is not None
    prompt = visit.app.front.query_one(Prompt)
    await visit.until(lambda: prompt.has_class("-shown"))
    await visit.pilot.press(*line, "enter")


async def founds(visit: Visit, name: str) -> None:
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CREATE_SUBREDDIT, object_key=f"r:{name}", label=f"found {name}", body=NewSubreddit(name=name)
        )
    )


async def test_what_is_done_under_faults_waits_and_arrives_once_and_every_screen_says_that_there_are_faults(
    home: House,
) -> None:
    async with home.program(faults=parse_spec("500=100%,only=POST /r,seed=2")) as visit:
        await visit.sees("⚑ faults are injected")
        await visit.enters("ann")
        await visit.sees("⚑ faults")
        await founds(visit, "rye")
        await visit.sees("↑ 1 to send")
        faults = visit.app.gate.faults.on
        assert faults is not None
        await visit.until(lambda: faults.injected["500"] > 0)
        await visit.pilot.press("2")
        await visit.until(lambda: visit.app.current_mode == "threads")
        await visit.sees("⚑ faults")
        # The chooser has a badge of its own, and says what was done.
        await visit.pilot.press("T", "f")
        await visit.sees("rate limited", "injected until now", "× 500")
        await visit.until(lambda: isinstance(visit.app.screen, Menu) and visit.app.screen.query(FaultBadge))
        await visit.pilot.press("o", "o", "enter")
        await visit.hears("Faults are injected no more")
        await visit.until(lambda: "⚑" not in visit.text)
        await visit.until(lambda: not visit.session.sections.counts.open)
        assert (await visit.session.client.threads.subreddit("rye")).name == "rye"
        # What cannot be read is said, and changes nothing.
        await types(visit, "faults loss=5")
        await visit.hears("column 6: a share is a percentage")
        assert visit.app.gate.faults.on is None
        await types(visit, "faults flaky,only=GET /nothing")
        await visit.sees("⚑ faults")
    async with home.program() as visit:
        await visit.is_in()
        assert visit.app.gate.faults.on is None
        assert "⚑" not in visit.text


async def test_a_store_under_a_bad_line_has_in_the_end_what_the_platform_has_each_thing_once(
    platform: SharedPlatform,
) -> None:
    await platform.empty()
    async with PlatformClient(platform.url) as bob, PlatformClient(platform.url, clock=QuickClock()) as client:
        friend = await bob.accounts.register("bob", "bob@example.com", PASSWORD)
        me = await client.accounts.register("ann", "ann@example.com", PASSWORD)
        chat = await client.chat.create(NewConversation(type="direct", member_ids=[friend.id]))
        outbox = Outbox(sender(client), clock=QuickClock())
        realtime = Realtime(client, on_event=lambda _: None, on_gap=lambda: None)
        session = Session.build(client, realtime, outbox, me)
        client.faults.turn(parse_spec("latency=20ms±20,loss=30%,429=15%,500=15%,seed=12"))
        said = [f"message {number}" for number in range(12)]
        await asyncio.gather(*(session.chat.send(chat.id, text) for text in said))
        assert client.faults.on is not None
        assert {"loss", "429", "500"} <= set(client.faults.on.injected)
        client.faults.turn(None)
        there = [message.content for message in (await bob.chat.messages(chat.id, limit=100)).items]
        assert there[::-1] == said, "each once, and in the order in which they were said"
        assert [message.content for message in session.chat.transcript(chat.id).messages] == said
        await outbox.close()
        await session.live.close()
