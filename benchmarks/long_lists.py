"""A thread of 100,000 comments and a chat of 1,000,000 messages, from a platform over loopback into the stores.

`python -m benchmarks.long_lists [--comments 5000 100000] [--messages 1000000]` prints how long it takes until there is
something to read and until everything is there, the longest time for which the event loop was held, and the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from api_client.auth import MemoryTokens
from api_client.client import PlatformClient
from api_client.models.chat import NewConversation
from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from api_client.realtime import Realtime
from api_client.sync.cache import Cache, Position
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from benchmarks.chat_flood import platform_process
from benchmarks.platform_data import fill_chat, fill_thread
from tui.state.comment_change import CommentsChange
from tui.state.session import Session

_PAGES_UP, _PAGES_DOWN = 300, 100


class Lag:
    """Watches how long the event loop is held at worst."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            due = time.perf_counter() + 0.002
            await asyncio.sleep(0.002)
            self.worst = max(self.worst, time.perf_counter() - due)

    def stop(self) -> float:
        """Return the worst in ms."""
        self._task.cancel()
        return self.worst * 1_000


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _thread(session: Session, database: Path, count: int) -> None:
    client = session.comments._client
    name = f"cats{count}"
    await client.threads.found(NewSubreddit(name=name))
    post = await client.feed.create(NewThreadPost(subreddit=name, title="many"))
    await asyncio.to_thread(fill_thread, database, post.id, session.me.id, count)
    memory, lag, began = _resident(), Lag(), time.perf_counter()
    first: list[float] = []

    def changed(_: CommentsChange) -> None:
        if not first and session.comments.size(post.id):
            first.append(time.perf_counter() - began)

    unsubscribe = session.comments.subscribe(changed)
    session.comments.show(post.id)
    await session.comments.load(post.id)
    took = time.perf_counter() - began
    unsubscribe()
    held, grown = lag.stop(), _resident() - memory
    assert session.comments.size(post.id) == count
    print(
        f"{count:,} comments: first {first[0] * 1e3:.0f} ms, all {took * 1e3:.0f} ms, loop held {held:.0f} ms at worst,"
    )
    print(f"  {grown / count / 1_024:.2f} KB of memory for each, with what waits for the cache")


async def _chat(session: Session, database: Path, count: int) -> None:
    client = session.comments._client
    async with PlatformClient(client.address.origin, tokens=MemoryTokens()) as other:
        bob = await other.accounts.register("bob", "bob@example.com", "correct horse battery")
    chat_id = (await client.chat.create(NewConversation(member_ids=[bob.id]))).id
    await asyncio.to_thread(fill_chat, database, chat_id, bob.id, count)
    store, lag, began = session.chat, Lag(), time.perf_counter()
    await store.load()
    store.watch(chat_id)
    await store.load_messages(chat_id)
    opened, memory, most = time.perf_counter() - began, _resident(), 0
    transcript = store.transcript(chat_id)
    began = time.perf_counter()
    for _ in range(_PAGES_UP):
        store.keep_position(chat_id, Position(transcript.messages[0].id))
        await store.load_older(chat_id)
        most = max(most, len(transcript))
    up, began = time.perf_counter() - began, time.perf_counter()
    for _ in range(_PAGES_DOWN):
        hole = transcript.holes[0]
        before = transcript.before(hole)
        assert before is not None
        store.keep_position(chat_id, Position(before.id))
        store.fill(chat_id, hole)
        for _ in range(10_000):
            if transcript.before(hole) != before:
                break
            await asyncio.sleep(0.001)
        most = max(most, len(transcript))
    down, held = time.perf_counter() - began, lag.stop()
    print(f"{count:,} messages: the end {opened * 1e3:.0f} ms, a page up {up / _PAGES_UP * 1e3:.0f} ms,")
    print(f"  a page down again {down / _PAGES_DOWN * 1e3:.0f} ms, loop held {held:.0f} ms at worst,")
    grown = (_resident() - memory) / 2**20
    print(f"  {most} messages in memory at most, {grown:.0f} MiB more after {_PAGES_UP + _PAGES_DOWN} pages")


async def _measure(comments: list[int], messages: int) -> None:
    with tempfile.TemporaryDirectory() as folder, platform_process(Path(folder) / "platform") as (url, _):
        database = Path(folder) / "platform" / "platform.db"
        cache = await Cache.open(Path(folder) / "cache" / "cache.db")
        async with PlatformClient(url) as client:
            me = await client.accounts.register("ann", "ann@example.com", "correct horse battery")
            outbox = Outbox(sender(client))
            realtime = Realtime(client, on_event=lambda _: None, on_gap=lambda: None)
            session = Session.build(client, realtime, outbox, me, cache)
            for count in comments:
                await _thread(session, database, count)
            if messages:
                await _chat(session, database, messages)
            await outbox.close()
        await cache.close()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, nargs="*", default=[5_000, 100_000])
    parser.add_argument("--messages", type=int, default=1_000_000)
    chosen = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    asyncio.run(_measure(chosen.comments, chosen.messages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
