"""Where the song is at any moment: what the player reports four times a second, and the time that passed since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from tui.player.clock import Clock, Timer
from tui.player.track import PlayerSnapshot

JUMP_S = 0.25
"""A report that is further from what was expected is a jump: a seek, a wait for bytes, another track."""
SETTLES_S = 1.0
"""After a jump reports are taken as they are: the engine needs a moment to get there."""
_YIELDS = 0.1
"""By which part a report that lags behind what was expected is believed."""
_BLIND_S = 3.0
"""Seconds that are counted on at most without a report."""


class SongClock:
    """Counts on between the reports of a player.

    A report is as old as it took to arrive, never too new: the one that is furthest ahead is the truest.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entry: int | None = None
        self._began = 0.0
        """The moment at which the track would have begun, had it played without a break."""
        self._still_at = 0.0
        self._duration = 0.0
        self._reported_at = 0.0
        self._settled_at = 0.0
        self.moves = False
        """Whether time passes in the song."""

    @property
    def position_s(self) -> float:
        """Seconds from the beginning of the track."""
        if not self.moves:
            return self._still_at
        now = min(self._clock.monotonic(), self._reported_at + _BLIND_S)
        position = max(now - self._began, 0.0)
        return min(position, self._duration) if self._duration else position

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Take a report of the player."""
        now = self._clock.monotonic()
        began = now - snapshot.position_s
        moves = snapshot.playing and not snapshot.buffering and snapshot.track is not None
        goes_on = moves and self.moves and snapshot.entry_id == self._entry
        lag = began - self._began
        if not goes_on or abs(lag) >= JUMP_S:
            self._began, self._settled_at = began, now + SETTLES_S
        elif lag <= 0 or now < self._settled_at:
            self._began = began
        else:
            self._began += lag * _YIELDS
        self.moves, self._entry, self._reported_at = moves, snapshot.entry_id, now
        self._still_at, self._duration = snapshot.position_s, snapshot.duration_s


class LyricCue:
    """Says which line is sung, at the moment at which it begins: nothing looks at the clock in between."""

    def __init__(self, clock: Clock, song: SongClock, reached: Callable[[int], None]) -> None:
        """`reached` gets the number of the line that is sung from now on, -1 before the first."""
        self._clock = clock
        self._song = song
        self._reached = reached
        self._times: Sequence[float] = ()
        self._timer: Timer | None = None
        self.line = -1

    def set_times(self, times_s: Sequence[float]) -> None:
        """Follow lines that begin at `times_s` seconds, in order; the first of them is told at the next change."""
        self._times = times_s
        self.line = -1

    def follow(self) -> None:
        """Look at the song: call it after whatever the player reported."""
        self.close()
        position = self._song.position_s
        line = bisect_right(self._times, position) - 1
        if line < self.line and self._times[self.line] - position < JUMP_S:
            line = self.line  # a report that was slow is no way back
        if line != self.line:
            self.line = line
            self._reached(line)
        if self._song.moves and line + 1 < len(self._times):
            self._timer = self._clock.call_later(max(self._times[line + 1] - position, 0.001), self._due)

    def close(self) -> None:
        """Say nothing until the next report."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        self.follow()
