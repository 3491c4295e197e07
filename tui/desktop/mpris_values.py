"""What MPRIS says of the player, as plain values of the bus: pure functions of a snapshot.

The words and their types: https://specifications.freedesktop.org/mpris-spec/latest/ (version 2.2). Times are in
microseconds, the loudness is 0.0 to 1.0, a track is named by an object path that belongs to one entry of the queue.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import quote

from dbus_fast import Variant

from api_client.text import clean_line
from tui.player.entry import Repeat
from tui.player.track import PlayableTrack, PlayerSnapshot

NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
SCHEME = "parlour"
US = 1_000_000
"""Microseconds in a second."""
MOST_US = 2**63 - 1

_ENTRY = "/app/parlour/entry/"
_ENTRY_PATH = re.compile(re.escape(_ENTRY) + r"([0-9]{1,18})\Z")

LOOPS = {Repeat.OFF: "None", Repeat.ONE: "Track", Repeat.ALL: "Playlist"}
REPEATS = {loop: repeat for repeat, loop in LOOPS.items()}


def text(words: str) -> str:
    """Return words as a bus takes them, on one clean line: a queue that was read from a file is not trusted."""
    return clean_line(words).encode("utf-8", "replace").decode()


def track_path(entry_id: int | None) -> str:
    """Return the object path of an entry of the queue; that of no track for None."""
    return NO_TRACK if entry_id is None else f"{_ENTRY}{entry_id}"


def entry_of(path: str) -> int | None:
    """Return the entry that `track_path` gave this path for; None for any other path."""
    found = _ENTRY_PATH.match(path)
    return int(found[1]) if found else None


def microseconds(seconds: float) -> int:
    """Return a time as the bus carries it: whole, not negative, within 64 bits."""
    return min(MOST_US, round(seconds * US)) if math.isfinite(seconds) and seconds > 0 else 0


def playback_status(snapshot: PlayerSnapshot) -> str:
    """Return `Playing`, `Paused`, or `Stopped`: nothing is loaded, and the track would begin at its beginning."""
    if snapshot.track is None:
        return "Stopped"
    if snapshot.playing:
        return "Playing"
    begun = snapshot.started_in_ms is not None or snapshot.position_s > 0
    return "Paused" if begun else "Stopped"


def volume(snapshot: PlayerSnapshot) -> float:
    """Return the loudness that is heard, 0.0 to 1.0."""
    return 0.0 if snapshot.muted else snapshot.volume / 100


def percent(loudness: float) -> int | None:
    """Return a loudness of the bus as 0 to 100, clamped; None for what is no number."""
    return None if math.isnan(loudness) else round(min(1.0, max(0.0, loudness)) * 100)


def metadata(
    track: PlayableTrack | None, entry_id: int | None, duration_s: float, art: str | None
) -> dict[str, Variant]:
    """Return what is said of a track, nothing where there is none; `art` is the address of its cover as a file."""
    if track is None:
        return {}
    said = {
        "mpris:trackid": Variant("o", track_path(entry_id)),
        "xesam:title": Variant("s", text(track.title)),
        "xesam:url": Variant("s", f"{SCHEME}:track/{quote(track.id, safe='', errors='replace')}"),
    }
    artists = list(track.artists) or ([track.artist] if track.artist else [])
    if artists:
        said["xesam:artist"] = Variant("as", [text(artist) for artist in artists])
    if track.album:
        said["xesam:album"] = Variant("s", text(track.album))
    if (length := microseconds(duration_s)) > 0:
        said["mpris:length"] = Variant("x", length)
    if art:
        said["mpris:artUrl"] = Variant("s", art)
    return said


@dataclass(frozen=True, slots=True)
class Shown:
    """The properties that change, as they were last told; two are compared to find what is new."""

    playback_status: str
    loop_status: str
    shuffle: bool
    volume: float
    can_go_next: bool
    can_go_previous: bool
    can_play: bool
    can_pause: bool
    can_seek: bool
    track: PlayableTrack | None
    entry_id: int | None
    duration_s: float
    art: str | None

    @classmethod
    def of(cls, snapshot: PlayerSnapshot, *, can_go_next: bool, art: str | None) -> Shown:
        """Return what is to be told of the state `snapshot`."""
        has_track = snapshot.track is not None
        return cls(
            playback_status=playback_status(snapshot),
            loop_status=LOOPS[snapshot.repeat],
            shuffle=snapshot.shuffle,
            volume=volume(snapshot),
            can_go_next=can_go_next,
            can_go_previous=has_track,
            can_play=has_track or snapshot.upcoming > 0,
            can_pause=has_track,
            can_seek=has_track and snapshot.duration_s > 0,
            track=snapshot.track,
            entry_id=snapshot.entry_id,
            duration_s=snapshot.duration_s,
            art=art,
        )

    def metadata(self) -> dict[str, Variant]:
        """Return what is said of the track."""
        return metadata(self.track, self.entry_id, self.duration_s, self.art)

    def properties(self) -> dict[str, object]:
        """Return all of them by their names on the bus."""
        return {
            "PlaybackStatus": self.playback_status,
            "LoopStatus": self.loop_status,
            "Shuffle": self.shuffle,
            "Volume": self.volume,
            "CanGoNext": self.can_go_next,
            "CanGoPrevious": self.can_go_previous,
            "CanPlay": self.can_play,
            "CanPause": self.can_pause,
            "CanSeek": self.can_seek,
            "Metadata": self.metadata(),
        }

    def changes(self, before: Shown | None) -> dict[str, object]:
        """Return what is different from `before`, by the names on the bus; everything where nothing was told."""
        now = self.properties()
        if before is None:
            return now
        then = before.properties()
        return {name: value for name, value in now.items() if value != then[name]}
