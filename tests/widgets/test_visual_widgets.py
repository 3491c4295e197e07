"""Waveform, spectrum, heading and the lines below: what they draw cell by cell, and what the mouse does with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widget import Widget

from widgets.lyrics_strip import LyricsStrip
from widgets.motion import Motion
from widgets.next_up import NextUp, Upcoming
from widgets.now_playing_bar import NowPlaying, NowPlayingBar
from widgets.spectrum import SpectrumView, Visual
from widgets.spectrum_bars import Bars
from widgets.spectrum_frames import bar_rows, bars_in, mirrored_rows, spread, wave_rows
from widgets.track_heading import Part, TrackHeading, TrackWords, rows_of
from widgets.waveform import Waveform, columns, wave_texts
from widgets.wrapping import cells


class Stage(App[None]):
    """One widget, and what it posted."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.told: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"muted": "#999999", "faint": "#666666"}

    def on_waveform_sought(self, message: Waveform.Sought) -> None:
        self.told.append(message.seconds)

    def on_track_heading_chosen(self, message: TrackHeading.Chosen) -> None:
        self.told.append(message.part)

    def on_lyrics_strip_line_chosen(self, message: LyricsStrip.LineChosen) -> None:
        self.told.append(message.number)

    def on_next_up_chosen(self, message: NextUp.Chosen) -> None:
        self.told.append(message.key)

    def on_now_playing_bar_sought(self, message: NowPlayingBar.Sought) -> None:
        self.told.append(round(message.fraction, 2))

    def on_now_playing_bar_toggled(self) -> None:
        self.told.append("toggled")

    def on_now_playing_bar_opened(self) -> None:
        self.told.append("opened")

    def on_now_playing_bar_muted(self) -> None:
        self.told.append("muted")

    def on_now_playing_bar_turned(self, message: NowPlayingBar.Turned) -> None:
        self.told.append(message.by)

    def lines(self) -> list[str]:
        return [self.widget.render_line(y).text for y in range(self.widget.size.height)]


# -- frames


def test_bars_stand_on_the_ground_with_caps_above() -> None:
    assert bar_rows([0.0, 0.5, 1.0], [0.0, 0.7, 1.0], 5, 2) == ["  ─ █", "  █ █"]
    assert bar_rows([1 / 16, 0.3125], [0.0, 0.3125], 4, 2) == ["    ", "▁ ▅ "]


def test_a_reflection_hangs_from_the_middle() -> None:
    assert mirrored_rows([1.0, 0.5, 0.0], 5, 2) == ["█ ▄  ", "█ ▀  "]
    assert mirrored_rows([1.0], 1, 3) == ["█", "█", "█"]


def test_a_wave_is_its_own_mirror_image() -> None:
    assert wave_rows([1.0, 1.0], 2, 2) == ["⣿⣿", "⣿⣿"]
    assert wave_rows([0.0, 0.0], 2, 2) == ["⣀⣀", "⠉⠉"]
    assert wave_rows([0.0, 0.0], 2, 3) == ["  ", "⠶⠶", "  "]


@pytest.mark.parametrize("draw", [lambda h, w, r: bar_rows(h, h, w, r), mirrored_rows, wave_rows])
@pytest.mark.parametrize(("width", "rows"), [(1, 1), (3, 2), (37, 5), (76, 6), (120, 9), (196, 12)])
def test_every_frame_fills_its_room(draw: Callable[..., list[str]], width: int, rows: int) -> None:
    heights = [n % 7 / 6 for n in range(bars_in(width)[0])]
    made = draw(heights, width, rows)
    assert [len(line) for line in made] == [width] * rows


def test_bands_are_spread_over_the_bars_in_their_order() -> None:
    assert spread(bytes([0, 255]), 3) == [0.0, 0.5, 1.0]
    assert spread(bytes(range(0, 256, 51)), 6) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert spread(b"", 4) == []


def test_bars_rise_at_once_fall_by_weight_and_come_to_rest() -> None:
    bars = Bars(2)
    bars.move([1.0, 0.5], 1 / 30)
    assert bars.heights == [1.0, 0.5]
    fallen = []
    for _ in range(200):
        bars.move((), 1 / 30)
        fallen.append(bars.heights[0])
        assert bars.caps[0] >= bars.heights[0]
    steps = [before - after for before, after in zip([1.0, *fallen], fallen, strict=False)][:8]
    assert steps == sorted(steps)
    assert bars.rests


def test_bars_do_not_fall_below_the_sound() -> None:
    bars = Bars(1)
    for _ in range(50):
        bars.move([0.7], 1 / 30)
        bars.move([0.6], 1 / 30)
    assert 0.6 <= bars.heights[0] <= 0.7


# -- the waveform


