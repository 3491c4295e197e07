"""Reads paged lists to their end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from api_client.calls import Page

T = TypeVar("T")

MOST_PAGES = 20
"""So many pages are fetched of one list; what stands behind them is found by search."""


async def every(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> list[T]:
    """Return all items of a list whose pages `fetch` gets by their cursors, up to `MOST_PAGES` of them."""
    items: list[T] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await fetch(cursor)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return items
