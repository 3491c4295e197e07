"""The words of what is playing: the line that is sung stands out, and the list goes along with it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.events import Click
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import NotFound, PlatformError
from api_client.models.music import Lyrics
from tui.actions import Action
from tui.places import Place
from tui.player.track import PlayerSnapshot
from tui.screens.base import ParlourScreen
from tui.state.music import MusicChange, MusicPart
from widgets.list_messages import Chosen, Highlighted
from widgets.lyrics_line import LyricsLine, LyricsRenderer, When
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

FOLLOW_AGAIN = 6.0
"""Seconds after which the list goes along with the song again, once the reader has moved away."""


class LyricsList(VirtualList[LyricsLine], inherit_bindings=False):
    """A click chooses at once."""

    def on_click(self, event: Click) -> None:
        # The list itself sees the click next, and puts the cursor under the pointer.
        if event.chain == 1:
            self.call_next(self.choose)


class LyricsScreen(ParlourScreen):
    """Enter, or a click, on a line of timed words goes to that place in the song."""

    SECTION = "music"
    TITLES: ClassVar[dict[str, str]] = {"list.open_item": "sing from here", "list.toggle": "play/pause"}
    DEFAULT_CSS = """
    LyricsScreen #song { height: 2; padding: 0 2; }
    LyricsScreen LyricsList { padding: 0 2; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.music
        self._track_id: str | None = None
        self._title = ("", "")
        self._words: Lyrics | None = None
        self._times: list[int] = []
        self._current = -1
        self._away: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="song", markup=False)
        yield LyricsList(LyricsRenderer(), empty="Nothing is playing. 4 leads to the music.", id="words")

    # -- life

    def start(self) -> None:
        self.keep(self.store.subscribe(self._changed))
        self.keep(self.shell.player.subscribe(self._follow))
        self._list.focus()
        self._follow(self.shell.player.snapshot)

    def refresh_content(self) -> None:
        if self._track_id is not None:
            self.work_on(self._load(self._track_id), "lyrics")

    async def _load(self, track_id: str) -> None:
        try:
            await self.store.load_lyrics(track_id)
        except NotFound:
            self._say("There are no words for this track.")
        except PlatformError as error:
            if self._words is None:
                self.say_failed(self._list, error)
            if self._words is None or not error.worth_retrying:
                raise
        finally:
            self.say_stale(self.store.stale_since(MusicPart.LYRICS, track_id))

    def came_back(self) -> None:
        """The connection is back: the words are fetched again."""
        self.refresh_content()

    # -- what is shown

    @property
    def _list(self) -> VirtualList[LyricsLine]:
        return self.query_one("#words", VirtualList)

    def _changed(self, change: MusicChange) -> None:
        if change.part is MusicPart.LYRICS and change.id == self._track_id:
            self._show_words()

    def _follow(self, snapshot: PlayerSnapshot) -> None:
        """Take over what plays, and where it is."""
        track = snapshot.track
        if track is not None and track.id != self._track_id:
            self._track_id, self._title = track.id, (track.title, track.artist)
            self._words = None
            self._say("")
            self._list.set_items([], keep_anchor=False)
            if self.store.lyrics(track.id) is not None:
                self._show_words()
            else:
                self._list.show_loading()
            self.refresh_content()
        if self._times:
            self._sing(bisect_right(self._times, snapshot.position_s * 1000) - 1)

    def _say(self, note: str) -> None:
        title, artist = self._title
        self.query_one("#song", Static).update(
            Content.assemble(
                (title, "bold $primary"), (f" · {artist}" if artist else "", "$muted"), "\n", (note, "$faint")
            )
        )

    def _show_words(self) -> None:
        words = self.store.lyrics(self._track_id or "")
        if words is None:
            return
        self._words, self._current = words, -1
        timed = words.synced and all(line.time_ms is not None for line in words.lines)
        self._times = [line.time_ms or 0 for line in words.lines] if timed else []
        if not words.lines:
            self._list.set_items([LyricsLine("none", "There are no words for this track.", "untimed")])
            return
        self._say("" if timed else "These words have no times: scroll along.")
        when: When = "to come" if timed else "untimed"
        self._list.set_items(
            [LyricsLine(str(at), line.text, when) for at, line in enumerate(words.lines)],
            keep_anchor=False,
        )
        if timed:
            position = self.shell.player.snapshot.position_s
            self._sing(bisect_right(self._times, position * 1000) - 1)

    def _sing(self, at: int) -> None:
        """Let the line `at` stand out (-1: none yet), and bring it to the middle unless the reader looks elsewhere."""
        if at == self._current or self._words is None:
            return
        before, self._current = self._current, at
        for place in range(max(min(before, at), 0), max(before, at) + 1):
            line = self._words.lines[place]
            when: When = "now" if place == at else ("past" if place < at else "to come")
            self._list.update(LyricsLine(str(place), line.text, when))
        if self._away is None:
            self._go_along()

    def _go_along(self) -> None:
        """Put the cursor on the line that is sung, in the middle of the screen."""
        self._away = None
        if self._current < 0 or not self._times:
            return
        key = str(self._current)
        self._list.highlight(key)
        shown = self._list.visible_keys
        if key in shown:
            self._list.scroll_lines(shown.index(key) - len(shown) // 2)

    # -- what the user does

    def fits(self, action: Action) -> bool:
        return bool(self._times) if action.id == "list.open_item" else super().fits(action)

    @on(Highlighted, "#words")
    def _moved(self, event: Highlighted) -> None:
        """The reader looks elsewhere: the list stays there for a while."""
        if not self._times or event.item is None or event.item.key == str(max(self._current, 0)):
            return
        if self._away is not None:
            self._away.stop()
        self._away = self.set_timer(FOLLOW_AGAIN, self._go_along)

    @on(Chosen, "#words")
    def _chosen(self, event: Chosen) -> None:
        if self._times and event.item is not None:
            if self._away is not None:
                self._away.stop()
                self._away = None
            self.shell.player.seek_to(self._times[int(event.item.key)] / 1000)

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Play or pause. (The name of the argument is Textual's.)"""
        self.shell.player.toggle()

    def action_leave_item(self) -> None:
        self.shell.leave()
