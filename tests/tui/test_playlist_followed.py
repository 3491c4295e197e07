"""A playlist that is open follows what others do to it, and is fetched again after the socket was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import PlaylistPlace
from tui.screens.playlist import PlaylistScreen


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


async def heard(listener: Listener, condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, looking again at every change of the store."""
    changed = asyncio.Event()
    unsubscribe = listener.store.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(30):
            while not condition():
                await changed.wait()
                changed.clear()
    finally:
        unsubscribe()


async def morning(ann: Listener) -> str:
    made = await ann.store.playlists.create("Morning")
    await ann.store.playlists.add(made.id, await ann.store.track("t1"))
    return made.id


async def test_a_track_that_its_owner_adds_appears_on_the_screen_of_somebody_else(world: MusicWorld) -> None:
    ann, bob = await world.listener("ann"), await world.listener("bob")
    playlist_id = await morning(ann)
    added = await ann.store.track("t2")
    host = MusicHost(bob, lambda shell: PlaylistScreen(shell, PlaylistPlace(playlist_id)))
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.row("1 track"))
        await ann.store.playlists.add(playlist_id, added)
        await until(pilot, lambda: host.row(added.title))


async def test_after_a_gap_a_playlist_is_fetched_if_it_is_followed(
    world: MusicWorld,
) -> None:
    ann, bob = await world.listener("ann"), await world.listener("bob")
    playlist_id = await morning(ann)
    shelf = bob.store.playlists
    await shelf.load(playlist_id)
    await ann.store.playlists.add(playlist_id, await ann.store.track("t2"))
    live = bob.session.live
    live.on_gap()
    await live.settled()
    assert shelf.get(playlist_id).track_count == 1  # type: ignore[union-attr]
    live.follow("a screen", [f"playlists:{playlist_id}"])
    live.on_gap()
    await heard(bob, lambda: shelf.get(playlist_id).track_count == 2)  # type: ignore[union-attr]
