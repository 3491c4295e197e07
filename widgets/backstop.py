"""The last gate before the terminal: no control byte of any text, and no link that could break out, gets past it.

Textual writes every widget through `textual.strip.Strip.render`, and cleans nothing on the way. Text is cleaned where
it enters the program; this stands at the other end for the day when something forgot to.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

# C0, DEL, C1, lone surrogates (which cannot be encoded), and what re-orders or hides text.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SAFE_LINK = re.compile(r"https?://[!-~]{1,2048}")

_original: Callable[[Strip, Console], str] | None = None


def _replace(match: re.Match[str]) -> str:
    """Return as many cells as the layout reckoned with, so that nothing beside the text moves."""
    size = 0 if "\ud800" <= match.group() <= "\udfff" else get_character_cell_size(match.group())
    return "\ufffd" * size


def safe_text(text: str) -> str:
    """Return `text` without control, bidi and invisible characters and without lone surrogates."""
    return _UNSAFE.sub(_replace, text)


def safe_link(link: str) -> bool:
    """Return whether `link` can stand in an escape sequence without breaking out of it."""
    return _SAFE_LINK.fullmatch(link) is not None


def _safe_style(style: Style | None) -> Style | None:
    if style is None or style.link is None or safe_link(style.link):
        return style
    return style.update_link(None)


def _is_unsafe(segment: Segment) -> bool:
    """Return whether a segment needs cleaning. Control segments are made by programs, never from text: they pass."""
    text, style, control = segment
    return not control and (
        _UNSAFE.search(text) is not None
        or (style is not None and style.link is not None and _safe_style(style) is not style)
    )


def _render(strip: Strip, console: Console) -> str:
    if _original is None:
        raise RuntimeError("the backstop is not installed")
    if strip._render_cache is None and any(map(_is_unsafe, strip)):
        cleaned = [
            segment if segment.control else Segment(safe_text(segment.text), _safe_style(segment.style))
            for segment in strip
        ]
        strip._render_cache = _original(Strip(cleaned), console)
    return _original(strip, console)


def install() -> None:
    """Put the gate up, for the whole process; a second call changes nothing."""
    global _original
    if _original is None:
        _original = Strip.render
        Strip.render = _render  # type: ignore[method-assign, assignment]


def uninstall() -> None:
    """Take the gate down again: for tests of what lies before it."""
    global _original
    if _original is not None:
        Strip.render = _original  # type: ignore[method-assign, assignment]
        _original = None
