"""From the music store to the rows of its lists: what a line stands for, where it plays from, how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from api_client.models.music import Album, AlbumType, Artist, Playlist, Restriction, Track
from api_client.models.playlists import PlaylistFolder
from tui.places import Place
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.player.vault_records import Kind
from tui.screens.download_signs import collection_sign, out_of_reach, track_sign
from tui.state.music import MusicStore
from widgets.bar_row import BarRow
from widgets.shelf_row import MusicRow, ShelfKind, ShelfRow
from widgets.textfmt import clock, count_compact, plural
from widgets.track_row import TrackRow

NOT_AVAILABLE = "not available"

_TYPES = {AlbumType.SINGLE: "single", AlbumType.EP: "EP", AlbumType.COMPILATION: "compilation"}


def release_kind(album: Album) -> str:
    """Return what kind of release an album is."""
    return _TYPES.get(album.album_type, "album")


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    title: str
    aside: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence in place of items."""

    text: str


@dataclass(frozen=True, slots=True)
class Queued:
    """A place in the play queue."""

    entry_id: int
    track: PlayableTrack
    current: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is said: how much of it there is (see `Bar`), or when; `opens` is where more of it is."""

    title: str
    detail: str = ""
    aside: str = ""
    opens: Place | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """How much there was of something: the length of its bar, from 0 to 1, and the figure."""

    share: float
    figure: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Something that was downloaded, as it stands among the downloads."""

    kind: Kind
    id: str
    title: str
    by: str = ""
    aside: str = ""


Thing = Track | Album | Artist | Playlist | PlaylistFolder | Heading | Note | Queued | Fact | Gathered


