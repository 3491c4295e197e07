"""A thread of 100,000 comments and a chat of 1,000,000 messages, from a platform over loopback into the stores.

`python -m benchmarks.long_lists [--comments 5000 100000] [--messages 1000000] [--kept 1000000] [--rounds 3] [--blame]`
prints how long it takes until there is something to read and until everything is there, beside it the CPU time of both
processes and, as the floor, the same bytes fetched and read as JSON and nothing else; the longest time for which the
event loop was held, with `--blame` also by whom; and the memory. `--kept` is a chat that is opened from this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from api_client import endpoints
from api_client.auth import MemoryTokens
from api_client.client import PlatformClient
from api_client.models.chat import Message, NewConversation
from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.cache import Cache, Position
from api_client.sync.intents import sender
from api_client.sync.outbox import Outbox
from benchmarks.blame import Lag
from benchmarks.platform_data import fill_chat, fill_thread
from benchmarks.storm_platform import READY
from tests.e2e.machine import ROOT
from tui.state.archive import NEWEST, Archive
from tui.state.chat import ChatStore
from tui.state.collector import Collector
from tui.state.comment_change import CommentsChange
from tui.state.comments import CommentsStore
from tui.state.messages import Transcript
from tui.state.session import Session

_PAGES_UP, _PAGES_DOWN = 300, 100
_STRETCH = 5_000
_WARM = 50
"""Comments of a thread that is opened before: platform and program have been at work for a while."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _World:
    session: Session
    database: Path
    platform: int
    """Its process."""
    token: str
    blame: bool


@dataclass(frozen=True)
class _Opened:
    """One thread opened: all in ms, the memory in KB a comment."""

    first: float
    everything: float
    ours: float
    platform: float
    held: float
    own: float
    """The part of it in which this process had the CPU."""
    memory: float
    floor: float


