"""The music store: shown at once, taken back when refused, confirmed by the platform; the newest answer wins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import Conflict, Forbidden, NotFound
from api_client.models.music import Playlist, PlaylistTrack, Track
from api_client.models.users import User
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import SILENT_TRACK, Listener, MusicWorld, music_world
from tui.state.marks import Marks
from tui.state.music import MusicChange, MusicPart, MusicStore
from tui.state.playlist_edits import Add, Edit, EditedPlaylist, Move, Remove, apply
from tui.state.writes import Writes

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


# -- marks


async def test_a_track_is_loved_at_once_and_stays_so_on_the_platform(ann: Listener) -> None:
    store = ann.store
    seen: list[bool] = []
    store.subscribe(lambda change: seen.append(store.is_saved("tracks", "t1")))
    await store.save("tracks", "t1")
    assert seen == [True, True]
    await store.load_library("tracks")
    library = store.library("tracks")
    assert library is not None
    assert [track.id for track in library.tracks] == ["t1"]
    await store.remove("tracks", "t1")
    assert not store.is_saved("tracks", "t1")
    assert [track.id for track in library.tracks] == ["t1"], "it stays listed, so that it can be put back"
    assert (await ann.client.music.library("tracks")).tracks == []


async def test_what_the_platform_refuses_is_taken_back(ann: Listener) -> None:
    store = ann.store
    seen: list[bool] = []
    store.subscribe(lambda change: seen.append(store.is_saved("albums", "nonsense")))
    with pytest.raises(NotFound):
        await store.save("albums", "nonsense")
    assert seen == [True, False]


async def test_following_an_artist_shows_wherever_the_artist_stands(ann: Listener) -> None:
    await ann.store.load_artist("ar1")
    assert not ann.store.is_followed("ar1")
    await ann.store.follow("ar1", True)
    assert ann.store.is_followed("ar1")
    assert (await ann.client.music.artist("ar1")).is_followed
    await ann.store.follow("ar1", False)
    assert not (await ann.client.music.artist("ar1")).is_followed


def test_a_reply_from_before_a_write_does_not_undo_it() -> None:
    marks = Marks()
    asked_at = marks.moment
    serial = marks.wish("tracks", "t1", True)
    marks.confirm("tracks", "t1", serial, True)
    marks.learn([("tracks", "t1", False)], asked_at)
    assert marks.of("tracks", "t1")
    marks.learn([("tracks", "t1", False)], marks.moment)
    assert not marks.of("tracks", "t1")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8))
def test_after_every_write_is_settled_the_mark_is_what_the_platform_has(presses: list[tuple[bool, bool]]) -> None:
    marks, platform = Marks(), False
    serials = [marks.wish("tracks", "t", wished) for wished, _ in presses]
    if presses:
        assert marks.of("tracks", "t") == presses[-1][0], "the newest wish shows while it is on its way"
    for serial, (wished, accepted) in zip(serials, presses, strict=True):
        if accepted:
            platform = wished
            marks.confirm("tracks", "t", serial, platform)
        else:
            marks.refuse("tracks", "t", serial)
    assert marks.of("tracks", "t") == platform


# -- playlists


def song(name: str) -> Track:
    return Track(id=name, title=name, duration_ms=1000)


def playlist(*names: str) -> Playlist:
    tracks = [PlaylistTrack(id=name, title=name, duration_ms=1000, position=at) for at, name in enumerate(names, 1)]
    return Playlist(id="p", owner_id="u", owner_name="U", name="P", created_at=NOW, tracks=tracks, can_edit=True)


def ids(tracks: list[PlaylistTrack]) -> list[str]:
    return [track.id for track in tracks]


EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda name: Add(song(name), "u"), st.sampled_from("abcdefgh")),
    st.builds(Remove, st.sampled_from("abcdefgh")),
    st.builds(Move, st.sampled_from("abcdefgh"), st.integers(1, 8)),
)


@given(st.lists(EDITS, max_size=10))
def test_positions_are_always_one_to_n_and_no_track_stands_twice(edits: list[Edit]) -> None:
    tracks = playlist(*"abcd").tracks
    for edit in edits:
        tracks = apply(tracks, edit)
        assert [track.position for track in tracks] == list(range(1, len(tracks) + 1))
        assert len(set(ids(tracks))) == len(tracks)
        assert ids(apply(tracks, edit)) == ids(tracks), "carried out twice it is as once"


@given(st.data())
def test_whatever_is_refused_and_however_replies_overtake_the_list_ends_as_the_platforms(data: st.DataObject) -> None:
    on_platform = playlist(*"abcde")
    book = EditedPlaylist(on_platform)
    under_way: list[tuple[int, Edit]] = []
    fetches: list[tuple[Playlist, int]] = []
    for _ in range(data.draw(st.integers(0, 14))):
        step = data.draw(st.sampled_from(["ask", "answer", "fetch", "arrive"]))
        if step == "ask":
            edit = data.draw(EDITS)
            under_way.append((book.ask(edit), edit))
        elif step == "answer" and under_way:
            serial, edit = under_way.pop(0)
            if data.draw(st.booleans()):
                on_platform = on_platform.changed(tracks=apply(on_platform.tracks, edit))
                book.confirm(serial)
            else:
                book.refuse(serial)
        elif step == "fetch":
            fetches.append((on_platform, book.settled))
        elif step == "arrive" and fetches:
            book.learn(*fetches.pop(0))
    for serial, edit in under_way:
        on_platform = on_platform.changed(tracks=apply(on_platform.tracks, edit))
        book.confirm(serial)
    assert book.settled_all
    if book.stale:
        book.learn(on_platform, book.settled)
    assert ids(book.shown.tracks) == ids(on_platform.tracks)
    assert not book.stale


def test_a_reply_asked_for_before_a_change_was_confirmed_is_not_taken_over() -> None:
    old = playlist(*"abc")
    book = EditedPlaylist(old)
    settled_before = book.settled
    book.confirm(book.ask(Move("a", 3)))
    book.learn(old, settled_before)
    assert ids(book.shown.tracks) == ["b", "c", "a"]
    assert book.stale, "it has to be fetched again"


async def filled(ann: Listener, *tracks: str) -> str:
    made = await ann.store.playlists.create("Morning")
    for track_id in tracks:
        await ann.store.playlists.add(made.id, await ann.store.track(track_id))
    return made.id


async def test_a_new_playlist_takes_tracks_once_each(ann: Listener) -> None:
    playlist_id = await filled(ann, "t1", "t2")
    assert not await ann.store.playlists.add(playlist_id, await ann.store.track("t1"))
    shown = ann.store.playlists.get(playlist_id)
    assert shown is not None
    assert ids(shown.tracks) == ids((await ann.client.playlists.get(playlist_id)).tracks) == ["t1", "t2"]
    assert [p.track_count for p in ann.store.playlists.mine or ()] == [2]
    assert ann.store.playlists.name_of(shown, shown.tracks[0].added_by) == "you"


async def test_tracks_move_at_once_one_after_the_other_without_waiting(ann: Listener) -> None:
    playlist_id = await filled(ann, "t1", "t2", "t3", "t4")
    playlists = ann.store.playlists
    shown: list[list[str]] = []
    ann.store.subscribe(lambda change: shown.append(ids(playlists.get(playlist_id).tracks)))  # type: ignore[union-attr]
    async with asyncio.TaskGroup() as group:
        group.create_task(playlists.move(playlist_id, "t1", 3))
        group.create_task(playlists.move(playlist_id, "t1", 4))
        group.create_task(playlists.take_out(playlist_id, "t2"))
    assert shown[0] == ["t2", "t3", "t1", "t4"]
    assert shown[-1] == ["t3", "t4", "t1"]
    assert ids((await ann.client.playlists.get(playlist_id)).tracks) == ["t3", "t4", "t1"]
    before = len(shown)
    await playlists.move(playlist_id, "t1", 3)
    await playlists.move(playlist_id, "t1", 4)
    assert len(shown) == before, "to where it stands, or beyond the end, nothing is sent"


async def test_a_move_that_the_platform_refuses_is_taken_back_and_the_list_fetched_again(ann: Listener) -> None:
    playlist_id = await filled(ann, "t1", "t2", "t3")
    await ann.client.playlists.move(playlist_id, "t1", 1, 3)  # from another terminal
    fetched = asyncio.Event()
    playlists = ann.store.playlists

    def saw(change: MusicChange) -> None:
        if ids(playlists.get(playlist_id).tracks) == ["t2", "t3", "t1"]:  # type: ignore[union-attr]
            fetched.set()

    ann.store.subscribe(saw)
    with pytest.raises(Conflict):
        await playlists.move(playlist_id, "t1", 2)
    async with asyncio.timeout(30):
        await fetched.wait()


async def test_a_playlist_is_renamed_and_deleted_and_comes_back_when_that_is_refused(
    world: MusicWorld, ann: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.state.playlist_writes.REGRET", 0.0)
    playlist_id = await filled(ann, "t1")
    await ann.store.playlists.rename(playlist_id, "Evening")
    assert [p.name for p in ann.store.playlists.mine or ()] == ["Evening"]
    bob = await world.listener("bob")
    await bob.store.playlists.load(playlist_id)
    seen: list[Any] = []
    bob.store.subscribe(lambda change: seen.append(bob.store.playlists.get(playlist_id)))
    with pytest.raises(Forbidden):
        await bob.store.playlists.rename(playlist_id, "Mine")
    # It holds what bob wrote: it stays until he decides.
    for receipt in bob.session.outbox.attention:
        assert await bob.session.outbox.discard(receipt.id)
    assert [found.name for found in seen] == ["Mine", "Mine", "Evening", "Evening"]
    seen.clear()
    with pytest.raises(Forbidden):
        await bob.store.playlists.delete(playlist_id)
    assert [found is None for found in seen] == [True, True, False, False]
    await ann.store.playlists.delete(playlist_id)
    assert ann.store.playlists.mine == []
    assert ann.store.playlists.get(playlist_id) is None


# -- reading


async def test_home_lyrics_and_history_are_read(ann: Listener) -> None:
    store = ann.store
    parts: list[MusicPart] = []
    store.subscribe(lambda change: parts.append(change.part))
    assert store.home is None
    await store.load_home()
    assert store.home
    await store.load_lyrics("t2")
    await store.load_lyrics("t4")
    assert [line.text for line in store.lyrics("t2").lines] == ["First", "Second", "Third"]  # type: ignore[union-attr]
    assert store.lyrics("t4").lines == []  # type: ignore[union-attr]
    await store.load_history()
    assert store.history == []
    assert parts == [MusicPart.HOME, MusicPart.LYRICS, MusicPart.LYRICS, MusicPart.HISTORY]
    assert not (await store.track(SILENT_TRACK)).is_playable


async def test_of_two_searches_the_newer_answer_stays_even_if_it_comes_first() -> None:
    held = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        words = request.url.params["q"]
        if words == "so":
            await held.wait()
        track = {"id": words, "title": words, "durationMs": 1}
        return httpx.Response(200, json={"success": True, "data": {"tracks": [track]}})

    tokens = MemoryTokens(Tokens("token"))
    async with PlatformClient("http://127.0.0.1:3000", tokens=tokens, transport=httpx.MockTransport(answer)) as client:
        outbox = Outbox(sender(client))
        me = User.model_validate({"id": "u", "username": "u", "email": "u@example.com", "createdAt": "2026-01-01"})
        store = MusicStore(client, Writes(outbox), me)
        older = asyncio.create_task(store.search("so"))
        await asyncio.sleep(0)
        await store.search("song")
        held.set()
        await older
        assert store.sought == "song"
        assert store.found is not None
        assert [track.id for track in store.found.tracks] == ["song"]
        await store.search("  ")
        assert store.found is None
        await outbox.close()
