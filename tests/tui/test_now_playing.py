"""The now-playing screen, on a real platform and the real engine without a sound device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from textual.screen import ModalScreen

from tests.shared_platform import SharedPlatform
from tests.tui.music_world import SILENT_TRACK, Listener, MusicHost, MusicWorld, music_world, until
from tui.config import Config, ViewSection
from tui.places import AlbumPlace, ArtistPlace, NowPlayingPlace
from tui.player.engine import EngineStatus
from tui.player.entry import Repeat
from tui.player.streaming import Streaming
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.now_playing import NowPlayingScreen
from tui.screens.now_playing_parts import buffered_in, room_in, words_of
from tui.state.download_shelf import DownloadChange
from widgets.spectrum import SpectrumView, Visual
from widgets.waveform import Waveform

NARROW, BROAD, HUGE = (80, 24), (120, 36), (200, 50)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


class Still(MusicHost):
    """Somebody who wants nothing to move."""

    @property
    def config(self) -> Config:
        return Config(view=ViewSection(motion=False))


def now_playing(ann: Listener, host: type[MusicHost] = MusicHost) -> MusicHost:
    return host(ann, lambda made: NowPlayingScreen(made, NowPlayingPlace()))


def tracks(*names: str) -> list[PlayableTrack]:
    return [PlayableTrack(name, f"Song {name[1:]}", "Sigur Rós", "( )", duration_ms=30_000) for name in names]


def screen(host: MusicHost) -> NowPlayingScreen:
    assert isinstance(host.front, NowPlayingScreen)
    return host.front


def spectrum(host: MusicHost) -> SpectrumView:
    return host.screen.query_one(SpectrumView)


async def test_with_nothing_playing_it_says_what_to_do_and_begins_by_itself(ann: Listener) -> None:
    host = now_playing(ann)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Nothing is playing."))
        assert "4 leads to the music" in host.text()
        await pilot.press("V", "t", "u", "a", "right")
        host.player.play(tracks("t2", "t3"))
        await until(pilot, lambda: host.row("Song 2") and not host.row("Nothing is playing."))


async def test_it_says_everything_and_the_spectrum_moves(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play(tracks("t2", "t3"))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: screen(host).is_moving and spectrum(host).painted > 3)
        await until(pilot, lambda: host.row("♪ First") and host.row("started in"))
        for words in ("Song 2", "Sigur Rós", "( )", "▶ playing", "kbit/s", "volume", "Song 3 · Sigur Rós", "/ 0:30"):
            assert host.row(words), words
        assert "█" in host.row("█")  # the wave, not the plain line
        assert "●" not in host.text().split("Feed")[1].split("BROWSE")[0].replace("● ", "")
        assert any("█" in line for line in host.lines()[-10:-1])
        assert not host.screen.query("NowPlayingBar.-shown")


async def test_it_holds_still_when_paused_and_while_something_lies_over_it(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play(tracks("t2"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: screen(host).is_moving and spectrum(host).painted > 1)
        await pilot.press("space")
        await until(pilot, lambda: not screen(host).is_moving)
        painted = spectrum(host).painted
        assert spectrum(host).rests
        for _ in range(20):
            await pilot.pause()
        assert spectrum(host).painted == painted
        await pilot.press("space")
        await until(pilot, lambda: screen(host).is_moving)
        front = screen(host)
        over: ModalScreen[None] = ModalScreen()
        await host.push_screen(over)
        await until(pilot, lambda: not front.is_moving)
        assert host.frame_seconds == pytest.approx(1 / 20)
        await host.pop_screen()
        await until(pilot, lambda: screen(host).is_moving)


async def test_the_visual_is_changed_by_key_and_kept(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play(tracks("t2"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: screen(host).is_moving)
        await pilot.press("V", "V")
        assert spectrum(host).visual is Visual.WAVE
        assert ann.session.visuals.visual == "wave"
        await until(pilot, lambda: any("⠀" < cell <= "⣿" for cell in host.text()))
        await pilot.press("V")
        assert not screen(host).is_moving
        assert not spectrum(host).display
        screen(host).action_next_visual("mirrored")
        await until(pilot, lambda: screen(host).is_moving and spectrum(host).visual is Visual.MIRRORED)
        screen(host).action_next_visual("fireworks")
        assert "no visual called fireworks" in host.said[-1]
    again = now_playing(ann)
    async with again.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: spectrum(again).visual is Visual.MIRRORED)


async def test_where_nothing_may_move_nothing_is_fetched_for_it(ann: Listener) -> None:
    host = now_playing(ann, Still)
    host.player.play(tracks("t2"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: ann.session.visuals.peaks("t2") is not None)
        await until(pilot, lambda: host.row("▶ playing"))
        assert not spectrum(host).display
        assert not screen(host).is_moving
        assert ann.session.visuals.spectrum("t2") is None
        await pilot.press("V")
        assert "motion" in host.said[-1]


async def test_a_track_without_a_picture_has_a_plain_line(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play([PlayableTrack(SILENT_TRACK, "Silent", "Nobody", duration_ms=60_000)])
    host.player.pause()
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("●━"))
        await ann.session.visuals.load_peaks(SILENT_TRACK)
        assert ann.session.visuals.peaks(SILENT_TRACK) is None
        assert not screen(host).is_moving


async def test_keys_and_mouse_seek_and_lead_to_album_and_artist(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play(tracks("t2", "t3"))
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.player.snapshot.position_s > 0.1)
        await pilot.press("right", "right")
        await until(pilot, lambda: host.player.snapshot.position_s >= 10)
        await pilot.press("left")
        await until(pilot, lambda: host.player.snapshot.position_s < 10)
        await pilot.press("enter")
        assert not host.player.snapshot.playing
        await pilot.press("enter")
        assert host.player.snapshot.playing
        volume = host.player.snapshot.volume
        await pilot.press("up", "down", "down")
        assert host.player.snapshot.volume == volume - 5
        await pilot.click(Waveform, offset=(57, 0))
        await until(pilot, lambda: 22 < host.player.snapshot.position_s < 25)
        await pilot.press("t", "u")
        await until(pilot, lambda: len(host.opened) == 2)
        assert isinstance(host.opened[0], AlbumPlace)
        assert isinstance(host.opened[1], ArtistPlace)
        await pilot.press("a")
        await until(pilot, lambda: ann.store.is_saved("tracks", "t2"))
        await pilot.press("J")
        await until(pilot, lambda: host.row("Song 3"))
        assert host.player.snapshot.track is not None
        assert host.player.snapshot.track.id == "t3"


async def test_a_click_on_a_line_of_the_words_goes_there(ann: Listener) -> None:
    host = now_playing(ann)
    host.player.play(tracks("t2"))
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("♪ First"))
        ann.session.visuals.nudge("t2", 500)
        await pilot.click("LyricsStrip", offset=(4, 2))
        await until(pilot, lambda: host.player.snapshot.position_s >= 20.5)
        await until(pilot, lambda: host.row("♪ Third"))


@pytest.mark.parametrize("title", ["長い題名" * 30, "اسم طويل " * 20])
async def test_it_fits_any_terminal(ann: Listener, title: str) -> None:
    host = now_playing(ann)
    host.player.play([PlayableTrack("t2", title, title, title, duration_ms=30_000)])
    async with host.run_test(size=NARROW) as pilot:
        for theme, size in (
            ("parlour-dark", (40, 10)),
            ("parlour-light", (60, 16)),
            ("parlour-dark", NARROW),
            ("parlour-light", BROAD),
            ("parlour-dark", HUGE),
        ):
            host.theme = theme
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: len(host.lines()) == size[1] and host.row(title[:4]) and host.row("0:30"))  # noqa: B023
            lines = host.lines()
            assert "BROWSE" in lines[-1]
            assert any("/ 0:30" in line for line in lines[size[1] // 2 :])


def test_the_room_is_never_more_than_there_is() -> None:
    for width, height, choices in product((20, 48, 80, 120, 200), range(4, 60), product((True, False), repeat=3)):
        cover, visual, words = choices
        room = room_in(width, height, cover=cover, visual=visual, words=words)
        assert room.top + room.wave + room.visual <= max(height, 5)
        assert min(room.heading, room.wave) >= 2
        assert 2 * room.cover <= width // 2


def test_a_narrow_terminal_still_has_the_picture_and_a_wide_one_a_large_one() -> None:
    assert room_in(76, 21, cover=True, visual=True).cover >= 12
    assert room_in(116, 33, cover=True, visual=True).cover >= 18
    assert room_in(196, 47, cover=True, visual=True).cover >= 24
    assert room_in(76, 21, cover=True, visual=True).visual >= 4


async def test_the_store_asks_again_until_it_is_made(ann: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.state import visuals

    monkeypatch.setattr(visuals, "ASKED_AGAIN_AFTER", (0.0,) * 5)
    store = ann.session.visuals
    told: list[str] = []
    store.subscribe(told.append)
    await store.load_peaks("t4")  # not rendered: nobody plays it
    assert store.peaks("t4") is None
    ticket = await ann.client.playback.stream("t4")
    await ann.client.media(ticket.url)
    monkeypatch.setattr(visuals, "ASKED_AGAIN_AFTER", (0.5,) * 50)
    await store.load_peaks("t4")
    assert len(store.peaks("t4") or b"") == 1000
    await store.load_spectrum("t4")
    sound = store.spectrum("t4")
    assert sound is not None
    frame = sound.at(15.0)
    assert frame.index(max(frame)) == 12  # the tone of 440 Hz
    assert sound.at(-1) == sound.at(1e6) == b""
    assert told.count("t4") >= 2


PLAYING = PlayerSnapshot(
    PlayableTrack("t", "Song", "Artist", "Album"), entry_id=1, duration_s=200.0, playing=True, volume=60
)


def test_the_facts_say_how_it_plays() -> None:
    stream = Streaming(160, is_automatic=True, size=1000, from_network=400, from_cache=100)
    shown = replace(
        PLAYING,
        stream=stream,
        started_in_ms=12,
        shuffle=True,
        repeat=Repeat.ONE,
        stops_after=True,
        sleep_left_s=125.0,
        crossfade_s=4.0,
        engine=EngineStatus("pulse"),
    )
    assert words_of(shown).facts == (
        "▶ playing · ⤮ shuffle · ↻ repeat one · stops after this · sleeps in 2 min",
        "160 kbit/s, auto · started in 12 ms",
        "volume 60 · pulse · crossfade 4 s",
    )
    assert buffered_in(shown) == 0.5
    kept = replace(shown, stream=Streaming(320, is_automatic=False, size=1000, from_cache=1000), place="kitchen")
    assert words_of(kept).facts[1:] == (
        "320 kbit/s · from this machine · started in 12 ms",
        "volume 60 · on kitchen · crossfade 4 s",
    )
    assert buffered_in(kept) == 1.0


def test_what_is_not_known_is_not_said() -> None:
    assert words_of(PLAYING).facts == ("▶ playing", "", "volume 60")
    assert words_of(replace(PLAYING, playing=False, muted=True)).facts == ("⏸ paused", "", "muted")
    assert words_of(replace(PLAYING, buffering=True)).facts[0] == "◌ fetching"
    assert words_of(PlayerSnapshot()).title == ""
    assert words_of(replace(PLAYING, error="The connection failed.")).trouble == "The connection failed."
    assert buffered_in(PLAYING) == 1.0
    assert buffered_in(replace(PLAYING, buffering=True)) == 0.0


async def test_what_comes_to_this_machine_brings_its_looks_with_it(ann: Listener, world: MusicWorld) -> None:
    visuals, downloads = ann.session.visuals, ann.session.downloads
    ticket = await ann.client.playback.stream("t4")
    await ann.client.media(ticket.url)
    here = {"t4"}
    downloads.has = here.__contains__  # type: ignore[method-assign]
    for _ in range(2):
        downloads.tell(DownloadChange(frozenset({"t4", "t5"})))
    async with asyncio.timeout(30):
        while visuals._tasks._running:
            await asyncio.wait(list(visuals._tasks._running))
    assert len(visuals.peaks("t4") or b"") == 1000
    assert visuals.peaks("t5") is None
    ann.client.offline = True
    await visuals.load_spectrum("t4")
    assert visuals.spectrum("t4") is not None
