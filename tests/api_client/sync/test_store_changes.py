"""What several processes on one file see of each other."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api_client.sync import Intent, Status
from api_client.sync.ports import Step, Stored
from api_client.sync.sqlite import SqliteOutboxStore
from api_client.sync.sqlite.tables import OUTCOMES_KEPT, REPLIES_KEPT
from tests.api_client.conftest import QuickClock
from tests.api_client.sync.store_contract import comment, like, step


class Pair:
    """Two processes on one file."""

    def __init__(self, path: Path) -> None:
        self.clock = QuickClock()
        self.path = path
        self.mine = SqliteOutboxStore(path, clock=self.clock, writer="mine")
        self.theirs = SqliteOutboxStore(path, clock=self.clock, writer="theirs")


@pytest.fixture
async def pair(tmp_path: Path):  # type: ignore[no-untyped-def]
    pair = Pair(tmp_path / "outbox.db")
    await pair.mine.open()
    await pair.theirs.open()
    yield pair
    await pair.mine.close()
    await pair.theirs.close()


async def test_another_ones_edit_is_heard_of_although_it_was_marked_since(pair: Pair) -> None:
    first = comment("first", "key")
    seq = await pair.mine.append(first)
    await pair.theirs.changes()
    edited = comment("edited", "key")
    assert await pair.theirs.replace(seq, edited, was="key")
    assert await pair.mine.mark(Stored(seq, first, Status.WAITING, "No connection."))
    delta = await pair.mine.changes()
    assert delta is not None
    assert list(delta.changed) == [Stored(seq, edited, Status.WAITING, "No connection.")]
    assert await pair.mine.changes() is None


async def test_a_step_of_another_process_survives_a_history_that_did_not_know_it(pair: Pair) -> None:
    await pair.mine.append(one := comment("one"), steps=[step(one)])
    await pair.theirs.changes()
    await pair.theirs.append(two := comment("two"), steps=[step(one), step(two)])
    await pair.mine.append(three := comment("three"), steps=[step(one), step(three)])
    delta = await pair.mine.changes()
    assert delta is not None
    assert list(delta.steps or ()) == [step(one), step(two), step(three)]
    await pair.mine.keep_steps([step(two)])
    delta = await pair.theirs.changes()
    assert delta is not None
    assert list(delta.steps or ()) == [step(two)]


async def test_a_history_in_any_order_and_any_number_of_times(tmp_path: Path) -> None:
    store = SqliteOutboxStore(tmp_path / "outbox.db")
    await store.open()
    every = [Step(f"s{number}", "x", float(number), None, None) for number in range(6)]
    for order in ([0, 1, 2], [2, 1, 0], [0, 5, 1, 2], [5, 0], [3], [], [1, 2, 3, 4, 5, 0], [0, 1, 2, 3, 4, 5]):
        await store.keep_steps([every[number] for number in order])
        assert [int(found.id[1:]) for found in (await store.open()).steps] == order
    await store.close()


async def test_what_was_confirmed_is_not_taken_on_again_and_what_was_discarded_is(pair: Pair) -> None:
    done, gone = like("1"), like("2")
    seq = await pair.mine.append(done)
    await pair.mine.finish(seq, None)
    assert await pair.theirs.append(done) == seq
    old = await pair.mine.append(gone)
    await pair.mine.discard([old])
    assert await pair.mine.append(gone) > old
    contents = await pair.mine.open()
    assert [stored.intent for stored in contents.intents] == [gone]


async def test_replies_go_after_their_time_and_outcomes_later(pair: Pair) -> None:
    async def finished() -> list[tuple[str, str | None]]:
        await pair.mine._writer.read(pair.mine._database.tidy)
        with closing(sqlite3.connect(pair.path)) as plain:
            return plain.execute("SELECT key, reply FROM finished").fetchall()

    intent = like()
    await pair.mine.finish(await pair.mine.append(intent), '{"liked":true}')
    pair.clock.now += REPLIES_KEPT - 1
    assert await finished() == [(intent.idempotency_key, '{"liked":true}')]
    pair.clock.now += 2
    assert await finished() == [(intent.idempotency_key, None)]
    delta = await pair.theirs.changes()
    assert delta is not None
    assert dict(delta.done) == {intent.idempotency_key: None}
    pair.clock.now += OUTCOMES_KEPT
    assert await finished() == []


async def test_a_fault_in_one_callers_part_is_his_alone(pair: Pair) -> None:
    def wrong(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO drafts (key, writer, fields, updated_at, checksum) VALUES ('half', 'x', '{}', 1, 1)")
        db.execute("INSERT INTO meta VALUES ('schema', 'twice')")

    def faulty(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM intents")
        raise ZeroDivisionError

    def rolled_back(db: sqlite3.Connection) -> None:
        db.execute("INSERT OR ROLLBACK INTO meta VALUES ('schema', 'twice')")

    results = await asyncio.gather(
        pair.mine.append(like("1")), pair.mine._writer.write(wrong), pair.mine.append(like("2")),
        pair.mine._writer.write(faulty), pair.mine._writer.write(rolled_back), pair.mine.append(like("3")),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(result).__name__ for result in results] == [
        "int", "StoreTrouble", "int", "ZeroDivisionError", "StoreTrouble", "int",
    ]  # fmt: skip
    assert len((await pair.theirs.open()).intents) == 3
    assert await pair.mine.drafts() == []


async def test_what_waits_together_shares_a_transaction(pair: Pair) -> None:
    commits: list[str] = []

    def watch(db: sqlite3.Connection) -> None:
        db.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)

    await pair.mine._writer.write(watch)
    commits.clear()
    await asyncio.gather(*(pair.mine.append(like(str(number))) for number in range(200)))
    assert len(commits) < 10


async def test_the_loop_goes_on_while_the_store_works(pair: Pair) -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    intents: list[Intent] = [comment("words " * 500) for _ in range(300)]
    for intent in intents:
        await pair.mine.append(intent)
    turning.cancel()
    assert turns > 300
