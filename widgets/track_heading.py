"""What plays in words: its title, by whom, on which album, and how it plays; artist and album can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.wrapping import cells, ellipsis, wrap

TITLE_ROWS = 2


class Part(Enum):
    """What a row is about."""

    TITLE = "title"
    ARTIST = "artist"
    ALBUM = "album"
    GAP = "gap"
    FACT = "fact"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class TrackWords:
    """What is said about a track; every text is one line."""

    title: str = ""
    artist: str = ""
    album: str = ""
    facts: tuple[str, ...] = ()
    trouble: str = ""
    """What is wrong, in a sentence."""


_TOKENS = {Part.TITLE: "bold primary", Part.FACT: "muted", Part.TROUBLE: "warning", Part.GAP: "muted"}
_LINKS = (Part.ARTIST, Part.ALBUM)


def rows_of(words: TrackWords, width: int, height: int) -> list[tuple[Part, str]]:
    """Return what stands in each row; where there is little room the gap goes first, then facts from the last one."""
    lines = wrap(words.title, max(width, 4))
    if len(lines) > TITLE_ROWS:
        rest = " ".join(lines[TITLE_ROWS - 1 :])
        lines = [*lines[: TITLE_ROWS - 1], ellipsis(rest, width)]
    rows = [(Part.TITLE, line) for line in lines]
    rows += [(part, text) for part, text in ((Part.ARTIST, words.artist), (Part.ALBUM, words.album)) if text]
    tail = [(Part.TROUBLE, line) for line in wrap(words.trouble, max(width, 4))[:2]] if words.trouble else []
    tail += [(Part.FACT, fact) for fact in words.facts if fact]
    if len(rows) + len(tail) < height:
        rows.append((Part.GAP, ""))
    return (rows + tail)[:height]


class TrackHeading(Widget):
    """As many rows as it is given."""

    DEFAULT_CSS = """
    TrackHeading { height: 8; width: 1fr; }
    """

    class Chosen(Message):
        """The artist or the album was clicked."""

        def __init__(self, part: Part) -> None:
            super().__init__()
            self.part = part

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._words = TrackWords()
        self._hovered: int | None = None

    def show(self, words: TrackWords) -> None:
        """Say this."""
        if words != self._words:
            self._words = words
            self.refresh()

    @property
    def _rows(self) -> Sequence[tuple[Part, str]]:
        return rows_of(self._words, *self.size)

    def _part_at(self, y: int) -> Part | None:
        rows = self._rows
        return rows[y][0] if 0 <= y < len(rows) and rows[y][0] in _LINKS else None

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        rows = self._rows
        if y >= len(rows):
            return Strip.blank(width, self.rich_style)
        part, text = rows[y]
        token = "text" if part is Part.ARTIST else "secondary" if part is Part.ALBUM else _TOKENS[part]
        style = Palette(self.app.theme_variables, self.background_colors[1]).style(token)
        ground = self.rich_style.background_style
        shown = ellipsis(text, width)
        under = Style(underline=True) if y == self._hovered and part in _LINKS else Style()
        blank = " " * max(width - cells(shown), 0)
        return Strip([Segment(shown, ground + style + under), Segment(blank, ground)], width)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        hovered = event.y if self._part_at(event.y) is not None else None
        if hovered != self._hovered:
            self._hovered = hovered
            self.styles.pointer = "pointer" if hovered is not None else "default"
            self.refresh()

    def on_leave(self) -> None:
        if self._hovered is not None:
            self._hovered = None
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        part = self._part_at(event.y)
        if part is not None:
            self.post_message(self.Chosen(part))
