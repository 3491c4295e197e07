"""The program's own bytes of a track against the platform: addresses that expire, pauses, changed files."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy
import pytest
import soundfile

from api_client import PlatformClient
from server.clock import ManualClock, to_ms
from tests.server.music_seed import seed_catalogue
from tui.player.clock import LoopClock
from tui.player.engine import Fault
from tui.player.governor import Governor
from tui.player.mpv_engine import MpvEngine
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.source import KIB, AddressRule, SourceOptions
from tui.player.threads import run_in_thread
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.track_addresses import TrackAddresses, audio_client

PASSWORD = "correct horse battery"
RATE = 22_050
SECONDS = 90


@pytest.fixture(scope="module")
def audio() -> bytes:
    """A minute and a half that compresses badly: about four megabytes."""
    out = io.BytesIO()
    samples = numpy.random.default_rng(1).uniform(-0.3, 0.3, RATE * SECONDS)
    soundfile.write(out, samples.astype("float32"), RATE, format="FLAC", subtype="PCM_16")
    return out.getvalue()


class SharedClock(LoopClock):
    """The clock of the platform, as the player's machine shows it, `behind` by so many ms."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.behind = 0

    def wall_ms(self) -> int:
        return to_ms(self._clock.now()) - self.behind


@dataclass
class World:
    clock: ManualClock
    wall: SharedClock
    shelf: SourceShelf
    asked: list[int]
    """The status of every answer with audio in it, or of the refusal to give any."""
    tickets: list[str]
    platform: Any

    async def read(self, reader: Any, length: int) -> bytes:
        def read() -> bytes:
            parts, left = [], length
            while left > 0 and (part := reader.read(min(left, 65_536))):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)

        async with asyncio.timeout(30):
            return await run_in_thread(read, "reader")


@pytest.fixture
async def world(platform: Any, clock: ManualClock, audio: bytes) -> AsyncIterator[World]:
    await seed_catalogue(platform.state.database)

    async def render(_key: str, _quality: int, *, hurry: bool) -> bytes:
        return audio

    platform.state.playback.audio._render = render
    client = PlatformClient(platform.url)
    await client.accounts.register("ann", "ann@example.com", PASSWORD)
    wall, asked, tickets = SharedClock(clock), [], []
    http = audio_client(lambda: False, loopback=True)
    http.event_hooks["response"].append(lambda response: _note(asked, response.status_code))
    addresses = TrackAddresses(client, Governor(), "")

    async def resolve(track_id: str, quality: int | None) -> Any:
        info = await addresses.resolve(track_id, quality)
        tickets.append(info.url)
        return info

    # So little at once that most of the track is not fetched before the pause.
    options = SourceOptions(head=32 * KIB, tail=16 * KIB, slice=32 * KIB, window=256 * KIB, budget=512 * KIB)
    shelf = SourceShelf(lambda: http, resolve, AddressRule(client.address.origin), options, clock=wall)
    yield World(clock, wall, shelf, asked, tickets, platform)
    await shelf.close()
    await http.aclose()
    await client.close()


async def _note(asked: list[int], status: int) -> None:
    asked.append(status)


@pytest.mark.parametrize("behind_ms", [0, 3 * 60 * 60 * 1000])
async def test_after_hours_the_address_is_renewed_and_the_rest_of_the_same_bytes_comes(
    world: World, audio: bytes, behind_ms: int
) -> None:
    world.wall.behind = behind_ms
    reader = world.shelf.open("t1").reader()
    first = await world.read(reader, 100_000)
    world.clock.advance(2 * 60 * 60)
    rest = await world.read(reader, len(audio))
    assert first + rest == audio
    assert len(set(world.tickets)) == 2
    # A clock that is wrong learns from being refused; so does a request that was under way when time went by.
    assert world.asked.count(403) == 1 or (world.asked.count(403) == 0 and not behind_ms)


async def test_within_its_time_one_address_serves_the_whole_track(world: World, audio: bytes) -> None:
    reader = world.shelf.open("t1").reader()
    first = await world.read(reader, 100_000)
    world.clock.advance(50 * 60)
    assert first + await world.read(reader, len(audio)) == audio
    assert len(world.tickets) == 1
    assert set(world.asked) == {206}


async def test_a_file_that_is_changed_behind_the_same_size_is_noticed_by_its_validator(
    world: World, audio: bytes
) -> None:
    source = world.shelf.open("t1")
    reader = source.reader()
    await world.read(reader, 100_000)
    store = world.platform.state.playback.audio
    for path in store._folder.iterdir():
        path.write_bytes(audio[:-1] + b"\x00")
    with pytest.raises(OSError, match="changed"):
        await world.read(reader, len(audio))
    assert source.fault is Fault.CHANGED


async def test_a_track_paused_for_hours_goes_on_where_it_was(world: World, audio: bytes) -> None:
    player = Player(MpvEngine("null"), world.shelf, lambda _: None)
    seen: asyncio.Queue[PlayerSnapshot] = asyncio.Queue()
    player.subscribe(seen.put_nowait)
    await player.open()

    async def until(wanted: Any) -> PlayerSnapshot:
        async with asyncio.timeout(30):
            while not wanted(found := await seen.get()):
                pass
            return found

    player.play([PlayableTrack("t1", "One", duration_ms=SECONDS * 1000)])
    await until(lambda each: each.started_in_ms is not None)
    player.seek_to(30.0)
    await until(lambda each: each.position_s > 30.0)
    player.pause()
    held = await until(lambda each: not each.playing)
    world.clock.advance(3 * 60 * 60)
    player.resume()
    on = await until(lambda each: each.playing and each.position_s > held.position_s)
    assert held.position_s <= on.position_s < held.position_s + 5
    # Far ahead, where nothing was fetched before the pause.
    player.seek_to(SECONDS - 5.0)
    late = await until(lambda each: each.position_s > SECONDS - 5.0)
    assert late.error == ""
    assert late.track is not None
    assert len(set(world.tickets)) == 2
    await player.close()
