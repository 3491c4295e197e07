"""Marked items, and the verbs that act on all of them, on the screens that have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api_client.calls import build
from api_client.models.chat import NewConversation, NewMessage
from tests.shared_platform import SharedPlatform
from tests.tui.local_first import house
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tests.tui.test_outbox_screen import founds, goes_to_outbox
from tests.tui.threads_world import Host, sees, world
from tui.places import AlbumPlace, PlaylistPlace, QueuePlace, SectionPlace, SubredditPlace
from tui.screens.album import AlbumScreen
from tui.screens.chat import ChatScreen
from tui.screens.music_parts import Source
from tui.screens.playlist import PlaylistScreen
from tui.screens.queue import QueueScreen
from tui.screens.threads import SubredditScreen
from widgets.menu import Question
from widgets.virtual_list import VirtualList

SIZE = (110, 24)


@pytest.fixture
async def listeners(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(listeners: MusicWorld) -> Listener:
    return await listeners.listener("ann")


def queued(host: MusicHost) -> list[str]:
    return [entry.track_id for entry in host.player.queue.upcoming]


def footer(host: Any) -> str:
    """Return the last line of the screen."""
    return str(host.text().rstrip().split("\n")[-1])


async def test_marked_tracks_go_to_the_queue_and_into_a_playlist_in_their_order(ann: Listener) -> None:
    mine = await ann.session.music.playlists.create("Mine")
    host = MusicHost(ann, lambda host: AlbumScreen(host, AlbumPlace("al1")))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        await pilot.press("M", "a")
        assert "◆ 7 marked" in footer(host), "the row that plays all is none of them"
        await pilot.press("escape", "j", "j", "x", "x")
        await until(pilot, lambda: "◆ 2 marked" in footer(host))
        await pilot.press("e")
        await until(pilot, lambda: len(queued(host)) == 2)
        assert "2 tracks added to the queue." in host.said
        assert "marked" not in footer(host)
        await pilot.press("k", "k", "x", "j", "X")
        await until(pilot, lambda: "◆ 3 marked" in footer(host))
        host.answers = [mine.id]
        await pilot.press("A")
        await until(pilot, lambda: "3 tracks are in Mine." in host.said)
        playlists = ann.session.music.playlists
        await until(pilot, lambda: (found := playlists.get(mine.id)) is not None and len(found.tracks) == 3)
        found = playlists.get(mine.id)
        assert found is not None
        assert [track.track_number for track in found.tracks] == [3, 4, 5]


async def test_marked_tracks_leave_a_playlist_and_come_back_one_by_one(ann: Listener) -> None:
    playlists = ann.session.music.playlists
    mine = await playlists.create("Mine")
    await ann.session.music.load_album("al1")
    album = ann.session.music.album("al1")
    assert album is not None
    for track in album.tracks[:3]:
        await playlists.add(mine.id, track)
    host = MusicHost(ann, lambda host: PlaylistScreen(host, PlaylistPlace(mine.id)))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: host.row(album.tracks[2].title))
        await pilot.press("j", "x", "x", "d")
        await until(pilot, lambda: (found := playlists.get(mine.id)) is not None and len(found.tracks) == 1)
        assert any(said.startswith("2 tracks taken out.") for said in host.said)
        await until(pilot, lambda: "marked" not in footer(host))


async def test_marked_entries_leave_the_queue(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: QueueScreen(host, QueuePlace()))
    async with host.run_test(size=SIZE) as pilot:
        await ann.session.music.load_album("al1")
        album = ann.session.music.album("al1")
        assert album is not None
        host.player.add(Source(tuple(album.tracks)).playable())
        await until(pilot, lambda: len(queued(host)) >= 3)
        names = queued(host)
        await pilot.press("g", "g", "M", "i")
        await until(pilot, lambda: f"◆ {len(names)} marked" in footer(host))
        await pilot.press("G", "x", "d")
        await until(pilot, lambda: queued(host) == names[-1:])


async def test_marked_posts_are_saved_together_and_taken_out_together(platform: SharedPlatform) -> None:
    async with world(platform) as place:
        ann = await place.account("ann")
        await ann.community("cats")
        posts = [await ann.post("cats", f"Cat {number}") for number in range(3)]
        host = Host(ann, lambda shell: SubredditScreen(shell, SubredditPlace("cats")))
        async with host.run_test(size=SIZE) as pilot:

            def saved() -> list[bool]:
                found = [ann.threads.post(post.id) for post in posts]
                return [post is not None and post.is_saved_by_me for post in found]

            await sees(pilot, lambda: "Cat 0" in host.text())
            await pilot.press("M", "a", "s")
            await sees(pilot, lambda: all(saved()))
            assert host.said[-1] == "3 posts saved."
            await pilot.press("M", "a", "s")
            await sees(pilot, lambda: not any(saved()))
            assert host.said[-1] == "3 posts taken out of the saved posts."
            await pilot.press("x", "escape")
            assert host.left == 0, "it took the mark away"
            await pilot.press("escape")
            assert host.left == 1


async def test_marked_chats_are_read_without_being_opened(ann: Listener, listeners: MusicWorld) -> None:
    for name in ("bob", "cem", "dua"):
        other = await listeners.listener(name)
        chat = await other.client.chat.create(NewConversation(member_ids=[ann.session.me.id]))
        await other.client.chat.send(chat.id, build(NewMessage, content="hello"))
    host = MusicHost(ann, lambda shell: ChatScreen(shell, SectionPlace("chat")))
    async with host.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: ann.session.chat.unread == 3)
        await pilot.press("x", "x", "M", "r")
        await until(pilot, lambda: ann.session.chat.unread == 1)
        assert "2 chats marked as read." in host.said
        await until(pilot, lambda: not ann.session.outbox.open)
        assert sum(c.unread_count for c in (await ann.client.chat.conversations()).items) == 1
        await pilot.press("x")
        await until(pilot, lambda: "◆ 1 marked" in footer(host))
        await pilot.press("enter")
        await until(pilot, lambda: "WRITE" in footer(host))
        assert "marked" not in footer(host), "Esc is for the words there"


async def test_marked_changes_are_discarded_after_one_question(platform: SharedPlatform, tmp_path: Path) -> None:
    async with house(platform, tmp_path) as home, home.program() as visit:
        await visit.enters("ann")
        await home.shut()
        for name in ("gardens", "meadows", "rivers"):
            await founds(visit, name)
        rows: VirtualList[Any] = await goes_to_outbox(visit)
        await visit.sees("found r/rivers")
        await visit.pilot.press("M", "a")
        await visit.sees("◆ 3 marked")
        rows.action_cursor_bottom()
        await visit.pilot.press("x")
        await visit.sees("◆ 2 marked")
        await visit.pilot.press("d")
        await visit.until(lambda: isinstance(visit.app.screen, Question))
        await visit.pilot.press("y")
        await visit.until(lambda: len(visit.session.outbox.open) == 1)
        await visit.until(lambda: "found r/gardens" not in visit.text and "found r/rivers" in visit.text)
