"""Marking the items of a list, so that a verb acts on all of them: the same keys on every screen that has it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, ClassVar

from textual import on

from tui.actions import BY_ID
from tui.screens.base import ParlourScreen
from widgets.list_messages import MarksChanged
from widgets.virtual_list import VirtualList


async def all_of(work: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Do everything side by side and wait for it; raise what went wrong first, once all has been tried."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


class Marking(ParlourScreen):
    """A screen with a list that was made with `marks`.

    Its verbs act on `chosen_keys`: what is marked, else what is highlighted; and call `clear_marks` when they are done.
    """

    ON_MARKED: ClassVar[tuple[str, ...]] = ()
    """The verbs that act on all that is marked, by the names of their actions, the most useful first."""

    @property
    def marking(self) -> VirtualList[Any] | None:
        """The list that marks are for: the one with the focus, or the only one that takes any."""
        if isinstance(self.focused, VirtualList):
            return self.focused if self.focused.has_marks else None
        lists = [found for found in self.query(VirtualList) if found.has_marks]
        return lists[0] if len(lists) == 1 else None

    @property
    def mark_count(self) -> int:
        """How many items are marked in the list that marks are for."""
        return self.marking.mark_count if self.has_frame and self.marking is not None else 0

    @property
    def chosen_keys(self) -> list[str]:
        """The keys of what a verb acts on, from the top down."""
        found = self.marking
        if found is None:
            return []
        if found.mark_count:
            return found.marked
        return [found.highlighted_key] if found.highlighted_key is not None else []

    def clear_marks(self) -> bool:
        """Take all marks away; return whether there were any."""
        return self.marking is not None and self.marking.mark_none()

    def footer_lead(self) -> tuple[tuple[str, str], ...]:
        """Say how many are marked, and what can be done with them."""
        if not self.mark_count:
            return ()
        verbs = [BY_ID[f"item.{name}"] for name in self.ON_MARKED]
        fitting = [(self.key_of(verb.id), self.title_of(verb)) for verb in verbs if self.fits(verb)]
        return ((f"◆ {self.mark_count}", "marked"), *fitting, ("Esc", "unmark"))

    @on(MarksChanged)
    def _marks_changed(self) -> None:
        self.update_footer()

    def action_mark(self) -> None:
        """Mark what is highlighted, or no more, and go on."""
        if (found := self.marking) is not None:
            found.toggle_mark()
            found.action_cursor_down()

    def action_mark_range(self) -> None:
        """Mark everything from the last mark to here."""
        if (found := self.marking) is not None:
            found.mark_up_to()

    def action_mark_all(self) -> None:
        """Mark everything in the list."""
        if (found := self.marking) is not None:
            found.mark_all()

    def action_mark_none(self) -> None:
        """Take all marks away."""
        self.clear_marks()

    def action_mark_invert(self) -> None:
        """Mark what is not marked, and nothing else."""
        if (found := self.marking) is not None:
            found.invert_marks()

    def action_close(self) -> None:
        """Take the marks away; without any, close what is in front."""
        if not self.clear_marks():
            self.shell.leave()
