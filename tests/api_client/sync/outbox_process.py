"""Run as a program: forks processes that each have an `Outbox` on the same files, so that a start is cheap.

Each line of the input is `folder name port`; the answer to it is the number of the process. Whoever started this kills
them. They send to, and tell what they have promised to, whoever listens on the port.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from api_client import endpoints as table
from api_client.errors import Unreachable
from api_client.models.posts import LikeState
from api_client.sync import Intent, Outbox
from api_client.sync.leadership import FileLeadership
from api_client.sync.sqlite import SqliteOutboxStore

EVERY = 0.05
"""Seconds between two writes of a process."""


async def tell(port: int, **what: object) -> None:
    """Say something to the listener, and wait until it has heard it."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(json.dumps(what).encode() + b"\n")
        answer = await reader.readline()
        writer.close()
    except OSError as error:
        raise Unreachable("Nobody listens.") from error
    if not answer:
        raise Unreachable("No answer.", sent=True)


async def live(folder: Path, name: str, port: int) -> None:
    """Write, and send when this is the process that leads, without end."""

    async def send(intent: Intent) -> Any:
        await tell(port, kind="sent", key=intent.idempotency_key, label=intent.label, process=os.getpid())
        return LikeState(liked=True, like_count=1)

    store = SqliteOutboxStore(folder / "outbox.db", writer=name, account="ann")
    outbox = Outbox(send, store=store, leadership=FileLeadership(folder / "outbox.lock"), writer=name)
    await outbox.start()
    for number in range(1_000_000):
        post = f"{name}-{number % 3}"
        intent = Intent.of(
            table.LIKE, params={"id": post}, object_key=f"posts:{post}", created_at=1.0, label=f"{post}-{number:06}"
        )
        await outbox.submit(intent)
        await tell(port, kind="promised", key=intent.idempotency_key, label=intent.label)
        await asyncio.sleep(EVERY)


def main() -> None:
    # Nobody waits for those who were killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        folder, name, port = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(live(Path(folder), name, int(port)))
            os._exit(1)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
