"""The rows of a music list that are no tracks: headings, albums, artists, playlists; and the renderer of all rows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

from rich.segment import Segment
from textual.strip import Strip

from widgets import bar_row
from widgets.bar_row import BarRow
from widgets.here_sign import HereSign, here_segment
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.track_row import TrackRenderer, TrackRow
from widgets.wrapping import cells, ellipsis, wrap

WIDEST = 150
"""Cells of a row."""


class ShelfKind(Enum):
    """What a row stands for, with its mark."""

    HEADING = ""
    ALBUM = "◉"
    ARTIST = "☺"
    PLAYLIST = "≡"
    VIEW = " "
    """A list that can be opened beside this one."""
    NOTE = "  "
    """A sentence."""


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A row that is no track."""

    key: str
    kind: ShelfKind
    title: str
    detail: str = ""
    """What else is to be said: the artist of an album, the owner of a playlist."""
    aside: str = ""
    """A number or a date, at the right."""
    marked: bool = False
    """Whether it is saved, or followed."""
    current: bool = False
    """Whether this is what is shown beside it, or what plays."""
    itself: bool = False
    """Whether this stands for all that the list holds."""
    first: bool = False
    """Whether a heading stands at the very top, so that no line is left free above."""
    here: HereSign = HereSign.NO
    """How much of it is on this machine because it was asked for."""
    faint: bool = False
    """Whether nothing of it can be played now."""


MusicRow = TrackRow | ShelfRow | BarRow


class MusicRenderer(BaseRenderer[MusicRow]):
    """Everything that stands in a list of music, a line each; sentences have several, headings a free one above."""

    def __init__(self) -> None:
        self._tracks = TrackRenderer()

    def key(self, item: MusicRow) -> str:
        return item.key

    def version(self, item: MusicRow) -> Hashable:
        return item

    def depth(self, item: MusicRow) -> int:
        return 0 if isinstance(item, ShelfRow) and item.kind is ShelfKind.HEADING else 1

    def estimate(self, item: MusicRow, width: int) -> int:
        return 2 if isinstance(item, ShelfRow) and item.kind is ShelfKind.HEADING and not item.first else 1

    def may_mark(self, item: MusicRow) -> bool:
        match item:
            case TrackRow():
                return True
            case BarRow():
                return item.markable
            case _:
                return item.kind in (ShelfKind.ALBUM, ShelfKind.PLAYLIST) and not item.itself

    def pins(self, item: MusicRow) -> int:
        if not isinstance(item, ShelfRow) or item.kind is not ShelfKind.HEADING:
            return 0
        return 1 if item.first else 2

    def pinned(self, item: MusicRow, context: RenderContext) -> Strip:
        return _heading(item, context)[-1] if isinstance(item, ShelfRow) else Strip([])

    def render(self, item: MusicRow, context: RenderContext) -> list[Strip]:
        if isinstance(item, TrackRow):
            return self._tracks.render(item, context)
        if isinstance(item, BarRow):
            return [bar_row.render(item, context)]
        if item.kind is ShelfKind.HEADING:
            return _heading(item, context)
        if item.kind is ShelfKind.NOTE:
            return _note(item, context)
        return [_entry(item, context)]


def _heading(item: ShelfRow, context: RenderContext) -> list[Strip]:
    style, width = context.style, min(context.width, WIDEST)
    title = ellipsis(item.title, width - 2)
    aside = f"  {item.aside}" if item.aside else ""
    folded = f"  … {context.hidden}" if context.folded else ""
    line = Strip(
        [
            Segment(title, style("bold secondary")),
            Segment(ellipsis(aside + folded, max(width - cells(title), 0)), style("muted")),
        ]
    )
    return [line] if item.first else [Strip([]), line]


def _note(item: ShelfRow, context: RenderContext) -> list[Strip]:
    """Draw a sentence, on as many lines as it takes: it says what to do."""
    lines = wrap(item.title, max(min(context.width, WIDEST) - 3, 8))
    return [Strip([Segment(f"  {line}", context.style("italic muted"))]) for line in lines or [""]]


def _entry(item: ShelfRow, context: RenderContext) -> Strip:
    style, width = context.style, min(context.width, WIDEST)
    mark = f"{item.kind.value:>3} " if item.kind is not ShelfKind.VIEW else "  "
    heart = " ♥ " if item.marked else "   "
    aside = f"{item.aside} " if item.aside else ""
    here = [here_segment(item.here, context)]
    if item.kind is ShelfKind.VIEW:
        heart, here = "", []
    room = max(width - cells(mark) - 2 * len(here) - cells(heart) - cells(aside), 4)
    title = ellipsis(item.title, room if not item.detail else max(room * 3 // 5, min(room, 16)))
    detail = ellipsis(f"  {item.detail}", room - cells(title)) if item.detail else ""
    token = "faint" if item.faint else ("bold primary" if item.current else "text")
    return Strip(
        [
            Segment(mark, style("bold primary" if item.current else "secondary")),
            Segment(title, style(token)),
            Segment(detail + " " * (room - cells(title) - cells(detail)), style("muted")),
            *here,
            Segment(heart, style("like")),
            Segment(aside, style("muted")),
        ]
    )
