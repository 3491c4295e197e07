"""Tracks that fade into one another: the curve, the moments, and whatever a listener does in between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.player.manual_clock import ManualClock, turns
from tui.player.crossfade import RAMP_STEP_S, CrossfadeEngine, fade_in, fade_out
from tui.player.engine import (
    Engine,
    EngineEvent,
    EngineStatus,
    EngineUnavailable,
    Listener,
    Load,
    Started,
    Ticked,
)
from tui.player.entry import Entry, Repeat
from tui.player.listening import PlaybackReport
from tui.player.play import fade_between
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule, StreamInfo
from tui.player.track import PlayableTrack


class Speaker(SilentEngine):
    """A silent engine that knows how loud it would be."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock, "")
        self.volume = 100.0
        self.is_closed = False

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    async def close(self) -> None:
        self.is_closed = True
        await super().close()

    @property
    def power(self) -> float:
        """What it adds to the power of the sound, 0 to 1."""
        sounds = self._load is not None and not self._paused
        return (self.volume / 100) ** 6 if sounds else 0.0


class Hall:
    """A player whose engines can be looked at."""

    def __init__(self, seconds: float = 0.0, make: Callable[[Hall], Engine] | None = None) -> None:
        self.clock = ManualClock()
        self.speakers: list[Speaker] = []
        self.reports: list[PlaybackReport] = []
        self.engine = CrossfadeEngine(lambda: make(self) if make else self.speaker(), self.clock)
        shelf = SourceShelf(httpx.AsyncClient, refuse, AddressRule())
        self.player = Player(self.engine, shelf, self.reports.append, rng=random.Random(3), clock=self.clock)
        self.player.set_crossfade(seconds)

    def speaker(self) -> Speaker:
        self.speakers.append(Speaker(self.clock))
        return self.speakers[-1]

    async def open(self) -> Hall:
        await self.player.open()
        return self

    @property
    def powers(self) -> list[float]:
        return sorted((speaker.power for speaker in self.speakers), reverse=True)

    @property
    def playing(self) -> tuple[str, float]:
        state = self.player.snapshot
        assert state.track is not None
        return state.track.id, state.position_s

    def told(self) -> list[str]:
        return [f"{each.event_type} {each.track_id}" for each in self.reports]


async def refuse(_track_id: str, _quality: int | None) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")


def track(name: str, seconds: float = 60.0, album: str = "") -> PlayableTrack:
    return PlayableTrack(name, name, duration_ms=int(seconds * 1000), album_id=album)


@given(st.floats(0, 1))
def test_the_power_of_both_together_is_always_that_of_one(progress: float) -> None:
    amplitudes = [gain**3 for gain in (fade_in(progress), fade_out(progress))]
    assert sum(each**2 for each in amplitudes) == pytest.approx(1.0, abs=1e-9)


def test_a_fade_begins_and_ends_in_silence() -> None:
    assert (fade_in(0), fade_out(1)) == (0, pytest.approx(0, abs=1e-5))
    assert (fade_in(1), fade_out(0)) == (1, 1)
    steps = [each / 50 for each in range(51)]
    assert sorted(map(fade_in, steps)) == [fade_in(step) for step in steps]


async def test_the_next_track_begins_before_the_end_and_both_sound_together() -> None:
    hall = await Hall(4.0).open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(55.5)
    assert hall.playing == ("a", pytest.approx(55.5, abs=0.2))
    assert hall.powers == [1.0, 0.0]
    await hall.clock.pass_by(2.5)
    assert hall.playing == ("b", pytest.approx(2.0, abs=0.2))
    assert min(hall.powers) > 0.3
    assert sum(hall.powers) == pytest.approx(1.0, abs=0.02)
    await hall.clock.pass_by(2.5)
    assert hall.powers == [1.0, 0.0]
    assert hall.told() == ["start a", "progress a", "start b", "complete a"]
    await hall.clock.pass_by(60)
    assert hall.told()[-1] == "complete b"
    assert sum(hall.powers) == 0