def test_a_wave_has_the_shape_of_its_peaks() -> None:
    heights = columns(bytes([255] * 50 + [0] * 50), 4)
    assert heights == (1.0, 1.0, 0.0, 0.0)
    assert wave_texts(heights, 2) == ["██  ", "██▁▁"]
    assert wave_texts((1.0, 0.0), 4) == ["█ ", "█ ", "█▁", "█▔"]
    assert columns(b"", 10) == ()


async def test_the_wave_tells_what_was_heard_and_where_it_is() -> None:
    wave = Waveform()
    wave.styles.height = 3
    app = Stage(wave)
    async with app.run_test(size=(40, 5)) as pilot:
        wave.show_peaks(bytes([128] * 100))
        wave.show_place(50.0, 200.0, buffered=0.5, note="fetching…")
        await pilot.pause()
        assert app.lines()[2] == "0:50           fetching…    -2:30 / 3:20"
        styles = [segment.style for segment in wave.render_line(1)]
        lengths = [len(segment.text) for segment in wave.render_line(1)]
        assert lengths == [11, 9, 20]  # heard, at hand, still to be fetched
        assert len({style.color for style in styles if style is not None}) == 3


async def test_without_peaks_there_is_a_line_and_without_a_track_nothing() -> None:
    wave = Waveform()
    app = Stage(wave)
    async with app.run_test(size=(20, 5)) as pilot:
        assert [line.strip() for line in app.lines()] == ["", "", ""]
        wave.show_place(0.0, 60.0)
        await pilot.pause()
        assert app.lines() == [" " * 20, "●" + "━" * 19, "0:00    -1:00 / 1:00"]


async def test_click_drag_and_wheel_seek_and_the_pointer_tells_the_time() -> None:
    wave = Waveform()
    app = Stage(wave)
    async with app.run_test(size=(100, 5)) as pilot:
        wave.show_place(30.0, 200.0)
        await pilot.pause()
        await pilot.hover(wave, offset=(50, 0))
        assert " 1:41 " in app.lines()[2]
        await pilot.click(wave, offset=(25, 1))
        assert app.told == [pytest.approx(51.0)]
        await pilot.mouse_down(wave, offset=(10, 1))
        await pilot.hover(wave, offset=(90, 1))
        assert app.told == [pytest.approx(51.0)]  # nothing is sought before the button is let go
        await pilot.mouse_up(wave, offset=(75, 1))
        assert app.told[1:] == [pytest.approx(151.0)]
        await pilot._post_mouse_events([events.MouseScrollDown], wave, offset=(3, 1))
        await pilot.pause()
        assert app.told[2:] == [35.0]
        await pilot.click(wave, offset=(0, 1))
        assert app.told[3:] == [0.0]


# -- the spectrum


async def test_the_spectrum_moves_only_when_it_is_told_and_starts_anew_in_another_size() -> None:
    view = SpectrumView()
    view.styles.height = 4
    app = Stage(view)
    async with app.run_test(size=(40, 10)) as pilot:
        assert {line.strip() for line in app.lines()} == {""}
        view.advance(bytes([255] * 32), 1 / 30)
        assert set("".join(app.lines())) == {"█", " "}
        before = app.lines()
        await pilot.pause(0.1)
        assert (app.lines(), view.painted) == (before, 1)
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert [len(line) for line in app.lines()] == [20] * 4
        view.show(Visual.WAVE)
        view.advance(bytes([255] * 32), 1 / 30)
        assert "⣿" in app.lines()[1]
        view.show(Visual.OFF)
        view.advance(bytes([255] * 32), 1 / 30)
        assert {line.strip() for line in app.lines()} == {""}


def test_the_key_goes_through_all_visuals() -> None:
    seen = [Visual.BARS]
    for _ in range(4):
        seen.append(seen[-1].following())
    assert seen == [Visual.BARS, Visual.MIRRORED, Visual.WAVE, Visual.OFF, Visual.BARS]


async def test_motion_calls_until_it_is_stopped_and_leaves_no_timer() -> None:
    calls: list[float] = []
    enough = asyncio.Event()

    def frame(seconds: float) -> None:
        calls.append(seconds)
        if len(calls) == 3:
            motion.stop()
            enough.set()

    motion = Motion(frame, lambda: 0.001)
    assert not motion.alive
    motion.start()
    motion.start()
    assert motion.alive
    async with asyncio.timeout(30):
        await enough.wait()
    assert not motion.alive
    assert len(calls) == 3
    motion.start()
    timer = motion._timer
    motion.stop()
    assert timer is not None
    assert timer.cancelled()
    assert all(0 < seconds <= 0.25 for seconds in calls)


# -- words


