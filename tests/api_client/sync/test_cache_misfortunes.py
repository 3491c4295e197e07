"""The cache and what can befall its file: damage, strangers, a second program, a sudden end, no room."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_client.models.posts import PhotoPost, Post
from api_client.sync.cache import Cache, Position
from api_client.sync.cache import cache as cache_module
from api_client.sync.cache.file import CacheFile
from tests.api_client.sync.cache_models import photo


async def filled(path: Path, count: int = 50) -> None:
    cache = await Cache.open(path)
    cache.keep_listing("home", {f"posts:{n}": photo(str(n)) for n in range(count)}, None)
    await cache.close()


async def works(path: Path) -> tuple[str, ...]:
    """Open what is at `path`, use it, and return what it complained about."""
    cache = await Cache.open(path)
    cache.listing("home", Post)
    cache.keep({"posts:new": photo("new", 99)})
    await cache.flush()
    assert cache.record("posts:new", PhotoPost) == photo("new", 99)
    complaints = cache.complaints
    await cache.close()
    return complaints


@pytest.mark.parametrize("contents", [b"garbage", b"SQLite format 3\x00" + b"\xff" * 5_000, b"\x00" * 9_000])
async def test_a_file_that_is_no_database_is_set_aside_and_begun_anew(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(contents)
    (complaint,) = await works(path)
    assert "set aside as cache.db.aside" in complaint
    assert path.with_name("cache.db.aside").read_bytes() == contents
    assert await works(path) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("PRAGMA user_version = 99", "a newer Parlour"),
        ("PRAGMA application_id = 1", "not written by Parlour"),
        ("DROP TABLE records", "damaged"),
        ("DELETE FROM runs", "damaged"),
    ],
)
async def test_a_file_of_something_else_is_set_aside(tmp_path: Path, change: str, why: str) -> None:
    path = tmp_path / "cache.db"
    await filled(path)
    connection = sqlite3.connect(path)
    connection.execute(change)
    connection.commit()
    connection.close()
    (complaint,) = await works(path)
    assert why in complaint


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), flips=st.integers(1, 40))
def test_whatever_bytes_a_disk_has_changed_the_program_goes_on(tmp_path: Path, seed: int, flips: int) -> None:
    path = tmp_path / f"{seed}-{flips}" / "cache.db"
    asyncio.run(filled(path))
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    for _ in range(flips):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)

    async def look() -> None:
        cache = await Cache.open(path)
        found = cache.listing("home", Post)
        # What is still there is what was written, never something similar.
        assert all(post == photo(post.id) for post in found or ())
        await cache.close()
        await works(path)

    asyncio.run(look())


async def test_damage_found_while_reading_is_mended_under_way(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    await filled(path, 400)
    cache = await Cache.open(path)
    data = bytearray(path.read_bytes())
    data[8_192:] = b"\xa5" * (len(data) - 8_192)
    path.write_bytes(data)
    assert len(cache.listing("home", Post) or ()) == 0
    await cache.flush()
    assert "damaged" in cache.complaints[0]
    cache.keep_listing("home", {"posts:1": photo("1")}, None)
    await cache.flush()
    found = cache.listing("home", Post)
    assert found is not None
    assert found.items == [photo("1")]
    await cache.close()
    assert await works(path) == ()


async def test_a_changed_row_is_as_if_absent_and_can_be_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    await filled(path, 3)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE records SET version = 1000 WHERE key = 'posts:1'")
    connection.commit()
    connection.close()
    cache = await Cache.open(path)
    found = cache.listing("home", Post)
    assert found is not None
    assert [post.id for post in found] == ["0", "2"]
    cache.keep({"posts:1": photo("1", 2)})
    await cache.flush()
    assert cache.record("posts:1", PhotoPost) == photo("1", 2)
    await cache.close()


async def test_control_characters_that_somebody_wrote_into_the_file_do_not_come_out(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = await Cache.open(path)
    cache.keep({"posts:1": photo("1", caption="\x1b]52;c;aGk=\x07 and \u202e")})
    await cache.flush()
    kept = cache.record("posts:1", PhotoPost)
    assert kept is not None
    assert kept.caption is not None
    assert not {"\x1b", "\x07", "\u202e"} & set(kept.caption)
    await cache.close()


async def test_two_programs_share_a_file_and_neither_takes_a_record_back(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    one, other = await Cache.open(path), await Cache.open(path)
    one.keep({"posts:1": photo("1", 2), "posts:2": photo("2")})
    await one.flush()
    assert other.record("posts:1", PhotoPost) == photo("1", 2)
    other.keep({"posts:1": photo("1", 1)})
    assert other.record("posts:1", PhotoPost) == photo("1", 2)
    await other.flush()
    assert one.record("posts:1", PhotoPost) == photo("1", 2)
    other.forget("posts:2")
    await other.flush()
    assert one.record("posts:2", PhotoPost) is None
    await one.close()
    await other.close()


_SCRIPT = """
import asyncio, sys
from pathlib import Path
from api_client.sync.cache import Cache
from tests.api_client.sync.cache_models import photo

