"""Places in a list at which something is still to come: at its ends and inside it."""

from __future__ import annotations

from typing import Any

from textual.events import MouseScrollDown

from widgets.list_gaps import BOTTOM, TOP
from widgets.virtual_list import VirtualList

SIZE = (40, 12)


def places(app: Any) -> list[tuple[str, bool]]:
    """Return where what is still to come was asked for, the ends left out, and whether by the user."""
    told = [(message.place, message.asked) for message in app.of(VirtualList.GapReached)]
    return [(place, asked) for place, asked in told if place not in (TOP, BOTTOM)]


async def test_a_gap_asks_once_when_it_comes_into_view(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes(range(20)), gap("more"), *notes(range(20, 40))])
        await pilot.pause()
        assert places(app) == []
        app.list.highlight("n19")
        app.list.scroll_lines(3)
        await pilot.pause()
        assert places(app) == [("more", False)]
        app.list.scroll_lines(1)
        app.list.scroll_lines(-1)
        await pilot.pause()
        assert places(app) == [("more", False)]


async def test_a_gap_that_is_left_and_reached_again_asks_again_unless_it_loads(
    list_app: Any, notes: Any, gap: Any
) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([gap("more"), *notes(range(40))])
        for state in (lambda: app.list.load_gap("more"), lambda: app.list.fail_gap("more", "No answer.")):
            state()
            app.list.action_cursor_bottom()
            app.list.action_cursor_top()
        await pilot.pause()
        assert places(app) == [("more", False)] * 2


async def test_what_is_read_stays_while_a_gap_loads_fails_and_is_filled(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes(range(20)), gap("more"), *notes(range(20, 40))])
        app.list.highlight("n22")
        app.list.scroll_lines(-2)
        await pilot.pause()
        row, before = app.row_of("n22"), app.screen_lines()
        at = before.index(" ▸ more to come")
        app.list.load_gap("more")
        loading = app.screen_lines()
        assert "something on the way" in loading[at]
        assert "░" in loading[at]
        app.list.fail_gap("more", "The platform cannot be reached.")
        failed = app.screen_lines()
        assert failed[at].startswith(" ✗ The platform cannot be reached.")
        assert [*before[:at], *before[at + 1 :]] == [*failed[:at], *failed[at + 1 :]]
        app.list.set_items([*notes(range(20)), *notes(range(100, 130)), *notes(range(20, 40))])
        await pilot.pause()
        assert app.row_of("n22") == row
        assert app.list.gap("more").phase == "waiting", "it is forgotten with its gap"


async def test_a_gap_under_the_cursor_gives_it_to_the_first_that_came(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes(range(4)), gap("more"), *notes(range(4, 40))])
        app.list.highlight("more")
        await pilot.pause()
        row = app.row_of("n3")
        app.list.set_items(notes([0, 1, 2, 3, 90, 91, *range(4, 40)]))
        assert app.list.highlighted_key == "n90"
        assert app.row_of("n3") == row


async def test_enter_and_a_click_ask_for_a_gap_and_never_choose_it(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([gap("more"), *notes(range(3))])
        await pilot.pause()
        app.list.choose()
        app.list.load_gap("more")
        app.list.choose()
        await pilot.click(VirtualList, offset=(5, 0))
        app.list.fail_gap("more", "No answer.")
        await pilot.click(VirtualList, offset=(5, 0))
        await pilot.pause()
        assert places(app) == [("more", False), ("more", True), ("more", True)]
        assert not app.of(VirtualList.Chosen)


async def test_the_ends_are_gaps_too(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(notes(range(30)))
        app.list.set_header("the beginning")
        app.list.action_cursor_top()
        await pilot.pause()
        app.list.load_gap(TOP)
        assert app.screen_lines()[0].strip() == "Loading more…"
        app.list.fail_gap(TOP, "No answer.")
        assert app.screen_lines()[0].strip() == "No answer."
        await pilot.click(VirtualList, offset=(20, 0))
        app.list.close_gap(TOP)
        assert app.screen_lines()[0].strip() == "the beginning"
        app.list.show_error("No answer.")
        app.list.action_cursor_bottom()
        app.list.action_cursor_down()
        await pilot.pause()
        asked = [message.place for message in app.of(VirtualList.GapReached) if message.asked]
        assert asked == [TOP, BOTTOM]


async def test_the_wheel_reaches_a_gap_as_well(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes(range(6)), gap("more"), *notes(range(6, 40))])
        await pilot.pause()
        assert places(app) == []
        await pilot._post_mouse_events([MouseScrollDown], VirtualList, offset=(5, 5))
        await pilot.pause()
        assert places(app) == [("more", False)]
