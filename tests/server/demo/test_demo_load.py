"""What a demo platform holds when it has started for the first time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text

from server.clock import ManualClock
from server.demo.load import TEST_ACCOUNTS, ensure_demo
from server.serve import running
from server.settings import Settings
from server.tables.users import UserRow
from tests.server.conftest import Platform


@pytest.fixture
async def demo(settings: Settings, clock: ManualClock) -> AsyncIterator[Platform]:
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(running(replace(settings, demo=True, demo_scale=0.05)))
        yield Platform(at, clock, stack)


async def sign_in(platform: Any, email: str, password: str) -> int:
    client = await platform.client()
    reply = await client.post("auth/login", json={"email": email, "password": password})
    return int(reply.status_code)


async def test_the_demo_user_and_the_test_accounts_can_sign_in(demo: Platform) -> None:
    assert await sign_in(demo, "demo", "parlour-demo") == 200
    assert await sign_in(demo, "test@example.com", "password123") == 200
    assert await sign_in(demo, "user1@example.com", "password") == 200
    assert await sign_in(demo, "user2@example.com", "password") == 200


async def test_a_platform_that_is_no_demo_has_no_test_accounts(platform: Platform) -> None:
    for name, password in TEST_ACCOUNTS:
        assert await sign_in(platform, f"{name}@example.com", password) == 401


async def test_everything_refers_to_something_and_can_be_found(demo: Platform) -> None:
    person = await demo.person("ann")
    title = (await person.data("GET", "/search", q="e", type="track"))["tracks"][0]["title"]
    assert title
    async with demo.state.database.reading() as db:
        assert list(await db.execute(text("PRAGMA foreign_key_check"))) == []
        # The root of every row that was left out would be null.
        assert (await db.execute(text("SELECT count(*) FROM comments WHERE parent_id IS NULL"))).scalar_one() > 0
        assert (await db.execute(text("SELECT count(*) FROM comments WHERE parent_id IS NOT NULL"))).scalar_one() > 0


async def test_a_world_that_is_there_is_left_as_it_is(demo: Platform) -> None:
    said: list[str] = []
    async with demo.state.database.reading() as db:
        before = await db.scalar(select(func.count()).select_from(UserRow))
    await ensure_demo(demo.state, said.append)
    async with demo.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(UserRow)) == before
    assert said == []
