"""Verdicts about events: exactly these, exactly once, in time and in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.matching import Arrival, Verdict, Wanted, judge

MS = 1_000_000


def came(*events: tuple[str, int] | tuple[str, int, int]) -> list[Arrival]:
    """Return events: type, ms after the beginning, number."""
    return [
        Arrival({"type": kind, "n": rest[0] if rest else 0}, at * MS) for kind, at, *rest in sorted(events, key=_when)
    ]


def _when(event: tuple[Any, ...]) -> int:
    return int(event[1])


def want(kind: str | None, number: int = 0, **more: Any) -> Wanted:
    return Wanted("anna", kind, number=number, **more)


def verdicts(rules: list[Wanted], arrivals: list[Arrival], others: str = "other-types", **more: Any) -> list[Verdict]:
    return judge(rules, arrivals, more, start_ns=0, others=others, listed=more.pop("listed", False))


def codes(rules: list[Wanted], arrivals: list[Arrival], others: str = "other-types", **more: Any) -> list[Code | None]:
    return [verdict.code for verdict in verdicts(rules, arrivals, others, **more)]


@pytest.mark.parametrize(
    ("arrivals", "found"),
    [
        (came(("a", 10)), [None]),
        (came(("b", 5), ("a", 10), ("c", 11)), [None]),
        ([], [Code.NOT_SEEN]),
        (came(("b", 5)), [Code.NOT_SEEN]),
        (came(("a", 10), ("a", 12)), [Code.DUPLICATE]),
        (came(("a", 3000)), [Code.LATE]),
    ],
)
def test_one_event_once_and_in_time(arrivals: list[Arrival], found: list[Code | None]) -> None:
    assert codes([want("a")], arrivals) == found


def test_what_others_may_come_is_said_by_the_rules() -> None:
    one = [want("a", match={"n": 1})]
    assert codes(one, came(("a", 1, 1), ("a", 2, 2))) == [None, Code.UNEXPECTED]
    assert codes(one, came(("a", 1, 1), ("a", 2, 2)), others="any") == [None]
    assert codes(one, came(("a", 1, 1), ("b", 2)), others="none") == [None, Code.UNEXPECTED]
    assert codes(one, came(("a", 1, 1), ("b", 2))) == [None]


def test_what_must_not_come_is_found() -> None:
    assert codes([want("a", times=0)], came(("b", 1))) == [None]
    assert codes([want("a", times=0)], came(("a", 1))) == [Code.UNEXPECTED]
    assert codes([want(None, times=0)], came(("a", 1))) == [Code.UNEXPECTED]
    assert codes([want("a", times=0, match={"n": 2})], came(("a", 1, 1))) == [None]


def test_an_order_is_held() -> None:
    rules = [want("a"), want("b", 1)]
    assert codes(rules, came(("a", 1), ("b", 2)), listed=True) == [None, None]
    assert codes(rules, came(("b", 1), ("a", 2)), listed=True) == [Code.OUT_OF_ORDER, None]
    assert codes(rules, came(("b", 1), ("a", 2))) == [None, None]


@pytest.mark.parametrize(
    ("numbers", "rising", "gapless"),
    [
        ([1, 2, 3], None, None),
        ([1, 3, 4], None, Code.GAP),
        ([1, 3, 2], Code.OUT_OF_ORDER, Code.GAP),
        ([2, 1, 3], Code.OUT_OF_ORDER, Code.OUT_OF_ORDER),
        ([1, 1, 2], Code.OUT_OF_ORDER, Code.OUT_OF_ORDER),
    ],
)
def test_numbers_rise_and_leave_nothing_out(numbers: list[int], rising: Code | None, gapless: Code | None) -> None:
    arrivals = came(*(("a", place, number) for place, number in enumerate(numbers)))
    assert codes([want("a", times=3, rising=".n")], arrivals) == [rising]
    assert codes([want("a", times=3, gapless=".n")], arrivals) == [gapless]


def test_values_that_cannot_be_compared_are_a_failure() -> None:
    assert codes([want("a", times=2, rising=".type, .n")], came(("a", 1), ("a", 2))) == [Code.OUT_OF_ORDER]
    assert codes([want("a", times=2, gapless=".type")], came(("a", 1), ("a", 2))) == [Code.GAP]


def test_what_was_near_is_told() -> None:
    (verdict,) = verdicts([want("a", match={"n": 1})], came(("a", 7, 2)), others="any")
    assert verdict.code is Code.NOT_SEEN
    assert verdict.details == ['near: .n: expected 1, got 2; +7 ms {"type": "a", "n": 2}']
    (verdict,) = verdicts([want("a", where=".n == $other")], came(("b", 7)), others="any", other=3)
    assert verdict.details == ["seen on anna: b"]


@settings(max_examples=40)
@given(st.permutations([("a", 1), ("a", 2), ("b", 1), ("b", 1), ("c", 9)]), st.booleans())
def test_no_order_of_arrival_loses_or_doubles_an_event(order: list[tuple[str, int]], doubled: bool) -> None:
    rules = [want("a", 0, match={"n": 1}), want("a", 1), want("b", 2, times=2)]
    arrivals = [Arrival({"type": kind, "n": n}, place * MS) for place, (kind, n) in enumerate(order)]
    found = codes(rules, [*arrivals, arrivals[0]] if doubled else arrivals)
    # An event counts for the first rule that it fits: `n: 1` never for the second while the first lacks one.
    assert [code for code in found if code] == ([Code.DUPLICATE] if doubled and order[0][0] != "c" else [])
