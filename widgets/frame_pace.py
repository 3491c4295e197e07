"""When the next frame may be written: what answers a key at once, what comes by itself a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable

ANSWER_SECONDS = 1 / 60
"""The least time between two frames while a key is being answered."""
FRAME_SECONDS = 1 / 20
"""The least time between two frames otherwise."""
SMOOTH_SECONDS = 1 / 45
"""The least time between two frames while something moves that is drawn thirty times a second."""
_FRAMES_PER_KEY = 3
"""A key may be answered by several: what it does at once, and what that brings with it."""
_ANSWERED_WITHIN = 0.25
"""Seconds after which a frame is no answer any more."""
_DEBT = _FRAMES_PER_KEY
"""So many frames the others wait at most for answers that came before their time."""


class FramePace:
    """Holds frames back; seconds are those of an injected clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")
        self._due = float("-inf")
        """When the next frame may be written that answers nothing: answers are counted among so many a second."""
        self._answers = 0
        self._answered_by = float("-inf")
        self.seconds = FRAME_SECONDS
        """The least time between two frames that answer nothing; longer on a slow line."""
        self.smooth = False
        """Whether something moves on a line that is not slow."""
        self.on_written: Callable[[], None] | None = None
        """Told of every frame that is written, where somebody measures that."""

    @property
    def interval(self) -> float:
        """The least time between two frames that answer nothing, as things stand."""
        return SMOOTH_SECONDS if self.smooth and self.seconds <= FRAME_SECONDS else self.seconds

    def key_came(self) -> None:
        """The next few frames answer something that the user did."""
        self._answers = _FRAMES_PER_KEY
        self._answered_by = self._clock() + _ANSWERED_WITHIN

    @property
    def wait(self) -> float:
        """Seconds until the next frame may be written; 0 for now."""
        now = self._clock()
        answers = self._answers > 0 and now < self._answered_by
        return max(0.0, (self._last + ANSWER_SECONDS if answers else self._due) - now)

    def written(self) -> None:
        """A frame was written just now."""
        if self.on_written is not None:
            self.on_written()
        now = self._clock()
        if now < self._due:
            self._answers -= 1
        self._due = min(max(self._due, now) + self.interval, now + _DEBT * self.interval)
        self._last = now
