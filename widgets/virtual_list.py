"""The one list of the program: items of unequal height, as many as there are, folding, and never jumping.

A thread, a chat, a feed and a library are all this widget with another renderer.

    class Names(BaseRenderer[Person]):                      # widgets.item_renderer
        def key(self, item): return item.id
        def version(self, item): return item.version
        def render(self, item, context): return [Strip([Segment(item.name, context.style("accent"))])]

    people = VirtualList(Names(), empty="Nobody yet.", id="people")
    people.set_items(...)

Content: `set_items`, `set_items_in_turns`, `append`, `prepend`, `insert_after`, `update`, `remove_item`, `items`,
`item`, `text_of`, `invalidate`, `redraw`; `show_loading`, `show_error`, `set_header`, `set_footer`. Search:
`words_of`, `sought`. Cursor: `highlighted`, `highlight`, `choose`, the `action_cursor_*` and `action_page_*` methods,
`move_to_parent` and its like. Folds: `fold`, `unfold`, `toggle_fold`, `fold_more`, `fold_only`, `is_folded`. Gaps
(`widgets.list_gaps`): `load_gap`, `fail_gap`, `close_gap`, `retry_gap`. Marks (`widgets.list_marks`): `toggle_mark`,
`mark_up_to`, `mark_all`, `mark_none`, `invert_marks`, `marked`. Scrolling: `scroll_lines`, `at_bottom`, `position`,
`show_position`. Messages (handlers `on_virtual_list_*`): `Highlighted`, `Chosen`, `GapReached`, `MarksChanged`,
`NewBelow`, `VisibleChanged`. The widget binds no key: whoever uses it does.

A renderer that `pins` items has their headings laid over the first line while what stands under them is read.

What is read stays where it is on the screen: the highlighted item if it is shown, else the first one shown, keeps its
line whatever comes or goes around it and whatever the width becomes. A list with `follow` that shows its end keeps
showing it.
"""

from __future__ import annotations

from typing import TypeVar

from textual import events

from widgets import list_messages
from widgets.anchor import Span
from widgets.list_body import FOOTER, HEADER
from widgets.list_gaps import BOTTOM, TOP
from widgets.list_marks import ListMarks
from widgets.list_pins import pinned_over

T = TypeVar("T")


