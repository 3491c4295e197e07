"""What faults decide: by the seed, whatever the order, as often as was asked for."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from api_client.inspect.fault_spec import parse_spec
from api_client.inspect.faults import Faults, FaultSwitch, FrameFate, RequestFate

ROUGH = "latency=300ms±100,loss=20%,429=10%,500=10%,duplicate=20%"
REQUESTS = [("GET", "/feed"), ("POST", "/posts"), ("POST", "/posts/1/like")]


def fates(seed: int, order: list[int]) -> dict[tuple[str, str], list[RequestFate]]:
    faults = Faults(parse_spec(f"{ROUGH},seed={seed}"))
    found: dict[tuple[str, str], list[RequestFate]] = {request: [] for request in REQUESTS}
    for number in order:
        found[REQUESTS[number]].append(faults.of_request(*REQUESTS[number]))
    return found


@given(st.integers(0, 1000), st.permutations([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]))
def test_the_nth_request_of_a_kind_has_the_same_fate_in_whatever_order_all_of_them_come(
    seed: int, order: list[int]
) -> None:
    assert fates(seed, order) == fates(seed, sorted(order))


def test_another_seed_is_another_weather() -> None:
    order = [0] * 50
    assert fates(1, order) != fates(2, order)


def test_shares_are_as_asked_for() -> None:
    faults, number = Faults(parse_spec(f"{ROUGH},seed=3")), 4_000
    found = [faults.of_request("GET", "/feed") for _ in range(number)]
    for code in (429, 500):
        assert abs(sum(fate.status == code for fate in found) / number - 0.1) < 0.02
    # Who is refused is not lost as well.
    assert abs(sum(fate.lost is not None for fate in found) / number - 0.2 * 0.8) < 0.03
    assert all(0.2 <= fate.delay <= 0.4 for fate in found)
    frames = [faults.of_frame("updates") for _ in range(number)]
    assert abs(sum(fate.copies == 0 for fate in frames) / number - 0.2) < 0.03
    assert abs(sum(fate.copies == 2 for fate in frames) / number - 0.2 * 0.8) < 0.03
    assert faults.injected["429"] == sum(fate.status == 429 for fate in found)
    assert faults.injected["double frame"] == sum(fate.copies == 2 for fate in frames)


def test_what_is_not_meant_suffers_nothing() -> None:
    faults = Faults(parse_spec("latency=1s,loss=100%,duplicate=100%,only=POST /posts/*"))
    assert faults.of_request("GET", "/posts/1") == RequestFate()
    assert faults.of_request("POST", "/posts/1").lost is not None
    # Doubled frames are always about the socket, latency and loss only where it is named.
    assert faults.of_frame("updates") == FrameFate(copies=2)


def test_many_different_paths_do_not_fill_the_memory() -> None:
    faults, chance = Faults(parse_spec("loss=1%")), random.Random(1)
    for _ in range(25_000):
        faults.of_request("GET", f"/posts/{chance.random()}")
    assert len(faults._turns) <= 10_001


def test_the_switch_tells_of_every_turn_until_nobody_listens() -> None:
    switch, told = FaultSwitch(), []
    unsubscribe = switch.subscribe(told.append)
    assert switch.on is None
    switch.turn(parse_spec("slow"))
    switch.turn(None)
    unsubscribe()
    unsubscribe()
    switch.turn(parse_spec("slow"))
    assert [faults is not None for faults in told] == [True, False]
