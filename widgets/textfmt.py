"""Times, counts and sizes in words: "3 minutes ago", "12.3k", "3:07", "1.5 MB"."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from widgets.wrapping import ellipsis

__all__ = [
    "ago",
    "ago_compact",
    "byte_size",
    "clock",
    "count",
    "count_compact",
    "distance",
    "ellipsis",
    "hours",
    "plural",
]

_HOUR = 60
_DAY = 24 * _HOUR
_MONTH = 30 * _DAY
"""Minutes."""


def _round(value: float) -> int:
    """Round half up, as JavaScript does; Python's round() would make 2.5 a 2."""
    return math.floor(value + 0.5)


def plural(number: int, noun: str) -> str:
    """Return "1 reply", "2 replies", "1,234 likes"."""
    if number == 1:
        return f"1 {noun}"
    many = noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else noun + "s"
    return f"{number:,} {many}"


def _full_months(earlier: datetime, later: datetime) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    incomplete = (later.day, later.time()) < (earlier.day, earlier.time())
    return months - incomplete


def distance(then: datetime, now: float) -> str:
    """Return the distance of `then` to `now` (seconds since the epoch) in words: "about 2 hours", "over 1 year".

    The thresholds are those of date-fns, `formatDistance`. `then` without a time zone is taken as UTC.
    """
    instant = then if then.tzinfo else then.replace(tzinfo=UTC)
    present = datetime.fromtimestamp(now, UTC)
    earlier, later = sorted((instant.astimezone(UTC), present))
    minutes = _round(int((later - earlier).total_seconds()) / 60)
    steps = (
        (1, "less than a minute"),
        (45, plural(minutes, "minute")),
        (90, "about 1 hour"),
        (_DAY, f"about {plural(_round(minutes / _HOUR), 'hour')}"),
        (_DAY + 18 * _HOUR, "1 day"),
        (_MONTH, plural(_round(minutes / _DAY), "day")),
        (2 * _MONTH, f"about {plural(_round(minutes / _MONTH), 'month')}"),
    )
    for limit, words in steps:
        if minutes < limit:
            return words
    months = _full_months(earlier, later)
    if months < 12:
        return plural(_round(minutes / _MONTH), "month")
    years, rest = divmod(months, 12)
    if rest < 3:
        return f"about {plural(years, 'year')}"
    return f"over {plural(years, 'year')}" if rest < 9 else f"almost {plural(years + 1, 'year')}"


def ago(then: datetime, now: float) -> str:
    """Return "3 minutes ago", or "in 3 minutes" for a time to come; `now` in seconds since the epoch."""
    words = distance(then, now)
    instant = then if then.tzinfo else then.replace(tzinfo=UTC)
    return f"in {words}" if instant.timestamp() > now else f"{words} ago"


def ago_compact(then: datetime, now: float) -> str:
    """Return "now", "3m", "5h", "2d", "6w" or "3y": whole units that have passed; three cells at most."""
    instant = then if then.tzinfo else then.replace(tzinfo=UTC)
    seconds = max(0, int(now - instant.timestamp()))
    if seconds < 60:
        return "now"
    day = 86_400
    for unit, size, limit in (("m", 60, 3600), ("h", 3600, day), ("d", day, 7 * day), ("w", 7 * day, 365 * day)):
        if seconds < limit:
            return f"{seconds // size}{unit}"
    return f"{seconds // (365 * day)}y"


def count(number: int) -> str:
    """Return "1,234"."""
    return f"{number:,}"


def count_compact(number: int) -> str:
    """Return "999", "1.2k", "12.3k", "123k", "1.2M": never rounded up to what has not been reached."""
    sign, number = ("-", -number) if number < 0 else ("", number)
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            tenths = number * 10 // size
            whole, tenth = divmod(tenths, 10)
            return f"{sign}{whole}{unit}" if whole >= 100 or not tenth else f"{sign}{whole}.{tenth}{unit}"
    return f"{sign}{number}"


def clock(seconds: float) -> str:
    """Return "3:07" or "1:02:03"; what is not a length of time (negative, endless, unknown) is "-:--"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "-:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def hours(seconds: float) -> str:
    """Return "12 h", "2 h 05 min", "42 min" or "50 s": whole units that have passed, and at most two of them."""
    whole = max(int(seconds), 0)
    minutes = whole // 60
    if whole < 60:
        return f"{whole} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes >= 10 * 60:
        return f"{minutes // 60:,} h"
    return f"{minutes // 60} h {minutes % 60:02} min"


def byte_size(number: int) -> str:
    """Return "512 B", "1.5 kB", "12 MB": decimal units, as the platform counts."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.1f} {unit}" if unit != "B" and value < 9.95 else f"{value:,.0f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes everything")
