"""How wide text stands on a terminal, and how it is made to fit."""

from __future__ import annotations

import unicodedata

CUT = "…"


def width_of(text: str) -> int:
    """Return the cells that `text` takes on one line."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def fitted(text: str, cells: int, *, cut: str = CUT) -> str:
    """Return as much of `text` as fits into `cells`, with `cut` behind it where something is missing."""
    if width_of(text) <= cells:
        return text
    room, kept = cells - width_of(cut), []
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept.append(character)
    return ("".join(kept).rstrip() + cut) if cells > 0 else ""


def padded(text: str, cells: int, *, right: bool = False) -> str:
    """Return `text` with blanks up to `cells`, before it for `right`."""
    blanks = " " * max(0, cells - width_of(text))
    return blanks + text if right else text + blanks


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
