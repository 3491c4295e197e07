"""Routes of accounts: registration, sign-in, tokens, sessions."""

from __future__ import annotations

from sqlalchemy import or_, select

from api_client import endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done
from api_client.models.users import (
    DeviceSession,
    LoginRequest,
    LogoutRequest,
    Me,
    RefreshRequest,
    RegisterRequest,
    SignedIn,
    TokenPair,
)
from server.accounts import sessions
from server.accounts.tokens import session_expired
from server.context import OwnCtx, PublicCtx, RequestContext
from server.db import from_micros, micros
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.people.views import user_view
from server.problems import Problem, invalid
from server.routing import IdPath, Router
from server.tables.users import UserRow

router = Router()

RESERVED_NAMES = frozenset({"me"})

_CLOSE_SIGNED_OUT = 4401


@router.handles(endpoints.REGISTER)
async def register(ctx: PublicCtx, body: RegisterRequest) -> SignedIn:
    """Make an account and sign in to it."""
    key, email = body.username.casefold(), body.email.casefold()
    if key in RESERVED_NAMES:
        raise invalid("username", "This name is reserved.")
    password_hash = await ctx.state.passwords.hash(body.password)
    taken = select(UserRow).where(or_(UserRow.username_key == key, UserRow.email == email)).limit(1)
    found = (await ctx.db.scalars(taken)).first()
    if found is not None:
        raise _duplicate("username" if found.username_key == key else "email")
    user = UserRow(
        username=body.username,
        username_key=key,
        email=email,
        password_hash=password_hash,
        full_name=body.full_name,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(user)
    await ctx.db.flush()
    pair = sessions.open_session(ctx.db, ctx.state.tokens, user, _device(ctx), ctx.now)
    return _signed_in(user, pair)


@router.handles(endpoints.LOGIN)
async def login(ctx: PublicCtx, body: LoginRequest) -> SignedIn:
    """Sign in with the e-mail address or the username."""
    ctx.limit("login", ctx.address, ctx.state.settings.limits.logins_per_minute, 60)
    name = body.email.casefold()
    column = UserRow.email if "@" in name else UserRow.username_key
    passwords = ctx.state.passwords
    async with ctx.state.database.reading() as db:
        known = (await db.scalars(select(UserRow).where(column == name))).one_or_none()
    # Somebody unknown costs as much time as a wrong password, so that names cannot be found out.
    if not await passwords.verify(body.password, known.password_hash if known else None) or known is None:
        raise Problem(ErrorCode.UNAUTHENTICATED, "The name or the password is wrong.")
    renewed = await passwords.hash(body.password) if passwords.outdated(known.password_hash) else None
    user = await ctx.db.get_one(UserRow, known.id)
    if renewed is not None and user.password_hash == known.password_hash:
        user.password_hash = renewed
    pair = sessions.open_session(ctx.db, ctx.state.tokens, user, body.device or _device(ctx), ctx.now)
    return _signed_in(user, pair)


@router.handles(endpoints.REFRESH)
async def refresh(ctx: PublicCtx, body: RefreshRequest) -> TokenPair:
    """Exchange a refresh token for a new pair."""
    # Its own transaction: that a session was ended must last although the request is refused.
    async with ctx.state.database.writing() as db:
        result = await sessions.rotate(db, ctx.state.tokens, body.refresh_token, ctx.now)
    if isinstance(result, str):
        ctx.state.hub.disconnect_user(result, _CLOSE_SIGNED_OUT, "Session expired")
        raise session_expired()
    return result


@router.handles(endpoints.LOGOUT)
async def logout(ctx: OwnCtx, body: LogoutRequest | None = None) -> Done:
    """End this session."""
    ending = {ctx.session_id}
    if body is not None and body.refresh_token is not None:
        ending.add(ctx.state.tokens.read_refresh(body.refresh_token, ctx.now).session_id)
    for session_id in ending:
        if await sessions.end_session(ctx.db, ctx.user_id, session_id, ctx.now):
            _disconnect(ctx, session_id)
    return Done()


@router.handles(endpoints.LOGOUT_ALL)
async def logout_everywhere(ctx: OwnCtx) -> Done:
    """End every session of the account, this one too."""
    await sessions.end_all(ctx.db, ctx.user_id, ctx.now)
    user_id, hub = ctx.user_id, ctx.state.hub
    ctx.after_commit(lambda: hub.disconnect_user(user_id, _CLOSE_SIGNED_OUT, "Session expired"))
    return Done()


@router.handles(endpoints.ME)
async def me(ctx: OwnCtx) -> Me:
    """Who is signed in."""
    return Me(user=user_view(ctx.user, own=True))


@router.handles(endpoints.SESSIONS)
async def devices(ctx: OwnCtx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[DeviceSession]:
    """Where the account is signed in, the latest first."""
    after = None
    if cursor is not None:
        seen, identity = decode_cursor(cursor, int, str)
        after = (from_micros(seen), identity)
    rows = await sessions.live_sessions(ctx.db, ctx.user_id, ctx.now, limit + 1, after)
    items = [
        DeviceSession(
            id=row.id,
            device=row.device,
            created_at=row.created_at,
            last_seen=row.last_seen,
            current=row.id == ctx.session_id,
        )
        for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return Listing(items, encode_cursor(micros(last.last_seen), last.id) if last else None)


@router.handles(endpoints.END_SESSION)
async def end_device(ctx: OwnCtx, session_id: IdPath) -> Done:
    """Sign out somewhere else, or here."""
    if not await sessions.end_session(ctx.db, ctx.user_id, session_id, ctx.now):
        raise Problem(ErrorCode.NOT_FOUND, "There is no such session.")
    _disconnect(ctx, session_id)
    return Done()


def _disconnect(ctx: RequestContext, session_id: str) -> None:
    """Close the sockets of one sign-in once it has ended."""
    hub = ctx.state.hub
    ctx.after_commit(lambda: hub.disconnect_session(session_id, _CLOSE_SIGNED_OUT, "Session expired"))


def _signed_in(user: UserRow, pair: TokenPair) -> SignedIn:
    return SignedIn(
        user=user_view(user, own=True),
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
    )


def _device(ctx: RequestContext) -> str:
    return ctx.request.headers.get("user-agent", "") or "unknown device"


def _duplicate(field: str) -> Problem:
    message = "This username is taken." if field == "username" else "There is an account with this e-mail address."
    return Problem(ErrorCode.DUPLICATE, message, details=[{"field": field, "message": message}])
