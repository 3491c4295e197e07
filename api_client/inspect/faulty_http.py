"""An HTTP client that injects faults while somebody wants it to, and is as any other while not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast

from api_client.addresses import DEFAULT_PATH
from api_client.clock import Clock, SystemClock
from api_client.errors import ErrorCode
from api_client.inspect.faults import MARK, Faults, FaultSwitch, Lost, RequestFate
from api_client.postponed import httpx

RETRY_AFTER = 1
"""Seconds that an injected 429 or 503 asks to wait."""

_CODES = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    409: ErrorCode.CONFLICT,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.UNAVAILABLE,
}


class InjectedLoss(httpx.ReadError):
    """A connection that broke because it was asked for."""

    def __init__(self, injected: str, request: httpx.Request) -> None:
        super().__init__(f"injected fault: {injected}", request=request)
        self.injected = injected
        """What was done, in words."""


class FaultyClient(httpx.AsyncClient):
    """Sends as its parent does, unless the switch is on; then each request meets its fate, going or coming back."""

    def __init__(
        self, switch: FaultSwitch, *, clock: Clock | None = None, base_path: str = DEFAULT_PATH, **options: Any
    ) -> None:
        """`base_path` is what paths are below, `options` are httpx's."""
        super().__init__(**options)
        self._switch = switch
        self._clock = clock or SystemClock()
        self._base_path = base_path.rstrip("/")
        self._unsubscribe = switch.subscribe(self._turned)
        self._turned(switch.on)

    async def aclose(self) -> None:
        """Close every connection."""
        self._unsubscribe()
        await super().aclose()

    def _turned(self, faults: Faults | None) -> None:
        """Stand in the way of requests from now on, or no more: then not even a look at the switch is left of it."""
        if faults is None:
            self.__dict__.pop("send", None)
        else:
            self.__dict__["send"] = self._suffer

    async def _suffer(self, request: httpx.Request, **options: Any) -> httpx.Response:
        faults = self._switch.on
        if faults is None:
            return await super().send(request, **options)
        path = request.url.path
        fate = faults.of_request(request.method, path.removeprefix(self._base_path) or "/")
        # A line that is slow is slow both ways.
        await self._wait(fate.delay / 2)
        if fate.status is None and fate.lost is not Lost.GOING:
            response = await super().send(request, **options)
        else:
            # What is not to leave this machine at all, such as while working offline, is no matter of the line.
            for hook in self.event_hooks["request"]:
                await hook(request)
            if fate.status is None:
                raise InjectedLoss(fate.words, request)
            response = _refusal(fate.status, request)
        await self._wait(fate.delay / 2)
        if fate.words:
            response.headers[MARK] = fate.words
        if fate.lost is Lost.COMING:
            if response.is_closed:
                raise InjectedLoss(fate.words, request)
            response.stream = _CutStream(response, fate)
        return response

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            await self._clock.sleep(seconds)


def _refusal(status: int, request: httpx.Request) -> httpx.Response:
    """Return the reply of a platform that refuses, in its own envelope."""
    usual = ErrorCode.INTERNAL if status >= 500 else ErrorCode.VALIDATION_ERROR
    sentence = f"Status {status}, injected by this program: the platform was not asked."
    body = {"success": False, "error": {"code": _CODES.get(status, usual), "message": sentence}}
    headers = {"Content-Type": "application/json"}
    if status in (429, 503):
        headers["Retry-After"] = str(RETRY_AFTER)
    return httpx.Response(status, headers=headers, stream=_Whole(json.dumps(body).encode()), request=request)


class _Whole(httpx.AsyncByteStream):
    """A body in one piece, which nobody has read yet."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


class _CutStream(httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, response: httpx.Response, fate: RequestFate) -> None:
        self._inner = cast(httpx.AsyncByteStream, response.stream)
        self._request = response.request
        self._fate = fate
        length = response.headers.get("content-length", "")
        self._left = int(int(length) * fate.breaks_at) if length.isdecimal() and len(length) < 16 else 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            if len(chunk) > self._left:
                if self._left:
                    yield chunk[: self._left]
                break
            self._left -= len(chunk)
            yield chunk
        raise InjectedLoss(self._fate.words, self._request)

    async def aclose(self) -> None:
        await self._inner.aclose()
