"""Chance that falls the same way each time it is asked: an order for a day, a seed, a listener."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

_BITS = 53


def fortune(*about: str) -> float:
    """Return a number in (0, 1) that depends on nothing but `about`."""
    digest = hashlib.blake2b("\0".join(about).encode(), digest_size=8).digest()
    return ((int.from_bytes(digest) >> (64 - _BITS)) + 0.5) / (1 << _BITS)


def drawn(weights: Mapping[str, float], *seed: str) -> dict[str, float]:
    """Return a key for each of `weights` (each over 0), the highest first: a weighted draw without replacement.

    The key is u^(1/w), u from `fortune` (Efraimidis and Spirakis 2006): what has double the weight comes first two
    times out of three. The key of one does not depend on who else is there.
    """
    keys = {one: fortune(*seed, one) ** (1 / weight) for one, weight in weights.items()}
    return dict(sorted(keys.items(), key=lambda item: (-item[1], item[0])))
