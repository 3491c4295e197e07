"""What is stored opens, however much it is; what nobody needs any more is swept up by the one who leads."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.sync import FileLeadership, Intent
from api_client.sync.sqlite import SqliteOutboxStore
from api_client.sync.sqlite.rows import intent_row
from tui import storage
from tui.accounts import Account
from tui.gate import Admission
from tui.paths import Paths
from tui.storage import Storage, open_storage

ACCOUNT = Account("http://127.0.0.1:9", "ann", "1")


def _paths(folder: Path) -> Paths:
    return Paths.find(folder / "parlour").ensured()[0]


@asynccontextmanager
async def opened(paths: Paths) -> AsyncIterator[Storage]:
    async with PlatformClient(ACCOUNT.url) as client:
        found = await open_storage(paths, cast(Admission, SimpleNamespace(client=client, account=ACCOUNT)))
        try:
            yield found
        finally:
            await found.outbox.close()


def _comment(number: int, *attachments: Path) -> Intent:
    return Intent.of(
        endpoints.CREATE_COMMENT,
        params={"id": str(number)},
        body={"body": f"A comment of ordinary length, the {number}th of them, to be sent later."},
        object_key=f"posts:{number}",
        created_at=0.0,
        label="comment on a post",
        attachments=tuple(map(str, attachments)),
    )


async def _fill(paths: Paths, count: int) -> None:
    """Store many at a stroke, as nobody can type them."""
    path = paths.account_data(ACCOUNT.folder) / "outbox.db"
    store = SqliteOutboxStore(path, account=ACCOUNT.folder)
    await store.open()
    await store.close()
    columns = ", ".join("?" * 19)
    with closing(sqlite3.connect(path)) as db:
        db.executemany(
            f"""INSERT INTO intents (key, endpoint, params, payload, object_key, created_at, label, not_before, base,
            holds_words, attachments, checksum, status, reason, attempts, first_sent_at, conflict, change, writer)
            VALUES ({columns})""",  # noqa: S608
            ((*intent_row(_comment(number)), "queued", None, 0, None, None, 0, "before") for number in range(count)),
        )
        db.commit()


@contextmanager
def _thawed() -> Iterator[None]:
    try:
        yield
    finally:
        gc.unfreeze()


async def test_fifty_thousand_unsent_writes_open_however_long_that_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = _paths(tmp_path)
    await _fill(paths, 50_000)
    monkeypatch.setattr(storage, "OPEN_WITHIN", 0.4)
    with _thawed():
        async with opened(paths) as found:
            assert found.trouble is None
            assert found.outbox.pending == 50_000
            assert gc.isenabled()
            assert gc.get_freeze_count() > 50_000
            # The next one is stored behind them.
            receipt = await found.outbox.submit(_comment(50_000))
            assert receipt.seq == 50_001


async def test_what_holds_the_garbage_collection_while_the_program_starts_is_not_disturbed(tmp_path: Path) -> None:
    gc.disable()
    try:
        async with opened(_paths(tmp_path)):
            assert not gc.isenabled()
    finally:
        gc.enable()


async def test_a_disk_that_does_not_get_on_is_given_up_and_nothing_is_looked_for_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = _paths(tmp_path)
    await _fill(paths, 1)
    monkeypatch.setattr(storage, "OPEN_WITHIN", 0.1)
    descriptor = os.open(paths.account_data(ACCOUNT.folder), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        async with opened(paths) as found:
            assert found.trouble == "The file of what is unsent does not open."
            assert found.attachments is None
            assert gc.isenabled()
    finally:
        os.close(descriptor)
    await asyncio.gather(*storage._closing)


async def test_the_files_of_a_write_that_was_confirmed_just_before_a_crash_are_swept_up_by_the_one_who_leads(
    tmp_path: Path,
) -> None:
    paths = _paths(tmp_path)
    async with opened(paths) as found:
        assert found.attachments is not None
        orphan, named = [Path(await found.attachments.keep(b"picture", "image/png")) for _ in range(2)]
        new = Path(await found.attachments.keep(b"picture", "image/png"))
        for path in (orphan, named):
            os.utime(path, (time.time() - 7_200,) * 2)
        done = await found.outbox.submit(_comment(1, orphan))
        await found.outbox.submit(_comment(2, named))
        # The process dies between this and the deletion.
        store: Any = found.outbox._core.store
        await store.finish(done.seq, None)
    folder = paths.account_data(ACCOUNT.folder)
    leader = FileLeadership(folder / "outbox.lock")
    assert await leader.acquire()
    async with opened(paths) as found:
        assert not found.outbox.leads
        assert [path.exists() for path in (orphan, named, new)] == [True, True, True]
    await leader.release()
    async with opened(paths) as found:
        assert [receipt.intent.attachments for receipt in found.outbox.open] == [(str(named),)]
        assert [path.exists() for path in (orphan, named, new)] == [False, True, True]
