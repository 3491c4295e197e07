"""A playlist: who made it, its tracks with who added them and when, and everything to look at and change it with."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from api_client.models.music import Playlist, PlaylistTrack
from api_client.models.playlist_rules import read_rules
from tui.actions import Action
from tui.places import Place, PlaylistPlace
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_page_parts import ON_PLAYLISTS
from tui.screens.music_parts import Line, Note, Source, total
from tui.state.music import MusicChange, MusicPart
from tui.state.playlist_views import OWN_ORDER, SORTS, in_order, with_words
from tui.state.rule_words import sentence
from widgets.cover import Cover
from widgets.drag_list import DragList
from widgets.search_field import SearchField
from widgets.shelf_row import MusicRenderer, MusicRow
from widgets.textfmt import ago_compact, plural

if TYPE_CHECKING:
    from tui.shell import Shell

ONLY_THEY = "Only its owner and collaborators can change this playlist."
BY_TWO = "A blend is made of what the two of you play."
ITSELF = "itself"


class PlaylistScreen(MusicDetail):
    """The first row stands for the playlist itself."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicDetail.TITLES,
        "item.rename": "rename",
        "item.edit": "edit",
        "list.find": "filter",
        "list.sort": "order",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.rules": 7}
    DEFAULT_CSS = """
    PlaylistScreen SearchField { display: none; }
    PlaylistScreen.-filtering SearchField { display: block; }
    """

    ON_MARKED: ClassVar[tuple[str, ...]] = (*MusicDetail.ON_MARKED, "delete")

    place: PlaylistPlace

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._words = ""

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            with Vertical(id="side"):
                yield Cover()
                yield Static(id="facts", markup=False)
            with Vertical(id="rows"):
                yield Static(id="summary", markup=False)
                yield SearchField("filter: title, artist, album or who added it")
                yield self.music_list()

    def music_list(self) -> Widget:
        """Return the list: its tracks can be dragged to another place, behind the row that plays all or a track."""
        return DragList[MusicRow](
            MusicRenderer(),
            may_drag=lambda key: self._may_move(key) and not self._why_not_here(),
            may_lie_behind=lambda key: key == ITSELF or self._may_move(key),
            marks=True,
            id="music",
        )

    @property
    def playlist(self) -> Playlist | None:
        """What is shown, once it is there."""
        return self.store.playlists.get(self.place.playlist_id)

    @property
    def sort(self) -> str:
        """In which order it is looked at."""
        return self.store.playlists.views.sort_of(self.place.playlist_id)

    def start(self) -> None:
        realtime, key = self.shell.session.realtime, f"playlists:{self.place.playlist_id}"
        realtime.subscribe(key)
        self.keep(lambda: realtime.unsubscribe(key))
        super().start()

    async def load(self) -> None:
        await self.store.playlists.load(self.place.playlist_id)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.PLAYLIST and change.id == self.place.playlist_id

    def stale_since(self) -> datetime | None:
        return self.store.stale_since(MusicPart.PLAYLIST, self.place.playlist_id)

    def reading_place(self) -> str:
        return "" if self._words else f"playlist:{self.place.playlist_id}"

    # -- what is shown

    def lines(self) -> list[Line] | None:
        playlist = self.playlist
        if playlist is None:
            return None
        tracks = in_order(with_words(playlist.tracks, self._words), self.sort)
        source = Source(tuple(tracks), "playlist", playlist.id)
        lines = [Line(ITSELF, playlist, source, itself=True)]
        says_who = playlist.is_collaborative or len({track.added_by for track in playlist.tracks}) > 1
        for track in tracks:
            note = self._note(playlist, track) if says_who or playlist.blend is not None else ""
            lines.append(Line(track.id, track, source, str(track.position), note=note))
        if not tracks:
            lines.append(Line("empty", Note(self._why_empty(playlist))))
        return lines

    def _note(self, playlist: Playlist, track: PlaylistTrack) -> str:
        """Return who added a track and when; in a blend, who listens to it."""
        if playlist.blend is not None:
            if len(track.comes_from) > 1:
                return "both of you"
            names = {person.id: person.name for person in playlist.blend.people} | {self.store.me.id: "you"}
            return names.get(track.comes_from[0], "") if track.comes_from else ""
        when = ago_compact(track.added_at, time.time()) if track.added_at is not None else ""
        return ", ".join(part for part in (self.store.playlists.adder_of(playlist, track), when) if part)

    def _why_empty(self, playlist: Playlist) -> str:
        if self._words:
            return f"Nothing here has “{self._words}”. Esc shows everything."
        if playlist.rules is not None:
            return f"No track fits the rules now. {self.key_of('item.rules')} changes them."
        if playlist.blend is not None:
            return "Neither of you has played or saved anything yet."
        return "No tracks yet. A, on any track, adds it here."

    def facts(self) -> list[str]:
        playlist = self.playlist
        if playlist is None:
            return []
        mine = playlist.owner_id == self.store.me.id
        rules = read_rules(playlist.rules)
        openness = "public" if playlist.is_public else "private"
        match = playlist.blend.match if playlist.blend is not None else None
        kind = "smart playlist" if playlist.rules is not None else "blend" if playlist.blend is not None else ""
        return [
            playlist.name,
            "by you" if mine else f"by {playlist.owner_name}",
            total(playlist.tracks),
            ", ".join(part for part in (openness, kind, "collaborative" * playlist.is_collaborative) if part),
            f"your tastes match by {match} %" if match is not None else "",
            sentence(rules) if rules is not None else "",
            plural(playlist.follower_count, "follower") if playlist.follower_count else "",
            f"shown by {SORTS[self.sort].lower()}" if self.sort != OWN_ORDER else "",
            (playlist.description or "").replace("\n", " "),
        ]

    def title_of(self, action: Action) -> str:
        if action.id == "item.delete":
            return "take out" if self.mark_count or isinstance(self.thing, PlaylistTrack) else "delete the playlist"
        return super().title_of(action)

    def cover_url(self) -> str:
        return (self.playlist.cover_url or "") if self.playlist else ""

    # -- looking at it in another way

    async def action_sort(self, name: str = "") -> None:
        """Choose in which order to look at the playlist; its own stays as it is."""
        chosen = name if name in SORTS else await self.shell.choose("Show", list(SORTS.items()))
        if chosen is not None:
            self.store.playlists.views.sort(self.place.playlist_id, chosen)
            self.show()

    async def action_find(self) -> None:
        """Show only what has the words that are typed."""
        self.add_class("-filtering")
        self.query_one(SearchField).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if isinstance(event.input, SearchField):
            self._words = event.value.strip()
            self.show()

    @on(Input.Submitted)
    @on(SearchField.Left)
    def action_leave_text(self) -> None:
        """Go to what was found."""
        self.music.focus()
        self.set_class(bool(self._words), "-filtering")

    def action_close(self) -> None:
        """Leave a drag, the marks or the filter first."""
        music = self.music
        if isinstance(music, DragList) and music.cancel_drag():
            return
        if not self.clear_marks() and self._words:
            self.query_one(SearchField).value = ""
            self.remove_class("-filtering")
        elif not self._words:
            super().action_close()

    # -- changing it

    @property
    def _fitting(self) -> set[str]:
        return super()._fitting | (ON_PLAYLISTS if self.thing is not None else set())

    @property
    def subject(self) -> Playlist | None:
        """The verbs about playlists are about this one, wherever the cursor stands."""
        return self.playlist

    def _may_move(self, key: str) -> bool:
        line = self._lines.get(key)
        return line is not None and isinstance(line.thing, PlaylistTrack)

    def _why_not(self) -> str:
        """Return why the tracks cannot be changed by hand, empty if they can."""
        playlist = self.playlist
        if playlist is None or playlist.can_edit:
            return ""
        if playlist.rules is not None:
            return f"Its rules choose the tracks; {self.key_of('item.rules')} changes them."
        return BY_TWO if playlist.blend is not None else ONLY_THEY

    def _why_not_here(self) -> str:
        """Return why tracks cannot be moved as they are shown, empty if they can."""
        if self._words or self.sort != OWN_ORDER:
            key = self.key_of("list.sort")
            return f"Tracks are moved in the playlist's own order: {key} shows it, Esc leaves the filter."
        return self._why_not()

    def _editable_track(self, why_not: str) -> PlaylistTrack | None:
        """Return the highlighted track unless there is a reason against it; say that."""
        track = self.thing
        if self.playlist is None or not isinstance(track, PlaylistTrack):
            return None
        if why_not:
            self.shell.say(why_not, "warning")
            return None
        return track

    async def action_move_down(self) -> None:
        await self._move(1)

    async def action_move_up(self) -> None:
        await self._move(-1)

    async def _move(self, by: int) -> None:
        if (track := self._editable_track(self._why_not_here())) is not None:
            await self.store.playlists.move(self.place.playlist_id, track.id, track.position + by)

    @on(DragList.Dropped)
    def _dropped(self, event: DragList.Dropped) -> None:
        track, behind = self._lines.get(event.key), self._lines.get(event.behind)
        if track is None or behind is None or not isinstance(track.thing, PlaylistTrack):
            return
        here = track.thing.position
        above = behind.thing.position if isinstance(behind.thing, PlaylistTrack) else 0
        to = above if above > here else above + 1
        self.work_on(self.store.playlists.move(self.place.playlist_id, event.key, to), "move", exclusive=False)

    async def action_delete(self) -> None:
        """Take the marked tracks out, or the highlighted one; on the first row, delete the playlist."""
        playlist = self.playlist
        if playlist is not None and self.mark_count:
            await self._take_out_marked(playlist)
        elif playlist is not None and isinstance(self.thing, Playlist):
            if await self.delete_playlist(playlist):
                self.shell.leave()
        elif playlist is not None and (track := self._editable_track(self._why_not())) is not None:
            self.shell.say(f"{track.title} is taken out. {self.key_of('global.undo')} puts it back.")
            await self.store.playlists.take_out(playlist.id, track.id)

    async def _take_out_marked(self, playlist: Playlist) -> None:
        if why_not := self._why_not():
            self.shell.say(why_not, "warning")
            return
        tracks = [line.thing for line in self.chosen_lines if isinstance(line.thing, PlaylistTrack)]
        self.clear_marks()
        key = self.key_of("global.undo")
        self.shell.say(f"{plural(len(tracks), 'track')} taken out. {key} puts them back, one after the other.")
        for track in tracks:
            await self.store.playlists.take_out(playlist.id, track.id)
