"""Which quality is asked for: the listener's choice, or what the line carries, and never more than the plan allows."""

from __future__ import annotations

from collections import deque

QUALITIES = (96, 160, 320)
"""Kilobits per second, from the lowest to the highest."""
ROOM = 1.5
"""A quality is taken up when the line carries so many times its rate."""
TIGHT = 1.1
"""A quality is given up when the line carries less than so many times its rate. Between the two nothing changes."""
HOLD_S = 30.0
"""Seconds of play without a stall before a higher quality is tried; doubled by each stall."""
LONGEST_HOLD_S = 960.0
_FORGIVEN_AFTER_S = 1800.0
_SAMPLES = 6
_ENOUGH = 2


class Governor:
    """Pure: it is told what happened and says what to ask for. Changes come at a `border`, or at once by a stall."""

    def __init__(self, choice: int | None = None, ceiling: int = QUALITIES[-1]) -> None:
        """`choice` is the listener's own, None for automatic; `ceiling` is what the line is said to bear at most."""
        self._choice = choice
        self._plan = QUALITIES[-1]
        self._ceiling = ceiling
        self._level = _at_most(ceiling)
        self._samples: deque[tuple[int, float]] = deque(maxlen=_SAMPLES)
        self._stable_s = 0.0
        self._hold_s = HOLD_S

    @property
    def choice(self) -> int | None:
        """The listener's own choice in kbit/s, None for automatic."""
        return self._choice

    def choose(self, quality: int | None) -> None:
        """Take over the listener's choice; None goes back to automatic."""
        self._choice = quality

    @property
    def wanted(self) -> int:
        """The quality in kbit/s to ask for."""
        return min(self._choice or self._level, self._plan)

    @property
    def is_at_top(self) -> bool:
        """Whether no more could be had: then the platform is asked for its best, so that a better plan is noticed."""
        return self.wanted >= self._plan

    @property
    def rate(self) -> float | None:
        """Kilobits per second that the line carried lately; None as long as too little is known."""
        if len(self._samples) < _ENOUGH:
            return None
        return sum(size for size, _ in self._samples) * 8 / 1000 / sum(seconds for _, seconds in self._samples)

    def answered(self, asked: int, told: int) -> None:
        """The platform gave `told` where `asked` was wanted: less than that is the plan's limit."""
        if told in QUALITIES and (told < asked or (asked >= self._plan and told > self._plan)):
            self._plan = told

    def fetched(self, size: int, seconds: float) -> None:
        """So many bytes came in so many seconds, more than 0."""
        self._samples.append((size, seconds))

    def played(self, seconds: float) -> None:
        """So many seconds were heard without a stall."""
        self._stable_s += max(0.0, seconds)
        if self._stable_s >= _FORGIVEN_AFTER_S:
            self._hold_s = HOLD_S

    def stalled(self) -> None:
        """The sound stopped because no bytes came: go down by a step at least, and stay there for longer."""
        carried = self._carried()
        lower = _below(self._current)
        self._level = lower if carried is None else min(lower, carried)
        self._stable_s = 0.0
        self._hold_s = min(self._hold_s * 2, LONGEST_HOLD_S)
        # What the line carried before it failed says nothing now.
        self._samples.clear()

    def border(self) -> None:
        """A track is about to be fetched: the moment for a change."""
        rate, level = self.rate, self._current
        if rate is None:
            return
        above = next((each for each in QUALITIES if each > level), level)
        if rate < level * TIGHT:
            self._level = min(_below(level), self._carried() or QUALITIES[0])
            self._stable_s = 0.0
        elif (
            level < above <= min(self._ceiling, self._plan) and rate >= above * ROOM and self._stable_s >= self._hold_s
        ):
            self._level = above
            self._stable_s = 0.0

    @property
    def _highest(self) -> int:
        return min(self._ceiling, self._plan)

    @property
    def _current(self) -> int:
        return min(self._level, self._plan)

    def _carried(self) -> int | None:
        rate = self.rate
        return None if rate is None else max((q for q in QUALITIES if q * ROOM <= rate), default=QUALITIES[0])


def _at_most(ceiling: int) -> int:
    return max((each for each in QUALITIES if each <= ceiling), default=QUALITIES[0])


def _below(level: int) -> int:
    return max((each for each in QUALITIES if each < level), default=QUALITIES[0])
