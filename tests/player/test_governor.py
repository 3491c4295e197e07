"""The quality follows the line, slowly upwards and at once downwards, and never to and fro."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.player.governor import HOLD_S, LONGEST_HOLD_S, QUALITIES, Governor

TRACK_S = 200.0
PLANS = st.sampled_from(QUALITIES)


def listen(governor: Governor, line: float, plan: int) -> int:
    """Play one track over a line of so many kbit/s as a player would; return the quality it ended in."""
    governor.border()
    asked = governor.wanted
    quality = min(asked, plan)
    governor.answered(asked, quality)
    left = TRACK_S
    while left > 0:
        size = 128 * 1024
        governor.fetched(size, size * 8 / 1000 / line)
        if line < quality and governor.choice is None:
            governor.stalled()
            quality = min(governor.wanted, plan)
        governor.played(50.0)
        left -= 50.0
    return quality


@given(st.lists(st.floats(20, 5_000), min_size=1, max_size=12), PLANS)
def test_more_than_the_plan_is_asked_for_once_at_most_and_never_wanted_after(lines: list[float], plan: int) -> None:
    governor = Governor()
    for line in lines:
        listen(governor, line, plan)
        assert governor.wanted <= plan


@given(st.floats(20, 5_000), PLANS)
def test_on_a_steady_line_the_quality_comes_to_rest(line: float, plan: int) -> None:
    governor = Governor()
    seen = [listen(governor, line, plan) for _ in range(24)]
    changes = sum(one != other for one, other in pairwise(seen))
    assert changes <= 2
    assert len(set(seen[5:])) == 1
    assert seen[-1] == QUALITIES[0] or seen[-1] <= line


def test_on_a_line_that_fails_again_and_again_a_higher_quality_is_tried_ever_more_rarely() -> None:
    governor = Governor()
    seen = [listen(governor, line, 320) for line in [2_000.0, 2_000.0, 100.0] * 40]
    rises = sum(one < other for one, other in pairwise(seen))
    assert 1 <= rises <= 6 + len(seen) * TRACK_S / LONGEST_HOLD_S


@given(st.lists(st.one_of(st.just("stall"), st.just("border"), st.floats(10, 4_000), st.integers(1, 100)), max_size=80))
def test_it_moves_up_by_one_step_at_a_border_only_and_not_before_the_hold(
    events: list[object],
) -> None:
    governor, since_change = Governor(), 0.0
    for event in events:
        before = governor.wanted
        match event:
            case "stall":
                governor.stalled()
                assert governor.wanted <= before
                since_change = 0.0
            case "border":
                governor.border()
                if governor.wanted > before:
                    assert QUALITIES.index(governor.wanted) == QUALITIES.index(before) + 1
                    assert since_change >= HOLD_S
                since_change = 0.0 if governor.wanted != before else since_change
            case float():
                governor.fetched(100_000, 100_000 * 8 / 1000 / event)
                assert governor.wanted == before
            case int():
                governor.played(event)
                since_change += event
                assert governor.wanted == before
        assert governor.wanted in QUALITIES


def test_between_one_and_a_half_times_and_the_rate_itself_nothing_changes() -> None:
    governor = Governor()
    governor.stalled()
    assert governor.wanted == 160
    for rate in (200, 300, 400, 479):
        for _ in range(6):
            governor.fetched(100_000, 100_000 * 8 / 1000 / rate)
        governor.played(10_000)
        governor.border()
        assert governor.wanted == 160
    for _ in range(6):
        governor.fetched(100_000, 100_000 * 8 / 1000 / 490)
    governor.border()
    assert governor.wanted == 320


def test_a_stall_makes_the_next_try_wait_twice_as_long() -> None:
    governor = Governor()
    for hold in (60, 120, 240):
        governor.stalled()
        assert governor.wanted == 160
        for _ in range(6):
            governor.fetched(1_000_000, 0.5)
        governor.played(hold - 1)
        governor.border()
        assert governor.wanted == 160
        governor.played(1)
        governor.border()
        assert governor.wanted == 320


def test_the_listeners_choice_stands_whatever_the_line_does_and_ends_with_automatic() -> None:
    governor = Governor(choice=320)
    for _ in range(4):
        governor.stalled()
    assert governor.wanted == 320
    governor.choose(None)
    assert governor.wanted == 96


def test_the_plan_is_learnt_and_a_better_plan_is_noticed() -> None:
    governor = Governor()
    governor.answered(320, 160)
    assert (governor.wanted, governor.is_at_top) == (160, True)
    governor.answered(160, 320)
    assert governor.wanted == 320


def test_what_the_user_says_of_the_line_is_the_most_that_is_asked_for() -> None:
    governor = Governor(ceiling=160)
    assert governor.wanted == 160
    for _ in range(6):
        governor.fetched(1_000_000, 0.1)
    governor.played(10_000)
    governor.border()
    assert governor.wanted == 160
