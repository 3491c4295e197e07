"""Writes the demo world into an empty platform, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.db import Base
from server.demo.build_people import DEMO_PASSWORD
from server.demo.catalogue_rows import catalogue_rows
from server.demo.chat_rows import chat_rows
from server.demo.music_rows import music_rows
from server.demo.people_rows import people_rows
from server.demo.post_rows import post_rows
from server.demo.world import World, build_world
from server.state import ServerState
from server.tables.users import UserRow

Rows = Iterable[tuple[type[Base], list[dict[str, Any]]]]
"""Tables with their rows as column values, parents before children."""

BATCH = 1000

TEST_ACCOUNTS = (("test", "password123"), ("user1", "password"), ("user2", "password"))
"""Names at example.com and their passwords: newcomers for trying out what an empty account sees."""


async def ensure_demo(state: ServerState, progress: Callable[[str], None]) -> None:
    """Fill the platform with the demo world unless somebody lives there already."""
    async with state.database.reading() as db:
        if (await db.execute(select(UserRow.id).limit(1))).first() is not None:
            return
    progress("making the demo world")
    settings = state.settings
    world = await asyncio.to_thread(
        build_world, seed=settings.seed, scale=settings.demo_scale, now=settings.clock.now()
    )
    password_hash = await state.passwords.hash(DEMO_PASSWORD)
    newcomers = [await _newcomer(state, name, password) for name, password in TEST_ACCOUNTS]
    async with state.database.writing() as db:
        # One transaction: a start that is broken off leaves an empty platform, which the next one fills.
        for label, rows in _parts(world, password_hash):
            progress(label)
            await _write(db, rows)
        db.add_all(newcomers)
    progress("the demo world is there: sign in as demo, password parlour-demo")


def _parts(world: World, password_hash: str) -> Iterable[tuple[str, Rows]]:
    yield f"{len(world.people)} people", people_rows(world, password_hash)
    yield f"{len(world.photo_posts) + len(world.thread_posts)} posts, {len(world.comments)} comments", post_rows(world)
    yield f"{len(world.messages)} messages", chat_rows(world)
    yield f"{len(world.tracks)} tracks", music_rows(world)
    yield "concerts", catalogue_rows(world)


async def _write(db: AsyncSession, rows: Rows) -> None:
    for table, values in rows:
        # Into the table itself: mapped inserts part the rows by which of their columns are null.
        statement = insert(Base.metadata.tables[table.__tablename__])
        for start in range(0, len(values), BATCH):
            await db.execute(statement, values[start : start + BATCH])


async def _newcomer(state: ServerState, name: str, password: str) -> UserRow:
    now = state.clock.now()
    return UserRow(
        username=name,
        username_key=name,
        email=f"{name}@example.com",
        password_hash=await state.passwords.hash(password),
        created_at=now,
        updated_at=now,
    )
