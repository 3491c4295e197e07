"""Daily mixes: for each genre a listener plays most, what they know of it and what they do not, new every day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api_client.models.recommendations import Reason
from server.music.reader import CatalogueReader
from server.recommendations.blend import LENGTH, diversify
from server.recommendations.choices import Choices, alike, choices, nearest
from server.recommendations.dice import drawn
from server.recommendations.for_you import Pick
from server.recommendations.taste import Taste, taste_of

MIXES = 6
_KNOWN_IN_A_ROW = 2
_PER_ARTIST = 4
_LEAST_WEIGHT = 0.05


@dataclass(frozen=True, slots=True)
class DailyMix:
    """Tracks of one genre."""

    genre: str
    picks: list[Pick]


async def daily_mixes(reader: CatalogueReader) -> list[DailyMix]:
    """Return up to six mixes, that of the genre played most first; the same for a whole day in UTC.

    Who plays nothing has mixes of the genres everybody plays. Two tracks the listener knows are followed by one they
    do not, as long as there are both.
    """
    taste = await taste_of(reader)
    among = await choices(reader, list(taste.plays))
    return [DailyMix(genre, _picks(reader, among, taste, genre)) for genre in _genres(among, taste)]


def _genres(among: Choices, taste: Taste) -> list[str]:
    """Return the first genres of what is played, the most played first; those of all choices where nothing is."""
    counted: Counter[str] = Counter()
    for track_id, choice in among.items():
        if choice.genres and (not taste.plays or track_id in taste.plays):
            counted[choice.genres[0]] += taste.plays.get(track_id, 1)
    return sorted(counted, key=lambda genre: (-counted[genre], genre))[:MIXES]


def _picks(reader: CatalogueReader, among: Choices, taste: Taste, genre: str) -> list[Pick]:
    day = reader.now.date().isoformat()
    of_genre = [track_id for track_id, choice in among.items() if genre in choice.genres]
    known = {track_id: float(taste.plays[track_id]) for track_id in of_genre if track_id in taste.plays}
    closeness = alike(among, list(known))
    new = {track_id: max(_LEAST_WEIGHT, closeness.get(track_id, 0.0)) for track_id in of_genre if track_id not in known}
    seed = (reader.viewer_id, genre, day)
    order = list(_in_turns(list(drawn(known, *seed)), list(drawn(new, *seed))))
    artist_of = {track_id: among[track_id].artist_id for track_id in order}
    kept = [one for one, _ in diversify(((one, 0.0) for one in order), artist_of, _PER_ARTIST, LENGTH)]
    return [
        Pick(one, Reason.KNOWN)
        if one in known
        else Pick(one, Reason.SOUND if one in closeness else Reason.POPULAR, resembles=nearest(among, one, list(known)))
        for one in kept
    ]


def _in_turns(known: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Yield two of `known`, one of `new`, and so on, until both are used up."""
    fresh = iter(new)
    for number, one in enumerate(known, start=1):
        yield one
        if number % _KNOWN_IN_A_ROW == 0 and (unheard := next(fresh, None)) is not None:
            yield unheard
    yield from fresh