def test_a_long_title_takes_two_rows_and_what_is_wrong_stands_before_the_facts() -> None:
    words = TrackWords("word " * 40, "Artist", "Album", ("playing", "320 kbit/s", "volume 70"), "no sound")
    rows = rows_of(words, 30, 8)
    assert [part for part, _ in rows] == [
        Part.TITLE, Part.TITLE, Part.ARTIST, Part.ALBUM, Part.TROUBLE, Part.FACT, Part.FACT, Part.FACT
    ]  # fmt: skip
    assert rows[1][1].endswith("…")
    assert [part for part, _ in rows_of(words, 30, 5)][-1] is Part.TROUBLE
    assert (Part.GAP, "") in rows_of(TrackWords("t", "a", "b", ("f",)), 30, 8)


@pytest.mark.parametrize("title", ["長い題名" * 30, "عنوان طويل جدا " * 10, "👨‍👩‍👧 family " * 20, "x" * 500, ""])
async def test_any_title_fits_its_room(title: str) -> None:
    heading = TrackHeading()
    app = Stage(heading)
    async with app.run_test(size=(33, 12)) as pilot:
        heading.show(TrackWords(title, title, title, (title,), title))
        await pilot.pause()
        assert [heading.render_line(y).cell_length for y in range(8)] == [33] * 8
        assert all(cells(line) == 33 for line in app.lines())


async def test_artist_and_album_can_be_clicked_and_nothing_else() -> None:
    heading = TrackHeading()
    app = Stage(heading)
    async with app.run_test(size=(30, 10)) as pilot:
        heading.show(TrackWords("Title", "Artist", "Album", ("playing",)))
        await pilot.pause()
        for y in range(5):
            await pilot.click(heading, offset=(1, y))
        assert app.told == [Part.ARTIST, Part.ALBUM]


async def test_the_line_that_is_sung_stays_in_sight_and_a_click_names_it() -> None:
    strip = LyricsStrip()
    strip.styles.height = 3
    app = Stage(strip)
    async with app.run_test(size=(20, 6)) as pilot:
        strip.show([f"line {n}" for n in range(10)])
        await pilot.pause()
        assert [line.strip() for line in app.lines()] == ["line 0", "line 1", "line 2"]
        strip.sing(5)
        assert [line.strip() for line in app.lines()] == ["line 4", "♪ line 5", "line 6"]
        strip.sing(9)
        assert [line.strip() for line in app.lines()] == ["line 7", "line 8", "♪ line 9"]
        await pilot.click(strip, offset=(2, 0))
        assert app.told == [7]


async def test_what_comes_next_is_listed_and_can_be_chosen() -> None:
    below = NextUp()
    below.styles.height = 2
    app = Stage(below)
    async with app.run_test(size=(30, 6)) as pilot:
        below.show([], "nothing")
        assert app.lines()[0].split() == ["next", "nothing"]
        below.show([Upcoming(7, "A very long name of a track", "3:00"), Upcoming(8, "短い", "0:10")])
        await pilot.pause()
        assert app.lines() == ["next  A very long name o… 3:00", "      短い                0:10"]
        await pilot.click(below, offset=(8, 1))
        assert app.told == [8]


# -- the bar at the bottom


@pytest.mark.parametrize("title", ["Short", "長い題名" * 40, "x" * 300])
async def test_the_bar_fits_every_width(title: str) -> None:
    bar = NowPlayingBar()
    app = Stage(bar)
    async with app.run_test(size=(80, 3)) as pilot:
        for width, note in product((20, 39, 40, 80, 120, 200), ("", "no sound device: playing silently")):
            await pilot.resize_terminal(width, 3)
            bar.now = NowPlaying(
                title, "Artist", 61, 200, playing=True, note=note, shuffle=True, repeat="one", quality=320
            )
            await pilot.pause()
            content = bar.render()
            assert content.cell_length <= width - 2
            assert "1:01" in content.plain
            if note and width >= 80:
                assert note in content.plain


async def test_the_bar_seeks_toggles_mutes_opens_and_turns() -> None:
    bar = NowPlayingBar()
    app = Stage(bar)
    async with app.run_test(size=(100, 3)) as pilot:
        bar.now = NowPlaying("Song", "Artist", 50, 100, playing=True)
        await pilot.pause()
        text = bar.render().plain
        assert text.startswith("▶ Song · Artist")
        await pilot.click(bar, offset=(1, 0))
        await pilot.click(bar, offset=(5, 0))
        await pilot.click(bar, offset=(1 + text.index("vol"), 0))
        await pilot.click(bar, offset=(1 + text.index("━"), 0))
        await pilot.click(bar, offset=(1 + text.rindex("─"), 0))
        assert app.told == ["toggled", "opened", "muted", 0.0, 1.0]
        bar.now = NowPlaying("Song", "Artist", 50, 100, buffering=True)
        assert bar.render().plain.startswith("◌")
        bar.now = NowPlaying("Song", "Artist", 50, 100)
        assert bar.render().plain.startswith("⏸")
