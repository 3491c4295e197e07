"""The menu of everything that can be done with what is highlighted, with its keys: the same on every screen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.actions import BY_ID, Context
from tui.key_labels import key_label

if TYPE_CHECKING:
    from tui.screens.base import ParlourScreen


async def offer(screen: ParlourScreen, title: str, *, without: Iterable[str] = ()) -> None:
    """Let the user pick one of the verbs that `screen` carries out, and do it; `without` names those not fitting now.

    Raises PlatformError as the verb does.
    """
    left_out = {"item.item_menu", *without}
    options = [
        (action.id, f"{screen.title_of(action)}  {key_label(action.keys[0])}" if action.keys else action.title)
        for action in screen.shell.keymap.actions
        if action.context is Context.ITEM and action.id not in left_out and screen.handler_for(action) is not None
    ]
    chosen = await screen.shell.choose(title, options)
    handler = screen.handler_for(BY_ID[chosen]) if chosen is not None else None
    if handler is not None:
        outcome = handler()
        if asyncio.iscoroutine(outcome):
            await outcome
