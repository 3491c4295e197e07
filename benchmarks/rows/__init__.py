"""The rows of the table: each measures one thing, ours and others in turn."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.figures import Findings
    from benchmarks.rows.plan import Plan


@dataclass(frozen=True, slots=True)
class Row:
    """What `--rows` calls by a name."""

    module: str
    function: str
    rounds: int
    """How many are measured if nobody says another number."""
    seconds: int
    """After which it is given up."""
    about: str

    def load(self) -> Callable[[Plan, Findings], None]:
        """Import what measures it; only now, so that listing the rows needs no platform."""
        found: Callable[[Plan, Findings], None] = getattr(
            importlib.import_module(f"benchmarks.rows.{self.module}"), self.function
        )
        return found


ROWS = {
    "start": Row("starting", "start", 7, 300, "CPU until the first frame, beside the smallest Textual app and others"),
    "open": Row("opening", "at_hand", 7, 180, "a thread opened of which the comments are at hand"),
    "server": Row("opening", "from_server", 5, 240, "a thread of 5,000 comments opened from the platform"),
    "keys": Row(
        "moving", "keys", 20, 300, "one step down in threads of 100 to 100,000 comments, and in other programs"
    ),
    "pages": Row("moving", "pages", 16, 180, "one page down in a feed of photographs"),
    "fold": Row("changing", "fold", 12, 120, "a subtree of thousands folded and unfolded"),
    "resize": Row("changing", "resize", 10, 180, "the terminal resized between 120 and 80 columns"),
    "idle": Row("resting", "idle", 3, 240, "what is done while nothing happens"),
    "memory": Row("resting", "memory", 2, 420, "memory with the feed open, and after a thread of 100,000 comments"),
    "flood": Row("flooding", "flood", 1, 240, "2,000 messages a second into the open chat"),
    "recorder": Row("recording", "recorder", 3, 120, "CPU that a call takes more, recorded and not, in turn at random"),
    "api": Row("asking", "api", 15, 300, "CPU of `parlour --version` and of one `parlour api`, beside httpie"),
}
SOUND = {
    "sound": Row("sounding", "sound", 30, 1500, "from a key to the first of the sound, over a round trip of 50 ms"),
    "vault": Row("keeping", "vault", 30, 120, "a track that is kept on this machine, beside the same in memory"),
}
ENGINE = {
    "gap": Row("engine", "gap", 3, 240, "what is inserted between two gapless tracks, in four formats"),
    "rest": Row("engine", "rest", 3, 300, "the player's engine at rest and playing, beside python-mpv"),
    "fade": Row("engine", "fade", 3, 240, "the power of the sound while one track fades into another"),
    "leaving": Row("engine", "leaving", 5, 120, "how long libmpv takes to come and to go"),
}
SIGHT = {
    "visuals": Row("seeing", "seeing", 2, 480, "the spectrum at thirty frames a second, hidden and paused"),
}
PARTS = (
    SOUND
    | SIGHT
    | ENGINE
    | {
        name: Row("parts", name, 1, 240, about)
        for name, about in {
            "text": "cleaning and Markdown",
            "lists": "the list in a headless app",
            "cache": "what is shown first comes out of the cache",
            "outbox": "taking writes on while many wait",
            "outbox_store": "the outbox of 100,000 writes",
            "event_storm": "10,000 notices a second",
        }.items()
    }
)
"""Of single modules, which are not in the table unless they are asked for."""
