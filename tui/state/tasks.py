"""Work of a store that goes on when the screen that asked for it is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from api_client.errors import PlatformError

R = TypeVar("R")


class Tasks:
    """Keeps references to what runs, so that it is not lost half-way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def close(self) -> None:
        """End what still runs, and begin nothing for nobody any more.

        Called when the outbox is closed: every write is in it by then, for the next start.
        """
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def see_through(self, work: Coroutine[Any, Any, R]) -> R:
        """Run `work` to its end, also when the caller is cancelled while it waits."""
        return await asyncio.shield(self.start(work))

    def start(self, work: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
        """Run `work` to its end; whoever wants its outcome awaits it, shielded."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` for nobody in particular."""
        if self._closed:
            work.close()
            return

        async def quietly() -> None:
            try:
                await work
            except PlatformError:
                # The connection has gone again; its return asks for the same once more.
                return

        task = asyncio.create_task(quietly())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # What is cancelled before its first turn has begun nothing.
        task.add_done_callback(lambda _: work.close())

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Whoever waits gets the error; when nobody does any more, it was told by the outbox.
            task.exception()
