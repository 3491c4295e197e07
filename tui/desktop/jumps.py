"""Finds the jumps of a position among its steps, so that whoever counts along is told of them alone."""

from __future__ import annotations

from tui.player.track import PlayerSnapshot

NOTICED_S = 1.0
"""Seconds by which somebody who counts along may be wrong before he is told."""


class Jumps:
    """Counts along as a desktop does, from the last position that it was told."""

    def __init__(self) -> None:
        self._entry_id: int | None = None
        self._position_s = 0.0
        self._at = 0.0
        self._runs = False

    def jumped(self, snapshot: PlayerSnapshot, now: float) -> bool:
        """Whether the position at `now`, in monotonic seconds, is not where time alone would have brought it.

        Another entry is no jump: its metadata say that it begins. The same entry from its beginning is one.
        """
        expected = self._position_s + (now - self._at if self._runs else 0.0)
        same = snapshot.entry_id == self._entry_id
        starts_inside = not same and snapshot.position_s > NOTICED_S
        jumped = (same and abs(snapshot.position_s - expected) > NOTICED_S) or starts_inside
        self._entry_id, self._position_s, self._at = snapshot.entry_id, snapshot.position_s, now
        begun = snapshot.started_in_ms is not None or snapshot.position_s > 0
        self._runs = snapshot.playing and not snapshot.buffering and begun
        return jumped and snapshot.entry_id is not None
