"""What goes wrong while something plays, over real sockets and the real libmpv: it goes on, or skips and says why."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.player.conftest import AudioServer
from tests.player.hurried_clock import HurriedClock
from tui.player.crossfade import CrossfadeEngine
from tui.player.engine import EngineUnavailable, Fault, Listener, Load, missing_libmpv_sentence
from tui.player.listening import PlaybackReport
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.source import SourceOptions
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.player.watchdog import SEEK_WITHIN_S, START_WITHIN_S, STILL_FOR_S

A_LITTLE = 0.1


class Watched(MpvEngine):
    """The real engine, and what was ordered of it."""

    def __init__(self) -> None:
        super().__init__(audio_output="null")
        self.loads: list[Load] = []
        self.news = asyncio.Event()

    def load(self, load: Load) -> None:
        self.loads.append(load)
        self.news.set()
        super().load(load)

    def stall(self) -> None:
        """Let mpv stand still without anybody having asked for that."""
        self._command("set", "pause", "yes")


class Room:
    """A player in a world of faults."""

    def __init__(self, shelf: SourceShelf, watch: Any) -> None:
        self.clock = HurriedClock()
        self.engines: list[Watched] = []
        self.reports: list[PlaybackReport] = []
        engine = CrossfadeEngine(self._engine, self.clock)
        self.player = Player(engine, shelf, self.reports.append, rng=random.Random(1), clock=self.clock)
        self.player.subscribe(watch)

    def _engine(self) -> Watched:
        self.engines.append(Watched())
        return self.engines[-1]

    @property
    def loads(self) -> list[Load]:
        return self.engines[0].loads

    async def ordered(self, count: int) -> None:
        """Wait until the first engine was told so often to load something."""
        async with asyncio.timeout(30):
            while len(self.loads) < count:
                self.engines[0].news.clear()
                await self.engines[0].news.wait()

    def told(self) -> list[str]:
        return [f"{each.event_type} {each.track_id}" for each in self.reports]


@pytest.fixture
def options() -> SourceOptions:
    """No waiting between attempts, and pieces so small that a track of a minute is many."""
    return SourceOptions(retry_delays_s=(0.0, 0.0, 0.0), head=48 * 1024, slice=64 * 1024)


@pytest.fixture
async def room(shelf: SourceShelf, watch: Any) -> AsyncIterator[Room]:
    made = Room(shelf, watch)
    yield made
    await made.player.close()


def track(name: str, seconds: float = 60.0) -> PlayableTrack:
    return PlayableTrack(name, f"Song {name}", duration_ms=int(seconds * 1000))


def playing(name: str, past_s: float = 0.0) -> Callable[[PlayerSnapshot], bool]:
    def wanted(state: PlayerSnapshot) -> bool:
        return bool(state.track and state.track.id == name and state.playing and state.position_s > past_s)

    return wanted


async def test_an_address_that_expires_in_the_middle_is_renewed_unheard(
    room: Room, server: AudioServer, watch: Any, large: bytes
) -> None:
    fault = server.put("a", large, cut_each_at=50_000)
    room.player.play([track("a")])
    await server.asked(1)
    fault.expired_answers = 2
    await watch.until(playing("a", 0.1))
    room.player.seek_to(58.5)
    end = await watch.until(lambda state: not state.playing)
    assert end.error == ""
    assert server.signed >= 3
    assert room.told() == ["start a", "seek a", "complete a"]


async def test_a_line_that_is_cut_and_comes_back_is_not_heard(
    room: Room, server: AudioServer, watch: Any, large: bytes
) -> None:
    server.put("a", large, cut_each_at=30_000)
    room.player.play([track("a")])
    await watch.until(playing("a", 0.1))
    room.player.seek_to(58.5)
    end = await watch.until(lambda state: not state.playing)
    assert (end.error, room.told()[-1]) == ("", "complete a")
    assert len(server.log) > 6
    assert len(room.loads) == 1


async def test_a_server_that_is_gone_holds_the_track_and_space_goes_on_where_it_was(
    room: Room, server: AudioServer, watch: Any, large: bytes
) -> None:
    fault = server.put("a", large, hold_at=150_000)
    room.player.play([track("a"), track("b")])
    await watch.until(playing("a", 0.1))
    await server.stop()
    room.player.seek_to(35.0)
    room.clock.hurry(SEEK_WITHIN_S + A_LITTLE)
    held = await watch.until(lambda state: state.error and not state.playing)
    assert held.track.id == "a"
    assert held.position_s == pytest.approx(35.0, abs=1.0)
    fault.hold_at = None
    await server.start()
    watch.seen.clear()
    room.player.toggle()
    back = await watch.until(playing("a", 35.2))
    assert back.error == ""


async def test_a_track_that_is_not_there_is_skipped_with_a_sentence(
    room: Room, server: AudioServer, watch: Any, long_tone: bytes
) -> None:
    server.put("b", long_tone)
    room.player.play([track("a"), track("b")])
    state = await watch.until(playing("b", 0.1))
    assert state.error == f"Song a: {Fault.NOT_FOUND.sentence}"


async def test_a_track_of_which_nothing_comes_is_asked_for_again_and_then_skipped(
    room: Room, server: AudioServer, watch: Any, large: bytes, long_tone: bytes
) -> None:
    server.put("a", large, hold_at=0)
    server.put("b", long_tone)
    room.player.play([track("a"), track("b")])
    for loads in range(1, 4):
        await room.ordered(loads)
        room.clock.hurry(START_WITHIN_S + A_LITTLE)
    state = await watch.until(playing("b", 0.1))
    assert state.error == f"Song a: {Fault.SLOW.sentence}"
    assert room.told() == ["start b"]


async def test_a_seek_that_nothing_comes_of_is_made_again(
    room: Room, server: AudioServer, watch: Any, large: bytes
) -> None:
    fault = server.put("a", large, hold_at=150_000)
    room.player.play([track("a")])
    await watch.until(playing("a", 0.1))
    room.player.seek_to(40.0)
    room.clock.hurry(SEEK_WITHIN_S + A_LITTLE)
    await room.ordered(2)
    fault.release.set()
    await watch.until(playing("a", 40.1))
    assert [load.start_s for load in room.loads] == [0.0, pytest.approx(40.0)]
    assert room.told().count("start a") == 1


async def test_a_sound_that_stands_still_is_set_going_again_where_it_stood(
    room: Room, server: AudioServer, watch: Any, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    room.player.play([track("a")])
    await watch.until(playing("a", 0.3))
    room.engines[0].stall()
    async with asyncio.timeout(30):
        while len(room.loads) < 2:
            room.clock.hurry(STILL_FOR_S / 4)
            await asyncio.sleep(0)
    assert room.loads[1].start_s > 0.2
    await watch.until(playing("a", room.loads[1].start_s + 0.2))
    assert room.told() == ["start a"]


async def test_without_libmpv_time_passes_and_the_player_says_what_to_install(
    server: AudioServer, shelf: SourceShelf, watch: Any
) -> None:
    class Missing(MpvEngine):
        async def open(self, listener: Listener) -> None:
            raise EngineUnavailable(missing_libmpv_sentence())

    clock = HurriedClock()
    player = Player(CrossfadeEngine(Missing, clock), shelf, lambda report: None, clock=clock)
    player.subscribe(watch)
    player.play([track("a")])
    state = await watch.until(playing("a"))
    assert state.engine.sentence.startswith("libmpv is missing: ")
    await player.close()


async def test_nothing_is_loaded_for_who_plays_nothing_and_a_highlighted_track_is_enough(
    room: Room, server: AudioServer, watch: Any, tone: bytes
) -> None:
    server.put("a", tone)
    room.player.set_volume(40)
    room.player.set_shuffle(True)
    assert room.engines[0]._core is None
    room.player.warm(track("a"))
    await room.player.open()
    assert room.engines[0]._core is not None


async def test_what_was_ordered_before_the_engine_was_there_is_what_it_does(
    room: Room, server: AudioServer, watch: Any, long_tone: bytes
) -> None:
    for name in "ab":
        server.put(name, long_tone)
    room.player.play([track("a"), track("b")])
    room.player.next()
    room.player.seek_to(30.0)
    room.player.pause()
    state = await watch.until(lambda each: each.started_in_ms is not None)
    assert (state.track.id, state.playing) == ("b", False)
    room.player.resume()
    await watch.until(playing("b", 30.1))
    assert len(room.loads) == 1


async def opening(room: Room, server: AudioServer, watch: Any) -> None:
    room.player.play([track("a")])


async def waiting_for_bytes(room: Room, server: AudioServer, watch: Any) -> None:
    server.faults["a"].hold_at = 0
    room.player.play([track("a")])
    await server.asked(1)


async def paused(room: Room, server: AudioServer, watch: Any) -> None:
    room.player.play([track("a"), track("b")])
    await watch.until(playing("a", 0.1))
    room.player.pause()


async def fading(room: Room, server: AudioServer, watch: Any) -> None:
    room.player.set_crossfade(4.0)
    room.player.play([track("a"), track("b")])
    await watch.until(playing("a", 0.1))
    room.player.seek_to(57.0)
    await watch.until(playing("b", 0.1))
    assert len(room.engines) == 2


async def seeking_without_bytes(room: Room, server: AudioServer, watch: Any) -> None:
    server.faults["a"].hold_at = 200_000
    room.player.play([track("a")])
    await watch.until(playing("a", 0.1))
    room.player.seek_to(55.0)


async def given_up(room: Room, server: AudioServer, watch: Any) -> None:
    room.player.play([track(name) for name in "xyz"])
    await watch.until(lambda state: state.error and not state.playing)


@pytest.mark.parametrize("state", [opening, waiting_for_bytes, paused, fading, seeking_without_bytes, given_up])
async def test_leaving_ends_every_thread_in_each_state(
    room: Room, server: AudioServer, watch: Any, large: bytes, state: Callable[..., Awaitable[None]]
) -> None:
    before = set(threading.enumerate())
    for name in "ab":
        server.put(name, large)
    await state(room, server, watch)
    async with asyncio.timeout(30):
        await room.player.close()
    # mpv's own threads that called Python have stand-ins for ever, and the loop keeps its pool.
    others = ("Dummy-", "asyncio_")
    own = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith(others)}
    for thread in own:
        thread.join(5.0)
    assert not {thread.name for thread in own if thread.is_alive()}


async def test_two_tracks_fade_into_one_another_in_two_real_engines(
    room: Room, server: AudioServer, watch: Any, long_tone: bytes
) -> None:
    for name in "abc":
        server.put(name, long_tone)
    room.player.set_crossfade(1.0)
    room.player.play([track("a"), track("b"), track("c")])
    await watch.until(playing("a", 0.1))
    room.player.seek_to(56.5)
    turned = await watch.until(playing("b", 0.0))
    assert turned.position_s < 3.0
    await watch.until(playing("b", 1.1))
    room.player.seek_to(56.5)
    await watch.until(playing("c", 1.1))
    assert len(room.engines) == 2
    assert [len(engine.loads) for engine in room.engines] == [2, 1]
    assert room.told() == ["start a", "seek a", "start b", "complete a", "seek b", "start c", "complete b"]
