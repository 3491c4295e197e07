"""Recommended lists: from the list at the side to the reason for a track, and without the platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api_client.errors import PlatformError
from api_client.models.music import ArtistRef
from api_client.models.recommendations import Mix, MixKind, Reason, Recommendations, RecommendedTrack
from api_client.sync.cache import Cache
from server.clock import to_ms
from server.tables.music import PlayRow
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import MixPlace, SectionPlace, parse_address
from tui.screens.mix import MixScreen
from tui.screens.mix_parts import days_of, note_of, renewal_of, why
from tui.screens.music import MusicScreen
from tui.state.marks import Marks
from tui.state.mixes import MixShelf, name_of, similar_to

NARROW, BROAD = (80, 24), (120, 30)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld, platform: SharedPlatform) -> Listener:
    """Somebody who plays t1 and t8; bob plays t1 too, and t3."""
    ann, bob = await world.listener("ann"), await world.listener("bob")

    async def heard() -> None:
        async with platform.state.database.writing() as db:
            for who, track in ((ann, "t1"), (ann, "t8"), (bob, "t1"), (bob, "t3")):
                now = platform.state.clock.now()
                play = PlayRow(
                    user_id=who.session.me.id, track_id=track, played_at=now, started_ms=to_ms(now), heard_at_ms=0
                )
                play.completed = True
                db.add(play)

    await platform.within(heard)
    return ann


def mix(ann: Listener, name: str) -> MusicHost:
    return MusicHost(ann, lambda host: MixScreen(host, MixPlace(name)))


async def test_the_lists_stand_at_the_side_and_open(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: MusicScreen(host, SectionPlace("music")))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Discover Weekly"))
        assert host.row("Release Radar")
        screen = host.screen
        assert isinstance(screen, MusicScreen)
        screen.lists.focus()
        screen.lists.highlight("m:daily-mix/1")
        await pilot.press("enter")
        await until(pilot, lambda: host.opened)
        assert host.opened == [MixPlace("daily-mix/1")]


@pytest.mark.parametrize("size", [NARROW, BROAD])
async def test_discover_weekly_says_for_when_it_is_and_why_each_track_is_there(
    ann: Listener, size: tuple[int, int]
) -> None:
    host = mix(ann, "discover-weekly")
    async with host.run_test(size=size) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        assert "Discover Weekly" in host.text()
        found = ann.store.mixes.get("discover-weekly")
        assert found is not None
        assert days_of(found) in host.text()
        assert found.algorithm
        assert found.algorithm not in host.text()
        await pilot.press("w")
        await until(pilot, lambda: host.said)
        assert host.said[-1] == (
            "Song 3 is here because somebody who listens to what you listen to has played it this week, "
            "and it sounds like Song 1."
        )
        await pilot.press("enter")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        playing = host.player.snapshot.track
        assert playing is not None
        assert (playing.id, playing.context_type, playing.context_id) == ("t3", "discover_weekly", "weekly")


async def test_what_goes_with_a_track_is_a_key_away(ann: Listener) -> None:
    host = mix(ann, "discover-weekly")
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("L")
        await until(pilot, lambda: host.opened)
        assert host.opened == [MixPlace("similar/t3")]
    similar = mix(ann, "similar/t3")
    async with similar.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: similar.row("Like Song 3"))
        assert not similar.row("made for")


async def test_a_list_that_there_is_not_is_told(ann: Listener) -> None:
    host = mix(ann, "daily-mix/6")
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "no such mix" in host.text())


# -- without the platform


class Deaf:
    """Stands in for recommendations that cannot be fetched."""

    def __getattr__(self, _name: str) -> Any:
        async def fails(*_: Any) -> Any:
            raise PlatformError("The platform is away.")

        return fails


async def test_a_list_outlives_the_program_and_says_when_its_time_is_over(ann: Listener) -> None:
    cache = Cache.in_memory()
    now = datetime.now(UTC).timestamp()
    changes: list[str | None] = []

    def shelf(client: Any, clock: Any = lambda: now) -> MixShelf:
        return MixShelf(client, Marks(cache), cache, lambda _: None, changes.append, clock)

    first = shelf(ann.client)
    assert first.listed is None
    await first.load_listed()
    await first.load("discover-weekly")
    assert changes == [None, "discover-weekly"]
    found = first.get("discover-weekly")
    assert found is not None

    class Away:
        recommendations = Deaf()

    later = shelf(Away(), lambda: now + 8 * 86_400)
    assert later.get("discover-weekly") == found
    assert later.listed == first.listed
    assert later.stale_since("discover-weekly") is None
    with pytest.raises(PlatformError):
        await later.load("discover-weekly")
    assert later.stale_since("discover-weekly") is not None
    assert (first.is_over("discover-weekly"), later.is_over("discover-weekly")) == (False, True)
    assert later.is_over("similar/t1") is False


def test_lists_of_a_kind_that_is_not_known_are_left_out() -> None:
    cache = Cache.in_memory()
    shelf = MixShelf(None, Marks(cache), cache, lambda _: None, lambda _: None)  # type: ignore[arg-type]
    shelf._listed.put(
        shelf._listed._kind.model_validate(
            {"mixes": [{"kind": "horoscope", "title": "?"}, {"kind": "daily-mix", "mixId": "2", "title": "Two"}]}
        )
    )
    assert [name_of(each) for each in shelf.listed or ()] == ["daily-mix/2"]
    assert name_of(Mix(kind=MixKind.RELEASE_RADAR, title="New")) == "release-radar"


# -- words


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("mix/discover-weekly", "discover-weekly"),
        ("https://example.org/mix/daily-mix/3", "daily-mix/3"),
        ("mix/similar/t1", similar_to("t1")),
    ],
)
def test_lists_have_addresses(address: str, name: str) -> None:
    assert parse_address(address) == MixPlace(name)


@pytest.mark.parametrize("address", ["mix/horoscope", "mix/daily-mix/", "mix/similar/../x"])
def test_what_is_no_list_is_no_address(address: str) -> None:
    assert parse_address(address) is None


def listed(first: datetime | None = MONDAY, days: int = 7) -> Recommendations:
    last = None if first is None else first + timedelta(days=days)
    return Recommendations(id="x", title="X", generated_at=MONDAY, valid_from=first, valid_until=last)


@pytest.mark.usefixtures("in_utc")
def test_the_days_of_a_list() -> None:
    assert days_of(listed()) == "16–22 November 2026"
    assert days_of(listed(days=1)) == "16 November 2026"
    assert days_of(listed(MONDAY + timedelta(days=14))) == "30 November – 6 December 2026"
    assert days_of(listed(MONDAY + timedelta(days=42))) == "28 December 2026 – 3 January 2027"
    assert days_of(listed(None)) == ""
    assert renewal_of(listed()) == "made Monday, 16 November, new Monday, 23 November"
    assert renewal_of(listed(None)) == "made Monday, 16 November"


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Any:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def track(reason: Reason, listeners: int = 0, resembles: str | None = None) -> RecommendedTrack:
    artist = ArtistRef(id="a", name="Ann")
    return RecommendedTrack(
        id="t", title="Song", duration_ms=1, artist=artist, reason=reason, listeners=listeners, resembles=resembles
    )


@pytest.mark.parametrize(
    ("given", "note", "reason"),
    [
        (
            track(Reason.LISTENERS, 2),
            "2 listeners",
            "because 2 people who listen to what you listen to have played it this week.",
        ),
        (
            track(Reason.LISTENERS, 1),
            "1 listener",
            "because somebody who listens to what you listen to has played it this week.",
        ),
        (track(Reason.SOUND, resembles="Other"), "like Other", "because it sounds like Other."),
        (track(Reason.SOUND), "sounds alike", "because it sounds like what you listen to."),
        (
            track(Reason.BOTH, 3, "Other"),
            "like Other",
            "because 3 people who listen to what you listen to have played it this week, and it sounds like Other.",
        ),
        (track(Reason.POPULAR), "popular", "because many people play it, and it is new to you."),
        (track(Reason.KNOWN), "you play it", "because you have played it in the last four weeks."),
        (track(Reason.FOLLOWED), "new, followed", "because it is new, and you follow Ann."),
        (track(Reason.HEARD), "new", "because it is new, and you listen to Ann."),
    ],
)
def test_reasons_are_words(given: RecommendedTrack, note: str, reason: str) -> None:
    assert note_of(given) == note
    assert why(given) == f"Song is here {reason}"


def test_a_reason_nobody_knows_is_said_to_be_none() -> None:
    assert note_of(track(Reason.UNKNOWN)) == ""
    assert why(track(Reason.UNKNOWN)) == "The platform does not say why Song is here."
