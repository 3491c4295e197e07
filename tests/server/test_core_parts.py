"""The parts of the core that need no platform: limits, cursors, ids, moments."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import ManualClock, from_ms, to_ms
from server.db import UtcDateTime, from_micros, micros, new_id
from server.limiter import RateLimiter
from server.paging import decode_cursor, encode_cursor
from server.problems import Problem
from tests.server.conftest import START


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(pauses: list[float], limit: int) -> None:
    limiter, now, granted = RateLimiter(), 0.0, []
    for pause in pauses:
        now += pause
        try:
            allowance = limiter.take("x", "ann", limit, 60, START + timedelta(seconds=now))
        except Problem:
            assert len([moment for moment in granted if moment > now - 60.001]) >= limit
        else:
            granted.append(now)
            assert 0 <= allowance.remaining < limit
    for moment in granted:
        assert len([other for other in granted if moment - 59.999 < other <= moment]) <= limit


def test_a_limiter_forgets_those_who_stay_away() -> None:
    limiter = RateLimiter()
    for number in range(5000):
        limiter.take("x", str(number), 1, 60, START)
    later = START + timedelta(seconds=61)
    for number in range(5000):
        limiter.take("y", str(number), 1, 60, later)
    assert {name for name, _ in limiter._times} == {"y"}


# Pages, ids, moments


@given(
    st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)))
)
def test_cursors_come_back_as_they_went(values: list[str | int | float]) -> None:
    assert decode_cursor(encode_cursor(*values)) == tuple(values)


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1")), st.text(alphabet="WzEsMl0iYQ-_")))
def test_any_text_is_a_cursor_or_a_problem(made_up: str) -> None:
    with contextlib.suppress(Problem):
        assert [type(value) for value in decode_cursor(made_up, int, str)] == [int, str]


def test_ids_stand_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(2000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {identity[14] for identity in ids} == {"7"}
    assert {identity[19] for identity in ids} <= set("89ab")


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_kept_to_the_microsecond(moment: datetime) -> None:
    assert from_micros(micros(moment)) == moment
    assert UtcDateTime().process_bind_param(moment, None) == micros(moment)  # type: ignore[arg-type]
    assert to_ms(from_ms(to_ms(moment))) == to_ms(moment)


def test_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001
