"""What goes with a track: the most similar ones, and a station that never ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from api_client.models.recommendations import Reason
from server.db import micros
from server.music.reader import CatalogueReader
from server.paging import Listing, decode_cursor, encode_cursor
from server.problems import invalid
from server.recommendations.blend import LENGTH, blend, diversify
from server.recommendations.choices import Choices, alike, choices
from server.recommendations.dice import drawn, fortune
from server.recommendations.for_you import CANDIDATES, Pick, best
from server.recommendations.taste import HISTORY
from server.tables.music import PlayRow

_LEAST_WEIGHT = 0.02
_ROUNDS = 1_000_000


async def similar(reader: CatalogueReader, track_id: str) -> list[Pick]:
    """Return up to thirty other tracks: what people who play `track_id` play too, and what sounds like it.

    Both are weighed as in all recommendations; no artist stands for more than two.
    """
    scores = await _played_with(reader, track_id)
    among = await choices(reader, [track_id, *best(scores, scores.keys())])
    others = among.keys() - {track_id}
    listeners = best({one: float(count) for one, count in scores.items()}, others)
    sounds = best(alike(among, [track_id]), others, CANDIDATES)
    artist_of = {one: choice.artist_id for one, choice in among.items()}
    picks = []
    for one, _ in diversify(blend(listeners, sounds), artist_of, total=LENGTH):
        reason = Reason.BOTH if one in listeners and one in sounds else Reason.LISTENERS
        picks.append(
            Pick(
                one,
                reason if one in listeners else Reason.SOUND,
                int(scores.get(one, 0)),
                track_id if one in sounds else None,
            )
        )
    return picks


async def _played_with(reader: CatalogueReader, track_id: str) -> dict[str, float]:
    """Return how many of those who played `track_id` within 28 days played each other track."""
    since = reader.now - HISTORY
    listeners = select(PlayRow.user_id).where(
        PlayRow.track_id == track_id, PlayRow.user_id != reader.viewer_id, PlayRow.played_at > since
    )
    query = (
        select(PlayRow.track_id, func.count(PlayRow.user_id.distinct()))
        .where(PlayRow.user_id.in_(listeners), PlayRow.played_at > since, PlayRow.track_id != track_id)
        .group_by(PlayRow.track_id)
    )
    return {row[0]: float(row[1]) for row in await reader.db.execute(query)}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page of a station begins: in which half of which round, behind which key."""

    seed: int
    half: int = 0
    """Two to a round."""
    key: float = 2.0
    track_id: str = ""


async def station(reader: CatalogueReader, track_id: str, limit: int, cursor: str | None) -> Listing[Pick]:
    """Return a page of an endless list that begins with `track_id`; what sounds more like it comes sooner.

    In each round every track comes once. It has two halves, always of the same tracks, so that half of all the others
    lie between a track and itself: of a hundred or more at least fifty. The order of a round is drawn anew, with the
    weights of the sound; a track that comes or goes meanwhile moves no other.
    """
    among = await choices(reader, [track_id])
    place = _place(cursor) if cursor is not None else _Place(seed=micros(reader.now))
    weights = _weights(among, track_id)
    found: list[tuple[int, float, str]] = []
    if cursor is None and track_id in among:
        found.append((0, 2.0, track_id))
    if weights:
        for entry in _from(place, weights):
            if len(found) == limit:
                break
            found.append(entry)
    if not found:
        return Listing([])
    half, key, last = found[-1]
    picks = [Pick(one, Reason.SOUND, resembles=track_id if one != track_id else None) for _, _, one in found]
    more = encode_cursor(place.seed, half, key, last) if weights and half < _ROUNDS else None
    return Listing(_apart(picks, among), more)


def _weights(among: Choices, track_id: str) -> dict[str, float]:
    closeness = alike(among, [track_id])
    return {one: max(_LEAST_WEIGHT, ((closeness.get(one, 0.0) + 1) / 2) ** 4) for one in among if one != track_id}


def _from(place: _Place, weights: dict[str, float]) -> Iterator[tuple[int, float, str]]:
    """Yield (half, key, track) behind `place`, for ever."""
    halves = [{one: weight for one, weight in weights.items() if (fortune(str(place.seed), one) < 0.5) is low}
              for low in (True, False)]  # fmt: skip
    half = place.half
    while True:
        for one, key in drawn(halves[half % 2], str(place.seed), str(half // 2)).items():
            if half > place.half or (-key, one) > (-place.key, place.track_id):
                yield half, key, one
        half += 1


def _apart(picks: Sequence[Pick], among: Choices) -> list[Pick]:
    """Return the picks of a page, where it can be had without two of one artist in a row."""
    waiting, apart = list(picks), []
    before: str | None = None
    while waiting:
        following = next((pick for pick in waiting if among[pick.track_id].artist_id != before), waiting[0])
        waiting.remove(following)
        apart.append(following)
        before = among[following.track_id].artist_id
    return apart


def _place(cursor: str) -> _Place:
    seed, half, key, track_id = decode_cursor(cursor, int, int, float, str)
    if not 0 <= half <= _ROUNDS:
        raise invalid("cursor", "This cursor does not belong to this list.")
    return _Place(seed, half, key, track_id)
