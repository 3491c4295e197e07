"""What the player knows of a track, and what it shows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from api_client.text import clean_line
from tui.player.engine import EngineStatus
from tui.player.entry import Repeat
from tui.player.streaming import Streaming

if TYPE_CHECKING:
    from api_client.models.music import Track


LONGEST_MS = 7 * 24 * 3600 * 1000
"""A stored length above this, a week, is none."""


@dataclass(frozen=True, slots=True)
class PlayableTrack:
    """A track of the catalogue, as far as a player needs it. All texts are already cleaned."""

    id: str
    title: str
    artist: str = ""
    album: str = ""
    duration_ms: int = 0
    """0 if it is not known."""
    cover_url: str = ""
    context_type: str = ""
    """Where it was played from: "playlist", "album", "artist" or "search"; empty if nowhere."""
    context_id: str = ""
    album_id: str = ""
    artists: tuple[str, ...] = ()
    """Each of them, the main one first; empty where only `artist`, the line of all of them, is known."""

    @classmethod
    def of(cls, track: Track, context_type: str = "", context_id: str = "") -> PlayableTrack:
        """Return what the player needs of a track of the catalogue, and where it is played from."""
        return cls(
            id=track.id,
            title=track.title,
            artist=track.artist_names,
            artists=tuple(artist.name for artist in track.artists),
            album=track.album.title if track.album else "",
            album_id=track.album.id if track.album else "",
            duration_ms=max(track.duration_ms, 0),
            cover_url=(track.album.cover_url or "") if track.album else "",
            context_type=context_type,
            context_id=context_id,
        )

    def pack(self) -> dict[str, Any]:
        """Return this as a plain dict."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def unpack(cls, data: Mapping[str, Any]) -> PlayableTrack:
        """Return what `pack` described. Raises ValueError if it is not one."""
        texts = {
            name: data.get(name, "")
            for name in ("id", "title", "artist", "album", "album_id", "cover_url", "context_type", "context_id")
        }
        duration = data.get("duration_ms", 0)
        if not all(isinstance(text, str) for text in texts.values()) or not texts["id"]:
            raise ValueError("the stored queue is damaged: a track is not one")
        if not isinstance(duration, int) or not 0 <= duration <= LONGEST_MS:
            raise ValueError("the stored queue is damaged: a length is not one")
        artists = data.get("artists", ())
        if not isinstance(artists, list | tuple) or not all(isinstance(name, str) for name in artists):
            raise ValueError("the stored queue is damaged: the artists of a track are none")
        # Whoever can write the file must not write to the terminal.
        shown = {name: clean_line(text) for name, text in texts.items()}
        return cls(duration_ms=duration, artists=tuple(map(clean_line, artists)), **shown)


@dataclass(frozen=True, slots=True)
class PlayerSnapshot:
    """Everything that a player bar shows, at one moment."""

    track: PlayableTrack | None = None
    entry_id: int | None = None
    position_s: float = 0.0
    duration_s: float = 0.0
    """From the file once it plays, else from the catalogue; 0 if neither says."""
    playing: bool = False
    """Whether the listener wants sound; it may still be buffering."""
    buffering: bool = False
    volume: int = 100
    muted: bool = False
    shuffle: bool = False
    repeat: Repeat = Repeat.OFF
    quality: int | None = None
    """Kilobits per second of what is streamed, once known."""
    engine: EngineStatus = field(default_factory=lambda: EngineStatus(None))
    error: str = ""
    """Why the last track could not be played; empty again once another one plays well or the listener acts."""
    queue_length: int = 0
    upcoming: int = 0
    place: str = ""
    """The name of the device that plays; empty for this one."""
    started_in_ms: int | None = None
    """From the order to play to the first sound, for the current track."""
    stops_after: bool = False
    """Whether it stops after the current track."""
    sleep_left_s: float | None = None
    """Seconds until the sleep timer holds the sound; None if it is off."""
    crossfade_s: float = 0.0
    """Seconds that tracks overlap; 0 if they follow one another."""
    stream: Streaming = field(default_factory=Streaming)
    """What the details say about the bytes of the current track."""
