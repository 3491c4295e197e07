"""Marks: set by key and mouse, kept by the item, counted, drawn, and taken away."""

from __future__ import annotations

from typing import Any

from widgets.virtual_list import VirtualList

SIZE = (40, 12)


def marks_on_screen(app: Any) -> dict[str, str]:
    """Return the mark beside each first line of an item that has one."""
    return {line[1:].split(" ")[0]: line[0] for line in app.screen_lines() if line[:1] in ("◆", "◈")}


async def test_a_mark_is_drawn_with_and_without_the_cursor(list_app: Any, notes: Any) -> None:
    app = list_app(marks=True)
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(notes(range(9)))
        app.list.toggle_mark("n0")
        app.list.toggle_mark("n2")
        await pilot.pause()
        assert marks_on_screen(app) == {"n0": "◈", "n2": "◆"}
        assert [line[:1].strip() for line in app.screen_lines()[:6]] == ["◈", "▌", "", "", "◆", ""]
        assert app.of(VirtualList.MarksChanged)[-1].count == 2
        assert app.list.toggle_mark("n0")
        assert app.list.marked == ["n2"]


async def test_marks_stay_with_their_items_whatever_moves(list_app: Any, notes: Any) -> None:
    app = list_app(marks=True)
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items([*notes([0]), *notes([1, 2], depth=1), *notes(range(3, 40))])
        for key in ("n30", "n2", "n5"):
            app.list.toggle_mark(key)
        app.list.action_cursor_bottom()
        app.list.action_cursor_top()
        app.list.fold("n0")
        app.list.update(type(notes([5])[0])("n5", "changed", 0, 1))
        await pilot.pause()
        assert app.list.marked == ["n2", "n5", "n30"]
        assert marks_on_screen(app) == {"n5": "◆"}
        app.list.set_items(reversed(app.list.items))
        assert app.list.marked == ["n30", "n5", "n2"]
        app.list.remove_item("n5")
        app.list.set_items(notes(range(10)))
        await pilot.pause()
        assert app.list.marked == ["n2"], "what is gone is marked no more"
        assert app.of(VirtualList.MarksChanged)[-1].count == 1


async def test_a_range_goes_on_from_the_last_mark_and_leaves_out_what_is_folded(list_app: Any, notes: Any) -> None:
    app = list_app(marks=True)
    async with app.run_test(size=SIZE):
        app.list.set_items([*notes([0]), *notes([1, 2], depth=1), *notes(range(3, 9))])
        app.list.fold("n0")
        app.list.mark_up_to("n0")
        assert app.list.marked == ["n0"]
        app.list.mark_up_to("n4")
        assert app.list.marked == ["n0", "n3", "n4"]
        app.list.toggle_mark("n8")
        app.list.mark_up_to("n7")
        assert app.list.marked == ["n0", "n3", "n4", "n7", "n8"]


async def test_all_none_and_the_others(list_app: Any, notes: Any, gap: Any) -> None:
    app = list_app(marks=True)
    async with app.run_test(size=SIZE):
        app.list.set_items([*notes(range(3)), gap("more"), *notes([3], "heading")])
        app.list.mark_all()
        assert app.list.marked == ["n0", "n1", "n2"], "neither gaps nor what cannot be marked"
        app.list.toggle_mark("n1")
        app.list.invert_marks()
        assert app.list.marked == ["n1"]
        assert app.list.mark_none()
        assert not app.list.mark_none()
        assert app.list.mark_count == 0


async def test_with_ctrl_and_shift_the_mouse_marks(list_app: Any, notes: Any) -> None:
    app = list_app(marks=True)
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(notes(range(9)))
        await pilot.pause()
        await pilot.click(VirtualList, offset=(5, 4), control=True)
        await pilot.click(VirtualList, offset=(5, 8), shift=True)
        assert app.list.marked == ["n2", "n3", "n4"]
        await pilot.click(VirtualList, offset=(5, 6), control=True)
        assert app.list.marked == ["n2", "n4"]
        assert app.list.highlighted_key == "n0"


async def test_a_list_without_marks_takes_none(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=SIZE) as pilot:
        app.list.set_items(notes(range(9)))
        await pilot.pause()
        assert not app.list.toggle_mark("n1")
        app.list.mark_all()
        await pilot.click(VirtualList, offset=(5, 4), control=True)
        assert app.list.mark_count == 0
        assert app.list.highlighted_key == "n2", "it is a plain click"
