"""Whose stories there are, on one line: those with something unseen first."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from api_client.models.posts import TrayEntry
from widgets.wrapping import cells


class StoryTray(Static):
    """Names, each with a mark: ● for something new, ○ for seen. A click opens them."""

    DEFAULT_CSS = """
    StoryTray { height: 1; background: $surface; color: $foreground; padding: 0 1; display: none; }
    StoryTray.-shown { display: block; }
    """

    class Opened(Message):
        """Somebody's stories were clicked."""

        def __init__(self, entry: TrayEntry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._entries: list[TrayEntry] = []
        self._me = ""
        self._key = ""
        self._spans: list[tuple[int, int, TrayEntry]] = []

    def show(self, entries: Sequence[TrayEntry], me: str, key: str) -> None:
        """Show `entries`; `me` is the id of the user, `key` the one that opens the stories."""
        self._entries = [entry for entry in entries if entry.stories]
        self._me, self._key = me, key
        self.set_class(bool(self._entries), "-shown")
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """Lay out as many names as fit; how many more there are stands at the end."""
        lead, tail = "Stories  ", f"  {self._key} opens"
        room = self.content_size.width - cells(lead) - cells(tail)
        parts: list[tuple[str, str]] = [(lead, "$muted")]
        self._spans = []
        at = cells(lead)
        for position, entry in enumerate(self._entries):
            left = len(self._entries) - position
            name = "you" if entry.user.id == self._me else entry.user.username
            mark = "○" if entry.seen else "●"
            size = cells(mark) + 1 + cells(name) + 2
            more = f"+{left}"
            if at + size - cells(lead) + (cells(more) if left > 1 else 0) > room:
                parts.append((more, "$muted"))
                break
            parts += [(f"{mark} ", "$muted" if entry.seen else "bold $unread")]
            parts += [(f"{name}  ", "$muted" if entry.seen else "$foreground")]
            self._spans.append((at, at + size - 2, entry))
            at += size
        parts.append((tail, "$muted"))
        self.update(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        for start, end, entry in self._spans:
            if start <= offset.x < end:
                event.stop()
                self.post_message(self.Opened(entry))
                return
