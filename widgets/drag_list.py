"""A list whose items can be dragged with the mouse to another place in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from widgets.item_renderer import ItemRenderer
from widgets.list_body import FOOTER, HEADER
from widgets.virtual_list import VirtualList

T = TypeVar("T")

STEP = 0.06
"""Seconds from line to line while an item is held at an edge."""

_DIMMED, _LINE = Style(dim=True), Style(underline=True)


class DragList(VirtualList[T], inherit_bindings=False):
    """While an item is dragged it is dimmed, and a line shows behind which item it would come; Esc ends it.

    Items that `may_drag` refuses stay where they are; behind `may_lie_behind`, and no other, one can be dropped.
    """

    class Dropped(Message):
        """An item was let go: it is to stand right behind `behind`."""

        def __init__(self, found: DragList[Any], key: str, behind: str) -> None:
            super().__init__()
            self.list = found
            self.key = key
            self.behind = behind

        @property
        def control(self) -> DragList[Any]:
            """The list it happened in."""
            return self.list

    def __init__(
        self,
        renderer: ItemRenderer[T],
        *,
        may_drag: Callable[[str], bool],
        may_lie_behind: Callable[[str], bool],
        **more: Any,
    ) -> None:
        """Both are asked with the key of an item; `more` is for `VirtualList`."""
        super().__init__(renderer, **more)
        self._may_drag = may_drag
        self._may_lie_behind = may_lie_behind
        self._pressed: str | None = None
        self._dragged: str | None = None
        self._behind: str | None = None
        self._at = 0
        """The row of the pointer."""
        self._rolling: Timer | None = None
        self._swallows_click = False

    @property
    def dragging(self) -> bool:
        """Whether an item is held."""
        return self._dragged is not None

    def _build(self) -> list[Strip]:
        frame = super()._build()
        if self._dragged is None:
            return frame
        for span in self._spans:
            last = span.y + span.count - 1
            if span.key == self._dragged:
                for y in range(span.y, min(last + 1, len(frame))):
                    frame[y] = frame[y].apply_style(_DIMMED)
            if span.key == self._behind and last < len(frame):
                frame[last] = frame[last].apply_style(_LINE)
        return frame

    def _key_at(self, y: int) -> str | None:
        spans = [span for span in self._spans if span.key not in (HEADER, FOOTER)]
        found = next((span.key for span in spans if span.y <= y < span.y + span.count), None)
        if found is None and spans:
            return spans[0].key if y < spans[0].y else spans[-1].key
        return found

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remember what is under the button."""
        self._swallows_click = False
        plain = event.button == 1 and not (event.ctrl or event.shift or event.meta)
        key = self._key_at(int(event.y)) if plain else None
        self._pressed = key if key is not None and self._may_drag(key) else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Take the item along."""
        if self._pressed is None or event.button != 1:
            return
        if self._dragged is None:
            if self._key_at(int(event.y)) == self._pressed:
                return
            self._dragged = self._pressed
            self.capture_mouse()
        event.stop()
        self._at = int(event.y)
        self._aim()
        at_edge = self._at <= 0 or self._at >= self.size.height - 1
        if at_edge and self._rolling is None:
            self._rolling = self.set_interval(STEP, self._roll)
        elif not at_edge:
            self._stop_rolling()

    def _roll(self) -> None:
        self.scroll_lines(-1 if self._at <= 0 else 1)
        self._aim()

    def _stop_rolling(self) -> None:
        if self._rolling is not None:
            self._rolling.stop()
            self._rolling = None

    def _aim(self) -> None:
        """Find out behind which item it would come: the one under the pointer, or the one above that on the way up."""
        key = self._key_at(self._at)
        rows = self._body.rows
        dragged = self._dragged
        if key is not None and dragged is not None and dragged in rows and rows.position(key) <= rows.position(dragged):
            key = rows.before(key)
        if key is not None and self._may_lie_behind(key):
            self._behind = key
        self._sync()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the item go where it is."""
        dragged, behind = self._dragged, self._behind
        self._pressed = None
        if self.cancel_drag():
            event.stop()
            self._swallows_click = True
            if dragged is not None and behind is not None and behind != dragged:
                self.post_message(self.Dropped(self, dragged, behind))

    def cancel_drag(self) -> bool:
        """Leave the item where it was; return whether one was held."""
        self._stop_rolling()
        self._pressed = None
        if self._dragged is None:
            return False
        self._dragged = self._behind = None
        self.release_mouse()
        self._sync()
        return True

    def on_click(self, event: events.Click) -> None:
        """A click that ends a drag is none."""
        if self._swallows_click:
            self._swallows_click = False
            event.stop()
            event.prevent_default()
