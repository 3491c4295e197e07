"""A recording as a platform: an ASGI application that answers as the recorded one did, socket included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from api_client.errors import ErrorCode
from api_client.inspect.fake_script import Script, request_of
from api_client.inspect.session_file import CallLine, FrameLine, Session

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_LIMIT = 32 * 1024 * 1024
AUTH_SECONDS = 5.0
UNAUTHENTICATED = 4401
_LATEST = 30.0
"""Seconds that a reply is delayed at most."""
_EXPIRES = 7 * 24 * 3600
_KEPT_HEADERS = frozenset({"content-type", "content-range", "accept-ranges", "etag", "location", "retry-after"})

Said = Callable[[str], None]


class FakePlatform:
    """Serves one recording to any number of clients; every password is right."""

    def __init__(
        self,
        session: Session,
        *,
        delays: bool = False,
        said: Said = lambda _line: None,
        missed: Said = lambda _line: None,
    ) -> None:
        """Serve `session`, with `delays` as slowly as it was recorded.

        `said` is told of every request that is answered, `missed` of every one that was not recorded.
        """
        self.script = Script(session)
        self._delays = delays
        self._said = said
        self._missed = missed
        self._sockets: set[asyncio.Queue[str]] = set()
        home = urlsplit(session.header.platform)
        self._then = f"{home.scheme}://{home.netloc}"
        self._base = home.path.rstrip("/")
        self._user = _user_in(session)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or talk on one socket."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)

    # -- REST

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        body = await _body(receive)
        if body is None:
            await self._refuse(send, ErrorCode.PAYLOAD_TOO_LARGE, "This is too large.")
            return
        decoded = _decoded(body)
        invented = self._invented(method, path.removeprefix(self._base), decoded)
        query = scope.get("query_string", b"").decode("latin-1")
        call = self.script.answer(request_of(method, path, query, decoded, _header(scope, b"range")))
        if invented is not None and (call is None or not path.endswith("/auth/me")):
            self._said(f"{method} {path}: {invented[0]}, made up")
            await _reply(send, invented[0], [("content-type", "application/json")], _json(invented[1]))
        elif call is None or (call.reply is None and call.status != 204):
            self._missed(f"{method} {path}{'?' + query if query else ''}")
            await self._refuse(send, ErrorCode.NOT_FOUND, f"{method} {path} is not in the recording.")
        elif call.reply is not None and call.reply.cut:
            self._missed(f"{method} {path}: only its beginning was kept")
            await self._refuse(send, ErrorCode.UNAVAILABLE, f"The recording has only the beginning of {path}.")
        else:
            await self._play(scope, call, send)

    async def _play(self, scope: Scope, call: CallLine, send: Send) -> None:
        here = f"{scope.get('scheme', 'http')}://{_header(scope, b'host') or '127.0.0.1'}"
        if self._delays:
            await asyncio.sleep(min(call.took / 1_000, _LATEST))
        content = call.reply
        body = b""
        if content is not None:
            body = _json(self._here(content.json_, here)) if content.is_json else content.bytes_()
        headers = [(name, value) for name, value in call.reply_headers if name.lower() in _KEPT_HEADERS]
        self._said(f"{scope['method']} {scope['path']}: {call.status}")
        await _reply(send, call.status or 200, headers, body)
        self._tell(self.script.frames_after(call), here)

    async def _refuse(self, send: Send, code: ErrorCode, sentence: str) -> None:
        told = {"success": False, "error": {"code": code.value, "message": sentence}, "meta": {"requestId": "fake"}}
        await _reply(send, code.status, [("content-type", "application/json")], _json(told))

    def _here(self, value: Any, here: str) -> Any:
        """Return recorded JSON with the ids that clients make now, and with addresses that lead here."""
        if isinstance(value, dict):
            return {self.script.identities.text_now(name): self._here(inner, here) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._here(inner, here) for inner in value]
        if isinstance(value, str):
            return self.script.identities.text_now(value).replace(self._then, here)
        return value

    def _invented(self, method: str, path: str, body: Any) -> tuple[int, Any] | None:
        """Return status and reply of what no recording holds: whatever has to do with signing in."""
        tokens = {"accessToken": "fake-access", "refreshToken": "fake-refresh", "expiresIn": _EXPIRES}
        match (method, path):
            case ("POST", "/auth/login" | "/auth/register"):
                name = body.get("username") or body.get("email") if isinstance(body, dict) else None
                user = self._user or _person(str(name or "somebody").partition("@")[0])
                return (200 if path.endswith("login") else 201), _success({**tokens, "user": user})
            case ("POST", "/auth/refresh"):
                return 200, _success(tokens)
            case ("POST", "/auth/logout" | "/auth/logout-all"):
                return 200, _success({"success": True})
            case ("GET", "/auth/me"):
                return 200, _success({"user": self._user or _person("somebody")})
            case _:
                return None

    # -- the socket

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        outgoing: asyncio.Queue[str] = asyncio.Queue()
        here = f"{scope.get('scheme', 'ws').replace('ws', 'http', 1)}://{_header(scope, b'host') or '127.0.0.1'}"
        if not _header(scope, b"authorization") and not await self._signs_in(receive, send):
            return
        user_id = str((self._user or {}).get("id", ""))
        outgoing.put_nowait(json.dumps({"type": "ready", "userId": user_id, "protocol": 1}))
        self._sockets.add(outgoing)
        self._tell(self.script.first_frames, here, [outgoing])
        speaking = asyncio.create_task(self._speak(outgoing, send))
        try:
            while (event := await receive())["type"] == "websocket.receive":
                self._hear(event.get("text") or "", outgoing, here)
        finally:
            self._sockets.discard(outgoing)
            speaking.cancel()
            await asyncio.wait({speaking})

    async def _signs_in(self, receive: Receive, send: Send) -> bool:
        try:
            async with asyncio.timeout(AUTH_SECONDS):
                event = await receive()
        except TimeoutError:
            event = {"type": "websocket.receive"}
        if event["type"] != "websocket.receive":
            return False
        frame = _decoded((event.get("text") or "").encode())
        if isinstance(frame, dict) and frame.get("type") == "auth":
            return True
        await send({"type": "websocket.close", "code": UNAUTHENTICATED, "reason": "Authentication failed"})
        return False

    async def _speak(self, outgoing: asyncio.Queue[str], send: Send) -> None:
        while True:
            await send({"type": "websocket.send", "text": await outgoing.get()})

    def _hear(self, text: str, outgoing: asyncio.Queue[str], here: str) -> None:
        frame = _decoded(text.encode())
        if not isinstance(frame, dict):
            return
        if frame.get("type") == "ping":
            outgoing.put_nowait(json.dumps({"type": "pong", "t": frame.get("t")}))
        else:
            self._tell(self.script.frames_upon(frame), here, [outgoing])

    def _tell(
        self, frames: Iterable[FrameLine], here: str, sockets: Iterable[asyncio.Queue[str]] | None = None
    ) -> None:
        for line in frames:
            data = line.content.json_
            text = json.dumps(self._here(data, here), ensure_ascii=False)
            for socket in tuple(self._sockets if sockets is None else sockets):
                socket.put_nowait(text)


def _user_in(session: Session) -> dict[str, Any] | None:
    """Return who was signed in, as a reply of the recording tells it, or as far as its header does."""
    for call in session.calls:
        data = call.reply.json_ if call.reply is not None and call.reply.is_json else None
        inner = data.get("data") if isinstance(data, dict) and call.name.startswith("auth.") else None
        user = inner.get("user") if isinstance(inner, dict) else None
        if isinstance(user, dict) and "id" in user:
            return user
    header = session.header
    return _person(header.username, header.user_id) if header.username else None


def _person(username: str, user_id: str = "") -> dict[str, Any]:
    return {
        "id": user_id or f"user-{username}",
        "username": username,
        "displayName": username,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "version": 1,
    }


def _success(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "meta": {"requestId": "fake"}}


async def _body(receive: Receive) -> bytes | None:
    """Return the body of a request, None for one that is too large."""
    body = bytearray()
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not event.get("more_body"):
            return bytes(body)


async def _reply(send: Send, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    # The file may be anybody's: nothing in it adds a header line.
    shown = [(name, "".join(filter(str.isprintable, value))) for name, value in headers]
    lines = [(name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in shown]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key == name), "")
