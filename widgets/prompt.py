"""One line of text, asked for at the bottom of the screen."""

from __future__ import annotations

import asyncio

from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, Static

from api_client.text import clean_line


class Prompt(Horizontal):
    """Hidden until asked; Enter answers, Escape thinks better of it."""

    DEFAULT_CSS = """
    Prompt { height: 1; width: 1fr; display: none; background: $surface; }
    Prompt.-shown { display: block; }
    Prompt > Static { width: auto; height: 1; color: $accent; text-style: bold; padding: 0 0 0 1; }
    Prompt > Input { width: 1fr; height: 1; border: none; padding: 0; background: $surface; }
    Prompt > Input:focus { border: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[str | None] | None = None

    async def ask(self, question: str, initial: str = "") -> str | None:
        """Show `question`, wait for a line, and hide again. A question already open is given up."""
        self._finish(None)
        returned_to = self.screen.focused
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        if not self.children:
            # Most screens are left without a question, and a text field takes long to make.
            await self.mount(Static(), Input(select_on_focus=False, compact=True))
            if answer.done():
                return None
        self.query_one(Static).update(Content(question))
        field = self.query_one(Input)
        field.value = initial
        field.cursor_position = len(initial)
        self.add_class("-shown")
        field.focus()
        try:
            return await answer
        finally:
            self.remove_class("-shown")
            if returned_to is not None and returned_to.is_attached:
                self.screen.set_focus(returned_to)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._finish(clean_line(event.value))

    def on_key(self, event: Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self._finish(None)

    def on_unmount(self) -> None:
        self._finish(None)

    def _finish(self, answer: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)