@dataclass(frozen=True, slots=True)
class Source:
    """A list of tracks that plays on from the one that is chosen, and what the platform calls it."""

    tracks: tuple[Track, ...]
    context_type: str = ""
    context_id: str = ""

    def playable(self) -> list[PlayableTrack]:
        """Return the tracks for the player, without those that cannot be played."""
        return [playable(track, self) for track in self.tracks if track.is_playable]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list before it is drawn."""

    key: str
    thing: Thing
    source: Source | None = None
    number: str = ""
    note: str = ""
    itself: bool = False
    """Whether this stands for what the whole screen shows: Enter then plays it."""
    trouble: str = NOT_AVAILABLE
    """Why the track cannot be played, if it cannot."""
    bar: Bar | None = None
    """Set where things are compared."""


def playable(track: Track, source: Source | None = None) -> PlayableTrack:
    """Return what the player needs of a track."""
    return PlayableTrack.of(track, source.context_type, source.context_id) if source else PlayableTrack.of(track)


def track_lines(
    prefix: str, tracks: Sequence[Track], source: Source, *, by_disc: bool = False, trouble: str = NOT_AVAILABLE
) -> Iterable[Line]:
    """Yield the lines of `tracks`, numbered as they stand, or as on their discs."""
    for place, track in enumerate(tracks, 1):
        number = track.track_number if by_disc else place
        yield Line(f"{prefix}:{place}:{track.id}", track, source, str(number), trouble=trouble)


def plain_lines(prefix: str, things: Iterable[Album | Artist | Playlist]) -> Iterable[Line]:
    """Yield the lines of what can be opened."""
    for thing in things:
        yield Line(f"{prefix}:{thing.id}", thing)


def draw(line: Line, store: MusicStore, player: PlayerSnapshot) -> MusicRow:
    """Return the row of a line as store and player stand."""
    thing = line.thing
    if line.bar is not None:
        return _bar(line, line.bar, store, player)
    match thing:
        case Track():
            return _track(line, thing, store, player)
        case Queued():
            return _queued(line, thing, store, player)
        case Heading():
            return ShelfRow(line.key, ShelfKind.HEADING, thing.title, aside=thing.aside, first=thing.first)
        case Note():
            return ShelfRow(line.key, ShelfKind.NOTE, thing.text)
        case Fact():
            return ShelfRow(line.key, ShelfKind.VIEW, thing.title, thing.detail, thing.aside)
        case PlaylistFolder():
            return ShelfRow(line.key, ShelfKind.VIEW, thing.name)
        case Artist():
            title, detail, aside = thing.name, ", ".join(thing.genres[:3]), ""
            # A name alone says nothing of listeners, and nobody is proud of none.
            aside = f"{count_compact(thing.monthly_listeners)} listeners" if thing.monthly_listeners else ""
            kind, marked = ShelfKind.ARTIST, store.is_followed(thing.id)
        case Album():
            title, detail = thing.title, thing.artist.name
            aside = " · ".join(
                text for text in (_TYPES.get(thing.album_type, ""), (thing.release_date or "")[:4]) if text
            )
            kind, marked = ShelfKind.ALBUM, store.is_saved("albums", thing.id)
        case Playlist():
            title, detail = thing.name, thing.owner_name if thing.owner_id != store.me.id else "yours"
            aside, kind = "blend" if thing.blend else plural(thing.track_count, "track"), ShelfKind.PLAYLIST
            marked = store.is_saved("playlists", thing.id)
        case Gathered():
            title, detail, aside, marked = thing.title, thing.by, thing.aside, False
            kind = ShelfKind.ALBUM if thing.kind is Kind.ALBUM else ShelfKind.PLAYLIST
    if line.itself:
        title, detail = "Play all", ""
    sign, faint = collection_sign(store.downloads, thing)
    return ShelfRow(line.key, kind, title, detail, aside, marked, itself=line.itself, here=sign, faint=faint)


def _bar(line: Line, bar: Bar, store: MusicStore, player: PlayerSnapshot) -> BarRow:
    track = line.thing if isinstance(line.thing, Track) else None
    here = track is not None and player.track is not None and player.track.id == track.id
    return BarRow(
        key=line.key,
        title=track.title if track is not None else title_of(line.thing),
        detail=track.artist_names if track is not None else "",
        share=bar.share,
        aside=bar.figure,
        number=line.number,
        marked=(isinstance(line.thing, Artist) and store.is_followed(line.thing.id))
        or (track is not None and store.is_saved("tracks", track.id)),
        playing=("playing" if player.playing else "paused") if here else "",
        markable=track is not None,
    )


def _track(line: Line, track: Track, store: MusicStore, player: PlayerSnapshot) -> TrackRow:
    here = player.track is not None and player.track.id == track.id
    return TrackRow(
        key=line.key,
        title=track.title,
        artist=track.artist_names,
        album=track.album.title if track.album else "",
        duration_ms=track.duration_ms,
        number=line.number,
        explicit=track.explicit,
        saved=store.is_saved("tracks", track.id),
        playing=("playing" if player.playing else "paused") if here else "",
        trouble=trouble_of_track(track, line.trouble) or out_of_reach(store.downloads, track.id),
        note=line.note,
        here=track_sign(store.downloads, track.id),
    )


def _queued(line: Line, queued: Queued, store: MusicStore, player: PlayerSnapshot) -> TrackRow:
    track = queued.track
    return TrackRow(
        key=line.key,
        title=track.title,
        artist=track.artist,
        album=track.album,
        duration_ms=track.duration_ms,
        number=line.number,
        saved=store.is_saved("tracks", track.id) or None,
        playing=("playing" if player.playing else "paused") if queued.current else "",
        trouble=out_of_reach(store.downloads, track.id),
        here=track_sign(store.downloads, track.id),
    )


def title_of(thing: Thing) -> str:
    """Return what is copied, and what a picture is called."""
    match thing:
        case Track():
            return f"{thing.title} – {thing.artist_names}"
        case Queued():
            return f"{thing.track.title} – {thing.track.artist}"
        case Album():
            return f"{thing.title} – {thing.artist.name}"
        case Artist() | Playlist() | PlaylistFolder():
            return thing.name
        case Heading() | Fact() | Gathered():
            return thing.title
        case Note():
            return thing.text


def cover_of(thing: Thing) -> str:
    """Return the address of the picture that goes with something, empty if there is none."""
    match thing:
        case Track():
            return (thing.album.cover_url or "") if thing.album else ""
        case Queued():
            return thing.track.cover_url
        case Album() | Playlist():
            return thing.cover_url or ""
        case Artist():
            return thing.image_url or ""
        case _:
            return ""


def total(tracks: Iterable[Track]) -> str:
    """Return "12 tracks, 48:10"."""
    listed = list(tracks)
    return f"{plural(len(listed), 'track')}, {clock(sum(track.duration_ms for track in listed) / 1000)}"


def day(text: str | None) -> str:
    """Return "12 June 2025" for "2025-06-12"; a date known in part, or no date, as it is."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return f"{found.day} {found:%B %Y}"


def trouble_of_track(track: Track, otherwise: str = NOT_AVAILABLE) -> str:
    """Return why a track cannot be played, empty if it can; `otherwise` where the platform does not say."""
    if track.is_playable:
        return ""
    match track.restriction:
        case Restriction.REGION:
            return "not in your country"
        case Restriction.NOT_OUT if track.available_from:
            return f"out on {day(track.available_from)}"
        case _:
            return otherwise


def trouble_of(album: Album, today: date) -> str:
    """Return why the tracks of an album that cannot be played cannot: it may not be out yet."""
    if album.release_date and album.release_date > today.isoformat():
        return f"out on {day(album.release_date)}"
    return NOT_AVAILABLE
