"""`outbox.db` with 100,000 intents in it: taking one more on, opening, looking for changes, memory.

`python -m benchmarks.outbox_store [rows]` prints the wall-clock figures, on the disk of the temporary folder.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import quantiles

from api_client import endpoints as table
from api_client.models.posts import NewComment
from api_client.sync import Intent, Status
from api_client.sync.ports import Draft, Step, Stored
from api_client.sync.sqlite import SqliteOutboxStore
from benchmarks.measure import Row

ROWS = 100_000
LOOKING_LIMIT = 5.0
"""Ms that looking for the changes of other processes may take, which happens every second."""
_TIMES = 1000
_LOOKING = "looking for changes where there are none"


def rows() -> Iterator[Row]:
    """Yield the figures of a small outbox, as `make bench` shows them."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measured(Path(folder) / "outbox.db", 1000))
    for name, ms in figures:
        limit = LOOKING_LIMIT if name.startswith(_LOOKING) else None
        yield Row(f"outbox.db, 1,000 waiting: {name}" + (" | limit" if limit else ""), ms, limit)


def main() -> None:
    """Measure with as many rows as asked for, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        print(f"{count:,} waiting intents, wall clock")
        for name, ms in asyncio.run(_measured(path, count)):
            print(f"{name:58} {ms:12.4f} ms")
        print(f"{'size of the file':58} {path.stat().st_size / 1e6:12.1f} MB")


def comment(number: int) -> Intent:
    """Return a write of the usual length."""
    return Intent.of(
        table.CREATE_COMMENT,
        params={"id": str(number)},
        body=NewComment(body="What somebody says about a picture, in a sentence or two of the usual length."),
        object_key=f"posts:{number}",
        created_at=1.0,
        label="comment on a post",
        holds_words=True,
    )


async def fill(path: Path, count: int) -> None:
    """Make a file at `path` with `count` writes waiting in it."""
    store = SqliteOutboxStore(path, writer="before")
    await store.open()
    for start in range(0, count, 256):
        await asyncio.gather(*(store.append(comment(number)) for number in range(start, min(count, start + 256))))
    await store.close()


async def _measured(path: Path, count: int) -> list[tuple[str, float]]:
    figures: list[tuple[str, float]] = []
    began = time.perf_counter()
    await fill(path, count)
    figures.append(("taking one on, 256 at a time", (time.perf_counter() - began) * 1000 / count))

    store = SqliteOutboxStore(path, writer="benchmark")
    before = _memory()
    began = time.perf_counter()
    contents = await store.open()
    figures.append(("opening", (time.perf_counter() - began) * 1000))
    assert len(contents.intents) == count
    figures.append(("memory for what was opened, in MB", max(0.0, _memory() - before)))

    fresh = iter([comment(number) for number in range(_TIMES)])
    drafted = iter([comment(number) for number in range(_TIMES)])
    history = [Step(f"{n}", "commented", 1.0, comment(n), None) for n in range(100)]
    some = iter(list(contents.intents[:_TIMES]) * max(1, _TIMES // count))
    gone = iter(stored.seq for stored in list(contents.intents[-_TIMES:]) * max(1, _TIMES // count))
    await store.keep_steps(history)

    async def with_draft() -> None:
        intent = next(drafted)
        history.append(Step(intent.idempotency_key, "commented", 1.0, intent, None))
        await store.append(intent, draft="post", steps=history[-100:])

    async def mark() -> None:
        await store.mark(Stored((stored := next(some)).seq, stored.intent, Status.SENDING, None, 1, 1.0))

    figures += await _each("taking one on", lambda: store.append(next(fresh)))
    figures += await _each("keeping a draft", lambda: store.keep_draft(Draft("post", {"text": "words"}, 1.0, "me")))
    figures += await _each("taking one on with its draft and 100 steps", with_draft)
    figures += await _each("marking one", mark)
    figures += await _each("finishing one", lambda: store.finish(next(gone), '{"id":"1"}'))
    figures += await _each(_LOOKING, store.changes)
    await store.close()
    return figures


async def _each(name: str, work: Callable[[], Awaitable[object]]) -> list[tuple[str, float]]:
    taken = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(taken, n=100)
    return [(f"{name}, median", cuts[49]), (f"{name}, 99 of 100 within", cuts[98])]


def _memory() -> float:
    """Return the peak of the resident memory in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main()
