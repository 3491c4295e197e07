"""User text as lines of cells: plain text whose links stand out, and Markdown, both within bounds.

    drawing = plain_text(message.text, width, context.style)
    drawing = markdown(comment.body, width, context.style, reveal=comment.id in revealed)
    strips = drawing.strips            # each exactly `width` cells, backgrounds left open
    links = drawing.links              # http and https only, in order, to be offered by number

Text is expected cleaned (`api_client.text.clean`). Nothing in it is ever read as Textual markup, and no link is given
to the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.strip import Strip

from widgets.inline_text import stand_out
from widgets.markdown_text import MarkdownLayout, TooComplex
from widgets.text_layout import Piece, StyleOf, lay_out

MAX_BYTES = 16 * 1024
"""In UTF-8."""
MAX_LINES = 400
MAX_BLOCKS = 100
_MAX_MARKS = 600
"""Characters that open something; runs of them are what makes a Markdown parser slow."""
_MARKS = "*_[]`~<!>"

SHORTENED = "Shortened: the text is longer than is shown here."
UNFORMATTED = "Too long or too complex to format: shown as plain text."


@dataclass(frozen=True, slots=True)
class Drawing:
    """Text as lines."""

    strips: list[Strip]
    links: list[str]
    """The web links, each once, in order."""
    note: str | None = None
    """The sentence at the end that says what was left out, if anything was."""


def plain_text(text: str, width: int, style: StyleOf) -> Drawing:
    """Return `text` as it was written, wrapped to `width` cells, at most 16 KiB and 400 lines of it."""
    return _plain(text, max(1, width), style, None)


def markdown(text: str, width: int, style: StyleOf, *, reveal: bool = False) -> Drawing:
    """Return Markdown laid out for `width` cells, spoilers covered unless `reveal`; plain when it is too much."""
    width = max(1, width)
    if _head(text) != text or text.count("\n") >= MAX_LINES or sum(map(text.count, _MARKS)) > _MAX_MARKS:
        return _plain(text, width, style, UNFORMATTED)
    layout = MarkdownLayout(width, style, MAX_BLOCKS, reveal)
    try:
        layout.run(text)
    except TooComplex:
        return _plain(text, width, style, UNFORMATTED)
    return _bounded(layout.strips, layout.links, width, style, None)


def _head(text: str) -> str:
    """Return as much of `text` as is looked at."""
    return text[:MAX_BYTES].encode("utf-8", "replace")[:MAX_BYTES].decode("utf-8", "ignore")


def _plain(text: str, width: int, style: StyleOf, note: str | None) -> Drawing:
    links: list[str] = []
    lines = _head(text).split("\n", MAX_LINES)
    shown = "\n".join(lines[:MAX_LINES])
    if len(shown) < len(text):
        note = f"{note} {SHORTENED}" if note else SHORTENED
    return _bounded(lay_out(stand_out(shown, links), width, style), links, width, style, note)


def _bounded(strips: list[Strip], links: list[str], width: int, style: StyleOf, note: str | None) -> Drawing:
    """Cut what is left to the most lines, and say so in a last sentence."""
    if len(strips) > MAX_LINES:
        strips = strips[:MAX_LINES]
        note = note or SHORTENED
    if note:
        strips = strips + lay_out([Piece(note, "muted italic")], width, style)
    return Drawing(strips, links, note)
