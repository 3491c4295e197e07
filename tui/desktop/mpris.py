"""The player as MPRIS describes one: its three interfaces on the session bus.

Annotations are read by dbus-fast when the methods are made; as the strings of a postponed evaluation, it takes `None`
for a type of the bus. They stay evaluated here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.annotations import (
    DBusBool,
    DBusDict,
    DBusDouble,
    DBusInt64,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from tui.desktop.jumps import Jumps
from tui.desktop.mpris_values import (
    REPEATS,
    SCHEME,
    US,
    Shown,
    entry_of,
    metadata,
    microseconds,
    percent,
    track_path,
)
from tui.desktop.queue_window import can_go_next, window
from tui.player.face import PlayerFace
from tui.player.track import PlayerSnapshot

OBJECT_PATH = "/org/mpris/MediaPlayer2"
NAME = "org.mpris.MediaPlayer2.parlour"

TELL_AFTER = 0.05
"""Seconds in which changes are gathered into one signal: a held key is a few of them, not thirty a second."""

Paths = Annotated[list[str], DBusSignature("ao")]
Described = Annotated[list[dict[str, Variant]], DBusSignature("aa{sv}")]
Strings = Annotated[list[str], DBusSignature("as")]

READ = PropertyAccess.READ

OpenAddress = Callable[[str], Awaitable[str | None]]
"""Plays what an address names; returns None, or the sentence that says why not."""


def refused(sentence: str) -> DBusError:
    """Return the error that a caller gets for what cannot be done."""
    return DBusError("org.freedesktop.DBus.Error.InvalidArgs", sentence)


class RootInterface(ServiceInterface):
    """`org.mpris.MediaPlayer2`: the program as a whole."""

    def __init__(self, quit_program: Callable[[], object]) -> None:
        super().__init__("org.mpris.MediaPlayer2")
        self._quit = quit_program

    @dbus_method(name="Raise")
    def raise_window(self) -> None:
        """Do nothing: the window belongs to the terminal, which `CanRaise` says."""

    @dbus_method(name="Quit")
    def quit(self) -> None:
        """Leave the program."""
        self._quit()

    @dbus_property(READ, name="CanQuit")
    def can_quit(self) -> DBusBool:
        return True

    @dbus_property(READ, name="CanRaise")
    def can_raise(self) -> DBusBool:
        return False

    @dbus_property(READ, name="HasTrackList")
    def has_track_list(self) -> DBusBool:
        return True

    @dbus_property(READ, name="Identity")
    def identity(self) -> DBusStr:
        return "Parlour"

    @dbus_property(READ, name="DesktopEntry")
    def desktop_entry(self) -> DBusStr:
        return "parlour"

    @dbus_property(READ, name="SupportedUriSchemes")
    def schemes(self) -> Strings:
        return [SCHEME]

    @dbus_property(READ, name="SupportedMimeTypes")
    def mime_types(self) -> Strings:
        # Files are none of its business: it plays what is on the platform.
        return []


class PlayerInterface(ServiceInterface):
    """`org.mpris.MediaPlayer2.Player`: what plays, and the keys of a keyboard for it."""

    def __init__(self, player: PlayerFace, open_address: OpenAddress, art_of: Callable[[str], str | None]) -> None:
        """`art_of` returns the cover behind an address as a file, if it is there."""
        super().__init__("org.mpris.MediaPlayer2.Player")
        self._player = player
        self._open = open_address
        self._art_of = art_of
        self._jumps = Jumps()
        self._told: Shown | None = None
        self._timer: asyncio.TimerHandle | None = None

    # What is told

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Tell the bus of the state of the player, gathered, and of a jump at once."""
        if self._jumps.jumped(snapshot, asyncio.get_running_loop().time()):
            self._tell()
            self.seeked(microseconds(snapshot.position_s))
        elif self._timer is None and self._shown(snapshot) != self._told:
            self._timer = asyncio.get_running_loop().call_later(TELL_AFTER, self._tell)

    def close(self) -> None:
        """Tell nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self) -> None:
        self.close()
        shown = self._shown(self._player.snapshot)
        changes = shown.changes(self._told)
        self._told = shown
        if changes:
            self.emit_properties_changed(changes)

    def _shown(self, snapshot: PlayerSnapshot) -> Shown:
        art = self._art_of(snapshot.track.cover_url) if snapshot.track else None
        return Shown.of(snapshot, can_go_next=can_go_next(self._player.queue), art=art)

    @property
    def _now(self) -> Shown:
        return self._shown(self._player.snapshot)

    @dbus_signal(name="Seeked")
    def seeked(self, position: int) -> DBusInt64:
        """The position, in microseconds, is not where time alone would have brought it."""
        return position

    # What can be ordered

    @dbus_method(name="Next")
    def next(self) -> None:
        self._player.next()

    @dbus_method(name="Previous")
    def previous(self) -> None:
        self._player.previous()

    @dbus_method(name="Pause")
    def pause(self) -> None:
        self._player.pause()

    @dbus_method(name="PlayPause")
    def play_pause(self) -> None:
        if self._player.snapshot.playing:
            self._player.pause()
        else:
            self._player.resume()

    @dbus_method(name="Stop")
    def stop(self) -> None:
        self._player.stop()

    @dbus_method(name="Play")
    def play(self) -> None:
        if not self._player.snapshot.playing:
            self._player.resume()

    @dbus_method(name="Seek")
    def seek(self, offset: DBusInt64) -> None:
        """Move by `offset` microseconds; beyond the end is the next track, before the beginning the beginning."""
        snapshot = self._player.snapshot
        if snapshot.track is None:
            return
        target = snapshot.position_s + offset / US
        if snapshot.duration_s and target > snapshot.duration_s:
            self._player.next()
        else:
            self._player.seek_to(max(0.0, target))

    @dbus_method(name="SetPosition")
    def set_position(self, track: DBusObjectPath, position: DBusInt64) -> None:
        """Go to `position`, unless the track is another one by now or has no such place."""
        snapshot = self._player.snapshot
        stale = snapshot.track is None or entry_of(track) != snapshot.entry_id
        if not stale and 0 <= position <= microseconds(snapshot.duration_s or position / US):
            self._player.seek_to(position / US)

    @dbus_method(name="OpenUri")
    async def open_uri(self, address: DBusStr) -> None:
        """Play what a `parlour:` address names; any other is refused."""
        if (reason := await self._open(address)) is not None:
            raise refused(reason)

    # What can be read

    @dbus_property(READ, name="PlaybackStatus")
    def playback_status(self) -> DBusStr:
        return self._now.playback_status

    @dbus_property(name="LoopStatus")
    def loop_status(self) -> DBusStr:
        return self._now.loop_status

    @loop_status.setter
    def set_loop_status(self, loop: DBusStr) -> None:
        if (repeat := REPEATS.get(loop)) is None:
            raise refused("a loop status is None, Track or Playlist")
        self._player.set_repeat(repeat)

    @dbus_property(name="Rate")
    def rate(self) -> DBusDouble:
        return 1.0

    @rate.setter
    def set_rate(self, rate: DBusDouble) -> None:
        # Music has one speed here; 0 is how a pause may be asked for.
        if rate == 0.0:
            self._player.pause()

    @dbus_property(name="Shuffle")
    def shuffle(self) -> DBusBool:
        return self._player.snapshot.shuffle

    @shuffle.setter
    def set_shuffle(self, on: DBusBool) -> None:
        self._player.set_shuffle(on)

    @dbus_property(READ, name="Metadata")
    def metadata(self) -> DBusDict:
        return self._now.metadata()

    @dbus_property(name="Volume")
    def volume(self) -> DBusDouble:
        return self._now.volume

    @volume.setter
    def set_volume(self, loudness: DBusDouble) -> None:
        if (level := percent(loudness)) is not None:
            self._player.set_volume(level)

    @dbus_property(READ, name="Position")
    def position(self) -> DBusInt64:
        return microseconds(self._player.snapshot.position_s)

    @dbus_property(READ, name="MinimumRate")
    def minimum_rate(self) -> DBusDouble:
        return 1.0

    @dbus_property(READ, name="MaximumRate")
    def maximum_rate(self) -> DBusDouble:
        return 1.0

    @dbus_property(READ, name="CanGoNext")
    def can_go_next(self) -> DBusBool:
        return self._now.can_go_next

    @dbus_property(READ, name="CanGoPrevious")
    def can_go_previous(self) -> DBusBool:
        return self._now.can_go_previous

    @dbus_property(READ, name="CanPlay")
    def can_play(self) -> DBusBool:
        return self._now.can_play

    @dbus_property(READ, name="CanPause")
    def can_pause(self) -> DBusBool:
        return self._now.can_pause

    @dbus_property(READ, name="CanSeek")
    def can_seek(self) -> DBusBool:
        return self._now.can_seek

    @dbus_property(READ, name="CanControl")
    def can_control(self) -> DBusBool:
        return True


class TrackListInterface(ServiceInterface):
    """`org.mpris.MediaPlayer2.TrackList`: the queue around what plays."""

    def __init__(self, player: PlayerFace, art_of: Callable[[str], str | None]) -> None:
        super().__init__("org.mpris.MediaPlayer2.TrackList")
        self._player = player
        self._art_of = art_of
        self._told: tuple[int, ...] = ()

    def follow(self, snapshot: PlayerSnapshot) -> None:
        """Tell the bus where the queue is another one."""
        entries = tuple(entry.entry_id for entry in window(self._player.queue))
        if entries != self._told:
            self._told = entries
            self.track_list_replaced([track_path(entry) for entry in entries], track_path(snapshot.entry_id))
            # The list itself does not travel with the signal: whoever shows it asks for it.
            self.emit_properties_changed({}, ["Tracks"])

    @dbus_signal(name="TrackListReplaced")
    def track_list_replaced(
        self, tracks: Sequence[str], current: str
    ) -> Annotated[tuple[list[str], str], DBusSignature("aoo")]:
        """The queue is another one, or in another order."""
        return list(tracks), current

    @dbus_method(name="GetTracksMetadata")
    def get_tracks_metadata(self, tracks: Paths) -> Described:
        """Return what is known of those of `tracks` that are in the list."""
        entries = {track_path(entry.entry_id): entry for entry in window(self._player.queue)}
        return [
            metadata(entry.item, entry.entry_id, entry.item.duration_ms / 1000, self._art_of(entry.item.cover_url))
            for entry in (entries[path] for path in tracks if path in entries)
        ]

    @dbus_method(name="AddTrack")
    def add_track(self, address: DBusStr, after: DBusObjectPath, make_current: DBusBool) -> None:
        """Do nothing, as `CanEditTracks` says: a track is not known by its address alone."""

    @dbus_method(name="RemoveTrack")
    def remove_track(self, track: DBusObjectPath) -> None:
        """Do nothing, as `CanEditTracks` says."""

    @dbus_method(name="GoTo")
    def go_to(self, track: DBusObjectPath) -> None:
        """Play a track of the list; one that is not in it any more is ignored."""
        entry_id = entry_of(track)
        if entry_id is not None and entry_id in {entry.entry_id for entry in window(self._player.queue)}:
            self._player.jump(entry_id)

    @dbus_property(READ, name="Tracks")
    def tracks(self) -> Paths:
        return [track_path(entry.entry_id) for entry in window(self._player.queue)]

    @dbus_property(READ, name="CanEditTracks")
    def can_edit_tracks(self) -> DBusBool:
        return False
