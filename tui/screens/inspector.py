"""What goes over the wire, as it goes: a table of calls and frames with a filter, and all about one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize, ScreenResume, ScreenSuspend
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from api_client.inspect.filtering import FilterError
from api_client.text import clean_line
from tui.actions import Action
from tui.places import InspectorPlace, Place
from tui.screens.inspector_parts import DetailRenderer, RowRenderer, header_text, state_words
from tui.screens.inspector_verbs import InspectorVerbs
from tui.state.inspector_changes import Change
from tui.state.inspector_compare import Comparison
from tui.state.inspector_details import Details
from tui.state.inspector_rows import Order, Row, View
from tui.state.json_tree import Line
from widgets.list_messages import Chosen, Highlighted
from widgets.search_field import SearchField
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

PULL_EVERY = 0.1
"""Seconds between two looks at what was recorded, while the screen is in front."""
BOTH_FROM = 110
"""Columns of the screen from which the details stand beside the table."""
NOBODYS = "action:0"
"""What nobody asked for: folded away at first, because there is much of it."""
EMPTY = "Nothing has gone over the wire since recording began."
EMPTY_OFF = "Nothing is recorded. {key} begins."
EMPTY_FILTER = "Nothing that was recorded fits the filter."


class InspectorScreen(InspectorVerbs):
    """Enter opens the details, i goes to the filter, p sends again, y copies, F12 or Escape leaves."""

    DEFAULT_CSS = """
    InspectorScreen #filter-line { height: 1; background: $surface; }
    InspectorScreen #filter-line > .name { width: auto; padding: 0 1; color: $accent; text-style: bold; }
    InspectorScreen #filter-line > SearchField { width: 1fr; }
    InspectorScreen #state { width: auto; max-width: 60%; height: 1; padding: 0 1; color: $muted; }
    InspectorScreen #state.-wrong { color: $text-error; }
    InspectorScreen #columns { height: 1; width: 1fr; padding: 0 0 0 1; color: $muted; background: $panel; }
    InspectorScreen #panes { height: 1fr; }
    InspectorScreen #table { width: 3fr; height: 1fr; }
    InspectorScreen #rows { height: 1fr; }
    InspectorScreen #details { width: 2fr; height: 1fr; border-left: solid $panel; }
    InspectorScreen.-narrow #details { display: none; border-left: none; width: 1fr; }
    InspectorScreen.-narrow.-detailed #details { display: block; }
    InspectorScreen.-narrow.-detailed #table { display: none; }
    InspectorScreen.-alone #details { display: none; }
    """
    TITLES: ClassVar[dict[str, str]] = {
        **InspectorVerbs.TITLES,
        "list.open_item": "details",
        "item.compose": "filter",
        "item.follow": "follow the end",
        "item.details": "details pane",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.compose": 8, "item.follow": 3, "item.details": 2}

    place: InspectorPlace

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._pulling: Timer | None = None
        self._details: Details | Comparison | None = None
        self._said = ""
        self._renderer = RowRenderer(self._shown_path, self._shown_text)
        self._renderer.reveals = self.store.reveals

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="filter-line"):
            yield Static(Content("filter"), classes="name")
            yield SearchField("~m POST & ~c 4xx   ~ws   ~slow 200ms   /feed")
            yield Static(id="state", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="table"):
                yield Static(id="columns", markup=False)
                yield VirtualList(self._renderer, marks=True, empty=EMPTY, id="rows")
            yield VirtualList(DetailRenderer(self._is_closed), empty="Choose a line to see all about it.", id="details")

    # -- life

    def start(self) -> None:
        self._fit()
        field = self.query_one(SearchField)
        field.value = self.place.filter or self.store.filter_text
        self._pulling = self.set_interval(PULL_EVERY, self._pull)
        self.rows.focus()
        self._look_anew(filter_text=field.value)

    @on(ScreenResume)
    def _came_to_front(self) -> None:
        if self._pulling is not None:
            self._pulling.resume()

    @on(ScreenSuspend)
    def _went_behind(self) -> None:
        if self._pulling is not None:
            self._pulling.pause()

    def on_resize(self, event: Resize) -> None:
        if self.has_frame:
            self._fit()

    def refresh_content(self) -> None:
        """Look at everything that was recorded anew."""
        self._look_anew()

    @property
    def rows(self) -> VirtualList[Row]:
        """The table."""
        return self.query_one("#rows", VirtualList)

    @property
    def details(self) -> VirtualList[Line]:
        """All about one line of it."""
        return self.query_one("#details", VirtualList)

    @property
    def _is_narrow(self) -> bool:
        return self.size.width < BOTH_FROM

    def _fit(self) -> None:
        self.set_class(self._is_narrow, "-narrow")
        self.call_after_refresh(self._name_columns)

    def _name_columns(self) -> None:
        if self.has_frame:
            width = self.rows.size.width - 1
            self.query_one("#columns", Static).update(Content(header_text(max(width, 20))))

    # -- what is shown

    def _pull(self) -> None:
        if not self.has_frame or not self.is_current:
            return
        at_end = self._is_at_end
        change = self.store.pull()
        if change:
            self._take(change, at_end=at_end)
        self._say_state()

    @property
    def _follows(self) -> bool:
        """Whether the newest line is the last one, and to be kept in sight."""
        return self.store.follows and self.store.order is Order.TIME

    @property
    def _is_at_end(self) -> bool:
        """Whether the newest line is under the cursor, and nobody reads what stands in its details."""
        reads = self.focused is self.details
        return self._follows and not reads and self.rows.highlighted_key in (None, self.store.last_key)

    def _take(self, change: Change, *, at_end: bool) -> None:
        rows = self.rows
        if change.whole:
            rows.set_items(self.store.rows)
        else:
            for key in change.gone:
                rows.remove_item(key)
            self._add(change)
            for row in {row.key: row for row in change.changed}.values():
                rows.update(row)
        if at_end and change.added:
            rows.action_cursor_bottom()
        if self._details is not None and any(row.key == self._details.row.key for row in change.changed):
            self._show_details(self._details.row)

    def _add(self, change: Change) -> None:
        """Add lines that came, those that follow each other together."""
        batch: list[Row] = []
        after: str | None = None
        for before, row in change.added:
            if batch and before != batch[-1].key:
                self._add_batch(after, batch)
                batch = []
            if not batch:
                after = before
            batch.append(row)
        if batch:
            self._add_batch(after, batch)

    def _add_batch(self, after: str | None, batch: list[Row]) -> None:
        rows = self.rows
        if after is None:
            rows.prepend(batch)
        else:
            rows.insert_after(after, batch)
        if batch[0].key == NOBODYS:
            rows.fold(NOBODYS)

    def _look_anew(
        self, *, filter_text: str | None = None, order: Order | None = None, view: View | None = None
    ) -> None:
        self.work_on(self._show(filter_text, order, view), "rows")

    async def _show(self, filter_text: str | None, order: Order | None, view: View | None) -> None:
        try:
            await self.store.show(filter_text=filter_text, order=order, view=view)
        except FilterError:
            # It is said beside the field; what was shown before stays.
            return
        rows = self.rows
        rows.set_empty(self._empty_words())
        await rows.set_items_in_turns(self.store.rows, sign="Looking through what was recorded…")
        if self.store.view is View.ACTIONS:
            rows.fold(NOBODYS)
        if self._follows:
            rows.action_cursor_bottom()
        self._say_state()

    def _empty_words(self) -> str:
        if self.store.filter_text.strip() and self.store.seen:
            return EMPTY_FILTER
        return EMPTY if self.shell.inspection.records else EMPTY_OFF.format(key=self.key_of("inspect.record"))

    def _say_state(self) -> None:
        """Say beside the filter how much is shown, and what is not as usual; or what is wrong with the filter."""
        wrong = self.store.check_filter(self.query_one(SearchField).value)
        words = (
            f"{wrong.sentence} (column {wrong.column})"
            if wrong is not None
            else state_words(self.store, follows=self._is_at_end, records=self.shell.inspection.records)
        )
        if words != self._said:
            self._said = words
            line = self.query_one("#state", Static)
            line.update(Content(clean_line(words)))
            line.set_class(wrong is not None, "-wrong")

    def _is_closed(self, key: str) -> bool:
        return self._details is not None and self._details.can_open(key)

    # -- the filter

    def action_compose(self) -> None:
        """Go to the filter, with the table below it."""
        self.remove_class("-detailed")
        self.query_one(SearchField).focus()

    @on(Input.Changed, "SearchField")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.store.check_filter(event.value) is None and event.value != self.store.filter_text:
            self._look_anew(filter_text=event.value)
        self._say_state()

    @on(Input.Submitted, "SearchField")
    @on(SearchField.Left)
    def action_leave_text(self) -> None:
        """Go back to the table."""
        self.rows.focus()

    # -- the details

    @on(Highlighted, "#rows")
    def _other_row(self, event: Highlighted) -> None:
        if event.item is None:
            self._details = None
            self.details.set_items(())
        elif self.focused is not self.details and not (self._is_narrow and not self.has_class("-detailed")):
            self._show_details(event.item)

    @on(Chosen, "#rows")
    def _row_chosen(self, event: Chosen) -> None:
        if event.item is None:
            return
        self._show_details(event.item)
        self._open_details()

    def _open_details(self) -> None:
        self.remove_class("-alone")
        self.set_class(self._is_narrow, "-detailed")
        self.details.focus()

    def _show_details(self, row: Row) -> None:
        """Show all about a row; what is large is read beside the loop."""
        self._fill(Details(self.store, row, self._shown_path))

    def show_lines(self, details: Comparison) -> None:
        """Show what differs between two lines."""
        self._open_details()
        self._fill(details)

    def _fill(self, details: Details | Comparison) -> None:
        same = self._details is not None and self._details.row.key == details.row.key
        self._details = details
        self.work_on(self._fill_details(details, keep=same), "details")

    async def _fill_details(self, details: Details | Comparison, *, keep: bool) -> None:
        found = self.details
        if details.is_large:
            found.set_items(details.top(), keep_anchor=keep)
            await asyncio.to_thread(details.read)
        else:
            details.read()
        if self._details is not details:
            return
        bodies, lines = details.body_lines(), []
        for line in details.top():
            lines.append(line)
            lines += bodies.get(line.key, [])
        found.set_items(lines, keep_anchor=keep)

    @on(Chosen, "#details")
    def _line_chosen(self, event: Chosen) -> None:
        if isinstance(event.item, Line):
            self._unfold(event.item)

    def _unfold(self, line: Line) -> None:
        """List what stands under a line, or fold it; the line that asks for more gives way to what it asked for."""
        found, details = self.details, self._details
        if details is None:
            return
        if details.can_open(line.key):
            lines = details.open(line.key)
            found.insert_after(line.key, lines)
            if line.key.endswith(":more"):
                found.remove_item(line.key)
            else:
                found.invalidate(line.key)
        elif line.opens:
            found.toggle_fold(line.key)

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Fold or unfold what is under the cursor."""
        if self.focused is self.details:
            if isinstance(line := self.details.highlighted, Line):
                self._unfold(line)
        elif (key := self.rows.highlighted_key) is not None:
            self.rows.toggle_fold(key)

    def action_details(self) -> None:
        """Show the details beside the table, or the table alone."""
        if self._is_narrow:
            self.action_open_item()
            return
        self.toggle_class("-alone")
        if self.has_class("-alone"):
            self.rows.focus()
        elif self.rows.highlighted is not None:
            self._show_details(self.rows.highlighted)
        self._fit()

    def action_leave_item(self) -> None:
        """Go from the details back to the table; from there, fold."""
        if self.focused is self.details:
            self._leave_details()
        elif (key := self.rows.highlighted_key) is not None and self.rows.item(key) is not None:
            self.rows.fold(key)

    def _leave_details(self) -> None:
        self.remove_class("-detailed")
        self.rows.focus()
        # What was read may be gone from the table by now.
        row, shown = self.rows.highlighted, self._details
        if row is not None and isinstance(shown, Details) and shown.row.key != row.key and not self._is_narrow:
            self._show_details(row)

    def _reveal(self) -> None:
        self._renderer.reveals = self.store.reveals
        self.rows.redraw()
        if isinstance(self._details, Details):
            self._show_details(self._details.row)
        self._say_state()

    def action_go_inspector(self, filter_text: str = "") -> None:
        """Close the inspector; with a filter, show what fits it."""
        if filter_text:
            self.query_one(SearchField).value = filter_text
        else:
            self.shell.leave()

    def action_close(self) -> None:
        """Leave the details, then the marks, then the screen."""
        if self.focused is self.details:
            self._leave_details()
        else:
            super().action_close()

    def fits(self, action: Action) -> bool:
        if action.id == "item.details":
            return not self._is_narrow
        return super().fits(action)