async def main():
    cache = await Cache.open(Path(sys.argv[1]))
    version = int(sys.argv[2])
    while True:
        version += 1
        cache.keep_listing("home", {f"posts:{n}": photo(str(n), version) for n in range(40)}, str(version))
        await cache.flush()
        print(version, flush=True)

asyncio.run(main())
"""


async def test_a_sudden_end_of_another_program_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    for begin, kill_at in ((0, 1), (1_000, 1_005), (2_000, 2_012)):
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SCRIPT, str(path), str(begin), stdout=asyncio.subprocess.PIPE
        )
        assert program.stdout is not None
        stored = 0
        while stored < kill_at:
            stored = int(await program.stdout.readline())
        beside = await Cache.open(path)
        beside.keep({"posts:beside": photo("beside", begin + 1)})
        await beside.flush()
        program.send_signal(signal.SIGKILL)
        await program.wait()
        assert beside.record("posts:beside", PhotoPost) == photo("beside", begin + 1)
        assert beside.complaints == ()
        await beside.close()
        cache = await Cache.open(path)
        found = cache.listing("home", PhotoPost)
        assert found is not None
        assert len(found) == 40
        assert {str(post.version) for post in found} == {found.next_cursor}
        assert found.items[0].version >= stored
        assert cache.complaints == ()
        await cache.close()


async def test_without_room_on_the_disk_it_goes_on_in_memory_and_says_so_once(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = await Cache.open(path)
    cache.keep({"posts:1": photo("1")})
    await cache.flush()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("cache.db-wal").stat().st_size, before[1]))
    try:
        for n in range(2, 5):
            cache.keep({f"posts:{n}": photo(str(n), caption="x" * 2_000)})
            await cache.flush()
        assert cache.record("posts:2", PhotoPost) is not None
        assert len(cache.complaints) == 1
        assert "cannot be stored" in cache.complaints[0]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    cache.keep_position("feed:home", Position("posts:2"))
    await cache.close()
    again = await Cache.open(path)
    assert again.record("posts:2", PhotoPost) is not None
    assert again.position("feed:home") == Position("posts:2")
    await again.close()


async def test_where_no_file_can_be_made_it_lasts_as_long_as_the_program(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = await Cache.open(tmp_path / "file" / "cache.db")
    cache.keep_listing("home", {"posts:1": photo("1")}, None)
    await cache.flush()
    assert len(cache.complaints) == 1
    found = await cache.read(lambda view: view.listing("home", Post))
    assert found is not None
    assert found.items == [photo("1")]
    await cache.close()


async def test_room_is_made_of_what_was_used_longest_ago_never_of_what_the_last_run_touched(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    limit = 400_000
    for run in range(6):
        cache = await Cache.open(path, limit=limit)
        models = {f"posts:{run}-{n}": photo(f"{run}-{n}", caption="x" * 2_000) for n in range(60)}
        cache.keep_listing(f"list {run}", models, None)
        assert run == 0 or len(cache.listing("list 0", Post) or ()) == 60
        await cache.close()
    cache = await Cache.open(path, limit=limit)
    cache.keep({"posts:one": photo("one")})
    await cache.flush()
    kept = [run for run in range(6) if len(cache.listing(f"list {run}", Post) or ()) == 60]
    assert kept == [0, 5]
    await cache.close()
    assert path.stat().st_size < 700_000


async def test_a_disk_that_does_not_answer_keeps_nobody_waiting_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    prepare = CacheFile.prepare

    def stuck(file: CacheFile) -> tuple[sqlite3.Connection, int]:
        answers.wait()
        return prepare(file)

    monkeypatch.setattr(cache_module, "PATIENCE", 0.01)
    monkeypatch.setattr(CacheFile, "prepare", stuck)
    cache = await Cache.open(tmp_path / "cache.db")
    cache.keep_listing("home", {"posts:1": photo("1")}, None)
    assert len(cache.listing("home", Post) or ()) == 1
    await cache.close()
    again = await Cache.open(tmp_path / "cache.db")
    again.keep({"posts:2": photo("2")})
    answers.set()
    await again.flush()
    assert again.record("posts:2", PhotoPost) == photo("2")
    monkeypatch.setattr(cache_module, "PATIENCE", 5.0)
    await again.close()
