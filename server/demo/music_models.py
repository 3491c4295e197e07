"""The records of the demo world for music: catalogue, lyrics, playlists, library and listening history."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Artist:
    """An invented artist; `image_key` is what `pictures.render_cover` takes."""

    id: str
    name: str
    bio: str
    genres: tuple[str, ...]
    is_verified: bool
    monthly_listeners: int
    image_key: str


@dataclass(frozen=True, slots=True)
class Album:
    """`album_type` is album, single or ep."""

    id: str
    artist_id: str
    title: str
    album_type: str
    release_date: date
    total_tracks: int
    label: str
    copyrights: tuple[str, ...]
    cover_key: str


@dataclass(frozen=True, slots=True)
class Track:
    """A song; `key` is what `music.render.render_track` takes.

    `energy` and its like lie in 0..1, `tempo` counts beats a minute.
    """

    id: str
    key: str
    title: str
    album_id: str
    artist_ids: tuple[str, ...]
    """The first one is the primary artist."""
    disc_number: int
    track_number: int
    duration_ms: int
    explicit: bool
    isrc: str
    stream_count: int
    musical_key: str
    tempo: float
    energy: float
    danceability: float
    acousticness: float
    valence: float


@dataclass(frozen=True, slots=True)
class LyricLine:
    """A line that begins `time_ms` after the start of the track."""

    time_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Lyrics:
    """Synced lyrics of a track, in order of time."""

    track_id: str
    language: str
    lines: tuple[LyricLine, ...]


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A track in a playlist; `position` starts at 1."""

    track_id: str
    position: int
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist; an empty collaborator list on a collaborative one means that anyone may edit."""

    id: str
    owner_id: str
    name: str
    description: str
    is_public: bool
    is_collaborative: bool
    collaborator_ids: tuple[str, ...]
    follower_ids: tuple[str, ...]
    cover_key: str
    entries: tuple[PlaylistEntry, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LibrarySave:
    """`item_type` is track, album or playlist."""

    user_id: str
    item_type: str
    item_id: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ArtistFollow:
    """A user follows an artist."""

    user_id: str
    artist_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Listen:
    """One play; `context_type` is album, playlist, artist or None."""

    id: str
    user_id: str
    track_id: str
    played_at: datetime
    ms_played: int
    completed: bool
    skipped: bool
    context_type: str | None
    context_id: str | None
