"""Lists of recommendations over HTTP: how long each stays the same, what is on it, and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from server.clock import to_ms
from server.recommendations.dice import drawn, fortune
from server.recommendations.weekly import prepare_week, week_of
from server.tables.music import AlbumRow, ArtistFollowRow, ArtistRow, PlayRow, TrackArtistRow, TrackRow
from server.tables.recommendations import WeeklyListRow
from tests.server.conftest import PASSWORD, Person, Platform

ROCK = {"tempo": 150.0, "energy": 0.9, "danceability": 0.5, "acousticness": 0.1, "valence": 0.6}
FOLK = {"tempo": 80.0, "energy": 0.2, "danceability": 0.4, "acousticness": 0.9, "valence": 0.4}
DAY = 86_400.0
WEEKLY = "/recommendations/discover-weekly"


@pytest.fixture
async def ann(platform: Platform) -> Person:
    """Somebody on a platform with sixty artists of two tracks each: every second one makes folk, the others rock."""
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        for number in range(60):
            genre, sound = ("folk", FOLK) if number % 2 else ("rock", ROCK)
            artist = f"a{number:02}"
            db.add(ArtistRow(id=artist, name=artist, name_key=artist, genres=[genre], created_at=now))
            await db.flush()
            db.add(
                AlbumRow(
                    id=f"al{number:02}", artist_id=artist, title=artist, total_tracks=2, release_date="2020",
                    created_at=now,
                )
            )  # fmt: skip
            await db.flush()
            for side in "xy":
                track = f"{genre}{number:02}{side}"
                db.add(
                    TrackRow(
                        id=track, album_id=f"al{number:02}", title=track, duration_ms=1, stream_count=100 - number,
                        audio_features=sound, audio_key=f"demo/{track}", created_at=now,
                    )
                )  # fmt: skip
                await db.flush()
                db.add(TrackArtistRow(track_id=track, artist_id=artist, place=0))
    return await platform.person("ann")


async def played(platform: Any, who: Person, *tracks: str, days_ago: float = 1) -> None:
    moment = platform.clock.now() - timedelta(days=days_ago)
    async with platform.state.database.writing() as db:
        for track in tracks:
            play = PlayRow(user_id=who.id, track_id=track, played_at=moment, started_ms=to_ms(moment), heard_at_ms=0)
            play.completed = True
            db.add(play)


def ids(reply: dict[str, Any]) -> list[str]:
    return [track["id"] for track in reply["tracks"]]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def later(platform: Any, who: Person, seconds: float) -> None:
    """Let time pass, and `who` sign in again: the token is too old by then."""
    platform.clock.advance(seconds)
    reply = await who.http.post("auth/login", json={"username": who.username, "password": PASSWORD})
    who.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"


def until_monday(platform: Any) -> float:
    """Return the seconds until the next Monday, 00:00 UTC."""
    now: datetime = platform.clock.now()
    return (week_of(now) + timedelta(days=7) - now).total_seconds()


# -- Discover Weekly


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-11-16T00:00:00+00:00", "2026-11-16"),
        ("2026-11-15T23:59:59.999999+00:00", "2026-11-09"),
        ("2026-11-16T00:30:00+01:00", "2026-11-09"),
        ("2027-01-01T12:00:00+00:00", "2026-12-28"),
    ],
)
def test_a_week_begins_on_monday_in_utc(day: str, monday: str) -> None:
    assert week_of(moment(day)) == datetime.fromisoformat(monday).replace(tzinfo=UTC)


async def test_the_list_is_the_same_all_week_and_another_one_on_monday(platform: Platform, ann: Person) -> None:
    await later(platform, ann, until_monday(platform))
    await played(platform, ann, "rock00x", "rock02x")
    first = await ann.data("GET", WEEKLY)
    assert first["algorithm"] == "hybrid_cf_cb_v1"
    assert len(first["tracks"]) == 30
    assert max(Counter(track["artist"]["id"] for track in first["tracks"]).values()) == 2
    assert not {"rock00x", "rock02x"} & set(ids(first)), "what she knows is not new"
    began = moment(first["validFrom"])
    assert began == week_of(platform.clock.now())
    assert moment(first["validUntil"]) - began == timedelta(days=7)

    await played(platform, ann, *(f"folk{number:02}x" for number in range(1, 60, 2)), days_ago=0)
    await later(platform, ann, until_monday(platform) - 0.001)
    assert await ann.data("GET", WEEKLY) == first, "six days and 23 hours later"
    await later(platform, ann, 0.001)
    second = await ann.data("GET", WEEKLY)
    assert ids(second) != ids(first)
    assert moment(second["validFrom"]) == moment(first["validUntil"])
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(WeeklyListRow)) == 1, "old weeks are not kept"


async def test_everybody_who_asks_at_once_gets_one_list(platform: Platform, ann: Person) -> None:
    await played(platform, ann, "rock00x")
    replies = await asyncio.gather(*(ann.data("GET", WEEKLY) for _ in range(5)))
    assert all(reply == replies[0] for reply in replies)


async def test_who_is_new_gets_what_is_popular(platform: Platform, ann: Person) -> None:
    reply = await ann.data("GET", WEEKLY)
    assert len(reply["tracks"]) == 30
    assert {track["reason"] for track in reply["tracks"]} == {"popular"}


async def test_an_empty_platform_has_an_empty_list_until_there_is_music(platform: Platform) -> None:
    bob = await platform.person("bob")
    assert ids(await bob.data("GET", WEEKLY)) == []
    async with platform.state.database.reading() as db:
        assert (await db.scalars(select(WeeklyListRow))).all() == []


async def test_each_track_says_why_it_is_there(platform: Platform, ann: Person) -> None:
    near, other = await platform.person("near"), await platform.person("other")
    await played(platform, ann, "rock00x")
    for who in (near, other):
        await played(platform, who, "rock00x", "folk31x")
    await played(platform, near, "rock30x")
    tracks = {track["id"]: track for track in (await ann.data("GET", WEEKLY))["tracks"]}
    assert (tracks["folk31x"]["reason"], tracks["folk31x"]["listeners"]) == ("listeners", 2)
    assert "resembles" not in tracks["folk31x"] or tracks["folk31x"]["resembles"] is None
    assert (tracks["rock30x"]["reason"], tracks["rock30x"]["listeners"]) == ("both", 1)
    assert tracks["rock30x"]["resembles"] == "rock00x"
    assert (tracks["rock02x"]["reason"], tracks["rock02x"]["listeners"]) == ("sound", 0)


async def test_listeners_are_compared_by_how_often_they_play_what(platform: Platform, ann: Person) -> None:
    alike, unlike = await platform.person("alike"), await platform.person("unlike")
    await played(platform, ann, *["rock00x"] * 9, "folk01x")
    await played(platform, alike, *["rock00x"] * 9, "folk01x", "folk57x")
    await played(platform, unlike, "rock00x", *["folk01x"] * 9, "folk59x")
    tracks = ids(await ann.data("GET", WEEKLY))
    assert "folk57x" in tracks
    assert "folk59x" not in tracks[: tracks.index("folk57x")]


async def test_the_order_survives_tracks_that_are_gone(platform: Platform, ann: Person) -> None:
    before = ids(await ann.data("GET", WEEKLY))
    async with platform.state.database.writing() as db:
        await db.delete(await db.get_one(TrackRow, before[3]))
        await db.execute(update(TrackRow).where(TrackRow.id == before[5]).values(is_available=False))
    reply = await ann.data("GET", WEEKLY)
    assert ids(reply) == [*before[:3], *before[4:]]
    assert [track["isPlayable"] for track in reply["tracks"]].count(False) == 1


# -- ahead of the week


async def kept(platform: Any) -> list[tuple[str, datetime, datetime]]:
    async with platform.state.database.reading() as db:
        return [(row.user_id, row.week, row.generated_at) for row in await db.scalars(select(WeeklyListRow))]


async def test_the_week_is_prepared_for_those_who_listen(platform: Platform, ann: Person) -> None:
    bob, away = await platform.person("bob"), await platform.person("away")
    await played(platform, bob, "folk01x")
    await played(platform, away, "folk01x", days_ago=28)
    await prepare_week(platform.state)
    now = platform.clock.now()
    assert await kept(platform) == [(bob.id, week_of(now), now)]
    await later(platform, bob, 3600)
    await prepare_week(platform.state)
    assert moment((await bob.data("GET", WEEKLY))["generatedAt"]) == now


async def test_the_platform_prepares_the_week_that_begins(platform: Platform, ann: Person) -> None:
    await played(platform, ann, "folk01x")
    platform.clock.advance(until_monday(platform))
    async with asyncio.timeout(60):
        while not await kept(platform):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.05)
    now = platform.clock.now()
    assert await kept(platform) == [(ann.id, now, now)]


# -- daily mixes


async def test_each_mix_is_of_a_genre_that_is_played(platform: Platform, ann: Person) -> None:
    await played(platform, ann, "folk01x", "folk03x", "rock00x", "folk05x", "folk07x")
    listed = (await ann.data("GET", "/recommendations"))["mixes"]
    assert [(mix["kind"], mix.get("mixId"), mix["title"]) for mix in listed] == [
        ("discover-weekly", None, "Discover Weekly"),
        ("daily-mix", "1", "Daily Mix 1"),
        ("daily-mix", "2", "Daily Mix 2"),
        ("release-radar", None, "Release Radar"),
    ]
    folk = await ann.data("GET", "/recommendations/daily-mix/1")
    assert all(one.startswith("folk") for one in ids(folk))
    assert len(folk["tracks"]) == 30
    assert [track["reason"] for track in folk["tracks"][:6]] == ["known", "known", "sound", "known", "known", "sound"]
    rock = await ann.data("GET", "/recommendations/daily-mix/2")
    assert all(one.startswith("rock") for one in ids(rock))
    assert (await ann.get("/recommendations/daily-mix/3")).status_code == 404
    assert (await ann.get("/recommendations/daily-mix/0")).status_code == 404
    assert (await ann.get("/recommendations/daily-mix/%F0%9F%8E%B5")).status_code == 404


async def test_a_mix_is_another_one_tomorrow(platform: Platform, ann: Person) -> None:
    await played(platform, ann, "folk01x")
    now = platform.clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await later(platform, ann, (midnight - now).total_seconds())
    today = await ann.data("GET", "/recommendations/daily-mix/1")
    assert (moment(today["validFrom"]), moment(today["validUntil"])) == (midnight, midnight + timedelta(days=1))
    await later(platform, ann, DAY - 0.001)
    assert ids(await ann.data("GET", "/recommendations/daily-mix/1")) == ids(today)
    await later(platform, ann, 0.001)
    assert ids(await ann.data("GET", "/recommendations/daily-mix/1")) != ids(today)


async def test_who_plays_nothing_has_mixes_of_what_there_is(platform: Platform, ann: Person) -> None:
    assert [mix["kind"] for mix in (await ann.data("GET", "/recommendations"))["mixes"]].count("daily-mix") == 2
    assert len((await ann.data("GET", "/recommendations/daily-mix/1"))["tracks"]) == 30


# -- Release Radar


async def test_new_releases_of_followed_artists_come_before_those_heard(platform: Platform, ann: Person) -> None:
    today = platform.clock.now().date()
    async with platform.state.database.writing() as db:
        for album, days in {"al00": 28, "al02": 29, "al04": 0, "al06": -1, "al08": 3}.items():
            released = (today - timedelta(days=days)).isoformat()
            await db.execute(update(AlbumRow).where(AlbumRow.id == album).values(release_date=released))
        for number in (0, 2, 4, 6):
            db.add(ArtistFollowRow(user_id=ann.id, artist_id=f"a{number:02}", created_at=platform.clock.now()))
    await played(platform, ann, "rock08x")
    reply = await ann.data("GET", "/recommendations/release-radar")
    assert [(track["id"], track["reason"]) for track in reply["tracks"]] == [
        ("rock04x", "followed"),
        ("rock04y", "followed"),
        ("rock00x", "followed"),
        ("rock00y", "followed"),
        ("rock08x", "heard"),
        ("rock08y", "heard"),
    ]


# -- what goes with a track


async def test_similar_tracks_sound_alike_or_are_played_together(platform: Platform, ann: Person) -> None:
    bob = await platform.person("bob")
    await played(platform, bob, "rock00x", "folk59x")
    reply = await ann.data("GET", "/recommendations/similar/rock00x")
    assert reply["title"] == "Like rock00x"
    assert "rock00x" not in ids(reply)
    reasons = {track["id"]: track["reason"] for track in reply["tracks"]}
    assert reasons.pop("folk59x") == "listeners"
    assert set(reasons.values()) == {"sound"}
    assert all(one.startswith("rock") for one in reasons)
    assert (await ann.get("/recommendations/similar/nothing")).status_code == 404
    assert (await ann.get("/recommendations/radio/nothing")).status_code == 404


async def test_a_station_begins_with_its_track_and_never_ends_or_repeats_within_fifty(
    platform: Platform, ann: Person
) -> None:
    heard: list[str] = []
    artists: list[str] = []
    cursor = None
    for _ in range(8):
        more = {"cursor": cursor} if cursor else {}
        page = (await ann.get("/recommendations/radio/folk01x", limit=40, **more)).json()
        heard += [track["id"] for track in page["data"]]
        artists += [track["artist"]["id"] for track in page["data"]]
        cursor = page["nextCursor"]
        assert cursor is not None
    assert heard[0] == "folk01x"
    assert len(heard) == 320
    for end in range(1, len(heard)):
        assert heard[end] not in heard[max(0, end - 50) : end]
    # Of its own sort there is more at the beginning of a round.
    assert sum(one.startswith("folk") for one in heard[:30]) > 20
    assert all(left != right for page in range(8) for left, right in pairwise(artists[page * 40 : page * 40 + 40]))


async def test_a_station_of_one_track_is_that_track(platform: Platform, ann: Person) -> None:
    async with platform.state.database.writing() as db:
        await db.execute(update(TrackRow).where(TrackRow.id != "folk01x").values(is_available=False))
    page = (await ann.get("/recommendations/radio/folk01x")).json()
    assert ([track["id"] for track in page["data"]], page["nextCursor"]) == (["folk01x"], None)


async def test_a_made_up_cursor_is_refused(platform: Platform, ann: Person) -> None:
    for cursor in ("nonsense", "WzEsMiwzXQ", "WzEsLTEsMC41LCJ4Il0"):
        assert (await ann.get("/recommendations/radio/folk01x", cursor=cursor)).status_code == 400


# -- chance


@given(st.text(max_size=8), st.text(max_size=8))
def test_fortune_lies_between_and_is_the_same_again(left: str, right: str) -> None:
    value = fortune(left, right)
    assert 0 < value < 1
    assert value == fortune(left, right)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(0.01, 5), max_size=8), st.data())
def test_who_else_takes_part_changes_no_place(weights: dict[str, float], data: st.DataObject) -> None:
    order = drawn(weights, "seed")
    assert set(order) == set(weights)
    assert list(order.values()) == sorted(order.values(), reverse=True)
    some = {one: weights[one] for one in data.draw(st.sets(st.sampled_from(sorted(weights))))} if weights else {}
    assert list(drawn(some, "seed").items()) == [item for item in order.items() if item[0] in some]


def test_double_the_weight_comes_first_two_times_out_of_three() -> None:
    first = sum(next(iter(drawn({"a": 2.0, "b": 1.0}, str(seed)))) == "a" for seed in range(3_000))
    assert 1_900 < first < 2_100
