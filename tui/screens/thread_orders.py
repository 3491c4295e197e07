"""The orders in which posts of subreddits can be listed, and their names."""

from __future__ import annotations

from api_client.models.threads import PostSort, TopWindow
from tui.state.threads import Listing

SORTS = {
    PostSort.HOT: "hot: lively now",
    PostSort.NEW: "new: the latest first",
    PostSort.TOP: "top: the highest scores",
    PostSort.BEST: "best: the surest approval",
    PostSort.RISING: "rising: new and climbing",
    PostSort.CONTROVERSIAL: "controversial: as many against as for",
}
WINDOWS = {
    TopWindow.HOUR: "the last hour",
    TopWindow.DAY: "today",
    TopWindow.WEEK: "this week",
    TopWindow.MONTH: "this month",
    TopWindow.YEAR: "this year",
    TopWindow.ALL: "of all time",
}
WINDOWED = (PostSort.TOP, PostSort.CONTROVERSIAL)


def parse_order(text: str | None) -> tuple[PostSort, TopWindow | None] | None:
    """Return the order that words such as `new` or `top-year` name; hot for none, None for unknown words."""
    sort_name, _, window_name = (text or "hot").strip().casefold().partition("-")
    sort = next((sort for sort in PostSort if sort.value == sort_name), None)
    if sort is None or (window_name and window_name not in {window.value for window in TopWindow}):
        return None
    if sort not in WINDOWED:
        return sort, None
    return sort, TopWindow(window_name) if window_name else TopWindow.DAY


def order_words(listing: Listing) -> str:
    """Return the order of a listing in words, such as "top this year"."""
    return f"{listing.sort.value} {WINDOWS[listing.window]}" if listing.window else listing.sort.value
