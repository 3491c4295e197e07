"""What is playing, with everything that belongs to it: cover, words, waveform, spectrum, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import PlatformError
from tui.line_watch import LineWatch
from tui.places import Place
from tui.player.clock import LoopClock
from tui.player.song_clock import LyricCue, SongClock
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.now_playing_parts import MARGIN, Room, after_words, buffered_in, room_in, upcoming_in, words_of
from tui.screens.now_playing_verbs import NowPlayingVerbs
from tui.state.music import MusicChange, MusicPart
from widgets.cover import Cover
from widgets.lyrics_strip import LyricsStrip
from widgets.motion import FRAMES_PER_SECOND, Motion
from widgets.next_up import NextUp
from widgets.now_playing_bar import NowPlaying
from widgets.spectrum import SpectrumView, Visual
from widgets.track_heading import TrackHeading
from widgets.waveform import Waveform

if TYPE_CHECKING:
    from tui.shell import Shell

VISUAL_NAMES = {
    Visual.BARS: "Bars.",
    Visual.MIRRORED: "Bars with their reflection.",
    Visual.WAVE: "A wave.",
    Visual.OFF: "Nothing moves. V brings the bars back.",
}


class NowPlayingScreen(NowPlayingVerbs):
    """Space plays and pauses, arrows seek and change the volume, t and u lead to the album and the artist."""

    DEFAULT_CSS = """
    NowPlayingScreen #playing { height: 1fr; width: 1fr; padding: 1 2 0 2; }
    NowPlayingScreen #sleeve { width: 1fr; }
    NowPlayingScreen #notes { width: 1fr; }
    NowPlayingScreen Cover { margin-right: 2; }
    NowPlayingScreen #nothing {
        height: 1fr; width: 1fr; content-align: center middle; text-align: center; color: $muted; display: none;
    }
    NowPlayingScreen.-empty #playing { display: none; }
    NowPlayingScreen.-empty #nothing { display: block; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._room = room_in(80, 22, cover=False, visual=False)
        clock = LoopClock()
        self._song = SongClock(clock)
        self._cue = LyricCue(clock, self._song, self._sing)
        self._motion = Motion(self._move, self._frame_seconds)

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="playing"):
            with Horizontal(id="sleeve"):
                yield Cover()
                with Vertical(id="notes"):
                    yield TrackHeading()
                    yield LyricsStrip()
                    yield NextUp()
            yield Waveform()
            yield SpectrumView()
        yield Static(id="nothing", markup=False)

    # -- life

    def start(self) -> None:
        spectrum = self.query_one(SpectrumView)
        spectrum.visual = _visual(self.visuals.visual) if self._may_move else Visual.OFF
        self.query_one("#nothing", Static).update(self._nothing())
        self.keep(self.shell.player.subscribe(self._follow))
        self.keep(self.store.subscribe(self._music_changed))
        self.keep(self.visuals.subscribe(self._visuals_changed))
        self.keep(self._hold_still)
        self._follow(self.shell.player.snapshot)

    def on_screen_suspend(self) -> None:
        self._hold_still()

    def on_screen_resume(self) -> None:
        if self.has_frame:
            self._follow(self.shell.player.snapshot)

    def refresh_content(self) -> None:
        if self._track is not None:
            self._load(self._track)

    def came_back(self) -> None:
        """The connection is back: what is still missing is fetched."""
        self.refresh_content()

    def show_now(self, now: NowPlaying) -> None:
        """The bar is left out: this screen says all of it."""

    def _load(self, track: PlayableTrack) -> None:
        self.work_on(self._fetch_words(track.id), "words")
        self.work_on(self._fetch_looks(track.id), "looks")

    async def _fetch_words(self, track_id: str) -> None:
        try:
            await self.store.load_lyrics(track_id)
        except PlatformError:
            # They are a trimming here; their own screen says why there are none.
            return

    async def _fetch_looks(self, track_id: str) -> None:
        try:
            await self.visuals.load_peaks(track_id)
            if self.query_one(SpectrumView).visual is not Visual.OFF:
                await self.visuals.load_spectrum(track_id)
        except PlatformError:
            # Without them a plain line is shown, and nothing moves.
            return

    # -- what is shown

    def _nothing(self) -> Content:
        return Content.assemble(
            ("Nothing is playing.\n\n", "bold $foreground"),
            f"{self.key_of('global.go_music')} leads to the music, ",
            f"{self.key_of('global.search_everywhere')} finds something,\n",
            f"{self.key_of('global.go_queue')} shows what was queued.",
        )

    def _follow(self, snapshot: PlayerSnapshot) -> None:
        """Take over what plays, and where it is."""
        if not self.has_frame:
            return
        track = snapshot.track
        self.set_class(track is None, "-empty")
        changed = (track and track.id) != (self._track and self._track.id)
        self._track = track
        self._song.follow(snapshot)
        if changed:
            self._other_track(track)
        self.query_one(TrackHeading).show(words_of(snapshot))
        self._show_upcoming()
        note = snapshot.stream.note or ("fetching…" if snapshot.buffering else "")
        wave, buffered = self.query_one(Waveform), buffered_in(snapshot)
        wave.show_place(snapshot.position_s, snapshot.duration_s, buffered, note)
        self._cue.follow()
        self._go_on()

    def _show_upcoming(self) -> None:
        queue = self.shell.player.queue
        self.query_one(NextUp).show(upcoming_in(queue, max(self._room.upcoming, 1)), after_words(queue))

    def _other_track(self, track: PlayableTrack | None) -> None:
        self._lay_out()
        self.query_one(Waveform).show_peaks(self.visuals.peaks(track.id) if track else None)
        self._show_words()
        if track is not None:
            self._load(track)
        self.update_footer()

    def _music_changed(self, change: MusicChange) -> None:
        if change.part is MusicPart.LYRICS and self._track is not None and change.id == self._track.id:
            self._show_words()

    def _visuals_changed(self, track_id: str) -> None:
        if self.has_frame and self._track is not None and track_id == self._track.id:
            self.query_one(Waveform).show_peaks(self.visuals.peaks(track_id))
            self._go_on()

    def _show_words(self) -> None:
        """Show the words of the track; where it has none their room is given to what comes next."""
        if not self.has_frame:
            return
        words = self.store.lyrics(self._track.id) if self._track is not None else None
        lines = words.lines if words is not None else []
        timed = words is not None and words.synced and all(line.time_ms is not None for line in lines)
        self._times = [line.time_ms or 0 for line in lines] if timed else []
        strip = self.query_one(LyricsStrip)
        had = strip.has_words
        strip.show([line.text for line in lines])
        if strip.has_words != had:
            self._lay_out()
            self._show_upcoming()
        self._retime()

    def _retime(self) -> None:
        nudge = self.visuals.nudge_ms(self._track.id) if self._track is not None else 0
        self._cue.set_times([(time + nudge) / 1000 for time in self._times])
        self._cue.follow()

    def _sing(self, line: int) -> None:
        if self.has_frame:
            self.query_one(LyricsStrip).sing(line)

    # -- room

    def on_resize(self, event: Resize) -> None:
        if self.has_frame:
            self._lay_out()

    def _lay_out(self) -> None:
        """Give every part its room."""
        body = self.query_one("#body").size
        width = (body.width or self.size.width) - 2 * MARGIN
        height = (body.height or self.size.height - 2) - 1
        spectrum, cover = self.query_one(SpectrumView), self.query_one(Cover)
        has_cover = self._track is not None and bool(self._track.cover_url) and self.shell.draws_pictures
        moves, words = spectrum.visual is not Visual.OFF, self.query_one(LyricsStrip).has_words
        room = self._room = room_in(width, height, cover=has_cover, visual=moves, words=words)
        self._place(cover, room.cover)
        cover.styles.width = 2 * room.cover
        self._place(self.query_one(TrackHeading), room.heading)
        self._place(self.query_one(LyricsStrip), room.lyrics)
        self._place(self.query_one(NextUp), room.upcoming)
        self.query_one(NextUp).styles.margin = (room.gap, 0, 0, 0)
        self._place(self.query_one(Waveform), room.wave)
        self._place(spectrum, room.visual)
        sleeve = self.query_one("#sleeve")
        sleeve.styles.height = height - room.wave - room.visual
        self._show_cover(room)

    def _place(self, part: Widget, rows: int) -> None:
        part.display = rows > 0
        part.styles.height = rows

    def _show_cover(self, room: Room) -> None:
        track = self._track
        if track is None or not room.cover:
            return
        size = 2 * room.cover, room.cover
        picture = self.shell.pictures.peek(track.cover_url, *size)
        self.query_one(Cover).show(picture, track.album or "cover")
        if picture is None:
            self.shell.pictures.want(track.cover_url, *size, self._cover_arrived)

    def _cover_arrived(self) -> None:
        if self.has_frame and self._track is not None and self._room.cover:
            size = 2 * self._room.cover, self._room.cover
            picture = self.shell.pictures.peek(self._track.cover_url, *size)
            if picture is not None:
                self.query_one(Cover).show(picture, self._track.album or "cover")

    # -- what moves

    @property
    def _may_move(self) -> bool:
        return self.shell.config.view.motion

    @property
    def is_moving(self) -> bool:
        """Whether a frame of the visual is to come."""
        return self._motion.alive

    def _frame_seconds(self) -> float:
        app = self.app
        return app.frame_seconds if isinstance(app, LineWatch) else 1 / FRAMES_PER_SECOND

    def _go_on(self) -> None:
        """Move if there is something to see: the sound plays, its spectrum is known, and this screen is in front."""
        visual = self.query_one(SpectrumView).visual
        known = self._track is not None and self.visuals.spectrum(self._track.id) is not None
        if visual is not Visual.OFF and self._song.moves and known and self.is_current and not self._motion.alive:
            self._smooth(True)
            self._motion.start()

    def _hold_still(self) -> None:
        self._cue.close()
        self._motion.stop()
        self._smooth(False)

    def _smooth(self, on: bool) -> None:
        if isinstance(self.app, LineWatch):
            self.app.move_smoothly(on)

    def _move(self, seconds: float) -> None:
        """Draw the frame of this moment; once the sound is over the bars fall, and then nothing moves any more."""
        if not self.has_frame or not self.is_current:
            self._motion.stop()
            return
        spectrum = self.query_one(SpectrumView)
        sound = self.visuals.spectrum(self._track.id) if self._track is not None and self._song.moves else None
        spectrum.advance(sound.at(self._song.position_s) if sound is not None else b"", seconds)
        if sound is None and spectrum.rests:
            self._motion.stop()
            self._smooth(False)

    def action_next_visual(self, name: str = "") -> None:
        """Show the sound in another way, and keep that; `name` is one of them."""
        spectrum = self.query_one(SpectrumView)
        if not self._may_move:
            self.shell.say("The settings say that nothing moves: motion, in [view].")
            return
        if name and name not in set(Visual):
            self.shell.say(f"There is no visual called {name}: {', '.join(Visual)}.", "warning")
            return
        visual = Visual(name) if name else spectrum.visual.following()
        self.visuals.choose_visual(visual)
        spectrum.show(visual)
        if visual is Visual.OFF:
            self._motion.stop()
            self._smooth(False)
        elif self._track is not None:
            self.work_on(self._fetch_looks(self._track.id), "looks")
        self._lay_out()
        self._go_on()
        self.shell.say(VISUAL_NAMES[visual])


def _visual(name: str) -> Visual:
    """Return the visual with a name; the first one for a name of another version."""
    return Visual(name) if name in set(Visual) else Visual.BARS
