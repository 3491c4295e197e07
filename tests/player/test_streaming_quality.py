"""How a track is fetched: beginning and end at once, what nobody wants given up, the quality as the line carries it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.player.manual_clock import ManualClock
from tui.player.engine import BufferingChanged, Listener, Load, Started, Ticked
from tui.player.governor import Governor
from tui.player.player import Player
from tui.player.shelf import SourceShelf
from tui.player.silent_engine import SilentEngine
from tui.player.source import KIB, AddressRule, Finished, Held, SourceOptions, StreamInfo
from tui.player.supply import Watch
from tui.player.threads import run_in_thread
from tui.player.track import PlayableTrack

NOISE = random.Random(4).randbytes(1_000_000)
OGG_LIKE = b"OggS" + NOISE[4:]
HERE = AddressRule("http://127.0.0.1")
Make = Callable[..., Any]


async def read(source: Held, length: int) -> bytes:
    def work() -> bytes:
        reader, parts, left = source.reader(), [], length
        while left > 0 and (part := reader.read(min(left, 65_536))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    async with asyncio.timeout(30):
        return await run_in_thread(work, "reader")


def told(server: Any, size: int | None, mime_type: str = "audio/ogg") -> Any:
    """Return what hands out tickets that say what the platform knows of the file."""

    async def resolve(track_id: str, quality: int | None) -> StreamInfo:
        return replace(await server.resolve(track_id, quality), size=size, mime_type=mime_type)

    return resolve


async def test_the_end_is_asked_for_together_with_the_beginning_when_the_ticket_says_where_it_is(
    server: Any, make_source: Make
) -> None:
    fault = server.put("a", OGG_LIKE, hold_answers=True)
    source = make_source("a", resolve=told(server, len(OGG_LIKE)))
    source.fetch(everything=False)
    # Nothing has come of the first, and the second is under way.
    await server.asked(2)
    assert {asked for _, asked in server.log} == {"0-196607", "934464-999999"}
    fault.release.set()
    assert await read(source, 1_000_000) == OGG_LIKE


async def test_a_ticket_that_is_wrong_about_the_size_does_no_harm(server: Any, make_source: Make) -> None:
    server.put("a", OGG_LIKE)
    for size in (1, 500_000, 5_000_000, 2**50):
        source = make_source("a", resolve=told(server, size))
        source.fetch(everything=True)
        assert await read(source, 1_000_000) == OGG_LIKE


async def test_a_server_without_ranges_is_not_read_twice_for_the_end(server: Any, make_source: Make) -> None:
    server.put("a", OGG_LIKE, ranges=False)
    source = make_source("a", resolve=told(server, len(OGG_LIKE)))
    source.fetch(everything=True)
    assert await read(source, 1_000_000) == OGG_LIKE
    assert source.from_network <= 1_100_000


async def test_what_is_looked_at_no_more_is_given_up_unless_it_is_there(server: Any, shelf: SourceShelf) -> None:
    for name in "abc":
        server.put(name, NOISE, hold_at=0 if name != "b" else None)
    shelf.warm("a")
    await server.asked(1)
    first = shelf.prefetch("a")
    shelf.warm("b")
    assert shelf.prefetch("b") is not first
    assert await read(shelf.prefetch("b"), 1_000) == NOISE[:1_000]
    with pytest.raises(OSError, match="No network"):
        await read(first, 1)
    second = shelf.prefetch("b")
    shelf.warm("c")
    assert second.fault is None
    assert shelf.prefetch("b") is second


async def test_a_track_that_nobody_hears_any_more_is_not_fetched_to_its_end(server: Any, shelf: SourceShelf) -> None:
    large = NOISE * 4
    fault = server.put("a", large, hold_at=1_000_000)
    server.put("b", large)
    source = shelf.open("a")
    assert await read(source, 500_000) == large[:500_000]
    shelf.pin({"b"})
    fault.hold_at = None
    fault.release.set()
    assert await read(shelf.open("b"), len(large)) == large
    assert source.from_network < 2_500_000
    assert not source.complete


async def test_what_was_fetched_whole_is_handed_on_with_what_is_known_of_it(server: Any, make_source: Make) -> None:
    server.put("a", OGG_LIKE)
    done: asyncio.Future[Finished] = asyncio.get_running_loop().create_future()
    source = make_source("a", resolve=told(server, len(OGG_LIKE)), watch=Watch(finished=done.set_result))
    source.fetch(everything=True)
    async with asyncio.timeout(30):
        finished = await done
    assert (finished.track_id, finished.quality, finished.mime_type, finished.size) == (
        "a",
        160,
        "audio/ogg",
        1_000_000,
    )
    assert await run_in_thread(lambda: b"".join(finished.parts), "keeper") == OGG_LIKE


async def test_what_the_first_sound_waits_for_is_said(server: Any, make_source: Make) -> None:
    fault = server.put("a", OGG_LIKE, hold_at=0)
    asked = asyncio.Event()
    gate = asyncio.Event()

    async def resolve(track_id: str, quality: int | None) -> StreamInfo:
        asked.set()
        await gate.wait()
        return await told(server, None)(track_id, quality)

    source = make_source("a", resolve=resolve)
    source.fetch(everything=True)
    await asked.wait()
    assert source.waiting == "Asking the platform for this track…"
    gate.set()
    await server.asked(1)
    assert source.waiting == "The platform is getting this track ready…"
    fault.release.set()
    assert await read(source, 1_000_000) == OGG_LIKE
    assert source.waiting == ""


# The quality


class Heard(SilentEngine):
    """Wants bytes, and says what the test makes it say."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock, "")
        self.loads: list[Load] = []
        self.say: Listener = lambda _: None

    @property
    def needs_bytes(self) -> bool:
        return True

    async def open(self, listener: Listener) -> None:
        self.say = listener

    def load(self, load: Load) -> None:
        self.loads.append(load)

    def queue_next(self, load: Load | None) -> None:
        pass