async def test_the_second_engine_is_made_shortly_before_it_is_needed_and_only_then() -> None:
    hall = await Hall(0.0).open()
    hall.player.play([track("a"), track("b"), track("c")])
    await hall.clock.pass_by(70)
    assert hall.playing[0] == "b"
    assert len(hall.speakers) == 1
    hall.player.set_crossfade(5.0)
    await hall.clock.pass_by(30)
    assert len(hall.speakers) == 1
    await hall.clock.pass_by(18)
    assert len(hall.speakers) == 2
    await hall.player.close()
    assert all(speaker.is_closed for speaker in hall.speakers)


class Endless(Speaker):
    """Plays files of which it cannot tell the length until `tells`."""

    tells = False

    async def open(self, listener: Listener) -> None:
        def heard(event: EngineEvent) -> None:
            listener(replace(event, duration_s=None) if isinstance(event, Ticked) and not self.tells else event)

        await super().open(heard)

    @property
    def follows(self) -> int | None:
        """The load that it goes on with by itself."""
        return self._queued.load_id if self._queued else None


async def test_after_a_track_of_unknown_length_the_next_one_joins_on() -> None:
    hall = await Hall(4.0, lambda hall: Endless(hall.clock)).open()
    front = hall.engine._front
    assert isinstance(front, Endless)
    hall.player.play([track("a", 20), track("b", 20)])
    await hall.clock.pass_by(19)
    assert (hall.playing[0], front.follows) == ("a", 2)
    await hall.clock.pass_by(2)
    assert hall.playing == ("b", pytest.approx(1.0, abs=0.3))
    assert (hall.engine._front, hall.engine._second) == (front, None)
    assert hall.told() == ["start a", "start b", "complete a"] or hall.told() == ["start a", "complete a", "start b"]


async def test_a_length_that_becomes_known_late_lets_the_tracks_fade_after_all() -> None:
    hall = await Hall(4.0, lambda hall: Endless(hall.clock)).open()
    front = hall.engine._front
    assert isinstance(front, Endless)
    hall.player.play([track("a", 20), track("b", 20)])
    await hall.clock.pass_by(8)
    assert front.follows == 2
    front.tells = True
    await hall.clock.pass_by(1)
    assert front.follows is None
    await hall.clock.pass_by(9)
    assert hall.playing[0] == "b"
    assert hall.engine.fading


async def test_a_second_fade_uses_the_same_two_engines() -> None:
    hall = await Hall(2.0).open()
    hall.player.play([track(name, 20) for name in "abcd"])
    await hall.clock.pass_by(3 * 18 + 10)
    assert hall.playing == ("d", pytest.approx(10, abs=0.5))
    assert len(hall.speakers) == 2


async def test_an_album_in_its_own_order_is_left_as_it_is() -> None:
    hall = await Hall(4.0).open()
    hall.player.play([track("a", album="x"), track("b", album="x"), track("c", album="y")])
    await hall.clock.pass_by(58)
    assert hall.playing == ("a", pytest.approx(58, abs=0.3))
    await hall.clock.pass_by(60)
    assert hall.playing == ("c", pytest.approx(2, abs=0.3))


@pytest.mark.parametrize(
    ("second", "fade"),
    [
        (Entry(2, "b", track("b", album="x")), 0.0),
        (Entry(3, "b", track("b", album="x")), 5.0),
        (Entry(2, "b", track("b", album="y")), 5.0),
        (Entry(2, "b", track("b", 6.0)), 3.0),
        (Entry(2, "b", track("b", 0.0)), 5.0),
    ],
    ids=["its album", "its album in another order", "another album", "short", "of unknown length"],
)
def test_how_long_a_fade_is(second: Entry[PlayableTrack], fade: float) -> None:
    first = Entry(1, "a", track("a", album="x"))
    assert fade_between(first, second, 5.0) == fade
    assert fade_between(first, first, 5.0) == 0.0


