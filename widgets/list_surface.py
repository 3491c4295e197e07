"""The screen side of a virtual list: what is shown, where it is held, and what has to be painted anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from rich.style import Style
from textual.color import Color
from textual.geometry import Size
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip
from textual.widget import Widget

from widgets import list_messages
from widgets.anchor import Span, Window
from widgets.item_renderer import ItemRenderer
from widgets.list_body import FOOTER, HEADER, ListBody, Look, Looks
from widgets.list_paint import ListPaint
from widgets.list_pins import LOWEST, pinned_over
from widgets.list_scrollbar import ListScrollBar
from widgets.list_search import Sought
from widgets.palette import Palette

T = TypeVar("T")

MARKER = "▌"
MARK, MARK_AT_CURSOR = "◆", "◈"
_NOTES = (HEADER, FOOTER)


@dataclass(frozen=True, slots=True)
class _Hold:
    """What was on the screen before a change, so that it can be there after it."""

    stick: bool
    """Whether the end was shown and is to be shown again."""
    places: tuple[Span, ...]
    """What to hold on to, the best first."""
    position: int
    """Where the first item on the screen stood among the items."""


class ListSurface(ListPaint, Generic[T], can_focus=True, inherit_bindings=False):
    """Draws items and keeps what is read in its place; the classes on top of it add the changes and the cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-list--highlighted",
        "virtual-list--marker",
        "virtual-list--hit",
        "virtual-list--mark",
        "virtual-list--pinned",
    }

    def __init__(
        self,
        renderer: ItemRenderer[T],
        *,
        follow: bool = False,
        empty: str = "Nothing here yet.",
        marker: str = MARKER,
        marks: bool = False,
        now: Callable[[], float] = time.time,
        name: str | None = None,
        id: str | None = None,  # noqa: A002  Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Show what `renderer` draws.

        `follow`: stay at the end when the end is shown, as in a chat. `empty`: the sentence for no items. `marker`:
        one cell beside the highlighted item. `marks`: whether items can be marked. `now`: seconds since the epoch.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._body: ListBody[T] = ListBody(renderer, Palette({}, Color(0, 0, 0)), now)
        self._window = Window(self._body, sink=follow)
        self._follow = follow
        self._empty = empty
        self._marker = marker
        self._variables: dict[str, str] = {}
        self._looks: Looks | None = None
        self._sought = Sought(())
        self._has_marks = marks
        self._marks: frozenset[str] = frozenset()
        self._marked_last: str | None = None
        """From where a range of marks goes on."""
        self._pin: str | None = None
        """The item whose heading is laid over the first line of the screen."""
        self._sign = ""
        """What is said over the first line while the items are put together."""
        self._near_gaps: dict[str, bool] = {}
        """Whether the items on the screen stand for others that are still to come."""
        self._cursor: str | None = None
        self._first_row: int | None = None
        """Where the item at the cursor is to begin on the screen, once there is one; None to show it anywhere."""
        self._state: Literal["items", "loading", "error"] = "items"
        self._error = ""
        self._ended = True
        self._unseen = 0
        self._armed = {"top": True, "bottom": True}
        self._seen_keys: tuple[str, ...] = ()

    # -- painting ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return the line at screen row `y`."""
        return self._frame[y] if 0 <= y < len(self._frame) else Strip.blank(self.size.width, self._blank_style())

    def _blank_style(self) -> Style:
        return self._get_looks().plain.base

    @property
    def _ready(self) -> bool:
        return self.is_attached and self._window.height > 0 and self._body.width > 0

    def _get_looks(self) -> Looks:
        """Return how items look."""
        if self._looks is None:
            plain = self.rich_style
            highlighted = self.get_component_rich_style("virtual-list--highlighted")
            marker = self.get_component_rich_style("virtual-list--marker", partial=True)
            over = Style(color=plain.color, bgcolor=highlighted.bgcolor, bold=highlighted.bold)
            hit = self.get_component_rich_style("virtual-list--hit", partial=True)
            mark = self.get_component_rich_style("virtual-list--mark", partial=True)
            pinned = self.get_component_rich_style("virtual-list--pinned")
            self._looks = Looks(
                Look(" ", Style.null(), plain, self._sought, hit),
                Look(self._marker, marker, over, self._sought, hit),
                Look(" ", mark, plain, self._sought, hit, MARK),
                Look(self._marker, marker, over, self._sought, hit, MARK_AT_CURSOR),
                Look(" ", marker, Style(color=plain.color, bgcolor=pinned.bgcolor)),
            )
        return self._looks

    def _build(self) -> list[Strip]:
        """Return all lines of the screen."""
        height = self._window.height
        looks = self._get_looks()
        plain = looks.plain
        if not len(self._body.rows):
            if self._state == "loading":
                lines = self._body.skeleton(height)
            elif self._state == "error":
                lines = self._body.sentence(self._error, "error", height)
            else:
                lines = self._body.sentence(self._empty, "muted", height)
            return [line.apply_style(plain.base).extend_cell_length(self._body.width + 1, plain.base) for line in lines]
        blank = Strip.blank(self._body.width + 1, plain.base)
        frame: list[Strip] = []
        for span in self._spans:
            frame += [blank] * (span.y - len(frame))
            look = looks.of(at_cursor=span.key == self._cursor, marked=span.key in self._marks)
            frame += self._body.dressed(span.key, look)[span.line : span.line + span.count]
        if self._sign:
            frame[:1] = [self._body.sign(self._sign, looks.pinned)]
        elif self._pin is not None:
            frame[0] = self._body.pinned(self._pin, looks.pinned)
        return frame + [blank] * (height - len(frame))

    def _sync(self) -> None:
        """Bring the screen in line with the state, painting only the lines that differ, and tell who listens."""
        if not self._ready:
            return
        self._spans = self._window.spans()
        self._pin = pinned_over(self._body, self._spans, self._window.height)
        self._ended = self._window.ends_with(self._spans)
        width = self._body.width + 1
        old, new = self._frame, self._build()
        self._frame = new
        bar_moved = self._sync_scrollbar()
        if len(old) != len(new):
            self.refresh()
        else:
            changed = [y for y, (before, after) in enumerate(zip(old, new, strict=True)) if before is not after]
            if changed or bar_moved:
                self._show_changes(changed, width, bar_moved=bar_moved)
        self._tell()
        self._body.changed()  # renderers may look at more than the item; they say so by another turn of this

    def _sync_scrollbar(self) -> bool:
        """Show the place in the content, past Textual's own scrolling, which would lay out the screen at every step.

        Returns whether the scrollbar has to be painted anew.
        """
        height = self._window.height
        top = self._window.top
        row = 0 if top is None else self._body.row_of(top.key) + top.line
        total = max(self._body.height, row + height if self._spans else 0)
        self.set_reactive(Widget.virtual_size, Size(self.size.width, total))
        self.set_reactive(Widget.scroll_y, float(row))
        self.set_reactive(Widget.scroll_target_y, float(row))
        bar = self.vertical_scrollbar if self.show_vertical_scrollbar else None
        return isinstance(bar, ListScrollBar) and bar.show_place(row, height, total)

    # -- telling -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        self._tell_edges()
        if self._ended and self._unseen:
            self._unseen = 0
            self.post_message(list_messages.NewBelow(self, 0))
        keys = self._wanted_keys()
        if keys != self._seen_keys:
            self._seen_keys = keys
            self.post_message(list_messages.VisibleChanged(self, keys))

    def _tell_edges(self) -> None:
        """Tell when what lies beyond an end is wanted."""
        raise NotImplementedError

    def _wanted_keys(self) -> tuple[str, ...]:
        """Return the keys on the screen and one page below."""
        keys = [span.key for span in self._spans if span.key not in _NOTES]
        left = self._window.height
        key = keys[-1] if keys else None
        while key is not None and left > 0:
            key = self._body.rows.after(key)
            if key is not None:
                keys.append(key)
                left -= self._body.rows.height(key)
        return tuple(keys)

    # -- holding what is read ------------------------------------------------------------------------------------

    def _hold(self) -> _Hold:
        spans = [span for span in self._spans if span.key not in _NOTES]
        first = spans[0].key if spans else None
        position = self._body.rows.position(first) if first is not None and first in self._body.rows else 0
        places = sorted(spans, key=lambda span: span.key != self._cursor)
        return _Hold(self._follow and self._ended, tuple(places), position)

    def _restore(self, hold: _Hold) -> None:
        rows = self._body.rows
        if not len(rows):
            self._window.to_top()
        elif hold.stick:
            self._window.to_bottom()
        elif place := next((place for place in hold.places if place.key in self._body), None):
            line = min(place.line, self._body.measure(place.key) - 1)
            self._window.place(place.key, line, min(place.y, self._window.height - 1))
        elif hold.places:
            key = self._nearest_visible(rows.key_at(min(hold.position, len(rows) - 1)))
            self._window.place(key, 0, 0)
        else:
            self._begin()

    def _begin(self) -> None:
        """Show the start, or the end of a list that follows it; and the cursor, if it was put somewhere."""
        if self._follow:
            self._window.to_bottom()
        else:
            self._window.to_top()
        if self._cursor is not None and self._first_row is not None:
            self._to_first_row(self._cursor, self._first_row)
        elif self._cursor is not None:
            self._reveal(self._cursor)

    def _to_first_row(self, key: str, row: int) -> None:
        """Show `key` with its first line at screen row `row`; at least one of its lines is shown."""
        self._first_row = None
        row = max(row, 1 - self._body.measure(key))
        self._window.place(key, 0, min(row, self._window.height - 1))

    def _nearest_visible(self, key: str) -> str:
        """Return `key`, or the folded item that hides it."""
        rows = self._body.rows
        while rows.is_hidden(key):
            above = rows.parent(key)
            if above is None:
                break
            key = above
        return key

    @contextmanager
    def _steady(self) -> Iterator[None]:
        """Change the content while what is read stays in its place on the screen."""
        hold = self._hold()
        yield
        if self._ready:
            self._restore(hold)
        self._sync()

    # -- events --------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Lay out for the new size."""
        width, height = self.scrollable_content_region.size
        width = max(0, width - 1)
        if width == self._body.width and height == self._window.height:
            return
        hold = self._hold()
        lower = height < self._window.height
        if width != self._body.width:
            self._body.resize(width)
        self._window.height = height
        if self._ready:
            self._restore(hold)
            if lower and self._cursor is not None and any(span.key == self._cursor for span in hold.places):
                self._reveal(self._cursor)  # a composer opened below must not cover what it answers
        self._sync()

    def notify_style_update(self) -> None:
        """Take up the colours of another theme, or of another state of focus."""
        super().notify_style_update()
        if self.is_attached:
            self.call_next(self._restyle)

    def on_mount(self) -> None:
        """Take up the colours of the theme."""
        self._restyle()

    def _restyle(self) -> None:
        self._looks = None
        variables = self.app.theme_variables
        if variables != self._variables:
            self._variables = dict(variables)
            self._body.repaint(Palette(self._variables, self.background_colors[1]))
        self._sync()

    def _reveal(self, key: str) -> None:
        """Move the window as little as shows all of `key`; its start, where it is taller than the window."""
        height, margin = self._window.height, self._room_above(key)
        count = self._body.measure(key)
        span = next((span for span in self._window.spans() if span.key == key), None)
        start = None if span is None else span.y - span.line
        if start is not None and start >= margin and start + count <= height:
            return
        above = span is None and self._stands_above(key)
        if count >= height - margin or above or (start is not None and start < margin):
            self._window.place(key, 0, margin)
        else:
            self._window.place(key, count - 1, height - 1)

    def _room_above(self, key: str) -> int:
        """Return how many lines at the top are taken by the heading of `key`, if it goes there."""
        return int(self._window.height >= LOWEST and self._body.head_of(key) is not None)

    def _stands_above(self, key: str) -> bool:
        top = self._window.top
        return top is not None and self._body.place_of(key) < self._body.place_of(top.key)

    # -- scrolling without the cursor ----------------------------------------------------------------------------

    def scroll_lines(self, lines: int) -> bool:
        """Move what is shown by `lines` (up if negative) and leave the cursor; return whether it moved."""
        moved = self._ready and self._window.move(lines)
        self._sync()
        return moved

    def scroll_to(self, x: float | None = None, y: float | None = None, **_options: Any) -> None:
        """Show row `y` at the top, at once: rows that were never seen are counted by their estimates."""
        found = None if y is None else self._body.find(max(0, min(round(y), self._body.height - 1)))
        if found is not None and self._ready:
            key, line = found
            self._window.place(key, min(line, self._body.measure(key) - 1), 0)
            self._sync()

    def _on_scroll_to(self, message: ScrollTo) -> None:
        message.stop()
        message.prevent_default()
        self.scroll_to(y=message.y)

    def _on_scroll_up(self, event: ScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_lines(1 - self._window.height)

    def _on_scroll_down(self, event: ScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_lines(self._window.height - 1)

    def _wheel(self, lines: int) -> bool:
        return self.scroll_lines(round(lines * self.app.scroll_sensitivity_y))

    def _scroll_down_for_pointer(self, **_options: Any) -> bool:
        return self._wheel(1)

    def _scroll_up_for_pointer(self, **_options: Any) -> bool:
        return self._wheel(-1)

    @property
    def allow_vertical_scroll(self) -> bool:
        """Always: the list itself knows where its ends are."""
        return True
