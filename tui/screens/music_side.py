"""The lists to choose from beside the music: views, recommended lists, and the user's playlists in their folders."""

from __future__ import annotations

from collections.abc import Iterable

from api_client.models.music import Playlist
from api_client.models.playlists import PlaylistFolder
from tui.actions import Action
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Line
from tui.state.playlist_folders import Branch
from widgets.shelf_row import MusicRow, ShelfKind, ShelfRow
from widgets.virtual_list import VirtualList

OPEN, CLOSED = "▾", "▸"
MAKES_ONE = "none"
"""The key of the row that stands where there is no playlist yet."""


class SideList(MusicPage):
    """While the lists have the focus, the verbs of playlists are about what is highlighted in them."""

    _beside: dict[str, Line]
    """What can be done something with in the lists, by the keys of its rows."""

    @property
    def lists(self) -> VirtualList[MusicRow]:
        """The lists to choose from."""
        return self.query_one("#lists", VirtualList)

    @property
    def _in_lists(self) -> bool:
        return self.has_frame and self.focused is self.lists

    def playlist_rows(self) -> Iterable[ShelfRow]:
        """Yield the rows of the user's playlists as a tree; what lies in a closed folder is left out."""
        self._beside = {}
        shelf = self.store.playlists
        mine = shelf.mine
        hidden_below: int | None = None
        for branch in shelf.folders.tree(mine or []):
            if hidden_below is not None and branch.depth > hidden_below:
                continue
            hidden_below = None
            thing = branch.folder or branch.playlist
            if thing is None:
                continue
            closed = branch.folder is not None and branch.folder.id in shelf.views.folded
            if closed:
                hidden_below = branch.depth
            row = _row(branch, thing, closed=closed)
            self._beside[row.key] = Line(row.key, thing)
            yield row
        if mine is not None and not mine:
            yield ShelfRow(MAKES_ONE, ShelfKind.NOTE, f"{self.key_of('item.create')} makes one")

    @property
    def line(self) -> Line | None:
        if self._in_lists:
            return self._beside.get(self.lists.highlighted_key or "")
        return super().line

    @property
    def chosen_lines(self) -> list[Line]:
        if self._in_lists:
            return [self.line] if self.line is not None else []
        return super().chosen_lines

    @property
    def _is_on_things(self) -> bool:
        return self._in_lists or super()._is_on_things

    @property
    def _folds(self) -> bool:
        """Whether a heading or a folder is highlighted."""
        row = self.lists.highlighted if self._in_lists else None
        is_heading = isinstance(row, ShelfRow) and row.kind is ShelfKind.HEADING
        return is_heading or (self._in_lists and isinstance(self.thing, PlaylistFolder))

    def title_of(self, action: Action) -> str:
        if self._in_lists and action.id == "list.open_item":
            return "fold" if self._folds else "open"
        if action.id == "list.toggle" and self._folds:
            return "fold"
        return super().title_of(action)

    @property
    def folder_here(self) -> str | None:
        thing = self.thing if self._in_lists else None
        if isinstance(thing, PlaylistFolder):
            return thing.id
        return self.store.playlists.folders.folder_of(thing) if isinstance(thing, Playlist) else None

    def toggle_fold(self, key: str) -> bool:
        """Open or close the folder, or what stands under the heading, of a row; return whether it is one of both."""
        row = self.lists.item(key)
        if isinstance(row, ShelfRow) and row.kind is ShelfKind.HEADING:
            self.lists.toggle_fold(key)
            return True
        line = self._beside.get(key)
        if line is None or not isinstance(line.thing, PlaylistFolder):
            return False
        views = self.store.playlists.views
        views.fold(line.thing.id, line.thing.id not in views.folded)
        self.show_lists()
        return True

    def show_lists(self) -> None:
        """Draw the lists to choose from as they are now."""
        raise NotImplementedError

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Open or close what folds; elsewhere, play or pause. (The name of the argument is Textual's.)"""
        if not (self._in_lists and self.toggle_fold(self.lists.highlighted_key or "")):
            await super().action_toggle(attribute_name)


def _row(branch: Branch, thing: PlaylistFolder | Playlist, *, closed: bool) -> ShelfRow:
    indent = "  " * branch.depth
    if isinstance(thing, PlaylistFolder):
        title = f"{indent}{CLOSED if closed else OPEN} {thing.name}"
        return ShelfRow(f"f:{thing.id}", ShelfKind.VIEW, title, aside=str(branch.count) if closed else "")
    smart = "smart " if thing.rules is not None else ""
    aside = "blend" if thing.blend is not None else f"{smart}{thing.track_count}"
    return ShelfRow(f"p:{thing.id}", ShelfKind.VIEW, f"{indent}{thing.name}", aside=aside)
