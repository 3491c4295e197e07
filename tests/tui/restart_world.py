"""Somebody's machine, on which the program is started again and again, with the platform in reach or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import sender
from api_client.sync.leadership import FileLeadership
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from tests.shared_platform import SharedPlatform
from tests.tui.threads_world import PASSWORD, Ahead, until
from tui.state.comment_entries import CommentEntry
from tui.state.comments import CommentsStore
from tui.state.threads import ThreadsStore
from tui.state.writes import Writes

__all__ = ["Machine", "Program", "machine", "until"]


class Program:
    """One run of it, as far as threads and comments go."""

    def __init__(self, client: PlatformClient, me: User, outbox: Outbox, cache: Cache) -> None:
        self.client = client
        self.outbox = outbox
        self.cache = cache
        self.writes = Writes(outbox)
        self.threads = ThreadsStore(client, self.writes, me, cache=cache)
        self.comments = CommentsStore(client, self.writes, me, calm=0.0, cache=cache)
        self._doing: list[asyncio.Task[Any]] = []

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let the user do something that may take as long as the platform is away."""
        self._doing.append(asyncio.create_task(work))

    async def settled(self) -> None:
        """Wait until the platform has everything, and the stores have taken in what it said."""
        following = [self.writes.follow(receipt) for receipt in self.outbox.open]
        self.outbox.resume()
        async with asyncio.timeout(30):
            await asyncio.gather(*following)

    async def stop(self) -> None:
        """Leave, whatever is unsent."""
        await self.outbox.close()
        for result in await asyncio.gather(*self._doing, return_exceptions=True):
            assert not isinstance(result, BaseException) or isinstance(result, PlatformError), result
        await self.cache.close()

    def entry(self, post_id: str, body: str) -> CommentEntry | None:
        """Return the comment with these words as it is shown."""
        entries = (e for e in self.comments.entries(post_id) if isinstance(e, CommentEntry))
        return next((e for e in entries if e.comment.body == body), None)

    def tree(self, post_id: str) -> list[tuple[int, str]]:
        """Return the depth and the words of every comment, in order."""
        return [(e.depth, e.comment.body) for e in self.comments.entries(post_id) if isinstance(e, CommentEntry)]


class Machine:
    """What outlives the program: an outbox and a cache."""

    def __init__(self, client: PlatformClient, me: User, folder: Path) -> None:
        self.client = client
        self.me = me
        self.disk = Disk()
        self._folder = folder
        self.program: Program | None = None

    async def start(self) -> Program:
        """Start the program, after leaving it if it runs, and show what is unsent, as the program does."""
        if self.program is not None:
            await self.program.stop()
        cache = await Cache.open(self._folder / f"{self.me.username}.db")
        leadership = FileLeadership(self._folder / f"{self.me.username}.lock")
        outbox = Outbox(sender(self.client), store=MemoryStore(self.disk), leadership=leadership, clock=Ahead())
        self.program = Program(self.client, self.me, outbox, cache)
        await outbox.start()
        for receipt in outbox.open:
            self.program.writes.follow(receipt)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return self.program


@asynccontextmanager
async def machine(platform: SharedPlatform, name: str, folder: Path) -> AsyncIterator[Machine]:
    """Register somebody and give their machine; the program on it is left at the end."""
    async with PlatformClient(platform.url) as client:
        me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
        found = Machine(client, me, folder)
        try:
            yield found
        finally:
            if found.program is not None:
                await found.program.stop()
