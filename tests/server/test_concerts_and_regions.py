"""Concerts, other versions of a track, and tracks that may not be heard everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.music.versions import song_of
from server.tables.catalogue import ConcertRow, TrackMarketRow
from server.tables.music import TrackArtistRow, TrackRow
from tests.server.music_seed import CREATED, seed_catalogue


@pytest.fixture
async def ann(platform: Any) -> Any:
    await seed_catalogue(platform.state.database)
    return await platform.person("ann")


async def get(who: Any, path: str, **query: Any) -> Any:
    reply = await who.get(path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def give(platform: Any, *rows: Any) -> None:
    async with platform.state.database.writing() as db:
        for row in rows:
            db.add(row)
            await db.flush()


def concert(platform: Any, number: int, artist: str, days: float) -> ConcertRow:
    starts = platform.state.clock.now() + timedelta(days=days)
    return ConcertRow(id=f"c{number}", artist_id=artist, venue="Vega", city="Oslo", country="NO", starts_at=starts)


def version(number: str, title: str, isrc: str | None = None, streams: int = 0) -> list[Any]:
    track = TrackRow(id=number, album_id="al1", title=title, duration_ms=1000, isrc=isrc, created_at=CREATED)
    track.stream_count = streams
    return [track, TrackArtistRow(track_id=number, artist_id="ar1", is_primary=True, place=0)]


# -- concerts


async def test_concerts_to_come_are_listed_by_date_in_pages(platform: Any, ann: Any) -> None:
    days = [30, 2, -1, 9, 9, -0.1]
    await give(platform, *(concert(platform, number, "ar1", day) for number, day in enumerate(days)))
    found, cursor = list[str](), None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await get(ann, "/artists/ar1/concerts", **query)
        found += [item["id"] for item in page["data"]]
        cursor = (page.get("pagination") or {}).get("nextCursor")
        if not cursor:
            break
    assert found == ["c5", "c1", "c3", "c4", "c0"], "what began a moment ago is still there, yesterday's is not"
    assert page["data"][0]["artist"]["name"] == "Sigur Rós"
    assert (await ann.get("/artists/nobody/concerts")).status_code == 404


async def test_the_concerts_of_those_one_follows_stand_together(platform: Any, ann: Any) -> None:
    await give(platform, concert(platform, 1, "ar1", 3), concert(platform, 2, "ar2", 1))
    assert (await get(ann, "/concerts"))["data"] == []
    await ann.put("/artists/ar2/follow")
    assert [item["id"] for item in (await get(ann, "/concerts"))["data"]] == ["c2"]


# -- versions


async def test_versions_are_the_same_recording_first_and_then_the_same_song(platform: Any, ann: Any) -> None:
    await give(platform, *version("live", "Song 3 (Live at Nalen)", streams=5))
    await give(platform, *version("remaster", "Song 3 - Remastered 2011", streams=9))
    await give(platform, *version("again", "Another name", isrc="ISABC2500003"))
    await give(platform, *version("other", "Song 33"))
    found = (await get(ann, "/tracks/t3/versions"))["data"]["tracks"]
    assert [track["id"] for track in found] == ["again", "remaster", "live"]
    assert (await get(ann, "/tracks/live/versions"))["data"]["tracks"][0]["id"] == "t3"
    assert (await ann.get("/tracks/none/versions")).status_code == 404


@pytest.mark.parametrize(
    ("title", "song"),
    [
        ("Svefn-g-englar (Live)", "svefn-g-englar"),
        ("Hoppípolla [Demo] - Remastered", "hoppipolla"),
        ("One feat. Two", "one"),
        ("(Live)", "(live)"),
        ("Twenty-One", "twenty-one"),
    ],
)
def test_what_tells_versions_apart_is_not_the_song(title: str, song: str) -> None:
    assert song_of(title) == song


@given(st.text(max_size=80))
def test_every_title_names_a_song(title: str) -> None:
    assert song_of(title) == song_of(title)
    if title.isalpha():
        assert song_of(title) == song_of(f"{title} (Live)")


# -- regions


async def test_a_track_is_withheld_where_it_may_not_be_heard(platform: Any, ann: Any) -> None:
    await give(platform, TrackMarketRow(track_id="t1", countries=["US", "CA"]))
    assert (await get(ann, "/tracks/t1"))["data"]["isPlayable"], "nobody has said where Ann is"
    for country, playable in (("DE", False), ("US", True), ("SE", False), (None, True)):
        reply = await ann.put("/music/region", json={"country": country})
        assert reply.status_code == 200
        assert (await get(ann, "/music/region"))["data"].get("country") == country
        track = (await get(ann, "/tracks/t1"))["data"]
        assert (track["isPlayable"], track.get("restriction")) == (playable, None if playable else "region")
        stream = await ann.get("/playback/stream/t1")
        assert stream.status_code == (200 if playable else 403)
        if not playable:
            assert stream.json()["error"]["code"] == "NOT_AVAILABLE_IN_REGION"
        assert (await get(ann, "/tracks/t2"))["data"]["isPlayable"]


@pytest.mark.parametrize("country", ["de", "DEU", "", 7, "D1"])
async def test_what_is_no_country_is_refused(ann: Any, country: Any) -> None:
    assert (await ann.put("/music/region", json={"country": country})).status_code == 400


async def test_a_track_that_is_not_out_says_from_when_it_is(platform: Any, ann: Any) -> None:
    track = (await get(ann, "/tracks/t9"))["data"]
    assert (track["isPlayable"], track["restriction"], track["availableFrom"]) == (False, "not_out", "2026-02-01")
    platform.clock.advance(timedelta(days=27, hours=12).total_seconds())
    bob = await platform.person("bob")
    track = (await get(bob, "/tracks/t9"))["data"]
    assert (track["isPlayable"], track.get("restriction"), track.get("availableFrom")) == (True, None, None)
