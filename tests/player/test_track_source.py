"""The bytes of a track over a real and faulty network."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.player.clock import LoopClock
from tui.player.downloader import TrackSource
from tui.player.engine import Fault
from tui.player.shelf import SourceShelf
from tui.player.source import AddressRule, SourceError, SourceOptions, StreamInfo
from tui.player.spans import Spans
from tui.player.supply import Supply, Watch
from tui.player.threads import run_in_thread
from tui.player.tickets import TicketDesk
from tui.player.track_bytes import TrackBytes, TrackReader

HERE = AddressRule("http://127.0.0.1")
NOISE = random.Random(4).randbytes(1_000_000)
OGG_LIKE = b"OggS" + NOISE[4:]
Make = Callable[..., TrackSource]


def read_all(source: TrackSource) -> asyncio.Future[bytes]:
    """Read like an engine does: on a thread, to the end."""

    def read() -> bytes:
        reader, parts = source.reader(), []
        while part := reader.read(65_536):
            parts.append(part)
        return b"".join(parts)

    return run_in_thread(read, "reader")


async def whole(source: TrackSource) -> bytes:
    source.fetch(everything=True)
    async with asyncio.timeout(30):
        return await read_all(source)


async def test_the_bytes_arrive_unchanged_and_are_called_delivered(server: Any, make_source: Make) -> None:
    server.put("a", NOISE)
    source = make_source("a")
    assert await whole(source) == NOISE
    assert (source.delivered, source.complete, source.quality, source.fault) == (True, True, 160, None)


async def test_the_head_comes_first_then_the_tail_of_an_ogg_then_the_rest(server: Any, make_source: Make) -> None:
    server.put("a", OGG_LIKE)
    make_source("a").fetch(everything=True)
    await server.asked(3)
    assert [asked for _, asked in server.log] == ["0-196607", "934464-999999", "196608-934463"]


async def test_prefetching_stops_after_head_and_tail_and_a_reader_brings_the_rest(
    server: Any, make_source: Make
) -> None:
    server.put("a", OGG_LIKE)
    progress = asyncio.Event()
    source = make_source("a", watch=Watch(stored=progress.set))
    source.fetch(everything=False)
    async with asyncio.timeout(30):
        while len(server.log) < 2 or source.held < 256 * 1024:
            progress.clear()
            await progress.wait()
        assert not source.complete
        assert await read_all(source) == OGG_LIKE


async def test_a_drop_every_few_bytes_is_resumed_where_it_stopped(server: Any, make_source: Make) -> None:
    server.put("a", NOISE, cut_each_at=70_000)
    assert await whole(make_source("a")) == NOISE
    assert len(server.log) >= 14
    starts = [int(asked.partition("-")[0]) for _, asked in server.log]
    assert starts == sorted(starts)


async def test_a_server_without_ranges_is_read_in_one_go(server: Any, make_source: Make) -> None:
    server.put("a", OGG_LIKE, ranges=False)
    assert await whole(make_source("a")) == OGG_LIKE
    assert len(server.log) == 1


async def test_an_expired_address_is_signed_again(server: Any, make_source: Make) -> None:
    server.put("a", NOISE, expired_answers=3)
    assert await whole(make_source("a")) == NOISE
    assert server.signed == 4


async def test_an_address_that_expires_in_the_middle_is_renewed_and_the_rest_fetched(
    server: Any, make_source: Make
) -> None:
    fault = server.put("a", NOISE, hold_at=300_000, cut_each_at=400_000)
    source = make_source("a")
    source.fetch(everything=True)
    reading = read_all(source)
    await server.asked(2)
    fault.expired_answers = 1
    fault.hold_at = None
    fault.release.set()
    async with asyncio.timeout(30):
        assert await reading == NOISE
    assert server.signed == 2


@pytest.mark.parametrize(
    ("faults", "expected", "sentence"),
    [
        ({"expired_answers": 9}, Fault.EXPIRED, "has expired"),
        ({"status": 404}, Fault.NOT_FOUND, "not on the server"),
        ({"status": 503}, Fault.SERVER, "(error 503)"),
        ({"status": 418}, Fault.SERVER, "(error 418)"),
        ({"location": "http://127.0.0.1:1/x"}, Fault.ADDRESS, "not allowed"),
        ({"cut_for_ever_at": 500_000}, Fault.TOO_SHORT, "cut this track off"),
        ({"claimed_size": 3 * 1024**3}, Fault.SERVER, "too large"),
    ],
)
async def test_each_failure_has_its_reason(
    server: Any, make_source: Make, faults: dict[str, Any], expected: Fault, sentence: str
) -> None:
    server.put("a", NOISE, **faults)
    source = make_source("a")
    with pytest.raises(OSError, match=r"."):
        await whole(source)
    assert source.fault is expected
    assert sentence in source.reason
    assert not source.delivered


async def test_an_empty_file_is_too_short(server: Any, make_source: Make) -> None:
    server.put("a", b"", ranges=False)
    source = make_source("a")
    with pytest.raises(OSError, match="too short"):
        await whole(source)
    assert source.fault is Fault.TOO_SHORT


async def test_no_network_is_said_so(make_source: Make) -> None:
    async def nowhere(_track_id: str, _quality: int | None) -> StreamInfo:
        return StreamInfo("http://127.0.0.1:9/x", 160, 0)

    source = make_source("a", resolve=nowhere)
    with pytest.raises(OSError, match="No network"):
        await whole(source)
    assert source.fault is Fault.NO_NETWORK


async def test_what_the_platform_refuses_is_passed_on(make_source: Make) -> None:
    async def refuse(_track_id: str, _quality: int | None) -> StreamInfo:
        raise SourceError(Fault.NOT_FOUND, "Not in your country.")

    source = make_source("a", resolve=refuse)
    with pytest.raises(OSError, match="Not in your country"):
        await whole(source)


async def test_a_file_that_changes_under_the_listener_is_noticed(server: Any, make_source: Make) -> None:
    fault = server.put("a", NOISE, hold_at=250_000, cut_each_at=300_000)
    source = make_source("a")
    source.fetch(everything=True)
    reading = read_all(source)
    await server.asked(2)
    server.files["a"] = NOISE[:900_000]
    fault.hold_at = None
    fault.release.set()
    with pytest.raises(OSError, match="was changed"):
        await reading
    assert source.fault is Fault.CHANGED


async def test_cancelling_a_reader_ends_its_wait_at_once() -> None:
    waiting = threading.Event()
    reader = TrackReader(TrackBytes(1_000_000, waiting.set))
    reading = run_in_thread(lambda: reader.read(10), "reader")
    assert await run_in_thread(lambda: waiting.wait(5), "watcher")
    reader.cancel()
    async with asyncio.timeout(30):
        assert await reading == b""


async def test_a_jump_of_the_reader_is_served_before_what_lies_between(server: Any, make_source: Make) -> None:
    fault = server.put("a", NOISE, hold_at=250_000)
    source = make_source("a")
    source.fetch(everything=True)
    await server.asked(2)
    fault.hold_at = None  # only the request that is under way stays held
    reader = source.reader()
    reader.seek(800_000)
    reading = run_in_thread(lambda: reader.read(1000), "reader")
    fault.release.set()
    async with asyncio.timeout(30):
        assert await reading == NOISE[800_000:801_000]
    assert server.log[2] == ("a", "800000-999999")


async def test_a_track_larger_than_its_window_is_played_within_it(
    server: Any, make_source: Make, options: SourceOptions
) -> None:
    server.put("a", NOISE)
    source = make_source("a", opts=replace(options, window=256 * 1024))
    assert await whole(source) == NOISE
    assert source.held <= 256 * 1024


async def test_the_listeners_token_does_not_travel_to_the_audio_host(server: Any, options: SourceOptions) -> None:
    server.put("a", NOISE)
    async with httpx.AsyncClient(trust_env=False, auth=("ada", "secret")) as client:

        async def give() -> httpx.AsyncClient:
            return client

        source = TrackSource("a", Supply(give, TicketDesk(server.resolve, LoopClock()), HERE, options))
        assert await whole(source) == NOISE
        await source.close()
    assert all("authorization" not in headers for headers in server.headers)


async def test_the_shelf_keeps_to_its_budget_and_to_what_is_pinned(
    server: Any, client: httpx.AsyncClient, options: SourceOptions
) -> None:
    shelf = SourceShelf(lambda: client, server.resolve, HERE, replace(options, budget=2_200_000))
    for name in "abcd":
        server.put(name, NOISE)
    shelf.pin({"a"})
    for name in "abcd":
        await whole(shelf.open(name))
    assert shelf.held <= 2_200_000
    assert len(server.log) == 8
    shelf.open("a")
    shelf.open("d")
    assert len(server.log) == 8
    await whole(shelf.open("b"))
    assert len(server.log) == 10
    await shelf.close()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://cdn.example/a.ogg", True),
        ("http://127.0.0.1:8000/a", False),
        ("http://[::1]/a", False),
        ("http://localhost/a", False),
        ("http://home.lan:8000/a", True),
        ("https://home.lan:9000/a", True),
        ("http://home.lan:8001/a", False),
        ("http://cdn.example/a", False),
        ("http://127.0.0.1.evil.example/a", False),
        ("https://user:pass@cdn.example/a", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1/a", False),
        ("/relative", False),
        ("https://", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_safe_addresses_are_asked(url: str, allowed: bool) -> None:
    assert AddressRule("http://home.lan:8000").allows(url) is allowed


RANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.integers(0, 60)), max_size=25)


@given(RANGES, st.integers(0, 60), st.integers(0, 61))
def test_spans_know_exactly_what_is_there(steps: list[tuple[bool, int, int]], offset: int, limit: int) -> None:
    spans, model = Spans(), set[int]()
    for adding, start, end in steps:
        if adding:
            spans.add(start, end)
            model |= set(range(start, end))
        elif start < end:
            spans.remove(start, end)
            model -= set(range(start, end))
    assert {byte for start, end in spans.ranges() for byte in range(start, end)} == model
    assert spans.total() == len(model)
    missing = [byte for byte in range(offset, limit) if byte not in model]
    gap = spans.gap(offset, limit)
    assert (gap is None) == (not missing)
    if gap:
        assert gap[0] == missing[0]
        assert all(byte not in model for byte in range(*gap))
        assert gap[1] == limit or gap[1] in model
