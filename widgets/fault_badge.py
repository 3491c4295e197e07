"""Says that faults are injected, on screens that have no state line."""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import Static

FAULTS = "⚑ faults"
_WORDS = f" {FAULTS} are injected "


class FaultBadge(Static):
    """At the top, at the right end, over whatever is there."""

    DEFAULT_CSS = "FaultBadge { dock: top; background: $panel; color: $error; text-style: bold; }"

    def __init__(self) -> None:
        super().__init__(_WORDS, markup=False)
        # What a screen says of all its texts is not meant for this one.
        self.styles.width, self.styles.height, self.styles.padding = len(_WORDS), 1, 0

    def on_mount(self) -> None:
        self.place()

    def place(self) -> None:
        """Go to the right end, wherever that is now."""
        self.styles.offset = Offset(max(self.app.size.width - len(_WORDS), 0), 0)
