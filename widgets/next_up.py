"""The tracks that come next, one to a row; a click on one plays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.wrapping import cells, ellipsis

_LABEL = "next  "


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A track that is to come; `key` names its place in the queue."""

    key: int
    name: str
    length: str


class NextUp(Widget):
    """As many of them as it has rows."""

    DEFAULT_CSS = """
    NextUp { height: 1; width: 1fr; }
    """

    class Chosen(Message):
        """A track was clicked."""

        def __init__(self, key: int) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._tracks: Sequence[Upcoming] = ()
        self._note = ""

    def show(self, tracks: Sequence[Upcoming], note: str = "") -> None:
        """Show `tracks`; without any, `note`."""
        if (tuple(tracks), note) != (self._tracks, self._note):
            self._tracks, self._note = tuple(tracks), note
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        palette, ground = Palette(self.app.theme_variables, self.background_colors[1]), self.rich_style.background_style
        label = Segment(_LABEL if y == 0 else " " * len(_LABEL), palette.style("faint") + ground)
        room = width - len(_LABEL)
        if y >= len(self._tracks):
            text = self._note if y == 0 and not self._tracks else ""
            return Strip([label, Segment(_padded(text, room), palette.style("faint") + ground)], width)
        track = self._tracks[y]
        length = f" {track.length}"
        name = Segment(_padded(track.name, room - len(length)), palette.style("muted") + ground)
        return Strip([label, name, Segment(length, palette.style("faint") + ground)], width)

    def on_click(self, event: Click) -> None:
        if 0 <= event.y < len(self._tracks):
            self.post_message(self.Chosen(self._tracks[event.y].key))


def _padded(text: str, width: int) -> str:
    shown = ellipsis(text, width)
    return shown + " " * max(width - cells(shown), 0)
