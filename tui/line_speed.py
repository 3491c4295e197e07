"""Judges the line to the terminal by how long it takes what is written, and never changes its mind back and forth."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

LATE = 0.25
"""Seconds after which a frame is late."""
EARLY = 0.1
"""Seconds within which a frame of coarse pictures is out where one of fine pictures, twice as large, is not late."""
TELLING = 8192
"""Bytes of a frame that tells something by being early: fewer go into what lies between, however slow the line is."""
STRIKES = 2
"""Late frames that make a line slow, each within `MEMORY` of the one before: one alone is a hiccup."""
MEMORY = 10.0
CALM = 10.0
"""Seconds without a late frame after which a slow line may be fast again; twice as long each time that was wrong."""
RELAPSE = 60.0
"""Seconds within which slowness shows that the line was not fast again."""
MOST_CALM = 160.0
RATES = (10, 5, 2, 1)
"""Frames per second on a slow line, as many as leave it half of the time."""


class Quality(StrEnum):
    """What is drawn over the line to the terminal."""

    AUTO = "auto"
    """Coarser pictures and fewer frames while the line is slow."""
    FULL = "full"
    LOW = "low"


class LineSpeed:
    """Whether the line is slow, and how many frames per second it can take; seconds are those of an injected clock."""

    def __init__(self, quality: Quality = Quality.AUTO, clock: Callable[[], float] = time.monotonic) -> None:
        self._quality = quality
        self._clock = clock
        self._slow = quality is Quality.LOW
        self._rate = RATES[0]
        self._strikes = 0
        self._late_at = float("-inf")
        self._back_at = float("-inf")
        self._calm = CALM
        self._proven = False

    @property
    def frames_per_second(self) -> int | None:
        """Frames per second that the line gets; None for a line that is not slow."""
        return self._rate if self._slow else None

    def took(self, size: int, seconds: float) -> bool:
        """The terminal took `size` bytes within `seconds`; return whether what is drawn is to change."""
        if self._quality is not Quality.AUTO:
            return False
        before = self.frames_per_second
        if seconds >= LATE:
            self._was_late(seconds)
        elif self._slow:
            self._was_early(size, seconds)
        return self.frames_per_second != before

    def _was_late(self, seconds: float) -> None:
        now = self._clock()
        self._strikes = self._strikes + 1 if now - self._late_at <= MEMORY else 1
        self._late_at, self._proven = now, False
        if not self._slow and self._strikes >= STRIKES:
            self._slow = True
            self._rate = RATES[0]
            relapsed = now - self._back_at <= RELAPSE
            self._calm = min(2 * self._calm, MOST_CALM) if relapsed else CALM
        if self._slow:
            fits = next((rate for rate in RATES if rate * seconds <= 0.5), RATES[-1])
            self._rate = min(self._rate, fits)

    def _was_early(self, size: int, seconds: float) -> None:
        if seconds > EARLY:
            # Neither: what is drawn fits the line.
            self._late_at, self._proven = self._clock(), False
            return
        self._proven = self._proven or size >= TELLING
        if self._proven and self._clock() - self._late_at >= self._calm:
            self._slow, self._strikes, self._back_at = False, 0, self._clock()
