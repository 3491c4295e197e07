"""Faults around requests: refused, lost, late and marked; and nothing at all while the switch is off."""

from __future__ import annotations

import httpx
import pytest

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import RateLimited, ServerFailed, SignInRequired, Unreachable
from api_client.inspect.fault_spec import parse_spec
from api_client.inspect.faults import MARK, FaultSwitch
from api_client.inspect.filtering import parse_filter
from api_client.inspect.har import to_har
from api_client.inspect.recorder import Recorder
from api_client.inspect.redaction import Redactor
from tests.api_client.conftest import MakeClient, QuickClock
from tui.player.engine import Fault
from tui.player.source import SourceError
from tui.track_addresses import audio_client


class Platform:
    """Answers everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json={"success": True, "data": {"name": "here", "version": "1"}})


def turned(client: PlatformClient, text: str) -> None:
    client.faults.turn(parse_spec(text))


async def test_a_refusal_is_typed_says_who_made_it_and_never_reaches_the_platform(make_client: MakeClient) -> None:
    platform = Platform()
    client = make_client(platform)
    turned(client, "429=100%")
    with pytest.raises(RateLimited, match="injected by this program") as caught:
        await client.platform.info()
    assert caught.value.retry_after == 1.0
    turned(client, "503=100%")
    with pytest.raises(ServerFailed, match="injected"):
        await client.platform.info()
    assert platform.asked == []


async def test_a_request_that_is_lost_on_its_way_back_was_carried_out_and_comes_again_with_its_key(
    make_client: MakeClient,
) -> None:
    platform = Platform()
    client = make_client(platform)
    turned(client, "loss=100%,seed=4")
    with pytest.raises(Unreachable, match="an injected fault") as caught:
        await client.fetch(endpoints.CREATE_SUBREDDIT, body={"name": "rye"}, retries=9)
    assert caught.value.may_have_happened
    assert 0 < len(platform.asked) < 10, "some were lost before they arrived, and some after"
    assert len({request.headers["x-idempotency-key"] for request in platform.asked}) == 1


async def test_latency_is_waited_for_and_told_in_the_reply(make_client: MakeClient, quick: QuickClock) -> None:
    client = make_client(Platform())
    turned(client, "latency=300ms")
    reply = await client.fetch(endpoints.META)
    assert sum(quick.sleeps) == pytest.approx(0.3)
    assert reply.headers[MARK] == "300 ms late"


async def test_paths_are_those_below_the_base_address(make_client: MakeClient) -> None:
    platform = Platform()
    client = make_client(platform)
    turned(client, "500=100%,only=GET /meta")
    with pytest.raises(ServerFailed):
        await client.fetch(endpoints.META, retries=0)
    await client.fetch(endpoints.ME)
    assert [request.url.path for request in platform.asked] == ["/api/v1/auth/me"]


async def test_what_was_injected_is_marked_wherever_calls_are_recorded(make_client: MakeClient) -> None:
    client = make_client(Platform())
    client.recorder = recorder = Recorder()
    turned(client, "429=100%")
    with pytest.raises(RateLimited):
        await client.fetch(endpoints.META, retries=0)
    turned(client, "loss=100%")
    with pytest.raises(Unreachable):
        await client.fetch(endpoints.META, retries=0)
    client.faults.turn(None)
    await client.fetch(endpoints.META)
    assert [bool(call.note) for call in recorder.calls] == [True, True, False]
    assert recorder.calls[0].note == "status 429"
    assert recorder.calls[1].note.startswith("lost")
    injected = parse_filter("~injected")
    assert [injected(call) for call in recorder.calls] == [True, True, False]
    entries = to_har(recorder.calls, redactor=Redactor())["log"]["entries"]
    assert [bool(entry.get("_injected")) for entry in entries] == [True, True, False]


async def test_an_injected_401_leads_to_a_renewal_as_any_other(make_client: MakeClient) -> None:
    client = make_client(Platform())
    turned(client, "401=100%")
    with pytest.raises(SignInRequired):
        await client.fetch(endpoints.ME)


async def fetched(client: httpx.AsyncClient, body: bytearray) -> None:
    async with client.stream("GET", "http://127.0.0.1:1/track.ogg") as response:
        async for chunk in response.aiter_raw():
            body += chunk


async def test_the_bytes_of_tracks_suffer_as_well_and_break_off_in_the_middle() -> None:
    switch, whole = FaultSwitch(), bytes(1000)
    offline = False
    client = audio_client(lambda: offline, loopback=True, faults=switch)
    sized = {"Content-Length": str(len(whole))}
    client._transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=sized, stream=httpx.ByteStream(whole))
    )
    try:
        await fetched(client, body := bytearray())
        assert body == whole
        parts = set()
        for seed in range(20):
            switch.turn(parse_spec(f"loss=100%,seed={seed}"))
            with pytest.raises(httpx.ReadError, match="injected"):
                await fetched(client, body := bytearray())
            assert body == whole[: len(body)]
            parts.add(len(body))
        assert 0 in parts
        assert max(parts) < len(whole)
        assert len(parts) > 3, "it breaks off at any place"
        # While working offline nothing goes over the line, so that there is nothing to refuse either.
        offline = True
        switch.turn(parse_spec("500=100%"))
        with pytest.raises(SourceError) as caught:
            await fetched(client, bytearray())
        assert caught.value.fault is Fault.OFFLINE
    finally:
        await client.aclose()
