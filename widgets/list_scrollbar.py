"""The scrollbar of a list: drawn from a few kept cells, because it is drawn at every step."""

from __future__ import annotations

from collections.abc import Hashable

from rich.color import Color
from rich.segment import Segment
from textual.geometry import Region
from textual.scrollbar import ScrollBar
from textual.strip import Strip


class ListScrollBar(ScrollBar):
    """One column that shows the place in the content."""

    def __init__(self, *, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._drawn: tuple[Hashable, list[Strip]] = (None, [])
        self._cells: dict[Hashable, Strip] = {}

    def show_place(self, row: int, window: int, total: int) -> bool:
        """Stand for a window of so many rows that begins at `row`; return whether that differs from before."""
        before = self.position, self.window_size, self.window_virtual_size
        self.set_reactive(ScrollBar.position, float(row))
        self.set_reactive(ScrollBar.window_size, window)
        self.set_reactive(ScrollBar.window_virtual_size, total)
        return before != (row, window, total)

    def render_lines(self, crop: Region) -> list[Strip]:
        renderable = self.render()
        size = self.size
        if not isinstance(renderable, self.renderer) or size.width != self.thickness or crop.width != size.width:
            self._styles_cache.clear()
            return super().render_lines(crop)
        stamp = (size, renderable.virtual_size, renderable.window_size, renderable.position, renderable.style)
        if self._drawn[0] != stamp:
            style = self.app.console.get_style(renderable.style)
            thumb = style.color or Color.default()
            bar = renderable.render_bar(
                size=size.height,
                virtual_size=renderable.virtual_size,
                window_size=renderable.window_size,
                position=renderable.position,
                thickness=self.thickness,
                vertical=True,
                back_color=style.bgcolor or thumb,
                bar_color=thumb,
            )
            self._drawn = stamp, [self._cell(segment) for segment in bar.segments]
        return self._drawn[1][crop.y : crop.bottom]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._cells.clear()
        self._drawn = None, []

    def _cell(self, segment: Segment) -> Strip:
        found = self._cells.get(segment)
        if found is None:
            found = self._cells[segment] = self._filtered(segment)
        return found

    def _filtered(self, segment: Segment) -> Strip:
        strip = Strip([segment], self.thickness)
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return strip
