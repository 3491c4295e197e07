"""A track on one line: number, title, artist, album, marks and length, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from rich.segment import Segment
from textual.strip import Strip

from widgets.here_sign import HereSign, here_segment
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.textfmt import clock
from widgets.wrapping import cells, ellipsis

WITH_ALBUM = 84
"""Cells from which the album has a column of its own."""
WITH_ARTIST = 46
"""Cells from which the artist has one; below, title and artist share one."""
WIDEST = 150
"""Cells of a row; further apart, the eye loses the line."""


@dataclass(frozen=True, slots=True)
class TrackRow:
    """What a list shows of a track."""

    key: str
    title: str
    artist: str
    album: str = ""
    duration_ms: int = 0
    number: str = ""
    """What stands before the title: its place on the album or in the list."""
    explicit: bool = False
    saved: bool | None = None
    """None where it is not known."""
    playing: Literal["", "playing", "paused"] = ""
    trouble: str = ""
    """Why it cannot be played; empty if it can."""
    note: str = ""
    """Who added it, or when it was heard."""
    here: HereSign = HereSign.NO
    """Whether it is on this machine because it was asked for."""


class TrackRenderer(BaseRenderer[TrackRow]):
    """One line; what cannot be played is dim, with the reason in the place of the album."""

    def key(self, item: TrackRow) -> str:
        return item.key

    def version(self, item: TrackRow) -> Hashable:
        return item

    def estimate(self, item: TrackRow, width: int) -> int:
        return 1

    def words(self, item: TrackRow) -> str:
        return f"{item.title} {item.artist} {item.album}"

    def render(self, item: TrackRow, context: RenderContext) -> list[Strip]:
        style, width = context.style, min(context.width, WIDEST)
        title_token = "faint" if item.trouble else ("bold primary" if item.playing else "text")
        other_token = "faint" if item.trouble else "muted"
        head = _head(item, context)
        tail = _tail(item, context)
        room = max(width - _cells(head) - _cells(tail), 8)
        segments = [*head]
        for text, cells_wide, token in _columns(item, room):
            token = title_token if token == "title" else other_token
            text = ellipsis(text, cells_wide - 1)
            segments.append(Segment(text + " " * (cells_wide - cells(text)), style(token)))
        return [Strip([*segments, *tail])]


def _columns(item: TrackRow, room: int) -> list[tuple[str, int, str]]:
    """Return text, cells and kind of the columns that share `room` cells."""
    aside = item.trouble or item.album
    if room < WITH_ARTIST:
        shared = " · ".join(text for text in (item.title, item.trouble or item.artist) if text)
        return [(shared, room, "title")]
    columns = [(item.title, 0.5, "title"), (item.artist, 0.5, "other")]
    if room >= WITH_ALBUM or item.trouble:
        columns = [(item.title, 0.4, "title"), (item.artist, 0.28, "other"), (aside, 0.32, "other")]
    if item.note and room >= WITH_ALBUM:
        columns = [(text, share * 0.84, kind) for text, share, kind in columns]
        columns.append((item.note, 0.16, "other"))
    elif item.note and not item.trouble:
        columns = [(item.title, 0.42, "title"), (item.artist, 0.32, "other"), (item.note, 0.26, "other")]
    widths = [int(room * share) for _, share, _ in columns]
    widths[0] += room - sum(widths)
    return [(text, wide, kind) for (text, _, kind), wide in zip(columns, widths, strict=True)]


def _head(item: TrackRow, context: RenderContext) -> list[Segment]:
    """Return the number, or the mark of what plays in its place."""
    mark = {"playing": "▶", "paused": "⏸"}.get(item.playing, "")
    text = f"{mark or item.number:>3} "
    return [Segment(text, context.style("bold primary" if mark else "faint"))]


def _tail(item: TrackRow, context: RenderContext) -> list[Segment]:
    """Return the marks and the length, always equally wide."""
    style = context.style
    heart = {True: "♥", False: "♡", None: " "}[item.saved]
    length = clock(item.duration_ms / 1000) if item.duration_ms else "-:--"
    return [
        here_segment(item.here, context),
        Segment("E " if item.explicit else "  ", style("muted")),
        Segment(heart, style("like" if item.saved else "faint")),
        Segment(f"{length:>7} ", style("faint" if item.trouble else "muted")),
    ]


def _cells(segments: list[Segment]) -> int:
    return sum(cells(segment.text) for segment in segments)
