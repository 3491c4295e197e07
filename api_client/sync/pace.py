"""How fast an outbox may go while the platform does not answer; pure, all times by the clock's `monotonic`."""

from __future__ import annotations

from collections import deque

WINDOW = 60.0
FAILING_IN_WINDOW = 12
"""How many attempts may come to nothing in any `WINDOW` seconds."""
SUSPICIOUS = 5
"""After so many failures in a row, whatever their kind, the platform itself is taken to be away."""


class Pace:
    """Lets attempts through side by side while there are answers, and one at a time while there are none.

    A platform that cannot be reached is asked by one intent at a time, after a wait that doubles; the first answer, be
    it a refusal, opens the way for all. A failure of a single intent, with the others getting their answers, holds
    nobody else.
    """

    def __init__(self, side_by_side: int) -> None:
        self._side_by_side = side_by_side
        self._failing: deque[float] = deque()
        self._quiet_until = float("-inf")
        self._asks_again_at = float("-inf")
        self.failures = 0
        """How many waves of attempts in a row had no answer; those side by side are one wave."""
        self._in_a_row = 0
        self._last_failure = float("-inf")

    @property
    def away(self) -> bool:
        """Whether the platform is taken to be out of reach."""
        return self._asks_again_at > float("-inf")

    def wait(self, now: float, active: int) -> float | None:
        """Return the seconds until another attempt may begin beside the `active` ones: 0 at once, None after those."""
        while self._failing and self._failing[0] <= now - WINDOW:
            self._failing.popleft()
        if active >= (1 if self.away else self._side_by_side):
            return None
        until = max(self._quiet_until, self._asks_again_at)
        if len(self._failing) + active >= FAILING_IN_WINDOW:
            if active:
                return None
            until = max(until, self._failing[0] + WINDOW)
        return max(0.0, until - now)

    def no_answer(self, began: float, now: float, wait: float, *, whole: bool) -> None:
        """Note an attempt that began at `began` and came to nothing; `wait` is when to ask again, in seconds.

        `whole` says that it was the platform that was out of reach, not one intent that it stumbled over.
        """
        self._in_a_row += 1
        if began >= self._last_failure:
            self.failures += 1
            self._last_failure = now
        if whole or self._in_a_row >= SUSPICIOUS:
            place = len(self._failing)
            while place and self._failing[place - 1] > began:
                place -= 1
            self._failing.insert(place, began)
            self._asks_again_at = max(self._asks_again_at, now + wait)

    def told_to_wait(self, until: float) -> None:
        """Note that the platform asked the account to be quiet."""
        self._quiet_until = max(self._quiet_until, until)

    def answered(self) -> None:
        """Note that the platform said something of its own."""
        self.failures = self._in_a_row = 0
        self._asks_again_at = float("-inf")

    def hurry(self) -> None:
        """Wait for nothing: somebody has reason to think that the platform is there again."""
        self._quiet_until = float("-inf")
        self.answered()
        self._failing.clear()
