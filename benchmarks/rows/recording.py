"""What the recorder costs a call: off and on, beside a client that knows of none, in turn at random."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from statistics import quantiles
from typing import Any

import httpcore

from api_client import endpoints as table
from api_client.client import PlatformClient
from api_client.endpoint import Endpoint
from api_client.inspect.recorder import Recorder
from api_client.replies import read_reply
from api_client.transport import Wire
from benchmarks.figures import Figure, Findings
from benchmarks.rows.plan import Plan

_REQUESTS = 1_500
"""Of each client, in a round."""
_WARM_UP = 200
_ROOM = 512 * 1024
"""Bytes of the ring, which the requests of the warm-up fill."""
_OFF, _ON = 3.0, 25.0
"""Microseconds that are allowed."""
_BODY = b'{"data":{"name":"a platform","version":"1","limits":{}}}'
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Request-Id: 1\r\n\r\n%s" % (
    len(_BODY),
    _BODY,
)


class _Line(httpcore.AsyncNetworkStream):
    """A connection in memory: whatever is asked, the same answer."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        return _REPLY

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        return None

    async def aclose(self) -> None:
        return None

    def get_extra_info(self, info: str) -> Any:
        return {"is_readable": False, "server_addr": ("127.0.0.1", 3000)}.get(info)


class _Lines(httpcore.AsyncNetworkBackend):
    """Opens connections in memory."""

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return _Line()


class _PlainWire(Wire):
    """Sends without a look at whether somebody records."""

    async def exchange(
        self,
        name: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: Any = None,
        limit: int = 1 << 20,
        tries: Any = None,
    ) -> Any:
        return await self._send(name, method, url, headers, content, limit, None)


class _PlainClient(PlatformClient):
    """Calls without a thought of attempts that were recorded."""

    async def call(self, endpoint: Endpoint, **_: Any) -> Any:
        reply = await self._fetched([], endpoint, None, None, None, None, None, deadline=20.0, retries=2)
        return read_reply(reply, endpoint, self.address.origin)


async def _made(kind: type[PlatformClient], recorder: Recorder | None) -> PlatformClient:
    client = kind("http://127.0.0.1:3000")
    if kind is _PlainClient:
        client._wire.__class__ = _PlainWire
    lane = await client._wire._client_for("platform.meta", client.address.base)
    lane._transport._pool._network_backend = _Lines()  # type: ignore[attr-defined]
    client.recorder = recorder
    return client


async def _round(seed: int) -> dict[str, float]:
    """Return the microseconds of CPU time by which each client is above the plain one, at the 5th percentile."""
    clients = {
        "plain": await _made(_PlainClient, None),
        "plain again": await _made(_PlainClient, None),
        "off": await _made(PlatformClient, None),
        # Full once it is warm: from then on what is new takes the place of what goes, as after some minutes of use.
        "on": await _made(PlatformClient, Recorder(_ROOM)),
    }
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        name: partial(client.call, table.META) for name, client in clients.items()
    }
    taken: dict[str, list[int]] = {name: [] for name in clients}
    order = [name for name in clients for _ in range(_REQUESTS + _WARM_UP)]
    random.Random(seed).shuffle(order)
    for name in order:
        call = calls[name]
        began = time.thread_time_ns()
        await call()
        taken[name].append(time.thread_time_ns() - began)
    for client in clients.values():
        await client.close()
    low = {name: quantiles(times[_WARM_UP:], n=20)[0] / 1_000 for name, times in taken.items()}
    return {"plain": low["plain"], **{name: low[name] - low["plain"] for name in [*low][1:]}}


def recorder(plan: Plan, findings: Findings) -> None:
    """What a call costs more while nothing is recorded, and while everything is."""
    rounds = [asyncio.run(_round(number)) for number in range(plan.rounds)]
    samples = {name: [found[name] for found in rounds] for name in rounds[0]}
    beside = {"a second plain client": samples["plain again"], "the whole call, plain": samples["plain"]}
    findings.figures += [
        Figure("a call, recorder off: more than plain", "µs", samples["off"], beside, limit=_OFF),
        Figure("a call, recorder on: more than plain", "µs", samples["on"], beside, limit=_ON),
    ]
