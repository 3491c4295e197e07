"""What an error says of the request: whether it may have happened; and that nobody repeats it unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api_client import endpoints as table
from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.errors import BadReply, Conflict, PlatformError, Unreachable
from api_client.models.chat import NewMessage
from api_client.sync.intents import Intent, sender
from api_client.transport import CONNECTIONS
from tests.faults.proxy import Fault, FaultProxy, Then, Weather
from tests.faults.town import Town

SENT = {"path": {"id": "7"}, "body": NewMessage(content="x")}


def _client(replies: Iterator[httpx.Response | Exception]) -> PlatformClient:
    def answer(request: httpx.Request) -> httpx.Response:
        reply = next(replies)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return PlatformClient(
        "http://127.0.0.1:3000",
        tokens=MemoryTokens(Tokens(access="a")),
        transport=httpx.MockTransport(answer),
        jitter=lambda: 0.0,
    )


def _refused(status: int) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": "CONFLICT", "message": "No."}})


@pytest.mark.parametrize(
    ("replies", "kind", "happened"),
    [
        ([httpx.ConnectError("")] * 3, Unreachable, False),
        ([httpx.ReadError(""), httpx.ConnectError(""), httpx.ConnectError("")], Unreachable, True),
        ([httpx.ReadError(""), _refused(409)], Conflict, True),
        ([httpx.ConnectError(""), _refused(409)], Conflict, False),
        ([_refused(503), _refused(409)], Conflict, True),
        ([httpx.Response(200, html="<html>Please pay</html>")], BadReply, True),
        ([httpx.Response(302, headers={"Location": "http://portal.example/"})], BadReply, True),
    ],
    ids=[
        "never sent",
        "lost, then gone",
        "lost, then refused",
        "refused",
        "failed, then refused",
        "portal",
        "redirect",
    ],
)
async def test_an_error_speaks_for_all_attempts(replies: list[Any], kind: type[PlatformError], happened: bool) -> None:
    left = iter(replies)
    async with _client(left) as client:
        with pytest.raises(kind) as error:
            await client.call(table.SEND_MESSAGE, **SENT)
    assert error.value.may_have_happened is happened
    assert list(left) == []


async def test_what_cannot_be_sent_has_not_happened() -> None:
    async with _client(iter(())) as client:
        with pytest.raises(BadReply) as error:
            await client.call(table.SEND_MESSAGE, path={"id": "7"}, body={"content": float("nan")})
    assert not error.value.may_have_happened


async def test_the_outbox_alone_repeats_what_the_outbox_sends() -> None:
    left = iter([httpx.ConnectError(""), httpx.ConnectError("")])
    async with _client(left) as client:
        intent = Intent.of(
            table.SEND_MESSAGE, object_key="c", created_at=0.0, label="message", params={"id": "7"}, body=SENT["body"]
        )
        with pytest.raises(Unreachable):
            await sender(client)(intent)
    assert len(list(left)) == 1


async def test_pictures_that_hang_do_not_hold_up_the_calls(town: Town, proxy: FaultProxy) -> None:
    async with town.client(proxy.url) as client:
        proxy.strike(Weather(down=Fault(Then.FREEZE)), times=CONNECTIONS)
        pictures = [asyncio.create_task(client.media(f"/api/v1/media/{n}.png", deadline=30)) for n in range(30)]
        async with asyncio.timeout(30):
            while proxy.exchanges < CONNECTIONS:  # noqa: ASYNC110 - the proxy tells nobody of its exchanges
                await asyncio.sleep(0.01)
        assert (await client.accounts.me()).username == "ann"
        for picture in pictures:
            picture.cancel()
        assert all(isinstance(end, asyncio.CancelledError) for end in await _ends(pictures))


async def _ends(tasks: list[asyncio.Task[bytes]]) -> list[Any]:
    return await asyncio.gather(*tasks, return_exceptions=True)
