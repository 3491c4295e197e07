"""One of many things, found as one types, or a new one under the name that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen: one of the options by its id, or with `id` None a new one that is to be called `name`."""

    id: str | None
    name: str


class Picker(ModalScreen[Picked | None]):
    """Options in the order given, those with all the typed words in them; the last line makes a new one."""

    DEFAULT_CSS = """
    Picker { align: center middle; }
    Picker > Vertical {
        width: 60; max-width: 90%; height: auto; max-height: 90%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
    }
    Picker Static { height: auto; max-width: 100%; padding: 0 1; }
    Picker .title { color: $primary; text-style: bold; }
    Picker .hint { color: $muted; }
    Picker Input, Picker Input:focus { height: 1; border: none; background: $panel; padding: 0 1; }
    Picker OptionList { height: auto; max-height: 60vh; padding: 0 1; background: $surface; }
    Picker OptionList, Picker OptionList:focus { border: none; }
    """
    BINDINGS = [
        Binding("escape", "leave", "Leave", show=False, priority=True),
        Binding("down,ctrl+n", "step(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", "Up", show=False, priority=True),
        Binding("enter", "pick", "Pick", show=False, priority=True),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], new: str = "") -> None:
        """`options` are (id, text) pairs; `new` is what a new one is called, such as "playlist", empty for none."""
        super().__init__()
        self._title = title
        self._options = list(options)
        self._new = new
        self._shown: list[tuple[str | None, str]] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._title), classes="title")
            yield Input(placeholder="type to find", compact=True, select_on_focus=False)
            yield OptionList(markup=False)
            yield Static(Content("Enter picks · Esc leaves"), classes="hint")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._show()

    @property
    def typed(self) -> str:
        """What stands in the field."""
        return self.query_one(Input).value.strip()

    @on(Input.Changed)
    def _show(self) -> None:
        words = self.typed.casefold().split()
        self._shown = [(found, text) for found, text in self._options if all(word in text.casefold() for word in words)]
        texts = [text for _, text in self._shown]
        if self._new:
            texts.append(f"+ a new {self._new}" + (f" “{self.typed}”" if self.typed else ""))
            self._shown.append((None, self.typed))
        found = self.query_one(OptionList)
        found.clear_options()
        found.add_options(Option(Content(text or " ")) for text in texts)
        found.highlighted = 0 if self._shown else None

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option_index)

    def _take(self, place: int) -> None:
        chosen, name = self._shown[place]
        self.dismiss(Picked(chosen, name))

    def action_pick(self) -> None:
        """Answer with what is highlighted; behind what was typed ahead."""
        self.query_one(Input).call_later(self._pick)

    def _pick(self) -> None:
        found = self.query_one(OptionList)
        if found.highlighted is not None and found.highlighted < len(self._shown):
            self._take(found.highlighted)

    def action_step(self, by: int) -> None:
        """Go to the next or previous option."""
        found = self.query_one(OptionList)
        if by > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