async def test_a_track_that_repeats_does_not_fade_into_itself() -> None:
    hall = await Hall(5.0).open()
    hall.player.set_repeat(Repeat.ONE)
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(58)
    assert hall.playing == ("a", pytest.approx(58, abs=0.3))
    await hall.clock.pass_by(4)
    assert hall.playing == ("a", pytest.approx(2, abs=0.3))
    assert len(hall.speakers) == 1


async def in_the_middle_of_a_fade() -> Hall:
    hall = await Hall(4.0).open()
    hall.player.play([track("a"), track("b"), track("c")])
    await hall.clock.pass_by(58)
    assert hall.engine.fading
    return hall


async def test_a_pause_holds_the_fade_where_it_is() -> None:
    hall = await in_the_middle_of_a_fade()
    hall.player.pause()
    volumes = [speaker.volume for speaker in hall.speakers]
    await hall.clock.pass_by(30)
    assert hall.powers == [0.0, 0.0]
    hall.player.resume()
    assert [speaker.volume for speaker in hall.speakers] == pytest.approx(volumes, abs=1e-6)
    await hall.clock.pass_by(1)
    assert hall.engine.fading
    assert sum(hall.powers) == pytest.approx(1.0, abs=0.02)
    await hall.clock.pass_by(1.5)
    assert hall.powers == [1.0, 0.0]


def heard_of(hall: Hall, track_id: str) -> list[tuple[str, int]]:
    """What was told of a track after its start, with the seconds it was listened to."""
    told = [each for each in hall.reports if each.track_id == track_id and each.event_type != "start"]
    return [(each.event_type, round((each.listened_ms or 0) / 1000)) for each in told]


async def test_the_end_that_fades_away_is_listened_to_and_counts() -> None:
    hall = await Hall(12.0).open()
    hall.player.play([track("a", 36), track("b", 60)])
    await hall.clock.pass_by(26)
    assert hall.playing[0] == "b"
    assert heard_of(hall, "a") == [], "it still sounds"
    await hall.clock.pass_by(30)
    assert heard_of(hall, "a") == [("progress", 36), ("complete", 36)]
    assert [report.position_ms for report in hall.reports if report.event_type == "complete"] == [36_000]


@pytest.mark.parametrize(
    "act",
    [Player.next, Player.stop, Player.settle, lambda player: player.seek_to(20.0), lambda player: player.remove(2)],
    ids=["skip", "stop", "leaving", "seek", "removal"],
)
async def test_of_a_fade_that_is_cut_short_only_what_sounded_was_listened_to(act: Callable[[Player], Any]) -> None:
    hall = await Hall(12.0).open()
    hall.player.play([track("a", 36), track("b"), track("c")])
    await hall.clock.pass_by(27)
    hall.player.pause()
    await hall.clock.pass_by(100)
    hall.player.resume()
    await hall.clock.pass_by(1)
    assert hall.playing[0] == "b"
    act(hall.player)
    assert heard_of(hall, "a") == [("complete", 28)], "not the thirty seconds that count"
    await hall.clock.pass_by(100)
    assert len(heard_of(hall, "a")) == 1


async def test_a_second_engine_that_is_just_being_made_is_ended_with_the_program() -> None:
    made = asyncio.Event()

    class Slow(Speaker):
        async def open(self, listener: Listener) -> None:
            if self is not hall.speakers[0]:
                await asyncio.shield(asyncio.create_task(made.wait()))
            await super().open(listener)

    def make(hall: Hall) -> Engine:
        hall.speakers.append(Slow(hall.clock))
        return hall.speakers[-1]

    hall = Hall(4.0, make)
    await hall.open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(52)
    assert len(hall.speakers) == 2
    closing = asyncio.create_task(hall.player.close())
    await turns()
    made.set()
    async with asyncio.timeout(30):
        await closing
    assert all(speaker.is_closed for speaker in hall.speakers)


