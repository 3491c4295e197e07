"""Who may change a playlist: its owner and those who are named, with inviting and removing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from api_client.errors import NotFound, PlatformError
from api_client.models.music import Playlist
from api_client.models.users import UserRef
from tui.state.music import MusicChange, MusicPart

if TYPE_CHECKING:
    from tui.shell import Shell

EVERYBODY = "Nobody is named: everybody who sees this playlist may change it."
NOT_COLLABORATIVE = "It is not collaborative: only its owner changes it. E opens it for others."


class PlaylistPeople(ModalScreen[None]):
    """The owner invites by name and removes; whoever is named may leave."""

    DEFAULT_CSS = """
    PlaylistPeople { align: center middle; }
    PlaylistPeople > Vertical {
        width: 60; max-width: 96%; height: auto; max-height: 96%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }
    PlaylistPeople OptionList { height: auto; max-height: 14; background: $surface; padding: 0; }
    PlaylistPeople OptionList, PlaylistPeople OptionList:focus { border: none; }
    PlaylistPeople Input, PlaylistPeople Input:focus { height: 1; border: none; background: $panel; padding: 0 1; }
    PlaylistPeople Static { height: auto; }
    PlaylistPeople #trouble { color: $error; }
    PlaylistPeople .hint { color: $muted; }
    """
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
        Binding("d,delete", "remove_person", "Remove", show=False),
        Binding("j", "step(1)", "Down", show=False),
        Binding("k", "step(-1)", "Up", show=False),
        Binding("q", "leave", "Leave", show=False),
    ]

    def __init__(self, shell: Shell, playlist: Playlist) -> None:
        super().__init__()
        self._shell = shell
        self._playlist = playlist
        self._store = shell.session.music
        self._people: list[UserRef | None] = []
        self._unsubscribe: Callable[[], None] | None = None

    @property
    def _is_owner(self) -> bool:
        return self._playlist.owner_id == self._store.me.id

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content(f"Who may change {self._playlist.name}")
            yield OptionList(markup=False)
            yield Static(id="note", markup=False)
            if self._is_owner:
                yield Input(placeholder="invite somebody by name", max_length=31, compact=True)
            yield Static(id="trouble", markup=False)
            owners = "Enter invites · Tab changes between name and list · d removes"
            how = owners if self._is_owner else "d leaves, on your own name"
            yield Static(Content(f"{how} · Esc leaves"), classes="hint")

    def on_mount(self) -> None:
        self._unsubscribe = self._store.subscribe(self._changed)
        self._show()
        (self.query_one(Input) if self._is_owner else self.query_one(OptionList)).focus()
        self._work(self._store.playlists.kinds.load_editors(self._playlist.id))

    def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _changed(self, change: MusicChange) -> None:
        if change == MusicChange(MusicPart.PLAYLIST, self._playlist.id) and self.is_mounted:
            self._show()

    def _show(self) -> None:
        playlist, me = self._playlist, self._store.me.id
        editors = self._store.playlists.kinds.editors(playlist.id)
        you = " (you)" if playlist.owner_id == me else ""
        rows: list[tuple[UserRef | None, str]] = [(None, f"{playlist.owner_name}{you}  owner")]
        role = "music" if playlist.blend is not None else "editor"
        for person in editors or ():
            waits = "  invited" if person.id.startswith("@") else f"  {role}"
            rows.append((person, f"{person.username}{' (you)' if person.id == me else ''}{waits}"))
        self._people = [person for person, _ in rows]
        found = self.query_one(OptionList)
        here = found.highlighted or 0
        found.clear_options()
        found.add_options(Option(Content(text)) for _, text in rows)
        found.highlighted = min(here, len(rows) - 1)
        note = ""
        if playlist.blend is None:
            note = NOT_COLLABORATIVE if not playlist.is_collaborative else EVERYBODY if editors == [] else ""
        self.query_one("#note", Static).update(Content(note))

    def _work(self, work: Coroutine[Any, Any, Any]) -> None:
        self.run_worker(self._guarded(work), group="people")

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except PlatformError as error:
            self._trouble(error.sentence)

    def _trouble(self, words: str) -> None:
        self.query_one("#trouble", Static).update(Content(words))

    @on(Input.Submitted)
    def _invite(self, event: Input.Submitted) -> None:
        name = event.value.strip().removeprefix("u/").removeprefix("@")
        if name:
            event.input.value = ""
            self._trouble("")
            self._work(self._invited(name))

    async def _invited(self, name: str) -> None:
        try:
            following = await self._store.playlists.kinds.invite(self._playlist, name)
            await following
        except NotFound:
            self._trouble(f"There is nobody called {name}.")

    def action_remove_person(self) -> None:
        """Let the one at the cursor change the playlist no more."""
        here = self.query_one(OptionList).highlighted
        person = self._people[here] if here is not None and here < len(self._people) else None
        if person is None:
            self._trouble("The owner stays.")
        elif not self._is_owner and person.id != self._store.me.id:
            self._trouble("Only the owner removes others.")
        elif person.id.startswith("@"):
            self._trouble("The invitation is still to be sent; U takes it back.")
        else:
            self._work(self._remove(person))

    async def _remove(self, person: UserRef) -> None:
        await (await self._store.playlists.kinds.remove(self._playlist, person))
        if person.id == self._store.me.id:
            self.dismiss(None)

    def action_step(self, by: int) -> None:
        """Go to the next or previous person."""
        found = self.query_one(OptionList)
        if by > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    def action_leave(self) -> None:
        """Close the list."""
        self.dismiss(None)
