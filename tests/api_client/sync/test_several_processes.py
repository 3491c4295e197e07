"""Several processes on one account: one sends, all show, and the next takes over."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_client import endpoints as table
from api_client import music_endpoints as music_table
from api_client.models.posts import LikeState
from api_client.sync import FileLeadership, Intent, Inverse, NotSent, Outbox, Receipt, Status, StoreTrouble
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, run


class Throne:
    """Who leads, without a file."""

    def __init__(self) -> None:
        self.leader: Candidate | None = None


class Candidate:
    def __init__(self, throne: Throne) -> None:
        self._throne = throne

    @property
    def leads(self) -> bool:
        return self._throne.leader is self

    async def acquire(self) -> bool:
        self._throne.leader = self._throne.leader or self
        return self.leads

    async def release(self) -> None:
        if self.leads:
            self._throne.leader = None


class House:
    """Makes outboxes that share a disk, a platform and a throne."""

    def __init__(self, platform: Any) -> None:
        self.platform, self.disk, self.throne = platform, Disk(), Throne()

    async def process(self) -> Outbox:
        outbox = Outbox(
            self.platform,
            store=MemoryStore(self.disk),
            leadership=Candidate(self.throne),
            clock=LoopClock(),
            jitter=lambda: 0.5,
        )
        await outbox.start()
        return outbox


async def _shows() -> None:
    async def send(intent: Intent) -> Any:
        await asyncio.sleep(3.0)
        return LikeState(liked=True, like_count=8)

    house = House(send)
    leader, other = await house.process(), await house.process()
    assert (leader.leads, other.leads) == (True, False)
    found: list[Receipt] = []
    leader.on_foreign(found.append)
    like = {"params": {"id": "1"}, "object_key": "posts:1", "created_at": 0.0, "label": "like"}
    receipt = await other.submit(Intent.of(table.LIKE, **like))
    await asyncio.sleep(2.5)
    assert [theirs.id for theirs in found] == [receipt.id]
    assert (found[0].status, receipt.status) == (Status.SENDING, Status.SENDING)
    assert await receipt == LikeState(liked=True, like_count=8) == await found[0]
    assert leader.open == other.open == []
    await leader.close()
    await asyncio.sleep(2.0)
    assert other.leads
    await other.close()


def test_one_sends_and_both_show_with_the_typed_reply() -> None:
    run(_shows())


async def _decides() -> None:
    refused = {"a"}
    house = House(FakePlatform(lambda intent: "refuse" if intent.idempotency_key in refused else "answer"))
    leader, other = await house.process(), await house.process()
    receipt = await leader.submit(change("1", {"n": 1}, key="a"))
    behind = await leader.submit(change("1", {"n": 2}, key="b"))
    await asyncio.sleep(2)
    (seen,) = other.attention
    assert (seen.id, seen.reason) == ("a", "The platform does not like this.")
    assert await other.edit("a", {"n": 3})
    assert await behind
    assert receipt.status is Status.DONE
    assert [entry[3] for entry in house.platform.written] == [3, 2]
    refused.add("c")
    third = await leader.submit(change("1", {"n": 4}, key="c"))
    await asyncio.sleep(2)
    refused.clear()
    other.retry("c")
    await asyncio.sleep(2)
    assert third.status is Status.DONE
    leader.pause("Offline.")
    fourth = await leader.submit(
        change("1", {"n": 5}), undo=Inverse(music_table.CHANGE_PLAYLIST, {"id": "1"}, {"n": 4})
    )
    await asyncio.sleep(2)
    assert await other.undo() == "change 1"
    with pytest.raises(NotSent):
        await fourth
    assert await leader.redo() == "change 1"
    await asyncio.sleep(2)
    assert [len(other.open), len(leader.open)] == [1, 1]
    await other.close()
    await leader.close()


def test_every_process_can_edit_retry_and_take_back_what_another_one_sends() -> None:
    run(_decides())


async def _order() -> None:
    fates = itertools.cycle(["lose reply", "answer"])
    house = House(FakePlatform(lambda _: next(fates)))
    processes = [await house.process() for _ in range(3)]
    for number in range(60):
        await processes[number % 3].submit(change(str(number % 2), {"n": number}, key=str(number)))
        if number % 20 == 19:
            leader = next(process for process in processes if process.leads)
            await leader.close()
            processes[processes.index(leader)] = await house.process()
    await asyncio.sleep(3_600)
    assert house.disk.rows == {}
    for record in "01":
        assert house.platform.effects[record] == sorted(house.platform.effects[record], key=int)
    assert sum(map(len, house.platform.effects.values())) == 60
    assert all(process.open == [] for process in processes)
    for process in processes:
        await process.close()


def test_the_order_of_an_object_holds_over_processes_and_their_end() -> None:
    run(_order())


class HandTime:
    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_a_leader_that_falls_silent_is_deposed_and_finds_out_when_it_wakes(tmp_path: Path) -> None:
    clock, path = HandTime(), tmp_path / "outbox.lock"
    first, second, third = (FileLeadership(path, clock=clock) for _ in range(3))
    assert await first.acquire()
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(10):
        clock.now += 1.0
        assert (await first.acquire(), await second.acquire()) == (True, False)
    clock.now += 4.9
    assert first.leads
    assert not await second.acquire()
    clock.now += 0.2
    assert not first.leads
    assert await second.acquire()
    assert not await first.acquire()
    assert not await third.acquire()
    assert (first.leads, second.leads) == (False, True)
    await second.release()
    assert await third.acquire()
    assert not second.leads
    assert os.listdir(tmp_path) == ["outbox.lock"]
    await third.release()


async def test_a_removed_lock_file_deposes_its_holder(tmp_path: Path) -> None:
    first = FileLeadership(tmp_path / "outbox.lock", clock=HandTime())
    assert await first.acquire()
    os.unlink(tmp_path / "outbox.lock")
    assert not first.leads
    assert await first.acquire()
    await first.release()
    with pytest.raises(StoreTrouble):
        await FileLeadership(tmp_path / "missing" / "outbox.lock").acquire()


_LEADER = """
import asyncio, sys
from pathlib import Path
from api_client.sync.leadership import FileLeadership

async def lead():
    leadership = FileLeadership(Path(sys.argv[1]), lease=1.0)
    while True:
        if await leadership.acquire():
            print("leads", flush=True)
        await asyncio.sleep(0.1)

asyncio.run(lead())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_next_one_leads_when_a_process_is_killed_or_hangs(tmp_path: Path, how: signal.Signals) -> None:
    path = tmp_path / "outbox.lock"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _LEADER, str(path), stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"leads\n"
        mine = FileLeadership(path, lease=1.0)
        assert not await mine.acquire()
        process.send_signal(how)
        await asyncio.wait_for(_until(mine.acquire), 20)
        assert mine.leads
        await mine.release()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until(ask: Callable[[], Any]) -> None:
    while not await ask():  # noqa: ASYNC110 - a lock of the kernel has no event to wait for
        await asyncio.sleep(0.05)
