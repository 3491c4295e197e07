"""Moving and finding in the list of a screen: the same keys wherever a list has the focus."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.screens.cause_keeping import CauseKeeping
from widgets.list_search import Sought
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

_AT_ONCE = 500
"""Items that are searched before keys are heard again."""


class ListKeys(CauseKeeping):
    """A screen with lists in it."""

    shell: Shell
    _sought = ""

    @property
    def focused_list(self) -> VirtualList[Any] | None:
        """The list that has the focus, or the only one on the screen."""
        if isinstance(self.focused, VirtualList):
            return self.focused
        lists = [found for found in self.query(VirtualList) if found.display]
        return lists[0] if len(lists) == 1 else None

    def action_open_item(self) -> None:
        if (found := self.focused_list) is not None:
            found.choose()

    def action_next_block(self) -> None:
        if (found := self.focused_list) is not None:
            found.move_to_next_sibling()

    def action_previous_block(self) -> None:
        if (found := self.focused_list) is not None:
            found.move_to_previous_sibling()

    def action_parent(self) -> None:
        if (found := self.focused_list) is not None:
            found.move_to_parent()

    # -- finding in a list

    async def action_find(self) -> None:
        """Ask for words and go to the next item that has them all."""
        found = self.focused_list
        if found is None:
            return
        words = await self.shell.ask("find: ", self._sought)
        if words is None:
            return
        self._sought = words
        found.sought = Sought.of(words)
        if found.sought:
            await self._go_to_hit(found, 1)

    async def action_next_hit(self) -> None:
        if (found := self.focused_list) is not None and self._sought:
            await self._go_to_hit(found, 1)

    async def action_previous_hit(self) -> None:
        if (found := self.focused_list) is not None and self._sought:
            await self._go_to_hit(found, -1)

    async def _go_to_hit(self, found: VirtualList[Any], step: int) -> None:
        """Highlight the next item in the direction of `step` that has the sought words, round the end."""
        found.sought = Sought.of(self._sought)
        keys = found.keys
        here = keys.index(found.highlighted_key) if found.highlighted_key in keys else -1
        for offset in range(1, len(keys) + 1):
            key = keys[(here + step * offset) % len(keys)]
            if found.sought.are_in(found.words_of(key)):
                found.highlight(key)
                return
            if offset % _AT_ONCE == 0:
                await asyncio.sleep(0)  # keys are heard while a long list is searched
        self.shell.say(f"Nothing here has “{self._sought}”.")
