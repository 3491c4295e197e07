"""Stations: a queue that goes on by itself, after a restart and after trouble too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api_client.calls import Page
from api_client.errors import NotFound, PlatformError, Unreachable
from api_client.models.recommendations import RecommendedTrack
from api_client.sync.cache import Cache
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import QueuePlace, SectionPlace
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.music import MusicScreen
from tui.screens.queue import QueueScreen
from tui.state.stations import AGAIN_AFTER, CONTEXT, LOW, Stations


class Face:
    """A player of which only the queue is looked at."""

    def __init__(self) -> None:
        self.tracks: list[PlayableTrack] = []
        self.at = 0

    @property
    def snapshot(self) -> PlayerSnapshot:
        track = self.tracks[self.at] if self.tracks else None
        return PlayerSnapshot(track=track, upcoming=max(len(self.tracks) - self.at - 1, 0))

    def play(self, tracks: list[PlayableTrack]) -> None:
        self.tracks, self.at = list(tracks), 0

    def add(self, tracks: list[PlayableTrack]) -> None:
        self.tracks += tracks


class Radio:
    """A platform whose stations count upwards, ten tracks a page."""

    def __init__(self) -> None:
        self.trouble: PlatformError | None = None
        self.playable = True
        self.asked: list[str | None] = []

    @property
    def recommendations(self) -> Radio:
        return self

    async def radio(self, track_id: str, cursor: str | None = None, *, limit: int) -> Page[RecommendedTrack]:
        self.asked.append(cursor)
        if self.trouble is not None:
            raise self.trouble
        first = int(cursor or 0)
        items = [RecommendedTrack(id=f"{track_id}-{n}", title=str(n), duration_ms=1) for n in range(first, first + 10)]
        return Page([item.changed(is_playable=self.playable) for item in items], str(first + 10))


class Studio:
    """Stations beside a player, on a clock that is turned by hand."""

    def __init__(self, cache: Cache | None = None, face: Face | None = None) -> None:
        self.cache, self.face, self.radio = cache or Cache.in_memory(), face or Face(), Radio()
        self.reported: list[PlatformError] = []
        self.now = 0.0
        client: Any = self.radio
        player: Any = self.face
        self.stations = Stations(client, player, self.cache, self.reported.append, lambda: self.now)

    async def hear(self, number: int) -> None:
        """Go to the track `number`, and let the station see to what follows."""
        self.face.at = number
        self.stations.follow(self.face.snapshot)
        for task in list(self.stations._tasks._running):
            await task


async def test_a_station_stays_ahead_and_never_repeats() -> None:
    studio = Studio()
    await studio.stations.start("s", "Song")
    for number in range(200):
        await studio.hear(number)
        assert studio.face.snapshot.upcoming >= LOW
    titles = [int(track.title) for track in studio.face.tracks]
    assert titles == list(range(len(titles)))
    assert {(track.context_type, track.context_id) for track in studio.face.tracks} == {(CONTEXT, "s")}


async def test_a_station_goes_on_after_a_restart() -> None:
    first = Studio()
    await first.stations.start("s", "Song")
    await first.hear(7)
    second = Studio(first.cache, first.face)
    await second.hear(16)
    assert second.radio.asked == ["20"]
    assert [track.title for track in second.face.tracks] == [str(n) for n in range(30)]


async def test_what_else_is_played_is_left_alone() -> None:
    studio = Studio()
    await studio.stations.start("s", "Song")
    studio.face.play([PlayableTrack("x", "Another")])
    await studio.hear(0)
    assert [track.id for track in studio.face.tracks] == ["x"]
    assert studio.stations.playing is None


async def test_without_the_platform_it_is_asked_again_later() -> None:
    studio = Studio()
    await studio.stations.start("s", "Song")
    studio.radio.trouble = Unreachable("The platform is away.")
    await studio.hear(8)
    await studio.hear(9)
    assert len(studio.radio.asked) == 2, "not with every state of the player"
    studio.now, studio.radio.trouble = AGAIN_AFTER, None
    await studio.hear(9)
    assert len(studio.face.tracks) == 20
    assert not studio.reported


async def test_a_station_that_is_no_more_ends_with_the_reason() -> None:
    studio = Studio()
    await studio.stations.start("s", "Song")
    studio.radio.trouble = NotFound("Track not found", code="NOT_FOUND", status=404)
    await studio.hear(8)
    studio.now = AGAIN_AFTER
    await studio.hear(9)
    assert len(studio.radio.asked) == 2
    assert [error.sentence for error in studio.reported] == ["Track not found"]


# -- with a platform and a player


@pytest.fixture
async def ann(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[Listener]:
    async with music_world(platform, tmp_path) as world:
        world_: MusicWorld = world
        yield await world_.listener("ann")


async def test_a_station_begins_with_what_is_highlighted_and_the_queue_says_so(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: MusicScreen(host, SectionPlace("music")))
    async with host.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: host.row("Popular tracks"))
        highlighted = host.screen.thing  # type: ignore[attr-defined]
        await pilot.press("O")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        track = host.player.snapshot.track
        assert track is not None
        assert track.context_type == CONTEXT
        assert host.player.snapshot.upcoming >= LOW
        await until(pilot, lambda: host.said)
        assert "goes on by itself" in host.said[-1]
        assert getattr(highlighted, "title", track.title) == track.title or highlighted is not None
    queue = MusicHost(ann, lambda host: QueueScreen(host, QueuePlace()))
    async with queue.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: queue.row("Now playing"))
        assert f"station from {track.title}" in queue.text()


async def test_pages_of_which_nothing_can_be_played_are_not_asked_for_one_after_the_other() -> None:
    studio = Studio()
    await studio.stations.start("s", "Song")
    studio.radio.playable = False
    await studio.hear(8)
    await studio.hear(9)
    assert len(studio.radio.asked) == 2
    studio.now = AGAIN_AFTER
    await studio.hear(9)
    assert studio.radio.asked == [None, "10", "20"]
