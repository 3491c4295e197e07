"""The list as a screen uses it: what is drawn, where it stays, what it tells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widget import Widget

from widgets.list_gaps import BOTTOM
from widgets.virtual_list import VirtualList


async def test_every_line_has_exactly_the_width_of_the_list(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30), "日本語 text 👍🏽 " * 6))
        await pilot.pause()
        for y in range(12):
            strip = app.list.render_line(y)
            assert strip.cell_length == 39
            assert sum(segment.cell_length for segment in strip) == 39


async def test_a_segment_without_background_is_nowhere(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(3)))
        await pilot.pause()
        for y in range(12):
            assert all(segment.style and segment.style.bgcolor for segment in app.list.render_line(y))


async def test_moving_by_one_paints_the_two_items_and_draws_none(
    list_app: Any, notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        await pilot.pause()
        app.renderer.rendered.clear()
        painted: list[Region] = []
        original = Widget.refresh

        def refresh(widget: Widget, *regions: Region, **options: Any) -> Widget:
            if widget is app.list:
                painted.extend(regions or (Region(0, 0, 40, 12),))
            return original(widget, *regions, **options)

        monkeypatch.setattr(Widget, "refresh", refresh)
        app.list.action_cursor_down()
        assert painted == [Region(0, 0, 39, 4)]
        assert app.renderer.rendered == []


async def test_the_cursor_is_marked_by_a_character_not_by_colour_alone(list_app: Any, notes: Any) -> None:
    app = list_app(marker=">")
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(9)))
        app.list.action_cursor_down()
        await pilot.pause()
        assert [line[:1].strip() for line in app.screen_lines()[:6]] == ["", "", ">", ">", "", ""]


async def test_the_first_item_is_highlighted_unless_the_list_follows_its_end(list_app: Any, notes: Any) -> None:
    for follow, expected in ((False, "n0"), (True, None)):
        app = list_app(follow=follow)
        async with app.run_test(size=(40, 12)):
            app.list.set_items(notes(range(9)))
            assert app.list.highlighted_key == expected


async def test_fifty_thousand_items_draw_only_what_is_seen(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(50_000)))
        await pilot.pause()
        assert len(app.renderer.rendered) < 15
        app.list.action_cursor_bottom()
        await pilot.pause()
        assert app.list.highlighted_key == "n49999"
        assert len(app.renderer.rendered) < 30
        assert app.screen_lines()[-2].endswith("n49999")


async def test_an_item_that_cannot_be_drawn_is_one_sentence_and_hides_nothing_else(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items([*notes([0]), *notes([1], "broken"), *notes([2])])
        await pilot.pause()
        lines = [line.strip("▌ ") for line in app.screen_lines()]
        assert lines[:6] == ["n0", "x", "this item can't be shown", "n2", "x", ""]


async def test_within_an_item_taller_than_the_screen_the_cursor_scrolls_to_its_end_and_then_goes_on(
    list_app: Any, notes: Any
) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        tall = notes([1], "\n".join(f"line{i}" for i in range(40)))
        app.list.set_items([*notes([0]), *tall, *notes([2])])
        app.list.action_cursor_down()
        await pilot.pause()
        assert app.screen_lines()[0].endswith("n1")
        seen = set(app.screen_lines())
        steps = 0
        while app.list.highlighted_key == "n1":
            app.list.action_cursor_down()
            seen |= set(app.screen_lines())
            steps += 1
        assert steps > 3
        assert {f"▌line{i}" for i in range(40)} <= seen
        assert app.list.highlighted_key == "n2"
        app.list.action_cursor_up()
        assert app.list.highlighted_key == "n1"
        assert app.screen_lines()[-1] == "▌line39"


async def test_paging_reaches_both_ends_and_takes_the_cursor_along(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)):
        app.list.set_items(notes(range(100)))
        for action in (app.list.action_page_down, app.list.action_half_page_down):
            before = app.list.highlighted_key
            action()
            assert app.list.highlighted_key != before
            assert app.list.highlighted_key in app.list.visible_keys
        for _ in range(40):
            app.list.action_page_down()
        assert app.list.highlighted_key == "n99"
        for _ in range(80):
            app.list.action_half_page_up()
        assert app.list.highlighted_key == "n0"
        assert app.screen_lines()[0].endswith("n0")


async def test_folding_hides_the_descendants_and_tells_the_renderer_how_many(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items([*notes([0]), *notes([1, 2, 3], depth=1), *notes([4])])
        app.list.highlight("n2")
        assert app.list.toggle_fold("n0") is True
        await pilot.pause()
        assert app.list.visible_keys == ["n0", "n4"]
        assert app.list.highlighted_key == "n0"
        assert app.screen_lines()[0] == "▌n0 (+3)"
        assert app.list.fold("n4") is False
        assert app.list.highlight("n3")
        assert app.list.visible_keys == ["n0", "n1", "n2", "n3", "n4"]


async def test_the_tree_is_walked_to_parents_and_siblings(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)):
        app.list.set_items([*notes([0]), *notes([1], depth=1), *notes([2], depth=2), *notes([3], depth=1)])
        app.list.highlight("n2")
        assert app.list.move_to_parent()
        assert app.list.highlighted_key == "n1"
        assert app.list.move_to_next_sibling()
        assert app.list.highlighted_key == "n3"
        assert app.list.move_to_previous_sibling()
        assert app.list.highlighted_key == "n1"
        assert not app.list.move_to_previous_sibling()


async def test_a_click_highlights_and_a_double_click_chooses(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(9)))
        await pilot.pause()
        await pilot.click(VirtualList, offset=(5, 4))
        assert app.list.highlighted_key == "n2"
        assert not app.of(VirtualList.Chosen)
        await pilot.double_click(VirtualList, offset=(5, 6))
        assert [message.item.key for message in app.of(VirtualList.Chosen)] == ["n3"]


async def test_the_wheel_scrolls_and_leaves_the_cursor(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        await pilot.pause()
        await pilot._post_mouse_events([MouseScrollDown], VirtualList, offset=(5, 5))
        await pilot.pause()
        assert app.list.highlighted_key == "n0"
        assert not app.screen_lines()[0].endswith("n0")


async def test_the_scroll_bar_jumps_to_its_place(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(3000)))
        await pilot.pause()
        app.list.scroll_to(y=app.list.virtual_size.height // 2)
        first = int(app.list.visible_keys[0].removeprefix("n"))
        assert 1400 < first < 1600
        assert app.list.scroll_y == pytest.approx(app.list.virtual_size.height / 2, rel=0.2)


async def test_an_edge_is_told_once_per_approach_and_again_when_more_has_come(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(100)))
        await pilot.pause()
        app.told.clear()
        app.list.action_cursor_bottom()
        for _ in range(3):
            app.list.action_cursor_up()
        await pilot.pause()
        assert [message.place for message in app.of(VirtualList.GapReached)] == [BOTTOM]
        app.list.append([])
        await pilot.pause()
        assert len(app.of(VirtualList.GapReached)) == 1
        app.list.append(notes([100]))
        await pilot.pause()
        assert len(app.of(VirtualList.GapReached)) == 2


async def test_the_keys_on_the_screen_and_a_page_ahead_are_told(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(100)))
        await pilot.pause()
        keys = app.of(VirtualList.VisibleChanged)[-1].keys
        assert keys[:6] == tuple(f"n{i}" for i in range(6))
        assert 8 <= len(keys) <= 14


async def test_a_list_that_follows_stays_at_its_end(list_app: Any, notes: Any) -> None:
    app = list_app(follow=True)
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        app.list.append(notes([30], "a\nb\nc"))
        await pilot.pause()
        assert app.screen_lines()[-4:] == [" n30", " a", " b", " c"]
        assert not app.of(VirtualList.NewBelow)


async def test_a_list_that_follows_counts_what_comes_while_its_reader_is_elsewhere(list_app: Any, notes: Any) -> None:
    app = list_app(follow=True)
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        app.list.scroll_lines(-8)
        before = app.screen_lines()
        app.list.append(notes([30]))
        app.list.append(notes([31, 32]))
        app.list.set_items([*app.list.items, *notes([33])])
        await pilot.pause()
        assert app.screen_lines() == before
        app.list.action_cursor_bottom()
        await pilot.pause()
        assert [message.count for message in app.of(VirtualList.NewBelow)] == [1, 3, 4, 0]


async def test_a_short_chat_lies_at_the_bottom(list_app: Any, notes: Any) -> None:
    app = list_app(follow=True)
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes([0]))
        await pilot.pause()
        assert app.screen_lines()[:10] == [""] * 10
        assert app.screen_lines()[10:] == [" n0", " x"]


async def test_loading_empty_and_error_say_so(list_app: Any, notes: Any) -> None:
    app = list_app(empty="No comments yet.")
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert any("No comments yet." in line for line in app.screen_lines())
        app.list.show_loading()
        assert any("░░░" in line for line in app.screen_lines())
        app.list.show_error("The server did not answer.")
        assert any("The server did not answer." in line for line in app.screen_lines())
        app.list.set_items(notes([0]))
        assert not any("answer" in line for line in app.screen_lines())
        app.list.show_error("The next page did not come.")
        assert app.screen_lines()[0] == "▌n0"
        assert any("The next page did not come." in line for line in app.screen_lines())
        app.list.append(notes([1]))
        assert not any("did not come" in line for line in app.screen_lines())


async def test_header_and_footer_come_into_view_with_the_ends(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        app.list.set_header("the beginning")
        app.list.set_footer("the end")
        await pilot.pause()
        for _ in range(29):
            app.list.action_cursor_down()
        assert app.list.highlighted_key == "n29"
        assert app.screen_lines()[-1].strip() == "the end"
        for _ in range(29):
            app.list.action_cursor_up()
        assert app.screen_lines()[0].strip() == "the beginning"


async def test_a_new_theme_draws_anew_and_moves_nothing(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(50)))
        app.list.highlight("n25")
        await pilot.pause()
        before, colours = app.screen_lines(), [app.list.render_line(0)]
        app.theme = "textual-light"
        await pilot.pause()
        assert app.screen_lines() == before
        assert app.list.render_line(0) != colours[0]


async def test_what_the_cursor_stands_on_is_not_covered_when_the_list_becomes_lower(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(30)))
        app.list.highlight("n5")
        await pilot.pause()
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert app.screen_lines()[-2:] == ["▌n5", "▌x"]


async def test_a_removed_item_gives_the_cursor_to_the_one_in_its_place(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)):
        app.list.set_items(notes(range(3)))
        app.list.highlight("n1")
        assert app.list.remove_item("n1")
        assert app.list.highlighted_key == "n2"
        app.list.remove_item("n2")
        assert app.list.highlighted_key == "n0"
        app.list.remove_item("n0")
        assert app.list.highlighted is None
        assert not app.list.remove_item("n0")


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("prepend"), st.integers(1, 8)),
        st.tuples(st.just("append"), st.integers(1, 8)),
        st.tuples(st.just("insert"), st.integers(0, 59)),
        st.tuples(st.just("remove"), st.integers(0, 59)),
        st.tuples(st.just("update"), st.integers(0, 59)),
        st.tuples(st.just("fold"), st.integers(0, 59)),
        st.tuples(st.just("width"), st.integers(20, 60)),
        st.tuples(st.just("reload"), st.integers(0, 59)),
    ),
    max_size=8,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(20, 40), changes=CHANGES, seed=st.integers(0, 1000))
async def test_the_item_that_is_read_keeps_its_line(
    list_app: Any, notes: Any, start: int, changes: list[tuple[str, int]], seed: int
) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        texts = ["x", "lorem ipsum dolor sit amet " * 3, "日本語" * 20]
        app.list.set_items([notes([i], texts[(i * 7 + seed) % 3], (i + seed) % 3)[0] for i in range(60)])
        key = f"n{start}"
        app.list.highlight(key)
        app.list.scroll_lines(start % 5 - 2)
        await pilot.pause()
        if app.row_of(key) is None:
            return
        made = 1000
        for what, number in changes:
            line = app.row_of(key)
            if what in ("prepend", "append"):
                getattr(app.list, what)(notes(range(made, made + number), texts[number % 3]))
                made += number
            elif what == "insert" and app.list.item(f"n{number}"):
                app.list.insert_after(f"n{number}", notes([made], texts[number % 3], 1))
                made += 1
            elif what == "remove" and f"n{number}" != key:
                app.list.remove_item(f"n{number}")
            elif what == "update" and f"n{number}" != key and (old := app.list.item(f"n{number}")):
                app.list.update(type(old)(old.key, texts[(made + number) % 3], old.depth, old.version + 1))
            elif what == "fold" and app.list.item(f"n{number}"):
                app.list.toggle_fold(f"n{number}")
            elif what == "width":
                await pilot.resize_terminal(number, 12)
                await pilot.pause()
            elif what == "reload":
                app.list.set_items([note for note in app.list.items if note.key != f"n{number}" or note.key == key])
            if app.list.highlighted_key != key:  # it was folded away: another one is read now
                return
            lines = app.screen_lines()
            assert app.row_of(key) == line or app.list._window.at_top or app.list._window.at_bottom
            width = app.list.scrollable_content_region.width
            assert all(app.list.render_line(y).cell_length == width for y in range(len(lines)))


async def test_items_may_be_set_before_the_list_is_shown(list_app: Any, notes: Any) -> None:
    app = list_app()
    app.list.set_items(notes(range(40)))
    app.list.highlight("n30")
    app.list.fold("n3")
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert app.list.highlighted_key == "n30"
        assert app.row_of("n30") is not None


async def test_a_hidden_list_takes_changes_and_comes_back_where_it_was(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(40)))
        app.list.highlight("n20")
        await pilot.pause()
        line = app.row_of("n20")
        app.list.display = False
        await pilot.pause()
        app.list.prepend(notes(range(100, 110)))
        app.list.remove_item("n19")
        app.list.display = True
        await pilot.pause()
        assert app.row_of("n20") == line


async def test_an_updated_item_is_drawn_anew_and_an_unchanged_one_is_not(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(9)))
        await pilot.pause()
        app.renderer.rendered.clear()
        assert app.list.update(type(notes([2])[0])("n2", "changed", 0, 1))
        assert app.renderer.rendered == ["n2"]
        assert app.list.text_of("n2") == "n2\nchanged"
        assert not app.list.update(notes([77])[0])
        app.list.invalidate("n3")
        assert app.renderer.rendered == ["n2", "n3"]


async def test_the_keys_of_the_list_are_left_to_the_program(list_app: Any, notes: Any) -> None:
    app = list_app()
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.set_items(notes(range(40)))
        app.list.focus()
        before = app.screen_lines()
        await pilot.press("down", "pagedown", "end", "enter", "j")
        assert app.screen_lines() == before
        assert not list(app.list._bindings)


async def test_without_the_anchor_a_list_starts_over(list_app: Any, notes: Any) -> None:
    for follow, expected in ((False, "n0"), (True, "n49")):
        app = list_app(follow=follow)
        async with app.run_test(size=(40, 12)) as pilot:
            app.list.set_items(notes(range(50)))
            app.list.highlight("n25")
            await pilot.pause()
            app.list.set_items(notes(range(50)), keep_anchor=False)
            assert app.list.highlighted_key == (None if follow else "n0")
            assert app.row_of(expected) == (10 if follow else 0)
