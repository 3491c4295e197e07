"""Addresses for a list of tracks at once: those that can be played, and no work for the others."""

from __future__ import annotations

from typing import Any

from tests.server.music_seed import seed_catalogue


async def test_what_can_be_played_at_once_gets_the_address_it_would_get_alone(platform: Any) -> None:
    await seed_catalogue(platform.state.database)
    rendered: list[str] = []

    async def render(key: str, _quality: int, *, hurry: bool) -> bytes:
        rendered.append(key)
        return b"OggS" + bytes(1_000)

    platform.state.playback.audio._render = render
    ann = await platform.person("ann")
    assert (await ann.data("GET", "/playback/streams"))["tickets"] == []
    assert (await ann.data("GET", "/playback/streams", ids="t1,t2,nothing"))["tickets"] == []
    assert rendered == []
    alone = await ann.data("GET", "/playback/stream/t1")
    assert (await ann.http.get(platform.url + alone["url"])).status_code == 200
    alone = await ann.data("GET", "/playback/stream/t1")
    ahead = await ann.data("GET", "/playback/streams", ids="t1,t2,t1,nothing,")
    assert [ticket["trackId"] for ticket in ahead["tickets"]] == ["t1"]
    assert ahead["tickets"][0]["url"] == alone["url"]
    assert ahead["tickets"][0]["sizeBytes"] == 1_004
    assert len(rendered) == 1
