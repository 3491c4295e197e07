"""Sessions: one for each sign-in; refresh tokens rotate within it, and an old one that comes back ends it."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.users import TokenPair
from api_client.text import clean_line
from server.accounts.tokens import ACCESS_SECONDS, REFRESH_SECONDS, Tokens, session_expired
from server.db import new_id
from server.tables.users import SessionRow, UserRow

_DEVICE_LIMIT = 100


def open_session(db: AsyncSession, tokens: Tokens, user: UserRow, device: str, now: datetime) -> TokenPair:
    """Add a session of `user` and return its first tokens."""
    session = SessionRow(id=new_id(), user_id=user.id, device=clean_line(device)[:_DEVICE_LIMIT], created_at=now)
    db.add(session)
    return _issue(tokens, session, now)


async def rotate(db: AsyncSession, tokens: Tokens, refresh_token: str, now: datetime) -> TokenPair | str:
    """Spend a refresh token and return the next pair.

    A token that was spent before has been stolen, or its successor has: the session ends, and the id of its user is
    returned instead, so that the caller can commit before it refuses. Raises Problem UNAUTHENTICATED or
    SESSION_EXPIRED.
    """
    claims = tokens.read_refresh(refresh_token, now)
    session = await db.get(SessionRow, claims.session_id)
    if session is None or session.ended_at is not None or session.user_id != claims.user_id:
        raise session_expired()
    if claims.token_id != session.refresh_id or not hmac.compare_digest(session.refresh_hash, _digest(refresh_token)):
        session.ended_at = now
        return session.user_id
    return _issue(tokens, session, now)


async def live_sessions(
    db: AsyncSession, user_id: str, now: datetime, limit: int, after: tuple[datetime, str] | None
) -> list[SessionRow]:
    """Return up to `limit` sessions of a user that have not ended, the one seen last first, behind `after`."""
    query = (
        select(SessionRow)
        .where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > now)
        .order_by(SessionRow.last_seen.desc(), SessionRow.id.desc())
        .limit(limit)
    )
    if after is not None:
        seen, identity = after
        query = query.where(
            (SessionRow.last_seen < seen) | ((SessionRow.last_seen == seen) & (SessionRow.id < identity))
        )
    return list((await db.scalars(query)).all())


async def end_session(db: AsyncSession, user_id: str, session_id: str, now: datetime) -> bool:
    """End one session of a user; False if there is none that lives."""
    ended = await db.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SessionRow.id)
    )
    return ended.first() is not None


async def end_all(db: AsyncSession, user_id: str, now: datetime) -> None:
    """End every session of a user."""
    await db.execute(
        update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None)).values(ended_at=now)
    )


def _issue(tokens: Tokens, session: SessionRow, now: datetime) -> TokenPair:
    session.refresh_id = new_id()
    refresh_token = tokens.refresh(session.user_id, session.id, session.refresh_id, now)
    session.refresh_hash = _digest(refresh_token)
    session.last_seen = now
    session.expires_at = now + timedelta(seconds=REFRESH_SECONDS)
    return TokenPair(
        access_token=tokens.access(session.user_id, session.id, now),
        refresh_token=refresh_token,
        expires_in=ACCESS_SECONDS,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
