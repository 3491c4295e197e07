"""How two rankings become one, and how one artist is kept from filling it; pure functions of scores."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import isfinite

COLLABORATIVE_WEIGHT = 0.6
"""How much similar listeners count; similar sound has the rest."""
MOST_PER_ARTIST = 2
LENGTH = 30

Ranked = list[tuple[str, float]]


def blend(
    collaborative: Mapping[str, float], content: Mapping[str, float], weight: float = COLLABORATIVE_WEIGHT
) -> Ranked:
    """Return (id, score in 0..1), the best first: weight · collaborative / max + (1 - weight) · content / max.

    An id that one side lacks has 0 there. A side without a positive score adds nothing; a score that is negative or
    no number counts as 0. Equal scores stand in the order of their ids.
    """
    scores: dict[str, float] = defaultdict(float)
    for side, share in ((collaborative, weight), (content, 1 - weight)):
        usable = {one: max(0.0, score) if isfinite(score) else 0.0 for one, score in side.items()}
        highest = max(usable.values(), default=0.0)
        for one, score in usable.items():
            scores[one] += share * (score / highest) if highest else 0.0
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def diversify(
    ranked: Iterable[tuple[str, float]],
    artist_of: Mapping[str, str],
    most_per_artist: int = MOST_PER_ARTIST,
    total: int = LENGTH,
) -> Ranked:
    """Return the first `total` of `ranked`, in their order, with at most `most_per_artist` of each artist.

    What has no known artist is kept.
    """
    kept: Ranked = []
    taken: Counter[str] = Counter()
    for one, score in ranked:
        if len(kept) >= total:
            break
        artist = artist_of.get(one)
        if artist is not None:
            if taken[artist] >= most_per_artist:
                continue
            taken[artist] += 1
        kept.append((one, score))
    return kept
