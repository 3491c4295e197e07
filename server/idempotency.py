"""Requests that are sent again: the same key gets the same reply, for 300 seconds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import Request
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.problems import Problem, invalid
from server.tables.users import IdempotencyRow

HEADER = "X-Idempotency-Key"
KEPT = timedelta(seconds=300)
KEY_PATTERN = r"^[!-~]{1,128}$"


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come again: its key, and what must be the same about it."""

    user_id: str
    route: str
    key: str
    fingerprint: bytes


class Repetitions:
    """Lets only one request with the same key through at a time."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str, str], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def alone(self, request: Repeatable) -> AsyncIterator[None]:
        """Wait until no other request with this key is being answered."""
        name = (request.user_id, request.route, request.key)
        turn, waiting = self._turns.get(name, (asyncio.Lock(), 0))
        self._turns[name] = (turn, waiting + 1)
        try:
            async with turn:
                yield
        finally:
            turn, waiting = self._turns[name]
            if waiting == 1:
                del self._turns[name]
            else:
                self._turns[name] = (turn, waiting - 1)


async def repeatable(request: Request, user_id: str, route: str) -> Repeatable | None:
    """Return what identifies the request, or None if it carries no key; raises Problem for an unusable key."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not re.fullmatch(KEY_PATTERN, key):
        raise invalid(HEADER, "An idempotency key is 1 to 128 visible ASCII characters.")
    seen = sha256(f"{request.url.path}?{request.url.query}\n".encode("utf-8", "surrogatepass"))
    seen.update(await request.body())
    return Repeatable(user_id, route, key, seen.digest())


async def earlier_reply(db: AsyncSession, request: Repeatable, now: datetime) -> str | None:
    """Return the reply that this request got before, or None if it is new.

    Raises Problem CONFLICT if the key was used for something else within the last 300 seconds.
    """
    row = await db.get(IdempotencyRow, (request.user_id, request.route, request.key))
    if row is None:
        return None
    if now - row.created_at > KEPT:
        await db.delete(row)
        await db.flush()
        return None
    if row.fingerprint != request.fingerprint:
        raise Problem(ErrorCode.CONFLICT, "This idempotency key was used for a different request.")
    return row.reply


async def keep_reply(db: AsyncSession, request: Repeatable, reply: str, now: datetime) -> None:
    """Store the reply in the transaction of what it reports, and forget those that are too old."""
    await db.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT))
    db.add(
        IdempotencyRow(
            user_id=request.user_id,
            route=request.route,
            key=request.key,
            fingerprint=request.fingerprint,
            reply=reply,
            created_at=now,
        )
    )
