"""Without libmpv: a silent engine on a clock of its own, and the rules of what counts as listening."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tui.player.clock import Timer
from tui.player.entry import Repeat
from tui.player.listening import Listening, PlaybackReport, Reporter
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule, StreamInfo
from tui.player.track import PlayableTrack, PlayerSnapshot


class ManualTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class ManualClock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, int, ManualTimer]] = []
        self._serial = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def wall_ms(self) -> int:
        return int(self.now * 1000)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = ManualTimer(call)
        heapq.heappush(self._due, (self.now + delay_s, next(self._serial), timer))
        return timer

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, timer = heapq.heappop(self._due)
            if timer.call is not None:
                timer.call()
        self.now = end


async def refuse(_track_id: str, _quality: int | None) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")


class Stage:
    """A player that is silent, and everything it said."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.clock = ManualClock()
        self.reports: list[PlaybackReport] = []
        self.states: list[PlayerSnapshot] = []
        engine = SilentEngine(self.clock, "libmpv is missing")
        shelf = SourceShelf(lambda: client, refuse, AddressRule())
        self.player = Player(engine, shelf, self.reports.append, rng=random.Random(5), clock=self.clock)
        self.player.subscribe(self.states.append)

    def told(self) -> list[str]:
        return [f"{each.event_type} {each.track_id} {each.position_ms}" for each in self.reports]


def track(name: str, seconds: float) -> PlayableTrack:
    return PlayableTrack(name, name, duration_ms=int(seconds * 1000))


@pytest.fixture
async def stage(client: httpx.AsyncClient) -> Stage:
    made = Stage(client)
    await made.player.open()
    return made


async def test_time_passes_tracks_end_and_the_reason_of_the_silence_is_shown(stage: Stage) -> None:
    stage.player.play([track("a", 100), track("b", 50)])
    stage.clock.advance(10)
    state = stage.player.snapshot
    assert state.position_s == pytest.approx(10, abs=0.2)
    assert (state.engine.audio_output, state.engine.sentence) == ("null", "libmpv is missing")
    stage.clock.advance(141)
    assert not stage.player.snapshot.playing
    assert stage.told() == [
        "start a 0",
        "progress a 30000",
        "complete a 100000",
        "start b 0",
        "progress b 30000",
        "complete b 50000",
    ]


async def test_pausing_stops_the_time(stage: Stage) -> None:
    stage.player.play([track("a", 100)])
    stage.clock.advance(10)
    stage.player.toggle()
    stage.clock.advance(500)
    stage.player.toggle()
    stage.clock.advance(5)
    assert stage.player.snapshot.position_s == pytest.approx(15, abs=0.3)


async def test_a_seek_to_forty_seconds_does_not_count_as_thirty_seconds_heard(stage: Stage) -> None:
    stage.player.play([track("a", 300)])
    stage.clock.advance(5)
    stage.player.seek_to(40)
    stage.clock.advance(20)
    assert not any(each.event_type == "progress" for each in stage.reports)
    stage.clock.advance(6)
    assert [each.event_type for each in stage.reports] == ["start", "seek", "progress"]


async def test_a_track_that_is_sought_or_held_before_it_sounds_still_begins(stage: Stage) -> None:
    stage.player.play([track("a", 300)])
    stage.player.seek_to(40)
    stage.clock.advance(5)
    assert stage.player.snapshot.position_s == pytest.approx(45, abs=0.3)
    stage.player.play([track("b", 300)])
    stage.player.pause()
    stage.player.resume()
    stage.clock.advance(5)
    assert stage.player.snapshot.position_s == pytest.approx(5, abs=0.3)
    assert [each.event_type for each in stage.reports] == ["start", "seek", "skip", "start"]


async def test_repeat_one_counts_each_play(stage: Stage) -> None:
    stage.player.set_repeat(Repeat.ONE)
    stage.player.play([track("a", 40), track("b", 40)])
    stage.clock.advance(119)
    kinds = [each.event_type for each in stage.reports]
    assert kinds == ["start", "progress", "complete"] * 2 + ["start", "progress"]


