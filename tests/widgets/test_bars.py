"""Bars and columns: every share in the cells it was given, and days gathered so that nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from widgets.bars import bar, columns
from widgets.day_chart import DayChart, gather
from widgets.textfmt import hours

SHARES = st.floats(-1, 2, allow_nan=False)
MONDAY = date(2026, 11, 16)


def days(values: list[float], first: date = MONDAY) -> list[tuple[date, float]]:
    return [(first + timedelta(days=number), value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("share", "width", "drawn"),
    [
        (0, 4, ""),
        (1, 4, "████"),
        (0.5, 4, "██"),
        (0.125, 1, "▏"),
        (0.3, 5, "█▌"),
        (0.001, 4, "▏"),
        (1, 0, ""),
        (9, 2, "██"),
    ],
)
def test_a_bar_is_as_long_as_its_share(share: float, width: int, drawn: str) -> None:
    assert bar(share, width) == drawn


@given(st.lists(SHARES, max_size=30), st.integers(1, 8))
def test_columns_stand_on_the_ground_and_never_leave_their_room(shares: list[float], height: int) -> None:
    lines = columns(shares, height)
    assert [len(line) for line in lines] == [len(shares)] * height
    for place, share in enumerate(shares):
        column = "".join(line[place] for line in reversed(lines))
        assert bool(column.strip()) == (share > 0)
        assert column.lstrip("█").rstrip() in {"", *"▁▂▃▄▅▆▇"}


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=900), st.integers(2, 60))
def test_gathered_days_lose_nothing_while_there_is_room(values: list[float], most: int) -> None:
    _, found = gather(days(values), most)
    assert 0 < len(found) <= most
    assert sum(column.value for column in found) == pytest.approx(sum(values))
    assert all(before.last < after.first for before, after in pairwise(found))


def test_a_column_stands_for_the_smallest_unit_of_which_all_have_room() -> None:
    assert [gather(days([1.0] * count), 28)[0] for count in (28, 29, 196, 365, 900)] == [
        "day", "week", "week", "month", "year"
    ]  # fmt: skip
    weeks = gather(days([1.0] * 28), 4)[1]
    assert [column.first for column in weeks] == [MONDAY + timedelta(weeks=number) for number in range(4)]
    assert [column.value for column in weeks] == [7.0] * 4


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7500, "2 h 05 min"),
        (36_000, "10 h"),
        (4e6, "1,111 h"),
    ],
)
def test_a_length_of_listening_is_said_in_two_units(seconds: float, said: str) -> None:
    assert hours(seconds) == said


class ChartApp(App[None]):
    CSS = "DayChart { height: 8; }"

    def compose(self) -> ComposeResult:
        yield DayChart()


async def test_a_chart_says_how_high_and_when() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 10)) as pilot:
        chart = app.query_one(DayChart)
        chart.show(days([0.0, 60.0, 7_200.0, 1_800.0]))
        await pilot.pause()
        lines = chart.render().plain.splitlines()
        assert lines[0].startswith("2 h 00 min ")
        assert len({len(line) for line in lines[:6]}) == 1
        assert lines[0].count("█") == 4, "the highest reaches the top"
        assert "▁" in lines[5], "a minute beside two hours still shows"
        assert lines[-1].split() == ["16", "Nov", "18", "Nov"]
        chart.show([])
        assert not chart.render().plain
