"""Folders of playlists as they are shown: a tree whatever comes, changes at once, offline too, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.models.music import Playlist
from api_client.models.playlists import PlaylistFolder
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, sent, until
from tui.places import PlaylistPlace, SectionPlace
from tui.screens.music import MusicScreen
from tui.state.playlist_folders import tree

NAMES = tuple("abcdef")
PARENTS = st.fixed_dictionaries({name: st.none() | st.sampled_from([*NAMES, "gone"]) for name in NAMES})


def playlist(playlist_id: str, folder: str | None) -> Playlist:
    fields = {"id": playlist_id, "owner_id": "u", "owner_name": "u", "name": playlist_id, "folder_id": folder}
    return Playlist.model_validate({**fields, "created_at": "2026-01-01T00:00:00Z"})


@given(parents=PARENTS, lying=st.lists(st.none() | st.sampled_from([*NAMES, "gone"]), max_size=6))
def test_everything_stands_in_the_tree_once_even_if_a_platform_sends_circles(
    parents: dict[str, str | None], lying: list[str | None]
) -> None:
    folders = [PlaylistFolder(id=name, name=name, parent_id=parent) for name, parent in parents.items()]
    playlists = [playlist(str(number), folder) for number, folder in enumerate(lying)]
    found = tree(folders, playlists)
    assert sorted(one.folder.id for one in found if one.folder) == sorted(NAMES)
    assert sorted(one.playlist.id for one in found if one.playlist) == sorted(one.id for one in playlists)
    way: list[str] = []
    for branch in found:
        way = way[: branch.depth]
        assert len(way) == branch.depth, "nothing is set in deeper than what it lies in"
        if branch.playlist is not None and branch.playlist.folder_id in NAMES:
            assert way[-1] == branch.playlist.folder_id
        if branch.folder is not None:
            way.append(branch.folder.id)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


def shape(ann: Listener) -> list[tuple[int, str]]:
    shelf = ann.store.playlists
    branches = shelf.folders.tree(shelf.mine or [])
    return [(one.depth, (one.folder or one.playlist).name) for one in branches]  # type: ignore[union-attr]


async def test_folders_are_there_at_once_and_on_the_platform_after(ann: Listener) -> None:
    shelf = ann.store.playlists
    mix = await shelf.create("Evening")
    work = await shelf.folders.create("Work")
    deep = await shelf.folders.create("Deep", work)
    assert shape(ann) == [(0, "Work"), (1, "Deep"), (0, "Evening")]
    await sent(ann)
    await shelf.folders.file(mix, deep)
    assert shape(ann) == [(0, "Work"), (1, "Deep"), (2, "Evening")]
    await sent(ann)
    again = {one.id: one.parent_id for one in (await ann.client.folders.all()).folders}
    assert again == {work: None, deep: work}
    assert (await ann.client.playlists.get(mix.id)).folder_id == deep
    await shelf.load_mine()
    assert shape(ann) == [(0, "Work"), (1, "Deep"), (2, "Evening")]


async def test_a_deleted_folder_gives_back_what_lay_in_it_and_can_be_had_back(ann: Listener) -> None:
    shelf = ann.store.playlists
    mix = await shelf.create("Evening")
    work = await shelf.folders.create("Work")
    await sent(ann)
    await shelf.folders.file(mix, work)
    folder = shelf.folders.get(work)
    assert folder is not None
    await sent(ann)
    await shelf.folders.delete(folder)
    assert shape(ann) == [(0, "Evening")]
    await ann.session.outbox.undo()
    assert shape(ann) == [(0, "Work"), (1, "Evening")]


async def test_a_list_from_before_a_change_does_not_take_it_back(
    ann: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = ann.store.playlists
    mix = await shelf.create("Evening")
    work = await shelf.folders.create("Work")
    await sent(ann)
    answered, may_arrive = asyncio.Event(), asyncio.Event()

    def slowly(ask: Any) -> Any:
        async def answer(*args: Any, **more: Any) -> Any:
            found = await ask(*args, **more)
            answered.set()
            await may_arrive.wait()
            return found

        return answer

    for group, name in ((ann.client.playlists, "mine"), (ann.client.folders, "all")):
        with monkeypatch.context() as patch:
            patch.setattr(group, name, slowly(getattr(group, name)))
            loading = asyncio.ensure_future(shelf.load_mine() if name == "mine" else shelf.folders.load())
            await answered.wait()
            if name == "mine":
                await shelf.folders.file(mix, work)
            else:
                await shelf.folders.create("Play")
            await sent(ann)
            # The platform's word has come, but not yet to the folders.
            while not shelf.folders._confirmed_filings:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(0)
            may_arrive.set()
            await loading
        answered.clear()
        may_arrive.clear()
        assert (1, "Evening") in shape(ann)
    assert shape(ann) == [(0, "Play"), (0, "Work"), (1, "Evening")]


def beside(host: MusicHost, words: str) -> bool:
    """Whether the lists at the left have `words` in them."""
    return any(words in line[:30] for line in host.lines())


async def test_space_folds_a_folder_and_another_start_finds_it_folded(ann: Listener) -> None:
    shelf = ann.store.playlists
    mix = await shelf.create("Evening")
    work = await shelf.folders.create("Work")
    await sent(ann)
    await shelf.folders.file(mix, work)
    host = MusicHost(ann, lambda shell: MusicScreen(shell, SectionPlace("music")))
    async with host.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: beside(host, "▾ Work") and beside(host, "Evening"))
        screen = host.screen
        assert isinstance(screen, MusicScreen)
        screen.lists.focus()
        screen.lists.highlight(f"f:{work}")
        await pilot.press("space")
        await until(pilot, lambda: beside(host, "▸ Work") and not beside(host, "Evening"))
        assert shelf.views.folded == {work}
        await pilot.press("space")
        await until(pilot, lambda: beside(host, "Evening"))
        screen.lists.highlight(f"p:{mix.id}")
        host.answers = ["no folder"]
        await pilot.press("H")
        await until(pilot, lambda: shape(ann) == [(0, "Work"), (0, "Evening")])
        screen.lists.highlight(f"f:{work}")
        host.answers = ["Play"]
        await pilot.press("R")
        await until(pilot, lambda: beside(host, "▾ Play"))
        host.answers = ["folder", "Inside"]
        await pilot.press("c")
        await until(pilot, lambda: beside(host, "▾ Inside"))
        assert shape(ann) == [(0, "Play"), (1, "Inside"), (0, "Evening")]
        screen.lists.highlight(f"p:{mix.id}")
        await pilot.press("enter")
        await until(pilot, lambda: host.opened == [PlaylistPlace(mix.id)])
