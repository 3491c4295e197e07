"""Dragging items with the mouse: dimmed, with a line where they would come; Esc leaves everything as it was."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from widgets.drag_list import DragList
from widgets.item_renderer import BaseRenderer, RenderContext


class Lines(BaseRenderer[str]):
    """A line each; "head" heads the list."""

    def key(self, item: str) -> str:
        return item

    def version(self, item: str) -> Hashable:
        return item

    def render(self, item: str, context: RenderContext) -> list[Strip]:
        return [Strip([Segment(item)])]


class Host(App[None]):
    """A list of twenty items under a head that stays."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield DragList[str](Lines(), may_drag=lambda key: key != "head", may_lie_behind=lambda key: key != "i03")

    @property
    def list(self) -> DragList[Any]:
        return self.query_one(DragList)

    def on_mount(self) -> None:
        self.list.set_items(["head", *(f"i{number:02}" for number in range(20))])
        self.list.focus()

    def on_drag_list_dropped(self, event: DragList.Dropped) -> None:
        self.dropped.append((event.key, event.behind))

    def styled(self, what: str) -> list[str]:
        """Return the lines that are drawn `dim`, or `underline`."""
        lines = [self.list.render_line(y) for y in range(self.list.size.height)]
        return [
            "".join(segment.text for segment in line).strip(" ▌")
            for line in lines
            if any(segment.style is not None and getattr(segment.style, what) for segment in line)
        ]


async def drag(pilot: Any, start: int, *way: int) -> None:
    await pilot.mouse_down(DragList, offset=(3, start))
    for y in way:
        await pilot._post_mouse_events([_move()], DragList, offset=(3, y), button=1)


def _move() -> Any:
    from textual.events import MouseMove

    return MouseMove


async def test_an_item_is_dimmed_while_it_is_dragged_and_dropped_behind_the_one_it_is_over() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 2, 5)
        assert (host.styled("dim"), host.styled("underline")) == (["i01"], ["i04"])
        await pilot.mouse_up(DragList, offset=(3, 5))
        await pilot.pause()
        assert host.dropped == [("i01", "i04")]
        assert (host.styled("dim"), host.styled("underline")) == ([], [])


async def test_on_the_way_up_it_comes_before_the_one_it_is_over() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 6, 3, 1)
        assert host.styled("underline") == ["head"]
        await pilot.mouse_up(DragList, offset=(3, 1))
        await pilot.pause()
        assert host.dropped == [("i05", "head")]


async def test_esc_leaves_it_where_it_was_and_so_does_letting_go_at_home() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 2, 5)
        assert host.list.dragging
        assert host.list.cancel_drag()
        assert not host.list.cancel_drag()
        await pilot.mouse_up(DragList, offset=(3, 5))
        await drag(pilot, 2, 5, 2)
        await pilot.mouse_up(DragList, offset=(3, 2))
        await pilot.pause()
        assert host.dropped == [("i01", "i00")], "where it stands"


async def test_what_stays_is_not_dragged_and_a_click_is_still_a_click() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 0, 5)
        assert not host.list.dragging
        await pilot.mouse_up(DragList, offset=(3, 5))
        await pilot.click(DragList, offset=(3, 4))
        assert host.list.highlighted_key == "i03"
        assert host.dropped == []


async def test_the_list_rolls_while_an_item_is_held_at_its_edge() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 2, 11)
        while host.list.visible_keys[-1] != "i19":
            await pilot.pause(0.01)
        await pilot.mouse_up(DragList, offset=(3, 11))
        await pilot.pause()
        assert host.dropped == [("i01", "i19")]


async def test_behind_what_takes_nothing_it_is_not_dropped() -> None:
    host = Host()
    async with host.run_test(size=(40, 12)) as pilot:
        await drag(pilot, 2, 3, 4)
        await pilot.mouse_up(DragList, offset=(3, 4))
        await pilot.pause()
        assert host.dropped == [("i01", "i02")]
