"""Which quality a listener gets: by plan and by what the client says about its connection."""

from __future__ import annotations

FREE_LIMIT = 160
PREMIUM_LIMIT = 320
MIDDLE = 160
LOWEST = 96

_SLOW = frozenset({"2g", "slow-2g"})


def quality_for(*, is_premium: bool, connection: str) -> int:
    """Return the quality in kbit/s; a connection that is not known, in this exact spelling, counts as fast."""
    limit = PREMIUM_LIMIT if is_premium else FREE_LIMIT
    if connection in _SLOW:
        return LOWEST
    if connection == "3g":
        return min(MIDDLE, limit)
    return limit
