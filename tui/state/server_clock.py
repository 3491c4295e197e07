"""The platform's clock as this machine knows it: measured by asking, without trusting the machine's own time of day."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

KEPT = 8
DRIFT_PPM = 50.0
"""By how much the clocks of two machines may run apart, in millionths: an old measurement is worth that much less."""


@dataclass(frozen=True, slots=True)
class _Sample:
    offset_ms: float
    error_ms: float
    at: float


class ServerClock:
    """Tells the platform's time from measurements of it (as NTP does: RFC 5905, section 8).

    A question that took `r` there and back was answered somewhere in between, so half of `r` is the most by which a
    measurement can be wrong. The one with the smallest error counts.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds that never go back."""
        self._monotonic = monotonic
        self._samples: deque[_Sample] = deque(maxlen=KEPT)

    def take(self, sent: float, server_ms: float, received: float) -> None:
        """Learn that the platform said `server_ms` between `sent` and `received`, in seconds of `monotonic`."""
        middle = (sent + received) / 2 * 1000
        self._samples.append(_Sample(server_ms - middle, max(received - sent, 0.0) * 500, received))

    def forget_after(self, samples: Iterable[tuple[float, float, float]]) -> None:
        """Believe these new ones alone: the machine may have slept, in which time its clock can stand still."""
        self._samples.clear()
        for sample in samples:
            self.take(*sample)

    @property
    def is_known(self) -> bool:
        """Whether it was measured."""
        return bool(self._samples)

    @property
    def error_ms(self) -> float:
        """By how much the time that is told can be wrong at most, as far as can be known."""
        best = self._best()
        return self._error(best) if best is not None else float("inf")

    def now_ms(self) -> int:
        """Return the platform's time in ms since the epoch. RuntimeError before the first measurement."""
        best = self._best()
        if best is None:
            raise RuntimeError("the platform's clock was not measured yet")
        return round(self._monotonic() * 1000 + best.offset_ms)

    def _best(self) -> _Sample | None:
        return min(self._samples, key=self._error, default=None)

    def _error(self, sample: _Sample) -> float:
        return sample.error_ms + (self._monotonic() - sample.at) * 1000 * DRIFT_PPM / 1e6
