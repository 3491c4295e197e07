"""The keys of a screen, from the registry."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input, Static

from tui.actions import CONTEXT_TITLES, Action
from tui.key_labels import key_label
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.text_layout import Piece, lay_out
from widgets.virtual_list import VirtualList

KEYS, TITLE = 16, 18
"""Cells of the columns of keys and names."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One action, or the heading of a group where `keys` is empty."""

    id: str
    keys: str
    title: str
    help: str


class HelpRenderer(BaseRenderer[HelpRow]):
    """Keys, name and sentence in columns."""

    def key(self, item: HelpRow) -> str:
        return item.id

    def version(self, item: HelpRow) -> Hashable:
        return item

    def estimate(self, item: HelpRow, width: int) -> int:
        return 1

    def depth(self, item: HelpRow) -> int:
        return 1 if item.keys else 0

    def pins(self, item: HelpRow) -> int:
        return 0 if item.keys else 1

    def pinned(self, item: HelpRow, context: RenderContext) -> Strip:
        return Strip([Segment(item.title, context.style("bold primary"))])

    def render(self, item: HelpRow, context: RenderContext) -> list[Strip]:
        style = context.style
        if not item.keys:
            return [Strip([Segment(item.title, style("bold primary"))])]
        first = (Piece(f"  {item.keys:<{KEYS}}", "bold accent"), Piece(f"{item.title:<{TITLE}}", "text"))
        later = (Piece(" " * sum(len(piece.text) for piece in first), "text"),)
        return lay_out([Piece(item.help, "muted")], context.width, style, first, later)


def help_rows(actions: Sequence[tuple[Action, str]]) -> list[HelpRow]:
    """Return headings and rows for (action, its name here) pairs, grouped by context."""
    rows: list[HelpRow] = []
    context = None
    for action, title in actions:
        if action.context is not context:
            context = action.context
            rows.append(HelpRow(f"group {context.value}", "", CONTEXT_TITLES[context], ""))
        keys = "  ".join(key_label(key) for key in action.keys)
        rows.append(HelpRow(action.id, keys or "-", title, action.help))
    return rows


class HelpScreen(ModalScreen[None]):
    """A searchable list in front of the screen it is about."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 90%; max-width: 100; height: 85%; background: $surface; border: round $primary; padding: 0 1;
    }
    HelpScreen VirtualList { background: $surface; }
    HelpScreen Input { height: 1; border: none; background: $panel; padding: 0 1; }
    HelpScreen Static { height: 1; color: $muted; }
    """
    BINDINGS = [
        Binding("escape,q,question_mark,f1", "leave", "Close", show=False),
        Binding("slash", "filter", "Find", show=False),
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False),
    ]

    def __init__(self, actions: Sequence[tuple[Action, str]]) -> None:
        super().__init__()
        self._rows = help_rows(actions)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="/ finds", compact=True)
            yield VirtualList(HelpRenderer(), empty="No key has this in its name.")
            yield Static(Content("j k move · / find · Esc closes"))

    def on_mount(self) -> None:
        self.query_one(VirtualList).set_items(self._rows)
        self.query_one(VirtualList).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        self.query_one(VirtualList).set_items(
            [
                row
                for row in self._rows
                if not words or (row.keys and all(w in f"{row.title} {row.help} {row.keys}".casefold() for w in words))
            ]
        )

    def on_input_submitted(self) -> None:
        self.query_one(VirtualList).focus()

    def action_leave(self) -> None:
        if isinstance(self.focused, Input):
            self.query_one(VirtualList).focus()
        else:
            self.dismiss(None)

    def action_filter(self) -> None:
        self.query_one(Input).focus()

    def action_move(self, direction: int) -> None:
        found = self.query_one(VirtualList)
        found.action_cursor_down() if direction > 0 else found.action_cursor_up()

    def action_page(self, direction: int) -> None:
        found = self.query_one(VirtualList)
        found.action_page_down() if direction > 0 else found.action_page_up()
