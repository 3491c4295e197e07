"""Music on this machine, by keyboard, from a real platform: kept, followed, taken off, and heard without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api_client.client import PlatformClient
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.cache import Cache
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from tests.shared_platform import SharedPlatform, shared_platform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, until
from tui.config import PlayerSection
from tui.download_actions import DownloadActions
from tui.downloading import Downloading
from tui.keys import Keymap
from tui.places import AlbumPlace, DownloadsPlace, PlaylistPlace, QueuePlace, parse_address
from tui.player.track import PlayableTrack
from tui.player.vault_records import Kind
from tui.screens.album import AlbumScreen
from tui.screens.downloads import DownloadsScreen
from tui.screens.playlist import PlaylistScreen
from tui.screens.queue import QueueScreen
from tui.sound import Sound
from tui.state.download_shelf import Here
from tui.state.downloads import Downloads
from tui.state.session import Session

NARROW, BROAD = (80, 24), (120, 36)
SETTINGS = PlayerSection(output="null")
PLAYABLE = {f"t{number}" for number in range(1, 7)}
"""Those of album al1."""


class Keeper:
    """Somebody with a vault."""

    def __init__(self, listener: Listener, downloading: Downloading) -> None:
        self.listener = listener
        self.downloading = downloading

    @property
    def downloads(self) -> Downloads:
        return self.listener.session.downloads

    def here(self) -> set[str]:
        assert self.downloads.vault is not None
        return set(self.downloads.vault.contents.files)

    async def until(self, condition: Callable[[], Any]) -> None:
        news = asyncio.Event()
        ends = self.downloads.subscribe(lambda _: news.set())
        try:
            async with asyncio.timeout(30):
                while not condition():
                    await news.wait()
                    news.clear()
        finally:
            ends()

    async def want(self, kind: Kind, item_id: str) -> None:
        wish = await self.downloads.want(kind, item_id)
        await self.until(lambda: set(wish.track_ids) <= self.here())


async def keeper(listener: Listener, folder: Path, stack: AsyncExitStack) -> Keeper:
    made = Downloading(listener.session, listener.sound, SETTINGS)
    await made.open(folder)
    stack.push_async_callback(made.close)
    return Keeper(listener, made)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld, tmp_path: Path) -> AsyncIterator[Keeper]:
    async with AsyncExitStack() as stack:
        yield await keeper(await world.listener("ann"), tmp_path / "vault", stack)


def album(ann: Keeper) -> MusicHost:
    return MusicHost(ann.listener, lambda host: AlbumScreen(host, AlbumPlace("al1")))


def screen(ann: Keeper, of: str = "") -> MusicHost:
    return MusicHost(ann.listener, lambda host: DownloadsScreen(host, DownloadsPlace(of)))


# -- by key


async def test_d_keeps_an_album_its_rows_say_so_and_again_takes_it_off(ann: Keeper) -> None:
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Play all"))
        await pilot.press("D")
        await until(pilot, lambda: ann.here() == PLAYABLE)
        assert "will be downloaded. , d shows how it goes." in host.said[-1].replace(",d", ", d")
        await until(pilot, lambda: "↓" in host.row("Play all"))
        await until(pilot, lambda: "↓" in host.row("Song 6"))
        assert "↓" not in host.row("Song 7")
        await pilot.press("D")
        await until(pilot, lambda: "taken off" in host.said[-1])
        await until(pilot, lambda: "↓" not in host.row("Song 6"))
        assert ann.downloads.wishes == []


async def test_a_track_that_came_with_an_album_says_so_and_marked_ones_come_together(ann: Keeper) -> None:
    await ann.want(Kind.ALBUM, "al1")
    host = album(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        await pilot.press("j", "j", "D")
        await until(pilot, lambda: host.said)
        assert host.said[-1].startswith("Song 3 is downloaded with Ágætis byrjun")
        await ann.downloads.take_off([(Kind.ALBUM, "al1")])
        await pilot.press("x", "x", "D")
        await until(pilot, lambda: {wish.kind for wish in ann.downloads.wishes} == {Kind.TRACK})
        assert [wish.id for wish in ann.downloads.wishes] == ["t3", "t4"]
        await pilot.press("M", "a", "D")
        await until(pilot, lambda: ann.downloads.is_wanted(Kind.ALBUM, "al1"))


async def test_much_is_taken_off_only_after_a_question(ann: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.download_verbs.BIG_TRACKS", 3)
    await ann.want(Kind.ALBUM, "al1")
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Play all"))
        host.answers = [False]
        await pilot.press("D")
        await until(pilot, lambda: not host.answers)
        await pilot.pause()
        assert ann.downloads.is_wanted(Kind.ALBUM, "al1")


# -- the screen


async def test_the_downloads_begin_with_a_sentence_that_teaches(ann: Keeper) -> None:
    host = screen(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "D on a track" in host.text())
        assert "0 tracks downloaded, 0 B" in host.text()
        assert "of 1.0 GB" in host.text()


async def test_the_screen_lists_opens_sorts_plays_and_takes_off(ann: Keeper) -> None:
    await ann.want(Kind.ALBUM, "al1")
    await ann.want(Kind.ALBUM, "al2")
    await ann.want(Kind.TRACK, "t8")
    host = screen(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: "↓" in host.row("Ágætis byrjun") and host.row("Thunderstruck"))
        assert "6 tracks · " in host.row("Ágætis byrjun")
        assert "Sigur Rós" in host.row("Ágætis byrjun")
        text = host.text()
        assert text.index("Thunder ") < text.index("Ágætis byrjun"), "the newest first"
        host.answers = ["Largest first"]
        await pilot.press("S")
        await until(pilot, lambda: host.text().index("Ágætis byrjun") < host.text().index("Thunder "))
        await pilot.press("g", "g", "j", "enter")
        assert host.opened == [DownloadsPlace("album/al1")]
        await pilot.press("e")
        await until(pilot, lambda: len(host.player.queue) == 6)
        await pilot.press("d")
        await until(pilot, lambda: not host.row("Ágætis byrjun"))
        assert ann.downloads.is_wanted(Kind.ALBUM, "al2")
    host = screen(ann, "album/al2")
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Thunderstruck"))
        await pilot.press("g", "g", "j", "enter")
        await until(pilot, lambda: host.player.snapshot.position_s > 0.1)
        track = host.player.snapshot.track
        assert track is not None
        assert (track.id, track.context_type, track.context_id) == ("t8", "album", "al2")


async def test_what_could_not_be_had_stands_there_with_its_reason_and_is_tried_again(
    ann: Keeper, world: MusicWorld, platform: SharedPlatform
) -> None:
    audio = platform.state.playback.audio
    real = audio.source

    async def gone(db: Any, track: Any) -> Any:
        return None if track.id == "t2" else await real(db, track)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(audio, "source", gone)
        await ann.downloads.want(Kind.ALBUM, "al1")
        await ann.until(lambda: ann.here() == PLAYABLE - {"t2"} and ann.downloads.track("t2") is Here.FAILED)
    host = screen(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Could not be downloaded"))
        assert host.row("There is no audio of this track any more.")
        assert "!" in host.row("Song 2")
        assert "5 of 6 tracks" in host.row("Ágætis byrjun")
        assert "⇣" in host.row("Ágætis byrjun")
        await pilot.press("p")
        await until(pilot, lambda: not host.row("Could not be downloaded") and ann.here() == PLAYABLE)


async def test_what_was_played_is_listed_and_let_go_of(ann: Keeper) -> None:
    player = ann.listener.sound.player
    player.play([PlayableTrack("t3", "Song 3", "Sigur Rós", duration_ms=200_003)])
    await ann.until(lambda: ann.here() == {"t3"} and ann.downloads.known("t3"))
    assert ann.downloads.track("t3") is Here.NO
    player.clear()
    host = screen(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Played lately") and host.row("Song 3"))
        assert "1 track, " in host.row("Played lately")
        await pilot.press("D")
        await until(pilot, lambda: ann.downloads.is_wanted(Kind.TRACK, "t3"))
        await until(pilot, lambda: not host.row("Played lately"))
        await pilot.press("d")
        await until(pilot, lambda: not ann.downloads.wishes)


# -- what follows


async def test_a_playlist_is_followed_what_is_added_comes_and_what_is_removed_goes(ann: Keeper) -> None:
    store = ann.listener.store
    playlist = await store.playlists.create("Evenings")
    assert await ann.listener.session.outbox.drained(30)
    for track_id in ("t1", "t2"):
        await store.playlists.add(playlist.id, await store.track(track_id))
    await ann.want(Kind.PLAYLIST, playlist.id)
    assert ann.here() == {"t1", "t2"}
    assert f"playlists:{playlist.id}" in ann.listener.session.realtime.followed
    await ann.listener.client.playlists.add(playlist.id, "t3")
    await ann.until(lambda: ann.downloads.track("t3") is Here.ALL)
    await ann.listener.client.playlists.remove(playlist.id, "t1")
    await ann.until(lambda: ann.downloads.track("t1") is Here.NO)
    assert ann.downloads.collection(Kind.PLAYLIST, playlist.id) is Here.ALL
    host = MusicHost(ann.listener, lambda host: PlaylistScreen(host, PlaylistPlace(playlist.id)))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "↓" in host.row("Song 3"))


class Doer(DownloadActions):
    """The actions on downloads, without the program around them."""

    keymap = Keymap()

    def __init__(self, ann: Keeper) -> None:
        self._backstage = SimpleNamespace(session=ann.listener.session)
        self.said: list[str] = []

    @property
    def backstage(self) -> Any:
        return self._backstage

    def say(self, sentence: str, severity: str = "information") -> None:
        self.said.append(sentence)


async def test_u_has_back_what_was_taken_off_without_fetching_it_again(ann: Keeper, world: MusicWorld) -> None:
    await ann.want(Kind.ALBUM, "al1")
    doer, before = Doer(ann), ann.downloads.size(PLAYABLE)
    assert not await doer.undo_taking_off()
    await ann.downloads.take_off([(Kind.ALBUM, "al1")])
    assert ann.downloads.collection(Kind.ALBUM, "al1") is Here.NO
    assert await doer.undo_taking_off()
    assert doer.said == ["Ágætis byrjun kept on this machine again."]
    assert ann.downloads.collection(Kind.ALBUM, "al1") is Here.ALL
    assert ann.downloads.size(PLAYABLE) == before
    await ann.downloads.take_off([(Kind.ALBUM, "al1")])
    await ann.downloads._let_go_taken()
    assert ann.here() == set()


async def test_downloads_are_held_and_the_cache_is_set_by_command(ann: Keeper) -> None:
    doer = Doer(ann)
    await doer.action_hold_downloads()
    await ann.downloads.want(Kind.ALBUM, "al2")
    assert ann.downloads.is_paused
    assert (ann.downloads.track("t8"), ann.here()) == (Here.WAITING, set())
    await doer.action_hold_downloads()
    await ann.until(lambda: ann.here() == {"t8"})
    await doer.action_cache("50")
    await doer.action_cache("lots")
    await doer.action_cache("clear")
    assert ann.downloads.totals().limit == 50_000_000
    assert doer.said == [
        "Downloads are held. T d lets them go on.",
        "Downloads go on.",
        "Up to 50 MB of what is played stays on this machine.",
        "lots is not a size. Try 500, for megabytes, or clear.",
        "0 B of what was played let go of. Downloads stay.",
    ]
    assert ann.here() == {"t8"}


async def test_damaged_downloads_are_found_by_the_decoder_and_fetched_again(ann: Keeper) -> None:
    await ann.want(Kind.ALBUM, "al2")
    vault = ann.downloads.vault
    assert vault is not None
    stored = vault.contents.files["t8"][0]
    await asyncio.to_thread(vault._folder.file(stored.name).write_bytes, bytes(stored.size))
    player = ann.listener.sound.player
    player.play([PlayableTrack("t8", "Thunderstruck", "AC/DC", duration_ms=200_008)])
    news = asyncio.Event()
    player.subscribe(lambda _: news.set())
    async with asyncio.timeout(30):
        while player.snapshot.position_s <= 0.1:
            await news.wait()
            news.clear()
    assert player.snapshot.error == ""
    await ann.until(lambda: ann.downloads.track("t8") is Here.ALL)
    again = vault.contents.files["t8"][0]
    assert await asyncio.to_thread(vault._folder.is_sound, again.name, again.size, again.sha256)


# -- without the platform


async def test_the_queue_goes_on_to_what_is_here_and_lists_dim_the_rest(ann: Keeper) -> None:
    await ann.downloads.want(Kind.TRACK, "t5")
    await ann.until(lambda: ann.here() == {"t5"})
    host = album(ann)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        ann.listener.client.offline = True
        ann.downloads.follow_line(away=True)
        await until(pilot, lambda: "not on this machine" in host.row("Song 4"))
        assert "not on this machine" not in host.row("Song 5")
        player = ann.listener.sound.player
        # Song 3 stands first on the album: its beginning was fetched when the screen opened.
        player.play([PlayableTrack(f"t{number}", f"Song {number}", duration_ms=200_000) for number in (6, 4, 5, 2)])
        await until(pilot, lambda: player.snapshot.position_s > 0.1)
        assert player.snapshot.track is not None
        assert player.snapshot.track.id == "t5"
        assert player.snapshot.error == "Song 6: You work offline; it is not on this machine."
    queue = MusicHost(ann.listener, lambda host: QueueScreen(host, QueuePlace()))
    async with queue.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: "not on this machine" in queue.row("Song 2"))
        player.next()
        await until(pilot, lambda: not player.snapshot.playing)
        assert player.snapshot.error == "You work offline; it is not on this machine."


async def test_a_start_without_the_platform_lists_and_plays_what_was_downloaded(tmp_path: Path) -> None:
    with shared_platform(tmp_path / "platform") as platform:
        async with music_world(platform, tmp_path) as world, AsyncExitStack() as stack:
            before = await keeper(await world.listener("ann"), tmp_path / "vault", stack)
            await before.want(Kind.ALBUM, "al1")
            await before.until(lambda: before.downloads.away is False)
            assert await before.downloads.facts.words("t2") is not None or await _learned(before, "t2")
            me, url = before.listener.session.me, world.url
            await platform.stop()
    async with AsyncExitStack() as stack:
        again = await alone(url, me, tmp_path, stack)
        host = screen(again)
        async with host.run_test(size=NARROW) as pilot:
            await until(pilot, lambda: "↓" in host.row("Ágætis byrjun"))
        host = screen(again, "album/al1")
        async with host.run_test(size=NARROW) as pilot:
            await until(pilot, lambda: host.row("Song 6"))
            await pilot.press("g", "g", "j", "enter")
            await until(pilot, lambda: host.player.snapshot.position_s > 0.1)
            assert host.player.snapshot.playing
        await again.listener.store.load_lyrics("t2")
        words = again.listener.store.lyrics("t2")
        assert words is not None
        assert [line.text for line in words.lines] == ["First", "Second", "Third"]


async def _learned(before: Keeper, track_id: str) -> bool:
    tracks = [track for each in PLAYABLE if (track := before.downloads.known(each)) is not None]
    await before.downloads.facts.add_extras(tracks)
    return await before.downloads.facts.words(track_id) is not None


async def alone(url: str, me: User, folder: Path, stack: AsyncExitStack) -> Keeper:
    """Start anew, with nothing but the vault, while no platform answers."""
    client = await stack.enter_async_context(PlatformClient(url))
    outbox = Outbox(sender(client))
    stack.push_async_callback(outbox.close)
    session = Session.build(
        client, Realtime(client, on_event=lambda _: None, on_gap=lambda: None), outbox, me, Cache.in_memory()
    )
    sound = Sound(client, session.writes, SETTINGS, folder / "again.json", session.downloads)
    await sound.open()
    stack.push_async_callback(sound.close)
    session.downloads.follow_line(away=True)
    return await keeper(Listener(client, session, sound), folder / "vault", stack)


async def test_a_folder_that_cannot_be_used_is_said_and_nothing_else_is_hurt(world: MusicWorld, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    async with AsyncExitStack() as stack:
        bob = await keeper(await world.listener("bob"), tmp_path / "file", stack)
        host = screen(bob)
        async with host.run_test(size=NARROW) as pilot:
            await until(pilot, lambda: "Music cannot be kept on this disk" in host.text())
        host = album(bob)
        async with host.run_test(size=NARROW) as pilot:
            await until(pilot, lambda: host.row("Song 3"))
            await pilot.press("D")
            await until(pilot, lambda: host.said)
            assert "Music cannot be kept on this disk" in host.said[-1]


def test_downloads_have_an_address() -> None:
    assert parse_address("downloads") == DownloadsPlace()
    assert parse_address("/downloads/album/al1") == DownloadsPlace("album/al1")
    assert parse_address("downloads/mix/daily-mix/1") == DownloadsPlace("mix/daily-mix/1")
    assert parse_address("downloads/../x") is None
    assert cast("DownloadsPlace", parse_address("https://x.example/downloads")).of == ""
