"""A damaged file gives back what its whole pages hold, and is kept."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api_client.sync import Intent, Status
from api_client.sync.ports import Contents, Draft, Stored, StoreTrouble
from api_client.sync.sqlite import SqliteOutboxStore
from tests.api_client.sync.store_contract import comment, like, step

PAGE = 4096


def _comment(number: int) -> Intent:
    return comment(f"<{number}> what was said, grüße " * 5, f"key-{number}")


async def _filled(folder: Path, rows: int = 200) -> Path:
    """Make a file with intents, some of them longer than a page, drafts, steps and replies."""
    path = folder / "outbox.db"
    store = SqliteOutboxStore(path, account="ann")
    await store.open()
    taken = [_comment(number) for number in range(rows)]
    for number, intent in enumerate(taken):
        seq = await store.append(intent, steps=[step(taken[n]) for n in range(max(0, number - 5), number)])
        if number % 10 == 9:
            await store.finish(seq, '{"id": "1"}')
        elif number % 10 == 8:
            await store.mark(Stored(seq, intent, Status.ATTENTION, "No.", 2, 5.0, {"version": 3}))
    for number in range(20):
        await store.keep_draft(Draft(f"draft-{number}", {"text": "Entwürfe " * 10}, float(number), "me"))
    await store.close()
    return path


async def _opened(path: Path) -> tuple[Contents, list[Draft]]:
    store = SqliteOutboxStore(path, account="ann")
    contents = await store.open()
    drafts = list(await store.drafts())
    await store.close()
    return contents, drafts


def _aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("outbox.db.damaged-*-[0-9]"))


async def _flips(tmp_path: Path, trials: int, seed: int) -> None:
    chance = random.Random(seed)
    good = (await _filled(tmp_path / "good")).read_bytes()
    contents, drafts = await _opened(tmp_path / "good" / "outbox.db")
    home = {stored.seq: good.index(f'{{"body":"<{stored.intent.idempotency_key[4:]}>'.encode()) // PAGE
            for stored in contents.intents}  # fmt: skip
    lost = noticed = 0
    for trial in range(trials):
        path = tmp_path / f"{trial}" / "outbox.db"
        path.parent.mkdir()
        # The header and the schema are small, and are where a damage is worst.
        offset = chance.randrange(100) if trial % 5 == 0 else chance.randrange(len(good))
        damaged = bytearray(good)
        damaged[offset] ^= 1 << chance.randrange(8) if trial % 2 else chance.randrange(1, 256)
        path.write_bytes(damaged)
        found, found_drafts = await _opened(path)
        kept = {stored.seq: stored for stored in found.intents}
        for stored in contents.intents:
            mine = kept.get(stored.seq)
            if home[stored.seq] != offset // PAGE:
                assert mine == stored, f"a row of a whole page is lost or changed, byte {offset}"
            elif mine is None:
                lost += 1
                assert found.complaints, f"a row is lost, and nobody says so, byte {offset}"
            else:
                assert mine.intent.payload == stored.intent.payload, "what is sent is not what was written"
                assert mine.intent.params == stored.intent.params
        assert len(found_drafts) >= len(drafts) - PAGE // 200
        again, _ = await _opened(path)
        assert [stored.seq for stored in again.intents] == [stored.seq for stored in found.intents]
        assert list(again.complaints) == []
        noticed += bool(found.complaints)
        shutil.rmtree(path.parent)
    assert noticed > trials // 20
    assert lost < trials * 4


async def test_a_flipped_byte_loses_nothing_of_another_page(tmp_path: Path) -> None:
    await _flips(tmp_path, 30, 1)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_500_flipped_bytes_lose_nothing_of_another_page(tmp_path: Path) -> None:
    await _flips(tmp_path, 500, 2)


async def _unfinished(folder: Path, rows: int) -> Path:
    """Make a file as a killed process leaves it: everything but the beginning is in the log."""
    store = SqliteOutboxStore(folder / "live" / "outbox.db", account="ann")
    await store.open()
    for number in range(rows):
        await store.append(_comment(number))
    shutil.copytree(folder / "live", folder / "dead")
    await store.close()
    return folder / "dead" / "outbox.db"


async def _cuts(tmp_path: Path, trials: int, seed: int) -> None:
    chance = random.Random(seed)
    path = await _unfinished(tmp_path, 40)
    log = path.with_name("outbox.db-wal").read_bytes()
    counts = set()
    for trial in range(trials):
        place = tmp_path / f"{trial}"
        shutil.copytree(path.parent, place)
        (place / "outbox.db-shm").unlink()
        (place / "outbox.db-wal").write_bytes(log[: chance.randrange(len(log) // 4, len(log))])
        found, _ = await _opened(place / "outbox.db")
        numbers = [int(stored.intent.idempotency_key[4:]) for stored in found.intents]
        assert numbers == list(range(len(numbers))), "what is left is not what was stored first"
        counts.add(len(numbers))
        shutil.rmtree(place)
    assert len(counts) > 12


async def test_a_cut_log_leaves_exactly_what_was_stored_first(tmp_path: Path) -> None:
    await _cuts(tmp_path, 40, 1)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_500_cuts_of_the_log_leave_exactly_what_was_stored_first(tmp_path: Path) -> None:
    await _cuts(tmp_path, 500, 2)


async def test_a_log_survives_the_loss_of_the_file_it_belongs_to(tmp_path: Path) -> None:
    path = await _unfinished(tmp_path, 40)
    path.write_bytes(b"")
    found, _ = await _opened(path)
    assert [stored.intent for stored in found.intents] == [_comment(number) for number in range(40)]
    assert len(_aside(path)) == 1
    store = SqliteOutboxStore(path, account="ann")
    await store.open()
    assert await store.append(like()) > 1000, "the old log was applied to the new file"
    await store.close()


async def _headless(folder: Path) -> Path:
    """Make a file of 40 intents that has lost its header, and whose log holds the newest state of some."""
    store = SqliteOutboxStore(folder / "live" / "outbox.db", account="ann")
    await store.open()
    seqs = [await store.append(_comment(number)) for number in range(40)]
    with closing(sqlite3.connect(folder / "live" / "outbox.db")) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # These change pages in their places; the first page stays out of the log, which would bring it back.
    for number in range(10):
        await store.mark(Stored(seqs[number], _comment(number), Status.SENDING, None, 1))
    shutil.copytree(folder / "live", folder / "dead")
    await store.close()
    path = folder / "dead" / "outbox.db"
    path.write_bytes(bytes(100) + path.read_bytes()[100:])
    return path


async def test_a_lost_header_loses_nothing_and_the_log_counts(tmp_path: Path) -> None:
    path = await _headless(tmp_path)
    found, _ = await _opened(path)
    assert [stored.intent for stored in found.intents] == [_comment(number) for number in range(40)]
    assert [stored.status for stored in found.intents] == [Status.SENDING] * 10 + [Status.QUEUED] * 30
    assert len(_aside(path)) == 1


@pytest.mark.parametrize("kind", ["garbage", "text", "zeros", "cut in a page", "cut between pages", "one page"])
async def test_every_kind_of_broken_file_opens_and_is_kept(tmp_path: Path, kind: str) -> None:
    path = await _filled(tmp_path / "x")
    good = path.read_bytes()
    half = len(good) // PAGE // 2 * PAGE
    broken = {
        "garbage": random.Random(3).randbytes(20_000),
        "text": b"Dear diary,\n" * 1000,
        "zeros": bytes(len(good)),
        "cut in a page": good[: half + 1234],
        "cut between pages": good[:half],
        "one page": good[:PAGE],
    }[kind]
    path.write_bytes(broken)
    found, _ = await _opened(path)
    assert found.complaints
    assert str(_aside(path)[0]) in found.complaints[0]
    assert [kept.read_bytes() for kept in _aside(path)] == [broken]
    for stored in found.intents:
        assert stored.intent == _comment(int(stored.intent.idempotency_key[4:]))
    assert bool(found.intents) == kind.startswith("cut")
    store = SqliteOutboxStore(path, account="ann")
    assert list((await store.open()).complaints) == []
    assert await store.append(like()) > max((stored.seq for stored in found.intents), default=0)
    await store.close()


async def test_two_damages_in_one_second_are_kept_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x" / "outbox.db"
    path.parent.mkdir()
    for number in range(3):
        path.write_bytes(b"x" * 5000)
        await _opened(path)
        assert len(_aside(path)) == number + 1


async def test_rows_with_broken_text_are_kept_aside_and_the_others_wait_on(tmp_path: Path) -> None:
    path = await _filled(tmp_path / "x")
    before, _ = await _opened(path)
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("UPDATE intents SET payload = CAST(X'7BFF7D' AS TEXT) WHERE seq = 1")
        plain.execute("UPDATE intents SET label = CAST(X'6CFF' AS TEXT) WHERE seq = 2")
        plain.commit()
    found, drafts = await _opened(path)
    assert len(found.complaints) >= 1
    assert len(drafts) == 20
    kept = {stored.seq: stored for stored in found.intents}
    assert 1 not in kept
    assert kept[2].intent.label == "l\ufffd"
    assert {seq: kept[seq] for seq in kept if seq != 2} == {s.seq: s for s in before.intents if s.seq > 2}
    with closing(sqlite3.connect(path)) as plain:
        ((row,),) = plain.execute("SELECT row FROM unreadable")
        assert b"\\xff" in row
        assert b"key-0" in row


async def test_what_makes_no_sense_is_kept_aside_with_a_complaint(tmp_path: Path) -> None:
    path = await _filled(tmp_path / "x")
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("UPDATE intents SET payload = replace(payload, 'was', 'got') WHERE seq = 1")
        plain.execute("UPDATE intents SET status = 'flying' WHERE seq = 2")
        plain.execute("UPDATE drafts SET fields = '{' WHERE key = 'draft-3'")
        plain.execute("UPDATE steps SET state = 'half' WHERE position = (SELECT max(position) FROM steps)")
        plain.commit()
    found, drafts = await _opened(path)
    assert len(found.complaints) == 3
    assert found.intents[0].seq == 2
    assert found.intents[0].intent == _comment(1)
    assert found.intents[0].status is Status.ATTENTION
    assert len(drafts) == 19
    with closing(sqlite3.connect(path)) as plain:
        kinds = [kind for (kind,) in plain.execute("SELECT kind FROM unreadable ORDER BY kind")]
    assert kinds == ["draft", "intent", "step"]


async def test_what_another_version_knows_how_to_send_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x" / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    await store.append(comment("of a later version"))
    await store.append(like())
    await store.close()
    with monkeypatch.context() as older:
        older.delitem(__import__("api_client.sync.sqlite.rows", fromlist=["_BY_NAME"])._BY_NAME, "comments.create")
        store = SqliteOutboxStore(path)
        contents = await store.open()
        await store.close()
        assert [stored.intent.endpoint.name for stored in contents.intents] == ["posts.like"]
        assert "another version" in contents.complaints[0]
    contents = await store.open()
    await store.close()
    assert len(contents.intents) == 2


async def test_a_later_schema_is_shown_and_never_written(tmp_path: Path) -> None:
    path = await _filled(tmp_path / "x")
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("ALTER TABLE intents ADD COLUMN colour TEXT")
        plain.execute("UPDATE meta SET value = '7' WHERE key = 'schema'")
        plain.execute("PRAGMA user_version=7")
        plain.commit()
    store = SqliteOutboxStore(path, account="ann")
    contents = await store.open()
    assert len(contents.intents) == 180
    assert "update Parlour" in contents.complaints[-1]
    with pytest.raises(StoreTrouble, match="update Parlour"):
        await store.append(like())
    assert await store.changes() is None
    assert len(await store.drafts()) == 20
    await store.close()
    assert _aside(path) == []
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("DROP TABLE intents")
        plain.commit()
    contents = await store.open()
    assert list(contents.intents) == []
    await store.close()
    assert _aside(path) == []


async def test_another_programs_database_is_moved_aside_whole(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("CREATE TABLE bookmarks (url TEXT)")
        plain.execute("INSERT INTO bookmarks VALUES ('https://example.org')")
        plain.commit()
    found, _ = await _opened(path)
    assert found.complaints
    with closing(sqlite3.connect(_aside(path)[0])) as plain:
        assert plain.execute("SELECT url FROM bookmarks").fetchone() == ("https://example.org",)


async def test_damage_that_is_met_while_running_is_salvaged_at_the_next_call(tmp_path: Path) -> None:
    path = await _filled(tmp_path / "x")
    store = SqliteOutboxStore(path, account="ann")
    before = await store.open()
    other = SqliteOutboxStore(path, account="ann")
    await other.open()
    data = bytearray(path.read_bytes())
    # Every page but the first loses its head.
    for page in range(1, len(data) // PAGE):
        data[page * PAGE] = 99
    with path.open("r+b") as file:
        file.write(data)
    seqs = []
    for number in range(5):
        try:
            seqs.append(await store.append(like(str(number))))
        except StoreTrouble as trouble:
            assert "damaged" in trouble.sentence  # noqa: PT017
    assert seqs
    assert seqs[0] > max(stored.seq for stored in before.intents)
    delta = await other.changes()
    assert delta is not None
    assert {stored.seq for stored in delta.changed} >= set(seqs)
    await store.close()
    await other.close()


async def test_what_is_stored_while_another_process_salvages_is_stored_again_in_the_new_file(tmp_path: Path) -> None:
    path = await _filled(tmp_path / "x")
    shutil.copy(path, tmp_path / "salvaged")
    store = SqliteOutboxStore(path, account="ann")
    await store.open()
    times = 0

    def keep(db: sqlite3.Connection) -> None:
        nonlocal times
        times += 1
        store._tables.keep_draft(db, Draft("during", {"text": "x"}, 99.0, "me"))
        if times == 1:
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink()
            (tmp_path / "salvaged").replace(path)

    await store._writer.write(keep)
    assert times == 2
    await store.close()
    _, drafts = await _opened(path)
    assert drafts[0].key == "during"
    assert _aside(path) == []


async def test_long_rows_are_salvaged_across_their_pages(tmp_path: Path) -> None:
    path = tmp_path / "x" / "outbox.db"
    store = SqliteOutboxStore(path)
    await store.open()
    taken = [comment("ü" * length, f"key-{length}") for length in (1, 1500, 1900, 2100, 5000, 10_000)]
    for intent in taken:
        await store.append(intent)
    await store.close()
    data = bytearray(path.read_bytes())
    data[:16] = b"no database here"
    path.write_bytes(data)
    contents = await store.open()
    await store.close()
    assert [stored.intent for stored in contents.intents] == taken


@pytest.mark.parametrize("step_number", range(12))
async def test_a_crash_in_a_salvage_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_number: int
) -> None:
    path = await _headless(tmp_path)
    done = 0

    class Crash(BaseException):
        """The machine stops."""

    def stopping(original):  # type: ignore[no-untyped-def]
        def call(*args, **more):  # type: ignore[no-untyped-def]
            nonlocal done
            done += 1
            if done > step_number:
                raise Crash
            return original(*args, **more)

        return call

    with monkeypatch.context() as crashing:
        for name in ("link", "replace"):
            crashing.setattr(f"os.{name}", stopping(getattr(__import__("os"), name)))
        for name in ("settle", "create", "_insert"):
            module = "api_client.sync.sqlite.salvage"
            crashing.setattr(f"{module}.{name}", stopping(getattr(__import__(module, fromlist=["x"]), name)))
        crashing.setattr(Path, "unlink", stopping(Path.unlink))
        store = SqliteOutboxStore(path, account="ann")
        try:
            await store.open()
        except Crash:
            done = 10**6
        done = 10**6
        await store.close()
    found, _ = await _opened(path)
    assert [stored.intent for stored in found.intents] == [_comment(number) for number in range(40)]
    assert [stored.attempts for stored in found.intents] == [1] * 10 + [0] * 30
