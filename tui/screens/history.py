"""What the user did last, and what of it can be taken back or done again."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

from textual.widget import Widget

from api_client.sync.ports import Step, StepState
from tui.actions import Action
from tui.screens.base import ParlourScreen
from tui.state.outbox_sections import OutboxSections
from widgets.line_row import LineRenderer, LineRow
from widgets.textfmt import ago
from widgets.virtual_list import VirtualList


class HistoryScreen(ParlourScreen):
    """One row for each step, the newest first."""

    TITLES: ClassVar[dict[str, str]] = {"global.undo": "take back the newest", "global.redo": "do again"}
    PROMOTED: ClassVar[dict[str, int]] = {"global.undo": 9, "global.redo": 8}

    def compose_body(self) -> Iterable[Widget]:
        yield VirtualList(LineRenderer(), empty="Nothing was done yet that could be taken back.")

    def start(self) -> None:
        self.keep(self.shell.session.sections.subscribe(lambda _: self._show_soon()))
        self.set_interval(1.0, self._show)
        self._show()
        self.query_one(VirtualList).focus()

    def refresh_content(self) -> None:
        self._show()

    def fits(self, action: Action) -> bool:
        # Steps are taken back in their order, whatever is highlighted.
        return action.id != "list.open_item" and super().fits(action)

    def _show_soon(self) -> None:
        self.call_later(self._show)

    def _show(self) -> None:
        session, now = self.shell.session, time.time()
        rows = [_row(step, session.sections, now) for step in reversed(session.outbox.history.all)]
        found = self.query_one(VirtualList)
        if rows != list(found.items):
            found.set_items(rows)


def _row(step: Step, sections: OutboxSections, now: float) -> LineRow:
    receipt = sections.receipt(step.id)
    if step.state is StepState.UNDONE:
        mark, style = "↶", "secondary"
        state = "taken back" + ("; Ctrl+Y does it again" if step.forward is not None else "")
    elif step.until is not None and step.until <= now:
        mark, style, state = "·", "muted", "too late to take back"
    elif step.inverse is None and (receipt is None or not receipt.is_unsent):
        mark, style, state = "·", "muted", "cannot be taken back"
    else:
        waits = receipt is not None and receipt.is_open
        mark, style = ("↑", "warning") if waits else ("✓", "accent")
        state = "not sent yet; can be taken back" if waits else "can be taken back"
        if step.until is not None:
            state += f" for {round(step.until - now)} s"
    when = ago(datetime.fromtimestamp(step.at, UTC), now)
    return LineRow(key=step.id, title=step.label, remark=when, detail=state, mark=mark, mark_style=style)
