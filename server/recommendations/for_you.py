"""Tracks for one listener, from what people who listen to the same play, and from what sounds alike."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from api_client.models.music import HomeShelf
from api_client.models.recommendations import Reason
from server.music.lists import SHELF_LENGTH
from server.music.reader import CatalogueReader, ordered
from server.recommendations.blend import LENGTH, blend, diversify
from server.recommendations.choices import COMPARED, alike, choices, nearest
from server.recommendations.taste import Taste, heard_by_neighbours, taste_of

CANDIDATES = 50
"""How many tracks each of the two ways may propose."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A recommended track and why: by how many similar listeners, and which known track it `resembles` (its id)."""

    track_id: str
    reason: Reason
    listeners: int = 0
    resembles: str | None = None


async def made_for_you_shelf(reader: CatalogueReader) -> list[HomeShelf]:
    """The first recommendations as a shelf; none for who has not listened lately, whom the popular tracks serve."""
    taste = await taste_of(reader)
    if not taste.plays:
        return []
    ids = [pick.track_id for pick in await _recommended(reader, taste, SHELF_LENGTH)]
    tracks = ordered(ids, await reader.tracks(ids))
    return [HomeShelf(id="made-for-you", title="Made for you", tracks=tracks)] if tracks else []


async def recommended(reader: CatalogueReader, total: int = LENGTH) -> list[Pick]:
    """Return up to `total` playable tracks, the best first.

    What is new to the viewer comes before anything they know: first what similar listeners and similar sound propose,
    then what is popular, which for who has no history is all of it. Where the catalogue has nothing new left, what
    they know follows, ranked in the same way. No artist stands for more than two of them.
    """
    return await _recommended(reader, await taste_of(reader), total)


async def _recommended(reader: CatalogueReader, taste: Taste, total: int) -> list[Pick]:
    heard = await heard_by_neighbours(reader, taste)
    scores = {track_id: one.score for track_id, one in heard.items()}
    among = await choices(reader, [*taste.liked, *best(scores, scores.keys(), COMPARED)])
    sounds = alike(among, taste.liked)
    known = taste.plays.keys()
    sides = {
        is_known: (best(scores, group), best(sounds, group))
        for is_known, group in ((False, among.keys() - known), (True, among.keys() & known))
    }
    new, again = blend(*sides[False]), blend(*sides[True])
    proposed = known | {track_id for track_id, _ in new}
    popular = [(track_id, 0.0) for track_id in among if track_id not in proposed]
    artist_of = {track_id: choice.artist_id for track_id, choice in among.items()}
    picks = []
    for track_id, _ in diversify([*new, *popular, *again], artist_of, total=total):
        by_listeners, by_sound = (track_id in side for side in sides[track_id in known])
        reason = Reason.KNOWN if track_id in known else _REASONS[by_listeners, by_sound]
        listeners = heard[track_id].listeners if by_listeners else 0
        picks.append(Pick(track_id, reason, listeners, nearest(among, track_id, taste.liked) if by_sound else None))
    return picks


_REASONS = {
    (True, True): Reason.BOTH,
    (True, False): Reason.LISTENERS,
    (False, True): Reason.SOUND,
    (False, False): Reason.POPULAR,
}


def best(scores: Mapping[str, float], among: Set[str], most: int = CANDIDATES) -> dict[str, float]:
    """Return the highest scores above 0 of those `among` which may be chosen, at most `most`."""
    positive = ((one, score) for one, score in scores.items() if score > 0 and one in among)
    return dict(sorted(positive, key=lambda item: (-item[1], item[0]))[:most])
