"""What a benchmark gives: samples of ours and of whoever was measured in the same rounds, their medians and limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median, quantiles
from typing import Any

Samples = dict[str, dict[str, list[float]]]
"""By who was measured, and by what was measured of it."""
Act = Callable[[int], Mapping[str, float]]
"""Does something once, given the number of the round, and returns what was measured."""
UNABLE = (OSError, EOFError, AssertionError, LookupError, ValueError)
"""What a program that does not do what it should makes the measuring raise."""


def p95(samples: list[float]) -> float:
    """Return the 95th percentile, between samples where it falls between them."""
    return quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    unit: str
    ours: list[float]
    beside: dict[str, list[float]] = field(default_factory=dict)
    """Samples of others from the same rounds."""
    limit: float | None = None
    """What is wanted at most: in the unit, or as a ratio where it is `against` one of `beside`."""
    against: str = ""

    @property
    def median(self) -> float:
        """The median of ours."""
        return median(self.ours)

    @property
    def p95(self) -> float:
        """The 95th percentile of ours."""
        return p95(self.ours)

    @property
    def allowed(self) -> float | None:
        """What is wanted at most, in the unit."""
        if self.limit is None or not self.against:
            return self.limit
        other = self.beside.get(self.against)
        return None if not other else self.limit * median(other)

    @property
    def is_reached(self) -> bool | None:
        """Whether the median is as wanted; None if nothing is wanted, or not known."""
        return None if self.allowed is None else self.median <= self.allowed


@dataclass(slots=True)
class Findings:
    """What one row has found: figures, and who was left out for which reason."""

    figures: list[Figure] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text from which `from_json` makes the same."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Findings:
        """Return what `to_json` was called on."""
        told: dict[str, Any] = json.loads(text)
        return cls([Figure(**figure) for figure in told["figures"]], told["left_out"], told["versions"])


class Taken:
    """Samples of several, taken in turn, so that a slow moment of the machine hits all alike."""

    def __init__(self) -> None:
        self.samples: Samples = {}
        self.left_out: dict[str, str] = {}

    def of(self, who: str, what: str) -> list[float]:
        """Return what was measured of one; nothing if it was left out."""
        return self.samples.get(who, {}).get(what, [])

    def beside(self, what: str, *names: str) -> dict[str, list[float]]:
        """Return what was measured of others."""
        return {name: found for name in names if (found := self.of(name, what))}

    def leave_out(self, who: str, reason: str) -> None:
        """Drop somebody, and say why."""
        self.samples.pop(who, None)
        self.left_out[who] = reason


def in_turn(rounds: int, contenders: Mapping[str, Act], warm: int = 1) -> Taken:
    """Let each act once per round; the first `warm` rounds do not count. Who fails is left out from then on."""
    taken = Taken()
    for number in range(-warm, rounds):
        for name, act in contenders.items():
            if name in taken.left_out:
                continue
            try:
                found = act(number + warm)
            except UNABLE as error:
                taken.leave_out(name, shortened(error))
                continue
            if number >= 0:
                kept = taken.samples.setdefault(name, {})
                for what, value in found.items():
                    kept.setdefault(what, []).append(value)
    return taken


def shortened(error: BaseException) -> str:
    """Return an error as one short line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
