"""The ranking formulas against their golden values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.threads import ranking

NEW_YEAR = datetime.fromtimestamp(1767225600, UTC)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0, 39271.68), (1, 39271.68), (-1, 39271.68), (10, 39272.68), (100, 39273.68), (1000, 39274.68), (-100, 39269.68)],
)
def test_hot_has_its_golden_values(score: int, expected: float) -> None:
    assert ranking.hot(score, NEW_YEAR) == pytest.approx(expected, abs=1e-9)


def test_ten_times_the_score_is_worth_as_much_as_12_and_a_half_hours() -> None:
    later = NEW_YEAR + timedelta(seconds=45_000)
    assert ranking.hot(10, NEW_YEAR) == pytest.approx(ranking.hot(1, later), abs=1e-9)


@pytest.mark.parametrize(
    ("ups", "downs", "expected"),
    [(0, 0, 0), (10, 0, 0), (5, 5, 2.5), (100, 100, 50), (100, 1, 0.990099), (3, 7, 2.1)],
)
def test_controversy_has_its_golden_values(ups: int, downs: int, expected: float) -> None:
    assert ranking.controversy(ups, downs) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("ups", "downs", "at_80_percent", "at_95_percent"),
    [
        (1, 0, 0.378448, 0.206543),
        (10, 0, 0.858931, 0.722460),
        (10, 1, 0.739495, 0.622635),
        (100, 20, 0.785296, 0.756546),
        (5, 5, 0.312204, 0.236590),
        (0, 5, 0.0, 0.0),
        (0, 0, 0.0, 0.0),
    ],
)
def test_the_wilson_bound_has_its_golden_values(
    ups: int, downs: int, at_80_percent: float, at_95_percent: float
) -> None:
    assert ranking.wilson(ups, downs) == pytest.approx(at_80_percent, abs=1e-6)
    assert ranking.wilson(ups, downs, z=1.96) == pytest.approx(at_95_percent, abs=1e-6)


@given(ups=st.integers(0, 10**6), downs=st.integers(0, 10**6))
def test_the_wilson_bound_lies_between_nothing_and_the_share_of_upvotes(ups: int, downs: int) -> None:
    bound = ranking.wilson(ups, downs)
    assert 0 <= bound <= (ups / (ups + downs) if ups + downs else 0) + 1e-12


def test_rising_is_score_over_age() -> None:
    assert ranking.rising(8, NEW_YEAR, NEW_YEAR + timedelta(hours=2)) == pytest.approx(1.0)
    assert ranking.rising(-8, NEW_YEAR, NEW_YEAR + timedelta(hours=2)) == pytest.approx(-1.0)


def test_rising_and_discovery_take_a_post_of_the_future_for_a_new_one() -> None:
    assert ranking.rising(1, NEW_YEAR, NEW_YEAR - timedelta(hours=9)) == ranking.rising(1, NEW_YEAR, NEW_YEAR)


def test_discovery_counts_a_comment_twice() -> None:
    quiet = ranking.discovery(2, 0, NEW_YEAR, NEW_YEAR)
    assert ranking.discovery(0, 1, NEW_YEAR, NEW_YEAR) == quiet > ranking.discovery(1, 0, NEW_YEAR, NEW_YEAR)
