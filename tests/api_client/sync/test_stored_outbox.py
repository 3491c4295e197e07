"""An outbox on its file: what a start takes up again, and what is found damaged on the way."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from api_client.clock import SystemClock
from api_client.sync import FileLeadership, Intent, Outbox, Status
from api_client.sync.ports import Stored
from api_client.sync.sqlite import SqliteOutboxStore, database
from tests.api_client.sync.fake_platform import FakePlatform, change

PAGE = 4096


class QuickClock(SystemClock):
    """Waits a hundredth of what it is asked to."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


def _store(path: Path) -> SqliteOutboxStore:
    return SqliteOutboxStore(path / "outbox.db")


async def _never(_: Intent) -> None:
    raise AssertionError("nothing is sent")


async def _until(done: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if done():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_what_was_on_its_way_when_the_process_died_is_sent_again_by_one_that_leads_alone(tmp_path: Path) -> None:
    store = _store(tmp_path)
    await store.open()
    sending, waiting = change("1", {"n": 1}), change("2", {"n": 2})
    for intent, status in ((sending, Status.SENDING), (waiting, Status.WAITING)):
        await store.mark(Stored(await store.append(intent), intent, status, None, 1, 5.0))
    await store.close()
    platform = FakePlatform()
    outbox = Outbox(platform, store=_store(tmp_path))
    await outbox.start()
    assert await outbox.drained(10.0)
    assert platform.attempts == [sending.idempotency_key, waiting.idempotency_key]
    assert outbox.open == []
    await outbox.close()


@pytest.mark.parametrize("restart", [False, True])
async def test_what_was_confirmed_is_not_sent_again_when_it_is_handed_in_again(tmp_path: Path, restart: bool) -> None:
    platform = FakePlatform()
    outbox = Outbox(platform, store=_store(tmp_path))
    intent = change("1", {"n": 1})
    await (await outbox.submit(intent))
    if restart:
        await outbox.close()
        outbox = Outbox(platform, store=_store(tmp_path))
    again = await outbox.submit(intent)
    async with asyncio.timeout(10.0):
        assert await again is None
    assert (again.status, outbox.open, platform.attempts) == (Status.DONE, [], [intent.idempotency_key])
    await outbox.close()


async def test_a_salvage_in_the_middle_of_a_run_is_told_in_that_run(tmp_path: Path) -> None:
    outbox = Outbox(
        _never, store=_store(tmp_path), leadership=FileLeadership(tmp_path / "outbox.lock"), clock=QuickClock()
    )
    outbox.pause("testing")
    for number in range(200):
        await outbox.submit(change(str(number), {"text": "words " * 30}))
    assert outbox.complaints == ()
    path = tmp_path / "outbox.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    # Every page but the first loses its head.
    for page in range(1, len(data) // PAGE):
        data[page * PAGE] = 99
    with path.open("r+b") as file:
        file.write(data)
    await _until(lambda: outbox.complaints != ())
    (first, *_) = outbox.complaints
    assert first.startswith("The outbox was damaged.")
    assert "is kept as" in first
    await outbox.close()


async def test_a_large_file_that_was_closed_properly_is_looked_through_when_there_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    look_through = database.look_through

    def look(connection: sqlite3.Connection) -> None:
        looked.append(1)
        look_through(connection)

    monkeypatch.setattr(database, "look_through", look)
    store = _store(tmp_path)
    await store.open()
    await store.append(change("1", {"text": "words " * 2000}))
    await store.close()
    assert len(looked) == 1
    monkeypatch.setattr(database, "_LARGE", 1)
    monkeypatch.setattr(database, "_STEPS", 1)
    await store.open()
    assert len(looked) == 1
    assert not await store._writer.read(lambda: store._database.tidy(lambda: True))
    assert await store._writer.read(store._database.tidy)
    assert await store._writer.read(store._database.tidy)
    assert len(looked) == 3
    # As a crash leaves it: with its log beside it.
    for ending in ("", "-wal"):
        os.link(tmp_path / f"outbox.db{ending}", tmp_path / f"crashed.db{ending}")
    crashed = SqliteOutboxStore(tmp_path / "crashed.db")
    assert len((await crashed.open()).intents) == 1
    assert len(looked) == 4
    await crashed.close()
    await store.close()
