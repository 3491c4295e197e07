"""Items, a renderer and an app for the tests of the virtual list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.list_gaps import GapWords, gap_line
from widgets.virtual_list import VirtualList
from widgets.wrapping import wrap


@dataclass(frozen=True)
class Note:
    """An item whose text wraps."""

    key: str
    text: str = "x"
    depth: int = 0
    version: int = 0


class NoteRenderer(BaseRenderer[Note]):
    """Draws the key and the text, and counts how often."""

    def __init__(self) -> None:
        self.rendered: list[str] = []

    def key(self, item: Note) -> str:
        return item.key

    def version(self, item: Note) -> int:
        return item.version

    def depth(self, item: Note) -> int:
        return item.depth

    def is_gap(self, item: Note) -> bool:
        return item.text == "gap"

    def may_mark(self, item: Note) -> bool:
        return not item.text.startswith("heading")

    def pins(self, item: Note) -> int:
        return 2 if item.text.startswith("heading") else 0

    def pinned(self, item: Note, context: RenderContext) -> Strip:
        return Strip([Segment(f"pinned {item.key}", context.style("bold text"))])

    def render(self, item: Note, context: RenderContext) -> list[Strip]:
        self.rendered.append(item.key)
        if item.text == "gap":
            return [gap_line(GapWords("more to come", "something"), context)]
        if item.text == "broken":
            raise KeyError("author")
        hidden = f" (+{context.hidden})" if context.folded else ""
        head = Strip([Segment(item.key + hidden, context.style("accent"))])
        return [head, *(Strip([Segment(line, context.style("text"))]) for line in wrap(item.text, context.width))]


class ListApp(App[None]):
    """One list, and every message it posted."""

    def __init__(self, list_type: type[VirtualList[Note]] = VirtualList, **options: Any) -> None:
        super().__init__()
        self.renderer = NoteRenderer()
        self.list: VirtualList[Note] = list_type(self.renderer, **options)
        self.told: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_virtual_list_highlighted(self, message: VirtualList.Highlighted) -> None:
        self.told.append(message)

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        self.told.append(message)

    def on_virtual_list_gap_reached(self, message: VirtualList.GapReached) -> None:
        self.told.append(message)

    def on_virtual_list_marks_changed(self, message: VirtualList.MarksChanged) -> None:
        self.told.append(message)

    def on_virtual_list_new_below(self, message: VirtualList.NewBelow) -> None:
        self.told.append(message)

    def on_virtual_list_visible_changed(self, message: VirtualList.VisibleChanged) -> None:
        self.told.append(message)

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the messages of one kind."""
        return [message for message in self.told if isinstance(message, kind)]

    def screen_lines(self) -> list[str]:
        """Return what stands on each row of the list."""
        return [self.list.render_line(y).text.rstrip() for y in range(self.list.size.height)]

    def row_of(self, key: str) -> int | None:
        """Return the row of the first line of `key` on the screen."""
        return next((y for y, line in enumerate(self.screen_lines()) if line[1:].split(" ")[0] == key), None)


def _notes(keys: Iterable[int], text: str = "x", depth: int = 0) -> list[Note]:
    return [Note(f"n{key}", text, depth) for key in keys]


@pytest.fixture
def notes() -> Callable[..., list[Note]]:
    """Makes items n<i> for numbers."""
    return _notes


@pytest.fixture
def gap() -> Callable[[str], Note]:
    """Makes a place at which items are still to come."""
    return lambda key: Note(key, "gap")


@pytest.fixture
def list_app() -> Callable[..., ListApp]:
    """Makes the app; options go to the list."""
    return ListApp
