"""What a desktop is shown of the queue."""

from __future__ import annotations

from tui.player.entry import Entry, Repeat
from tui.player.face import QueueView
from tui.player.track import PlayableTrack

BEFORE, AFTER = 20, 100
"""How many tracks around the current one are shown; a queue may have 50,000."""


def can_go_next(queue: QueueView) -> bool:
    """Whether there is a track to go to."""
    return bool(queue.upcoming) or (queue.repeat is Repeat.ALL and len(queue) > 0)


def window(queue: QueueView) -> list[Entry[PlayableTrack]]:
    """Return the current entry with those around it, in playing order."""
    current = queue.current
    return [
        *queue.history[-BEFORE:],
        *((current,) if current is not None else ()),
        *queue.upcoming[:AFTER],
    ]
