"""Two clients on the same records, offline when they like: no text vanishes without a person's decision."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client import music_endpoints as table
from api_client.errors import Conflict
from api_client.sync import Base, Intent, Inverse, Outbox, PutRebase, Status, StoreTrouble
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, run


def outbox_on(platform: FakePlatform, store: MemoryStore | None = None, seed: int = 0) -> Outbox:
    return Outbox(
        platform,
        store=store,
        clock=LoopClock(),
        jitter=random.Random(seed).random,
        rebase={table.CHANGE_PLAYLIST.name: PutRebase(platform.record)},
    )


async def _disjoint() -> None:
    platform = FakePlatform()
    platform.records["1"].update(name="was", description="old")
    outbox = outbox_on(platform)
    platform.records["1"].update(version=5, description="theirs")
    mine = change("1", {"name": "mine"}, base=Base(1, {"name": "was"}))
    receipt = await outbox.submit(mine, undo=Inverse(table.CHANGE_PLAYLIST, {"id": "1"}, {"name": "was"}))
    assert (await receipt)["name"] == "mine"
    assert platform.records["1"] == {"version": 6, "name": "mine", "description": "theirs"}
    assert receipt.id == mine.idempotency_key != receipt.intent.idempotency_key
    assert await outbox.undo() == "change 1"
    assert await outbox.drained(10.0)
    assert platform.records["1"] == {"version": 7, "name": "was", "description": "theirs"}
    assert await outbox.redo() == "change 1"
    assert await outbox.drained(10.0)
    assert platform.records["1"]["name"] == "mine"
    assert len(platform.attempts) == 4
    await outbox.close()


def test_changes_of_different_fields_merge_by_themselves_and_can_be_taken_back() -> None:
    run(_disjoint())


async def _clash() -> None:
    platform, disk = FakePlatform(), Disk()
    platform.records["1"].update(name="was", version=4)
    outbox = outbox_on(platform, MemoryStore(disk))
    mine = change("1", {"name": "mine", "description": "added"}, base=Base(3, {"name": "older", "description": None}))
    receipt, behind = await outbox.submit(mine), await outbox.submit(change("1", {"tags": ["x"]}))
    with pytest.raises(Conflict):
        await receipt
    conflict = {
        "base": {"name": "older", "description": None},
        "mine": {"name": "mine", "description": "added"},
        "theirs": {"name": "was", "description": None},
        "version": 4,
    }
    assert (receipt.status, receipt.conflict, behind.status) == (Status.ATTENTION, conflict, Status.QUEUED)
    await outbox.close()
    outbox = outbox_on(platform, MemoryStore(disk))
    await outbox.start()
    (found,) = outbox.attention
    assert found.conflict == conflict
    assert not await outbox.resolve("unknown", {})
    assert await outbox.resolve(found.id, {"name": "both"})
    assert (await found)["name"] == "both"
    assert await outbox.drained(10.0)
    assert platform.records["1"] == {"version": 6, "name": "both", "description": "added", "tags": ["x"]}
    await outbox.close()


def test_a_clash_waits_for_a_decision_across_a_restart_and_holds_its_record() -> None:
    run(_clash())


async def _theirs() -> None:
    platform = FakePlatform()
    platform.records["1"].update(name="theirs", version=4)
    outbox = outbox_on(platform)
    receipt = await outbox.submit(change("1", {"name": "mine"}, base=Base(3, {"name": "older"})))
    await asyncio.sleep(1)
    outbox._core.store.disk.full = True  # type: ignore[attr-defined]
    with pytest.raises(StoreTrouble):
        await outbox.resolve(receipt.id, {"name": "new"})
    assert receipt.conflict is not None
    outbox._core.store.disk.full = False  # type: ignore[attr-defined]
    assert await outbox.resolve(receipt.id, {"name": "theirs"})
    assert receipt.status is Status.DISCARDED
    assert platform.effects == {}
    await outbox.close()


def test_who_decides_for_the_other_side_sends_nothing() -> None:
    run(_theirs())


class Client:
    """A person with a screen, who sees what was last fetched and what is on its way."""

    def __init__(self, platform: FakePlatform, name: str, seed: int) -> None:
        self.name = name
        self._platform = platform
        self.store = MemoryStore()
        self.online = True
        self.known: dict[str, dict[str, Any]] = {}
        self.decided: set[str] = set()
        self.typed: set[str] = set()
        self.outbox = outbox_on(platform, self.store, seed)

    def look(self, record: str) -> None:
        self.known[record] = dict(self._platform.records[record])

    async def edit(self, record: str, fields: list[str]) -> None:
        known = self.known.setdefault(record, {"version": 1})
        seen = dict(known)
        for receipt in self.outbox.open:
            if receipt.intent.params["id"] == record:
                seen.update(PutRebase(self._platform.record).fields(receipt.intent))
        texts = {field: f"{self.name}{len(self.typed)}{field}" for field in fields}
        self.typed.update(texts.values())
        base = Base(known["version"], {field: seen.get(field) for field in fields})
        await self.outbox.submit(change(record, texts, base=base))

    async def decide(self, chance: random.Random) -> None:
        """Look at one conflict, and choose for each field."""
        for receipt in self.outbox.attention[:1]:
            conflict = receipt.conflict
            assert conflict is not None
            chosen = {name: chance.choice((conflict["mine"][name], text)) for name, text in conflict["theirs"].items()}
            self.decided |= {str(text) for side in ("mine", "theirs") for text in conflict[side].values()}
            assert await self.outbox.resolve(receipt.id, chosen)


async def _two_clients(plan: list[tuple[int, str]], seed: int) -> None:
    chance = random.Random(seed)
    clients: list[Client] = []

    def fate(intent: Intent) -> str:
        whose = next(client for client in clients if any(r.intent is intent for r in client.outbox.open))
        return chance.choice(("answer", "answer", "lose reply")) if whose.online else "gone"

    platform = FakePlatform(fate)
    clients.extend(Client(platform, name, seed + n) for n, name in enumerate("AB"))
    for who, what in plan:
        client, record = clients[who], chance.choice("12")
        if what == "edit":
            await client.edit(record, chance.sample(["name", "description", "mood"], chance.randrange(1, 3)))
        elif what == "switch":
            client.online = not client.online
        elif what == "look" and client.online:
            client.look(record)
        elif what == "decide":
            await client.decide(chance)
        else:
            await asyncio.sleep(chance.choice((0.1, 1.0, 60.0)))
    for client in clients:
        client.online = True
        client.outbox.resume()
    while any(client.outbox.open for client in clients):
        for client in clients:
            await client.outbox.drained(300.0)
            await client.decide(chance)
    decided = clients[0].decided | clients[1].decided
    for record, field, was, now, intent in platform.written:
        base = None if intent.base is None else intent.base.fields.get(field)
        # Whoever replaced a text had it before him, as the base of his change or as the other side of a conflict.
        assert was in (None, now, base) or was in decided, (record, field, was, now)
    arrived = {now for _, _, _, now, _ in platform.written}
    for client in clients:
        assert client.typed <= arrived | client.decided
        await client.outbox.close()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(["edit", "edit", "switch", "look", "decide", "wait"])),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 2**32),
)
def test_no_text_vanishes_without_a_decision(plan: list[tuple[int, str]], seed: int) -> None:
    run(_two_clients(plan, seed))
