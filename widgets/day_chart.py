"""Columns over days: by day while there is room for each, else by week, by month, by year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from textual.content import Content
from textual.widgets import Static

from widgets.bars import columns
from widgets.textfmt import hours

_SCALE = 12
"""Cells at the left, for the height of the highest column."""
_WIDEST_COLUMN = 5


@dataclass(frozen=True, slots=True)
class Column:
    """Some days together."""

    first: date
    last: date
    value: float


Unit = tuple[str, Callable[[date], date]]

_UNITS: tuple[Unit, ...] = (
    ("day", lambda day: day),
    ("week", lambda day: day - timedelta(days=day.weekday())),
    ("month", lambda day: day.replace(day=1)),
    ("year", lambda day: day.replace(month=1, day=1)),
)


def gather(days: Sequence[tuple[date, float]], most: int) -> tuple[str, list[Column]]:
    """Return what a column stands for, and at most `most` columns over `days`, which are in order.

    The unit is the smallest of which there is room for all; where even the years are too many, the newest are shown.
    """
    unit, found = "day", list[Column]()
    for unit, begin in _UNITS:  # noqa: B007 - the last one tried is the one that is used
        found = []
        for _, group in groupby(days, lambda entry, begin=begin: begin(entry[0])):  # type: ignore[misc]
            members = list(group)
            found.append(Column(members[0][0], members[-1][0], sum(value for _, value in members)))
        if len(found) <= most:
            break
    return unit, found[-most:] if most > 0 else []


class DayChart(Static):
    """How much there was on each day, in seconds; says what a column stands for and how high the highest is."""

    DEFAULT_CSS = """
    DayChart { height: 8; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._days: list[tuple[date, float]] = []

    def show(self, days: Sequence[tuple[date, float]]) -> None:
        """Draw these days, which are in order, with the seconds of each."""
        self._days = list(days)
        self.refresh()

    def render(self) -> Content:
        height = self.size.height - 2
        room = self.size.width - _SCALE
        if not self._days or height < 1 or room < 4:
            return Content("")
        unit, found = gather(self._days, room // 2)
        wide = max(min(room // len(found), _WIDEST_COLUMN), 1)
        highest = max(column.value for column in found) or 1.0
        lines = columns([column.value / highest for column in found], height)
        scale = [hours(highest), *[""] * (height - 1)]
        drawn = [
            Content.assemble((f"{text:>{_SCALE - 2}} ", "$muted"), ("│", "$panel"), (_spread(line, wide), "$primary"))
            for text, line in zip(scale, lines, strict=True)
        ]
        axis = Content.assemble((f"{'0':>{_SCALE - 2}} ", "$muted"), ("└" + "─" * wide * len(found), "$panel"))
        names = Content.assemble((" " * _SCALE + _names(found, unit, wide), "$muted"))
        return Content("\n").join([*drawn, axis, names])


def _spread(line: str, wide: int) -> str:
    """Return a line of columns `wide` cells apart, of which the last one is free."""
    full = max(wide - 1, 1)
    return "".join(cell * full + " " * (wide - full) for cell in line)


def _names(found: Sequence[Column], unit: str, wide: int) -> str:
    """Return the line under the columns: the first day of as many as there is room for."""
    form = {"day": "%d %b", "week": "%d %b", "month": "%b %Y", "year": "%Y"}[unit]
    text = ""
    for place, column in enumerate(found):
        name = column.first.strftime(form).lstrip("0")
        at = place * wide
        if at >= len(text) + (2 if text else 0) and at + len(name) <= len(found) * wide + 2:
            text = text.ljust(at) + name
    return text
