"""What the clock does by itself: messages, stories and the sign-ins of open sockets run out, a week begins."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from api_client.errors import ErrorCode
from api_client.models.realtime import SocketError
from server.chat import messages
from server.realtime.connection import AUTHENTICATION_FAILED, Connection
from server.recommendations.weekly import prepare_week, week_of
from server.state import ServerState
from server.stories.writing import prune
from server.together import housekeeping as together

INTERVAL_SECONDS = 0.5
PRUNING_INTERVAL = timedelta(minutes=1)
"""Stories that are over are not shown anyway; this is for the room that they take."""
RENEWAL_GRACE = timedelta(seconds=30)
"""How long a socket outlives its access token, so that the client can send a new one on it."""

SETTLING = timedelta(minutes=1)
"""How long after its start a platform begins to prepare the week: the first moments belong to who looks at it."""

_log = logging.getLogger(__name__)


async def keep_house(state: ServerState) -> None:
    """Tidy up twice a second until the platform stops; what fails for a while does not end it."""
    prune_at = tend_at = state.clock.now()
    settled_at, prepared = prune_at + SETTLING, None
    while not await _stops_within(state, INTERVAL_SECONDS):
        close_expired_sockets(state)
        try:
            await expire_messages(state)
            if (now := state.clock.now()) >= prune_at:
                prune_at = now + PRUNING_INTERVAL
                await prune(state, now)
            if now >= tend_at:
                tend_at = now + together.INTERVAL
                await together.tend_sessions(state, now)
            if now >= settled_at and week_of(now) != prepared:
                prepared = week_of(now)
                state.background.start(lambda: prepare_week(state))
        except (SQLAlchemyError, OSError):
            _log.exception("what has run out could not be cleared away")


async def _stops_within(state: ServerState, seconds: float) -> bool:
    """Wait, but no longer than until the platform begins to stop; return whether it does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await state.stopping.wait()
    return state.stopping.is_set()


def close_expired_sockets(state: ServerState) -> None:
    """Close the sockets whose access token ended more than `RENEWAL_GRACE` ago without being renewed."""
    now = state.clock.now()
    for link in state.hub.links():
        if isinstance(link, Connection) and now >= link.expires_at + RENEWAL_GRACE:
            link.send(SocketError(message="Token expired", code=ErrorCode.TOKEN_EXPIRED))
            link.close_soon(AUTHENTICATION_FAILED, "Token expired")


async def expire_messages(state: ServerState) -> None:
    """Empty the messages whose time is up, and tell their conversations."""
    now = state.clock.now()
    async with state.database.reading() as session:
        if not await messages.something_is_due(session, now):
            return
    while True:
        async with state.database.writing() as session:
            gone = await messages.expire(session, now)
        for message in gone:
            message.announce(state.hub)
        if len(gone) < messages.SWEEP_BATCH:
            return
