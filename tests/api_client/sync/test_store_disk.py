"""When the disk or another program will not have it: a sentence, nothing half done, and it goes on."""

import asyncio
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from api_client.sync import Intent
from api_client.sync.ports import Draft, StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore, database, writer
from tests.api_client.sync.store_contract import comment, like, step

IS_ROOT = os.geteuid() == 0


def _long(key: str) -> Intent:
    return comment("words " * 1000, key)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 2 MB, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = IS_ROOT and shutil.which("mount") is not None
    if mounted:
        mounted = (
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)], check=False).returncode == 0
        )
    if not mounted:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(place: Path, leave: int) -> Path:
    """Take all of a disk but `leave` bytes, and return the file to delete."""
    ballast = place / "ballast"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    ballast.write_bytes(bytes(max(0, free - leave)))
    return ballast


async def test_a_full_disk_is_told_nothing_is_half_done_and_it_goes_on_when_there_is_space(small_disk: Path) -> None:
    store = SqliteOutboxStore(small_disk / "account" / "outbox.db")
    await store.open()
    taken: dict[str, Intent] = {}
    refused = 0
    for leave in range(0, 80_000, 4096):
        ballast = _fill(small_disk, leave)
        for number in range(20):
            intent = _long(f"{leave}-{number}")
            try:
                await store.keep_draft(Draft(intent.idempotency_key, {"text": "x"}, 1.0, "me"))
                await store.append(intent, draft=intent.idempotency_key, steps=[step(intent)])
            except StoreTrouble as trouble:
                assert "disk is full" in trouble.sentence  # noqa: PT017
                refused += 1
                break
            taken[intent.idempotency_key] = intent
        ballast.unlink()
        kept = {draft.key for draft in await store.drafts()}
        assert not kept & set(taken), "a draft came back"
        await store.append(after := _long(f"{leave}-after"))
        taken[after.idempotency_key] = after
        for stored in (await store.open()).intents[:-3]:
            await store.discard([stored.seq])
            taken.pop(stored.intent.idempotency_key)
    assert refused > 15
    contents = await store.open()
    assert {stored.intent.idempotency_key: stored.intent for stored in contents.intents} == taken
    assert list(contents.complaints) == []
    await store.close()


async def test_a_full_disk_takes_what_is_short_although_it_refuses_what_is_long(small_disk: Path) -> None:
    store = SqliteOutboxStore(small_disk / "account" / "outbox.db")
    await store.open()
    await store.append(like("0"))
    _fill(small_disk, 60_000)
    together = await asyncio.gather(
        *(store.append(_long(f"long-{number}")) for number in range(30)),
        *(store.append(like(str(number))) for number in range(3)),
        return_exceptions=True,
    )
    refused = [one for one in together if isinstance(one, StoreTrouble)]
    assert refused
    assert len(refused) < len(together)
    contents = await store.open()
    assert {stored.seq for stored in contents.intents} == {1} | {one for one in together if isinstance(one, int)}
    await store.close()


def _remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


async def test_a_read_only_disk_is_told_at_once(small_disk: Path) -> None:
    path = small_disk / "account" / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    await store.close()
    _remount(small_disk, "ro")
    began = time.monotonic()
    with pytest.raises(StoreTrouble, match="cannot be"):
        await store.open()
    with pytest.raises(StoreTrouble, match="cannot be"):
        await SqliteOutboxStore(small_disk / "new" / "outbox.db").open()
    assert time.monotonic() - began < 20
    _remount(small_disk, "rw")
    assert list((await store.open()).complaints) == []
    await store.close()


@contextmanager
def _no_file_longer_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_an_error_of_the_disk_is_told_and_the_next_call_works_again(tmp_path: Path) -> None:
    store = SqliteOutboxStore(tmp_path / "account" / "outbox.db")
    await store.open()
    seqs = [await store.append(like(str(number))) for number in range(20)]
    await store.keep_draft(Draft("post", {"text": "x"}, 1.0, "me"))
    with _no_file_longer_than(100_000):
        results = [await _append(store, f"long-{number}") for number in range(40)]
    troubles = [result for result in results if isinstance(result, StoreTrouble)]
    assert troubles
    assert all("disk" in trouble.sentence for trouble in troubles)
    seqs += [result for result in results if isinstance(result, int)]
    assert [draft.key for draft in await store.drafts()] == ["post"]
    seqs.append(await store.append(like("after"), draft="post"))
    assert await store.drafts() == []
    contents = await store.open()
    assert {stored.seq for stored in contents.intents} == set(seqs)
    assert list(contents.complaints) == []
    await store.close()


