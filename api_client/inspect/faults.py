"""The faults that are injected where somebody wants to see how the program bears them: seeded, and in memory alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api_client.inspect.fault_spec import FaultSpec

MARK = "x-parlour-injected"
"""Header of every reply that was meddled with: it says how, wherever replies are shown."""
_MANY = 10_000
"""Different requests and frames whose turns are counted."""


class Lost(Enum):
    """Where a connection breaks."""

    GOING = "lost before it arrived"
    COMING = "lost on the way back"
    """The platform has carried the request out, and its reply does not come, or breaks off."""


@dataclass(frozen=True, slots=True)
class RequestFate:
    """What becomes of one request."""

    delay: float = 0.0
    """Seconds by which its reply is late."""
    status: int | None = None
    """The refusal that takes the platform's place."""
    lost: Lost | None = None
    breaks_at: float = 0.0
    """Which part of a reply still comes before it breaks off, in [0, 1)."""

    @property
    def words(self) -> str:
        """What is done to it, for the mark; empty for nothing."""
        parts = [f"{self.delay * 1_000:.0f} ms late"] if self.delay else []
        if self.status is not None:
            parts.append(f"status {self.status}")
        elif self.lost is not None:
            parts.append(self.lost.value)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class FrameFate:
    """What becomes of one frame that comes over the socket."""

    delay: float = 0.0
    """Seconds by which it is late."""
    copies: int = 1
    """How often it comes: 0 if it is lost, 2 if it is doubled."""

    @property
    def words(self) -> str:
        """What is done to it; empty for nothing."""
        parts = [f"{self.delay * 1_000:.0f} ms late"] if self.delay and self.copies else []
        if self.copies != 1:
            parts.append("lost" if self.copies == 0 else "doubled")
        return ", ".join(parts)


class Faults:
    """Decides, by the seed of a specification, what each request and each frame suffers.

    The n-th request with one method and path has the same fate at every run with the same seed, and so has the n-th
    frame of one type, in whatever order all of them come.
    """

    def __init__(self, spec: FaultSpec) -> None:
        self.spec = spec
        self.injected: Counter[str] = Counter()
        """What was done until now, and how often."""
        self._turns: Counter[str] = Counter()

    def of_request(self, method: str, path: str) -> RequestFate:
        """Return what the request suffers; `path` is below the platform's base address where it is the platform's."""
        spec = self.spec
        if not spec.wants(method, path):
            return RequestFate()
        chance = self._chance(f"{method} {path}")
        delay = self._delay(chance)
        drawn, broken, coming, part = (chance.random() for _ in range(4))
        status: int | None = None
        for code, share in spec.statuses:
            if drawn < share:
                status = code
                break
            drawn -= share
        lost: Lost | None = None
        if status is None and broken < spec.loss:
            lost = Lost.COMING if coming < 0.5 else Lost.GOING
        fate = RequestFate(delay, status, lost, part)
        self._count(str(status) if status else "loss" if lost else "latency" if delay else "")
        return fate

    def of_frame(self, kind: str) -> FrameFate:
        """Return what a frame of this type suffers."""
        spec, chance = self.spec, self._chance(f"frame {kind}")
        delay, gone, doubled = self._delay(chance), chance.random(), chance.random()
        if spec.socket and gone < spec.loss:
            fate = FrameFate(copies=0)
        else:
            fate = FrameFate(delay if spec.socket else 0.0, 2 if doubled < spec.duplicate else 1)
        self._count("lost frame" if not fate.copies else "double frame" if fate.copies > 1 else "")
        return fate

    def cuts(self) -> None:
        """A socket is cut now."""
        self._count("cut")

    def _count(self, what: str) -> None:
        if what:
            self.injected[what] += 1

    def _chance(self, what: str) -> random.Random:
        if len(self._turns) > _MANY:
            self._turns.clear()
        self._turns[what] += 1
        return random.Random(f"{self.spec.seed} {self._turns[what]} {what}")

    def _delay(self, chance: random.Random) -> float:
        spread = self.spec.spread * (2 * chance.random() - 1)
        return max(0.0, self.spec.latency + spread)


class FaultSwitch:
    """Where the layers look whether anything is to be injected: one for a program, shared by all its clients.

    Nothing of it is stored: a program that starts anew injects nothing unless it is told so.
    """

    def __init__(self) -> None:
        self.on: Faults | None = None
        """What is injected; None while nothing is."""
        self._callbacks: list[Callable[[Faults | None], None]] = []

    def turn(self, spec: FaultSpec | None) -> None:
        """Inject what `spec` asks for from now on, also into what stands already; None: nothing any more."""
        self.on = None if spec is None else Faults(spec)
        for callback in tuple(self._callbacks):
            callback(self.on)

    def subscribe(self, callback: Callable[[Faults | None], None]) -> Callable[[], None]:
        """Call `callback` at every turn of the switch; what is returned takes that back."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None
