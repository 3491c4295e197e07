"""Lists of people in front of a profile: who follows whom, and who asks to follow the user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from api_client.calls import Page
from api_client.errors import PlatformError
from api_client.models.users import FollowRequest, UserRef
from tui.screens.marking import all_of
from tui.screens.read_position import ReadPosition
from tui.state.people import PeopleChange
from widgets.line_row import LineRenderer, LineRow
from widgets.list_gaps import BOTTOM
from widgets.list_messages import Chosen, GapReached
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

FRAME = """
    {name} {{ align: center middle; }}
    {name} > Vertical {{
        width: 64; max-width: 96%; height: 80%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }}
    {name} VirtualList {{ background: $surface; }}
    {name} .hint {{ height: 1; color: $muted; }}
"""
MOVING: list[Any] = [
    Binding("escape,q,h,left", "leave", "Back", show=False),
    Binding("j,down", "move('cursor_down')", "Down", show=False),
    Binding("k,up", "move('cursor_up')", "Up", show=False),
    Binding("pagedown,ctrl+d", "move('page_down')", "Page down", show=False),
    Binding("pageup,ctrl+u", "move('page_up')", "Page up", show=False),
    Binding("enter,l,right,u", "move('choose')", "Open", show=False),
]

Fetch = Callable[[str | None], Awaitable[Page[UserRef]]]
"""From a cursor to a page of people. Raises PlatformError."""


class _ListOfPeople(ModalScreen[str | None]):
    """Answers with the username of the one that was chosen."""

    BINDINGS = MOVING
    HINT = "Enter opens the profile · Esc closes"
    MARKS = False
    """Whether several can be marked, to be answered together."""

    def __init__(self, shell: Shell, title: str, empty: str) -> None:
        super().__init__()
        self._shell = shell
        self._title = title
        self._empty = empty
        self._names: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(self._title)
            yield VirtualList(LineRenderer(), empty=self._empty, marks=self.MARKS)
            yield Static(Content(self.HINT), classes="hint")

    @property
    def people(self) -> VirtualList[LineRow]:
        """The list."""
        return self.query_one(VirtualList)

    def action_move(self, how: str) -> None:
        """Move the cursor, or choose where it stands."""
        getattr(self.people, f"action_{how}")()

    def action_leave(self) -> None:
        """Close the list."""
        self.dismiss(None)

    @on(Chosen)
    def _chosen(self, event: Chosen) -> None:
        self.dismiss(self._names[event.item.key])


class PeopleList(_ListOfPeople):
    """Followers, or the followed: fetched page by page."""

    DEFAULT_CSS = FRAME.format(name="PeopleList")

    def __init__(
        self, shell: Shell, title: str, fetch: Fetch, empty: str, kept: Page[UserRef] | None = None, place: str = ""
    ) -> None:
        """`kept` is what this machine has of it, to be shown until it is fetched; `place` names the read position."""
        super().__init__(shell, title, empty)
        self._fetch = fetch
        self._kept = kept
        self._place = place
        self._cursor: str | None = None

    def on_mount(self) -> None:
        self._position = ReadPosition(self.people, self._shell.session.cache, self._place)
        if self._kept is not None:
            self._show(self._kept)
        else:
            self.people.show_loading()
        self.people.focus()
        self._more()

    def on_unmount(self) -> None:
        self._position.keep()

    @on(GapReached)
    def _edge(self, event: GapReached) -> None:
        if event.place == BOTTOM and self._cursor is not None:
            self._more()

    def _more(self) -> None:
        self.run_worker(self._load(), group="people", exclusive=True)

    async def _load(self) -> None:
        begins = self._cursor is None
        try:
            page = await self._fetch(self._cursor)
        except PlatformError as error:
            if begins and self._kept is not None:
                self.people.set_footer(f"not refreshed: {error.sentence}")
            else:
                self.people.show_error(error.sentence)
            return
        self._cursor = page.next_cursor
        if begins:
            self.people.set_footer(None)
            self._show(page)
        else:
            self._names.update((user.id, user.username) for user in page)
            self.people.append(_row(user) for user in page)

    def _show(self, page: Page[UserRef]) -> None:
        """Show the beginning of the list."""
        self._names.update((user.id, user.username) for user in page)
        self.people.set_items(_row(user) for user in page)
        self._position.restore()


class RequestsList(_ListOfPeople):
    """Who asks to follow the user."""

    DEFAULT_CSS = FRAME.format(name="RequestsList")
    BINDINGS = [
        *MOVING,
        Binding("a", "answer(True)", "Accept", show=False),
        Binding("z,d", "answer(False)", "Reject", show=False),
        Binding("x", "mark", "Mark", show=False),
    ]
    HINT = "a lets them follow · z turns them away · x marks · Enter opens · Esc"
    MARKS = True

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, "They ask to follow you", "Nobody asks.")
        self._store = shell.session.people

    def on_mount(self) -> None:
        self._unsubscribe = self._store.subscribe(self._changed)
        self._show()
        self.people.focus()

    def on_unmount(self) -> None:
        self._unsubscribe()

    def _changed(self, _: PeopleChange) -> None:
        self._show()

    def _show(self) -> None:
        requests = self._store.requests
        self._names = {request.user.id: request.user.username for request in requests}
        self.people.set_items(_row(request.user) for request in requests)

    def action_mark(self) -> None:
        """Mark the one at the cursor, or no more, and go on."""
        self.people.toggle_mark()
        self.people.action_cursor_down()

    def action_leave(self) -> None:
        """Take the marks away; without any, close the list."""
        if not self.people.mark_none():
            super().action_leave()

    def action_answer(self, accept: bool) -> None:
        """Accept or reject all that are marked, or the one at the cursor."""
        marked, here = self.people.marked, self.people.highlighted_key
        keys = marked or ([here] if here is not None else [])
        chosen = [request for request in self._store.requests if request.user.id in keys]
        if chosen:
            self.people.mark_none()
            self.run_worker(self._answer(chosen, accept), exclusive=False)

    async def _answer(self, requests: Sequence[FollowRequest], accept: bool) -> None:
        try:
            await all_of(self._store.answer(request, accept) for request in requests)
        except PlatformError as error:
            self._shell.report(error)
            return
        names = " and ".join(f"@{request.user.username}" for request in requests)
        if len(requests) == 1:
            self._shell.say(f"{names} follows you now." if accept else f"{names} was turned away.")
        else:
            who = names if len(requests) == 2 else f"{len(requests)} people"
            self._shell.say(f"{who} follow you now." if accept else f"{who} were turned away.")


def _row(user: UserRef) -> LineRow:
    mark = " ✓" if user.is_verified else ""
    return LineRow(user.id, f"@{user.username}{mark}", user.full_name or "")
