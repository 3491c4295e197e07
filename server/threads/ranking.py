"""The formulas by which posts and comments are ordered; pure functions of votes and time."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import log10, sqrt

HOT_DECAY_SECONDS = 45_000
"""A post this much younger ranks as high as one with ten times its score."""
WILSON_Z = 1.281551565545
"""The normal quantile of a two-sided 80 % confidence interval."""
RISING_WINDOW = timedelta(hours=24)
RISING_GRAVITY = 1.5


def hot(score: int, created_at: datetime) -> float:
    """Return log10(max(|score|, 1)) · sign(score) + seconds since the epoch / 45,000."""
    sign = (score > 0) - (score < 0)
    return log10(max(abs(score), 1)) * sign + created_at.timestamp() / HOT_DECAY_SECONDS


def controversy(upvotes: int, downvotes: int) -> float:
    """Return upvotes · downvotes / total, 0 without votes: high where many disagree evenly."""
    total = upvotes + downvotes
    return upvotes * downvotes / total if total else 0.0


def wilson(upvotes: int, downvotes: int, z: float = WILSON_Z) -> float:
    """Return the lower bound (0..1) of the Wilson score interval for the share of upvotes, 0 without votes.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), p. 209.
    """
    total = upvotes + downvotes
    if not total or not upvotes:
        return 0.0
    share = upvotes / total
    spread = z * sqrt((share * (1 - share) + z * z / (4 * total)) / total)
    return max(0.0, (share + z * z / (2 * total) - spread) / (1 + z * z / total))


def rising(score: int, created_at: datetime, now: datetime) -> float:
    """Return score / (age in hours + 2)^1.5, the velocity of a post of the last 24 hours."""
    return score / _gravity(created_at, now)


def discovery(likes: int, comments: int, created_at: datetime, now: datetime) -> float:
    """Return engagement times recency for explore: (1 + likes + 2 · comments) / (age in hours + 2)^1.5.

    A comment costs more effort than a like and counts twice; the 1 lets a post without either be found while young.
    """
    return (1 + likes + 2 * comments) / _gravity(created_at, now)


def _gravity(created_at: datetime, now: datetime) -> float:
    hours = max(0.0, (now - created_at).total_seconds() / 3600)
    return float((hours + 2) ** RISING_GRAVITY)