async def _append(store: SqliteOutboxStore, key: str) -> int | StoreTrouble:
    try:
        return await store.append(_long(key))
    except StoreTrouble as trouble:
        return trouble


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
async def test_nobody_else_can_read_any_file_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "data" / "account" / "outbox.db"
    before = os.umask(umask)
    try:
        store = SqliteOutboxStore(path)
        await store.open()
        await store.append(like())
        open_files = set(path.parent.iterdir())
        assert len(open_files) == 3
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in open_files}
        await store.close()
        path.write_bytes(b"damaged" * 1000)
        await store.open()
        modes |= {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        await store.close()
    finally:
        os.umask(before)
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


async def test_what_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "account" / "outbox.db"
    path.parent.mkdir(mode=0o755)
    path.touch(0o644)
    store = SqliteOutboxStore(path)
    await store.open()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await store.close()


@pytest.mark.skipif(not IS_ROOT, reason="files can be given away by root alone")
@pytest.mark.parametrize("name", ["account", "account/outbox.db", "account/outbox.db-wal"])
async def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "account" / "outbox.db"
    path.parent.mkdir(mode=0o700)
    if not (tmp_path / name).exists():
        (tmp_path / name).touch()
    os.chown(tmp_path / name, 12345, 12345)
    with pytest.raises(StoreTrouble, match="belongs to another user"):
        await SqliteOutboxStore(path).open()


@pytest.mark.parametrize("name", ["account", "account/outbox.db", "account/outbox.db-wal"])
async def test_a_link_in_its_place_is_not_followed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "account" / "outbox.db"
    target = tmp_path / "target"
    if name == "account":
        target.mkdir()
    else:
        path.parent.mkdir(mode=0o700)
        target.write_bytes(b"precious")
    (tmp_path / name).symlink_to(target)
    with pytest.raises(StoreTrouble, match="is a link"):
        await SqliteOutboxStore(path).open()
    assert not target.is_file() or target.read_bytes() == b"precious"


async def test_a_folder_in_its_place_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").mkdir()
    with pytest.raises(StoreTrouble, match="is not a file"):
        await SqliteOutboxStore(tmp_path / "outbox.db").open()


async def test_another_accounts_file_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    mine = SqliteOutboxStore(path, account="ann")
    await mine.open()
    await mine.append(like())
    await mine.close()
    with pytest.raises(StoreTrouble, match="another account"):
        await (theirs := SqliteOutboxStore(path, account="bob")).open()
    with pytest.raises(StoreTrouble, match="another account"):
        await theirs.append(like())
    assert len((await mine.open()).intents) == 1
    await mine.close()


async def test_it_opens_while_another_process_writes_and_says_when_it_must_wait_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    await store.append(like("1"))
    await store.close()
    monkeypatch.setattr(database, "PRAGMAS", ("PRAGMA busy_timeout=50", *database.PRAGMAS[1:]))
    monkeypatch.setattr(database, "_OPENING_PATIENCE", 60_000)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert len((await store.open()).intents) == 1
        assert time.monotonic() - began < 20
        with pytest.raises(StoreTrouble, match="locked"):
            await store.append(like("2"))
        other.execute("ROLLBACK")
        assert await store.append(like("2")) == 2
    await store.close()


async def test_closing_never_hangs_and_tells_those_who_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PRAGMAS", ("PRAGMA busy_timeout=60000", *database.PRAGMAS[1:]))
    path = tmp_path / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(store.append(like()))
        await asyncio.sleep(0)
        began = time.monotonic()
        await store.close()
        assert time.monotonic() - began < 20
        with pytest.raises(StoreTrouble, match="does not answer"):
            await waiting
        with pytest.raises(StoreTrouble, match="closed"):
            await store.append(like())
        with pytest.raises(StoreTrouble, match="does not answer"):
            await store.open()
        other.execute("ROLLBACK")


async def test_closing_does_first_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_CLOSING_LIMIT", 60.0)
    path = tmp_path / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    asked = [asyncio.ensure_future(store.append(like(str(number)))) for number in range(500)]
    await asyncio.sleep(0)
    await store.close()
    assert [await one for one in asked] == list(range(1, 501))
    assert [file.name for file in path.parent.iterdir()] == ["outbox.db"]


async def test_a_file_that_is_taken_away_is_noticed_before_anything_is_promised(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    await store.append(like("1"))
    moved = path.rename(tmp_path / "moved")
    with pytest.raises(StoreTrouble, match="taken away"):
        await store.append(like("2"))
    moved.rename(path)
    assert await store.append(like("2")) == 2
    await store.close()


def _all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_what_was_deleted_is_nowhere_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    secret = "canary-that-nobody-may-find"
    await store.keep_draft(Draft("post", {"text": secret}, 1.0, "me"))
    seq = await store.append(comment(secret))
    assert secret.encode() in _all_bytes(tmp_path)
    await store.drop_draft("post")
    await store.discard([seq])
    await store.close()
    assert secret.encode() not in _all_bytes(tmp_path)
