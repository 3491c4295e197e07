"""Tokens: where they are kept, when they are renewed, and that they are renewed only once.

A refresh token is good for one use, and using it twice ends the session everywhere. So a renewal happens in one task
per process and, with a `FileLock`, in one process per user; whoever comes second finds the new pair in the store. The
new pair is stored before it is used.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Protocol

from api_client.clock import Clock
from api_client.errors import ErrorCode, Forbidden, Invalid, PlatformError, SignInRequired

if TYPE_CHECKING:
    from api_client.models.users import TokenPair

RENEW_BEFORE = 60.0
"""Seconds before its end at which an access token is renewed."""
CLOSE_SECONDS = 3.0
"""How long leaving waits for a renewal that is under way."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What proves who the user is: an access token, or a session cookie, or both."""

    access: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    """Seconds since the epoch, by the clock of this machine; None if nobody knows."""
    cookie: str | None = field(default=None, repr=False)
    """Value of the Cookie header, of a platform that has sessions instead of tokens."""
    user_id: str | None = None
    """Whose they are, where that is known."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry them; only ever for the platform's own origin."""
        carried = {}
        if self.access:
            carried["Authorization"] = f"Bearer {self.access}"
        if self.cookie:
            carried["Cookie"] = self.cookie
        return carried

    def dumps(self) -> str:
        """Return them as JSON, for a store."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Tokens:
        """Return what `dumps` wrote; raises ValueError for anything else."""
        data = json.loads(text)
        if not isinstance(data, dict) or not data.keys() <= set(cls.__slots__):
            raise ValueError("these are no tokens")
        return cls(**data)


class TokenStore(Protocol):
    """Where tokens are kept."""

    async def load(self) -> Tokens | None:
        """Return what is stored now, also by another process."""

    async def save(self, tokens: Tokens) -> None:
        """Keep `tokens`; when this returns they will survive."""

    async def clear(self) -> None:
        """Forget them."""


class MemoryTokens:
    """Keeps tokens for as long as the process lives."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens

    async def load(self) -> Tokens | None:
        """Return the tokens."""
        return self._tokens

    async def save(self, tokens: Tokens) -> None:
        """Keep `tokens`."""
        self._tokens = tokens

    async def clear(self) -> None:
        """Forget them."""
        self._tokens = None


class FixedToken:
    """One access token from outside, such as `PARLOUR_TOKEN`: used as it is, never renewed, never written down."""

    def __init__(self, token: str) -> None:
        self._tokens = Tokens(access=token.strip())

    async def load(self) -> Tokens | None:
        """Return the token."""
        return self._tokens

    async def save(self, tokens: Tokens) -> None:
        """Refuse: whoever gave the token decides about it."""
        raise PlatformError("Signed in by a fixed token; take it away to sign in as somebody else.")

    async def clear(self) -> None:
        """Keep it: whoever gave the token decides about it."""


