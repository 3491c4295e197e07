"""The tracks that may be recommended: those that can be played, with their artists, genres and sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from server.music.reader import CatalogueReader
from server.recommendations.sound import Embedding, average, cosine, embedding
from server.tables.music import AlbumRow, ArtistRow, TrackArtistRow, TrackRow

COMPARED = 500
"""How many of the most streamed tracks are compared by sound, so that a large catalogue costs no more."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A track that could be recommended: its main artist, its genres, and its sound if that is known."""

    artist_id: str
    genres: tuple[str, ...]
    sound: Embedding | None


Choices = Mapping[str, Choice]
"""By the id of the track, the most streamed first."""


async def choices(reader: CatalogueReader, ids: Sequence[str] = ()) -> Choices:
    """Return the most streamed tracks and those of `ids`; each has audio and is out."""
    today = reader.now.date().isoformat()
    popular = (
        select(TrackRow.id).where(TrackRow.is_available).order_by(TrackRow.stream_count.desc(), TrackRow.id.desc())
    )
    main_artist = func.coalesce(TrackArtistRow.artist_id, AlbumRow.artist_id)
    query = (
        select(TrackRow.id, main_artist, TrackRow.genre, ArtistRow.genres, TrackRow.audio_features)
        .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
        .outerjoin(TrackArtistRow, and_(TrackArtistRow.track_id == TrackRow.id, TrackArtistRow.place == 0))
        .join(ArtistRow, ArtistRow.id == main_artist)
        .where(or_(TrackRow.id.in_(popular.limit(COMPARED)), TrackRow.id.in_(ids)))
        .where(TrackRow.is_available, TrackRow.audio_key.is_not(None))
        .where(or_(AlbumRow.release_date.is_(None), AlbumRow.release_date <= today))
        .order_by(TrackRow.stream_count.desc(), TrackRow.id.desc())
    )
    found: dict[str, Choice] = {}
    for track_id, artist_id, genre, of_artist, features in await reader.db.execute(query):
        genres = tuple(dict.fromkeys(name for name in (genre, *(of_artist or ())) if name))
        found[track_id] = Choice(artist_id, genres, embedding(features, genres))
    return found


def alike(among: Choices, liked: Sequence[str]) -> dict[str, float]:
    """Score tracks by the cosine of their sound and the middle of `liked`, -1..1; none if no sound is known there."""
    sounds = {track_id: choice.sound for track_id, choice in among.items() if choice.sound is not None}
    known = [sounds[track_id] for track_id in liked if track_id in sounds]
    if not known:
        return {}
    middle = average(known)
    return {track_id: cosine(middle, sound) for track_id, sound in sounds.items()}


def nearest(among: Choices, track_id: str, liked: Sequence[str]) -> str | None:
    """Return which of `liked` sounds most like a track, None where no sound is known."""
    sound = among[track_id].sound
    others = {one: among[one].sound for one in liked if one in among and one != track_id}
    compared = {one: cosine(sound, other) for one, other in others.items() if sound is not None and other is not None}
    return max(compared, key=lambda one: compared[one], default=None)
