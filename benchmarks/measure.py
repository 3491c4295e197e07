"""How the benchmarks measure: CPU time, several rounds, ours and the other in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One figure in ms, and the one beside it if there is one."""

    name: str
    ours: float
    beside: float | None = None


def cpu_ms(work: Callable[[], object], rounds: int = 7) -> float:
    """Return the median CPU time of `work` in ms, after one round that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return median(taken)


def in_turn(ours: Callable[[], float], other: Callable[[], float], rounds: int = 5) -> tuple[float, float]:
    """Return the medians of two measurements taken A B A B, so that a slow moment of the machine hits both."""
    ours(), other()
    pairs = [(ours(), other()) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)
