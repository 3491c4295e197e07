"""The window over rows: placing, moving, and its two ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from widgets.anchor import Span, Window


class Stack:
    """Rows with given heights; the keys are numbers."""

    def __init__(self, heights: list[int]) -> None:
        self.heights = heights

    def first(self) -> str | None:
        return "0" if self.heights else None

    def last(self) -> str | None:
        return str(len(self.heights) - 1) if self.heights else None

    def after(self, key: str) -> str | None:
        return str(int(key) + 1) if int(key) + 1 < len(self.heights) else None

    def before(self, key: str) -> str | None:
        return str(int(key) - 1) if int(key) else None

    def measure(self, key: str) -> int:
        return self.heights[int(key)]

    def lines(self) -> list[tuple[str, int]]:
        return [(str(i), line) for i, height in enumerate(self.heights) for line in range(height)]


def shown(window: Window) -> list[tuple[str, int]]:
    return [(span.key, span.line + i) for span in window.spans() for i in range(span.count)]


HEIGHTS = st.lists(st.integers(1, 30), min_size=1, max_size=30)


@given(HEIGHTS, st.integers(1, 25), st.data())
def test_a_placed_line_stands_where_it_was_placed_unless_an_end_is_in_the_way(
    heights: list[int], height: int, data: st.DataObject
) -> None:
    stack = Stack(heights)
    window = Window(stack)
    window.height = height
    lines = stack.lines()
    at = data.draw(st.integers(0, len(lines) - 1))
    y = data.draw(st.integers(0, height - 1))
    window.place(*lines[at], y)
    top = max(0, min(at - y, len(lines) - height))
    assert shown(window) == lines[top : top + height]
    assert window.at_top is (top == 0)
    assert window.at_bottom is (top + height >= len(lines))


@given(HEIGHTS, st.integers(1, 25), st.lists(st.integers(-60, 60), max_size=10))
def test_moving_moves_by_lines_and_stops_at_the_ends(heights: list[int], height: int, moves: list[int]) -> None:
    stack = Stack(heights)
    window = Window(stack)
    window.height = height
    window.to_top()
    lines = stack.lines()
    top = 0
    for move in moves:
        before, top = top, max(0, min(top + move, len(lines) - height))
        assert window.move(move) is (top != before)
        assert shown(window) == lines[top : top + height]
    window.to_bottom()
    assert shown(window) == lines[-height:]


def test_short_content_lies_at_the_bottom_of_a_window_that_sinks() -> None:
    window = Window(Stack([2, 1]), sink=True)
    window.height = 5
    window.to_bottom()
    assert window.spans() == [Span("0", 0, 2, 2), Span("1", 0, 1, 4)]


def test_nothing_is_shown_of_nothing() -> None:
    window = Window(Stack([]))
    window.height = 5
    window.to_top()
    window.to_bottom()
    assert window.spans() == []
    assert not window.move(3)
    assert window.at_top
    assert window.at_bottom
