"""The words of what is playing: the line that is sung stands out, and the list goes along with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import NotFound, PlatformError
from api_client.models.music import Lyrics
from tui.actions import Action
from tui.places import Place
from tui.player.clock import LoopClock
from tui.player.song_clock import LyricCue, SongClock
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.base import ParlourScreen
from tui.state.music import MusicChange, MusicPart
from widgets.list_messages import Chosen, Highlighted
from widgets.lyrics_line import LyricsLine, LyricsRenderer, When
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

FOLLOW_AGAIN = 6.0
"""Seconds after which the list goes along with the song again, once the reader has moved away."""
NUDGE_MS = 100
"""By how much one press moves the words."""
STEP_SECONDS = 0.03
"""Between two steps of one line on the way to the middle."""
LONGEST_GLIDE = 8
"""Lines; what is further away is gone to at once."""


class LyricsList(VirtualList[LyricsLine], inherit_bindings=False):
    """A click chooses at once; the wheel tells that the reader looks elsewhere."""

    class Turned(Message):
        """The reader has turned the wheel."""

    def on_click(self, event: Click) -> None:
        # The list itself sees the click next, and puts the cursor under the pointer.
        if event.chain == 1:
            self.call_next(self.choose)

    def _wheel(self, lines: int) -> bool:
        self.post_message(self.Turned())
        return super()._wheel(lines)

    @property
    def middle(self) -> int:
        """The row in the middle of the screen."""
        return max((self.scrollable_content_region.height - 1) // 2, 0)


class LyricsScreen(ParlourScreen):
    """Enter, or a click, on a line of timed words goes to that place in the song."""

    SECTION = "music"
    TITLES: ClassVar[dict[str, str]] = {
        "list.open_item": "sing from here",
        "list.toggle": "play/pause",
        "item.follow": "follow the song",
        "item.copy_text": "copy line",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.follow": 10}
    DEFAULT_CSS = """
    LyricsScreen #song { height: 2; padding: 0 2; }
    LyricsScreen LyricsList { padding: 0 2; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.music
        self.visuals = shell.session.visuals
        self._track_id: str | None = None
        self._title = ("", "")
        self._words: Lyrics | None = None
        self._times: list[int] = []
        self._current = -1
        self._led_to = ""
        """Where the song has led the cursor last."""
        self._away: Timer | None = None
        self._glide: Timer | None = None
        clock = LoopClock()
        self._song = SongClock(clock)
        self._cue = LyricCue(clock, self._song, self._sing)

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="song", markup=False)
        yield LyricsList(LyricsRenderer(), empty="Nothing is playing. 4 leads to the music.", id="words")

    # -- life

    def start(self) -> None:
        self.keep(self.store.subscribe(self._changed))
        self.keep(self.shell.player.subscribe(self._follow))
        self.keep(self._cue.close)
        self._list.focus()
        self._follow(self.shell.player.snapshot)

    def on_screen_suspend(self) -> None:
        self._cue.close()

    def on_screen_resume(self) -> None:
        if self.has_frame:
            self._follow(self.shell.player.snapshot)

    def refresh_content(self) -> None:
        if self._track_id is not None:
            self.work_on(self._load(self._track_id), "lyrics")

    async def _load(self, track_id: str) -> None:
        try:
            await self.store.load_lyrics(track_id)
        except NotFound:
            self._say_none()
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
    def _list(self) -> LyricsList:
        return self.query_one("#words", LyricsList)

    def _changed(self, change: MusicChange) -> None:
        if change.part is MusicPart.LYRICS and change.id == self._track_id:
            self._show_words()

    def _follow(self, snapshot: PlayerSnapshot) -> None:
        """Take over what plays, and where it is."""
        track = snapshot.track
        self._song.follow(snapshot)
        if (track.id if track is not None else None) != self._track_id:
            self._other_track(track)
        if self._times and self.is_current:
            self._cue.follow()

    def _other_track(self, track: PlayableTrack | None) -> None:
        """Begin with the words of `track`; None where nothing plays any more."""
        self._track_id = track.id if track is not None else None
        self._title = (track.title, track.artist) if track is not None else ("", "")
        self._words, self._times = None, []
        self._cue.set_times(())
        self._stay()
        self._say("")
        self._list.set_items([], keep_anchor=False)
        if track is None:
            self.update_footer()
            return
        if self.store.lyrics(track.id) is not None:
            self._show_words()
        else:
            self._list.show_loading()
        self.refresh_content()

    def _say_none(self) -> None:
        self._list.set_items([LyricsLine("none", "There are no words for this track.", "untimed")], keep_anchor=False)
        self._say("")

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
            self._say_none()
            return
        self._say("" if timed else "These words have no times: scroll along.")
        when: When = "to come" if timed else "untimed"
        self._list.set_items(
            [LyricsLine(str(at), line.text, when) for at, line in enumerate(words.lines)],
            keep_anchor=False,
        )
        self._retime()

    def _retime(self) -> None:
        """Follow the times of the words, as the reader has moved them."""
        if not self._times:
            return
        nudge = self.visuals.nudge_ms(self._track_id or "")
        self._cue.set_times([(time + nudge) / 1000 for time in self._times])
        self._cue.follow()
        self._say(f"The words come {abs(nudge) / 1000:g} s {'later' if nudge > 0 else 'earlier'}." if nudge else "")

    def _sing(self, at: int) -> None:
        """Let the line `at` stand out (-1: none yet), and bring it to the middle unless the reader looks elsewhere."""
        if not self.has_frame or at == self._current or self._words is None or at >= len(self._words.lines):
            return
        before, self._current = self._current, at
        for place in range(max(min(before, at), 0), max(before, at) + 1):
            line = self._words.lines[place]
            when: When = "now" if place == at else ("past" if place < at else "to come")
            self._list.update(LyricsLine(str(place), line.text, when))
        if self._away is None:
            self._go_along()

    def _go_along(self) -> None:
        """Put the cursor on the line that is sung, and glide until it is in the middle of the screen."""
        self._stay()
        if self._current < 0 or not self._times:
            return
        self._led_to = str(self._current)
        self._list.highlight(self._led_to)
        self._step()

    def _step(self) -> None:
        """Go a line nearer to the middle, or all the way where that is far."""
        self._glide = None
        found = self._list
        place = found.position
        if self._away is not None or place is None or place[0] != str(self._current):
            return
        way = place[1] - found.middle
        if not way:
            return
        if abs(way) > LONGEST_GLIDE or not self.shell.config.view.motion:
            found.scroll_lines(way)
        elif found.scroll_lines(1 if way > 0 else -1):
            self._glide = self.set_timer(STEP_SECONDS, self._step)

    def _stay(self) -> None:
        """Nothing is on its way any more."""
        for timer in (self._away, self._glide):
            if timer is not None:
                timer.stop()
        self._away = self._glide = None

    # -- what the user does

    def fits(self, action: Action) -> bool:
        if action.id in ("list.open_item", "item.nudge_earlier", "item.nudge_later"):
            return bool(self._times)
        if action.id == "item.follow":
            return self._away is not None
        return super().fits(action)

    @on(Highlighted, "#words")
    def _moved(self, event: Highlighted) -> None:
        """The reader looks elsewhere: the list stays there for a while."""
        if event.item is not None and event.item.key not in (self._led_to, str(max(self._current, 0))):
            self._look_elsewhere()

    @on(LyricsList.Turned)
    def _look_elsewhere(self) -> None:
        if self._times:
            self._stay()
            self._away = self.set_timer(FOLLOW_AGAIN, self.action_follow)
            self.update_footer()

    def action_follow(self) -> None:
        """Go along with the song again."""
        self._stay()
        self._go_along()
        self.update_footer()

    @on(Chosen, "#words")
    def _chosen(self, event: Chosen) -> None:
        if self._times and event.item is not None:
            self._stay()
            nudge = self.visuals.nudge_ms(self._track_id or "")
            self.shell.player.seek_to(max(self._times[int(event.item.key)] + nudge, 0) / 1000)

    def action_nudge_earlier(self) -> None:
        self._nudge(-NUDGE_MS)

    def action_nudge_later(self) -> None:
        self._nudge(NUDGE_MS)

    def _nudge(self, by_ms: int) -> None:
        if self._track_id is not None and self._times:
            self.visuals.nudge(self._track_id, by_ms)
            self._retime()

    def action_copy_text(self) -> None:
        """Copy the line at the cursor."""
        line = self._list.highlighted
        if line is not None and line.text.strip():
            self.shell.copy(line.text.strip(), "The line")

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Play or pause. (The name of the argument is Textual's.)"""
        self.shell.player.toggle()

    def action_leave_item(self) -> None:
        self.shell.leave()
