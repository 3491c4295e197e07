"""The bottom line: the keys that matter here, and whether letters act or type."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static


class KeyFooter(Static):
    """`key title` pairs, as many as fit, the most useful first."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    """

    hints: reactive[tuple[tuple[str, str], ...]] = reactive(())
    writing: reactive[bool] = reactive(False)
    pending: reactive[str] = reactive("")
    """Keys of an unfinished sequence."""

    def show(self, hints: Iterable[tuple[str, str]], *, writing: bool) -> None:
        """Show `hints` as (key, title) pairs."""
        self.hints = tuple(hints)
        self.writing = writing

    def render(self) -> Content:
        mode = " WRITE " if self.writing else " BROWSE "
        room = self.content_size.width - len(mode) - 1
        parts: list[tuple[str, str]] = [
            (mode, "bold $background on $secondary" if self.writing else "bold $background on $primary"),
            (" ", ""),
        ]
        if self.pending:
            parts.append((f"{self.pending} …  ", "bold $accent"))
            room -= len(self.pending) + 4
        for key, title in self.hints:
            needed = len(key) + len(title) + 3
            if needed > room:
                continue
            room -= needed
            parts += [(key, "bold $accent"), (f" {title}  ", "$muted")]
        return Content.assemble(*parts)


class KeyHints(Static):
    """The window that lists what may follow a prefix key."""

    DEFAULT_CSS = """
    KeyHints {
        layer: hints; dock: bottom; margin: 0 0 2 0; width: 100%; height: auto; max-height: 50%;
        background: $panel; color: $foreground; border-top: solid $primary; padding: 0 1; display: none;
    }
    KeyHints.-shown { display: block; }
    """

    def show(self, title: str, continuations: Iterable[tuple[str, str]]) -> None:
        """List `continuations` as (key, title) pairs under `title`."""
        width = max(self.app.size.width - 2, 20)
        cells = [(key, text) for key, text in continuations]
        column = max((len(key) + len(text) for key, text in cells), default=10) + 3
        per_row = max(width // column, 1)
        lines: list[Content] = [Content.styled(title, "bold $primary")]
        for start in range(0, len(cells), per_row):
            parts: list[tuple[str, str]] = []
            for key, text in cells[start : start + per_row]:
                parts += [(key, "bold $accent"), (f" {text}".ljust(column - len(key)), "$foreground")]
            lines.append(Content.assemble(*parts))
        self.update(Content("\n").join(lines))
        self.add_class("-shown")

    def hide(self) -> None:
        """Take the window away."""
        self.remove_class("-shown")
