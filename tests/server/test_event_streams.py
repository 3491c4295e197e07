"""Event streams: delivery, replay by Last-Event-ID, heartbeats, and the end."""

from __future__ import annotations

import asyncio
from typing import Any

from server.realtime.streams import BACKLOG_LIMIT, RESET, RING_SIZE, EventReader, EventStreams


async def collect(reader: EventReader, count: int) -> list[Any]:
    found = []
    async with asyncio.timeout(30):
        async for event in reader:
            found.append(event)
            if len(found) == count:
                break
    return found


async def test_readers_of_a_topic_get_its_events_and_no_others() -> None:
    streams = EventStreams("a")
    async with streams.subscribe("one") as reader:
        streams.publish("other", "comment", {"n": 0})
        streams.publish("one", "comment", {"n": 1})
        (event,) = await collect(reader, 1)
    assert event.encode() == 'id: a-1\nevent: comment\ndata: {"n": 1}\n\n'


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice() -> None:
    streams = EventStreams("a")
    for number in range(5):
        streams.publish("t", "score", {"n": number})
    async with streams.subscribe("t", "a-3") as reader:
        streams.publish("t", "score", {"n": 5})
        assert [event.data["n"] for event in await collect(reader, 3)] == [3, 4, 5]


async def test_an_id_that_is_not_known_any_more_means_starting_over() -> None:
    streams = EventStreams("b")
    for number in range(RING_SIZE + 2):
        streams.publish("t", "score", {"n": number})
    for last_id in ("a-1", "b-1", "b-9999", "nonsense", "b-x", "b-²"):
        async with streams.subscribe("t", last_id) as reader:
            assert await collect(reader, 1) == [RESET], last_id
    async with streams.subscribe("t", "b-2") as reader:
        assert len(await collect(reader, RING_SIZE)) == RING_SIZE


async def test_a_quiet_stream_shows_that_it_lives() -> None:
    streams = EventStreams("a")
    async with streams.subscribe("t") as reader:
        lines = reader.lines(heartbeat_seconds=0.01)
        assert await anext(lines) == ": connected\n\n"
        assert await anext(lines) == ": keep-alive\n\n"
        streams.publish("t", "comment", {"text": "two\nlines"})
        assert await anext(lines) == 'id: a-1\nevent: comment\ndata: {"text": "two\\nlines"}\n\n'
        await lines.aclose()


async def test_a_reader_that_is_too_far_behind_is_ended() -> None:
    streams = EventStreams("a")
    async with streams.subscribe("t") as reader:
        for number in range(BACKLOG_LIMIT + 1):
            streams.publish("t", "score", {"n": number})
        assert len([event async for event in reader]) == BACKLOG_LIMIT


async def test_closing_ends_every_reader_now_and_later() -> None:
    streams = EventStreams("a")
    async with streams.subscribe("t") as reader:
        streams.close()
        assert [event async for event in reader] == []
    async with streams.subscribe("t") as late:
        assert [event async for event in late] == []
