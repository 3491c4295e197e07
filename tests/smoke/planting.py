"""How a fault is planted in a running platform: parts of it swapped, or its replies changed on their way out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import serve
from server.app import create_app

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a platform, and which scenarios must find it."""

    name: str
    about: str
    scenarios: tuple[str, ...]
    """Parts of the names of those that find it."""
    codes: frozenset[str]
    """One of these must be among what they find."""
    plant: Callable[[], AbstractContextManager[None]] = field(repr=False)
    max_seconds: float | None = None
    """What the run allows a reply."""


def fault(
    name: str,
    about: str,
    scenarios: str | tuple[str, ...],
    codes: str,
    plant: Callable[[], AbstractContextManager[None]],
    max_seconds: float | None = None,
) -> Fault:
    """Return a fault; `codes` with spaces between them."""
    names = (scenarios,) if isinstance(scenarios, str) else scenarios
    return Fault(name, about, names, frozenset(codes.split()), plant, max_seconds)


@contextmanager
def _swapped(*parts: tuple[Any, str, Any]) -> Iterator[None]:
    before = [(owner, name, owner.__dict__[name]) for owner, name, _ in parts]
    for owner, name, part in parts:
        setattr(owner, name, part)
    try:
        yield
    finally:
        for owner, name, part in before:
            setattr(owner, name, part)


def swap(*parts: tuple[Any, str, Any]) -> Callable[[], AbstractContextManager[None]]:
    """Return what puts other parts in place of `(owner, name)` for a while."""
    return lambda: _swapped(*parts)


@dataclass(slots=True)
class Reply:
    """A reply before it is sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body, decoded."""
        return json.loads(self.body)

    def say(self, value: Any) -> None:
        """Make `value` its body."""
        self.body = json.dumps(value).encode()

    def drop(self, start: str) -> None:
        """Leave out the headers whose names begin so."""
        self.headers = [(name, value) for name, value in self.headers if not name.lower().startswith(start.encode())]


@dataclass(frozen=True, slots=True)
class Tamper:
    """What happens to requests of one method and one kind of path."""

    method: str
    path: re.Pattern[str]
    change: Callable[[Reply], None] | None = None
    instead: Callable[[Scope], Reply] | None = None
    ask: Callable[[Scope], None] | None = None
    delay: float = 0.0

    def means(self, scope: Scope) -> bool:
        """Whether this request is one of them."""
        if scope["type"] != "http" or self.method not in (scope["method"], "*"):
            return False
        return self.path.fullmatch(scope["path"].removeprefix(API)) is not None


class Tampering:
    """Stands around the platform and lets everything pass, but for what `now` means."""

    now: ClassVar[Tamper | None] = None

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        tamper = self.now
        if tamper is None or not tamper.means(scope):
            await self._app(scope, receive, send)
            return
        if tamper.delay:
            await asyncio.sleep(tamper.delay)
        if tamper.ask is not None:
            tamper.ask(scope)
        reply = tamper.instead(scope) if tamper.instead is not None else await self._reply(scope, receive)
        if tamper.change is not None:
            tamper.change(reply)
        reply.drop("content-length")
        headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        reply = Reply(500, [], b"")

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status, reply.headers = message["status"], list(message["headers"])
            else:
                reply.body += message.get("body", b"")

        await self._app(scope, receive, take)
        return reply


def tamper(method: str, path: str, **how: Any) -> Callable[[], AbstractContextManager[None]]:
    """Return what tampers, for a while, with requests on paths below the base that `path` matches."""
    return swap((Tampering, "now", Tamper(method, re.compile(path), **how)))


def said(edit: Callable[[Any], Any]) -> Callable[[Reply], None]:
    """Return what changes the JSON of a success by `edit`, which may return another one in its place."""

    def change(reply: Reply) -> None:
        if reply.status < 300:
            value = reply.json
            other = edit(value)
            reply.say(value if other is None else other)

    return change


def refused(edit: Callable[[Any], Any]) -> Callable[[Reply], None]:
    """Return what changes the JSON of a refusal."""

    def change(reply: Reply) -> None:
        if reply.status >= 400:
            value = reply.json
            edit(value)
            reply.say(value)

    return change


def _open_to_tampering(*arguments: Any) -> FastAPI:
    app = create_app(*arguments)
    app.add_middleware(Tampering)
    return app


def ready_for_faults() -> AbstractContextManager[None]:
    """Let every platform that is started meanwhile have its replies tampered with."""
    return _swapped((serve, "create_app", _open_to_tampering))
