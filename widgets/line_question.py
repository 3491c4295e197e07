"""A question in front of the screen that is answered with one line of text."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class LineQuestion(ModalScreen[str | None]):
    """Enter answers, Escape leaves; `trouble` says what was wrong with the answer before."""

    DEFAULT_CSS = """
    LineQuestion { align: center middle; }
    LineQuestion > Vertical {
        width: 50; max-width: 90%; height: auto;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
    }
    LineQuestion Static { height: auto; padding: 0 1; }
    LineQuestion .title { color: $primary; text-style: bold; }
    LineQuestion .trouble { color: $error; }
    LineQuestion .hint { color: $muted; }
    LineQuestion Input, LineQuestion Input:focus { height: 1; border: none; background: $panel; padding: 0 1; }
    """
    BINDINGS = [Binding("escape", "leave", "Leave", show=False, priority=True)]

    def __init__(self, title: str, initial: str = "", hint: str = "", trouble: str = "") -> None:
        super().__init__()
        self._title, self._initial, self._hint, self._trouble = title, initial, hint, trouble

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._title), classes="title")
            yield Input(self._initial, placeholder=self._hint, compact=True)
            if self._trouble:
                yield Static(Content(self._trouble), classes="trouble")
            yield Static(Content("Enter answers · Esc leaves"), classes="hint")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