@pytest.mark.parametrize(
    ("act", "playing"),
    [
        (lambda player: player.next(), "c"),
        (lambda player: player.seek_to(30.0), "b"),
        (lambda player: player.jump(1), "a"),
        (lambda player: player.previous(), "a"),
    ],
    ids=["skip", "seek", "jump", "previous"],
)
async def test_whoever_goes_elsewhere_hears_one_track_as_loud_as_ever(
    act: Callable[[Player], Any], playing: str
) -> None:
    hall = await in_the_middle_of_a_fade()
    hall.player.set_volume(50)
    act(hall.player)
    await hall.clock.pass_by(0.5)
    assert hall.playing[0] == playing
    assert hall.powers == [pytest.approx(0.5**6), 0.0]


async def test_stopping_in_a_fade_ends_both() -> None:
    hall = await in_the_middle_of_a_fade()
    hall.player.stop()
    await hall.clock.pass_by(0.1)
    assert hall.powers == [0.0, 0.0]
    await hall.clock.pass_by(100)
    assert hall.told()[-1] == "skip b"


async def test_the_volume_counts_in_a_fade_too() -> None:
    hall = await in_the_middle_of_a_fade()
    hall.player.set_volume(50)
    assert sum(hall.powers) == pytest.approx(0.5**6, rel=0.02)
    await hall.clock.pass_by(0.5)
    assert sum(hall.powers) == pytest.approx(0.5**6, rel=0.02)
    hall.player.toggle_mute()
    assert sum(hall.powers) == 0


async def test_another_track_queued_next_after_this_one_was_made_ready_is_the_one_that_comes() -> None:
    hall = await Hall(4.0).open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(54)
    hall.player.play_next([track("x")])
    await hall.clock.pass_by(4)
    assert hall.playing == ("x", pytest.approx(2.0, abs=0.2))


async def test_a_seek_near_the_end_fades_over_what_is_left() -> None:
    hall = await Hall(8.0).open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(10)
    hall.player.seek_to(57)
    await hall.clock.pass_by(1.5)
    assert hall.playing[0] == "b"
    assert sum(hall.powers) == pytest.approx(1.0, abs=0.02)
    await hall.clock.pass_by(2)
    assert hall.powers == [1.0, 0.0]


async def test_where_there_is_no_second_engine_tracks_follow_one_another() -> None:
    class NoMore(SilentEngine):
        async def open(self, listener: Listener) -> None:
            raise EngineUnavailable("there is only one")

    def make(hall: Hall) -> Engine:
        return NoMore(hall.clock, "") if hall.speakers else hall.speaker()

    hall = await Hall(4.0, make).open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(58)
    assert hall.playing == ("a", pytest.approx(58, abs=0.3))
    await hall.clock.pass_by(4)
    assert hall.playing == ("b", pytest.approx(2, abs=0.3))
    assert hall.told() == ["start a", "progress a", "complete a", "start b"]


async def test_a_second_engine_that_cannot_have_the_device_is_not_used() -> None:
    class Heard(Speaker):
        @property
        def status(self) -> EngineStatus:
            return EngineStatus.of_output("null" if self is not hall.speakers[0] else "alsa")

    def make(hall: Hall) -> Engine:
        hall.speakers.append(Heard(hall.clock))
        return hall.speakers[-1]

    hall = Hall(4.0, make)
    await hall.open()
    hall.player.play([track("a"), track("b")])
    await hall.clock.pass_by(62)
    assert hall.playing == ("b", pytest.approx(2, abs=0.3))
    assert [speaker.power for speaker in hall.speakers] == [1.0, 0.0]


async def test_the_start_of_a_track_that_fails_is_told_before_its_time() -> None:
    """The next one in the queue cannot be played: the current track goes on to its end."""
    hall = await Hall(4.0).open()
    hall.player.play([track("a"), track("b", 0.0), track("c")])
    await hall.clock.pass_by(58)
    assert hall.playing == ("a", pytest.approx(58, abs=0.3))
    await hall.clock.pass_by(4)
    assert hall.playing[0] == "c"
    assert hall.player.snapshot.error.startswith("b: ")


OPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.01, 14.0)),
    st.tuples(st.just("pause"), st.just(0.0)),
    st.tuples(st.just("resume"), st.just(0.0)),
    st.tuples(st.just("next"), st.just(0.0)),
    st.tuples(st.just("previous"), st.just(0.0)),
    st.tuples(st.just("seek"), st.floats(0.0, 1.0)),
    st.tuples(st.just("stop"), st.just(0.0)),
    st.tuples(st.just("volume"), st.floats(1, 100)),
    st.tuples(st.just("crossfade"), st.floats(0, 12)),
    st.tuples(st.just("shuffle"), st.floats(0, 1)),
    st.tuples(st.just("remove"), st.just(0.0)),
    st.tuples(st.just("last"), st.floats(0, 1)),
)


def act(player: Player, name: str, value: float) -> None:
    match name:
        case "pause":
            player.pause()
        case "resume":
            player.resume()
        case "next":
            player.next()
        case "previous":
            player.previous()
        case "seek":
            player.seek_to(value * player.snapshot.duration_s)
        case "stop":
            player.stop()
        case "volume":
            player.set_volume(int(value))
        case "crossfade":
            player.set_crossfade(value)
        case "shuffle":
            player.set_shuffle(value > 0.5)
        case "last":
            player.set_stops_after(value > 0.5)
        case "remove" if player.queue.upcoming:
            player.remove(player.queue.upcoming[0].entry_id)


def holds(hall: Hall) -> None:
    """What is true at every moment."""
    state, power = hall.player.snapshot, sum(hall.powers)
    assert len(hall.speakers) <= 2
    allowed = (state.volume / 100) ** 6
    assert power <= allowed * 1.02
    if not state.playing:
        assert power == 0
    elif hall.engine.fading:
        assert power >= allowed * 0.98
    else:
        assert [each for each in hall.powers if each] in ([], [pytest.approx(allowed)])


def each_play_is_told_whole(reports: list[PlaybackReport]) -> None:
    """Of each play a start, then at most one end of it, and nothing after that; two at most are open at once."""
    open_plays: dict[str | None, str] = {}
    for report in reports:
        if report.event_type == "start":
            open_plays[report.play_id] = report.track_id
        else:
            assert open_plays[report.play_id] == report.track_id
            if report.event_type in ("complete", "skip"):
                del open_plays[report.play_id]
        assert len(open_plays) <= 2


@settings(deadline=None, max_examples=60)
@given(st.lists(OPS, max_size=25), st.lists(st.floats(3.0, 40.0), min_size=2, max_size=6))
def test_whatever_is_done_there_is_one_sound_or_a_fade_and_never_more(
    ops: list[tuple[str, float]], lengths: list[float]
) -> None:
    async def run() -> None:
        hall = await Hall(4.0).open()
        hall.player.play([track(f"t{number}", length) for number, length in enumerate(lengths)])
        for name, value in ops:
            if name == "wait":
                await hall.clock.pass_by(value)
            else:
                act(hall.player, name, value)
            await turns()
            hall.clock.advance(RAMP_STEP_S)
            await turns()
            holds(hall)
        hall.player.set_stops_after(False)
        hall.player.resume()
        await hall.clock.pass_by(sum(lengths) + 30, step_s=2.0)
        holds(hall)
        assert not hall.player.snapshot.playing
        each_play_is_told_whole(hall.reports)

    asyncio.run(run())


async def test_an_order_given_while_the_end_is_told_wins() -> None:
    """The listener may answer the end of a track with another load: the track that was to come is not told as begun."""
    clock = ManualClock()
    engine = CrossfadeEngine(lambda: Speaker(clock), clock)
    started: list[int] = []

    def listener(event: Any) -> None:
        if isinstance(event, Started):
            started.append(event.load_id)
        elif getattr(event, "reason", "") == "finished" and event.load_id == 1:
            engine.load(Load(3, None, duration_s=30.0))

    await engine.open(listener)
    engine.load(Load(1, None, duration_s=20.0))
    clock.advance(0.0)
    engine.queue_next(Load(2, None, duration_s=20.0, fade_s=4.0))
    await clock.pass_by(18)
    assert started == [1, 3]
