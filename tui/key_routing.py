"""From a key press to the method that carries its action out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.css.query import NoMatches

from api_client.errors import PlatformError
from api_client.inspect.causes import Cause, caused_by
from tui.actions import PREFIXES, Action, Context
from tui.config import Config
from tui.key_labels import key_label
from tui.keys import KeyDispatcher, Keymap, Matched, Pending, Unmatched
from tui.line_watch import LineWatch
from tui.screens.base import ParlourScreen, close_with, is_typing
from tui.state.collector import Collector
from tui.typed_ahead import TypedAhead
from widgets.key_footer import KeyFooter, KeyHints
from widgets.prompt import Prompt

HINT_AFTER = 0.4
"""Seconds after which the keys that may follow a prefix are listed."""

_EDITING = frozenset(
    {"backspace", "delete", "left", "right", "home", "end", "ctrl+left", "ctrl+right"}
    | {f"ctrl+{letter}" for letter in "aehkuw"}
)


class KeyRouting(LineWatch):
    """The part of the program that listens to keys."""

    if TYPE_CHECKING:

        @property
        def config(self) -> Config: ...

        @property
        def front(self) -> ParlourScreen | None: ...

        def report(self, error: PlatformError) -> None: ...

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._dispatcher = KeyDispatcher(keymap)
        self._hints_due: asyncio.TimerHandle | None = None
        self._typed_ahead = TypedAhead(self, self.on_event)
        self.collector = Collector()
        """Looks for garbage where nobody notices, once it is started."""

    def on_load(self) -> None:
        if not self.config.view.frame_differ:
            self.write_whole_frames()

    @property
    def keymap(self) -> Keymap:
        return self._dispatcher.keymap

    def began(self, cause: Cause) -> None:
        """Take in that the user has begun an action."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            self.answer()
            self.collector.touched()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._typed_ahead.take(event):
                return
            if isinstance(event, events.Key) and (self._take_key(event) or self._edit_in_order(event)):
                return
        await super().on_event(event)

    async def _shutdown(self) -> None:
        # However the program ends: its screens are taken apart from now on. They must hear nothing of the stores, and
        # what they had begun must not come back to them.
        self.workers.cancel_all()
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, ParlourScreen):
                    screen.let_go()
        await super()._shutdown()

    def _edit_in_order(self, event: events.Key) -> bool:
        """Give an editing key to the focused text field in the order of the keys; False if it is none.

        The toolkit takes letters from the field's own queue, but lets these keys rise through every parent first: what
        a slow line delivers in one piece would be edited in another order than it was typed in.
        """
        field = self.screen.focused
        if event.key not in _EDITING or field is None or not is_typing(field):
            return False
        active = self.screen.active_bindings.get(event.key)
        if active is None or active.node is not field or not active.enabled:
            return False
        field.call_later(self.run_action, active.binding.action, field)
        return True

    def _take_key(self, event: events.Key) -> bool:
        """Give a key to the registry; False if it is for the focused widget."""
        screen = self.screen
        if isinstance(screen, ParlourScreen) and not screen.has_frame:
            self._typed_ahead.until_made(event)
            return True
        if not isinstance(screen, ParlourScreen) or screen.query_one(Prompt).has_class("-shown"):
            self._dispatcher.cancel()
            return False
        outcome = self._dispatcher.feed(event.key, screen.contexts())
        footer = screen.query_one(KeyFooter)
        self._hide_hints(screen)
        match outcome:
            case Matched(action):
                footer.pending = ""
                if action.context is Context.WRITE and self._act_in_order(screen, action):
                    return True
                done = self._begin(action)
                if done is not None and action.writes:
                    self._typed_ahead.until_field(done)
                return done is not None
            case Pending(prefix, continuations):
                footer.pending = key_label(prefix)
                if self.config.view.key_hints:
                    # One action once, by its first key.
                    first = {
                        action.id: (keys, action)
                        for keys, action in reversed(continuations)
                        if screen.handler_for(action) is not None
                    }
                    hints = [(key_label(keys), screen.title_of(action)) for keys, action in reversed(first.values())]
                    self._hints_due = asyncio.get_running_loop().call_later(
                        HINT_AFTER, screen.query_one(KeyHints).show, PREFIXES.get(prefix, prefix), hints
                    )
                return True
            case Unmatched(swallowed):
                footer.pending = ""
                return swallowed

    def _act_in_order(self, screen: ParlourScreen, action: Action) -> bool:
        """Carry out `action` behind the letters that still wait in the field: it sends or keeps the whole text."""
        field = screen.focused
        if field is None or screen.handler_for(action) is None:
            return False
        field.call_later(self.perform, action)
        return True

    def _hide_hints(self, screen: ParlourScreen) -> None:
        if self._hints_due is not None:
            self._hints_due.cancel()
            self._hints_due = None
        screen.query_one(KeyHints).hide()

    def perform(self, action: Action, argument: str | None = None) -> bool:
        """Carry out `action` on the screen in front; False if nothing here does."""
        return self._begin(action, argument) is not None

    def _begin(self, action: Action, argument: str | None = None) -> Callable[[], bool] | None:
        """Begin to carry out `action` and return whether that is done, to be asked any time; None if nothing does."""
        screen = self.front
        handler = screen.handler_for(action) if screen is not None else getattr(self, action.handler, None)
        if handler is None:
            return None
        with caused_by(action.id, action.title) as cause:
            self.began(cause)
            outcome = handler(argument) if argument else handler()
            if not asyncio.iscoroutine(outcome):
                return lambda: True
            carried = self._carry_out(outcome, screen)
            worker = self.run_worker(carried, group="actions", exclusive=False)
        close_with(worker, carried, outcome)
        return lambda: worker.is_finished

    async def _carry_out(self, work: Coroutine[Any, Any, None], screen: ParlourScreen | None) -> None:
        try:
            await work
        except PlatformError as error:
            self.refuse(error)
        except NoMatches:
            # The screen was left while its action was under way, and what the action speaks to is gone.
            if screen is None or screen.has_frame:
                raise

    def refuse(self, error: PlatformError) -> None:
        """Say why what the user asked for was not done."""
        self.report(error)

    def offered(self) -> list[tuple[Action, str, Callable[[], None]]]:
        """Return the actions that the screen in front can carry out, with their names there, for the palette."""
        screen = self.front
        if screen is None:
            return []
        chosen = [
            action
            for context in screen.CONTEXTS
            for action in self.keymap.actions
            if action.context is context and screen.handler_for(action) is not None
        ]
        return [(action, screen.title_of(action), partial(self._perform_later, action)) for action in chosen]

    def _perform_later(self, action: Action) -> None:
        self.call_later(self.perform, action)