async def test_previous_above_three_seconds_restarts_the_track(stage: Stage) -> None:
    stage.player.play([track("a", 60), track("b", 60)])
    stage.player.next()
    stage.clock.advance(4)
    stage.player.previous()
    stage.clock.advance(1)
    state = stage.player.snapshot
    assert (state.track and state.track.id, state.position_s < 1.5) == ("b", True)
    assert [each.event_type for each in stage.reports if each.track_id == "b"] == ["start", "seek"]
    stage.player.previous()
    stage.clock.advance(0.5)
    state = stage.player.snapshot
    assert (state.track and state.track.id) == "a"


async def test_subscribers_hear_a_change_once_and_positions_four_times_a_second(stage: Stage) -> None:
    stage.player.play([track("a", 60)])
    stage.clock.advance(1)
    stage.states.clear()
    stage.clock.advance(10)
    assert 36 <= len(stage.states) <= 41
    stage.states.clear()
    stage.player.set_volume(10)
    stage.player.toggle_mute()
    stage.player.set_shuffle(True)
    stage.clock.advance(0)
    assert [(state.volume, state.muted, state.shuffle) for state in stage.states] == [(10, True, True)]


async def test_a_track_of_unknown_length_is_left_with_a_sentence(stage: Stage) -> None:
    stage.player.play([track("a", 0), track("b", 10)])
    stage.clock.advance(2)
    state = stage.player.snapshot
    assert (state.track and state.track.id) == "b"
    assert state.error == "a: The length of this track is not known."


class Meter:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.reports: list[PlaybackReport] = []
        self.listening = Listening(track("a", 300), Reporter(self.clock, self.reports.append))
        self.listening.begin(0.0)
        self.listening.seeked(0.0)

    def hear(self, to_s: float, took_s: float) -> None:
        self.clock.advance(took_s)
        self.listening.tick(to_s)

    def kinds(self) -> list[str]:
        return [each.event_type for each in self.reports]


def test_a_play_counts_at_thirty_seconds_and_not_a_millisecond_before() -> None:
    meter = Meter()
    for step in range(1, 30):
        meter.hear(step, 1.0)
    meter.hear(29.999, 0.999)
    assert meter.kinds() == ["start"]
    meter.hear(30.0, 0.001)
    assert meter.kinds() == ["start", "progress"]
    assert meter.reports[1].position_ms == 30_000
    meter.hear(31.0, 1.0)
    assert meter.kinds() == ["start", "progress"]


def test_a_jump_that_took_no_time_is_not_listening() -> None:
    meter = Meter()
    meter.hear(5.0, 5.0)
    meter.hear(100.0, 0.1)
    assert meter.listening.listened_ms == 5_000


def test_going_back_and_listening_again_counts_with_a_position_the_platform_accepts() -> None:
    meter = Meter()
    meter.hear(20.0, 20.0)
    meter.listening.seeked(0.0)
    meter.hear(10.0, 10.0)
    assert meter.reports[-1].event_type == "progress"
    assert meter.reports[-1].position_ms == 30_000


@pytest.mark.parametrize("end", ["complete", "skip"])
def test_a_play_ends_once(end: str) -> None:
    meter = Meter()
    finish: Any = getattr(meter.listening, end)
    finish(12.0)
    meter.listening.skip(13.0)
    meter.listening.complete(14.0)
    meter.listening.report_seek(3.0)
    assert meter.kinds() == ["start", end]


def test_events_in_the_same_millisecond_get_different_times() -> None:
    meter = Meter()
    meter.listening.report_seek(1.0)
    meter.listening.skip(1.0)
    stamps = [each.timestamp_ms for each in meter.reports]
    assert len(set(stamps)) == 3
    assert stamps == sorted(stamps)
