"""The top line: the sections of the platform, which one is open, and what waits in them."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static


@dataclass(frozen=True, slots=True)
class Section:
    """One place at the top level."""

    id: str
    title: str
    key: str
    """The digit that leads there."""


class SectionTabs(Static):
    """Tabs in one row; a click or the digit opens one."""

    DEFAULT_CSS = """
    SectionTabs { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    """

    current: reactive[str] = reactive("")
    unread: reactive[dict[str, int]] = reactive(dict, always_update=True)

    class Opened(Message):
        """A tab was clicked."""

        def __init__(self, section: str) -> None:
            super().__init__()
            self.section = section

    def __init__(self, sections: tuple[Section, ...], brand: str = "Parlour") -> None:
        super().__init__()
        self._sections = sections
        self._brand = brand
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        parts: list[Content | tuple[str, str]] = [(f"{self._brand}  ", "bold $primary")]
        column = len(self._brand) + 2
        self._spans = []
        for section in self._sections:
            waiting = self.unread.get(section.id, 0)
            mark = f" ({waiting if waiting < 100 else '99+'})" if waiting else ""
            label = f" {section.key} {section.title}{mark} "
            # Brackets as well as colour: which tab is open must be seen without colour.
            text = f"[{label.strip()}]" if section.id == self.current else label
            text = text.ljust(len(label))
            style = (
                "bold $background on $primary"
                if section.id == self.current
                else ("bold $unread" if waiting else "$muted")
            )
            parts.append((text, style))
            self._spans.append((column, column + len(text), section.id))
            column += len(text)
        return Content.assemble(*parts)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        for start, end, section in self._spans:
            if offset is not None and start <= offset.x < end:
                self.post_message(self.Opened(section))
