"""The frame of the screens: true on the one in front, and never in the way of what is being made or taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api_client.realtime import Phase, SocketState
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tui.places import HistoryPlace, OutboxPlace, Place, ProfilePlace, SectionPlace
from tui.player.track import PlayableTrack
from tui.screens.base import ParlourScreen
from tui.screens.history import HistoryScreen
from tui.state.people import PeopleChange, PeoplePart
from widgets.status_line import Link, StatusLine
from widgets.virtual_list import VirtualList


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async with house(platform, tmp_path) as built:
        yield built


async def fails(visit: Visit, place: Place, key: str) -> None:
    """Open what cannot be fetched, and see which key helps."""
    visit.app.open_place(place)
    await visit.until(lambda: (front := visit.app.front) is not None and front.place == place and front.has_frame)
    await visit.until(lambda: any(found.has_failed for found in visit.app.screen.query(VirtualList)))
    await visit.sees(key)


async def test_the_socket_may_change_while_a_screen_is_made_or_taken_away(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        chrome = visit.app.backstage.chrome
        visit.app.open_place(OutboxPlace())
        made = visit.app.front
        assert made is not None
        assert not made.has_frame
        chrome.follow_link(SocketState(Phase.WAITING), 0.0)
        chrome.follow_unread("chat", 7)
        chrome.came_back()
        chrome.dress(made)
        await visit.until(lambda: made.has_frame and made.query_one(StatusLine).status == chrome._status)
        visit.app.leave()
        for screen in (made, visit.app.front):
            assert screen is not None
            screen.show_status(chrome._status, {})
        chrome.follow_link(SocketState(Phase.ONLINE), 0.0)
        await visit.until(lambda: not made.is_attached)
        assert visit.app._exception is None


async def test_a_screen_that_is_left_hears_nothing_of_the_stores(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        visit.app.open_place(ProfilePlace("ann"))
        await visit.sees("@ann")
        left = visit.app.front
        assert left is not None
        visit.app.leave()
        await visit.until(lambda: not left.has_frame)
        visit.session.people.tell(PeopleChange(PeoplePart.PROFILE, "ann"))
        left.update_footer()
        await visit.until(lambda: not left.is_attached)
        visit.session.people.tell(PeopleChange(PeoplePart.PROFILE, "ann"))


async def test_keys_that_come_before_the_screen_wait_for_it(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        visit.app.open_place(OutboxPlace())
        await visit.pilot.press("g", "z")
        await visit.until(lambda: isinstance(visit.app.screen, HistoryScreen))
        assert [type(screen) for screen in visit.app.screen_stack if isinstance(screen, HistoryScreen)]
        visit.app.open_place(HistoryPlace())
        assert sum(isinstance(screen, ParlourScreen) for screen in visit.app.screen_stack) == 3


async def test_working_offline_is_said_once_however_much_is_looked_at(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await visit.pilot.press("T", "o")
        await visit.hears("You work offline.")
        visit.said.clear()
        for section in ("threads", "chat", "music"):
            await fails(visit, SectionPlace(section), "goes")
        assert visit.said == []
        await visit.pilot.press("ctrl+r")
        await visit.hears("Nothing was fetched: you work offline. T o goes online again.")


async def test_a_platform_that_is_gone_is_told_once_for_each_time_it_goes(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        await visit.until(lambda: visit.app.backstage.chrome._status.link is Link.WAITING)
        visit.said.clear()
        for section in ("threads", "chat", "music"):
            await fails(visit, SectionPlace(section), "Ctrl+R")
        assert len(visit.said) == 1, visit.said
        await home.door.open()
        await visit.pilot.press("g", "o")
        await visit.until(lambda: visit.app.backstage.chrome._status.link is Link.ONLINE)
        await home.shut()
        await visit.until(lambda: visit.app.backstage.chrome._status.link is Link.WAITING)
        visit.said.clear()
        await fails(visit, ProfilePlace("nobody"), "Ctrl+R")
        assert len(visit.said) == 1, visit.said


async def test_a_track_that_is_not_here_waits_where_it_is_while_one_works_offline(home: House) -> None:
    async with home.program() as visit:
        await visit.enters("ann")
        await visit.pilot.press("T", "o")
        await visit.hears("You work offline.")
        player = visit.app.player
        player.play([PlayableTrack(name, name, "", "", 60_000, "", "", "") for name in ("one", "two")])
        await visit.until(lambda: player.snapshot.error)
        assert player.snapshot.error == "You work offline; it is not on this machine."
        assert player.snapshot.track is not None
        assert (player.snapshot.track.id, player.snapshot.playing) == ("one", False)
