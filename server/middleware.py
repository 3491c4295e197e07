"""What surrounds every request: its id, its size limit, the headers of its reply, and its line in the log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api_client.errors import ErrorCode
from server.db import new_id
from server.metrics import Metrics
from server.problems import BodyTooLarge, error_reply
from server.settings import Settings

_access = logging.getLogger("parlour.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BASE = "/api/v1/"
_MEDIA_BODIES = re.compile(r"/api/v1/(?:posts|stories|conversations/[^/]+/messages|media/uploads/[^/]+)/?")
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 3.0

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


class PlatformMiddleware:
    """Wraps the application; `metrics` counts what passes."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        _accept_short_base(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(Headers(scope=scope).get("x-request-id"))
        state["reply_headers"] = {}
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = 500

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), scope["state"])
            await send(message)

        try:
            limit = self._limit(scope["path"])
            declared = Headers(scope=scope).get("content-length", "")
            if declared.isdecimal() and int(declared) > limit:
                await _refuse(scope, receive, reply)
            else:
                await self._app(scope, _counted(receive, limit), reply)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _limit(self, path: str) -> int:
        return self._settings.media_body_limit if _MEDIA_BODIES.fullmatch(path) else self._settings.body_limit

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.observe(scope["method"], route, status, seconds)
        # The path without its query: a signed URL carries its signature there.
        _access.info(
            "%s %s %s %.1f ms request=%s user=%s",
            scope["method"],
            scope["path"].encode("unicode_escape").decode("ascii"),
            status,
            seconds * 1000,
            scope["state"]["request_id"],
            scope["state"].get("user_id", "-"),
        )


def _accept_short_base(scope: Scope) -> None:
    """Serve `/api/...` as `/api/v1/...`: some clients know the platform by the shorter base."""
    path: str = scope["path"]
    if path.startswith("/api/") and not path.startswith(_BASE) and path != "/api/v1":
        scope["path"] = _BASE + path.removeprefix("/api/")
        scope["raw_path"] = scope["path"].encode("utf-8", "surrogateescape")


def _request_id(offered: str | None) -> str:
    return offered if offered is not None and _REQUEST_ID.fullmatch(offered) else new_id()


def _add_headers(headers: MutableHeaders, state: dict[str, Any]) -> None:
    headers["X-Request-Id"] = state["request_id"]
    for name, value in (*_SECURITY.items(), *state["reply_headers"].items()):
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")


def _counted(receive: Receive, limit: int) -> Receive:
    """Return a `receive` that raises BodyTooLarge with the first byte beyond `limit`."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                await _drain(receive)
                raise BodyTooLarge
        return message

    return count


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await _drain(receive)
    code = ErrorCode.PAYLOAD_TOO_LARGE
    headers = {"Connection": "close"}
    reply = error_reply(scope["state"]["request_id"], code, "The request is too large.", headers=headers)
    await reply(scope, receive, send)


async def _drain(receive: Receive) -> None:
    """Read on for a while and keep nothing: closing on a sender that is still sending would cost it the reply."""
    left = _DRAIN_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
