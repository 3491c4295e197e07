"""Choices in front of the screen: a menu picked by arrow or letter, and a question with two answers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

_FRAME = """
    {name} {{ align: center middle; }}
    {name} > Vertical {{
        width: auto; min-width: 44; max-width: 90%; height: auto; max-height: 90%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
    }}
    {name} Static {{ height: auto; max-width: 100%; padding: 0 1; }}
    {name} .title {{ color: $primary; text-style: bold; }}
    {name} .hint {{ color: $muted; }}
"""


class Menu(ModalScreen[str | None]):
    """A list of options; Enter picks, a letter picks the option that begins with it, Escape leaves."""

    DEFAULT_CSS = (
        _FRAME.format(name="Menu")
        + """
    Menu OptionList { width: auto; min-width: 40; height: auto; max-height: 70vh; padding: 0 1; background: $surface; }
    Menu OptionList, Menu OptionList:focus { border: none; }
    """
    )
    BINDINGS = [
        Binding("escape,q", "leave", "Leave", show=False),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], hint: str = "Enter picks · Esc leaves") -> None:
        super().__init__()
        self._title = title
        self._options = list(options)
        self._hint = hint

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._title), classes="title")
            yield OptionList(*(Option(Content(text or " "), id=None) for _, text in self._options), markup=False)
            yield Static(Content(self._hint), classes="hint")

    def on_mount(self) -> None:
        found = self.query_one(OptionList)
        found.focus()
        found.highlighted = 0 if self._options else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._end(self._options[event.option_index][0])

    def on_key(self, event: Key) -> None:
        if event.character is None or not event.character.isalnum() or event.character in "jkq":
            return
        letter = event.character.casefold()
        starting = [i for i, (_, text) in enumerate(self._options) if text.strip().casefold().startswith(letter)]
        if starting:
            event.stop()
            if len(starting) == 1:
                self._end(self._options[starting[0]][0])
                return
            found = self.query_one(OptionList)
            here = found.highlighted if found.highlighted is not None else -1
            found.highlighted = next((i for i in starting if i > here), starting[0])

    def action_leave(self) -> None:
        self._end(None)

    def _end(self, picked: str | None) -> None:
        # Keys that were typed behind the one that picked are still on their way here.
        if self.is_current:
            self.dismiss(picked)

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()


class Question(ModalScreen[bool]):
    """Yes or no; only the letter y says yes, so that a stray Enter destroys nothing."""

    DEFAULT_CSS = _FRAME.format(name="Question")
    BINDINGS = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape,q", "answer(False)", "No", show=False),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._question), classes="title")
            yield Static(Content(f"y  {self._yes}     n  keep as it is"), classes="hint")

    def action_answer(self, answer: bool) -> None:
        if self.is_current:
            self.dismiss(answer)
