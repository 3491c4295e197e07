"""The queue screen by key and mouse: moving by hand, and a playlist of what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseMove
from textual.pilot import Pilot

from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import QueuePlace
from tui.player.track import PlayableTrack
from tui.screens.queue import QueueScreen

SIZE = (80, 24)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


def queue(ann: Listener, *names: str) -> MusicHost:
    host = MusicHost(ann, lambda host: QueueScreen(host, QueuePlace()))
    host.player.play([PlayableTrack(name, f"Song {name[1:]}", duration_ms=300_000) for name in names])
    return host


def upcoming(host: MusicHost) -> list[str]:
    return [entry.track_id for entry in host.player.queue.upcoming]


def line_of(host: MusicHost, words: str) -> int:
    """Return in which line of the list something stands."""
    music = host.front.music  # type: ignore[union-attr]
    return next(y for y in range(music.size.height) if words in music.render_line(y).text)


async def drag(pilot: Pilot[Any], start: int, end: int) -> None:
    """Take what stands in one line of the list to another, with the button held."""
    await pilot.mouse_down("#music", offset=(10, start))
    await pilot._post_mouse_events([MouseMove], "#music", offset=(10, end), button=1)


@pytest.mark.parametrize(
    ("dragged", "over", "order"),
    [
        ("Song 4", "Song 2", ["t4", "t2", "t3", "t5"]),
        ("Song 2", "Song 4", ["t3", "t4", "t2", "t5"]),
        ("Song 5", "Song 3", ["t2", "t5", "t3", "t4"]),
        ("Song 1", "Song 4", ["t2", "t3", "t4", "t5"]),
    ],
    ids=["to the beginning", "down", "up", "what plays stays"],
)
async def test_what_is_to_come_is_dragged_to_its_place(
    ann: Listener, dragged: str, over: str, order: list[str]
) -> None:
    host = queue(ann, "t1", "t2", "t3", "t4", "t5")
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Song 5"))
        await drag(pilot, line_of(host, dragged), line_of(host, over))
        await pilot.mouse_up("#music", offset=(10, line_of(host, over)))
        await until(pilot, lambda: upcoming(host) == order)


async def test_a_track_that_has_begun_to_play_while_it_was_dragged_stays(ann: Listener) -> None:
    host = queue(ann, "t1", "t2", "t3")
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        target = line_of(host, "Song 3")
        await drag(pilot, line_of(host, "Song 2"), target)
        host.player.next()
        await pilot.mouse_up("#music", offset=(10, target))
        await until(pilot, lambda: upcoming(host) == ["t3"])


async def test_the_queue_becomes_a_playlist_in_its_order_each_track_once(ann: Listener) -> None:
    host = queue(ann, "t3", "t1", "t3", "t2")
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Song 2"))
        host.player.next()
        host.answers.append("Evening")
        await pilot.press("c")
        await until(pilot, lambda: "Evening has the 3 tracks of the queue." in host.said)
        playlists = host.session.music.playlists
        await playlists.load_mine()
        made = next(playlist for playlist in playlists.mine or () if playlist.name == "Evening")

        def tracks() -> list[str]:
            kept = playlists.get(made.id)
            return [track.id for track in kept.tracks] if kept else []

        await until(pilot, lambda: tracks() == ["t3", "t1", "t2"])
        stored = await ann.client.playlists.get(made.id)
        assert [track.id for track in stored.tracks] == ["t3", "t1", "t2"]


async def test_without_a_name_no_playlist_is_made(ann: Listener) -> None:
    host = queue(ann, "t1", "t2")
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Song 2"))
        await pilot.press("c")
        await pilot.pause()
        assert host.said == []


async def test_an_empty_queue_makes_no_playlist(ann: Listener) -> None:
    host = queue(ann)
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("The queue is empty. 4 leads to the music"))
        await pilot.press("c")
        await until(pilot, lambda: host.said == ["The queue is empty."])


class Program(MusicHost):
    """Has something to take back that is not of the queue."""

    async def action_undo(self) -> None:
        self.said.append("Taken back: like.")


async def test_undo_is_that_of_the_queue_first_and_then_that_of_everything(ann: Listener) -> None:
    host = Program(ann, lambda host: QueueScreen(host, QueuePlace()))
    host.player.play([PlayableTrack(name, name, duration_ms=300_000) for name in ("t1", "t2")])
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Next"))
        host.player.remove(host.player.queue.upcoming[0].entry_id)
        await pilot.press("U", "U")
        await until(pilot, lambda: host.said == ["1 track put back.", "Taken back: like."])
        assert upcoming(host) == ["t2"]
