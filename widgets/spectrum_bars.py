"""How bars move: up at once, down by their weight, with caps that hang in the air for a moment."""

from __future__ import annotations

from collections.abc import Sequence

_GRAVITY = 5.0
"""Full heights per second, per second."""
_HANGS_S = 0.35
_CAP_GRAVITY = 2.2
_STILL = 0.004
"""Of the full height: what is lower than this is not seen."""


class Bars:
    """The heights of `count` bars and of their caps, from 0 to 1."""

    def __init__(self, count: int) -> None:
        self._begin(count)

    def _begin(self, count: int) -> None:
        self.heights = [0.0] * count
        self.caps = [0.0] * count
        self._speeds = [0.0] * count
        self._cap_speeds = [0.0] * count
        self._hangs = [0.0] * count

    @property
    def rests(self) -> bool:
        """Whether nothing would move any more if nothing came."""
        return not any(self.heights) and not any(self.caps)

    def fit(self, count: int) -> None:
        """Have another number of bars, which begin at the ground."""
        if count != len(self.heights):
            self._begin(count)

    def move(self, targets: Sequence[float], seconds: float) -> None:
        """Let `seconds` pass, in which the sound is at `targets`, from 0 to 1; missing ones are silent."""
        heights, caps, speeds = self.heights, self.caps, self._speeds
        given = len(targets)
        fall = _GRAVITY * seconds
        for bar, height in enumerate(heights):
            target = targets[bar] if bar < given else 0.0
            if target >= height:
                heights[bar] = target
                speeds[bar] = 0.0
            else:
                speeds[bar] += fall
                lower = height - speeds[bar] * seconds
                heights[bar] = height = lower if lower > target else target
                if height < _STILL:
                    heights[bar] = 0.0
            if heights[bar] >= caps[bar]:
                caps[bar], self._hangs[bar], self._cap_speeds[bar] = heights[bar], _HANGS_S, 0.0
            elif self._hangs[bar] > 0:
                self._hangs[bar] -= seconds
            else:
                self._cap_speeds[bar] += _CAP_GRAVITY * seconds
                caps[bar] = max(caps[bar] - self._cap_speeds[bar] * seconds, heights[bar])
                if caps[bar] < _STILL:
                    caps[bar] = 0.0
