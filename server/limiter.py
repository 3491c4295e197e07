"""Rate limits: so many in so many seconds, counted exactly, over a window that slides."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from api_client.errors import ErrorCode
from server.problems import Problem

_IDLE_SWEEP = 4096
"""Buckets after which those that have run empty are looked for."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit; `reset` is in seconds until one more is free."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the allowance as reply headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class RateLimiter:
    """The times of recent requests, by bucket."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], tuple[float, deque[float]]] = {}
        self._sweep_above = _IDLE_SWEEP

    def take(self, name: str, who: str, limit: int, window_seconds: float, now: datetime) -> Allowance:
        """Count one request of `who` against the limit called `name` and return what is left.

        Raises Problem RATE_LIMITED, without counting, if `limit` requests lie within the last `window_seconds`.
        """
        moment = now.timestamp()
        if len(self._times) > self._sweep_above:
            self._sweep(moment)
        times = self._times.setdefault((name, who), (window_seconds, deque()))[1]
        while times and times[0] <= moment - window_seconds:
            times.popleft()
        if len(times) >= limit:
            wait = max(1, math.ceil((times[0] if times else moment) + window_seconds - moment))
            headers = {"Retry-After": str(wait), **Allowance(limit, 0, wait).headers()}
            raise Problem(ErrorCode.RATE_LIMITED, f"Too many requests. Try again in {_spoken(wait)}.", headers=headers)
        times.append(moment)
        return Allowance(limit, limit - len(times), max(1, math.ceil(times[0] + window_seconds - moment)))

    def _sweep(self, moment: float) -> None:
        self._times = {
            bucket: (window, times)
            for bucket, (window, times) in self._times.items()
            if times and times[-1] > moment - window
        }
        # A crowd that stays must not be gone through at each of its requests.
        self._sweep_above = max(_IDLE_SWEEP, 2 * len(self._times))


def _spoken(seconds: int) -> str:
    if seconds < 120:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
