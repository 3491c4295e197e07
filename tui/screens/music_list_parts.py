"""A screen with one list of tracks and other things of music: shown, kept true, opened and played."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on
from textual.timer import Timer
from textual.widget import Widget

from api_client.errors import PlatformError
from api_client.models.music import Album, Artist, Playlist, Track
from api_client.sync.cache import Position
from tui.places import AlbumPlace, ArtistPlace, DownloadsPlace, Place, PlaylistPlace
from tui.player.track import PlayerSnapshot
from tui.screens.marking import Marking
from tui.screens.music_parts import (
    Fact,
    Gathered,
    Heading,
    Line,
    Queued,
    Source,
    Thing,
    draw,
    playable,
    trouble_of_track,
)
from tui.shell import Shell
from tui.state.download_shelf import DownloadChange
from tui.state.music import MusicChange, MusicPart
from widgets.list_messages import Chosen, Highlighted
from widgets.shelf_row import MusicRenderer, MusicRow, ShelfKind, ShelfRow
from widgets.virtual_list import VirtualList

WARM_AFTER = 0.15
"""Seconds for which a track is highlighted before its beginning is fetched."""
_BEFORE, _AFTER = 8, 24
"""So many tracks around it are then asked for their addresses, all at once."""


class MusicList(Marking):
    """A screen with a list of music in it, `#music`.

    A subclass has `lines` (what is shown, from the store), `load` (fetches it) and `concerns` (which changes of the
    store change the lines).
    """

    SECTION = "music"
    TITLES: ClassVar[dict[str, str]] = {
        "list.open_item": "play/open",
        "list.toggle": "play/pause",
        "item.positive": "love",
        "item.save": "save",
        "item.thread": "album",
        "item.user": "artist",
        "item.follow": "follow artist",
        "item.media": "cover",
        "item.create": "new",
    }

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.music
        self._lines: dict[str, Line] = {}
        self._now: tuple[str, bool] = ("", False)
        self._warming: Timer | None = None

    # -- what a subclass says

    def lines(self) -> list[Line] | None:
        """Return what is to be shown, None while it is not there."""
        raise NotImplementedError

    async def load(self) -> None:
        """Fetch what is shown. Raises PlatformError."""

    def concerns(self, change: MusicChange) -> bool:
        """Whether `change` may change the lines."""
        return False

    def stale_since(self) -> datetime | None:
        """Return from when what is shown is, if it could not be fetched again."""
        return None

    def reading_place(self) -> str:
        """Return what is read here, for the position in it to be kept; empty where it is not."""
        return ""

    # -- life

    def music_list(self) -> Widget:
        """Return the list, to be composed."""
        return VirtualList(MusicRenderer(), marks=True, id="music")

    @property
    def music(self) -> VirtualList[MusicRow]:
        """The list."""
        return self.query_one("#music", VirtualList)

    def start(self) -> None:
        self.keep(self.store.subscribe(self._changed))
        self.keep(self.shell.session.downloads.subscribe(self._downloads_changed))
        self.keep(self.shell.player.subscribe(self.follow_player))
        self.music.focus()
        self.show()
        self.follow_player(self.shell.player.snapshot)
        self.refresh_content()

    def refresh_content(self) -> None:
        self.work_on(self._load(), "music")

    async def _load(self) -> None:
        if self.lines() is None:
            self.music.show_loading()
        try:
            await self.load()
        except PlatformError as error:
            if self.lines() is None:
                self.say_failed(self.music, error)
            elif not error.worth_retrying or self.stale_since() is None:
                raise
        finally:
            if self.is_mounted:
                self.say_stale(self.stale_since())

    def came_back(self) -> None:
        """The connection is back: what is shown is fetched again."""
        self.refresh_content()

    # -- what is shown

    def show(self) -> None:
        """Draw the lines as they are now."""
        lines = self.lines()
        if lines is None:
            return
        fresh = not self._lines
        self._lines = {line.key: line for line in lines}
        player = self.shell.player.snapshot
        self.music.set_items(self.row_of(line, player) for line in lines)
        if fresh and (first := next((line for line in lines if not isinstance(line.thing, Heading)), None)):
            self.music.highlight(first.key)
            self._reveal_top()
            if (kept := self.store.position(self.reading_place())) is not None and kept.item_key != first.key:
                self.music.show_position(kept.item_key, kept.offset)

    def row_of(self, line: Line, player: PlayerSnapshot) -> MusicRow:
        """Return how a line is drawn."""
        return draw(line, self.store, player)

    def _keep_position(self) -> None:
        place, here = self.reading_place(), self.music.position
        if place and here is not None:
            self.store.keep_position(place, Position(*here))

    def show_anew(self) -> None:
        """Draw other lines than before, from their start."""
        self._lines = {}
        self.music.set_items([], keep_anchor=False)
        if self.lines() is None:
            self.music.show_loading()
        else:
            self.show()

    def _reveal_top(self) -> None:
        """Show the heading above the first item as well."""
        self.music.scroll_lines(-2)

    def _changed(self, change: MusicChange) -> None:
        if change.part is MusicPart.MARK:
            self._redraw(change.id or "")
        elif self.concerns(change):
            self.show()

    def _downloads_changed(self, change: DownloadChange) -> None:
        """What can be played without the platform may be other rows now; single tracks are told of by the store."""
        if change.track_ids is None:
            self.show()

    def follow_player(self, snapshot: PlayerSnapshot) -> None:
        """Take over what plays: its row carries the mark."""
        now = (snapshot.track.id if snapshot.track else "", snapshot.playing)
        if now != self._now:
            before, self._now = self._now, now
            self._redraw(before[0], now[0])

    def _redraw(self, *ids: str) -> None:
        """Draw the rows anew that stand for one of the records `ids`."""
        player = self.shell.player.snapshot
        for line in self._lines.values():
            thing = line.thing
            if (thing.track.id if isinstance(thing, Queued) else getattr(thing, "id", None)) in ids:
                self.music.update(self.row_of(line, player))

    @property
    def line(self) -> Line | None:
        """The line that is highlighted."""
        key = self.music.highlighted_key
        return self._lines.get(key) if key is not None else None

    @property
    def chosen_lines(self) -> list[Line]:
        """What a verb acts on: the marked lines, else the one that is highlighted."""
        return [line for key in self.chosen_keys if (line := self._lines.get(key)) is not None]

    @property
    def thing(self) -> Thing | None:
        """What is highlighted."""
        return self.line.thing if self.line is not None else None

    @on(Highlighted, "#music")
    def _highlighted(self) -> None:
        self._keep_position()
        if self._warming is not None:
            self._warming.stop()
        line = self.line
        if line is not None and (line.itself or isinstance(line.thing, Track)):
            self._warming = self.set_timer(WARM_AFTER, partial(self._warm, line))

    def _warm(self, line: Line) -> None:
        """Get ready to play what is highlighted, and to learn sooner where its neighbours are."""
        thing, source = line.thing, line.source
        tracks = source.tracks if source is not None else ()
        if isinstance(thing, Track) and not tracks:
            tracks = (thing,)
        of_list = thing.id if isinstance(thing, Track) else None
        place = next((number for number, track in enumerate(tracks) if of_list in (None, track.id)), 0)
        near = [playable(track) for track in tracks[max(0, place - _BEFORE) : place + _AFTER] if track.is_playable]
        chosen = next((track for track in near if of_list in (None, track.id)), None)
        if chosen is not None:
            self.shell.player.warm(chosen)
            self.shell.local_player.expect(near)

    # -- opening and playing

    @on(Chosen, "#music")
    def _chosen(self) -> None:
        line = self.line
        if line is None:
            return
        match line.thing:
            case Track():
                self.play_from(line)
            case Queued(entry_id=entry_id):
                self.jump_to(entry_id)
            case Heading():
                self.music.toggle_fold(line.key)
            case Album() | Artist() | Playlist() | Gathered() if line.itself and line.source is not None:
                self.play_all(line.source)
            case Album(id=found):
                self.shell.open_place(AlbumPlace(found))
            case Artist(id=found):
                self.shell.open_place(ArtistPlace(found))
            case Gathered(kind=kind, id=found):
                self.shell.open_place(DownloadsPlace(f"{kind.value}/{found}"))
            case Playlist(id=found):
                self.shell.open_place(PlaylistPlace(found))
            case Fact(opens=place) if place is not None:
                self.shell.open_place(place)
            case _:
                self.open_other(line)

    def open_other(self, line: Line) -> None:
        """Open what is nothing of the catalogue; for screens that have such lines."""

    def jump_to(self, entry_id: int) -> None:
        """Play a place of the queue."""
        self.shell.player.jump(entry_id)

    def play_from(self, line: Line) -> None:
        """Play the list in which a track stands, from it on."""
        track = line.thing
        if not isinstance(track, Track):
            return
        if not track.is_playable:
            self.shell.say(f"{track.title} cannot be played: {trouble_of_track(track, line.trouble)}.", "warning")
            return
        source = line.source or Source((track,))
        place = [known.id for known in source.tracks if known.is_playable].index(track.id)
        self.shell.player.play(source.playable(), place)

    def play_all(self, source: Source) -> None:
        """Play a list from its start."""
        tracks = source.playable()
        if tracks:
            self.shell.player.play(tracks)
        else:
            self.shell.say("None of these tracks can be played.", "warning")

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Play or pause; with an empty queue, play what is highlighted. (The name of the argument is Textual's.)"""
        player = self.shell.player
        if player.queue.current is None and self.line is not None and isinstance(self.thing, Track):
            self.play_from(self.line)
        else:
            player.toggle()

    def action_next_block(self) -> None:
        self._to_heading(1)

    def action_previous_block(self) -> None:
        self._to_heading(-1)

    def _to_heading(self, step: int) -> None:
        """Go to the next heading in a direction, in the list that has the focus."""
        found = self.focused_list or self.music
        keys = found.keys
        here = found.highlighted_key
        at = keys.index(here) if here in keys else 0
        following: Iterable[str] = keys[at + 1 :] if step > 0 else reversed(keys[:at])
        for key in following:
            row = found.item(key)
            if isinstance(row, ShelfRow) and row.kind is ShelfKind.HEADING:
                found.highlight(key)
                return
