"""The actions on the sound of this machine, and the timers behind them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.player.manual_clock import ManualClock
from tui.keys import Keymap
from tui.player.engine import AUTO_OUTPUT, Output
from tui.player.entry import Repeat
from tui.player.output_choice import SYSTEM_OUTPUT
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.sleep_timer import FADE_S, SleepTimer
from tui.player.source import AddressRule, StreamInfo
from tui.player.track import PlayableTrack
from tui.sound_actions import SoundActions
from widgets.now_playing_bar import ending_mark

HEADPHONES = Output("pulse/usb", "Headphones")


class Devices(SilentEngine):
    """A silent engine with something to choose from."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock, "")
        self.found: tuple[Output, ...] = (SYSTEM_OUTPUT, HEADPHONES)
        self.volumes: list[float] = []

    async def outputs(self) -> Sequence[Output]:
        return self.found

    def set_volume(self, volume: float) -> None:
        self.volumes.append(volume)


class Program(SoundActions):
    """The actions with a player under them."""

    keymap = Keymap()

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.engine = Devices(self.clock)
        shelf = SourceShelf(httpx.AsyncClient, refuse, AddressRule())
        self._player = Player(self.engine, shelf, lambda report: None, rng=random.Random(1), clock=self.clock)
        self.said: list[str] = []
        self.answer: str | None = None
        self.offered: list[str] = []
        self.is_remote = False
        self.session_state: object = None

    @property
    def local_player(self) -> Player:
        return self._player

    @property
    def backstage(self) -> Any:
        sound = SimpleNamespace(face=SimpleNamespace(is_remote=self.is_remote))
        return SimpleNamespace(sound=sound, group=SimpleNamespace(state=self.session_state))

    def say(self, sentence: str, severity: str = "information") -> None:
        self.said.append(sentence)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        self.offered = [words for _, words in options]
        return self.answer


async def refuse(_track_id: str, _quality: int | None) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")


@pytest.fixture
async def program() -> Program:
    made = Program()
    await made.local_player.open()
    return made


def play(program: Program, *names: str, seconds: float = 300.0) -> None:
    program.local_player.play([PlayableTrack(name, name, duration_ms=int(seconds * 1000)) for name in names])


async def test_it_stops_after_the_track_and_space_plays_the_next_one(program: Program) -> None:
    play(program, "a", "b", seconds=60)
    program.action_stop_after()
    assert program.local_player.snapshot.stops_after
    await program.clock.pass_by(70)
    state = program.local_player.snapshot
    assert (state.track.id, state.playing, state.position_s, state.stops_after) == ("b", False, 0.0, False)
    program.local_player.toggle()
    await program.clock.pass_by(5)
    assert program.local_player.snapshot.track.id == "b"
    assert program.said == ["It stops after this track."]


async def test_stopping_after_a_track_is_taken_back_by_the_same_key(program: Program) -> None:
    play(program, "a", "b", seconds=60)
    program.action_stop_after()
    program.action_stop_after()
    await program.clock.pass_by(65)
    assert program.local_player.snapshot.playing
    assert program.said[-1] == "It plays on after this track."


async def test_a_track_that_repeats_stops_too_and_an_empty_queue_has_nothing_to_stop(program: Program) -> None:
    program.action_stop_after()
    assert program.said == ["Nothing is in the queue. 4 leads to the music."]
    play(program, "a", seconds=60)
    program.local_player.set_repeat(Repeat.ONE)
    program.action_stop_after()
    await program.clock.pass_by(65)
    state = program.local_player.snapshot
    assert (state.track.id, state.playing) == ("a", False)


async def test_it_goes_quiet_slowly_at_the_time_that_was_set_and_is_as_loud_as_before_later(program: Program) -> None:
    program.local_player.set_volume(80)
    play(program, "a", seconds=3600)
    await program.action_sleep_timer("10")
    await program.clock.pass_by(300, step_s=10)
    assert program.local_player.snapshot.sleep_left_s == pytest.approx(300, abs=1)
    await program.clock.pass_by(300 - FADE_S - 1, step_s=10)
    assert program.engine.volumes[-1] == 80
    program.engine.volumes.clear()
    await program.clock.pass_by(FADE_S)
    assert program.engine.volumes == sorted(program.engine.volumes, reverse=True)
    assert program.engine.volumes[-1] < 20
    await program.clock.pass_by(2)
    state = program.local_player.snapshot
    assert (state.playing, state.sleep_left_s, state.volume) == (False, None, 80)
    assert program.engine.volumes[-1] == 80


async def test_the_same_key_takes_the_timer_back_also_while_it_fades(program: Program) -> None:
    play(program, "a", seconds=3600)
    await program.action_sleep_timer("1")
    await program.clock.pass_by(57)
    assert program.engine.volumes[-1] < 70
    await program.action_sleep_timer()
    assert program.engine.volumes[-1] == 100
    await program.clock.pass_by(60)
    assert program.local_player.snapshot.playing
    assert program.said[-1] == "The sleep timer is off."


