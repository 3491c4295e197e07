"""The store in memory keeps what every store promises."""

import pytest

from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.ports import StoreTrouble
from tests.api_client.sync.store_contract import Place, StoreContract, like


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def place(self) -> Place:
        disk = Disk()
        return lambda: MemoryStore(disk)


async def test_a_full_disk_refuses_and_changes_nothing() -> None:
    store = MemoryStore()
    await store.open()
    await store.append(like("1"))
    store.disk.full = True
    for refused in (store.append(like("2")), store.discard([1]), store.finish(1, None), store.drop_draft("x")):
        with pytest.raises(StoreTrouble, match="disk is full"):
            await refused
    store.disk.full = False
    assert [stored.seq for stored in (await store.open()).intents] == [1]


async def test_a_snapshot_stands_still() -> None:
    store = MemoryStore()
    await store.open()
    await store.append(like("1"))
    taken = store.disk.snapshot()
    await store.append(like("2"))
    assert len((await MemoryStore(taken).open()).intents) == 1
    assert len(store.disk.rows) == 2
