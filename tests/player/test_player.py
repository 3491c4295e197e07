"""The player on the real engine: going on, skipping what is broken, and what the platform is told."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tui.player.engine import SILENT_SENTENCE
from tui.player.entry import Repeat
from tui.player.listening import PlaybackReport
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.track import PlayableTrack, PlayerSnapshot


def track(name: str, seconds: float = 1.2) -> PlayableTrack:
    return PlayableTrack(name, f"Song {name}", "Ada", "Notes", int(seconds * 1000), "", "album", "notes")


@pytest.fixture
def reports() -> list[PlaybackReport]:
    return []


@pytest.fixture
async def player(shelf: SourceShelf, watch: Any, reports: list[PlaybackReport]) -> AsyncIterator[Player]:
    made = Player(MpvEngine(audio_output="null"), shelf, reports.append, rng=random.Random(1))
    await made.open()
    made.subscribe(watch)
    yield made
    await made.close()


def playing(name: str, past_s: float = 0.0) -> Any:
    def wanted(state: PlayerSnapshot) -> bool:
        return bool(state.track and state.track.id == name and state.playing and state.position_s > past_s)

    return wanted


def told(reports: list[PlaybackReport]) -> list[str]:
    return [f"{each.event_type} {each.track_id}" for each in reports]


async def test_a_list_plays_to_its_end_and_every_event_is_told_once(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], tone: bytes
) -> None:
    server.put("a", tone)
    server.put("b", tone)
    player.play([track("a"), track("b")])
    first = await watch.until(playing("a"))
    assert first.engine.sentence == SILENT_SENTENCE
    assert (first.quality, first.queue_length, first.upcoming) == (160, 2, 1)
    assert first.started_in_ms is not None
    await server.asked(2)
    assert (server.log[1][0], player.snapshot.track.id) == ("b", "a")
    await watch.until(playing("b"))
    end = await watch.until(lambda state: not state.playing)
    assert end.track is not None
    assert (end.track.id, end.error) == ("b", "")
    assert told(reports) == ["start a", "complete a", "start b", "complete b"]
    assert reports[1].position_ms == pytest.approx(1200, abs=60)
    stamps = [each.timestamp_ms for each in reports]
    assert stamps == sorted(set(stamps))
    assert (reports[0].context_type, reports[0].context_id) == ("album", "notes")


async def test_next_goes_on_at_once_and_tells_of_a_skip(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], long_tone: bytes
) -> None:
    for name in "ab":
        server.put(name, long_tone)
    player.play([track("a", 60), track("b", 60)])
    await watch.until(playing("a", 0.1))
    player.next()
    await watch.until(playing("b", 0.1))
    player.previous()
    await watch.until(playing("a", 0.1))
    assert told(reports) == ["start a", "skip a", "start b", "skip b", "start a"]
    assert reports[1].position_ms >= 100


async def test_a_damaged_track_is_said_and_the_next_one_plays(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], long_tone: bytes
) -> None:
    server.put("a", b"not audio at all" * 99)
    server.put("b", long_tone)
    player.play([track("a"), track("b", 60)])
    state = await watch.until(playing("b", 0.1))
    assert state.error == "Song a: The file of this track is damaged or is not audio."
    assert told(reports) == ["start b"]


async def test_a_track_cut_by_the_network_is_not_complete(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], large: bytes, long_tone: bytes
) -> None:
    server.put("a", large, cut_for_ever_at=250_000)
    server.put("b", long_tone)
    player.play([track("a", 60), track("b", 60)])
    await watch.until(playing("a"))
    player.seek_to(50.0)
    state = await watch.until(playing("b", 0.1))
    assert "cut this track off" in state.error
    assert told(reports) == ["start a", "seek a", "start b"]


async def test_it_gives_up_after_three_broken_tracks_in_a_row(player: Player, server: Any, watch: Any) -> None:
    player.set_repeat(Repeat.ALL)
    player.play([track(name) for name in "abcdef"])
    end = await watch.until(lambda state: state.error and not state.playing)
    assert end.error == "3 tracks in a row could not be played. This track is not on the server."
    assert end.track.id == "c"
    server.put("d", b"")
    assert {name for name, _ in server.log} <= set("abcd")


async def test_an_expired_address_is_renewed_unheard(player: Player, server: Any, watch: Any, long_tone: bytes) -> None:
    server.put("a", long_tone, expired_answers=2)
    player.play([track("a", 60)])
    state = await watch.until(playing("a", 0.1))
    assert (state.error, server.signed) == ("", 3)


async def test_repeat_one_plays_again_and_counts_as_a_play_of_its_own(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], tone: bytes
) -> None:
    server.put("a", tone)
    server.put("b", tone)
    player.set_repeat(Repeat.ONE)
    player.play([track("a"), track("b")])
    await watch.until(playing("a", 0.4))
    await watch.until(lambda state: 0.05 < state.position_s < 0.35)
    player.next()
    await watch.until(playing("b"))
    assert told(reports)[:3] == ["start a", "complete a", "start a"]


async def test_pausing_holds_and_a_track_change_while_paused_stays_paused(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], long_tone: bytes
) -> None:
    for name in "ab":
        server.put(name, long_tone)
    player.play([track("a", 60), track("b", 60)])
    await watch.until(playing("a", 0.1))
    player.toggle()
    player.next()
    state = await watch.until(lambda each: each.track.id == "b" and each.started_in_ms is not None)
    assert not state.playing
    assert told(reports) == ["start a", "skip a"]
    player.toggle()
    await watch.until(playing("b", 0.1))
    assert told(reports)[-1] == "start b"


async def test_seeking_moves_and_is_told_once_it_rests(
    player: Player, server: Any, watch: Any, reports: list[PlaybackReport], long_tone: bytes
) -> None:
    server.put("a", long_tone)
    player.play([track("a", 60)])
    await watch.until(playing("a", 0.1))
    for _ in range(5):
        player.seek_by(5.0)
    await watch.until(playing("a", 25.2))
    player.stop()
    assert [each.event_type for each in reports] == ["start", "seek", "skip"]
    assert reports[1].position_ms >= 25_000


async def test_what_changes_in_the_queue_changes_what_is_prepared(
    player: Player, server: Any, watch: Any, tone: bytes
) -> None:
    for name in "abx":
        server.put(name, tone)
    player.play([track("a"), track("b")])
    await watch.until(playing("a"))
    player.play_next([track("x")])
    player.remove(player.queue.upcoming[1].entry_id)
    await watch.until(playing("x"))
    assert player.undo() == 1
    await watch.until(playing("b"))


async def test_removing_what_plays_goes_on_with_the_next(
    player: Player, server: Any, watch: Any, long_tone: bytes
) -> None:
    for name in "ab":
        server.put(name, long_tone)
    player.play([track("a", 60), track("b", 60)])
    state = await watch.until(playing("a", 0.1))
    player.remove(state.entry_id)
    await watch.until(playing("b", 0.1))


async def test_volume_is_clamped_and_mute_gives_it_back(player: Player) -> None:
    player.set_volume(140)
    assert player.snapshot.volume == 100
    player.change_volume(-30)
    player.toggle_mute()
    assert (player.snapshot.volume, player.snapshot.muted) == (70, True)
    player.change_volume(5)
    assert (player.snapshot.volume, player.snapshot.muted) == (75, False)


async def test_a_session_is_brought_back_paused_and_goes_on_where_it_was(
    player: Player, server: Any, shelf: SourceShelf, watch: Any, long_tone: bytes
) -> None:
    for name in "ab":
        server.put(name, long_tone)
    player.set_volume(40)
    player.play([track("a", 60), track("b", 60)], start=1)
    await watch.until(playing("b"))
    player.seek_to(20.0)
    kept = player.save()
    player.stop()
    player.play([])
    player.restore(kept)
    state = player.snapshot
    assert (state.track.id, state.playing, state.volume) == ("b", False, 40)
    assert state.position_s == pytest.approx(20.0, abs=0.5)
    watch.seen.clear()
    player.toggle()
    await watch.until(playing("b", 20.1))


@pytest.mark.parametrize("damage", [{"format": 7}, {"queue": None}, {"volume": "loud"}, {"position_s": -1}])
async def test_a_damaged_session_is_refused(player: Player, damage: dict[str, Any]) -> None:
    kept = player.save()
    with pytest.raises(ValueError, match=r"."):
        player.restore(kept | damage)


async def test_positions_are_published_at_most_four_times_a_second(
    player: Player, server: Any, watch: Any, long_tone: bytes
) -> None:
    server.put("a", long_tone)
    player.play([track("a", 60)])
    await watch.until(playing("a", 0.3))
    watch.seen.clear()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    first = await watch.until(playing("a"))
    for _ in range(2):
        last = await watch.until(playing("a"))
    assert loop.time() - begun >= 0.45
    assert last.position_s - first.position_s == pytest.approx(0.5, abs=0.3)


async def test_closing_is_quick_and_leaves_no_thread(server: Any, shelf: SourceShelf, watch: Any, large: bytes) -> None:
    before = set(threading.enumerate())
    player = Player(MpvEngine(audio_output="null"), shelf, lambda event: None)
    await player.open()
    player.subscribe(watch)
    server.put("a", large, hold_at=210_000)
    player.play([track("a", 60), track("b")])
    await watch.until(playing("a", 0.1))
    async with asyncio.timeout(30):
        await player.close()
    # A thread of mpv's own that called Python has a stand-in here for ever, and the loop keeps its pool.
    others = ("Dummy-", "asyncio_")
    own = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith(others)}
    for thread in own:
        thread.join(1.0)
    assert not {thread for thread in own if thread.is_alive()}


async def test_a_subscriber_that_left_hears_nothing(player: Player, watch: Any) -> None:
    heard: list[PlayerSnapshot] = []
    leave = player.subscribe(heard.append)
    leave()
    watch.seen.clear()
    player.set_volume(10)
    await watch.until(lambda state: state.volume == 10)
    assert heard == []
