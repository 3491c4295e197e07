"""The music: home, library, history and playlists, and a field to search everything as one types."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from api_client.errors import NotFound
from api_client.models.music import HomeShelf, LibraryType, Play
from api_client.models.platform import SearchResults
from tui.actions import Action
from tui.places import (
    ConcertsPlace,
    DownloadsPlace,
    ListeningPlace,
    LyricsPlace,
    MixPlace,
    Place,
    PlaylistPlace,
    QueuePlace,
)
from tui.player.track import PlayerSnapshot
from tui.screens.music_parts import Heading, Line, Note, Source, plain_lines, track_lines
from tui.screens.music_side import MAKES_ONE, SideList
from tui.state.mixes import name_of
from tui.state.music import MusicChange, MusicPart
from widgets.list_gaps import BOTTOM
from widgets.list_messages import Chosen, GapReached
from widgets.search_field import SearchField
from widgets.shelf_row import MusicRenderer, ShelfKind, ShelfRow
from widgets.textfmt import ago_compact, plural
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

WIDE = 100
"""Columns from which the lists to choose from stand beside what is shown."""
PAUSE = 0.18
"""Seconds of rest in typing after which the platform is asked."""

VIEWS: Mapping[str, str] = {
    "home": "Home",
    "tracks": "Loved tracks",
    "albums": "Saved albums",
    "saved": "Saved playlists",
    "history": "History",
}
_PLACES: Mapping[str, Place] = {
    "queue": QueuePlace(),
    "lyrics": LyricsPlace(),
    "concerts": ConcertsPlace(),
    "listening": ListeningPlace(),
    "downloads": DownloadsPlace(),
}
_KINDS: Mapping[str, LibraryType] = {"tracks": "tracks", "albums": "albums", "saved": "playlists"}
_EMPTY = {
    "home": "Nothing here yet. / searches the catalogue.",
    "tracks": "No track is in your library yet. a loves the one that is highlighted.",
    "albums": "No album is in your library yet. s saves the one that is highlighted.",
    "saved": "No playlist of somebody else is in your library yet. s saves one.",
    "history": "You have not heard anything yet. Enter on a track plays it, / finds one.",
}
_PARTS = {
    "home": {MusicPart.HOME, MusicPart.PLAYLISTS},
    "tracks": {MusicPart.LIBRARY},
    "albums": {MusicPart.LIBRARY},
    "saved": {MusicPart.LIBRARY, MusicPart.PLAYLISTS},
    "history": {MusicPart.HISTORY},
}


class MusicScreen(SideList):
    """On a narrow terminal h shows the lists to choose from; on a wide one they stand at the left."""

    TITLES: ClassVar[dict[str, str]] = {
        **SideList.TITLES,
        "item.compose": "search",
        "list.find": "search",
        "list.sort": "show",
        "list.leave_item": "lists",
        "list.next_block": "next shelf",
        "list.previous_block": "previous shelf",
    }
    DEFAULT_CSS = """
    MusicScreen #lists { width: 30; height: 1fr; border-right: solid $panel; }
    MusicScreen #content { width: 1fr; height: 1fr; }
    MusicScreen #bar { height: 1; background: $surface; }
    MusicScreen #view { width: auto; height: 1; padding: 0 1; color: $primary; text-style: bold; }
    MusicScreen #engine { height: 1; padding: 0 1; color: $warning; display: none; }
    MusicScreen #engine.-shown { display: block; }
    MusicScreen.-narrow #lists { display: none; }
    MusicScreen.-narrow.-choosing #lists { display: block; width: 1fr; border-right: none; }
    MusicScreen.-narrow.-choosing #content { display: none; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.view = "home"
        self._rest: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            yield VirtualList(MusicRenderer(), id="lists")
            with Vertical(id="content"):
                with Horizontal(id="bar"):
                    yield Static(id="view", markup=False)
                    yield SearchField("/ searches tracks, artists, albums and playlists")
                yield Static(id="engine", markup=False)
                yield self.music_list()

    # -- life

    def start(self) -> None:
        self._show_view()
        super().start()
        self.work_on(self._load_lists(), "lists")

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    def on_screen_resume(self) -> None:
        """What was saved elsewhere meanwhile belongs into the library that is shown."""
        if self.view in _KINDS and not self.words:
            self.refresh_content()

    def refresh_content(self) -> None:
        super().refresh_content()
        if self.store.playlists.listed:
            self.work_on(self._load_lists(), "lists")

    async def _load_lists(self) -> None:
        await self.store.playlists.load_mine()
        await self.store.playlists.folders.load()
        with suppress(NotFound):  # a platform that recommends nothing
            await self.store.mixes.load_listed()

    async def load(self) -> None:
        if self.words:
            await self.store.search(self.words)
        elif self.view == "home":
            await self.store.load_home()
        elif self.view == "history":
            await self.store.load_history()
        else:
            await self.store.load_library(_KINDS[self.view])

    # -- what is shown

    @property
    def words(self) -> str:
        """What is looked for; empty while a list is shown."""
        return self.query_one(SearchField).value.strip()

    def stale_since(self) -> datetime | None:
        if self.words:
            return None
        if self.view in _KINDS:
            return self.store.stale_since(MusicPart.LIBRARY, _KINDS[self.view])
        return self.store.stale_since(MusicPart.HOME if self.view == "home" else MusicPart.HISTORY)

    def reading_place(self) -> str:
        return "" if self.words else self.view

    def concerns(self, change: MusicChange) -> bool:
        if change.part in (MusicPart.PLAYLISTS, MusicPart.MIXES):
            self.show_lists()
        return change.part is MusicPart.SEARCH if self.words else change.part in _PARTS[self.view]

    def lines(self) -> list[Line] | None:
        if self.words:
            found = self.store.found
            return None if found is None else _found_lines(found, self.store.sought)
        lines = self._view_lines()
        return lines if lines is None or lines else [Line("empty", Note(_EMPTY[self.view]))]

    def _view_lines(self) -> list[Line] | None:
        if self.view == "home":
            shelves = self.store.home
            return None if shelves is None else _home_lines(shelves)
        if self.view == "history":
            plays = self.store.history
            return None if plays is None else _history_lines(plays)
        library = self.store.library(_KINDS[self.view])
        if library is None:
            return None
        tracks = list(track_lines("saved", library.tracks, Source(tuple(library.tracks))))
        return [*tracks, *plain_lines("saved", library.albums), *plain_lines("saved", library.playlists)]

    def _show_view(self) -> None:
        self.query_one("#view", Static).update(Content("Search" if self.words else VIEWS[self.view]))
        self.show_lists()

    def show_lists(self) -> None:
        """Draw the lists to choose from as they are now."""
        rows = [
            ShelfRow(view, ShelfKind.VIEW, title, current=view == self.view and not self.words)
            for view, title in VIEWS.items()
        ]
        rows += [
            ShelfRow("queue", ShelfKind.VIEW, "Queue", aside="gq"),
            ShelfRow("lyrics", ShelfKind.VIEW, "Lyrics", aside="gl"),
            ShelfRow("concerts", ShelfKind.VIEW, "Concerts"),
            ShelfRow("listening", ShelfKind.VIEW, "Your listening", aside=self.key_of("global.go_listening")),
            ShelfRow("downloads", ShelfKind.VIEW, "Downloads", aside=self.key_of("global.go_downloads")),
        ]
        if mixes := self.store.mixes.listed:
            rows.append(ShelfRow("made", ShelfKind.HEADING, "Made for you"))
            rows += [ShelfRow(f"m:{name_of(mix)}", ShelfKind.VIEW, mix.title) for mix in mixes]
        rows.append(ShelfRow("mine", ShelfKind.HEADING, "Your playlists"))
        rows += self.playlist_rows()
        self.lists.set_items(rows)

    def follow_player(self, snapshot: PlayerSnapshot) -> None:
        super().follow_player(snapshot)
        engine = self.query_one("#engine", Static)
        engine.set_class(bool(snapshot.engine.sentence), "-shown")
        engine.update(Content(f"♪ {snapshot.engine.sentence}"))

    # -- choosing what is shown

    def open_view(self, view: str) -> None:
        """Show one of the lists, leaving any search."""
        self.view = view
        self.remove_class("-choosing")
        with self.prevent(Input.Changed):
            self.query_one(SearchField).value = ""
        self._show_view()
        self.show_anew()
        self.music.focus()
        self.refresh_content()

    @on(Chosen, "#lists")
    def _list_chosen(self, event: Chosen) -> None:
        key: str = event.item.key
        if key in VIEWS:
            self.open_view(key)
        elif key == MAKES_ONE:
            self.work_on(self.action_create(), "create")
        elif self.toggle_fold(key):
            self.update_footer()
        elif key.startswith("p:"):
            self.shell.open_place(PlaylistPlace(key.removeprefix("p:")))
        elif key.startswith("m:"):
            self.shell.open_place(MixPlace(key.removeprefix("m:")))
        elif key in _PLACES:
            self.shell.open_place(_PLACES[key])

    def fits(self, action: Action) -> bool:
        if action.id == "list.leave_item":
            return self.has_class("-narrow") and self.focused is self.music
        return super().fits(action)

    async def action_sort(self, name: str = "") -> None:
        """Choose the list that is shown."""
        chosen = name if name in VIEWS else await self.shell.choose("Show", list(VIEWS.items()))
        if chosen is not None:
            self.open_view(chosen)

    def action_leave_item(self) -> None:
        """Go to the lists to choose from."""
        self.add_class("-choosing")
        self.lists.focus()
        self.lists.highlight(self.view)

    def action_close(self) -> None:
        """Esc and q take the marks away and leave the search or the lists first."""
        if self.clear_marks():
            return
        if self.words:
            self.open_view(self.view)
        elif self.focused is self.lists:
            self.remove_class("-choosing")
            self.music.focus()
        else:
            self.shell.leave()

    @on(GapReached, "#music")
    def _edge(self, event: GapReached) -> None:
        if event.place == BOTTOM and self.view == "history" and not self.words:
            self.work_on(self.store.load_older_history(), "older")

    # -- searching

    def action_compose(self) -> None:
        self.remove_class("-choosing")
        self.query_one(SearchField).focus()

    async def action_find(self) -> None:
        self.action_compose()

    def action_leave_text(self) -> None:
        self.music.focus()

    @on(Input.Submitted)
    @on(SearchField.Left)
    def _to_results(self) -> None:
        if self.words != self.store.sought and self.words:
            self._rested()
        self.music.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if not isinstance(event.input, SearchField):
            return
        if self._rest is not None:
            self._rest.stop()
        if self.words:
            self._rest = self.set_timer(PAUSE, self._rested)
        else:
            self._show_view()
            self.show_anew()
            self.refresh_content()

    def _rested(self) -> None:
        self._show_view()
        self._lines = {}
        self.refresh_content()


