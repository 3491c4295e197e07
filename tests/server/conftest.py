"""A real platform on a real socket, and people who are signed in to it."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.clock import ManualClock
from server.db import Database
from server.serve import Running, running
from server.settings import HashCost, RateLimits, Settings

# What an example costs depends on who else uses the machine.

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares every client the reading of the machine's certificates; nothing here speaks TLS."""


class Person:
    """Somebody who is signed in."""

    def __init__(self, http: httpx.AsyncClient, signed_in: dict[str, Any]) -> None:
        self.http = http
        self.user: dict[str, Any] = signed_in["user"]
        self.tokens = signed_in

    @property
    def id(self) -> str:
        return str(self.user["id"])

    @property
    def username(self) -> str:
        return str(self.user["username"])

    @property
    def token(self) -> str:
        return str(self.tokens["accessToken"])

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return await self.http.request(method, path.lstrip("/"), **more)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.request("GET", path, params=params)

    async def post(self, path: str, json: Any = None, *, key: str | None = None) -> httpx.Response:
        headers = {"X-Idempotency-Key": key} if key else {}
        return await self.request("POST", path, json=json, headers=headers)

    async def put(self, path: str, json: Any = None) -> httpx.Response:
        return await self.request("PUT", path, json=json)

    async def delete(self, path: str) -> httpx.Response:
        return await self.request("DELETE", path)

    async def data(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        """Return `data` of a reply that must be a success."""
        reply = await self.request(method, path, json=json, params=params)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()["data"]

    async def all(self, path: str, **params: Any) -> list[Any]:
        """Return every item of a paged list."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            page = (await self.get(path, **params, **({"cursor": cursor} if cursor else {}))).json()
            found += page["data"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found


class Platform:
    """A running platform and its clients."""

    def __init__(self, at: Running, clock: ManualClock, stack: AsyncExitStack) -> None:
        self.url = at.url
        self.state = at.state
        self.clock = clock
        self._stack = stack
        self._anybody: httpx.AsyncClient | None = None

    @property
    def base(self) -> str:
        return f"{self.url}/api/v1/"

    async def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Return a client of the REST interface, signed in if it is given a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(base_url=self.base, headers=headers, timeout=30, trust_env=False, verify=NO_TLS)
        return await self._stack.enter_async_context(client)

    async def stop(self) -> None:
        """Stop the platform before the test ends, as a signal would."""
        await self._stack.aclose()

    async def person(self, username: str, **more: Any) -> Person:
        """Register somebody and return them signed in."""
        body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD, **more}
        client = await self.client()
        reply = await client.post("auth/register", json=body)
        assert reply.status_code == 201, reply.text
        signed_in = reply.json()["data"]
        client.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
        return Person(client, signed_in)


@pytest.fixture
def clock() -> ManualClock:
    """A clock at Monday noon, 5 January 2026."""
    return ManualClock(START)


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them: making those is most of what a start costs."""

    async def make() -> Path:
        database = Database(tmp_path_factory.mktemp("blank") / "platform.db")
        await database.open()
        await database.close()
        return database.path

    # In a thread, because the loops of this one belong to the tests.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, make()).result()


@pytest.fixture
def settings(tmp_path: Path, clock: ManualClock, blank_database: Path) -> Settings:
    """Settings of a quick platform: passwords cost nothing and limits are out of the way."""
    (tmp_path / "platform").mkdir(mode=0o700)
    shutil.copy(blank_database, tmp_path / "platform" / "platform.db")
    return Settings(
        data_dir=tmp_path / "platform",
        port=0,
        clock=clock,
        hash_cost=HashCost(passes=1, memory_kib=8, lanes=1),
        limits=RateLimits(logins_per_minute=10_000, requests_per_minute=1_000_000),
    )


@pytest.fixture
async def platform(settings: Settings, clock: ManualClock) -> AsyncIterator[Platform]:
    """A platform without any data."""
    async with AsyncExitStack() as stack:
        yield Platform(await stack.enter_async_context(running(settings)), clock, stack)


@pytest.fixture
async def strict_platform(settings: Settings, clock: ManualClock) -> AsyncIterator[Platform]:
    """A platform with the limits of the contract."""
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(running(replace(settings, limits=RateLimits())))
        yield Platform(at, clock, stack)
