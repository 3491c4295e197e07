"""Latencies: right within one in a hundred, and silent where there are too few to speak."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.smoke.percentiles import Latencies


def latencies(samples: list[float]) -> Latencies:
    found = Latencies()
    for sample in samples:
        found.add(sample)
    return found


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99])
def test_a_percentile_is_right_within_one_in_a_hundred(share: float) -> None:
    draw = random.Random(7)
    samples = [draw.lognormvariate(-5, 1.5) for _ in range(5_000)]
    exact = sorted(samples)[round(share * len(samples)) - 1]
    found = latencies(samples).at(share)
    assert found is not None
    assert abs(found / exact - 1) < 0.011


@settings(max_examples=30)
@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=300))
def test_percentiles_rise_and_stay_between_the_ends(samples: list[float]) -> None:
    found = [value for share in (0.5, 0.9, 0.95, 0.99) if (value := latencies(samples).at(share)) is not None]
    assert found == sorted(found)
    assert all(min(samples) <= value <= max(samples) for value in found)


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, set()), (2, {"p50"}), (9, {"p50"}), (10, {"p50", "p90"}), (99, {"p50", "p90", "p95"}), (100, None)],
)
def test_n_is_always_told_and_a_percentile_only_where_samples_bear_it(count: int, told: set[str] | None) -> None:
    line = latencies([0.01] * count).line("GET /x")
    assert f"n={count} " in line
    assert {word for word in ("p50", "p90", "p95", "p99") if word in line} == (
        {"p50", "p90", "p95", "p99"} if told is None else told
    )
    assert latencies([0.01] * count).as_json()["n"] == count


def test_nothing_measured_is_told_as_that() -> None:
    assert latencies([]).line("x") == "x: n=0"
    assert latencies([]).as_json() == {"n": 0, "p50": None, "p90": None, "p95": None, "p99": None} | {
        "mean": None,
        "max": None,
    }
