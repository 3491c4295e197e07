"""Tracks for one listener, from what people who listen to the same play, and from what sounds alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from sqlalchemy import and_, case, func, or_, select

from api_client.models.music import HomeShelf
from server.music.lists import SHELF_LENGTH
from server.music.reader import CatalogueReader, ordered
from server.recommendations.blend import LENGTH, blend, diversify
from server.tables.music import AlbumRow, PlayRow, TrackArtistRow, TrackRow

HISTORY = timedelta(days=28)
FRESH = timedelta(days=7)
"""How recently a similar listener must have played what is recommended."""
HISTORY_TRACKS = 100
LIKED_OVER = 0.7
"""A track is liked if its plays were heard to the end often enough: each counts 1, an unfinished one 0.5."""
LIKED_TRACKS = 20
NEIGHBOURS = 30
CANDIDATES = 50
"""How many tracks each of the two ways may propose."""
COMPARED = 500
"""How many of the most streamed tracks are compared by sound, so that a large catalogue costs no more."""

_SIGNED = ("energy", "danceability", "acousticness", "valence")
_MIDDLE_TEMPO = 120.0
_TEMPO_RANGE = 80.0

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody listened to within the last 28 days: tracks, the most played first, and those they liked."""

    tracks: list[str]
    liked: list[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A track that could be recommended: its main artist, and its sound if that is known."""

    artist_id: str
    sound: Vector | None


async def made_for_you_shelf(reader: CatalogueReader) -> list[HomeShelf]:
    """The first recommendations as a shelf; none for who has not listened lately, whom the popular tracks serve."""
    taste = await _taste_of(reader)
    if not taste.tracks:
        return []
    ids = await _recommended(reader, taste, SHELF_LENGTH)
    tracks = ordered(ids, await reader.tracks(ids))
    return [HomeShelf(id="made-for-you", title="Made for you", tracks=tracks)] if tracks else []


async def recommended(reader: CatalogueReader, total: int = LENGTH) -> list[str]:
    """Return the ids of up to `total` playable tracks, the best first.

    What is new to the viewer comes before anything they know: first what similar listeners and similar sound propose,
    then what is popular, which for who has no history is all of it. Where the catalogue has nothing new left, what
    they know follows, ranked in the same way. No artist stands for more than two of them.
    """
    return await _recommended(reader, await _taste_of(reader), total)


async def _recommended(reader: CatalogueReader, taste: Taste, total: int) -> list[str]:
    heard = await _from_neighbours(reader, taste)
    choices = await _choices(reader, [*taste.liked, *heard])
    alike = _alike(choices, taste)
    known = frozenset(taste.tracks)
    new, again = (
        blend(_best(heard, side), _best(alike, side)) for side in (choices.keys() - known, choices.keys() & known)
    )
    proposed = known | {track_id for track_id, _ in new}
    popular = [(track_id, 0.0) for track_id in choices if track_id not in proposed]
    artist_of = {track_id: choice.artist_id for track_id, choice in choices.items()}
    return [track_id for track_id, _ in diversify([*new, *popular, *again], artist_of, total=total)]


async def _taste_of(reader: CatalogueReader) -> Taste:
    engagement = func.avg(case((PlayRow.completed, 1.0), else_=0.5))
    query = (
        select(PlayRow.track_id, engagement)
        .where(PlayRow.user_id == reader.viewer_id, PlayRow.played_at > reader.now - HISTORY)
        .group_by(PlayRow.track_id)
        .order_by(func.count().desc(), PlayRow.track_id)
        .limit(HISTORY_TRACKS)
    )
    rows = [(row[0], row[1]) for row in await reader.db.execute(query)]
    liked = [track_id for track_id, engaged in rows if engaged > LIKED_OVER]
    return Taste([track_id for track_id, _ in rows], liked[:LIKED_TRACKS])


async def _from_neighbours(reader: CatalogueReader, taste: Taste) -> dict[str, float]:
    """Score what similar listeners played in the last week by the sum of their similarities.

    The similarity of two listeners is the cosine of the sets of tracks they played: shared / sqrt(mine · theirs).
    """
    if not taste.tracks:
        return {}
    since = reader.now - HISTORY
    neighbours = (
        select(PlayRow.user_id)
        .where(PlayRow.track_id.in_(taste.tracks), PlayRow.user_id != reader.viewer_id, PlayRow.played_at > since)
        .group_by(PlayRow.user_id)
        .order_by(func.count(PlayRow.track_id.distinct()).desc(), PlayRow.user_id)
        .limit(NEIGHBOURS)
    )
    query = (
        select(PlayRow.user_id, PlayRow.track_id, func.max(PlayRow.played_at) > reader.now - FRESH)
        .where(PlayRow.user_id.in_(neighbours), PlayRow.played_at > since)
        .group_by(PlayRow.user_id, PlayRow.track_id)
    )
    heard: dict[str, dict[str, bool]] = defaultdict(dict)
    for user_id, track_id, lately in await reader.db.execute(query):
        heard[user_id][track_id] = lately
    known = frozenset(taste.tracks)
    scores: dict[str, float] = defaultdict(float)
    for tracks in heard.values():
        similarity = len(known & tracks.keys()) / sqrt(len(known) * len(tracks))
        for track_id, lately in tracks.items():
            if lately:
                scores[track_id] += similarity
    return _best(scores, scores.keys(), COMPARED)


async def _choices(reader: CatalogueReader, ids: Sequence[str]) -> dict[str, Choice]:
    """Return the most streamed tracks and those of `ids`, the most streamed first; each has audio and is out."""
    today = reader.now.date().isoformat()
    popular = (
        select(TrackRow.id).where(TrackRow.is_available).order_by(TrackRow.stream_count.desc(), TrackRow.id.desc())
    )
    query = (
        select(TrackRow.id, func.coalesce(TrackArtistRow.artist_id, AlbumRow.artist_id), TrackRow.audio_features)
        .join(AlbumRow, AlbumRow.id == TrackRow.album_id)
        .outerjoin(TrackArtistRow, and_(TrackArtistRow.track_id == TrackRow.id, TrackArtistRow.place == 0))
        .where(or_(TrackRow.id.in_(popular.limit(COMPARED)), TrackRow.id.in_(ids)))
        .where(TrackRow.is_available, TrackRow.audio_key.is_not(None))
        .where(or_(AlbumRow.release_date.is_(None), AlbumRow.release_date <= today))
        .order_by(TrackRow.stream_count.desc(), TrackRow.id.desc())
    )
    return {row[0]: Choice(row[1], vector(row[2]) if row[2] else None) for row in await reader.db.execute(query)}


def _alike(choices: Mapping[str, Choice], taste: Taste) -> dict[str, float]:
    """Score tracks by the cosine of their sound and the average of what the listener liked."""
    sounds = {track_id: choice.sound for track_id, choice in choices.items() if choice.sound is not None}
    liked = [sounds[track_id] for track_id in taste.liked if track_id in sounds]
    if not liked:
        return {}
    middle = average(liked)
    return {track_id: cosine(middle, sound) for track_id, sound in sounds.items()}


def vector(features: Mapping[str, float]) -> Vector:
    """Return audio features as numbers around 0, each in -1..1: tempo in BPM around 120, the others, 0..1, around 0.5.

    What is not known stands in the middle and says nothing. Without the shift all tracks would point the same way.
    """
    tempo = (features.get("tempo", _MIDDLE_TEMPO) - _MIDDLE_TEMPO) / _TEMPO_RANGE
    return (max(-1.0, min(1.0, tempo)), *(2 * features.get(name, 0.5) - 1 for name in _SIGNED))


def average(vectors: Sequence[Vector]) -> Vector:
    """Return the average of vectors of one length; ValueError for none."""
    if not vectors:
        raise ValueError("nothing to average")
    return tuple(sum(column) / len(vectors) for column in zip(*vectors, strict=True))


def cosine(left: Vector, right: Vector) -> float:
    """Return the cosine of the angle between two vectors, -1..1; 0 where one of them has no direction."""
    lengths = sqrt(sum(x * x for x in left)) * sqrt(sum(x * x for x in right))
    return sum(x * y for x, y in zip(left, right, strict=True)) / lengths if lengths else 0.0


def _best(scores: Mapping[str, float], among: Set[str], most: int = CANDIDATES) -> dict[str, float]:
    positive = ((one, score) for one, score in scores.items() if score > 0 and one in among)
    return dict(sorted(positive, key=lambda item: (-item[1], item[0]))[:most])
