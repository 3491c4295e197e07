"""The WebSocket's way in and out: both ways to sign in, every refusal, expiry, and an orderly end."""

from __future__ import annotations

from typing import Any

import pytest

from server.realtime import endpoint
from server.realtime.connection import AUTHENTICATION_FAILED, GOING_AWAY, TOO_LARGE
from tests.server.socket_client import open_socket, signed_in

REFUSED = {"type": "error", "message": "Authentication failed", "code": "UNAUTHENTICATED"}


async def test_the_header_signs_in(platform: Any) -> None:
    ann = await platform.person("ann")
    async with open_socket(platform.url, header=f"Bearer {ann.token}") as socket:
        assert await socket.next() == {"type": "ready", "userId": ann.id, "protocol": 1}


async def test_the_first_frame_signs_in(platform: Any) -> None:
    ann = await platform.person("ann")
    async with open_socket(platform.url, ann.token) as socket:
        assert await socket.next() == {"type": "ready", "userId": ann.id, "protocol": 1}


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic YTpi", ""])
async def test_a_bad_header_is_refused(platform: Any, header: str) -> None:
    async with open_socket(platform.url, header=header) as socket:
        assert await socket.next() == REFUSED
        assert await socket.close_code() == AUTHENTICATION_FAILED


@pytest.mark.parametrize(
    "first",
    [
        '{"type": "auth", "token": "nonsense"}',
        '{"type": "auth"}',
        '{"type": "ping"}',
        '{"type": "subscribe", "key": "posts:1"}',
        "{",
        "[" * 5000,
        b"\x00\x01",
        '{"type": "auth", "token": "' + "x" * 70_000 + '"}',
    ],
    ids=["bad token", "no token", "ping", "subscribe", "broken", "deep", "binary", "huge"],
)
async def test_nothing_happens_before_signing_in(platform: Any, first: str | bytes) -> None:
    async with open_socket(platform.url) as socket:
        await socket.raw(first)
        assert await socket.next() == REFUSED
        assert await socket.close_code() == AUTHENTICATION_FAILED


async def test_other_tokens_than_valid_access_tokens_are_refused(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    await ben.post("/auth/logout")
    platform.clock.advance(901)
    for token in (ann.tokens["refreshToken"], ann.token, ben.token):
        async with open_socket(platform.url, token) as socket:
            assert await socket.next() == REFUSED
            assert await socket.close_code() == AUTHENTICATION_FAILED


async def test_whoever_says_nothing_is_refused_after_a_while(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoint.AUTH_SECONDS == 5
    monkeypatch.setattr(endpoint, "AUTH_SECONDS", 0.05)
    async with open_socket(platform.url) as socket:
        assert await socket.next() == REFUSED
        assert await socket.close_code() == AUTHENTICATION_FAILED


async def test_a_socket_outlives_its_token_by_half_a_minute_and_not_longer(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        platform.clock.advance(900 + 29)
        await socket.settled()
        platform.clock.advance(1)
        assert (await socket.until("error"))["code"] == "TOKEN_EXPIRED"
        assert await socket.close_code() == AUTHENTICATION_FAILED


async def test_a_new_token_on_the_same_socket_keeps_it_open(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        platform.clock.advance(800)
        renewed = await ann.data("POST", "/auth/refresh", {"refreshToken": ann.tokens["refreshToken"]})
        await socket.send("auth", token=renewed["accessToken"])
        await socket.until("ready", userId=ann.id)
        platform.clock.advance(899)
        assert await socket.settled() == []


async def test_a_socket_does_not_change_hands(platform: Any) -> None:
    ann, ben = await platform.person("ann"), await platform.person("ben")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("auth", token=ben.token)
        assert await socket.next() == REFUSED
        assert await socket.close_code() == AUTHENTICATION_FAILED
    assert not platform.state.hub.is_online(ben.id)


async def test_signing_out_everywhere_closes_the_socket(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await ann.post("/auth/logout-all")
        assert await socket.close_code() == AUTHENTICATION_FAILED


async def test_signing_out_in_one_place_leaves_the_others_connected(platform: Any) -> None:
    ann = await platform.person("ann")
    login = {"email": "ann", "password": "correct horse battery"}
    elsewhere = (await ann.http.post("auth/login", json=login)).json()["data"]["accessToken"]
    async with signed_in(platform.url, ann) as here, open_socket(platform.url, elsewhere) as there:
        await there.until("ready")
        await ann.post("/auth/logout")
        assert await here.close_code() == AUTHENTICATION_FAILED
        assert await there.settled() == []


async def test_a_frame_that_is_too_large_ends_the_connection(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await socket.send("ping", padding="x" * (64 * 1024 - 36))
        await socket.until("pong")
        await socket.send("ping", padding="x" * 64 * 1024)
        assert (await socket.until("error"))["code"] == "PAYLOAD_TOO_LARGE"
        assert await socket.close_code() == TOO_LARGE


async def test_when_the_platform_stops_sockets_are_told(platform: Any) -> None:
    ann = await platform.person("ann")
    async with signed_in(platform.url, ann) as socket:
        await platform.stop()
        assert await socket.close_code() == GOING_AWAY
