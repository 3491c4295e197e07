"""What listening amounts to: how much, of whom, on which days of whose calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from server.clock import to_ms
from server.playback.stats import MOST_DAYS
from server.tables.music import PlayRow
from tests.server.conftest import Person, Platform
from tests.server.music_seed import seed_catalogue

NOON = "2026-01-05T12:00:00+00:00"
"""Where the clock of the tests stands."""


@pytest.fixture
async def ann(platform: Platform) -> Person:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


async def heard(platform: Any, who: Person, track: str, at: str, milliseconds: int = 40_000) -> None:
    moment = datetime.fromisoformat(at)
    async with platform.state.database.writing() as db:
        play = PlayRow(user_id=who.id, track_id=track, played_at=moment, started_ms=to_ms(moment), heard_at_ms=0)
        play.listened_ms, play.counted = milliseconds, milliseconds >= 30_000
        db.add(play)


def days_with_music(stats: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {day["day"]: (day["plays"], day["listenedMs"]) for day in stats["days"] if day["listenedMs"]}


async def test_plays_minutes_tops_and_days(platform: Platform, ann: Person) -> None:
    await heard(platform, ann, "t1", "2026-01-04T10:00:00+00:00")
    await heard(platform, ann, "t1", "2026-01-05T10:00:00+00:00", 200_000)
    await heard(platform, ann, "t8", "2026-01-05T11:00:00+00:00", 29_999)
    await heard(platform, ann, "t2", "2026-01-05T11:30:00+00:00", 30_000)
    bob = await platform.person("bob")
    await heard(platform, bob, "t3", "2026-01-05T11:30:00+00:00")
    stats = await ann.data("GET", "/stats")
    assert (stats["plays"], stats["listenedMs"], stats["tracks"], stats["artists"]) == (3, 299_999, 3, 2)
    assert [(one["artist"]["name"], one["plays"], one["listenedMs"]) for one in stats["topArtists"]] == [
        ("Sigur Rós", 3, 270_000),
        ("AC/DC", 0, 29_999),
    ]
    assert [(one["track"]["id"], one["plays"], one["listenedMs"]) for one in stats["topTracks"]] == [
        ("t1", 2, 240_000),
        ("t2", 1, 30_000),
        ("t8", 0, 29_999),
    ]
    assert (stats["firstDay"], stats["lastDay"], len(stats["days"])) == ("2025-12-09", "2026-01-05", 28)
    assert [day["day"] for day in stats["days"]] == sorted(day["day"] for day in stats["days"])
    assert days_with_music(stats) == {"2026-01-04": (1, 40_000), "2026-01-05": (2, 259_999)}


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-01-01T23:59:59.999999+00:00", False),
        ("2026-01-02T00:00:00+00:00", True),
        ("2026-01-03T23:59:59.999999+00:00", True),
        ("2026-01-04T00:00:00+00:00", False),
    ],
)
async def test_both_days_belong_to_it(platform: Platform, ann: Person, at: str, counts: bool) -> None:
    await heard(platform, ann, "t1", at)
    days = {"from": "2026-01-02", "to": "2026-01-03"}
    assert (await ann.data("GET", "/stats", **days))["plays"] == counts
    assert len((await ann.get("/history", **days)).json()["data"]) == counts


@pytest.mark.parametrize(("offset", "day"), [(0, "2026-01-04"), (60, "2026-01-05"), (-1380 // 2, "2026-01-04")])
async def test_days_are_those_of_the_listener(platform: Platform, ann: Person, offset: int, day: str) -> None:
    await heard(platform, ann, "t1", "2026-01-04T23:00:00+00:00")
    stats = await ann.data("GET", "/stats", utcOffset=offset)
    assert days_with_music(stats) == {day: (1, 40_000)}


async def test_today_is_the_listeners_too(platform: Platform, ann: Person) -> None:
    assert platform.clock.now() == datetime.fromisoformat(NOON)
    assert (await ann.data("GET", "/stats", utcOffset=720))["lastDay"] == "2026-01-06"
    assert (await ann.data("GET", "/stats", utcOffset=719))["lastDay"] == "2026-01-05"
    assert (await ann.data("GET", "/stats", utcOffset=-721))["lastDay"] == "2026-01-04"


async def test_who_heard_nothing_has_days_of_nothing(platform: Platform, ann: Person) -> None:
    stats = await ann.data("GET", "/stats", **{"from": "2026-01-05", "to": "2026-01-05"})
    assert stats["days"] == [{"day": "2026-01-05", "plays": 0, "listenedMs": 0}]
    assert (stats["plays"], stats["listenedMs"], stats["topArtists"], stats["topTracks"]) == (0, 0, [], [])


async def test_days_that_make_no_sense_are_refused(platform: Platform, ann: Person) -> None:
    first = date(2026, 1, 1)
    for days in (
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "yesterday"},
        {"to": "2026-02-30"},
        {"to": "0001-01-01"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"utcOffset": "901"},
        {"from": first.isoformat(), "to": (first + timedelta(days=MOST_DAYS)).isoformat()},
    ):
        assert (await ann.get("/stats", **days)).status_code == 400, days
    longest = {"from": first.isoformat(), "to": (first + timedelta(days=MOST_DAYS - 1)).isoformat()}
    assert len((await ann.data("GET", "/stats", **longest))["days"]) == MOST_DAYS
