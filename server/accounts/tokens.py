"""Access and refresh tokens: JSON Web Tokens, HS256, each kind with a key of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.db import new_id
from server.problems import Problem
from server.secrets import MasterSecret
from server.tables.users import SessionRow, UserRow

ACCESS_SECONDS = 900
REFRESH_SECONDS = 604_800


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a token speaks for, in which session and until when; `token_id` tells it from every other."""

    user_id: str
    session_id: str
    token_id: str
    expires_at: datetime


class Authenticated(NamedTuple):
    """Whom an access token belongs to, the session it came from, and the moment from which it is no longer good."""

    user: UserRow
    session: SessionRow
    expires_at: datetime


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, secret: MasterSecret) -> None:
        self._keys = {"access": secret.derive("access token"), "refresh": secret.derive("refresh token")}

    def access(self, user_id: str, session_id: str, now: datetime) -> str:
        """Return an access token, good for 15 minutes."""
        return self._issue("access", _claims(user_id, session_id, new_id(), now, ACCESS_SECONDS), now)

    def refresh(self, user_id: str, session_id: str, token_id: str, now: datetime) -> str:
        """Return the refresh token with the id `token_id`, good for 7 days."""
        return self._issue("refresh", _claims(user_id, session_id, token_id, now, REFRESH_SECONDS), now)

    def read_access(self, token: str, now: datetime) -> Claims:
        """Return what an access token says; raises Problem UNAUTHENTICATED or TOKEN_EXPIRED."""
        return self._read("access", token, now, Problem(ErrorCode.TOKEN_EXPIRED, "The access token has expired."))

    def read_refresh(self, token: str, now: datetime) -> Claims:
        """Return what a refresh token says; raises Problem UNAUTHENTICATED or SESSION_EXPIRED."""
        return self._read("refresh", token, now, session_expired())

    def _issue(self, kind: str, claims: Claims, now: datetime) -> str:
        payload = {
            "sub": claims.user_id,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "type": kind,
            "iat": math.floor(now.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return jwt.encode(payload, self._keys[kind], algorithm="HS256")

    def _read(self, kind: str, token: str, now: datetime, expired: Problem) -> Claims:
        # Times are compared here and not by the library, which only knows the machine's clock.
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["sub", "sid", "jti", "type", "exp"]}
        try:
            payload = jwt.decode(token, self._keys[kind], algorithms=["HS256"], options=options)
        except jwt.InvalidTokenError:
            raise not_authenticated() from None
        if payload["type"] != kind or not isinstance(payload["exp"], int):
            raise not_authenticated()
        if now.timestamp() > payload["exp"]:
            raise expired
        expires_at = datetime.fromtimestamp(payload["exp"], UTC)
        return Claims(str(payload["sub"]), str(payload["sid"]), str(payload["jti"]), expires_at)


def _claims(user_id: str, session_id: str, token_id: str, now: datetime, seconds: int) -> Claims:
    """Return claims that are good for `seconds`, rounded up to the whole seconds in which tokens count."""
    expires_at = datetime.fromtimestamp(math.ceil(now.timestamp()) + seconds, UTC)
    return Claims(user_id, session_id, token_id, expires_at)


def not_authenticated() -> Problem:
    """Return the problem of a request without a token that means anything."""
    return Problem(ErrorCode.UNAUTHENTICATED, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})


def session_expired() -> Problem:
    """Return the problem of a session that has run out or was ended."""
    return Problem(ErrorCode.SESSION_EXPIRED, "Session expired", headers={"WWW-Authenticate": "Bearer"})


async def authenticate(db: AsyncSession, tokens: Tokens, token: str, now: datetime) -> Authenticated:
    """Return whom an access token belongs to.

    Raises Problem UNAUTHENTICATED, TOKEN_EXPIRED, or SESSION_EXPIRED if the session has been ended since.
    """
    claims = tokens.read_access(token, now)
    query = (
        select(UserRow, SessionRow)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(SessionRow.id == claims.session_id, UserRow.id == claims.user_id, SessionRow.ended_at.is_(None))
    )
    found = (await db.execute(query)).one_or_none()
    if found is None:
        raise session_expired()
    return Authenticated(found[0], found[1], claims.expires_at)
