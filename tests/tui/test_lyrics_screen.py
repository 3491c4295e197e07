"""The words of what is playing: they go along, wait for the reader, and can be moved in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from textual import events

from server.tables.music import LyricsRow
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import MusicHost, MusicWorld, music_world, until
from tui.places import LyricsPlace
from tui.player.track import PlayableTrack
from tui.screens.lyrics import LyricsList, LyricsScreen

LINES = [{"timeMs": number * 500, "text": f"Line {number:02}"} for number in range(58)]


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def host(world: MusicWorld, platform: SharedPlatform) -> MusicHost:
    async def write() -> None:
        async with platform.state.database.writing() as db:
            await db.execute(update(LyricsRow).where(LyricsRow.track_id == "t2").values(lines=LINES))

    await platform.within(write)
    ann = await world.listener("ann")
    made = MusicHost(ann, lambda host: LyricsScreen(host, LyricsPlace()))
    made.player.play([PlayableTrack("t2", "Song 2", "Sigur Rós", duration_ms=30_000)])
    return made


def sung(host: MusicHost) -> str:
    return host.row("♪").strip().strip("▌♪ ")


def words(host: MusicHost) -> LyricsList:
    return host.screen.query_one(LyricsList)


async def paused_at(host: MusicHost, seconds: float) -> None:
    host.player.pause()
    host.player.seek_to(seconds)


async def test_the_line_that_is_sung_comes_to_the_middle(host: MusicHost) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
        await paused_at(host, 15.1)
        await until(pilot, lambda: sung(host) == "Line 30")

        def row() -> int:
            return next(y for y, line in enumerate(host.lines()) if "♪" in line) - words(host).region.y

        await until(pilot, lambda: row() == words(host).middle)
        host.player.seek_to(16.1)  # two lines on: it glides there
        await until(pilot, lambda: sung(host) == "Line 32" and row() == words(host).middle)


async def test_the_list_waits_for_the_reader_and_goes_along_again_at_a_key(host: MusicHost) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
        await paused_at(host, 10.1)
        await until(pilot, lambda: sung(host) == "Line 20")
        for _ in range(4):
            await pilot._post_mouse_events([events.MouseScrollDown], words(host), offset=(5, 5))
        await pilot.press("pagedown")
        await until(pilot, lambda: host.row("Line 40"))
        host.player.seek_to(11.1)
        for _ in range(10):
            await pilot.pause()
        assert host.row("Line 40")
        assert "follow the song" in host.text()
        await pilot.press("F")
        await until(pilot, lambda: sung(host) == "Line 22" and not host.row("Line 40"))
        assert "follow the song" not in host.text()


async def test_the_wheel_alone_makes_the_list_wait(host: MusicHost) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
        await paused_at(host, 10.1)
        await until(pilot, lambda: sung(host) == "Line 20")
        await pilot._post_mouse_events([events.MouseScrollDown], words(host), offset=(5, 5))
        await until(pilot, lambda: "follow the song" in host.text())


async def test_the_words_are_moved_in_time_and_stay_so_for_this_track(host: MusicHost) -> None:
    visuals = host.session.visuals
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
        await paused_at(host, 10.2)
        await until(pilot, lambda: sung(host) == "Line 20")
        await pilot.press("right_parenthesis", "right_parenthesis", "right_parenthesis")
        await until(pilot, lambda: host.row("The words come 0.3 s later.") and sung(host) == "Line 19")
        assert visuals.nudge_ms("t2") == 300
        assert visuals.nudge_ms("t3") == 0
        await pilot.press("j", "enter")
        await until(pilot, lambda: host.player.snapshot.position_s == pytest.approx(10.3, abs=0.2))
        await pilot.press(*["left_parenthesis"] * 4)
        await until(pilot, lambda: host.row("The words come 0.1 s earlier."))


async def test_once_nothing_plays_the_words_go(host: MusicHost) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00") and host.row("Song 2"))
        current = host.player.queue.current
        assert current is not None
        host.player.remove(current.entry_id)
        await until(pilot, lambda: host.row("Nothing is playing."))
        assert not host.row("Song 2")
        assert not host.row("Line 00")


async def test_a_line_is_copied(host: MusicHost) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
        await paused_at(host, 3.1)
        await until(pilot, lambda: sung(host) == "Line 06")
        await pilot.press("y")
        await until(pilot, lambda: host.said == ["Line 06"])


async def test_the_words_are_there_without_the_platform_once_they_were_seen(host: MusicHost, world: MusicWorld) -> None:
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("Line 00"))
    host.session.client.offline = True
    again = MusicHost(host.listener, lambda made: LyricsScreen(made, LyricsPlace()))
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: again.row("Line 00"))
