"""However often the program dies, and wherever: each effect exactly once, in order for each object."""

import asyncio
import gc
import random
from collections import defaultdict

import pytest

from api_client.sync import Intent, Outbox
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, run

OBJECTS = 7
BACKLOG = 12
"""How many wait at most, so that a start does not take longer than the life that follows."""
LONGEST_LIFE = 45
"""Steps of input and output until the program dies: enough for the last of a few intents to be finished."""


class Crash(Exception):
    """The program has died: nothing that it does from now on reaches a disk or a wire."""


class Life:
    """One run of the program, which ends at a given step of its input and output."""

    def __init__(self, disk: Disk, platform: FakePlatform, steps: int, chance: random.Random) -> None:
        self._platform = platform
        self._left = steps
        self.ended = asyncio.Event()
        self.steps: set[str] = set()
        """Where it has died, if it has."""
        store = MemoryStore(disk, at=self._step)
        self.outbox = Outbox(self._send, store=store, clock=LoopClock(), jitter=chance.random, side_by_side=3)

    def _step(self, name: str) -> None:
        self._left -= 1
        if self._left <= 0:
            if not self.ended.is_set():
                self.steps.add(name)
            self.ended.set()
            raise Crash(name)

    async def _send(self, intent: Intent) -> object:
        self._step("wire before")
        reply = await self._platform(intent)
        self._step("wire after")
        return reply


async def dies(life: Life) -> None:
    """Let everything end where it is, without tidying up."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def many_lives(total: int, seed: int) -> set[str]:
    chance = random.Random(seed)
    disk = Disk()
    platform = FakePlatform(lambda intent: chance.choice(("answer", "answer", "answer", "lose reply", "gone")))
    intents = [change(f"r{chance.randrange(OBJECTS)}", {"n": number}, key=str(number)) for number in range(total)]
    died_at: set[str] = set()
    taken = lives = 0
    while taken < total or disk.rows:
        lives += 1
        life = Life(disk, platform, 1 + (lives * 7) % LONGEST_LIFE, chance)
        try:
            await life.outbox.start()
            for _ in range(chance.randrange(1, 9)):
                if taken < total and len(disk.rows) < BACKLOG:
                    await life.outbox.submit(intents[taken])
                    taken += 1  # only what is acknowledged is not handed in again
        except Crash:
            pass
        drained = asyncio.ensure_future(life.outbox.drained(600.0))
        ended = asyncio.ensure_future(life.ended.wait())
        await asyncio.wait({drained, ended}, return_when=asyncio.FIRST_COMPLETED)
        await dies(life)
        disk.readers.clear()  # the dead hold no files open
        died_at |= life.steps
        if lives % 50 == 0:
            gc.collect()  # what died with its traceback would be looked through at every death to come
    wanted = defaultdict(list)
    for intent in intents:
        wanted[intent.params["id"]].append(intent.idempotency_key)
    assert platform.effects == wanted
    return died_at


EVERY_STEP = {f"{step} {when}" for step in ("append", "mark", "finish", "wire") for when in ("before", "after")}


def test_six_hundred_writes_survive_a_crash_at_every_step() -> None:
    assert run(many_lives(600, 1)) >= EVERY_STEP


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("total", [20_000, 100_000])
def test_many_writes_survive_a_crash_at_every_step(total: int) -> None:
    assert run(many_lives(total, total)) >= EVERY_STEP
