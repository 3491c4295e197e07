"""What is recorded of the player's own requests: all of them, with what they came to, and without the sound."""

from __future__ import annotations

from typing import Any

import httpx

from api_client.inspect.har import har_json
from api_client.inspect.recorder import Recorder
from tui.player.clock import LoopClock
from tui.player.downloader import TrackSource
from tui.player.engine import Fault
from tui.player.source import AddressRule, SourceOptions, StreamInfo
from tui.player.supply import Supply
from tui.player.tickets import TicketDesk

HERE = AddressRule("http://127.0.0.1:8000")
SOUND = bytes(range(256)) * 1200
IMPATIENT = SourceOptions(retry_delays_s=())


async def fetched(client: httpx.AsyncClient, recorder: Recorder, resolve: Any) -> TrackSource:
    """Fetch a whole track, or as much of it as there is, while something is recorded."""

    async def ready() -> httpx.AsyncClient:
        return client

    source = TrackSource("a", Supply(ready, TicketDesk(resolve, LoopClock()), HERE, IMPATIENT, lambda: recorder))
    source.fetch(everything=True)
    assert source._task is not None
    await source._task
    return source


async def test_each_request_is_there_with_its_size_and_without_its_bytes(
    server: Any, client: httpx.AsyncClient
) -> None:
    server.put("a", SOUND)
    recorder = Recorder()
    source = await fetched(client, recorder, server.resolve)
    assert source.complete
    calls = list(recorder.calls)
    asked = [value for call in calls for name, value in call.request_headers if name.lower() == "range"]
    assert asked == [f"bytes={each}" for _, each in server.log]
    assert {(call.name, call.method, call.status, call.body) for call in calls} == {("audio", "GET", 206, None)}
    assert sum(call.body_size for call in calls) == len(SOUND)
    assert all(call.ended and call.phases.wait is not None and not call.cancelled for call in calls)
    assert calls[0].phases.connect
    await source.close()


async def test_a_refusal_is_recorded_as_what_it_is(server: Any, client: httpx.AsyncClient) -> None:
    recorder = Recorder()
    source = await fetched(client, recorder, server.resolve)
    assert source.fault is Fault.NOT_FOUND
    (call,) = recorder.calls
    assert (call.status, call.cancelled, call.error) == (404, False, None)
    await source.close()


async def test_a_connection_that_cannot_be_made_says_why(client: httpx.AsyncClient) -> None:
    async def nowhere(track_id: str, quality: int | None = None) -> StreamInfo:
        return StreamInfo("http://127.0.0.1:9/track/a?sig=signature-canary", 160, 2**60)

    recorder = Recorder()
    source = await fetched(client, recorder, nowhere)
    assert source.fault is Fault.NO_NETWORK
    (call,) = recorder.calls
    assert call.error is not None
    assert "127.0.0.1:9" in call.error.sentence
    assert "signature-canary" not in har_json(recorder.calls, redactor=recorder.redactor)
    await source.close()
