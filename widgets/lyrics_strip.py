"""A few lines of a song's words around the one that is sung."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.wrapping import cells, ellipsis


class LyricsStrip(Widget):
    """As many lines as it has rows; the one that is sung stands in the upper half and stands out."""

    DEFAULT_CSS = """
    LyricsStrip { height: 5; width: 1fr; }
    """

    class LineChosen(Message):
        """A line was clicked; `number` counts from 0."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._lines: Sequence[str] = []
        self._current = -1

    def show(self, lines: Sequence[str]) -> None:
        """Show other words."""
        if lines != self._lines:
            self._lines, self._current = lines, -1
            self.refresh()

    @property
    def has_words(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._lines)

    def sing(self, number: int) -> None:
        """Let the line `number` stand out; -1 before the first."""
        if number != self._current:
            self._current = number
            self.refresh()

    @property
    def current(self) -> int:
        """The line that stands out."""
        return self._current

    def _number_at(self, y: int) -> int:
        height = self.size.height
        lead = (height - 1) // 2
        first = max(0, min(max(self._current, 0) - lead, len(self._lines) - height))
        return first + y

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        palette, ground = Palette(self.app.theme_variables, self.background_colors[1]), self.rich_style.background_style
        if not self._lines:
            return Strip.blank(width, self.rich_style)
        number = self._number_at(y)
        if not 0 <= number < len(self._lines):
            return Strip.blank(width, self.rich_style)
        sung = number == self._current
        token = "bold primary" if sung else "faint" if number < self._current else "muted"
        text = self._lines[number].strip() or "♪"
        return _line(f"{'♪ ' if sung else '  '}{text}", width, palette.style(token) + ground)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self._lines and 0 <= self._number_at(offset.y) < len(self._lines):
            self.post_message(self.LineChosen(self._number_at(offset.y)))


def _line(text: str, width: int, style: object) -> Strip:
    shown = ellipsis(text, width)
    return Strip([Segment(shown + " " * (width - cells(shown)), style)], width)  # type: ignore[arg-type]
