"""What can be done with what is playing, by key and by mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.events import MouseScrollDown, MouseScrollUp

from tui.actions import Action, Context
from tui.places import AlbumPlace, ArtistPlace, Place
from tui.player.track import PlayableTrack
from tui.screens.base import ParlourScreen
from widgets.lyrics_strip import LyricsStrip
from widgets.next_up import NextUp
from widgets.track_heading import Part, TrackHeading
from widgets.waveform import Waveform

if TYPE_CHECKING:
    from tui.shell import Shell

STEP_S = 5.0
"""Seconds by which an arrow key moves in the track."""
VOLUME_STEP = 5


class NowPlayingVerbs(ParlourScreen):
    """Space plays and pauses, arrows seek and change the volume, t and u lead to the album and the artist."""

    SECTION = "music"
    CONTEXTS: ClassVar[tuple[Context, ...]] = (Context.PLAYING, *ParlourScreen.CONTEXTS)
    TITLES: ClassVar[dict[str, str]] = {
        "list.toggle": "play/pause",
        "list.open_item": "play/pause",
        "list.cursor_up": "louder",
        "list.cursor_down": "quieter",
        "list.next_block": "next track",
        "list.previous_block": "previous track",
        "item.thread": "album",
        "item.user": "artist",
        "item.positive": "love",
        "item.media": "cover",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"list.toggle": 9, "item.user": 4}

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = shell.session.music
        self.visuals = shell.session.visuals
        self._track: PlayableTrack | None = None
        self._times: list[int] = []
        """When the lines of its words begin, in ms; none for words without times."""

    def fits(self, action: Action) -> bool:
        if action.id in ("list.find", "list.open_item"):
            return False  # there is no list here, and Space stands in the footer
        if action.context is Context.GLOBAL:
            return super().fits(action)
        return self._track is not None

    @on(Waveform.Sought)
    def _seek(self, event: Waveform.Sought) -> None:
        self.shell.player.seek_to(event.seconds)

    @on(LyricsStrip.LineChosen)
    def _line_chosen(self, event: LyricsStrip.LineChosen) -> None:
        if event.number < len(self._times) and self._track is not None:
            nudge = self.visuals.nudge_ms(self._track.id)
            self.shell.player.seek_to(max(self._times[event.number] + nudge, 0) / 1000)

    @on(NextUp.Chosen)
    def _next_chosen(self, event: NextUp.Chosen) -> None:
        if any(entry.entry_id == event.key for entry in self.shell.player.queue.upcoming):
            self.shell.player.jump(event.key)

    @on(TrackHeading.Chosen)
    def _heading_chosen(self, event: TrackHeading.Chosen) -> None:
        self.work_on(self._open(event.part), "open")

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.shell.player.change_volume(VOLUME_STEP)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.shell.player.change_volume(-VOLUME_STEP)

    async def action_thread(self) -> None:
        await self._open(Part.ALBUM)

    async def action_user(self) -> None:
        await self._open(Part.ARTIST)

    async def _open(self, part: Part) -> None:
        """Open the album or the artist of what plays."""
        if self._track is None:
            return
        if part is Part.ALBUM and self._track.album_id:
            self.shell.open_place(AlbumPlace(self._track.album_id))
            return
        track = await self.store.track(self._track.id)
        if part is Part.ALBUM and track.album is not None:
            self.shell.open_place(AlbumPlace(track.album.id))
        elif part is Part.ARTIST and track.artist is not None:
            self.shell.open_place(ArtistPlace(track.artist.id))

    async def action_positive(self) -> None:
        """Put what plays into the library, or take it out."""
        if self._track is None:
            return
        track = self._track
        if self.store.is_saved("tracks", track.id):
            await self.store.remove("tracks", track.id, track.title)
            self.shell.say(f"{track.title} is in your library no more.")
        else:
            await self.store.save("tracks", track.id, track.title)
            self.shell.say(f"{track.title} is in your library.")

    async def action_toggle(self, attribute_name: str = "") -> None:
        """Play or pause. (The name of the argument is Textual's.)"""
        self.shell.player.toggle()

    def action_open_item(self) -> None:
        self.shell.player.toggle()

    def action_step_on(self) -> None:
        self.shell.player.seek_by(STEP_S)

    def action_step_back(self) -> None:
        self.shell.player.seek_by(-STEP_S)

    def action_cursor_up(self) -> None:
        self.shell.player.change_volume(VOLUME_STEP)

    def action_cursor_down(self) -> None:
        self.shell.player.change_volume(-VOLUME_STEP)

    def action_next_block(self) -> None:
        self.shell.player.next()

    def action_previous_block(self) -> None:
        self.shell.player.previous()
