"""The catalogue, the library, playlists, playback."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from api_client.models.base import BaseVersion, ClientId, Items, Line, Moment, OpenEnum, Several, WireModel
from api_client.models.playlist_rules import Rules

LibraryType = Literal["tracks", "albums", "playlists"]


class ArtistRef(WireModel):
    """An artist as named inside another record."""

    id: str
    name: Line
    is_primary: bool = True


class AlbumRef(WireModel):
    """An album as named inside a track."""

    id: str
    title: Line
    cover_url: str | None = None


class AudioFeatures(WireModel):
    """What a track sounds like: tempo in beats a minute, the rest from 0 to 1."""

    tempo: float | None = None
    energy: float | None = None
    danceability: float | None = None
    acousticness: float | None = None
    valence: float | None = None


class Restriction(OpenEnum):
    """Why a track cannot be played."""

    REGION = "region"
    NOT_OUT = "not_out"
    NO_AUDIO = "no_audio"
    UNKNOWN = "unknown"


class Track(WireModel):
    """A song; `duration_ms` in milliseconds. `available_from` is the day it comes out, where it is not out yet."""

    id: str
    title: Line
    duration_ms: int
    explicit: bool = False
    track_number: int = 1
    disc_number: int = 1
    album: AlbumRef | None = None
    artist: ArtistRef | None = None
    artists: Items[ArtistRef] = []
    preview_url: str | None = None
    stream_count: int = 0
    isrc: Line | None = None
    audio_features: AudioFeatures | None = None
    is_playable: bool = True
    restriction: Restriction | None = None
    available_from: Line | None = None
    is_saved: bool = False

    @property
    def artist_names(self) -> str:
        """All artists in one line, the main one first."""
        names = [artist.name for artist in self.artists] or ([self.artist.name] if self.artist else [])
        return ", ".join(names) or "unknown artist"


class AlbumType(OpenEnum):
    """What kind of release an album is."""

    ALBUM = "album"
    SINGLE = "single"
    EP = "ep"
    COMPILATION = "compilation"
    UNKNOWN = "unknown"


class Album(WireModel):
    """A release; `tracks` is empty where the album is only listed."""

    id: str
    artist: ArtistRef
    title: Line
    album_type: AlbumType = AlbumType.ALBUM
    release_date: Line | None = None
    total_tracks: int = 0
    cover_url: str | None = None
    label: Line | None = None
    copyrights: Several[str] = []
    tracks: Items[Track] = []
    is_saved: bool = False


class Artist(WireModel):
    """Who makes the music."""

    id: str
    name: Line
    verified: bool = False
    monthly_listeners: int = 0
    genres: Several[str] = []
    image_url: str | None = None
    is_followed: bool = False


class LyricLine(WireModel):
    """One line; `time_ms` is where it begins, None in lyrics without timing."""

    time_ms: int | None = None
    text: str = ""


class Lyrics(WireModel):
    """The words of a track."""

    synced: bool = False
    lines: Items[LyricLine] = []


class PlaylistTrack(Track):
    """A track as an entry of a playlist; `position` counts from 1."""

    position: int = 1
    added_at: Moment | None = None
    added_by: str | None = None
    added_by_name: Line | None = None
    """The username."""
    comes_from: Several[str] = []
    """In a blend, the ids of those who listen to it."""


class BlendPerson(WireModel):
    """One of those whose music a blend is made of."""

    id: str
    name: Line


class Blend(WireModel):
    """What a playlist made of two people's music says of them; `match` is how much they share, in percent."""

    people: Items[BlendPerson] = []
    match: int | None = None
    """None where the playlist is only listed."""
    made_for: Moment
    """The moment up to which their listening counts: the beginning of the day, or the making of the blend."""


class Playlist(WireModel):
    """A list of tracks; `tracks` is empty where the playlist is only listed."""

    id: str
    owner_id: str
    owner_name: Line
    name: Line
    description: str | None = None
    is_public: bool = True
    is_collaborative: bool = False
    cover_url: str | None = None
    follower_count: int = 0
    track_count: int = 0
    folder_id: str | None = None
    rules: dict[str, JsonValue] | None = None
    """Of a smart playlist, as `playlist_rules.read_rules` reads them: a newer platform may know more of them."""
    blend: Blend | None = None
    can_edit: bool = False
    is_saved: bool = False
    version: int = 1
    created_at: Moment
    tracks: Items[PlaylistTrack] = []

    @property
    def is_made(self) -> bool:
        """Whether nobody chooses its tracks by hand: rules do, or what two people listen to."""
        return self.rules is not None or self.blend is not None