@pytest.mark.parametrize(
    ("words", "left", "said"),
    [
        ("30", 1800, "It goes quiet in 30 min. ,z takes that back."),
        ("0.5 min", 30, "It goes quiet in 0.5 min. ,z takes that back."),
        ("off", None, "The sleep timer is off."),
        ("soon", None, "soon is no time in minutes. Try 30, or off."),
        ("-5", None, "-5 is no time in minutes. Try 30, or off."),
        ("99999", None, "99999 is no time in minutes. Try 30, or off."),
    ],
)
async def test_what_can_be_said_to_the_sleep_timer(program: Program, words: str, left: float | None, said: str) -> None:
    await program.action_sleep_timer(words)
    assert program.local_player.snapshot.sleep_left_s == left
    assert program.said == [said]


@pytest.mark.parametrize(("answer", "left", "stops"), [("45", 2700, False), ("this", None, True), (None, None, False)])
async def test_the_key_asks_for_the_time(program: Program, answer: str | None, left: float | None, stops: bool) -> None:
    program.answer = answer
    await program.action_sleep_timer()
    state = program.local_player.snapshot
    assert (state.sleep_left_s, state.stops_after) == (left, stops)
    assert program.offered[0] == "in 15 minutes"


@pytest.mark.parametrize(
    ("words", "seconds", "said"),
    [
        ("6", 6.0, "Each track fades into the next for 6 s, but not within an album."),
        ("2,5 s", 2.5, "Each track fades into the next for 2.5 s, but not within an album."),
        ("off", 0.0, "Tracks follow one another without a gap."),
        ("13", 3.0, "13 is not between 0 and 12 seconds."),
        ("x", 3.0, "x is not between 0 and 12 seconds."),
        ("", 3.0, "Each track fades into the next for 3 s, but not within an album. `:crossfade 6` sets it, 0 to 12."),
    ],
)
async def test_what_can_be_said_to_the_crossfade(program: Program, words: str, seconds: float, said: str) -> None:
    program.local_player.set_crossfade(3.0)
    program.action_crossfade(words)
    assert program.local_player.snapshot.crossfade_s == seconds
    assert program.said == [said]


async def test_in_a_session_tracks_do_not_fade(program: Program) -> None:
    program.session_state = object()
    program.action_crossfade("6")
    assert program.local_player.snapshot.crossfade_s == 0.0
    assert "everybody hears them at the same time" in program.said[-1]


@pytest.mark.parametrize(
    ("words", "chosen", "said"),
    [
        ("96", 96, "96 kbit/s, or as much as your plan has, from the next track on."),
        ("160K", 160, "160 kbit/s, or as much as your plan has, from the next track on."),
        ("auto", None, "The quality follows the line, from the next track on."),
        ("128", 320, "128 is no quality. Try auto, 320, 160 or 96."),
    ],
)
async def test_what_can_be_said_to_the_quality(program: Program, words: str, chosen: int | None, said: str) -> None:
    program.local_player.set_quality(320)
    await program.action_quality(words)
    assert program.local_player.quality == chosen
    assert program.local_player.snapshot.stream.is_automatic is (chosen is None)
    assert program.said == [said]


async def test_the_quality_is_chosen_from_a_menu(program: Program) -> None:
    program.answer = "160"
    await program.action_quality()
    assert program.offered == ["what the line carries", "320 kbit/s", "160 kbit/s", "96 kbit/s"]
    assert program.local_player.quality == 160


async def test_a_device_is_chosen_from_a_menu_or_by_a_part_of_its_name(program: Program) -> None:
    program.answer = HEADPHONES.name
    await program.action_choose_output()
    assert program.offered == ["● the system's own choice", "  Headphones  (pulse/usb)"]
    assert program.local_player.output == HEADPHONES.name
    await program.action_choose_output("auto")
    assert program.local_player.output == AUTO_OUTPUT
    await program.action_choose_output("headph")
    assert program.local_player.output == HEADPHONES.name
    await program.action_choose_output("nothing")
    assert program.local_player.output == HEADPHONES.name
    assert program.said[-2:] == [
        "Sound goes to Headphones.",
        "There is no sound device called nothing; , o lists them.",
    ]


async def test_where_there_is_no_device_that_is_said(program: Program) -> None:
    program.engine.found = (SYSTEM_OUTPUT,)
    await program.action_choose_output()
    assert program.said == ["There is no sound device to choose here."]


async def test_what_is_for_this_machine_is_not_done_while_another_one_plays(program: Program) -> None:
    program.is_remote = True
    program.action_stop_after()
    await program.action_sleep_timer("5")
    assert program.local_player.snapshot.sleep_left_s is None
    assert program.said == ["Another device plays: this is for the sound of this one."] * 2


def test_setting_the_timer_again_counts_from_then() -> None:
    clock, due = ManualClock(), []
    timer = SleepTimer(clock, lambda factor: None, lambda: due.append(clock.now - 1000))
    timer.set(100)
    clock.advance(50)
    timer.set(100)
    clock.advance(200)
    assert due == [pytest.approx(150, abs=0.2)]


@pytest.mark.parametrize(
    ("stops", "left", "mark"), [(False, None, ""), (True, None, "⇥"), (False, 1790.0, "☾30m"), (True, 5.0, "⇥ ☾1m")]
)
def test_the_bar_says_how_it_ends(stops: bool, left: float | None, mark: str) -> None:
    assert ending_mark(stops, left) == mark
