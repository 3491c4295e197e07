"""A field for words to look for; Down and Enter lead from it into what was found."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class SearchField(Input):
    """One line without a frame."""

    DEFAULT_CSS = """
    SearchField, SearchField:focus { height: 1; width: 1fr; border: none; background: $surface; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "leave_downwards", "Results", show=False)]

    class Left(Message):
        """The user goes on to what was found."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)

    def action_leave_downwards(self) -> None:
        self.post_message(self.Left())
