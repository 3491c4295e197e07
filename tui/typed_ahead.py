"""Keys that are typed before what they are meant for is there: a quick typist must not vote, copy or delete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App

from tui.screens.base import ParlourScreen, is_typing

_TURN = 0.01
"""Seconds between two looks at whether the keys can go on."""
_QUIET_TURNS = 5
"""Turns in a row in which nothing is under way, after which a field that has not opened will not open."""
FIELD_WITHIN = 2.0
"""Seconds that keys wait at most: an action may itself be waiting, for the platform for instance."""


class TypedAhead:
    """Holds keys back until the screen or the text field that they are for can take them.

    Keys for a field that does not open are dropped: as keys of the screen behind it they would be verbs. That is known
    when the action is done and nothing more is under way in the program, however slow the machine.
    """

    def __init__(self, app: App[int], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        """`deliver` is given each key when the waiting is over."""
        self._app = app
        self._deliver = deliver
        self._held: list[events.Event] | None = None

    def take(self, event: events.Event) -> bool:
        """Hold `event` back; False if nothing is waited for."""
        if self._held is None:
            return False
        self._held.append(event)
        return True

    def hold(self) -> None:
        """Hold back whatever comes, until `let_go` or `drop`."""
        self._held = []

    def let_go(self) -> None:
        """Give what was held back to whoever is in front now."""
        if self._held is not None:
            self._app.call_later(self._let_go)

    def drop(self) -> None:
        """Forget what was held back: what it was meant for is not there."""
        self._held = None

    def until_made(self, event: events.Event) -> None:
        """Wait for the screen in front, which is only just being made, and give it `event`."""
        self._held = [event]
        self._look_again(self._is_made, lambda: False, None, 0)

    def until_field(self, done: Callable[[], bool]) -> None:
        """Wait for the text field that an action opens; `done` tells whether the action is carried out."""
        self._held = []
        self._look_again(self._has_field, done, self._now() + FIELD_WITHIN, 0)

    def _look_again(self, ready: Callable[[], bool], done: Callable[[], bool], until: float | None, quiet: int) -> None:
        if not self._app.screen_stack:
            self._held = None  # the program is ending
        elif ready():
            self._app.call_later(self._let_go)
        elif quiet >= _QUIET_TURNS or (until is not None and self._now() > until):
            self._held = None
        else:
            still = quiet + 1 if done() and self._is_quiet() else 0
            self._app.set_timer(_TURN, lambda: self._look_again(ready, done, until, still))

    async def _let_go(self) -> None:
        waiting, self._held = self._held or [], None
        for event in waiting:
            await self._deliver(event)

    def _is_made(self) -> bool:
        screen = self._app.screen
        return not isinstance(screen, ParlourScreen) or screen.has_frame

    def _has_field(self) -> bool:
        return is_typing(self._app.screen.focused)

    def _is_quiet(self) -> bool:
        """Whether nothing is under way that could open a field yet."""
        screen = self._app.screen
        return screen.is_mounted and not (self._app.message_queue_size or screen.message_queue_size)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