class Measuring(Governor):
    """Lets a test wait for what was measured of the line."""

    def __init__(self) -> None:
        super().__init__()
        self.measured: asyncio.Queue[float] = asyncio.Queue()

    def fetched(self, size: int, seconds: float) -> None:
        super().fetched(size, seconds)
        self.measured.put_nowait(size / seconds)


class Slow:
    """Sends one file at so many bytes per second, whatever is asked for, and remembers the qualities."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.asked: list[int | None] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def resolve(self, _track_id: str, quality: int | None) -> StreamInfo:
        self.asked.append(quality)
        return StreamInfo(f"http://127.0.0.1:{self.port}/a?q={quality}", quality or 160, 2**60)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            first, _, last = head.partition("range: bytes=")[2].partition("\r\n")[0].partition("-")
            start, end = int(first), min(int(last) + 1 if last else len(NOISE), len(NOISE))
            writer.write(
                f"HTTP/1.1 206 P\r\nContent-Range: bytes {start}-{end - 1}/{len(NOISE)}\r\nConnection: close\r\n"
                f"Content-Length: {end - start}\r\n\r\n".encode()
            )
            for at in range(start, end, 1024):
                writer.write(NOISE[at : min(end, at + 1024)])
                await writer.drain()
                await asyncio.sleep(1024 / self.rate)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def slow() -> AsyncIterator[Slow]:
    made = Slow(rate=14_000.0)
    await made.start()
    yield made
    await made.stop()


async def test_over_a_line_of_112_kbit_the_next_track_is_asked_for_at_96(slow: Slow, client: httpx.AsyncClient) -> None:
    options = SourceOptions(head=4 * KIB, tail=KIB, telling=2 * KIB)
    governor = Measuring()
    shelf = SourceShelf(lambda: client, slow.resolve, HERE, options, governor=governor)
    for name in "ab":
        shelf.prefetch(name)
        async with asyncio.timeout(30):
            await governor.measured.get()
    assert governor.rate is not None
    assert governor.rate < 160
    assert await read(shelf.prefetch("c"), 1024) == NOISE[:1024]
    assert slow.asked == [320, 320, 96]
    await shelf.close()


async def test_a_sound_that_runs_dry_goes_on_lower_from_where_it_was_and_a_seek_is_no_such_thing(
    slow: Slow, client: httpx.AsyncClient
) -> None:
    clock, engine = ManualClock(), None
    engine = Heard(clock)
    options = SourceOptions(head=4 * KIB, tail=KIB, settling_s=0.0)
    shelf = SourceShelf(lambda: client, slow.resolve, HERE, options, clock=clock)
    player = Player(engine, shelf, lambda _: None, clock=clock)
    await player.open()
    player.play([PlayableTrack("a", "One", duration_ms=200_000)])
    (load,) = engine.loads
    assert load.source is not None
    await read(shelf.open("a"), 1024)
    engine.say(Started(load.load_id))
    engine.say(Ticked(load.load_id, 42.5, 200.0))
    engine.say(BufferingChanged(load.load_id, True))
    assert [(each.start_s, each.source is load.source) for each in engine.loads] == [(0.0, True), (42.5, False)]
    await read(shelf.open("a"), 1024)
    assert slow.asked[0] == 320
    assert slow.asked[-1] == 160
    # What is chosen by hand stays, however often it waits.
    player.set_quality(160)
    again = engine.loads[-1]
    engine.say(Started(again.load_id))
    engine.say(BufferingChanged(again.load_id, True))
    assert len(engine.loads) == 2
    await player.close()


async def test_a_wait_right_after_a_jump_changes_nothing(slow: Slow, client: httpx.AsyncClient) -> None:
    clock = ManualClock()
    engine = Heard(clock)
    shelf = SourceShelf(lambda: client, slow.resolve, HERE, SourceOptions(head=4 * KIB, settling_s=60.0), clock=clock)
    player = Player(engine, shelf, lambda _: None, clock=clock)
    await player.open()
    player.play([PlayableTrack("a", "One", duration_ms=200_000)])
    await read(shelf.open("a"), 1024)
    engine.say(Started(engine.loads[0].load_id))
    engine.say(BufferingChanged(engine.loads[0].load_id, True))
    assert len(engine.loads) == 1
    assert player.snapshot.buffering
    assert player.snapshot.stream.quality_label == "320 (auto)"
    await player.close()
