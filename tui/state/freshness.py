"""Whether what is shown is from the platform or from this machine, so that a screen can say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class Age(Enum):
    """How a list stands to the platform."""

    CURRENT = "current"
    REFRESHING = "refreshing"
    """It is from before, while it is fetched again."""
    STALE = "stale"
    """It is from before, and could not be fetched again."""


@dataclass(slots=True)
class Freshness:
    """The age of one list, and when it was fetched last."""

    age: Age = Age.CURRENT
    since: datetime | None = None
    """None while it was never fetched."""

    @property
    def stale_since(self) -> datetime | None:
        """When it was fetched, if it could not be fetched again since; else None."""
        return self.since if self.age is Age.STALE else None

    def recalled(self, fetched_at: float) -> None:
        """It was read from this machine, which had fetched it at `fetched_at` (seconds since the epoch)."""
        self.age, self.since = Age.REFRESHING, datetime.fromtimestamp(fetched_at, UTC)

    def asked(self) -> None:
        """It is being fetched again."""
        if self.since is not None:
            self.age = Age.REFRESHING

    def failed(self) -> None:
        """It could not be fetched again."""
        if self.since is not None:
            self.age = Age.STALE

    def fetched(self, now: float) -> None:
        """It has just been fetched; `now` is in seconds since the epoch."""
        self.age, self.since = Age.CURRENT, datetime.fromtimestamp(now, UTC)
