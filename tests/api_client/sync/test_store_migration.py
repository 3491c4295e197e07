"""A file of an older schema becomes a newer one wholly or not at all, wherever the program is killed."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from api_client.sync.sqlite import SqliteOutboxStore
from api_client.sync.sqlite.schema import MIGRATIONS, NewerSchema, migrate
from tests.api_client.sync.store_contract import like

ROOT = Path(__file__).parents[3]

LATER = (
    *MIGRATIONS,
    (
        "ALTER TABLE drafts ADD COLUMN colour TEXT",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
        "INSERT INTO notes (words) SELECT label FROM intents",
        "UPDATE drafts SET colour = 'red'",
    ),
    ("CREATE INDEX notes_by_words ON notes (words)", "UPDATE notes SET words = words || '!'"),
)

_KILLER = """
import os, signal, sqlite3, sys
from pathlib import Path
from api_client.sync.sqlite.schema import migrate
from tests.api_client.sync.test_store_migration import LATER

for place in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        left = int(Path(place).name)
        connection = sqlite3.connect(Path(place) / "outbox.db", isolation_level=None)
        def count(statement):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        connection.set_trace_callback(count)
        migrate(connection, Path(place) / "outbox.db", LATER)
        connection.close()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _old(folder: Path) -> Path:
    async def make() -> None:
        store = SqliteOutboxStore(folder / "outbox.db")
        await store.open()
        for number in range(30):
            await store.append(like(str(number)))
        await store.close()

    asyncio.run(make())
    return folder / "outbox.db"


def _state(path: Path) -> tuple[int, str, int, list[str]]:
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        names = [
            name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE name LIKE 'notes%' ORDER BY name")
        ]
        words = [row[0] for row in plain.execute("SELECT DISTINCT words FROM notes")] if names else []
        return (
            plain.execute("PRAGMA user_version").fetchone()[0],
            plain.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0],
            plain.execute("SELECT count(*) FROM intents").fetchone()[0],
            [*names, *words],
        )


_STATES = [
    (1, "1", 30, []),
    (2, "2", 30, ["notes", "like"]),
    (3, "3", 30, ["notes", "notes_by_words", "like!"]),
]


def test_a_kill_at_every_statement_leaves_the_old_schema_or_the_new(tmp_path: Path) -> None:
    places = [tmp_path / f"{number}" for number in range(30)]
    original = _old(tmp_path / "original").read_bytes()
    for place in places:
        place.mkdir()
        (place / "outbox.db").write_bytes(original)
    ran = subprocess.run(
        [sys.executable, "-c", _KILLER, "x", *map(str, places)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    codes = [int(line) for line in ran.stdout.split()]
    assert set(codes) == {-9, 0}
    assert codes == sorted(codes)
    states = [_state(place / "outbox.db") for place in places]
    assert all(state in _STATES for state in states)
    assert [state for number, state in enumerate(states) if state not in states[:number]] == _STATES
    assert states == sorted(states)
    for place, state in zip(places, states, strict=True):
        if state != _STATES[0]:
            assert _state(place / "outbox.db.backup") == _STATES[0]
        with closing(sqlite3.connect(place / "outbox.db", isolation_level=None)) as connection:
            migrate(connection, place / "outbox.db", LATER)
        assert _state(place / "outbox.db") == _STATES[2]
        assert {file.name for file in place.iterdir()} == {"outbox.db", "outbox.db.backup"}


def test_a_step_that_fails_leaves_the_old_schema(tmp_path: Path) -> None:
    path = _old(tmp_path)
    wrong = (*MIGRATIONS, ("CREATE TABLE notes (id INTEGER)", "INSERT INTO nowhere VALUES (1)"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(connection, path, wrong)
        assert _state(path) == _STATES[0]


def test_the_last_backup_alone_is_kept_and_is_private(tmp_path: Path) -> None:
    path = _old(tmp_path)
    for number in (2, 3):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            migrate(connection, path, LATER[:number])
    assert _state(tmp_path / "outbox.db.backup") == _STATES[1]
    assert (tmp_path / "outbox.db.backup").stat().st_mode & 0o777 == 0o600


def test_a_schema_of_tomorrow_is_not_touched(tmp_path: Path) -> None:
    path = _old(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, LATER)
        with pytest.raises(NewerSchema, match="update Parlour"):
            migrate(connection, path)
    assert _state(path) == _STATES[2]
