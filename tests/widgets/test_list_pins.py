"""The heading of what is read stays at the top of the list while its own lines are above it."""

from __future__ import annotations

from typing import Any

from widgets.virtual_list import VirtualList

SIZE = (40, 12)


def pinned(app: Any) -> str | None:
    """Return whose heading is laid over the first line."""
    line = app.screen_lines()[0]
    return line.split()[1] if line.endswith(" ↑") else None


def sections(notes: Any, count: int = 4, each: int = 20) -> list[Any]:
    """Return headings h<i> with items under them."""
    kind = type(notes([0])[0])
    return [
        note
        for i in range(count)
        for note in (kind(f"h{i}", "heading"), *notes(range(i * each, (i + 1) * each), depth=1))
    ]


async def test_a_heading_stays_until_the_next_one_takes_its_place(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(sections(notes))
        await pilot.pause()
        top = app.screen_lines()[0]
        assert top == "▌h0", "it stands there itself"
        seen = []
        for _ in range(60):
            app.list.scroll_lines(1)
            seen.append(pinned(app) or app.screen_lines()[0])
        assert seen[0] == "▌heading", "the second line of the heading is on the screen still"
        assert set(seen[1:40]) == {"h0"}
        assert seen[40:44] == [" x", " h1", " heading", "h1"], "the next heading is read itself"


async def test_only_the_first_line_differs_from_the_list_without_it(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE):
        app.list.set_items(sections(notes))
        app.list.scroll_lines(9)
        lines = app.screen_lines()
        assert pinned(app) == "h0"
        assert lines[1:5] == [" n4", " x", " n5", " x"]
        before = app.list.render_line(0)
        app.list.scroll_lines(1)
        assert app.list.render_line(0) is before, "one row more costs nothing for it"


async def test_the_cursor_is_never_under_the_heading(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE):
        app.list.set_items(sections(notes))
        moves = [app.list.action_cursor_down] * 30 + [app.list.action_cursor_up] * 25
        moves += [app.list.action_page_down, app.list.action_half_page_up, app.list.action_page_up] * 3
        moves += [app.list.move_to_parent, app.list.move_to_next_sibling, app.list.action_cursor_bottom]
        for move in moves:
            move()
            key = app.list.highlighted_key
            assert app.row_of(key) is not None, (move.__name__, key, app.screen_lines())


async def test_a_click_on_the_heading_goes_to_it(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(sections(notes))
        app.list.highlight("n30")
        await pilot.pause()
        assert pinned(app) == "h1"
        await pilot.click(VirtualList, offset=(5, 0))
        assert app.list.highlighted_key == "h1"
        assert pinned(app) is None
        assert not app.of(VirtualList.Chosen)


async def test_a_tall_item_pins_its_own_heading(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE):
        kind = type(notes([0])[0])
        app.list.set_items([kind("h0", "\n".join(f"heading {i}" for i in range(40))), *notes(range(9), depth=1)])
        app.list.scroll_lines(1)
        assert app.screen_lines()[0] == "▌heading 0"
        app.list.scroll_lines(1)
        assert pinned(app) == "h0"


async def test_folding_and_a_lower_list_take_the_heading_along(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(sections(notes))
        app.list.highlight("n12")
        app.list.scroll_lines(4)
        assert pinned(app) == "h0"
        app.list.fold("h0")
        assert app.screen_lines()[0].startswith("▌h0")
        app.list.unfold("h0")
        app.list.highlight("n12")
        app.list.scroll_lines(2)
        await pilot.resize_terminal(40, 3)
        await pilot.pause()
        assert not any("pinned" in line for line in app.screen_lines()), "there is no room for it"
