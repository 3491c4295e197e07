"""The player driven by a real playerctl over a real session bus."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.desktop.conftest import PATIENCE, Asked, Playerctl, track, tracks, until
from tui.player.entry import Repeat
from tui.player.player import Player


@pytest.fixture
async def shown(open_desktop: Any, player: Player) -> Player:
    """A player on the bus with three tracks, the first of which plays."""
    await open_desktop()
    player.play(tracks(3))
    await until(lambda: player.snapshot.started_in_ms is not None)
    return player


async def test_it_is_listed_and_says_what_plays_in_every_script(shown: Player, playerctl: Playerctl) -> None:
    assert "parlour" in (await playerctl("--list-all")).split()
    assert await playerctl("status") == "Playing"
    wanted = "{{title}}|{{artist}}|{{album}}|{{duration(mpris:length)}}|{{xesam:url}}"
    said = await playerctl("metadata", "--format", wanted)
    assert said == "Näme 1 ♫ 夜|Ånn, Бен|Альбом|5:00|parlour:track/t-1"
    # Playerctl sets paths in quotes.
    assert await playerctl("metadata", "mpris:trackid") == "'/app/parlour/entry/1'"


async def test_it_plays_and_holds(shown: Player, playerctl: Playerctl) -> None:
    await playerctl("pause")
    assert (shown.snapshot.playing, await playerctl("status")) == (False, "Paused")
    await playerctl("pause")
    assert not shown.snapshot.playing
    await playerctl("play")
    await playerctl("play")
    assert (shown.snapshot.playing, await playerctl("status")) == (True, "Playing")
    await playerctl("play-pause")
    assert await playerctl("status") == "Paused"
    await playerctl("stop")
    assert await playerctl("status") == "Stopped"
    await playerctl("play-pause")
    assert (await playerctl("status"), await playerctl("metadata", "title")) == ("Playing", "Näme 1 ♫ 夜")


async def test_it_goes_on_and_back(shown: Player, playerctl: Playerctl) -> None:
    await playerctl("pause")
    await playerctl("next")
    await playerctl("next")
    assert await playerctl("metadata", "title") == "Näme 3 ♫ 夜"
    # It has read that there is nothing to go to, and does not even ask.
    assert (await playerctl.run("next"))[1] == 1
    await playerctl("previous")
    assert await playerctl("metadata", "title") == "Näme 2 ♫ 夜"


async def test_it_seeks(shown: Player, playerctl: Playerctl) -> None:
    await playerctl("pause")
    await playerctl("position", "30")
    assert float(await playerctl("position")) == pytest.approx(30)
    await playerctl("position", "10+")
    assert float(await playerctl("position")) == pytest.approx(40)
    await playerctl("position", "15-")
    assert shown.snapshot.position_s == pytest.approx(25)
    await playerctl("position", "60-")
    assert shown.snapshot.position_s == 0
    await playerctl("position", "301+")
    assert (await playerctl("metadata", "title"), shown.snapshot.position_s) == ("Näme 2 ♫ 夜", 0)


async def test_loudness_and_modes(shown: Player, playerctl: Playerctl) -> None:
    await playerctl("volume", "0.45")
    assert (shown.snapshot.volume, float(await playerctl("volume"))) == (45, pytest.approx(0.45))
    await playerctl("volume", "7")
    assert (shown.snapshot.volume, float(await playerctl("volume"))) == (100, 1)
    for said, mode in (("Track", Repeat.ONE), ("Playlist", Repeat.ALL), ("None", Repeat.OFF)):
        await playerctl("loop", said)
        assert (shown.snapshot.repeat, await playerctl("loop")) == (mode, said)
    await playerctl("shuffle", "Toggle")
    assert (shown.snapshot.shuffle, await playerctl("shuffle")) == (True, "On")
    await playerctl("shuffle", "Off")
    assert not shown.snapshot.shuffle


async def test_addresses_of_its_own_are_opened_and_others_refused(
    shown: Player, playerctl: Playerctl, asked: Asked
) -> None:
    await playerctl("open", "parlour:album/al-1")
    said, status = await playerctl.run("open", "https://example.org/music.mp3")
    assert (status, "Parlour plays what is its own." in said) == (1, True)
    assert asked.opened == ["parlour:album/al-1", "https://example.org/music.mp3"]


async def test_it_can_be_followed(shown: Player, playerctl: Playerctl) -> None:
    following = await playerctl.start("--follow", "metadata", "--format", "{{status}} {{title}}")
    assert following.stdout is not None
    lines = following.stdout

    async def said(wanted: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (await lines.readline()).decode() != f"{wanted}\n":
                pass

    try:
        await said("Playing Näme 1 ♫ 夜")
        shown.pause()
        await said("Paused Näme 1 ♫ 夜")
        shown.play([track(9)])
        await said("Playing Näme 9 ♫ 夜")
    finally:
        following.kill()
        await following.wait()
