"""Cleaning strangers' text, and drawing Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rich.style import Style

from api_client.text import clean
from benchmarks.measure import Row, cpu_ms
from widgets.rich_text import markdown

_PLAIN = "A quite ordinary sentence of a post, with nothing in it that needs cleaning. " * 200
_MIXED = "Grüße 👋🏽 from \u202eelsewhere\x1b]52;c;aGk=\x07 and on. " * 300
_POST = "## Title\n\nSome *text* with `code` and a [link](https://example.org).\n\n- one\n- two\n\n> quoted\n\n" * 8


def rows() -> Iterator[Row]:
    """Yield the figures."""
    yield Row(f"clean() of {len(_PLAIN)} plain characters | str.encode of them", cpu_ms(lambda: clean(_PLAIN)),
              cpu_ms(lambda: _PLAIN.encode()))  # fmt: skip
    yield Row(f"clean() of {len(_MIXED)} characters with escape sequences", cpu_ms(lambda: clean(_MIXED)))
    yield Row("Markdown of 80 lines, drawn at 80 columns", cpu_ms(lambda: markdown(_POST, 80, lambda _: Style())))
