"""One running platform for many tests: it is emptied between them, which costs a fraction of a start."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import literal, select, text, union_all

from server.db import Base
from server.serve import Running, running
from server.settings import HashCost, RateLimits, Settings

T = TypeVar("T")

ANSWER_WITHIN = 30.0
"""Seconds the platform may take for what a test asks of its thread."""


def quick_settings(folder: Path) -> Settings:
    """Return settings of a quick platform: passwords cost nothing and limits are out of the way."""
    return Settings(
        data_dir=folder,
        port=0,
        hash_cost=HashCost(passes=1, memory_kib=8, lanes=1),
        limits=RateLimits(logins_per_minute=10_000, requests_per_minute=1_000_000),
    )


_FULL = union_all(
    *(
        select(literal(table.name)).where(select(literal(1)).select_from(table).exists())
        for table in Base.metadata.tables.values()
    )
)
"""Asks for the tables with something in them: most have nothing."""


class SharedPlatform:
    """A platform on a thread and a loop of its own, because the loops of the tests end with them."""

    def __init__(
        self, at: Running, loop: asyncio.AbstractEventLoop, over: asyncio.Event, thread: threading.Thread
    ) -> None:
        self.url = at.url
        self.state = at.state
        self._loop = loop
        self._over = over
        self._thread = thread

    async def within(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `work` where the platform runs and return what it returns."""
        async with asyncio.timeout(ANSWER_WITHIN):
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))

    async def empty(self) -> None:
        """Take out everybody and everything, once those who were there have left."""
        await self.within(self._empty)

    async def _empty(self) -> None:
        await self.state.hub.emptied(ANSWER_WITHIN)
        await self.state.background.drain()
        async with self.state.database.writing() as db:
            # Some tables point at each other: whether all ends meet is asked at the end.
            await db.execute(text("PRAGMA defer_foreign_keys = ON"))
            for name in await db.scalars(_FULL):
                await db.execute(Base.metadata.tables[name].delete())

    def end(self) -> None:
        """Tell the platform to stop and wait until it has; once is enough."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join(ANSWER_WITHIN)

    async def stop(self) -> None:
        """Do the same while the caller's loop goes on."""
        await asyncio.to_thread(self.end)


@contextmanager
def shared_platform(folder: Path) -> Iterator[SharedPlatform]:
    """Run a platform for the length of a block."""
    ready: Future[tuple[Running, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        try:
            async with running(quick_settings(folder)) as at:
                ready.set_result((at, asyncio.get_running_loop(), over))
                await over.wait()
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="platform of the tests")
    thread.start()
    shared = SharedPlatform(*ready.result(ANSWER_WITHIN), thread)
    try:
        yield shared
    finally:
        shared.end()
