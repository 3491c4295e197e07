"""Music without the platform: what this machine has is shown, what is changed shows at once and happens once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.errors import PlatformError
from api_client.models.music import Playlist, PlaylistChange, PlaylistTrack, Track
from api_client.sync.cache import Position
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform
from tests.tui.desk import Desk, Terminal, desks
from tui.config import PlayerSection
from tui.player.listening import PlaybackReport
from tui.screens.adding import add_to_playlist
from tui.sound import Sound
from tui.state.music import MusicPart
from tui.state.playlist_edits import Add, Edit, EditedPlaylist, Move, Remove, apply
from widgets.picker import Picked


@pytest.fixture
async def ann(platform: SharedPlatform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr("tui.state.playlist_writes.REGRET", 60.0)
    await platform.empty()
    await platform.within(lambda: seed_catalogue(platform.state.database))
    async with desks(platform.url) as make:
        yield await make("ann")


def background(terminal: Terminal, work: Coroutine[Any, Any, Any]) -> None:
    """Do something without waiting for what becomes of it."""
    terminal.music._tasks.later(work)


def ids(terminal: Terminal, playlist_id: str) -> list[str]:
    playlist = terminal.music.playlists.get(playlist_id)
    return [track.id for track in playlist.tracks] if playlist is not None else []


async def on_platform(desk: Desk, playlist_id: str) -> list[str]:
    return [track.id for track in (await desk.client.playlists.get(playlist_id)).tracks]


# -- marks


async def test_what_is_loved_and_followed_offline_is_so_after_a_restart_and_on_the_platform(ann: Desk) -> None:
    first = await ann.terminal()
    await first.music.save("tracks", "t2", "Song 2")
    ann.wire.up = False
    background(first, first.music.save("tracks", "t1", "Song 1"))
    background(first, first.music.remove("tracks", "t2", "Song 2"))
    background(first, first.music.follow("ar1", True, "Sigur Rós"))
    await first.shows(lambda: first.music.is_followed("ar1"))
    second = await ann.terminal()
    music = second.music
    assert (music.is_saved("tracks", "t1"), music.is_saved("tracks", "t2")) == (True, False)
    assert music.is_followed("ar1")
    assert {receipt.intent.label for receipt in second.outbox.open} == {
        "save Song 1",
        "take Song 2 out of the library",
        "follow Sigur Rós",
    }
    ann.wire.up = True
    await second.settled()
    assert [track.id for track in (await ann.client.music.library("tracks")).tracks] == ["t1"]
    assert (await ann.client.music.artist("ar1")).is_followed


async def test_a_mark_that_was_confirmed_counts_for_more_than_the_older_list_on_this_machine(ann: Desk) -> None:
    first = await ann.terminal()
    await first.music.load_album("al1")
    await first.music.save("tracks", "t1")
    ann.wire.up = False
    second = await ann.terminal()
    album = second.music.album("al1")
    assert album is not None
    assert not next(track for track in album.tracks if track.id == "t1").is_saved
    assert second.music.is_saved("tracks", "t1")


async def test_of_two_presses_the_first_shows_again_when_the_second_is_taken_back(ann: Desk) -> None:
    here = await ann.terminal()
    ann.wire.up = False
    background(here, here.music.save("albums", "al1"))
    await here.shows(lambda: here.music.is_saved("albums", "al1"))
    background(here, here.music.remove("albums", "al1"))
    await here.shows(lambda: not here.music.is_saved("albums", "al1"))
    await here.outbox.undo()
    await here.shows(lambda: here.music.is_saved("albums", "al1"))
    await here.outbox.undo()
    await here.shows(lambda: not here.music.is_saved("albums", "al1"))
    ann.wire.up = True
    await here.settled()
    assert (await ann.client.music.library("albums")).albums == []


# -- playlists


async def test_a_playlist_made_and_changed_offline_is_the_same_after_a_restart_and_on_the_platform(ann: Desk) -> None:
    first = await ann.terminal()
    tracks = {name: await first.music.track(name) for name in ("t1", "t2", "t3", "t4")}
    ann.wire.up = False
    playlists = first.music.playlists
    made = await playlists.create("Morning")
    for track in tracks.values():
        background(first, playlists.add(made.id, track))
    background(first, playlists.move(made.id, "t1", 3))
    background(first, playlists.take_out(made.id, "t2"))
    background(first, playlists.rename(made.id, "Evening"))
    await first.shows(lambda: ids(first, made.id) == ["t3", "t1", "t4"])
    assert not await playlists.add(made.id, tracks["t1"]), "it stands there already"

    second = await ann.terminal()
    assert ids(second, made.id) == ["t3", "t1", "t4"]
    assert [(p.name, p.track_count) for p in second.music.playlists.mine or ()] == [("Evening", 3)]
    shown = second.music.playlists.get(made.id)
    assert shown is not None
    assert [track.title for track in shown.tracks] == ["Song 3", "Song 1", "Song 4"]
    ann.wire.up = True
    await second.settled()
    assert ids(second, made.id) == await on_platform(ann, made.id) == ["t3", "t1", "t4"]
    assert (await ann.client.playlists.get(made.id)).name == "Evening"
    await second.music.playlists.load_mine()
    assert [(p.name, p.track_count) for p in second.music.playlists.mine or ()] == [("Evening", 3)]


class Asks:
    """What adding to a playlist needs of the program."""

    def __init__(self, terminal: Terminal, playlist_id: str) -> None:
        self.session = SimpleNamespace(music=terminal.music)
        self.playlist_id = playlist_id
        self.said: list[str] = []
        self.say = self.said.append

    async def pick(self, *_: Any, **__: Any) -> Picked:
        return Picked(self.playlist_id, "")


async def test_many_tracks_added_offline_all_wait_in_their_order_and_none_for_another(ann: Desk) -> None:
    first = await ann.terminal()
    made = await first.music.playlists.create("Morning")
    await first.settled()
    await first.music.playlists.load_mine()
    tracks = [await first.music.track(name) for name in ("t3", "t1", "t4", "t2")]
    ann.wire.up = False
    asks, asked = Asks(first, made.id), asyncio.Event()
    adding = asyncio.create_task(add_to_playlist(asks, tracks, asked.set))  # type: ignore[arg-type]
    async with asyncio.timeout(30):
        await asked.wait()
    assert ids(first, made.id) == ["t3", "t1", "t4", "t2"]
    assert [receipt.intent.body.track_id for receipt in first.outbox.open] == ["t3", "t1", "t4", "t2"]
    assert not adding.done(), "the platform has the last word"
    ann.wire.up = True
    await first.settled()
    await adding
    assert asks.said == ["4 tracks are in Morning."]
    assert await on_platform(ann, made.id) == ["t3", "t1", "t4", "t2"]


async def test_changes_are_made_on_top_of_what_others_did_meanwhile(ann: Desk) -> None:
    first = await ann.terminal()
    made = await first.music.playlists.create("Morning")
    await first.settled()
    for name in ("t1", "t2", "t3"):
        await ann.client.playlists.add(made.id, name)
    await first.music.playlists.load(made.id)
    first.outbox.pause("offline")
    background(first, first.music.playlists.add(made.id, await first.music.track("t5")))
    background(first, first.music.playlists.take_out(made.id, "t2"))
    await first.shows(lambda: ids(first, made.id) == ["t1", "t3", "t5"])
    await ann.client.playlists.add(made.id, "t4")  # from another terminal
    await ann.client.playlists.change(made.id, PlaylistChange(name="Night"))
    second = await ann.terminal(offline=True)
    assert ids(second, made.id) == ["t1", "t3", "t5"]
    await second.music.playlists.load(made.id)
    assert ids(second, made.id) == ["t1", "t3", "t4", "t5"]
    background(second, second.music.playlists.change(made.id, description="For the train"))
    await second.shows(lambda: (second.music.playlists.get(made.id) or made).description == "For the train")
    await second.settled()
    await second.shows(lambda: ids(second, made.id) == ["t1", "t3", "t4", "t5"])
    there = await ann.client.playlists.get(made.id)
    assert (there.name, there.description) == ("Night", "For the train")
    assert [track.id for track in there.tracks] == ["t1", "t3", "t4", "t5"]


async def test_every_change_of_a_playlist_can_be_taken_back(ann: Desk) -> None:
    here = await ann.terminal()
    playlists = here.music.playlists
    made = await playlists.create("Morning")
    for name in ("t1", "t2", "t3"):
        await playlists.add(made.id, await here.music.track(name))
    await playlists.move(made.id, "t1", 3)
    assert await here.outbox.undo() is not None
    await here.settled()
    assert ids(here, made.id) == await on_platform(ann, made.id) == ["t1", "t2", "t3"]
    await playlists.rename(made.id, "Evening")
    assert await here.outbox.undo() is not None
    await here.settled()
    assert (await ann.client.playlists.get(made.id)).name == "Morning"
    await playlists.take_out(made.id, "t1")
    assert await here.outbox.undo() is not None
    await here.settled()
    assert ids(here, made.id) == await on_platform(ann, made.id) == ["t1", "t2", "t3"]
    following = await playlists.begin_deleting(made.id)
    assert playlists.get(made.id) is None
    again = await ann.terminal()
    assert following.done()
    assert again.music.playlists.get(made.id) is None
    assert again.music.playlists.mine in (None, [])
    assert await again.outbox.undo() is not None
    await again.shows(lambda: ids(again, made.id) == ["t1", "t2", "t3"])
    assert (await ann.client.playlists.get(made.id)).name == "Morning"


async def test_moves_whose_answers_are_lost_are_carried_out_once(ann: Desk) -> None:
    first = await ann.terminal()
    made = await first.music.playlists.create("Morning")
    for name in ("t1", "t2", "t3", "t4"):
        await first.music.playlists.add(made.id, await first.music.track(name))
    await first.settled()
    ann.wire.loses = "PUT"
    background(first, first.music.playlists.move(made.id, "t1", 3))
    await first.shows(lambda: not ann.wire.up)
    background(first, first.music.playlists.move(made.id, "t4", 1))
    await first.shows(lambda: ids(first, made.id) == ["t4", "t2", "t3", "t1"])
    second = await ann.terminal()
    assert ids(second, made.id) == ["t4", "t2", "t3", "t1"]
    ann.wire.up = True
    await second.settled()
    assert ids(second, made.id) == await on_platform(ann, made.id) == ["t4", "t2", "t3", "t1"]
    assert second.outbox.attention == []


async def test_a_track_comes_back_where_it_stood_also_between_what_others_added(ann: Desk) -> None:
    here = await ann.terminal()
    playlists = here.music.playlists
    made = await playlists.create("Morning")
    for name in ("t1", "t2", "t3"):
        await playlists.add(made.id, await here.music.track(name))
    await playlists.take_out(made.id, "t2")
    await ann.client.playlists.add(made.id, "t4")  # from another terminal
    assert await here.outbox.undo() is not None
    await here.settled()
    assert await on_platform(ann, made.id) == ["t1", "t2", "t3", "t4"]
    await playlists.load(made.id)
    assert ids(here, made.id) == ["t1", "t2", "t3", "t4"]


async def test_a_playlist_that_was_just_made_goes_again(ann: Desk) -> None:
    here = await ann.terminal()
    made = await here.music.playlists.create("Oops")
    await here.settled()
    assert [p.name for p in here.music.playlists.mine or ()] == ["Oops"]
    assert await here.outbox.undo() is not None
    await here.settled()
    assert here.music.playlists.get(made.id) is None
    assert (await ann.client.playlists.mine()).items == []


# -- plays


async def test_plays_are_counted_once_offline_over_a_restart_and_do_not_hold_up_leaving(
    ann: Desk, tmp_path: Path
) -> None:
    ann.wire.up = False
    first = await ann.terminal()
    sound = Sound(ann.client, first.writes, PlayerSection(output="null"), tmp_path / "player.json")
    await sound.open()
    events: tuple[tuple[Any, int], ...] = (("start", 0), ("progress", 31_000), ("complete", 200_000))
    for number, (kind, position) in enumerate(events, start=1):
        sound._report(PlaybackReport(kind, "t1", position, 1_767_600_000_000 + number * 60_000))
    async with asyncio.timeout(30):
        await sound.close()
    assert len(first.outbox.open) == 3, "they are stored before leaving goes on"
    # What no platform would take keeps nothing from playing on.
    sound._report(PlaybackReport("complete", "t1", 10**9, 1_767_600_000_000))
    second = await ann.terminal()
    again = Sound(ann.client, second.writes, PlayerSection(output="null"), tmp_path / "player.json")
    await again.open()
    assert [receipt.intent.body.event_type for receipt in second.outbox.open] == ["start", "progress", "complete"]
    ann.wire.up = True
    ann.wire.asked.clear()
    await second.settled()
    assert len([asked for asked in ann.wire.asked if "/playback/" in asked]) == 3
    await second.music.load_history()
    assert [(play.track.id, play.completed) for play in second.music.history or ()] == [("t1", True)]
    await again.close()


# -- reading


async def test_everything_that_was_opened_opens_without_the_platform_and_says_from_when_it_is(ann: Desk) -> None:
    first = (await ann.terminal()).music
    await first.load_home()
    await first.load_album("al1")
    await first.load_artist("ar1")
    await first.load_lyrics("t1")
    await first.load_library("tracks")
    await first.load_history()
    made = await first.playlists.create("Morning")
    await first.playlists.add(made.id, await first.track("t1"))
    await first.playlists.load(made.id)
    await first.playlists.load_mine()
    first.keep_position("album:al1", Position("1:3:t3", 4))
    ann.wire.up = False

    terminal = await ann.terminal()
    music = terminal.music
    assert music.home == first.home
    assert music.album("al1") == first.album("al1")
    assert music.artist("ar1") == first.artist("ar1")
    assert music.lyrics("t1") == first.lyrics("t1")
    assert music.library("tracks") == first.library("tracks")
    assert music.history == []
    assert music.playlists.mine == first.playlists.mine
    assert ids(terminal, made.id) == ["t1"]
    assert music.position("album:al1") == Position("1:3:t3", 4)
    assert (await music.track("t1")).title == "Song 1"
    loads: dict[tuple[MusicPart, str], Callable[[], Coroutine[Any, Any, None]]] = {
        (MusicPart.HOME, ""): music.load_home,
        (MusicPart.ALBUM, "al1"): lambda: music.load_album("al1"),
        (MusicPart.ARTIST, "ar1"): lambda: music.load_artist("ar1"),
        (MusicPart.LYRICS, "t1"): lambda: music.load_lyrics("t1"),
        (MusicPart.LIBRARY, "tracks"): lambda: music.load_library("tracks"),
        (MusicPart.HISTORY, ""): music.load_history,
        (MusicPart.PLAYLIST, made.id): lambda: music.playlists.load(made.id),
        (MusicPart.PLAYLISTS, ""): music.playlists.load_mine,
    }
    for (part, name), load in loads.items():
        assert music.stale_since(part, name) is None, "nobody has tried"
        with pytest.raises(PlatformError):
            await load()
        assert music.stale_since(part, name) is not None, part
    ann.wire.up = True
    for (part, name), load in loads.items():
        await load()
        assert music.stale_since(part, name) is None, part


# -- pending edits over changing confirmed versions


def song(name: str) -> Track:
    return Track(id=name, title=name, duration_ms=1000)


def playlist(names: list[str], version: int) -> Playlist:
    tracks = [PlaylistTrack(id=name, title=name, duration_ms=1000, position=at) for at, name in enumerate(names, 1)]
    return Playlist.model_validate(
        {"id": "p", "ownerId": "u", "ownerName": "U", "name": "P", "createdAt": "2026-01-05", "version": version}
    ).changed(tracks=tracks)


NAMES = st.sampled_from("abcdefgh")
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda name: Add(song(name), "u"), NAMES),
    st.builds(Remove, NAMES),
    st.builds(Move, NAMES, st.integers(1, 8)),
)


def after(tracks: list[PlaylistTrack], edits: list[Edit]) -> list[str]:
    for edit in edits:
        tracks = apply(tracks, edit)
    return [track.id for track in tracks]


@given(st.data())
def test_pending_changes_show_in_order_on_top_of_whichever_version_is_confirmed(data: st.DataObject) -> None:
    confirmed = playlist(list("abcd"), 1)
    book = EditedPlaylist(confirmed)
    pending: list[tuple[int, Edit]] = []
    for step in data.draw(st.lists(st.sampled_from(["ask", "others", "old", "withdraw", "restart"]), max_size=12)):
        if step == "ask":
            edit = data.draw(EDITS)
            pending.append((book.ask(edit), edit))
        elif step == "others":
            names = data.draw(st.lists(NAMES, unique=True, max_size=6))
            confirmed = playlist(names, confirmed.version + 1)
            book.learn(confirmed, book.settled)
        elif step == "old":
            book.learn(playlist(list("hgf"), confirmed.version - 1), book.settled)
        elif step == "withdraw" and pending:
            serial, _ = pending.pop(data.draw(st.integers(0, len(pending) - 1)))
            book.refuse(serial)
        elif step == "restart":
            book = EditedPlaylist(confirmed)
            pending = [(book.ask(edit), edit) for _, edit in pending]
        shown = book.shown
        assert shown is not None
        assert [track.id for track in shown.tracks] == after(confirmed.tracks, [edit for _, edit in pending])
        assert [track.position for track in shown.tracks] == list(range(1, len(shown.tracks) + 1))