class VirtualList(ListMarks[T], inherit_bindings=False):
    """Items in order with a cursor; see the module for what it offers."""

    DEFAULT_CSS = """
    VirtualList {
        height: 1fr;
        width: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .virtual-list--highlighted { background: $surface; }
        & > .virtual-list--marker { color: $foreground-muted; }
        & > .virtual-list--hit { background: $warning; color: $background; }
        & > .virtual-list--mark { color: $accent; text-style: bold; }
        & > .virtual-list--pinned { background: $surface; }
        &:focus > .virtual-list--highlighted { background: $panel; }
        &:focus > .virtual-list--marker { color: $primary; text-style: bold; }
    }
    """

    Highlighted = list_messages.Highlighted
    Chosen = list_messages.Chosen
    GapReached = list_messages.GapReached
    MarksChanged = list_messages.MarksChanged
    NewBelow = list_messages.NewBelow
    VisibleChanged = list_messages.VisibleChanged

    # -- cursor --------------------------------------------------------------------------------------------------

    @property
    def at_bottom(self) -> bool:
        """Whether the end is shown."""
        return self._ended

    @property
    def visible_keys(self) -> list[str]:
        """The keys of the items on the screen, from the top down."""
        return [span.key for span in self._spans if span.key not in (HEADER, FOOTER)]

    def highlight(self, key: str, *, scroll: bool = True) -> bool:
        """Put the cursor on `key`, unfolding what hides it; return False when there is no such item."""
        rows = self._body.rows
        if key not in rows:
            return False
        while rows.is_hidden(key):
            self.unfold(self._nearest_visible(key))
        self._set_cursor(key)
        if scroll and self._ready:
            self._show_cursor()
        self._sync()
        return True

    def choose(self) -> None:
        """Choose the item on which the cursor stands; of a gap, ask for what belongs there."""
        if self._cursor is not None and self._is_gap(self._cursor):
            self.retry_gap(self._cursor)
        elif self._cursor is not None:
            self.post_message(list_messages.Chosen(self, self.highlighted))

    def action_choose(self) -> None:
        """Choose the item on which the cursor stands."""
        self.choose()

    @property
    def position(self) -> tuple[str, int] | None:
        """The item at the cursor if it is shown, else the first one that is, and the screen row of its first line.

        A row below 0 is a place within the item: so many of its lines are above the screen.
        """
        spans = [span for span in self._spans if span.key not in (HEADER, FOOTER)]
        span = next((span for span in spans if span.key == self._cursor), spans[0] if spans else None)
        return None if span is None else (span.key, span.y - span.line)

    def show_position(self, key: str, row: int) -> bool:
        """Go to `key`, its first line at screen row `row`, as `position` gave it; False when there is no such item.

        What hides it is unfolded. A list that has no place on the screen yet goes there as soon as it has.
        """
        rows = self._body.rows
        if key not in rows:
            return False
        while rows.is_hidden(key):
            self.unfold(self._nearest_visible(key))
        self._set_cursor(key)
        self._first_row = row
        if self._ready:
            self._to_first_row(key, row)
        self._sync()
        return True

    def _show_cursor(self) -> None:
        """Bring the item at the cursor into view, with the header or footer beside it."""
        if self._cursor is None:
            return
        self._reveal(self._cursor)
        if self._body.after(self._cursor) == FOOTER and self._whole(self._cursor):
            self._reveal(FOOTER)
        elif self._body.before(self._cursor) == HEADER:
            self._reveal(HEADER)

    def _whole(self, key: str) -> bool:
        return self._body.measure(key) < self._window.height

    def _step(self, direction: int) -> None:
        """Move the cursor by one item; within an item that goes on past the edge of the screen, scroll first."""
        if not self._ready or not len(self._body.rows):
            return
        span = next((span for span in self._spans if span.key == self._cursor), None)
        if self._cursor is None or span is None:
            visible = self.visible_keys
            self._set_cursor((visible[0] if direction > 0 else visible[-1]) if visible else self._body.rows.first())
            self._show_cursor()
        elif rest := self._beyond(span, direction):
            self._window.move(direction * min(rest, max(1, self._window.height // 4)))
        else:
            rows = self._body.rows
            key = rows.after(self._cursor) if direction > 0 else rows.before(self._cursor)
            end = BOTTOM if direction > 0 else TOP
            if key is None and self.gap(end).phase == "failed":
                self.retry_gap(end)
            if key is not None:
                self._set_cursor(key)
                self._show_cursor()
                if direction < 0 and not self._whole(key):
                    self._window.place(key, self._body.measure(key) - 1, self._window.height - 1)
        self._sync()

    def _beyond(self, span: Span, direction: int) -> int:
        """Return the lines of the item at the cursor that lie past the edge of the screen."""
        if direction > 0:
            return self._body.measure(span.key) - span.line - span.count
        return span.line + self._is_covered(span)

    def _covers(self, spans: list[Span]) -> bool:
        """Return whether a heading would be laid over the first of `spans`, if these were shown."""
        return pinned_over(self._body, spans, self._window.height) is not None

    def _is_covered(self, span: Span) -> bool:
        """Return whether the heading at the top is laid over the first line of `span`."""
        return span.y == 0 and self._pin is not None

    def _page(self, lines: int) -> None:
        """Move by `lines`, taking the cursor along at its height on the screen."""
        if not self._ready or not len(self._body.rows):
            return
        edge = 0 if lines < 0 else self._window.height - 1
        y = next((span.y for span in self._spans if span.key == self._cursor), edge)
        if self._window.move(lines):
            shown = self._window.spans()
            spans = [span for span in shown if span.key not in (HEADER, FOOTER)]
            if len(spans) > 1 and (spans[0].line == 0 or spans[0].count == 1) and self._covers(shown):
                del spans[0]  # its beginning, or all of it, is about to be under a heading
            under = next((span for span in reversed(spans) if span.y <= y), spans[0] if spans else None)
            if under is not None:
                self._set_cursor(under.key)
        else:
            self._set_cursor(self._body.rows.last() if lines > 0 else self._body.rows.first())
        self._sync()

    def action_cursor_down(self) -> None:
        """Go to the next item, or on within a tall one."""
        self._step(+1)

    def action_cursor_up(self) -> None:
        """Go to the previous item, or back within a tall one."""
        self._step(-1)

    def action_cursor_top(self) -> None:
        """Go to the first item."""
        self._set_cursor(self._body.rows.first())
        if self._ready:
            self._window.to_top()
        self._sync()

    def action_cursor_bottom(self) -> None:
        """Go to the last item."""
        self._set_cursor(self._body.rows.last())
        if self._ready:
            self._window.to_bottom()
        self._sync()

    def action_page_down(self) -> None:
        """Go down by a screen, less one line."""
        self._page(max(1, self._window.height - 1))

    def action_page_up(self) -> None:
        """Go up by a screen, less one line."""
        self._page(-max(1, self._window.height - 1))

    def action_half_page_down(self) -> None:
        """Go down by half a screen."""
        self._page(max(1, self._window.height // 2))

    def action_half_page_up(self) -> None:
        """Go up by half a screen."""
        self._page(-max(1, self._window.height // 2))

    # -- the tree ------------------------------------------------------------------------------------------------

    def _go(self, key: str | None) -> bool:
        return key is not None and self.highlight(key)

    def move_to_parent(self) -> bool:
        """Go to the item above the one at the cursor in the tree; return whether there is one."""
        return self._cursor is not None and self._go(self._body.rows.parent(self._cursor))

    def move_to_next_sibling(self) -> bool:
        """Go past the descendants to the next item of the same parent; return whether there is one."""
        return self._cursor is not None and self._go(self._body.rows.next_sibling(self._cursor))

    def move_to_previous_sibling(self) -> bool:
        """Go to the previous item of the same parent; return whether there is one."""
        return self._cursor is not None and self._go(self._body.rows.previous_sibling(self._cursor))

    def move_to_next_root(self) -> bool:
        """Go to the next item at the first level of the tree; return whether there is one."""
        return self._cursor is not None and self._go(self._body.rows.next_root(self._cursor))

    def move_to_previous_root(self) -> bool:
        """Go to the item at the first level of the tree before the cursor; return whether there is one."""
        return self._cursor is not None and self._go(self._body.rows.previous_root(self._cursor))

    # -- mouse ---------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the pointer; a double click chooses, Ctrl marks, Shift marks up to here.

        On the heading at the top it goes to what that heads.
        """
        offset = event.get_content_offset(self)
        y = -1 if offset is None else offset.y
        span = next((span for span in self._spans if span.y <= y < span.y + span.count), None)
        if span is None:
            return
        event.stop()
        if y == 0 and self._pin is not None:
            self.highlight(self._pin)
        elif span.key in (HEADER, FOOTER):
            if self.gap(span.key).phase == "failed":
                self.retry_gap(span.key)
        elif event.ctrl and self.may_mark(span.key):
            self.toggle_mark(span.key)
        elif event.shift and self.may_mark(span.key):
            self.mark_up_to(span.key)
        else:
            self._point_at(span.key, event.chain)

    def _point_at(self, key: str, clicks: int) -> None:
        self._set_cursor(key)
        self._sync()
        if clicks == 2:
            self.choose()
        elif self.gap(key).phase == "failed":
            self.retry_gap(key)
