"""What the outbox costs with a hundred thousand writes waiting in its file, beside what it may cost.

The file is opened as the program opens it. The loop's time is that of its thread, so that a busy machine counts less;
what is stored when `submit` returns is on the disk of the temporary folder.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from api_client.sync import Intent, Outbox
from api_client.sync.sqlite import SqliteOutboxStore
from benchmarks.measure import Row
from benchmarks.outbox_store import comment, fill
from tui.storage import uncollected

PENDING = 100_000
MEASURED = 2_000
WEIGHED = 10_000
"""How many are weighed: following every allocation makes it slow."""

LOOP_LIMIT = 1.0
"""Ms of the event loop that taking a write on may cost."""
OPENING_LIMIT = 1_000.0
"""Ms that the program may take to open what is stored."""
WEIGHT_LIMIT = 1.0
"""KiB of memory that a waiting write may take."""


async def _never(_: Intent) -> None:
    raise AssertionError("nothing is sent while the outbox is paused")


async def _opened(path: Path) -> Outbox:
    outbox = Outbox(_never, store=SqliteOutboxStore(path, writer="benchmark"))
    outbox.pause("measuring")
    with uncollected(outbox):
        await outbox.start()
    return outbox


async def _weight(folder: Path) -> float:
    """Return the KiB that each write takes which waits in an open outbox."""
    path = folder / "small.db"
    await fill(path, WEIGHED)
    tracemalloc.start()
    outbox = await _opened(path)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await outbox.close()
    return size / WEIGHED / 1_024


async def _measure(folder: Path) -> list[Row]:
    path = folder / "outbox.db"
    await fill(path, PENDING)
    before, worked = time.perf_counter(), time.process_time()
    outbox = await _opened(path)
    opening, work = (time.perf_counter() - before) * 1_000, (time.process_time() - worked) * 1_000
    loop: list[float] = []
    wall: list[float] = []
    for number in range(PENDING, PENDING + MEASURED):
        intent = comment(number)
        before, worked = time.perf_counter(), time.thread_time()
        await outbox.submit(intent)
        loop.append((time.thread_time() - worked) * 1_000)
        wall.append((time.perf_counter() - before) * 1_000)
    before = time.thread_time()
    for _ in range(1_000):
        if outbox.pending < PENDING or outbox.attention:
            sys.exit("the outbox has lost something")
    counting = time.thread_time() - before
    await outbox.close()
    at = f"at {PENDING:,} pending"
    return [
        Row(f"outbox: opening of {PENDING:,}, wall clock | limit", opening, OPENING_LIMIT),
        Row(f"outbox: opening of {PENDING:,}, CPU", work),
        Row(f"enqueue {at}, loop, median | limit", median(loop), LOOP_LIMIT),
        Row(f"enqueue {at}, loop, 99 of 100 | limit", quantiles(loop, n=100)[98], LOOP_LIMIT),
        Row(f"enqueue {at}, loop, worst of {MEASURED:,} | limit", max(loop), LOOP_LIMIT),
        Row(f"enqueue {at}, until on the disk, median", median(wall)),
        Row(f"enqueue {at}, until on the disk, 99 of 100", quantiles(wall, n=100)[98]),
        Row(f"enqueue {at}, until on the disk, worst", max(wall)),
        Row(f"pending and attention {at} | limit", counting, LOOP_LIMIT),
    ]


def rows() -> Iterator[Row]:
    """Yield the figures."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder)))
        yield Row(
            "outbox: KiB of memory for each waiting write | limit", asyncio.run(_weight(Path(folder))), WEIGHT_LIMIT
        )
