"""A day on a bad network, in virtual time: nothing lost, nobody hammered, and the same day twice is the same."""

import asyncio
import bisect
import random
from collections import Counter, defaultdict

import pytest

from api_client.sync import Intent, Outbox, Receipt, Status
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, run

DAY = 86_400.0
WEATHER = ("answer", "answer", "gone", "portal", "slow", "failing", "lose reply")


class Weather:
    """What the network does at each time of a day: spells of a second to a quarter of an hour."""

    def __init__(self, chance: random.Random) -> None:
        self._starts, self._kinds, at = [0.0], ["answer"], 0.0
        while (at := at + chance.choice((1.0, 5.0, 30.0, 300.0, 900.0)) * (0.5 + chance.random())) < DAY:
            self._starts.append(at)
            self._kinds.append(chance.choice(WEATHER))
        self._starts.append(DAY)
        self._kinds.append("answer")

    def at(self, now: float) -> str:
        return self._kinds[bisect.bisect_right(self._starts, now) - 1]


async def a_day(seed: int) -> list[tuple[float, str, str]]:
    chance = random.Random(seed)
    weather, clock = Weather(chance), LoopClock()
    trace: list[tuple[float, str, str]] = []

    def fate(intent: Intent) -> str:
        kind = weather.at(clock.monotonic())
        trace.append((clock.monotonic(), intent.idempotency_key, kind))
        return kind

    longest = 0.0

    def watch(receipt: Receipt) -> None:
        nonlocal longest
        if receipt.status is Status.WAITING and receipt.retry_at is not None:
            longest = max(longest, receipt.retry_at - clock.monotonic())

    platform = FakePlatform(fate)
    outbox = Outbox(platform, clock=clock, jitter=chance.random)
    outbox.subscribe(watch)
    wanted: dict[str, list[str]] = defaultdict(list)
    number = 0
    while clock.monotonic() < DAY:
        for _ in range(chance.choice((1, 2, 2, 9))):
            record = f"r{chance.randrange(20)}"
            await outbox.submit(change(record, {"n": number}, key=str(number)))
            wanted[record].append(str(number))
            number += 1
        await asyncio.sleep(chance.expovariate(1 / 7_200.0))
    assert await outbox.drained(300.0)
    assert platform.effects == wanted
    assert await outbox.close() == ()
    assert longest <= 30.0
    failing = [at for at, _, kind in trace if kind != "answer"]
    for first, at in enumerate(failing):
        assert bisect.bisect_left(failing, at + 60.0) - first <= 12
    return trace


def days(seeds: range) -> None:
    kinds: Counter[str] = Counter()
    for seed in seeds:
        trace = run(a_day(seed))
        assert trace == run(a_day(seed))
        kinds.update(kind for _, _, kind in trace)
    assert set(kinds) == set(WEATHER)


@pytest.mark.parametrize("first", range(0, 20, 5))
def test_days_on_a_bad_network(first: int) -> None:
    days(range(first, first + 5))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_thousand_days_on_a_bad_network() -> None:
    days(range(1_000, 2_000))