class Library(WireModel):
    """What the user has saved, of the one type that was asked for."""

    tracks: Items[Track] = []
    albums: Items[Album] = []
    playlists: Items[Playlist] = []


class HomeShelf(WireModel):
    """One row of the music home; exactly one of the lists is filled."""

    id: str
    title: Line
    tracks: Items[Track] = []
    albums: Items[Album] = []
    artists: Items[Artist] = []
    playlists: Items[Playlist] = []


class Home(WireModel):
    """The music home."""

    shelves: Items[HomeShelf] = []


class StreamTicket(WireModel):
    """A signed address for one track at one quality (kbit/s); `expires_at` in ms since the epoch."""

    url: str
    quality: int
    expires_at: int
    mime_type: str | None = None
    size_bytes: int | None = None


class TicketAhead(StreamTicket):
    """The address of one of several tracks that were asked for at once."""

    track_id: str


class StreamTickets(WireModel):
    """Addresses of those tracks that can be played at once; the others have to be asked for one by one."""

    tickets: list[TicketAhead]


class PlaybackEventType(OpenEnum):
    """What happened to a track that plays."""

    START = "start"
    PROGRESS = "progress"
    COMPLETE = "complete"
    SKIP = "skip"
    SEEK = "seek"
    UNKNOWN = "unknown"


class Play(WireModel):
    """One entry of the listening history."""

    id: str
    track: Track
    played_at: Moment
    listened_ms: int = 0
    completed: bool = False
    skipped: bool = False
    context_type: Line | None = None
    context_id: str | None = None


class PlaybackReceipt(WireModel):
    """What became of a playback event; `deduplicated` is true where it was known already."""

    success: bool = True
    deduplicated: bool = False


class Saved(WireModel):
    """Whether something is in the library, or somebody followed, after the call."""

    saved: bool


class Followed(WireModel):
    """Whether an artist is followed after the call."""

    followed: bool


class TrackAdded(WireModel):
    """The entry of a playlist after an add; `added` is false where it stood there already."""

    success: bool = True
    added: bool = True
    track: PlaylistTrack


class PlaybackEvent(WireModel):
    """Something happened to a track: `position` in ms of the track, `timestamp` in ms since the epoch.

    `play_id` says which listening it belongs to, made up by the client at its start; `listened_ms` how much of it was
    listened to so far. Without them the platform goes by times and positions.
    """

    track_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    event_type: Literal["start", "progress", "complete", "skip", "seek"]
    position: Annotated[int, Field(ge=0, le=86_400_000)]
    timestamp: Annotated[int, Field(ge=0, le=253_402_300_799_000)]
    play_id: ClientId | None = None
    listened_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    context_type: Annotated[str, StringConstraints(max_length=32)] | None = None
    context_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    private: bool = False
    """Whether it happened in a private session: it counts, and nobody else is told of it."""


class NewPlaylist(WireModel):
    """A playlist to make."""

    id: ClientId | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    description: Annotated[str, StringConstraints(max_length=300)] | None = None
    is_public: bool = True
    is_collaborative: bool = False
    rules: Rules | None = None
    """Those of a smart playlist."""


class PlaylistChange(WireModel):
    """Fields of a playlist to change; what is absent stays."""

    base_version: BaseVersion | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)] | None = None
    description: Annotated[str, StringConstraints(max_length=300)] | None = None
    is_public: bool | None = None
    is_collaborative: bool | None = None
    cover_upload_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    """A picture that was uploaded and completed; null brings back the cover of the first track."""


class PlaylistAdd(WireModel):
    """A track to add at the end, or so that it stands at `position`, counted from 1 and at the end at most."""

    track_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    position: Annotated[int, Field(ge=1, le=100_000)] | None = None


class PlaylistMove(WireModel):
    """Move the track at `from_position` so that it stands at `to_position`; both count from 1."""

    track_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    from_position: Annotated[int, Field(ge=1, le=100_000)]
    to_position: Annotated[int, Field(ge=1, le=100_000)]


class NewCollaborator(WireModel):
    """Somebody who may edit a collaborative playlist."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=30)]
