"""The screens of music, by keyboard, on a real platform and the real engine without a sound device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from tests.shared_platform import SharedPlatform, shared_platform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.places import (
    AlbumPlace,
    ArtistPlace,
    LyricsPlace,
    PlaylistPlace,
    QueuePlace,
    SectionPlace,
)
from tui.player.track import PlayableTrack
from tui.screens.album import AlbumScreen
from tui.screens.artist import ArtistScreen
from tui.screens.lyrics import LyricsScreen
from tui.screens.music import MusicScreen
from tui.screens.playlist import PlaylistScreen
from tui.screens.queue import QueueScreen
from widgets.search_field import SearchField

NARROW, BROAD = (80, 24), (120, 30)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


def music(ann: Listener) -> MusicHost:
    return MusicHost(ann, lambda host: MusicScreen(host, SectionPlace("music")))


def album(ann: Listener, album_id: str = "al1") -> MusicHost:
    return MusicHost(ann, lambda host: AlbumScreen(host, AlbumPlace(album_id)))


def queue(ann: Listener) -> MusicHost:
    return MusicHost(ann, lambda host: QueueScreen(host, QueuePlace()))


def tracks(*names: str) -> list[PlayableTrack]:
    return [PlayableTrack(name, f"Song {name[1:]}", "Sigur Rós", duration_ms=30_000) for name in names]


def queued(host: MusicHost) -> list[str]:
    return [entry.track_id for entry in host.player.queue.upcoming]


# -- home and search


async def test_enter_plays_a_track_in_the_list_it_stands_in_and_the_time_goes_on(ann: Listener) -> None:
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: host.player.snapshot.position_s > 0.2)
        assert host.player.snapshot.track is not None
        assert host.player.snapshot.track.context_type == "album"
        await until(pilot, lambda: "▶" in host.row(host.player.snapshot.track.title))  # type: ignore[union-attr]
        await pilot.press("space")
        await until(pilot, lambda: "⏸" in host.row("Song 3"))
        assert not host.player.snapshot.playing


async def test_home_says_why_there_is_no_sound_and_shows_shelves(ann: Listener) -> None:
    host = music(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Thunder"))
        assert not host.row("no sound device")
        host.player.play(tracks("t1"))
        await until(pilot, lambda: host.row("no sound device: playing silently"))
        assert "Your playlists" in host.text()
        assert "c makes one" in host.text()


async def test_search_answers_while_typing_and_escape_comes_back(ann: Listener) -> None:
    host = music(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Thunder"))
        await pilot.press("slash", *"thunderst")
        await until(pilot, lambda: "1 result" in host.row("Tracks"))
        assert isinstance(host.focused, SearchField)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        assert host.player.snapshot.track.context_type == "search"  # type: ignore[union-attr]
        await pilot.press("q")
        await until(pilot, lambda: not host.row("1 result"))
        assert host.left == 0
        await pilot.press("i", *"zzzz")
        await until(pilot, lambda: host.row("Nothing was found for “zzzz”"))


async def test_the_lists_are_beside_or_behind_h_and_say_what_to_do_when_empty(ann: Listener) -> None:
    host = music(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Thunder"))
        assert not host.row("Saved albums")
        await pilot.press("h")
        await until(pilot, lambda: host.row("Saved albums"))
        await pilot.press("j", "enter")
        await until(pilot, lambda: host.row("No track is in your library yet."))
        await ann.store.save("tracks", "t4")
        host.front.refresh_content()  # type: ignore[union-attr]
        await until(pilot, lambda: "♥" in host.row("Song 4"))
        await pilot.press("a")
        await until(pilot, lambda: "♡" in host.row("Song 4"))
        await pilot.resize_terminal(*BROAD)
        await until(pilot, lambda: host.row("Saved albums"))


async def test_headings_at_the_side_fold_and_the_row_for_who_has_no_playlist_makes_one(ann: Listener) -> None:
    host = music(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("c makes one") and host.row("Made for you"))
        screen = host.screen
        assert isinstance(screen, MusicScreen)
        shown = screen.music.highlighted_key
        screen.lists.focus()
        screen.lists.highlight("made")
        await pilot.press("J")
        assert screen.lists.highlighted_key == "mine"
        assert screen.music.highlighted_key == shown
        for key in ("enter", "space"):
            await pilot.press(key)
            await until(pilot, lambda: not host.row("c makes one"))
            await pilot.press(key)
            await until(pilot, lambda: host.row("c makes one"))
        await pilot.press("j")
        host.answers = ["Playlist", "Fresh"]
        await pilot.press("enter")
        await until(pilot, lambda: host.opened and not host.row("c makes one"))
        assert isinstance(host.opened[0], PlaylistPlace)


async def test_menus_offer_nothing_that_does_nothing_here(world: MusicWorld, ann: Listener, morning: str) -> None:
    bob = await world.listener("bob")
    host = playlist(bob, morning)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("full_stop")
        await until(pilot, lambda: host.offered)
        assert not {"rename  R", "edit  E", "rules  I"} & set(host.offered[0])
        assert "copy as mine  C" in host.offered[0]
    host = album(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        await pilot.press("j", "j", "full_stop")
        await until(pilot, lambda: host.offered)
        assert "edit  E" not in host.offered[0]
        await pilot.press("Y")
        await until(pilot, lambda: host.said)
        assert host.said[-1].endswith("/track/t3")


async def test_without_a_platform_the_list_says_so_with_the_key_to_try_again(tmp_path: Path) -> None:
    with shared_platform(tmp_path / "platform") as platform:
        async with music_world(platform, tmp_path) as world:
            host = music(await world.listener("ann"))
            await platform.stop()
            async with host.run_test(size=NARROW) as pilot:
                await until(pilot, lambda: "Nothing answers" in host.text() and "Ctrl+R" in host.text())


# -- albums and artists


async def test_an_album_is_listed_by_disc_with_its_facts_beside_or_above(ann: Listener) -> None:
    host = album(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Disc 2"))
        assert [row for row in ("Disc 1", "Disc 2") if host.row(row)] == ["Disc 1", "Disc 2"]
        assert "12 June 2025" in host.text()
        assert "Fat Cat" in host.text()
        await pilot.resize_terminal(*BROAD)
        await until(pilot, lambda: "℗ 1999" in host.text())
        assert host.screen.query_one("#side").display
        assert not host.screen.query_one("#summary", Static).display
        await pilot.press("s")
        await until(pilot, lambda: "♥" in host.row("Play all"))
        await pilot.press("m", "y")
        assert host.viewed[0].endswith("one.jpg")
        assert host.said[-1] == "Ágætis byrjun – Sigur Rós"


async def test_what_cannot_be_played_says_why_and_is_left_out(ann: Listener) -> None:
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 7"))
        assert "not available" in host.row("Song 7")
        host.front.music.highlight(next(k for k in host.front.music.keys if k.endswith("t7")))  # type: ignore[union-attr]
        await pilot.press("enter")
        assert host.said == ["Song 7 cannot be played: not available."]
        await pilot.press("g", "g", "enter")
        await until(pilot, lambda: host.player.snapshot.track is not None)
        assert len(host.player.queue) == 6
        await pilot.press("e")
        await until(pilot, lambda: len(host.player.queue) == 12)


async def test_an_artist_has_popular_tracks_and_releases_and_is_followed(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: ArtistScreen(host, ArtistPlace("ar1")))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Popular"))
        assert "F follows" in host.text()
        await pilot.press("F")
        await until(pilot, lambda: host.row("you follow"))
        await pilot.press("G", "enter")
        await until(pilot, lambda: host.opened)
        assert isinstance(host.opened[0], AlbumPlace)


async def test_a_track_leads_to_album_artist_queue_and_playlist(ann: Listener) -> None:
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        await pilot.press("j", "j", "t", "u", "b")
        await until(pilot, lambda: len(host.player.queue) == 1 and len(host.opened) == 2)
        assert host.opened == [AlbumPlace("al1"), ArtistPlace("ar1")]
        host.answers = ["+ a new playlist", "Fresh"]
        await pilot.press("A")
        await until(pilot, lambda: host.said and host.said[-1] == "Song 3 is in Fresh.")
        host.answers = ["Fresh"]
        await pilot.press("A")
        await until(pilot, lambda: host.asked == ["Already in playlist. Song 3 was already in Fresh."])
        await pilot.press("full_stop")
        await until(pilot, lambda: len(host.offered) == 3)
        assert any(text.startswith("play next") for text in host.offered[-1])


async def test_a_track_that_is_highlighted_for_a_moment_is_fetched_ahead(world: MusicWorld, ann: Listener) -> None:
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("j", "j")
        await until(pilot, lambda: "demo/song-3" in world.rendered or "song-3" in world.rendered)


# -- playlists


@pytest.fixture
async def morning(ann: Listener) -> str:
    made = await ann.store.playlists.create("Morning")
    for track_id in ("t3", "t4", "t5"):
        await ann.store.playlists.add(made.id, await ann.store.track(track_id))
    return made.id


def playlist(listener: Listener, playlist_id: str) -> MusicHost:
    return MusicHost(listener, lambda host: PlaylistScreen(host, PlaylistPlace(playlist_id)))


async def test_a_playlist_is_put_in_order_renamed_and_deleted_by_its_owner(ann: Listener, morning: str) -> None:
    host = playlist(ann, morning)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("j", "greater_than_sign", "greater_than_sign", "greater_than_sign")
        await until(pilot, lambda: "3 Song 3" in host.text())
        assert host.front.music.highlighted_key == "t3"  # type: ignore[union-attr]
        await pilot.press("d")
        await until(pilot, lambda: not host.row("Song 3"))
        assert host.said == ["Song 3 is taken out. U puts it back."]
        host.answers = ["Evening"]
        await pilot.press("R")
        await until(pilot, lambda: host.row("Evening · by you"))
        await until(pilot, lambda: not ann.session.outbox.pending)
        found = await ann.client.playlists.get(morning)
        assert (found.name, [track.id for track in found.tracks]) == ("Evening", ["t4", "t5"])
        await pilot.press("full_stop")
        await until(pilot, lambda: len(host.offered) == 1)
        await pilot.press("k", "k", "d")
        await until(pilot, lambda: host.left == 1)


async def test_somebody_elses_playlist_can_be_heard_and_saved_but_not_changed(
    world: MusicWorld, ann: Listener, morning: str
) -> None:
    bob = await world.listener("bob")
    host = playlist(bob, morning)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("s")
        await until(pilot, lambda: "♥" in host.row("Play all"))
        await pilot.press("j", "greater_than_sign", "d", "R")
        await until(pilot, lambda: len(host.said) == 3)
        assert host.said[0] == "Only its owner and collaborators can change this playlist."
        assert host.row("1 Song 3")


async def test_a_move_that_is_refused_is_shown_where_it_was(ann: Listener, morning: str) -> None:
    # News of the other change must not come before the key.
    await ann.session.realtime.stop()
    host = playlist(ann, morning)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("1 Song 3"))
        await ann.client.playlists.move(morning, "t3", 1, 3)
        await pilot.press("j", "greater_than_sign")
        await until(pilot, lambda: host.said)
        await until(pilot, lambda: host.row("3 Song 3"))


# -- queue and words


async def test_the_queue_is_jumped_in_put_in_order_and_taken_out_of(ann: Listener) -> None:
    host = queue(ann)
    host.player.play(tracks("t1", "t2", "t3", "t4", "t5"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Next  4 tracks, 2:00"))
        await until(pilot, lambda: host.player.snapshot.position_s > 0)
        await pilot.press("j", "j", "greater_than_sign")
        assert queued(host) == ["t3", "t2", "t4", "t5"]
        await pilot.press("d")
        assert queued(host) == ["t3", "t4", "t5"]
        assert "U puts it back" in host.said[-1]
        await pilot.press("U")
        assert queued(host) == ["t3", "t2", "t4", "t5"]
        host.front.music.highlight(str(host.player.queue.upcoming[2].entry_id))  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: host.player.snapshot.track.id == "t4")  # type: ignore[union-attr]
        await until(pilot, lambda: host.row("Jumped over"))
        await until(pilot, lambda: "▶" in host.row("Song 4"))
        await pilot.press("t")
        await until(pilot, lambda: host.opened == [AlbumPlace("al1")])


async def test_a_sentence_in_a_list_is_shown_to_its_end_on_a_narrow_terminal(ann: Listener) -> None:
    host = music(ann)
    async with host.run_test(size=(40, 24)) as pilot:
        await until(pilot, lambda: host.row("Thunder"))
        screen = host.screen
        assert isinstance(screen, MusicScreen)
        screen.open_view("saved")
        await until(pilot, lambda: host.row("No playlist of somebody") and host.row("s saves one."))


async def test_an_empty_queue_says_where_the_music_is(ann: Listener) -> None:
    host = queue(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("The queue is empty. 4 leads to the music"))
        await pilot.press("d", "greater_than_sign", "U", "full_stop")
        assert host.said[-1] == "There is nothing to take back."


async def test_the_words_go_along_with_the_song_and_enter_goes_to_a_line(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: LyricsScreen(host, LyricsPlace()))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Nothing is playing"))
        host.player.play(tracks("t2", "t3", "t4"))
        await until(pilot, lambda: "♪" in host.row("First"))
        host.player.seek_to(10.2)
        await until(pilot, lambda: "♪" in host.row("Second"))
        assert "♪" not in host.row("First")
        await pilot.press("j", "enter")
        await until(pilot, lambda: "♪" in host.row("Third"))
        assert host.player.snapshot.position_s == pytest.approx(20.0, abs=1.0)
        row = next(y for y, line in enumerate(host.lines()) if "First" in line)
        await pilot.click(offset=(8, row))
        await until(pilot, lambda: "♪" in host.row("First"))


async def test_words_without_times_are_shown_plainly_and_none_at_all_is_said(ann: Listener) -> None:
    host = MusicHost(ann, lambda host: LyricsScreen(host, LyricsPlace()))
    host.player.play(tracks("t3", "t4"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("No times"))
        assert host.row("These words have no times")
        position: Any = host.player.snapshot.position_s
        await pilot.press("j", "enter")
        assert host.player.snapshot.position_s - position < 5
        host.player.next()
        await until(pilot, lambda: host.row("There are no words for this track."))
