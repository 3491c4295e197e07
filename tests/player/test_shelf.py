"""What stands on the shelf: few open files, and the line for downloads when what plays has what it needs."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.player.conftest import HERE
from tests.player.manual_clock import turns
from tui.player.shelf import KEPT_OPEN, SourceShelf
from tui.player.source import Finished, SourceOptions
from tui.player.vault import TrackVault

NOISE = random.Random(8).randbytes(900_000)
MANY = 3 * KEPT_OPEN


async def at_rest(vault: TrackVault) -> None:
    while vault._tasks:
        await asyncio.wait(set(vault._tasks))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list descriptors")
async def test_a_long_list_of_downloads_under_the_cursor_leaves_few_files_open(
    tmp_path: Path, client: httpx.AsyncClient, server: Any
) -> None:
    vault = await TrackVault.opened(tmp_path / "music", 10_000_000)
    for number in range(MANY):
        vault.keep(Finished(f"t{number}", 320, "audio/ogg", "", 1000, [NOISE[:1000]]))
        await at_rest(vault)
    shelf = SourceShelf(lambda: client, server.resolve, HERE, vault=vault)
    playing = shelf.open("t0")
    shelf.pin({"t0"})
    before = len(os.listdir("/proc/self/fd"))
    for number in range(1, MANY):
        shelf.warm(f"t{number}")
        await turns()
    assert len(os.listdir("/proc/self/fd")) - before <= KEPT_OPEN + 1
    reader = playing.reader()
    assert reader.read(1000) == NOISE[:1000], "what plays stays open"
    reader.close()
    assert server.log == []
    await shelf.close()
    await vault.close()


async def test_only_what_sounds_counts_as_played(tmp_path: Path, client: httpx.AsyncClient, server: Any) -> None:
    vault = await TrackVault.opened(tmp_path / "music", 10_000_000)
    vault.keep(Finished("a", 320, "audio/ogg", "", 1000, [NOISE[:1000]]))
    await at_rest(vault)
    shelf = SourceShelf(lambda: client, server.resolve, HERE, vault=vault)
    kept_at = vault.contents.files["a"][0].used_at
    shelf.warm("a")
    source = shelf.open("a")
    assert not vault._tasks, "nothing is written for what is only looked at"
    shelf.begun(source)
    await at_rest(vault)
    once = vault.contents.files["a"][0].used_at
    assert once > kept_at
    shelf.begun(shelf.open("a"))
    await at_rest(vault)
    assert vault.contents.files["a"][0].used_at > once, "also when it was on the shelf already"
    await shelf.close()
    await vault.close()


async def test_downloads_have_the_line_once_the_track_is_whole_and_the_next_one_begun(
    server: Any, client: httpx.AsyncClient, options: SourceOptions
) -> None:
    server.put("now", NOISE)
    server.put("next", NOISE)
    shelf = SourceShelf(lambda: client, server.resolve, HERE, options)
    playing = shelf.open("now")
    shelf.pin({"now"})
    assert shelf.is_fetching
    shelf.prefetch("next")
    shelf.pin({"now", "next"})
    async with asyncio.timeout(30):
        while shelf.is_fetching:
            await turns()
    assert playing.complete
    assert not shelf._sources["next"].complete
    await shelf.close()
