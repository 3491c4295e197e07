"""Passwords: hashed with Argon2id, away from the event loop."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from server.settings import HashCost


class Passwords:
    """Hashes and verifies passwords at one cost."""

    def __init__(self, cost: HashCost) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=Type.ID
        )
        # One at a time for each core that is free anyway: a wave of sign-ins must not take the memory of the machine.
        self._turn = asyncio.Semaphore(2)
        self._nobodys = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """Return the encoded Argon2id hash of `password`."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Whether `password` belongs to `encoded`; None, for nobody, takes as long and is False."""
        async with self._turn:
            matches = await asyncio.to_thread(self._matches, password, encoded or self._nobodys)
        return matches and encoded is not None

    def outdated(self, encoded: str) -> bool:
        """Whether `encoded` was made at another cost and should be made anew."""
        return self._hasher.check_needs_rehash(encoded)

    def _matches(self, password: str, encoded: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