class Authority:
    """Hands out tokens that are still good."""

    def __init__(
        self,
        store: TokenStore,
        refresh: Callable[[str], Awaitable[TokenPair]],
        clock: Clock,
        *,
        between_processes: AbstractAsyncContextManager[None] | None = None,
        on_signed_out: Callable[[], None] | None = None,
    ) -> None:
        """`refresh` exchanges a refresh token at the platform; `on_signed_out` hears that a person must sign in."""
        self.on_signed_out = on_signed_out
        self._on_tokens: Callable[[Tokens], None] | None = None
        self._store = store
        self._refresh = refresh
        self._clock = clock
        self._between_processes = between_processes or nullcontext()
        self._changing = asyncio.Lock()
        self._renewal: asyncio.Task[Tokens] | None = None
        self._tokens: Tokens | None = None
        self._renew_at: float | None = None
        self._refused = False

    def tell_tokens(self, on_tokens: Callable[[Tokens], None] | None) -> None:
        """Call `on_tokens` with the pair in use and with every later one: it is to be kept out of what is written."""
        self._on_tokens = on_tokens
        if on_tokens is not None and self._tokens is not None:
            on_tokens(self._tokens)

    async def current(self) -> Tokens | None:
        """Return tokens for a request, renewed if they are about to end; None if nobody is signed in.

        Raises `SignInRequired` after the platform refused to renew them, until somebody signs in again.
        """
        if self._tokens is None:
            stored = await self._store.load()
            if stored is not None:
                self._adopt(stored)
            elif self._refused:
                raise sign_in_required()
        tokens = self._tokens
        if tokens is None or tokens.refresh is None or self._renew_at is None:
            return tokens
        return await self.renew(tokens) if self._clock.monotonic() >= self._renew_at else tokens

    async def after_refusal(self, refusal: SignInRequired, used: Tokens | None) -> Tokens:
        """Return fresh tokens after the platform refused `used`; raises `refusal` where nothing can be done."""
        if used is None or refusal.code == ErrorCode.MFA_REQUIRED:
            raise refusal
        if refusal.code == ErrorCode.SESSION_EXPIRED or used.refresh is None:
            await self._look_again(used, refusal)
        return await self.renew(used)

    async def renew(self, used: Tokens) -> Tokens:
        """Return tokens newer than `used`, asking the platform at most once for all who ask at the same time.

        A caller who is cancelled does not stop it: the platform may have spent the old token already. Raises
        `SignInRequired` if the platform refuses; any other error leaves the user signed in.
        """
        if self._tokens is not None and self._tokens != used:
            return self._tokens
        renewal = self._renewal
        if renewal is None or renewal.done():
            renewal = self._renewal = asyncio.create_task(self._renew(used), name="renew tokens")
            renewal.add_done_callback(_retrieve)
        return await asyncio.shield(renewal)

    async def sign_in(self, tokens: Tokens) -> None:
        """Keep the tokens of somebody who has just signed in."""
        async with self._changing:
            await self._store.save(tokens)
            self._adopt(tokens)

    async def sign_out(self) -> None:
        """Forget the tokens, because the user wants to; `on_signed_out` is not called."""
        async with self._changing:
            await self._store.clear()
            self._tokens = self._renew_at = None

    async def close(self) -> None:
        """Let a renewal that is under way store its outcome, for a moment; then stop it."""
        renewal = self._renewal
        if renewal is not None and not renewal.done():
            await asyncio.wait({renewal}, timeout=CLOSE_SECONDS)
            renewal.cancel()

    async def _renew(self, used: Tokens) -> Tokens:
        async with self._changing, self._between_processes:
            stored = await self._store.load()
            if stored is None or stored.refresh is None:
                raise await self._give_up()
            if stored != used:
                self._adopt(stored)
                return stored
            try:
                pair = await self._refresh(stored.refresh)
            except (SignInRequired, Invalid, Forbidden) as error:
                raise await self._give_up() from error
            fresh = tokens_of(pair, self._clock, earlier=stored)
            await self._store.save(fresh)
            self._adopt(fresh)
            return fresh

    async def _look_again(self, used: Tokens, refusal: SignInRequired) -> None:
        """Return if another process has signed in again meanwhile; otherwise the user has to."""
        stored = await self._store.load()
        if stored is not None and stored != used:
            self._adopt(stored)
            return
        async with self._changing:
            await self._give_up()
        raise refusal

    async def _give_up(self) -> SignInRequired:
        await self._store.clear()
        self._tokens = self._renew_at = None
        self._refused = await self._store.load() is None
        if self.on_signed_out is not None:
            self.on_signed_out()
        return sign_in_required()

    def _adopt(self, tokens: Tokens) -> None:
        self._tokens = tokens
        if self._on_tokens is not None:
            self._on_tokens(tokens)
        self._refused = False
        ends = tokens.expires_at if tokens.expires_at is not None else expiry_in(tokens.access or "")
        if ends is None:
            self._renew_at = None
        else:
            # From here on the monotonic clock counts, so that a corrected wall clock changes nothing.
            left = ends - self._clock.time()
            self._renew_at = self._clock.monotonic() + left - min(RENEW_BEFORE, max(left, 0.0) / 2)


def tokens_of(pair: TokenPair, clock: Clock, *, earlier: Tokens | None = None, user_id: str | None = None) -> Tokens:
    """Return the tokens in a reply of the platform; what it does not repeat is taken from `earlier`."""
    return Tokens(
        access=pair.access_token,
        refresh=pair.refresh_token or (earlier.refresh if earlier else None),
        expires_at=clock.time() + pair.expires_in,
        cookie=earlier.cookie if earlier else None,
        user_id=user_id or (earlier.user_id if earlier else None),
    )


def cookie_header(cookies: Mapping[str, str]) -> str | None:
    """Return the Cookie header for what a sign-in has set; None if it set nothing."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items()) or None


def expiry_in(token: str) -> float | None:
    """Return when a JWT says that it ends, in seconds since the epoch; None for anything else. It is not verified."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    ends = claims.get("exp") if isinstance(claims, dict) else None
    return float(ends) if isinstance(ends, (int, float)) and abs(ends) < 1e12 else None


def sign_in_required() -> SignInRequired:
    """Return the error that sends the user to the login screen."""
    return SignInRequired("Please sign in again.", code=ErrorCode.SESSION_EXPIRED, status=401)


def _retrieve(task: asyncio.Task[Tokens]) -> None:
    """Look at the outcome, so that a renewal whose callers have all left does not complain at the end."""
    if not task.cancelled():
        task.exception()
