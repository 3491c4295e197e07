from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client.errors import ApiError, NotFound, Unreachable
from api_client.sync.catch_up import CatchUp

KEYS = [f"posts:{number}" for number in range(4)]


class World:
    """A platform whose records change, a reader who holds copies, and fetches that arrive when they are let."""

    def __init__(self, *, batch: int = 3, side_by_side: int = 2) -> None:
        self.there: dict[str, int] = dict.fromkeys(KEYS, 1)
        self.held: dict[str, int] = dict.fromkeys(KEYS, 1)
        self.on_the_way: list[tuple[list[str], dict[str, int], asyncio.Future[None]]] = []
        self.fetches: list[list[str]] = []
        self.side_by_side = side_by_side
        self.catch_up = CatchUp(
            self._fetch,
            self._take,
            known=self.held.get,
            version_of=lambda record: record,
            gone=lambda key: self.held.pop(key, None),
            batch=batch,
            side_by_side=side_by_side,
        )

    async def _fetch(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.fetches.append(list(keys))
        answer = {key: self.there[key] for key in keys if key in self.there}
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_the_way.append((list(keys), answer, arrived))
        busy = Counter(key for asked, _, _ in self.on_the_way for key in asked)
        assert max(busy.values()) == 1
        assert len(self.on_the_way) <= self.side_by_side
        try:
            await arrived
        finally:
            self.on_the_way = [entry for entry in self.on_the_way if entry[2] is not arrived]
        return answer

    def _take(self, key: str, version: int) -> None:
        assert version >= self.held[key]
        self.held[key] = version

    async def arrive(self, which: int = 0, error: Exception | None = None) -> None:
        """Let one of the fetches end."""
        if self.on_the_way:
            arrived = self.on_the_way[which % len(self.on_the_way)][2]
            if error is None:
                arrived.set_result(None)
            else:
                arrived.set_exception(error)
        await turns()

    async def finish(self) -> None:
        """Let everything arrive."""
        while not self.catch_up.is_idle:
            await turns()
            await self.arrive()


async def turns() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def test_the_notices_of_one_moment_share_a_fetch() -> None:
    world = World(batch=10)
    world.there = dict.fromkeys(KEYS, 5)
    world.catch_up.notices((key, version) for version in (2, 5, 3) for key in KEYS)
    await turns()
    assert world.fetches == [KEYS]
    await world.finish()
    assert world.held == world.there


async def test_what_is_known_or_not_held_is_not_fetched() -> None:
    world = World()
    world.catch_up.notice(KEYS[0], 1)
    world.catch_up.notice(KEYS[0], 0)
    world.catch_up.notice("posts:elsewhere", 9)
    await turns()
    assert world.fetches == []
    assert world.catch_up.is_idle


async def test_a_key_is_fetched_once_more_only_if_the_fetch_did_not_bring_it() -> None:
    world = World()
    world.there[KEYS[0]] = 2
    world.catch_up.notice(KEYS[0], 2)
    await turns()
    world.there[KEYS[0]] = 4
    for version in (3, 4, 4):
        world.catch_up.notice(KEYS[0], version)
    await turns()
    assert len(world.fetches) == 1
    await world.finish()
    assert world.fetches == [[KEYS[0]]] * 2
    assert world.held[KEYS[0]] == 4


async def test_what_the_platform_leaves_out_is_gone_and_what_is_closed_meanwhile_stays_closed() -> None:
    world = World()
    del world.there[KEYS[0]]
    world.there[KEYS[1]] = 2
    world.catch_up.notices([(KEYS[0], 2), (KEYS[1], 2)])
    await turns()
    del world.held[KEYS[1]]
    await world.finish()
    assert set(world.held) == set(KEYS[2:])


@pytest.mark.parametrize("error", [NotFound("gone", code="NOT_FOUND", status=404), Unreachable("gone")])
async def test_a_single_key_that_is_not_found_is_gone_and_a_failure_is_kept_for_later(error: ApiError) -> None:
    world = World()
    world.there[KEYS[0]] = 2
    world.catch_up.notice(KEYS[0], 2)
    await turns()
    await world.arrive(error=error)
    assert world.catch_up.is_idle
    assert (KEYS[0] in world.held) is isinstance(error, Unreachable)
    world.catch_up.again()
    await world.finish()
    assert world.held.get(KEYS[0], 2) == 2


async def test_a_copy_that_lags_behind_is_not_asked_in_circles() -> None:
    world = World()
    world.catch_up.notice(KEYS[0], 7)
    await world.finish()
    assert (len(world.fetches), world.catch_up.failed) == (1, {KEYS[0]: 7})
    world.there[KEYS[0]] = 7
    world.catch_up.again()
    await world.finish()
    assert world.held[KEYS[0]] == 7


async def test_closing_gives_up_what_is_on_the_way() -> None:
    world = World(batch=1, side_by_side=2)
    world.catch_up.notices((key, 2) for key in KEYS)
    await turns()
    await world.catch_up.close()
    assert world.catch_up.is_idle
    assert world.on_the_way == []
    assert set(world.held.values()) == {1}


STEPS = st.lists(
    st.tuples(st.sampled_from(["change", "notice", "arrive", "fail", "turn"]), st.integers(0, 5), st.integers(0, 5)),
    max_size=60,
)


@given(STEPS, st.integers(1, 4), st.integers(1, 3))
def test_in_the_end_the_copies_are_what_is_there_whatever_the_order(
    steps: list[tuple[str, int, int]], batch: int, side_by_side: int
) -> None:
    async def scene() -> None:
        world = World(batch=batch, side_by_side=side_by_side)
        told: list[tuple[str, int]] = []
        for step, which, other in steps:
            key = KEYS[which % len(KEYS)]
            if step == "change":
                world.there[key] += 1
                told.append((key, world.there[key]))
            elif step == "notice" and told:
                world.catch_up.notice(*told[other % len(told)])
            elif step in ("arrive", "fail"):
                await world.arrive(which, Unreachable("gone") if step == "fail" else None)
            else:
                await turns()
        world.catch_up.notices(reversed(told))
        await world.finish()
        world.catch_up.again()
        await world.finish()
        assert world.held == world.there
        assert not world.catch_up.failed

    asyncio.run(asyncio.wait_for(scene(), 10))


async def test_many_keys_take_few_fetches() -> None:
    held: dict[str, Any] = {f"posts:{number}": 1 for number in range(3_000)}
    fetches: list[int] = []

    async def fetch(keys: Sequence[str]) -> Mapping[str, int]:
        fetches.append(len(keys))
        await asyncio.sleep(0)
        return dict.fromkeys(keys, 10)

    catch_up = CatchUp(fetch, held.__setitem__, known=held.get, version_of=lambda record: record, gone=held.__delitem__)
    for version in range(2, 11):
        catch_up.notices((key, version) for key in held)
    await catch_up.settled()
    assert set(held.values()) == {10}
    assert len(fetches) == 60


async def test_after_a_gap_what_is_on_the_way_is_fetched_once_more_and_only_what_is_held() -> None:
    world = World()
    world.catch_up.notice(KEYS[0], 2)
    await turns()
    world.there[KEYS[0]] = 3
    world.catch_up.refresh([KEYS[0], KEYS[1], "posts:elsewhere"])
    await world.finish()
    assert world.held[KEYS[0]] == 3
    assert world.fetches[0] == [KEYS[0]]
    assert sorted(key for keys in world.fetches[1:] for key in keys) == [KEYS[0], KEYS[1]]


async def test_a_refresh_that_failed_is_made_again() -> None:
    world = World()
    world.catch_up.refresh([KEYS[0]])
    await turns()
    await world.arrive(error=Unreachable("gone"))
    del world.there[KEYS[0]]
    world.catch_up.again()
    await world.finish()
    assert KEYS[0] not in world.held
    assert world.catch_up.failed == {}
