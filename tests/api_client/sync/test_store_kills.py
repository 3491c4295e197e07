"""What a process was promised stays, wherever it is killed."""

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api_client.sync.sqlite import SqliteOutboxStore

ROOT = Path(__file__).parents[3]


class Killer:
    """Starts processes that write, and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.api_client.sync.store_writer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def kill(self, path: Path, name: str, seconds: float) -> set[str]:
        """Return what was promised to a process that was killed after `seconds`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path} {name} {seconds:.4f}\n")
        self._process.stdin.flush()
        return set(self._process.stdout.readline().split())

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture
def killer() -> Iterator[Killer]:
    killer = Killer()
    yield killer
    killer.close()


async def _check(path: Path, name: str, promised: set[str]) -> int:
    """Compare the file with what was promised in one round; returns how much was promised."""
    store = SqliteOutboxStore(path, account="ann")
    contents = await store.open()
    assert list(contents.complaints) == []
    waiting = {stored.intent.idempotency_key for stored in contents.intents if stored.intent.label.startswith(name)}
    drafts = {draft.key for draft in await store.drafts() if draft.key.startswith(name)}
    await store.close()
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        done = {key for (key,) in plain.execute("SELECT key FROM finished")}
        steps = {key for (key,) in plain.execute("SELECT id FROM steps")}
    taken = {key for key in waiting | done if key.startswith(name)}
    kept = {kind: {item.partition(":")[2] for item in promised if item.startswith(kind)} for kind in
            ("drafted", "appended", "finished")}  # fmt: skip
    assert kept["appended"] <= taken, "an acknowledged intent is lost"
    assert kept["finished"] <= done
    assert kept["drafted"] <= taken | drafts, "an acknowledged draft is lost"
    assert not taken & drafts, "an intent is there, and so is its draft"
    assert not waiting & done
    assert all(key in waiting | done or not key.startswith(name) for key in steps), "a step without its intent"
    return len(promised)


async def _rounds(killer: Killer, folder: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    promises = 0
    for number in range(rounds):
        # A file that grows, begun anew now and then: the first moments of a file are moments, too.
        path = folder / f"{number // 10}" / "outbox.db"
        name = f"r{number}"
        promises += await _check(path, name, killer.kill(path, name, chance.uniform(0, 0.06)))
    # How many there are in so short a time depends on what else the machine does.
    assert promises > rounds


async def test_nothing_promised_is_lost_and_nothing_is_half_done_by_a_kill(killer: Killer, tmp_path: Path) -> None:
    await _rounds(killer, tmp_path, 25, 1)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_a_thousand_kills_lose_nothing(killer: Killer, tmp_path: Path) -> None:
    await _rounds(killer, tmp_path, 1000, 2)


_APPENDER = """
import asyncio, sys
from pathlib import Path
from api_client.sync.sqlite import SqliteOutboxStore
from tests.api_client.sync.store_writer import intent

async def main(path, name):
    store = SqliteOutboxStore(Path(path), writer=name)
    await store.open()
    for start in range(0, 100, 10):
        seqs = await asyncio.gather(*(store.append(intent(f"{name}-{n}")) for n in range(start, start + 10)))
        await store.finish(seqs[0], "null")
    print(sum(len(d.changed) + len(d.done) for d in [await store.changes()] if d))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_several_processes_write_to_one_file_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "account" / "outbox.db"
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _APPENDER, str(path), f"p{number}", cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        for number in range(4)
    ]
    answers = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert all(json.loads(answer[0]) >= 0 for answer in answers)
    store = SqliteOutboxStore(path)
    contents = await store.open()
    await store.close()
    expected = {f"p{process}-{number}" for process in range(4) for number in range(100) if number % 10}
    assert {stored.intent.idempotency_key for stored in contents.intents} == expected
    assert list(contents.complaints) == []
