"""Deterministic randomness and ids: the same words always give the same generator and the same UUID."""

import hashlib
import random
import uuid

Part = str | int


def rng_for(*parts: Part) -> random.Random:
    """A generator that depends on nothing but `parts`; the same in every process."""
    return random.Random("/".join(map(str, parts)))


def seed_for(*parts: Part) -> int:
    """A 63-bit number for generators that are seeded with integers."""
    return int.from_bytes(_digest(parts)[:8], "big") >> 1


def uuid_for(*parts: Part) -> str:
    """A UUID string (version 4 layout) that depends on nothing but `parts`."""
    return str(uuid.UUID(bytes=_digest(parts)[:16], version=4))


def _digest(parts: tuple[Part, ...]) -> bytes:
    return hashlib.sha256("/".join(map(str, parts)).encode()).digest()
