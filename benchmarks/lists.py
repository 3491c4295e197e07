"""The one list: opening it and moving in it, at 1,000 and at 100,000 items."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from statistics import median

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from benchmarks.measure import Row
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.virtual_list import VirtualList


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    lines: int
    level: int


class _Renderer(BaseRenderer[_Item]):
    def key(self, item: _Item) -> str:
        return item.key

    def version(self, item: _Item) -> Hashable:
        return 0

    def depth(self, item: _Item) -> int:
        return item.level

    def render(self, item: _Item, context: RenderContext) -> list[Strip]:
        return [Strip([Segment(f"{item.key} line {n}", context.style("text"))]) for n in range(item.lines)]


class _App(App[None]):
    def compose(self) -> ComposeResult:
        yield VirtualList(_Renderer())


async def _measure(count: int) -> tuple[float, float]:
    """Return the CPU ms to show `count` items, and of one step down, painted."""
    items = [_Item(str(n), 1 + n % 5, n % 4) for n in range(count)]
    app = _App()
    async with app.run_test(size=(120, 36)) as pilot:
        shown = app.query_one(VirtualList)
        began = time.process_time()
        shown.set_items(items)
        await pilot.pause()
        opened = (time.process_time() - began) * 1000
        steps = []
        for _ in range(40):
            began = time.process_time()
            shown.action_cursor_down()
            await pilot.pause()
            steps.append((time.process_time() - began) * 1000)
    return opened, median(steps)


def rows() -> Iterator[Row]:
    """Yield the figures."""
    small_open, small_step = asyncio.run(_measure(1_000))
    large_open, large_step = asyncio.run(_measure(100_000))
    yield Row("list: 100,000 items opened and painted | 1,000", large_open, small_open)
    yield Row("list: one step among 100,000, painted | among 1,000", large_step, small_step)
