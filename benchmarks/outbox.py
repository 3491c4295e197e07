"""What the outbox costs with a hundred thousand writes waiting: time of the event loop, and memory."""

from __future__ import annotations

import asyncio
import sys
import time
import tracemalloc
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from api_client import endpoints
from api_client.sync import Intent, Outbox
from api_client.sync.ports import Contents
from benchmarks.measure import Row

PENDING = 100_000
MEASURED = 2_000
WEIGHED = 10_000
"""How many are weighed: following every allocation makes it slow."""


class _Nowhere:
    """A store that keeps nothing, so that the engine alone is measured."""

    def __init__(self) -> None:
        self._seq = 0

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any, **__: Any) -> Any:
            return True

        return nothing

    async def open(self) -> Contents:
        return Contents()

    async def changes(self) -> None:
        return None

    async def drafts(self) -> tuple[()]:
        return ()

    async def append(self, *_: Any, **__: Any) -> int:
        self._seq += 1
        return self._seq


def _intent(number: int) -> Intent:
    return Intent.of(
        endpoints.CREATE_COMMENT,
        params={"id": str(number)},
        body={"body": f"A comment of ordinary length, the {number}th of them, to be sent later."},
        object_key=f"posts:{number}",
        created_at=0.0,
        label="comment on a post",
    )


async def _never(_: Intent) -> None:
    raise AssertionError("nothing is sent while the outbox is paused")


async def _measure() -> tuple[list[float], float, float]:
    """Return the ms of loop time of each enqueue on top of the pending ones, the bytes of each, and ms of counting."""
    outbox = Outbox(_never, store=_Nowhere())
    outbox.pause("measuring")
    await outbox.start()
    tracemalloc.start()
    began, _ = tracemalloc.get_traced_memory()
    for number in range(WEIGHED):
        await outbox.submit(_intent(number))
    size = (tracemalloc.get_traced_memory()[0] - began) / WEIGHED
    tracemalloc.stop()
    for number in range(WEIGHED, PENDING):
        await outbox.submit(_intent(number))
    taken = []
    for number in range(PENDING, PENDING + MEASURED):
        intent = _intent(number)
        before = time.process_time()
        await outbox.submit(intent)
        taken.append((time.process_time() - before) * 1_000)
    before = time.process_time()
    for _ in range(1_000):
        if outbox.pending < PENDING or outbox.attention:
            sys.exit("the outbox has lost something")
    counting = time.process_time() - before
    await outbox.close()
    return taken, size, counting


def rows() -> Iterator[Row]:
    """Yield the figures."""
    taken, size, counting = asyncio.run(_measure())
    yield Row(f"enqueue at {PENDING} pending, median", median(taken))
    yield Row(f"enqueue at {PENDING} pending, 99 of 100", quantiles(taken, n=100)[98])
    yield Row(f"enqueue at {PENDING} pending, worst of {MEASURED}", max(taken))
    yield Row(f"pending and attention at {PENDING} pending", counting)
    yield Row("KiB of memory for each pending intent", size / 1_024)
