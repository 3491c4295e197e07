"""The program opens where it was left; what waits to be sent, and the network, come behind its first screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client import endpoints
from api_client.models.threads import NewSubreddit
from api_client.sync.receipts import Receipt
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.app import ParlourApp
from tui.curtain import LastFrame
from tui.places import Place, ProfilePlace, SectionPlace


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


def last_frame(home: House) -> LastFrame:
    return LastFrame(home.launch.paths, "1", (), {})


async def is_at(visit: Visit, section: SectionPlace, *inner: Place) -> None:
    """Wait until this is what is in front, with the way that leads there."""
    way = [section, *inner]
    await visit.until(lambda: (front := visit.app.front) is not None and front.place == way[-1] and front.has_frame)
    assert visit.app.current_mode == section.section
    assert len(visit.app.screen_stack) == len(way)


async def founds(visit: Visit, name: str) -> Receipt:
    """Write something that anybody may."""
    return await visit.session.writes.begin(
        endpoints.CREATE_SUBREDDIT, object_key=f"r:{name}", label=f"found {name}", body=NewSubreddit(name=name)
    )


async def test_a_start_opens_the_screen_that_was_left_and_the_way_back_leads_to_its_section(home: House) -> None:
    threads, ann = SectionPlace("threads"), ProfilePlace("ann")
    async with home.program(last_frame=last_frame(home)) as visit:
        await visit.enters("ann")
        visit.app.open_place(threads)
        await is_at(visit, threads)
        visit.app.open_place(ann)
        await is_at(visit, threads, ann)
        visit.app.exit()
    async with home.program(last_frame=last_frame(home)) as visit:
        await is_at(visit, threads, ann)
        visit.app.leave()
        await is_at(visit, threads)
        visit.app.exit()
    async with home.program(last_frame=last_frame(home)) as visit:
        await is_at(visit, threads)


async def test_nothing_is_asked_and_no_write_begins_before_the_first_screen_is_drawn(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home.program() as visit:
        await visit.enters("ben")
        await home.shut()
        await founds(visit, "first")
    drawn = asyncio.Event()
    monkeypatch.setattr(ParlourApp, "painted", lambda _: drawn.wait())
    async with home.program() as visit:
        await visit.is_in()
        second = asyncio.create_task(founds(visit, "second"))
        for _ in range(5):
            await visit.pilot.pause()
        assert not second.done()
        assert "_wire" not in vars(visit.session.client), "somebody has gone to the network"
        drawn.set()
        await second
        assert [receipt.intent.label for receipt in visit.session.outbox.open] == ["found first", "found second"]
        assert [subreddit.name for subreddit in visit.session.threads.mine] == ["first", "second"]
