"""The whole program opened without the platform: what was downloaded is there, plays, and goes with the account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import House, Visit, house
from tests.tui.music_world import tone
from tui.places import AlbumPlace
from tui.player.vault_records import Kind
from tui.screens.welcome import WelcomeScreen
from tui.state.download_shelf import Here
from widgets.menu import Menu


@pytest.fixture
async def home(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[House]:
    async def render(key: str, quality: int, *, hurry: bool) -> bytes:
        await asyncio.sleep(0)
        return tone()

    audio = platform.state.playback.audio
    async with house(platform, tmp_path) as built:
        await platform.within(lambda: seed_catalogue(platform.state.database))
        audio._folder, audio._render = tmp_path / "audio", render
        yield built


async def plays(visit: Visit) -> None:
    player = visit.app.backstage.sound.player
    await visit.until(lambda: player.snapshot.position_s > 0.1)
    assert player.snapshot.track is not None
    assert (player.snapshot.track.title, player.snapshot.error) == ("Thunderstruck", "")


async def test_a_program_opened_without_the_platform_plays_what_was_downloaded(home: House) -> None:
    async with home.program() as first:
        await first.enters("ann")
        await first.until(lambda: first.session.downloads.vault is not None)
        first.app.open_place(AlbumPlace("al2"))
        await first.sees("Thunderstruck", "Play all")
        await first.pilot.press("D")
        await first.until(lambda: first.session.downloads.collection(Kind.ALBUM, "al2") is Here.ALL)
    await home.shut()
    async with home.program() as second:
        await second.is_in()
        await second.pilot.press("comma", "d")
        await second.sees("1 track downloaded", "Thunder", "AC/DC", "↓")
        await second.pilot.press("j", "enter")
        await second.sees("Play all", "Thunderstruck")
        await second.pilot.press("j", "enter")
        await plays(second)
        await second.until(lambda: second.session.downloads.away)
    async with home.program(offline=True) as third:
        await third.is_in()
        await third.until(lambda: third.session.downloads.vault is not None)
        assert third.session.downloads.away
        third.app.run_worker(third.app.action_sign_out())
        # The play waits to be told of, so there is more to ask than whether.
        await third.until(lambda: isinstance(third.app.screen, Menu))
        await third.sees("1 downloaded track will be deleted")
        folder = home.launch.paths.account_music(third.app.backstage.admission.account.folder)
        assert await asyncio.to_thread(folder.exists)
        await third.pilot.press("enter")
        await third.until(lambda: isinstance(third.app.screen, WelcomeScreen) and third.app._backstage is None)
        await third.until(lambda: not folder.exists())
