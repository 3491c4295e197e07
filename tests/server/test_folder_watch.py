"""A music folder that is watched: what is new comes by itself, what goes leaves, and playlists keep their entries."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.music.start import cover_keeper, watch_folder
from server.music.watch import FolderWatch
from tests.server.sounds import sound
from tests.server.test_serve import address, process


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
async def watch(platform: Any, music: Path, said: list[str]) -> AsyncIterator[FolderWatch]:
    """A folder that is looked through when it is told to, and otherwise never."""
    made = watch_folder(platform.state, music, said.append)
    platform.state.playback.audio._music_dir = music
    working = asyncio.create_task(made.keep_up(3600.0))
    await looked(made, 1)
    yield made
    working.cancel()
    await asyncio.wait([working])


async def looked(watch: FolderWatch, times: int) -> None:
    """Wait until the folder was looked through so often."""
    async with asyncio.timeout(60):
        while watch.runs < times or watch.reading:  # noqa: ASYNC110 - it tells nobody but the terminal
            await asyncio.sleep(0.005)


async def look(watch: FolderWatch) -> None:
    runs = watch.runs
    watch.again()
    await looked(watch, runs + 1)


async def test_new_files_are_found_without_a_restart_and_only_they_are_opened(
    watch: FolderWatch, music: Path, said: list[str], platform: Any
) -> None:
    for name in "abc":
        sound(music / f"{name}.ogg", title=f"Song {name}")
    await look(watch)
    assert watch.read_in_all == 3
    sound(music / "d.ogg", title="Song d")
    os.utime(music / "a.ogg", ns=(9, 9))
    await look(watch)
    assert watch.read_in_all == 5
    await look(watch)
    assert watch.read_in_all == 5
    assert said[-1] == "music folder: 1 new, 1 changed, 2 unchanged, 0 gone, 0 left out"
    ann = await platform.person("ann")
    assert {track["title"] for track in (await ann.data("GET", "/search", q="song"))["tracks"]} == {
        "Song a",
        "Song b",
        "Song c",
        "Song d",
    }


async def test_a_file_that_goes_leaves_the_catalogue_and_stays_in_playlists(
    watch: FolderWatch, music: Path, tmp_path: Path, platform: Any
) -> None:
    for name in "ab":
        sound(music / f"{name}.ogg", title=f"Song {name}", album="Disc", artist="Ann")
    await look(watch)
    ann = await platform.person("ann")

    async def found() -> dict[str, str]:
        return {track["title"]: track["id"] for track in (await ann.data("GET", "/search", q="song"))["tracks"]}

    ids = await found()
    playlist = await ann.data("POST", "/playlists", json={"name": "Mine"})
    for track_id in ids.values():
        await ann.data("POST", f"/playlists/{playlist['id']}/tracks", json={"trackId": track_id})

    async def entries() -> dict[str, bool]:
        listed = (await ann.data("GET", f"/playlists/{playlist['id']}"))["tracks"]
        return {track["id"]: track["isPlayable"] for track in listed}

    assert await entries() == {ids["Song a"]: True, ids["Song b"]: True}
    shutil.move(music / "a.ogg", tmp_path / "away.ogg")
    await look(watch)
    assert await found() == {"Song b": ids["Song b"]}
    assert await entries() == {ids["Song a"]: False, ids["Song b"]: True}
    assert (await ann.get(f"/playback/stream/{ids['Song a']}")).status_code == 404
    shutil.move(tmp_path / "away.ogg", music / "a.ogg")
    await look(watch)
    assert await found() == ids
    assert await entries() == {ids["Song a"]: True, ids["Song b"]: True}


async def test_how_far_it_has_come_can_be_read(watch: FolderWatch, music: Path, said: list[str], platform: Any) -> None:
    for number in range(3):
        sound(music / f"{number}.ogg", title=f"Song {number}")
    await look(watch)
    assert "reading music: 3 of 3" in said
    figures = (await (await platform.client()).get(platform.url.removesuffix("/api/v1") + "/metrics")).text
    for line in ("files_to_read 3", "files_done 3", "files_read_total 3", "folder_reading 0", "folder_runs_total 2"):
        assert f"parlour_music_{line}" in figures


async def test_it_speaks_when_there_is_something_to_say(watch: FolderWatch, music: Path, said: list[str]) -> None:
    (music / "broken.mp3").write_bytes(b"no")
    await look(watch)
    assert said[-1] == "  broken.mp3 is not an audio file"
    said.clear()
    await look(watch)
    sound(music / "good.ogg", title="Good")
    await look(watch)
    assert said == [
        "reading music: 1 of 1",
        "music folder: 1 new, 0 changed, 0 unchanged, 0 gone, 1 left out",
    ]


async def test_it_looks_by_itself_after_its_time(platform: Any, music: Path) -> None:
    watch = FolderWatch(
        music,
        platform.state.database,
        cover_keeper(platform.state.media),
        platform.state.clock,
        lambda _line: None,
    )
    working = asyncio.create_task(watch.keep_up(0.0))
    await looked(watch, 2)
    sound(music / "a.ogg", title="A")
    async with asyncio.timeout(60):
        while not watch.read_in_all:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
    working.cancel()
    await asyncio.wait([working])


async def test_words_of_a_file_are_sung_along(watch: FolderWatch, music: Path, platform: Any) -> None:
    sound(music / "a.ogg", title="Song a")
    (music / "a.lrc").write_text("[00:01.00]One\n[00:02.50]Two", encoding="utf-8")
    await look(watch)
    ann = await platform.person("ann")
    (track,) = (await ann.data("GET", "/search", q="song"))["tracks"]
    words = await ann.data("GET", f"/tracks/{track['id']}/lyrics")
    assert (words["synced"], [(line["timeMs"], line["text"]) for line in words["lines"]]) == (
        True,
        [(1000, "One"), (2500, "Two")],
    )


def test_a_signal_makes_it_look_at_once(tmp_path: Path, music: Path) -> None:
    sound(music / "a.ogg", title="A")
    with process(tmp_path / "data", "--music", str(music)) as started:
        address(started)
        assert started.stderr is not None
        lines = (line for line in started.stderr if line.startswith("music folder: "))
        assert next(lines).startswith("music folder: 1 new")
        sound(music / "b.ogg", title="B")
        started.send_signal(signal.SIGUSR1)
        assert next(lines) == "music folder: 1 new, 0 changed, 1 unchanged, 0 gone, 0 left out\n"
