"""Who is at the other end of a socket: the same access tokens as on every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.accounts.tokens import authenticate
from server.problems import Problem
from server.state import ServerState

AUTHENTICATION_FAILED_TEXT = "Authentication failed"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A token that was accepted, and the moment from which it no longer is."""

    user_id: str
    session_id: str
    expires_at: datetime


def bearer_token(header: str) -> str:
    """Return the token of an Authorization header, empty if it is of another scheme."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""


async def signed_in(state: ServerState, token: str) -> SignedIn | None:
    """Return whom an access token belongs to, or None if it is not accepted, for whatever reason."""
    try:
        async with state.database.reading() as session:
            found = await authenticate(session, state.tokens, token, state.clock.now())
    except Problem:
        return None
    return SignedIn(found.user.id, found.session.id, found.expires_at)
