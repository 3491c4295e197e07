"""What was heard, in figures: the screen, its periods and days, and without the platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api_client.errors import Unreachable
from api_client.models.listening import DayListening, ListeningStats
from api_client.sync.cache import Cache
from server.clock import to_ms
from server.tables.music import PlayRow
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import ArtistPlace, ListeningDayPlace, ListeningPlace, from_words, parse_address, to_words
from tui.screens.listening import ListeningDayScreen, ListeningScreen
from tui.screens.listening_parts import summary, weekday_lines
from tui.state.listening import Figures, ListeningShelf
from tui.state.marks import Marks

NARROW, BROAD = (80, 24), (120, 36)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld, platform: SharedPlatform) -> Listener:
    """Somebody who heard t1 for three minutes twice today, and t8 for ten seconds yesterday; t2 sixty days ago."""
    ann = await world.listener("ann")

    async def heard() -> None:
        async with platform.state.database.writing() as db:
            for track, seconds, ago in (("t1", 180, 0), ("t1", 180, 0), ("t8", 10, 1), ("t2", 60, 60)):
                at = platform.state.clock.now() - timedelta(days=ago)
                play = PlayRow(
                    user_id=ann.session.me.id, track_id=track, played_at=at, started_ms=to_ms(at), heard_at_ms=to_ms(at)
                )
                play.listened_ms, play.counted, play.completed = seconds * 1000, seconds >= 30, seconds == 180
                play.skipped = seconds == 10
                db.add(play)

    await platform.within(heard)
    return ann


def listening(ann: Listener, period: str = "month") -> MusicHost:
    return MusicHost(ann, lambda host: ListeningScreen(host, ListeningPlace(period)))


@pytest.mark.parametrize("size", [NARROW, BROAD])
async def test_the_figures_say_how_much_of_whom_and_when(ann: Listener, size: tuple[int, int]) -> None:
    host = listening(ann)
    async with host.run_test(size=size) as pilot:
        await until(pilot, lambda: host.row("Four weeks"))
        await until(pilot, lambda: host.row("6 min"))
        assert "2 plays" in host.text()
        assert "2 tracks" in host.text()
        assert "6 min · 2×" in host.row("Song 1 ")
        assert "█" in host.row("Song 1 ")
        assert "10 s · 0×" in host.row("Thunderstruck")
        assert "│" in host.text(), "there is a plot"


async def test_what_is_counted_can_be_opened_and_played(ann: Listener) -> None:
    host = listening(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1 "))
        await pilot.press("enter")
        await until(pilot, lambda: host.opened)
        assert isinstance(host.opened[-1], ArtistPlace)
        await pilot.press("J", "j", "enter")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        await pilot.press("G", "k", "enter")
        await until(pilot, lambda: len(host.opened) == 2)
        day = host.opened[-1]
        assert isinstance(day, ListeningDayPlace)
        assert day.day == ann.store.listening.figures("month").stats.last_day.isoformat()  # type: ignore[union-attr]


async def test_another_period_is_a_key_away(ann: Listener) -> None:
    host = listening(ann, "week")
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1 "))
        assert not host.row("Song 2")
        host.answers.append("quarter")
        await pilot.press("S")
        await until(pilot, lambda: host.row("Song 2"))
        assert host.row("Three months")


async def test_a_day_shows_every_play_and_how_it_ended(ann: Listener) -> None:
    yesterday = (datetime.now().astimezone() - timedelta(days=1)).date().isoformat()
    host = MusicHost(ann, lambda host: ListeningDayScreen(host, ListeningDayPlace(yesterday)))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Thunderstruck"))
        assert "skipped" in host.row("Thunderstruck")
        assert not host.row("Song 1 ")


async def test_who_has_heard_nothing_is_told_where_music_is(world: MusicWorld) -> None:
    host = listening(await world.listener("bob"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Nothing was heard in these days."))


async def test_the_figures_outlive_the_program(ann: Listener) -> None:
    cache = Cache.in_memory()

    class Away:
        class playback:  # noqa: N801 - stands for an attribute
            @staticmethod
            async def stats(*_: Any, **__: Any) -> Any:
                raise Unreachable("The platform is away.")

    def shelf(client: Any) -> ListeningShelf:
        return ListeningShelf(client, Marks(cache), cache, lambda _: None, lambda _: None)

    first = shelf(ann.client)
    await first.load("month")
    later = shelf(Away())
    with pytest.raises(Unreachable):
        await later.load("month")
    assert later.figures("month") == first.figures("month")
    assert later.stale_since("month") is not None


def test_more_and_less_than_before_is_said() -> None:
    def said(now: int, before: int | None) -> str:
        day = DayListening(day=datetime(2026, 11, 21, tzinfo=UTC).date(), listened_ms=now)
        stats = ListeningStats(first_day=day.day, last_day=day.day, listened_ms=now, days=[day])
        return summary(Figures(stats=stats, before_ms=before))[1].rpartition(" · ")[2]

    assert said(150, 100) == "50 % more than before"
    assert said(50, 100) == "50 % less than before"
    assert said(100, 100) == "as much as before"
    assert said(100, 0) == said(100, None) == "on 1 day of 1"


def test_days_of_the_week_are_averaged() -> None:
    monday = datetime(2026, 11, 2, tzinfo=UTC).date()
    days = [
        DayListening(day=monday + timedelta(days=n), listened_ms=60_000 * (4 if n == 0 else 2 if n == 7 else 0))
        for n in range(14)
    ]
    lines = weekday_lines(ListeningStats(first_day=monday, last_day=days[-1].day, days=days))
    assert [line.bar.figure for line in lines if line.bar] == ["3 min", *["–"] * 6]
    assert not weekday_lines(ListeningStats(first_day=monday, last_day=monday, days=days[:7]))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("listening", ListeningPlace()),
        ("listening/year", ListeningPlace("year")),
        ("/listening/2026-11-21", ListeningDayPlace("2026-11-21")),
        ("listening/for-ever", None),
    ],
)
def test_listening_has_addresses(text: str, place: Any) -> None:
    assert parse_address(text) == place
    if place is not None:
        assert from_words(to_words(place)) == place
