"""All about a track, concerts, playing in random order, and where a track came from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api_client.errors import NotFound
from api_client.models.music import Restriction, Track
from server.tables.catalogue import ConcertRow, TrackMarketRow
from server.tables.music import TrackArtistRow, TrackRow
from tests.server.music_seed import CREATED
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import (
    AlbumPlace,
    ArtistPlace,
    ConcertsPlace,
    MixPlace,
    PlaylistPlace,
    QueuePlace,
    TrackPlace,
    from_words,
    parse_address,
    to_words,
)
from tui.player.track import PlayableTrack
from tui.screens.album import AlbumScreen
from tui.screens.artist import ArtistScreen
from tui.screens.concerts import ConcertsScreen
from tui.screens.music_parts import trouble_of_track
from tui.screens.track import TrackScreen
from tui.sources import source_of

NARROW, BROAD = (80, 24), (120, 36)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld, platform: SharedPlatform) -> Listener:
    """AC/DC plays in two weeks; Song 3 has a live version, and Song 4 is for Japan alone."""
    now = platform.state.clock.now()

    async def furnish() -> None:
        async with platform.state.database.writing() as db:
            db.add(TrackRow(id="live", album_id="al1", title="Song 3 (Live)", duration_ms=9_000, created_at=CREATED))
            await db.flush()
            db.add(TrackArtistRow(track_id="live", artist_id="ar1", is_primary=True, place=0))
            starts = now + timedelta(days=14)
            db.add(
                ConcertRow(id="c", artist_id="ar2", venue="Vega", city="Oslo\x1b[31m", country="NO", starts_at=starts)
            )
            db.add(TrackMarketRow(track_id="t4", countries=["JP"]))

    await platform.within(furnish)
    return await world.listener("ann")


@pytest.mark.parametrize("size", [NARROW, BROAD])
async def test_all_about_a_track_is_a_key_away(ann: Listener, size: tuple[int, int]) -> None:
    album = MusicHost(ann, lambda host: AlbumScreen(host, AlbumPlace("al1")))
    async with album.run_test(size=size) as pilot:
        await until(pilot, lambda: album.row("Song 3 "))
        album.screen.music.highlight(next(key for key in album.screen._lines if key.endswith(":t3")))  # type: ignore[attr-defined]
        await pilot.press("v")
        await until(pilot, lambda: album.opened)
        assert album.opened == [TrackPlace("t3")]
    host = MusicHost(ann, lambda host: TrackScreen(host, TrackPlace("t3")))
    async with host.run_test(size=size) as pilot:
        await until(pilot, lambda: host.row("Other versions"))
        assert host.row("Song 3 (Live)")
        assert "120 beats a minute" in host.row("Tempo")
        assert "50 %" in host.row("Energy")
        assert "30 streams" in host.text()
        if size == BROAD:
            assert "ISRC ISABC2500003" in host.text()
        await pilot.press("j", "enter")
        await until(pilot, lambda: host.opened)
        assert host.opened == [ArtistPlace("ar1")]


async def test_a_track_that_there_is_not_is_told(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: TrackScreen(host, TrackPlace("nothing")))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "Track not found" in host.text())


async def test_concerts_stand_on_the_artists_page_and_together(ann: Listener) -> None:
    artist = MusicHost(ann, lambda host: ArtistScreen(host, ArtistPlace("ar2")))
    async with artist.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: artist.row("Vega, Oslo"))
        assert "\x1b" not in artist.text()
        await pilot.press("F")
        await until(pilot, lambda: artist.said)
    together = MusicHost(ann, lambda host: ConcertsScreen(host, ConcertsPlace()))
    async with together.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: together.row("AC/DC"))
        await pilot.press("enter")
        await until(pilot, lambda: together.opened)
        assert together.opened == [ArtistPlace("ar2")]


async def test_who_follows_nobody_is_told_how_concerts_come_here(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: ConcertsScreen(host, ConcertsPlace()))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("F follows one"))


async def test_a_platform_without_concerts_or_versions_shows_the_rest(
    ann: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise NotFound("There is no such route.", code="NOT_FOUND", status=404)

    monkeypatch.setattr(ann.client.music, "versions", unknown)
    monkeypatch.setattr(ann.client.music, "artist_concerts", unknown)
    await ann.store.catalogue.load_track("t3")
    await ann.store.load_artist("ar2")
    page, artist = ann.store.catalogue.track("t3"), ann.store.artist("ar2")
    assert page is not None
    assert artist is not None
    assert (page.track.title, page.versions, artist.concerts) == ("Song 3", [], [])


async def test_an_album_plays_in_random_order_each_track_once(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: AlbumScreen(host, AlbumPlace("al1")))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 3 "))
        await pilot.press("j", "Z")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        queue = host.player.queue
        assert host.player.snapshot.shuffle
        assert queue.current is not None
        ids = [entry.track_id for entry in (*queue.history, queue.current, *queue.upcoming, *queue.aside)]
        assert len(ids) == len(set(ids)) >= 5
        assert queue.current.item.context_type == "album"


async def test_what_may_not_be_heard_here_says_so_and_is_not_played(ann: Listener) -> None:
    await ann.client.music.set_region("SE")
    host = MusicHost(ann, lambda host: AlbumScreen(host, AlbumPlace("al1")))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 4 "))
        assert "not in your country" in host.row("Song 4 ")
        host.screen.music.highlight(next(key for key in host.screen._lines if key.endswith(":t4")))  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: host.said)
        assert host.said[-1] == "Song 4 cannot be played: not in your country."


@pytest.mark.parametrize(
    ("restriction", "from_day", "said"),
    [
        (Restriction.REGION, None, "not in your country"),
        (Restriction.NOT_OUT, "2026-12-04", "out on 4 December 2026"),
        (Restriction.NOT_OUT, None, "otherwise"),
        (Restriction.NO_AUDIO, None, "otherwise"),
        (Restriction.UNKNOWN, None, "otherwise"),
        (None, None, "otherwise"),
    ],
)
def test_why_a_track_cannot_be_played(restriction: Restriction | None, from_day: str | None, said: str) -> None:
    track = Track(id="t", title="T", duration_ms=1, restriction=restriction, available_from=from_day)
    assert trouble_of_track(track, "otherwise") == ""
    assert trouble_of_track(track.changed(is_playable=False), "otherwise") == said


@pytest.mark.parametrize(
    ("kind", "item", "place"),
    [
        ("playlist", "p", PlaylistPlace("p")),
        ("album", "a", AlbumPlace("a")),
        ("artist", "a", ArtistPlace("a")),
        ("daily_mix", "2", MixPlace("daily-mix/2")),
        ("discover_weekly", "weekly", MixPlace("discover-weekly")),
        ("similar", "t", MixPlace("similar/t")),
        ("radio", "t", QueuePlace()),
        ("search", "", AlbumPlace("al")),
        ("", "", AlbumPlace("al")),
    ],
)
def test_where_a_track_was_played_from(kind: str, item: str, place: Any) -> None:
    assert source_of(PlayableTrack("t", "T", context_type=kind, context_id=item, album_id="al")) == place


@pytest.mark.parametrize(("text", "place"), [("track/t1", TrackPlace("t1")), ("concerts", ConcertsPlace())])
def test_they_have_addresses(text: str, place: Any) -> None:
    assert parse_address(text) == place
    assert from_words(to_words(place)) == place
