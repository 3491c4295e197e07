"""Where the song is between two reports, and when a line of its words begins."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.player.song_clock import LyricCue, SongClock
from tui.player.track import PlayableTrack, PlayerSnapshot

PLAYING = PlayerSnapshot(PlayableTrack("t1", "Song"), entry_id=1, duration_s=200.0, playing=True)
FRAME_S = 0.05
"""A line may be late by this at most."""


class _Timer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Hours:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, int, _Timer]] = []
        self._serial = itertools.count()

    def monotonic(self) -> float:
        return self.now

    def wall_ms(self) -> int:
        return int(self.now * 1000)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> _Timer:
        timer = _Timer(call)
        heapq.heappush(self._due, (self.now + delay_s, next(self._serial), timer))
        return timer

    @property
    def waiting(self) -> int:
        return sum(timer.call is not None for _, _, timer in self._due)

    def until(self, end: float) -> None:
        while self._due and self._due[0][0] <= end:
            self.now, _, timer = heapq.heappop(self._due)
            if timer.call is not None:
                timer.call()
        self.now = end


def reports(song: SongClock, hours: Hours, lags: list[float], start: float = 0.0) -> float:
    """Let the song play from `start`, with a report each quarter of a second that is `lags` old; return the truth."""
    began = hours.now - start
    for number, lag in enumerate(lags, 1):
        hours.until(began + start + number * 0.25)
        song.follow(replace(PLAYING, position_s=max(hours.now - began - lag, 0.0)))
    return hours.now - began


@given(st.lists(st.floats(0, 0.1), min_size=12, max_size=40), st.floats(0, 0.25))
def test_it_is_never_ahead_and_soon_close_to_the_truth(lags: list[float], later: float) -> None:
    hours = Hours()
    song = SongClock(hours)
    truth = reports(song, hours, lags)
    hours.until(hours.now + later)
    assert song.position_s <= truth + later + 1e-6
    recent = min(lags[5:])
    assert truth + later - song.position_s <= recent + 0.1 * 0.12 * len(lags[5:]) + 1e-6
    assert truth + later - song.position_s <= 0.1 + 1e-6


def test_the_report_that_is_furthest_ahead_is_believed() -> None:
    hours = Hours()
    song = SongClock(hours)
    truth = reports(song, hours, [0.09, 0.0, 0.09, 0.09] * 6)
    assert truth - song.position_s < 0.025


def test_a_pause_and_a_wait_for_bytes_hold_it() -> None:
    hours = Hours()
    song = SongClock(hours)
    song.follow(replace(PLAYING, position_s=10.0))
    hours.until(hours.now + 1)
    assert song.position_s == pytest.approx(11.0)
    song.follow(replace(PLAYING, position_s=11.0, buffering=True))
    hours.until(hours.now + 5)
    assert song.position_s == 11.0
    song.follow(replace(PLAYING, position_s=11.0, playing=False))
    hours.until(hours.now + 5)
    assert (song.position_s, song.moves) == (11.0, False)


@pytest.mark.parametrize("to", [3.0, 100.0, 10.5])
def test_a_seek_is_believed_at_once(to: float) -> None:
    hours = Hours()
    song = SongClock(hours)
    reports(song, hours, [0.0] * 40)
    song.follow(replace(PLAYING, position_s=to))
    assert song.position_s == pytest.approx(to)


def test_it_stops_at_the_end_and_does_not_count_on_for_ever() -> None:
    hours = Hours()
    song = SongClock(hours)
    song.follow(replace(PLAYING, position_s=199.0))
    hours.until(hours.now + 60)
    assert song.position_s == 200.0
    song.follow(replace(PLAYING, position_s=5.0))
    hours.until(hours.now + 60)
    assert song.position_s < 10


def test_each_line_is_told_within_fifty_ms_of_its_time() -> None:
    hours = Hours()
    song = SongClock(hours)
    told: list[tuple[int, float]] = []
    began = hours.now
    cue = LyricCue(hours, song, lambda line: told.append((line, hours.now - began)))
    times = [0.4, 1.13, 1.21, 4.0, 7.77]
    cue.set_times(times)
    for number in range(40):
        lag = 0.04 if number % 3 else 0.0
        song.follow(replace(PLAYING, position_s=max(hours.now - began - lag, 0.0)))
        cue.follow()
        hours.until(began + (number + 1) * 0.25)
    assert [line for line, _ in told] == [0, 1, 2, 3, 4]
    for (_, at), time in zip(told, times, strict=True):
        assert 0 <= at - time <= FRAME_S


def test_nothing_waits_while_the_song_stands_still_or_behind_the_last_line() -> None:
    hours = Hours()
    song = SongClock(hours)
    cue = LyricCue(hours, song, lambda _: None)
    cue.set_times([1.0, 2.0])
    song.follow(replace(PLAYING, position_s=0.5, playing=False))
    cue.follow()
    assert hours.waiting == 0
    song.follow(replace(PLAYING, position_s=0.5))
    cue.follow()
    assert hours.waiting == 1
    hours.until(hours.now + 3)
    assert (cue.line, hours.waiting) == (1, 0)


def test_a_jump_back_tells_the_earlier_line() -> None:
    hours = Hours()
    song = SongClock(hours)
    told: list[int] = []
    cue = LyricCue(hours, song, told.append)
    cue.set_times([1.0, 2.0, 3.0])
    for position in (2.5, 0.2, 3.1):
        song.follow(replace(PLAYING, position_s=position))
        cue.follow()
    assert told == [1, -1, 2]
