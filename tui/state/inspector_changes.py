"""What a list of the inspector has to do to show its lines again, and when the terminal was painted."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field

from tui.state.inspector_rows import Row

MANY = 256
"""Lines that came, changed or went from which everything is shown anew instead of line by line."""
_PAINTS = 2000
"""Frames of the terminal whose moments are kept."""


@dataclass(slots=True)
class Change:
    """What is to be done to a list so that it shows the lines again; in this order."""

    gone: list[str] = field(default_factory=list)
    added: list[tuple[str | None, Row]] = field(default_factory=list)
    """Lines that came, each with the key of the one before it; None at the beginning."""
    changed: list[Row] = field(default_factory=list)
    """Lines that are to be drawn anew, in their places."""

    @property
    def whole(self) -> bool:
        """Whether all lines had better be shown anew."""
        return len(self.gone) + len(self.added) + len(self.changed) > MANY

    def __bool__(self) -> bool:
        return bool(self.gone or self.added or self.changed)


class PaintLog:
    """When frames were written to the terminal, `perf_counter_ns`; told by the painter while something is recorded."""

    def __init__(self) -> None:
        self._moments: deque[int] = deque(maxlen=_PAINTS)

    def note(self) -> None:
        """A frame was written just now."""
        self._moments.append(time.perf_counter_ns())

    def first_after(self, moment: int) -> int | None:
        """Return when the first frame after `moment` was written; None where there was none, or nobody knows."""
        moments = list(self._moments)
        at = bisect_left(moments, moment)
        return moments[at] if at < len(moments) and (at or len(moments) < _PAINTS) else None
