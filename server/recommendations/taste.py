"""What a listener plays, and what those play who listen to the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, select

from server.music.reader import CatalogueReader
from server.recommendations.sound import cosine
from server.tables.music import PlayRow

HISTORY = timedelta(days=28)
FRESH = timedelta(days=7)
"""How recently a similar listener must have played what is recommended."""
HISTORY_TRACKS = 100
LIKED_OVER = 0.7
"""A track is liked if its plays were heard to the end often enough: each counts 1, an unfinished one 0.5."""
LIKED_TRACKS = 20
NEIGHBOURS = 100


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody listened to within the last 28 days: plays by track, the most played first, and what they liked."""

    plays: Mapping[str, int]
    liked: list[str]


@dataclass(frozen=True, slots=True)
class Heard:
    """What similar listeners did with a track: the sum of their similarities, and how many they are."""

    score: float
    listeners: int


async def taste_of(reader: CatalogueReader) -> Taste:
    """Return the taste of the viewer."""
    engagement = func.avg(case((PlayRow.completed, 1.0), else_=0.5))
    count = func.count()
    query = (
        select(PlayRow.track_id, count, engagement)
        .where(PlayRow.user_id == reader.viewer_id, PlayRow.played_at > reader.now - HISTORY)
        .group_by(PlayRow.track_id)
        .order_by(count.desc(), PlayRow.track_id)
        .limit(HISTORY_TRACKS)
    )
    rows = [(row[0], row[1], row[2]) for row in await reader.db.execute(query)]
    liked = [track_id for track_id, _, engaged in rows if engaged > LIKED_OVER]
    return Taste({track_id: plays for track_id, plays, _ in rows}, liked[:LIKED_TRACKS])


async def heard_by_neighbours(reader: CatalogueReader, taste: Taste) -> dict[str, Heard]:
    """Return what similar listeners played in the last week.

    The similarity of two listeners is the cosine of their plays by track in 28 days. The hundred who share most tracks
    with the viewer are compared.
    """
    if not taste.plays:
        return {}
    since = reader.now - HISTORY
    neighbours = (
        select(PlayRow.user_id)
        .where(PlayRow.track_id.in_(taste.plays), PlayRow.user_id != reader.viewer_id, PlayRow.played_at > since)
        .group_by(PlayRow.user_id)
        .order_by(func.count(PlayRow.track_id.distinct()).desc(), PlayRow.user_id)
        .limit(NEIGHBOURS)
    )
    query = (
        select(PlayRow.user_id, PlayRow.track_id, func.count(), func.max(PlayRow.played_at) > reader.now - FRESH)
        .where(PlayRow.user_id.in_(neighbours), PlayRow.played_at > since)
        .group_by(PlayRow.user_id, PlayRow.track_id)
    )
    plays: dict[str, dict[str, int]] = defaultdict(dict)
    lately: dict[str, list[str]] = defaultdict(list)
    for user_id, track_id, count, is_fresh in await reader.db.execute(query):
        plays[user_id][track_id] = count
        if is_fresh:
            lately[track_id].append(user_id)
    similarity = {user_id: cosine(taste.plays, theirs) for user_id, theirs in plays.items()}
    return {
        track_id: Heard(sum(similarity[user_id] for user_id in users), len(users)) for track_id, users in lately.items()
    }
