"""Run as a program: forks processes that write to an outbox, and kills them. Imported once, so that a kill is cheap.

Each line of the input is `path round seconds`; the answer to it is one line with what was acknowledged until then.
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from api_client import endpoints as table
from api_client.models.posts import NewComment
from api_client.sync import Intent
from api_client.sync.ports import Draft, Step
from api_client.sync.sqlite import SqliteOutboxStore

SIDE_BY_SIDE = 6


def intent(name: str) -> Intent:
    return Intent.of(
        table.CREATE_COMMENT,
        params={"id": "1"},
        body=NewComment(body=f"what {name} says " * 20),
        object_key="posts:1",
        created_at=1.0,
        label=name,
        idempotency_key=name,
        holds_words=True,
    )


async def write(path: Path, name: str, acknowledged: int) -> None:
    """Write without end, and say on the descriptor `acknowledged` what has been promised."""
    store = SqliteOutboxStore(path, writer=name, account="ann")
    await store.open()

    async def one(worker: int) -> None:
        for number in range(1_000_000):
            key = f"{name}-{worker}-{number}"
            await store.keep_draft(Draft(key, {"text": key}, 1.0, name))
            os.write(acknowledged, f"drafted:{key} ".encode())
            mine = intent(key)
            seq = await store.append(mine, draft=key, steps=[Step(key, key, 1.0, mine, None)])
            os.write(acknowledged, f"appended:{key} ".encode())
            if number % 3 == 2:
                await store.finish(seq, '{"id":"1"}')
                os.write(acknowledged, f"finished:{key} ".encode())

    await asyncio.gather(*(one(worker) for worker in range(SIDE_BY_SIDE)))


def killed_after(path: Path, name: str, seconds: float) -> bytes:
    """Let a process write for `seconds` from its first promise, kill it, and return what it has promised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(write(path, name, writing))
        os._exit(1)
    os.close(writing)
    promised = os.read(reading, 65536)
    ends = time.monotonic() + seconds
    os.set_blocking(reading, False)
    while time.monotonic() < ends:
        time.sleep(0.001)
        try:
            promised += os.read(reading, 1 << 20)
        except BlockingIOError:
            continue
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.set_blocking(reading, True)
    while more := os.read(reading, 1 << 20):
        promised += more
    os.close(reading)
    return promised


def main() -> None:
    for line in sys.stdin:
        path, name, seconds = line.split()
        promised = killed_after(Path(path), name, float(seconds))
        sys.stdout.write(promised.decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
