"""What tracks sound like, as points that can be averaged and compared; pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

_SIGNED = ("energy", "danceability", "acousticness", "valence")
_MIDDLE_TEMPO = 120.0
_TEMPO_RANGE = 80.0

Embedding = Mapping[str, float]
"""Numbers by what they stand for; what is absent is 0."""


def embedding(features: Mapping[str, float] | None, genres: Iterable[str]) -> Embedding | None:
    """Return where a track stands; None where nothing is known of it.

    Audio features are numbers around 0, each in -1..1: tempo in BPM around 120, the others, 0..1, around 0.5. One that
    is not known stands in the middle and says nothing; without the shift all tracks would point the same way. The k
    genres of a track have 1/sqrt(k) each, so that all of them together weigh as much as one feature at its end.
    """
    known: dict[str, float] = {}
    if features:
        tempo = (features.get("tempo", _MIDDLE_TEMPO) - _MIDDLE_TEMPO) / _TEMPO_RANGE
        known["tempo"] = max(-1.0, min(1.0, tempo))
        known.update((name, 2 * features.get(name, 0.5) - 1) for name in _SIGNED)
    named = sorted({genre.strip().casefold() for genre in genres} - {""})
    known.update((f"genre {genre}", 1 / sqrt(len(named))) for genre in named)
    return known or None


def average(embeddings: Sequence[Embedding]) -> Embedding:
    """Return the middle of `embeddings`; ValueError for none."""
    if not embeddings:
        raise ValueError("nothing to average")
    sums: dict[str, float] = defaultdict(float)
    for one in embeddings:
        for name, value in one.items():
            sums[name] += value
    return {name: value / len(embeddings) for name, value in sums.items()}


def cosine(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """Return the cosine of the angle between two points, -1..1; 0 where one of them has no direction."""
    lengths = sqrt(sum(x * x for x in left.values())) * sqrt(sum(x * x for x in right.values()))
    return sum(value * right[name] for name, value in left.items() if name in right) / lengths if lengths else 0.0
