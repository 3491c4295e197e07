"""Which heading stands at the top of a list because what is read belongs under it, and its own lines are above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from widgets.anchor import Span
from widgets.list_body import FOOTER, HEADER, ListBody

LOWEST = 4
"""Lines that a list has at least for one of them to be given to a heading."""


def pinned_over(body: ListBody[Any], spans: Sequence[Span], height: int) -> str | None:
    """Return the key of the item whose heading is to be laid over the first line of the screen, None for none.

    `spans` is what is shown on `height` lines. What counts is the item on the second line, which is then the first one
    to be seen. No heading is laid over itself.
    """
    if height < LOWEST or not spans or spans[0].y:
        return None
    first = spans[0]
    second = first if first.count > 1 else spans[1] if len(spans) > 1 else None
    if second is None or second.key in (HEADER, FOOTER):
        return None
    if second is first and _is_past(body, first):
        return first.key
    head = body.head_of(second.key)
    return None if head == first.key and not _is_past(body, first) else head


def _is_past(body: ListBody[Any], span: Span) -> bool:
    """Return whether `span` begins below the lines that head the item."""
    return 0 < body.pins(span.key) <= span.line
