"""Latencies in logarithmic buckets: a millionth of a second to hours in a few hundred numbers, within 1 %."""

from __future__ import annotations

import math

_BUCKETS_PER_E = 50
ENOUGH_FOR_P99 = 100
"""Samples below which the 99th percentile is one sample's opinion."""


class Latencies:
    """A distribution of seconds."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self.count = 0
        self._sum = 0.0
        self._least = math.inf
        self._most = 0.0

    def add(self, seconds: float) -> None:
        """Count one sample."""
        value = max(seconds, 1e-6)
        place = math.floor(math.log(value) * _BUCKETS_PER_E)
        self._buckets[place] = self._buckets.get(place, 0) + 1
        self.count += 1
        self._sum += value
        self._least, self._most = min(self._least, value), max(self._most, value)

    def at(self, share: float) -> float | None:
        """Return the value below which `share` of the samples lie; None where there are too few to say.

        A percentile p needs 1 / (1 - p) samples beyond which something lies: 100 for p99, 20 for p95.
        """
        if not self.count or (share >= 0.5 and self.count * (1 - share) < 1 - 1e-9):
            return None
        rank, seen = share * self.count, 0
        for place in sorted(self._buckets):
            seen += self._buckets[place]
            if seen >= rank:
                middle = math.exp((place + 0.5) / _BUCKETS_PER_E)
                return min(max(middle, self._least), self._most)
        return self._most

    @property
    def mean(self) -> float | None:
        """Their mean, None without samples."""
        return self._sum / self.count if self.count else None

    @property
    def most(self) -> float | None:
        """The longest, None without samples."""
        return self._most if self.count else None

    def line(self, name: str) -> str:
        """Return them as a line for people; percentiles that the samples do not bear are left out."""
        told = [f"n={self.count}"]
        for label, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
            value = self.at(share)
            if value is not None:
                told.append(f"{label}={value * 1000:.1f}ms")
        if self.most is not None:
            told.append(f"max={self.most * 1000:.1f}ms")
        return f"{name}: {' '.join(told)}"

    def as_json(self) -> dict[str, float | int | None]:
        """Return them for the JSON report, in milliseconds."""
        found: dict[str, float | int | None] = {"n": self.count}
        for label, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
            value = self.at(share)
            found[label] = None if value is None else round(value * 1000, 3)
        found["mean"] = None if self.mean is None else round(self.mean * 1000, 3)
        found["max"] = None if self.most is None else round(self.most * 1000, 3)
        return found