@contextmanager
def _platform(folder: Path) -> Iterator[tuple[str, int]]:
    """Run a platform, and give its address and its process."""
    command = [sys.executable, "-m", "tests.e2e.platform_process", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), f"the platform did not start: {line!r}"
            yield line.removeprefix(READY).strip(), process.pid
        finally:
            process.terminate()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _cpu_of(process: int) -> float:
    """Return the CPU time that a process has taken, in ms."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000 / _TICK


def _floor(world: _World, post_id: str) -> float:
    """Return the ms in which all pages of a thread are fetched and read as JSON, and nothing else is done."""
    host = world.session.comments._client.address.origin.removeprefix("http://")
    began, cursor = time.perf_counter(), ""
    connection = http.client.HTTPConnection(host)
    path = endpoints.COMMENTS.path.replace("{id}", post_id)
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        connection.request("GET", f"/api/v1{path}?whole=true&limit=100{after}", headers={"Authorization": world.token})
        cursor = json.loads(connection.getresponse().read())["nextCursor"]
    connection.close()
    return (time.perf_counter() - began) * 1e3


async def _thread(world: _World, number: int, count: int) -> _Opened:
    session = world.session
    client = session.comments._client
    name = f"cats{number}"
    await client.threads.found(NewSubreddit(name=name))
    post = await client.feed.create(NewThreadPost(subreddit=name, title="many"))
    await asyncio.to_thread(fill_thread, world.database, post.id, session.me.id, count)
    store = CommentsStore(client, session.writes, session.me, cache=session.cache)
    gc.collect()
    first: list[float] = []
    memory, ours, platform = _resident(), time.process_time(), _cpu_of(world.platform)
    lag, began = Lag(blame=world.blame), time.perf_counter()

    def changed(_: CommentsChange) -> None:
        if not first and store.size(post.id):
            first.append(time.perf_counter() - began)

    store.subscribe(changed)
    store.show(post.id)
    await store.load(post.id)
    took, ours, platform = time.perf_counter() - began, time.process_time() - ours, _cpu_of(world.platform) - platform
    # Until it is on this machine as well: what is done behind the screen counts, too.
    while store._tasks._running:
        await asyncio.wait(store._tasks._running)
    await session.cache.flush()
    held = lag.stop()
    assert store.size(post.id) == count
    for line in lag.told() if world.blame else ():
        print(line)
    gc.collect()
    grown = (_resident() - memory) / count / 1_024
    store.hide(post.id)
    floor = await asyncio.to_thread(_floor, world, post.id)
    return _Opened(first[0] * 1e3, took * 1e3, ours * 1e3, platform, held, lag.own * 1e3, grown, floor)


async def _threads(world: _World, count: int, rounds: int) -> None:
    found = [await _thread(world, count + number, count + number) for number in range(rounds)]

    def middle(name: str) -> float:
        return float(median(getattr(one, name) for one in found))

    print(f"{count:,} comments, medians of {rounds}: first {middle('first'):.0f} ms, all {middle('everything'):.0f} ms")
    print(f"  (CPU {middle('ours'):.0f} ms here, {middle('platform'):.0f} ms on the platform;", end=" ")
    print(f"the same bytes read as JSON alone {middle('floor'):.0f} ms)")
    print(f"  loop held {middle('held'):.0f} ms at worst, {middle('own'):.0f} of it with the CPU", end=" ")
    print(f"({max(one.own for one in found):.0f} in the worst round),", end=" ")
    print(f"{found[0].memory:.2f} KB of memory for each")


async def _chat(world: _World, count: int) -> None:
    session, database = world.session, world.database
    client = session.comments._client
    async with PlatformClient(client.address.origin, tokens=MemoryTokens()) as other:
        bob = await other.accounts.register("bob", "bob@example.com", "correct horse battery")
    chat_id = (await client.chat.create(NewConversation(member_ids=[bob.id]))).id
    await asyncio.to_thread(fill_chat, database, chat_id, bob.id, count)
    store, lag, began = session.chat, Lag(blame=world.blame), time.perf_counter()
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
        await _fill_next(store, chat_id)
        most = max(most, len(transcript))
    down, held = time.perf_counter() - began, lag.stop()
    print(f"{count:,} messages: the end {opened * 1e3:.0f} ms, a page up {up / _PAGES_UP * 1e3:.0f} ms,")
    print(f"  a page down again {down / _PAGES_DOWN * 1e3:.0f} ms,", end=" ")
    print(f"loop held {held:.0f} ms at worst, {lag.own * 1e3:.0f} of it with the CPU,")
    grown = (_resident() - memory) / 2**20
    print(f"  {most} messages in memory at most, {grown:.0f} MiB more after {_PAGES_UP + _PAGES_DOWN} pages")


async def _fill_kept(path: Path, chat_id: str, sender_id: str, count: int) -> None:
    """Keep a conversation on this machine as the store does when it lets go of what was read."""
    cache = await Cache.open(path, limit=100 * count * 1_024)
    archive, stretch = Archive(cache), list[Message]()
    began = datetime.now(UTC) - timedelta(seconds=count)
    for number in range(count):
        stretch.append(
            Message.model_construct(
                id=f"00000001-0000-7000-8000-{number:012}", chat_id=chat_id, sender_id=sender_id,
                content=f"message {number} of many", created_at=began + timedelta(seconds=number),
            )
        )  # fmt: skip
        if len(stretch) > _STRETCH:
            archive.stow(stretch, begins=number == _STRETCH)
            stretch = stretch[-1:]
            await cache.flush()
    # What stays is the newest, and the page before it ends with the oldest of them.
    archive.stow(stretch[: len(stretch) - NEWEST + 1], begins=False)
    stretch = stretch[-NEWEST:]
    transcript = Transcript(sender_id)
    transcript.restore(stretch, [[message.id for message in stretch]], False)
    archive.keep(chat_id, transcript)
    await cache.close()


async def _kept(world: _World, folder: Path, count: int) -> None:
    """Open a chat at its end with nothing but what is on this machine, and read in both directions."""
    client, chat_id, path = world.session.comments._client, f"kept{count}", folder / "kept" / "cache.db"
    await _fill_kept(path, chat_id, world.session.me.id, count)
    cache = await Cache.open(path)
    client.offline = True
    store = _session(client, world.session.me, cache).chat
    memory, lag, began = _resident(), Lag(blame=world.blame), time.perf_counter()
    store.watch(chat_id)
    transcript = store.transcript(chat_id)
    shown = len(transcript.entries)
    opened, ups, downs, most = time.perf_counter() - began, list[float](), list[float](), 0
    for _ in range(_PAGES_UP):
        began = time.perf_counter()
        store.keep_position(chat_id, Position(transcript.messages[0].id))
        await store.load_older(chat_id)
        ups.append(time.perf_counter() - began)
        most = max(most, len(transcript))
    for _ in range(_PAGES_DOWN):
        began = time.perf_counter()
        await _fill_next(store, chat_id)
        downs.append(time.perf_counter() - began)
        most = max(most, len(transcript))
    held, grown = lag.stop(), (_resident() - memory) / 2**20
    client.offline = False
    print(f"{count:,} messages kept here, no network: {shown} there after {opened * 1e3:.0f} ms,", end=" ")
    print(f"a page up {median(ups) * 1e3:.0f} ms, down {median(downs) * 1e3:.0f} ms,")
    print(f"  loop held {held:.0f} ms at worst, {lag.own * 1e3:.0f} of it with the CPU,", end=" ")
    print(f"{most} messages in memory at most, {grown:.0f} MiB more after {_PAGES_UP + _PAGES_DOWN} pages")
    for line in lag.told() if world.blame else ():
        print(line)
    await cache.close()


async def _fill_next(store: ChatStore, chat_id: str) -> None:
    """Go on from below the first hole, as somebody who reads towards the end, until its upper edge has moved."""
    transcript = store.transcript(chat_id)
    hole = transcript.holes[0]
    before = transcript.before(hole)
    assert before is not None
    store.keep_position(chat_id, Position(before.id))
    store.fill(chat_id, hole)
    for _ in range(10_000):
        if transcript.before(hole) != before:
            break
        await asyncio.sleep(0.001)


async def _measure(chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, _platform(Path(folder) / "platform") as (url, process):
        database = Path(folder) / "platform" / "platform.db"
        cache = await Cache.open(Path(folder) / "cache" / "cache.db")
        async with PlatformClient(url) as client:
            me = await client.accounts.register("ann", "ann@example.com", "correct horse battery")
            session = _session(client, me, cache)
            tokens = await client.auth.current()
            assert tokens is not None
            world = _World(session, database, process, f"Bearer {tokens.access}", chosen.blame)
            await _thread(_World(session, database, process, world.token, False), _WARM, _WARM)
            for count in chosen.comments:
                await _threads(world, count, chosen.rounds if count < 50_000 else 1)
            if chosen.messages:
                await _chat(world, chosen.messages)
            if chosen.kept:
                await _kept(world, Path(folder), chosen.kept)
            await session.outbox.close()
        await cache.close()


def _session(client: PlatformClient, me: User, cache: Cache) -> Session:
    realtime = Realtime(client, on_event=lambda _: None, on_gap=lambda: None)
    return Session.build(client, realtime, Outbox(sender(client)), me, cache)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, nargs="*", default=[5_000, 100_000])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--kept", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--blame", action="store_true")
    chosen = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    # As the program has it.
    Collector().start()
    asyncio.run(_measure(chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
