"""Says that faults are injected, on screens that have no state line."""

from __future__ import annotations

from textual.widgets import Static

FAULTS = "⚑ faults"


class FaultBadge(Static):
    """One row at the top, at its right end."""

    DEFAULT_CSS = """
    FaultBadge {
        dock: top; height: 1; width: 1fr; padding: 0 1; background: transparent;
        color: $error; text-style: bold; text-align: right;
    }
    """

    def __init__(self) -> None:
        super().__init__(f"{FAULTS} are injected", markup=False)
