"""What plays is found again after a restart, also after one that nobody wished."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.player.manual_clock import ManualClock, turns
from tui.config import PlayerSection
from tui.kept_player import PLACE_EACH_S, STORED_AFTER_S, KeptPlayer
from tui.player.entry import Repeat
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import AddressRule, StreamInfo
from tui.player.track import PlayableTrack


async def refuse(_track_id: str, _quality: int | None) -> StreamInfo:
    raise AssertionError("a silent engine fetches nothing")


class Run:
    """One run of the program over the same files; it is never closed unless told to, as if it were killed."""

    def __init__(self, folder: Path, client: httpx.AsyncClient, **settings: Any) -> None:
        self.clock = ManualClock()
        shelf = SourceShelf(lambda: client, refuse, AddressRule())
        engine = SilentEngine(self.clock, "")
        self.player = Player(engine, shelf, lambda report: None, rng=random.Random(2), clock=self.clock)
        self.file = folder / "player.json"
        self.kept = KeptPlayer(self.player, self.file, PlayerSection(**settings), self.clock)

    async def open(self) -> Run:
        await self.kept.open()
        return self

    async def pass_by(self, seconds: float) -> None:
        await self.clock.pass_by(seconds)
        await self.kept.written()
        await turns()


Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path, client: httpx.AsyncClient) -> Start:
    async def made(**settings: Any) -> Run:
        return await Run(tmp_path, client, **settings).open()

    return made


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as made:
        yield made


def tracks(count: int) -> list[PlayableTrack]:
    return [PlayableTrack(f"t{number}", f"Song {number}", duration_ms=300_000) for number in range(count)]


async def test_a_program_that_is_killed_finds_queue_modes_and_place_again(start: Start) -> None:
    first = await start()
    first.player.play(tracks(5), start=1)
    first.player.set_repeat(Repeat.ALL)
    first.player.set_shuffle(True)
    first.player.set_volume(33)
    await first.pass_by(0.5)  # the engine is made
    for _ in range(99):
        # Second by second: the disk has its time, which the clock in hand does not give it.
        await first.pass_by(1)
    order = [entry.entry_id for entry in first.player.queue.upcoming]

    second = await start()
    state = second.player.snapshot
    assert state.track is not None
    assert (state.track.id, state.playing, state.volume) == ("t1", False, 33)
    assert (state.repeat, state.shuffle) == (Repeat.ALL, True)
    assert [entry.entry_id for entry in second.player.queue.upcoming] == order
    assert 100 - PLACE_EACH_S - 2 * STORED_AFTER_S <= state.position_s <= 100


async def test_closing_stores_the_last_place(start: Start) -> None:
    first = await start()
    first.player.play(tracks(2))
    await first.pass_by(0.5)  # the engine is made
    await first.pass_by(5)
    await first.kept.close()
    assert (await start()).player.snapshot.position_s == pytest.approx(5.0, abs=0.2)


async def test_a_pause_is_stored_where_it_was_made(start: Start) -> None:
    first = await start()
    first.player.play(tracks(2))
    await first.pass_by(3)
    first.player.seek_to(200)
    first.player.pause()
    await first.pass_by(2 * STORED_AFTER_S)
    assert (await start()).player.snapshot.position_s == pytest.approx(200, abs=0.1)


async def test_the_place_of_a_track_before_is_not_that_of_the_next(start: Start) -> None:
    first = await start()
    first.player.play(tracks(3))
    await first.pass_by(50)
    first.player.next()
    first.player.pause()
    await first.pass_by(2 * STORED_AFTER_S)
    state = (await start()).player.snapshot
    assert (state.track.id, state.position_s) == ("t1", pytest.approx(0, abs=0.1))


async def test_many_changes_are_one_write_and_none_of_them_is_on_the_loop(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, bool]] = []

    def write(path: Path, text: str) -> None:
        written.append((path.name, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr("tui.kept_player.write_private", write)
    run = await start()
    run.player.play(tracks(100))
    for entry in run.player.queue.upcoming[:50]:
        run.player.remove(entry.entry_id)
    await run.pass_by(STORED_AFTER_S + 0.5)
    assert written == [("player.json", False), ("player.place.json", False)]
    await run.pass_by(PLACE_EACH_S + STORED_AFTER_S)
    assert written[2:] == [("player.place.json", False)]


async def test_a_full_disk_is_survived_and_what_is_not_stored_is_stored_later(start: Start, tmp_path: Path) -> None:
    run = await start()
    (tmp_path / "player.json").mkdir()
    run.player.play(tracks(3))
    await run.pass_by(3)
    (tmp_path / "player.json").rmdir()
    run.player.next()
    await run.pass_by(3)
    assert (await start()).player.snapshot.track.id == "t1"


async def test_crossfade_and_device_that_were_chosen_count_until_the_settings_say_something_new(start: Start) -> None:
    first = await start(crossfade=2.0)
    assert first.player.snapshot.crossfade_s == 2.0
    first.player.set_crossfade(7.5)
    first.player.set_output("alsa/hw:1")
    first.player.set_quality(96)
    await first.pass_by(2)
    again = await start(crossfade=2.0)
    assert (again.player.snapshot.crossfade_s, again.player.output) == (7.5, "alsa/hw:1")
    assert again.player.quality == 96
    assert (await start(crossfade=3.0)).player.snapshot.crossfade_s == 3.0


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        "{",
        '{"format": 9}',
        '{"queue": 1, "position_s": NaN}',
        "\0",
        '{"crossfade": {"set": 0, "chosen": NaN}}',
        "[" * 100_000,
        '{"format": 1, "position_s": 1' + "0" * 400 + "}",
        '{"format": 1, "position_s": 1, "volume": Infinity}',
        '{"output": "\\ud800"}',
    ],
)
async def test_damaged_files_begin_an_empty_player(start: Start, tmp_path: Path, damage: str) -> None:
    (tmp_path / "player.json").write_text(damage)
    (tmp_path / "player.place.json").write_text(damage)
    run = await start(volume=55)
    assert (run.player.snapshot.track, run.player.snapshot.volume) == (None, 55)
    assert run.player.snapshot.crossfade_s == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("duration_ms", 10**400), ("duration_ms", -1), ("title", 5), ("id", ""), ("artists", "abc")],
)
async def test_a_queue_with_a_track_that_is_none_is_not_taken(
    start: Start, tmp_path: Path, field: str, value: object
) -> None:
    stored = await a_stored_queue(start, tmp_path)
    stored["queue"]["entries"][0]["item"][field] = value
    (tmp_path / "player.json").write_text(json.dumps(stored))
    assert (await start()).player.snapshot.track is None


@pytest.mark.parametrize("entry_id", [0, -3, 2**53, 10**400])
async def test_a_queue_with_numbers_that_no_other_device_would_take_is_not_taken(
    start: Start, tmp_path: Path, entry_id: int
) -> None:
    stored = await a_stored_queue(start, tmp_path)
    stored["queue"]["entries"][0]["id"] = stored["queue"]["current"] = entry_id
    (tmp_path / "player.json").write_text(json.dumps(stored))
    assert (await start()).player.snapshot.track is None


async def test_what_a_stored_file_says_is_not_obeyed_by_the_terminal(start: Start, tmp_path: Path) -> None:
    stored = await a_stored_queue(start, tmp_path)
    item = stored["queue"]["entries"][0]["item"]
    item["title"], item["artists"] = "\x1b]0;owned\x07Song", ["\ud800\u202e"]
    (tmp_path / "player.json").write_text(json.dumps(stored))
    track = (await start()).player.snapshot.track
    assert track is not None
    assert track.title == "\N{REPLACEMENT CHARACTER}Song"
    assert track.artists == ("\N{REPLACEMENT CHARACTER}",)


async def a_stored_queue(start: Start, folder: Path) -> Any:
    first = await start()
    first.player.play(tracks(2))
    await first.pass_by(2)
    await first.kept.close()
    return json.loads((folder / "player.json").read_text())


async def test_what_is_played_for_others_does_not_take_the_place_of_the_own_queue(start: Start) -> None:
    first = await start()
    first.player.play(tracks(2))
    await first.pass_by(3)
    first.kept.is_lent = lambda: True
    first.player.play([PlayableTrack("theirs", "Theirs", duration_ms=300_000)])
    first.player.set_crossfade(7.0)
    await first.pass_by(30)
    state = (await start()).player.snapshot
    assert state.track is not None
    assert (state.track.id, state.crossfade_s) == ("t0", 0.0)


@pytest.mark.parametrize(
    "place",
    [
        {"entry": 2, "position_s": 100},
        {"entry": 1, "position_s": -5},
        {"entry": 1, "position_s": float("nan")},
        {"entry": "1"},
    ],
)
async def test_a_damaged_place_costs_the_place_alone(start: Start, tmp_path: Path, place: dict[str, Any]) -> None:
    first = await start()
    first.player.play(tracks(2))
    await first.pass_by(2)
    (tmp_path / "player.place.json").write_text(json.dumps(place))
    state = (await start()).player.snapshot
    assert (state.track.id, state.position_s < 5) == ("t0", True)
