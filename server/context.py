"""What a handler works with: the database session, the user, the moment, and what happens after the commit."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.endpoints import ENDPOINTS, Retry
from api_client.errors import ErrorCode
from server.accounts.tokens import authenticate, not_authenticated, session_expired
from server.background import Work
from server.limiter import Allowance
from server.permissions import Permission, permissions
from server.problems import Problem
from server.state import ServerState, state_of
from server.tables.users import SessionRow, UserRow

_SEEN_EVERY = timedelta(seconds=60)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

_READING_POSTS = frozenset(entry.name for entry in ENDPOINTS if entry.method == "POST" and entry.retry is Retry.SAFE)

_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="The access token of a sign-in.")

Callback = Callable[[], Awaitable[None] | None]


class RequestContext:
    """One request: `now` is the same moment for all of it.

    For GET, and for what else only reads, `db` is a reading session. Otherwise it is a writing session whose
    transaction begins when the handler is called and is committed after it has returned. Slow work that needs no
    database (hashing, decoding) belongs into a dependency of the handler: dependencies run before the transaction
    begins.
    """

    def __init__(self, state: ServerState, request: Request) -> None:
        self.state = state
        self.request = request
        self.now: datetime = state.clock.now()
        self.writes = request.method not in _READING and not _only_reads(request)
        self._db: AsyncSession | None = None
        self._user: UserRow | None = None
        self._session: SessionRow | None = None
        self._signed_in_until: datetime | None = None
        self._after: list[Callback] = []
        self._works: list[Work] = []

    @property
    def db(self) -> AsyncSession:
        """The session of this request; RuntimeError where a write has not begun yet."""
        if self._db is None:
            raise RuntimeError("the transaction of a write begins with its handler")
        return self._db

    @property
    def user(self) -> UserRow:
        """Who is signed in; Problem UNAUTHENTICATED if nobody is."""
        if self._user is None:
            raise not_authenticated()
        return self._user

    @property
    def user_id(self) -> str:
        """The id of who is signed in; Problem UNAUTHENTICATED if nobody is."""
        return self.user.id

    @property
    def maybe_user(self) -> UserRow | None:
        """Who is signed in, or None."""
        return self._user

    @property
    def session_id(self) -> str:
        """The session of the token; Problem UNAUTHENTICATED if nobody is signed in."""
        if self._session is None:
            raise not_authenticated()
        return self._session.id

    @property
    def signed_in_until(self) -> datetime:
        """When the access token runs out, for replies that outlast it; Problem UNAUTHENTICATED without one."""
        if self._signed_in_until is None:
            raise not_authenticated()
        return self._signed_in_until

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else "unknown"

    def may(self, permission: Permission) -> bool:
        """Whether the role of the user grants `permission` on the whole site."""
        return self._user is not None and permission in permissions(self._user.role)

    def require(self, permission: Permission) -> None:
        """Raise Problem FORBIDDEN unless the role of the user grants `permission`."""
        if not self.may(permission):
            raise Problem(ErrorCode.FORBIDDEN, "Forbidden")

    def limit(self, name: str, who: str, limit: int, window_seconds: float) -> Allowance:
        """Count the request against a limit of its own; raises Problem RATE_LIMITED."""
        allowance = self.state.limiter.take(name, who, limit, window_seconds, self.now)
        self.request.state.reply_headers.update(allowance.headers())
        return allowance

    def after_commit(self, callback: Callback) -> None:
        """Call `callback`, plain or async, once what this request wrote is committed; never if it is rolled back."""
        self._after.append(callback)

    def background(self, work: Work) -> None:
        """Start `work()` after the commit as a task of its own, which the platform waits for when it stops."""
        self._works.append(work)

    async def sign_in(self, token: str) -> None:
        """Take the user from an access token; raises Problem as `authenticate` does."""
        db = self.state.database.read_session()
        try:
            self._user, self._session, self._signed_in_until = await authenticate(
                db, self.state.tokens, token, self.now
            )
        finally:
            if self.writes:
                await db.close()
            else:
                self._db = db
        self.request.state.user_id = self._user.id
        if self.now - self._session.last_seen > _SEEN_EVERY:
            self.state.background.start(self._note_seen)

    async def begin(self) -> None:
        """Open the session the handler works with; for a write, load the user into it."""
        if not self.writes:
            self._db = self._db or self.state.database.read_session()
            return
        self._db = self.state.database.write_session()
        if self._user is not None:
            self._user = await self._db.get(UserRow, self._user.id)
            if self._user is None:
                raise session_expired()

    async def commit(self) -> None:
        """Make what was written durable, then do what was asked for after that."""
        if self.writes:
            await self.db.commit()
        await self.close()
        for callback in self._after:
            waiting = callback()
            if inspect.isawaitable(waiting):
                await waiting
        for work in self._works:
            self.state.background.start(work)

    async def close(self) -> None:
        """Give the session back; what was not committed is undone. Harmless if done twice."""
        if self._db is not None:
            await self._db.close()

    async def _note_seen(self) -> None:
        session, now = self._session, self.now
        if session is not None:
            async with self.state.database.writing() as db:
                await db.execute(update(SessionRow).where(SessionRow.id == session.id).values(last_seen=now))


def _only_reads(request: Request) -> bool:
    """Whether a POST is sent only because what it asks for is too long for a URL."""
    return getattr(request.scope.get("route"), "name", None) in _READING_POSTS


def _limit_requests(ctx: RequestContext) -> None:
    user = ctx.maybe_user
    limit = ctx.state.settings.limits.requests_per_minute
    ctx.limit("requests", user.id if user else ctx.address, limit, 60)


async def _signed_in(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> AsyncIterator[RequestContext]:
    if credentials is None:
        raise not_authenticated()
    ctx = RequestContext(state_of(request.app), request)
    try:
        await ctx.sign_in(credentials.credentials)
        _limit_requests(ctx)
        yield ctx
    finally:
        await ctx.close()


async def _permitted(ctx: Annotated[RequestContext, Depends(_signed_in)]) -> RequestContext:
    ctx.require("write" if ctx.writes else "read")
    return ctx


async def _public(request: Request) -> AsyncIterator[RequestContext]:
    ctx = RequestContext(state_of(request.app), request)
    try:
        _limit_requests(ctx)
        yield ctx
    finally:
        await ctx.close()


Ctx = Annotated[RequestContext, Depends(_permitted)]
"""The context of a signed-in user whose role allows what the method does."""

OwnCtx = Annotated[RequestContext, Depends(_signed_in)]
"""The context of a signed-in user, whatever the role: for who one is, and signing out."""

PublicCtx = Annotated[RequestContext, Depends(_public)]
"""The context of an endpoint that is open to everybody; nobody is signed in."""
