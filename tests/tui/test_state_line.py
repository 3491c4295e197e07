"""The state line under the faults of the network: while the platform cannot be had, it never says that all is well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api_client import endpoints
from api_client.models.threads import NewSubreddit
from tests.faults.proxy import Entry, Fault, Then, Weather
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from widgets.status_line import Link, Status, StatusLine


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


@dataclass
class Line:
    """Everything the state line of a visit has said."""

    visit: Visit
    said: list[Status] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert self.visit.app.front is not None
        line = self.visit.app.front.query_one(StatusLine)
        self.visit.app.watch(line, "status", self._says)

    def _says(self, status: Status) -> None:
        self.said.append(status)

    @property
    def all_is_well(self) -> bool:
        return _all_is_well(self.said[-1])

    async def is_well(self) -> None:
        await self.visit.until(lambda: self.said and self.all_is_well)


def _all_is_well(status: Status) -> bool:
    return status.link is Link.ONLINE and status.delay is None


async def acts(visit: Visit, name: str) -> None:
    """Do something that the platform has to hear of: begin the subreddit `name`."""
    await visit.begins(
        lambda: visit.session.writes.do(
            endpoints.CREATE_SUBREDDIT, object_key=f"r:{name}", label=f"found {name}", body=NewSubreddit(name=name)
        )
    )


FROZEN = Weather(up=Fault(Then.FREEZE), down=Fault(Then.FREEZE))

FAULTS = {
    "reset": Weather(up=Fault(Then.RESET), down=Fault(Then.RESET)),
    "ended": Weather(up=Fault(Then.FIN), down=Fault(Then.FIN)),
    "noise": Weather(down=Fault(Then.GARBAGE)),
    "nothing goes out": Weather(up=Fault(Then.FREEZE)),
    "nothing comes in": Weather(down=Fault(Then.FREEZE)),
    "trickles": Weather(down=Fault(rate=1.0)),
    "black hole": Weather(entry=Entry.BLACK_HOLE, up=Fault(Then.FREEZE), down=Fault(Then.FREEZE)),
}


async def mended(visit: Visit, line: Line, home: House) -> None:
    """Let everything pass again, and wait until all is well."""
    await home.door.mend()
    # It may be connecting at this moment, which ends by itself.
    await visit.until(lambda: line.all_is_well or visit.session.realtime.retry_now())
    await visit.until(lambda: not visit.session.sections.counts.open)


async def test_whatever_the_network_does_to_a_user_who_acts_the_line_tells_of_it(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        line = Line(visit)
        await line.is_well()
        for number, (name, weather) in enumerate(FAULTS.items()):
            home.door.become(weather)
            await acts(visit, f"rye{number}")
            await visit.until(lambda: not line.all_is_well)
            bad = len(line.said) - 1
            await visit.until(lambda bad=bad: len(line.said) > bad + 1)
            assert not any(_all_is_well(status) for status in line.said[bad:]), name
            await mended(visit, line, home)


async def test_a_platform_that_freezes_is_told_then_given_up_then_found_again(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        line = Line(visit)
        await line.is_well()
        home.door.become(FROZEN)
        await acts(visit, "rye")
        await visit.sees("no answer for")
        await visit.until(lambda: line.said[-1].link is not Link.ONLINE)
        assert any(status.link is Link.ONLINE and status.silent for status in line.said)
        await mended(visit, line, home)
        assert (await visit.session.client.threads.subreddit("rye")).name == "rye"


async def test_one_slow_answer_of_a_platform_that_is_there_is_told_as_that(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        line = Line(visit)
        await line.is_well()
        online = len(line.said) - 1
        chrome, awaited = visit.app.backstage.chrome, visit.session.client.awaited
        with awaited.asking():
            await visit.until(lambda: chrome._status.delay)
            await visit.sees("● online, waiting")
        await line.is_well()
        assert {status.link for status in line.said[online:]} == {Link.ONLINE}