def _home_lines(shelves: list[HomeShelf]) -> list[Line]:
    lines: list[Line] = []
    for shelf in shelves:
        lines.append(Line(f"h:{shelf.id}", Heading(shelf.title, first=not lines)))
        lines += track_lines(shelf.id, shelf.tracks, Source(tuple(shelf.tracks)))
        lines += plain_lines(shelf.id, [*shelf.albums, *shelf.artists, *shelf.playlists])
    return lines


def _history_lines(plays: list[Play]) -> list[Line]:
    source = Source(tuple({play.track.id: play.track for play in plays}.values()))
    return [Line(play.id, play.track, source, note=ago_compact(play.played_at, time.time())) for play in plays]


def _found_lines(found: SearchResults, sought: str) -> list[Line]:
    groups: list[tuple[str, list[Line]]] = [
        ("Artists", list(plain_lines("f", found.artists[:5]))),
        ("Tracks", list(track_lines("f", found.tracks, Source(tuple(found.tracks), "search")))),
        ("Albums", list(plain_lines("f", found.albums))),
        ("Playlists", list(plain_lines("f", found.playlists))),
    ]
    lines: list[Line] = []
    for title, group in groups:
        if group:
            aside = plural(len(group), "result")
            lines += [Line(f"h:{title}", Heading(title, aside, first=not lines)), *group]
    return lines or [Line("empty", Note(f"Nothing was found for “{sought}”. Fewer or other words may help."))]
