"""Where a list stands, to be found again: to the line, also within an item taller than the screen."""

from __future__ import annotations

from typing import Any

from widgets.virtual_list import VirtualList

TALL = "word " * 120


async def test_a_place_within_a_tall_item_is_found_again_to_the_line(list_app: Any, notes: Any) -> None:
    left = list_app()
    async with left.run_test(size=(40, 12)) as pilot:
        left.list.set_items(notes(range(9), TALL))
        await pilot.pause()
        left.list.highlight("n4")
        left.list.scroll_lines(5)
        was, drawn = left.list.position, lines(left.list)
        assert was == ("n4", -5)
    again = list_app()
    async with again.run_test(size=(40, 12)) as pilot:
        again.list.set_items(notes(range(9), TALL))
        await pilot.pause()
        assert again.list.show_position(*was)
        assert (again.list.position, lines(again.list)) == (was, drawn)
        assert again.list.highlighted_key == "n4"


async def test_a_list_without_a_place_on_the_screen_goes_there_as_soon_as_it_has_one(list_app: Any, notes: Any) -> None:
    app = list_app()
    app.list.display = False
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        app.list.set_items(notes(range(9), TALL))
        assert app.list.position is None
        assert app.list.show_position("n4", -5)
        app.list.display = True
        await pilot.pause()
        assert app.list.position == ("n4", -5)
        app.list.action_cursor_top()
        app.list.styles.height = 9
        await pilot.pause()
        assert app.list.position == ("n0", 0), "the place is gone to once"


async def test_a_place_that_is_no_more_is_the_nearest_one(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(40)))
        await pilot.pause()
        assert not app.list.show_position("nobody", 0)
        assert app.list.show_position("n4", -30), "it was taller then"
        assert app.list.position == ("n4", -1)
        assert app.list.show_position("n1", 50), "the screen was higher then"
        assert "n1" in app.list.visible_keys


async def test_what_is_hidden_is_unfolded_on_the_way(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items([*notes(range(1)), *notes(range(1, 9), depth=1)])
        await pilot.pause()
        app.list.fold("n0")
        assert app.list.show_position("n5", 3)
        assert app.list.highlighted_key == "n5"
        assert not app.list.is_folded("n0")


def lines(found: VirtualList[Any]) -> list[str]:
    return [found.render_line(y).text for y in range(12)]
