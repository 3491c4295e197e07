"""The platform's client: one call path for every endpoint, and the domains as groups of methods."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from api_client import addresses, domains
from api_client.auth import Authority, MemoryTokens, Tokens, TokenStore
from api_client.awaited import Awaited
from api_client.backoff import jittered
from api_client.calls import DEADLINE, RETRIES, Body, Query, Reply, query_text, request_json
from api_client.clock import Clock, SystemClock
from api_client.endpoints import Endpoint, Retry
from api_client.errors import ApiError, PlatformError, RateLimited, SignInRequired, TimedOut, Unreachable
from api_client.inspect.faults import FaultSwitch
from api_client.inspect.on_demand import capture
from api_client.latch import Latch
from api_client.postponed import httpx, replies

if TYPE_CHECKING:
    from api_client.inspect.capture import Tries
    from api_client.inspect.recorder import Recorder
    from api_client.transport import Wire

USER_AGENT = "parlour/0.1"
PATIENCE = 3.0
"""Seconds of Retry-After that a call waits for by itself; longer ones are the caller's to know."""
MEDIA_DEADLINE = 60.0
MEDIA_LIMIT = 10 * 1024 * 1024
REDIRECTS = 3
"""How far a picture is followed."""
_BIG_BODY = 256 * 1024
"""Bytes beyond which a reply is read off the event loop."""
_TRANSIENT = frozenset({502, 503, 504})

T = TypeVar("T")


class PlatformClient:
    """A platform, seen from one account.

    Used as `async with PlatformClient("http://127.0.0.1:3000") as platform`. Every method raises a `PlatformError`
    whose `sentence` can be shown, and nothing else.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tokens: TokenStore | None = None,
        token_lock: AbstractAsyncContextManager[None] | None = None,
        on_signed_out: Callable[[], None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        user_agent: str = USER_AGENT,
        allow_plain_http: bool = False,
        recorder: Recorder | None = None,
        jitter: Callable[[], float] = random.random,
        faults: FaultSwitch | None = None,
    ) -> None:
        """Make a client for the platform at `base_url`; nothing is opened before the first call.

        `token_lock` keeps several processes that share the store of `tokens` from renewing at the same time (see
        `FileLock`). `jitter` gives numbers in [0, 1), `faults` is the switch of what is injected. Raises
        `PlatformError` if `base_url` cannot be used.
        """
        self.address = addresses.normalise(base_url, allow_plain_http=allow_plain_http)
        self.user_agent = user_agent
        self.clock = clock or SystemClock()
        self.offline = False
        """While true, nothing new goes over the network: every call raises `Unreachable` at once."""
        self.auth = Authority(
            tokens or MemoryTokens(),
            lambda refresh_token: self.accounts.refresh(refresh_token),
            self.clock,
            between_processes=token_lock,
            on_signed_out=on_signed_out,
        )
        self.awaited = Awaited(self.clock)
        """Which answers are overdue."""
        self.faults = faults or FaultSwitch()
        """Whether faults are injected into what goes over the wire."""
        self.latch = Latch()
        """What calls wait for before they begin: while it is held, not even the library for them is loaded."""
        self._jitter = jitter
        self._transport = transport
        self._recorder: Recorder | None = None
        self.recorder = recorder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        self.latch.let_go()
        await self.awaited.close()
        await self.auth.close()
        if "_wire" in self.__dict__:
            await self._wire.close()

    @property
    def recorder(self) -> Recorder | None:
        """What keeps a record of every exchange; None while nothing is recorded."""
        return self._recorder

    @recorder.setter
    def recorder(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        self.auth.tell_tokens(None if recorder is None else recorder.learn_tokens)
        if "_wire" in self.__dict__:
            self._wire.recorder = recorder

    @cached_property
    def _wire(self) -> Wire:
        from api_client.transport import Wire

        return Wire(
            self.address,
            transport=self._transport,
            user_agent=self.user_agent,
            recorder=self._recorder,
            awaited=self.awaited,
            faults=self.faults,
            clock=self.clock,
        )

    def absolute(self, url: str) -> str:
        """Return a URL out of a record in full; raises `PlatformError` for one that must not be fetched."""
        return self.address.absolute(url)

    async def call(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> Any:
        """Call `endpoint` and return its data: an instance of `endpoint.reply`, or a `Page` of them if it is paged.

        `path` fills the names in the endpoint's path, `query` leaves out what is None, `deadline` is in seconds and
        covers everything. A POST carries `idempotency_key`, or one of its own, in every attempt. `retries` is 0 for a
        caller that repeats by itself.
        """
        tries: Tries = []
        reply = await self._fetched(
            tries, endpoint, path, query, body, idempotency_key, headers, deadline=deadline, retries=retries
        )
        host = self.address.origin
        try:
            if len(reply.body) > _BIG_BODY:
                return await asyncio.to_thread(replies.read_reply, reply, endpoint, host)
            return replies.read_reply(reply, endpoint, host)
        finally:
            if tries:
                capture.note_reading(self._recorder, tries[-1])

    async def fetch(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: Body | None = None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> Reply:
        """Call `endpoint` and return its successful reply unread; parameters and errors are those of `call`."""
        return await self._fetched(
            [], endpoint, path, query, body, idempotency_key, headers, deadline=deadline, retries=retries
        )

    async def _fetched(
        self,
        tries: Tries,
        endpoint: Endpoint,
        path: Mapping[str, str] | None,
        query: Query | None,
        body: Body | None,
        idempotency_key: str | None,
        headers: Mapping[str, str] | None,
        *,
        deadline: float,
        retries: int,
    ) -> Reply:
        await self._turn()
        url = self.address.base + addresses.fill(endpoint.path, dict(path or {}))
        arguments = {name: query_text(value) for name, value in (query or {}).items() if value is not None}
        if arguments:
            url += "?" + str(httpx.QueryParams(arguments))
        content = None if body is None else request_json(endpoint, body)
        sent = {"Accept": "application/json", **(headers or {})}
        if content is not None:
            sent["Content-Type"] = "application/json"
        if endpoint.retry is Retry.KEYED:
            sent["X-Idempotency-Key"] = idempotency_key or str(uuid.uuid4())

        async def attempt(tokens: Tokens | None) -> Reply:
            secrets = tokens.headers if tokens else {}
            identified = {**sent, **secrets, "X-Request-Id": uuid.uuid4().hex}
            return await self._wire.exchange(
                endpoint.name, endpoint.method, url, headers=identified, content=content, tries=tries
            )

        send = (lambda: self._checked(attempt, None)) if endpoint.public else (lambda: self._authorised(attempt))
        return await self._within(deadline, self._repeated(send, 0 if endpoint.retry is Retry.NEVER else retries))

    async def media(self, url: str, *, cap: int = MEDIA_LIMIT, deadline: float = MEDIA_DEADLINE) -> bytes:
        """Return the bytes at `url`, at most `cap` of them, `deadline` in seconds.

        `url` may be relative. Tokens travel to the platform's own origin alone, also when it redirects elsewhere.
        """
        place = self.absolute(url)
        tries: Tries = []
        await self._turn()

        async def attempt(tokens: Tokens | None) -> Reply:
            secrets = tokens.headers if tokens and self.address.owns(place) else {}
            identified = {"Accept": "*/*", **secrets}
            return await self._wire.exchange("media", "GET", place, headers=identified, limit=cap, tries=tries)

        async def followed() -> bytes:
            nonlocal place
            for _ in range(REDIRECTS + 1):
                reply = await attempt(await self.auth.current() if self.address.owns(place) else None)
                target = reply.headers.get("location")
                if reply.status not in (301, 302, 303, 307, 308) or target is None:
                    break
                place = self.absolute(str(httpx.URL(place).join(target)))
            error = replies.failure_of(reply, self.address.origin)
            if error is not None:
                raise error
            return reply.body

        return await self._within(deadline, self._repeated(followed, RETRIES))

    # -- the domains, each loaded when it is first used

    @cached_property
    def accounts(self) -> domains.Accounts:
        return domains.Accounts(self, self.auth, self.clock, self.address.origin)

    @cached_property
    def chat(self) -> domains.Chat:
        return domains.Chat(self)

    @cached_property
    def comments(self) -> domains.Comments:
        return domains.Comments(self)

    @cached_property
    def feed(self) -> domains.Feed:
        return domains.Feed(self)

    @cached_property
    def folders(self) -> domains.Folders:
        return domains.Folders(self)

    @cached_property
    def music(self) -> domains.Music:
        return domains.Music(self)

    @cached_property
    def platform(self) -> domains.Platform:
        return domains.Platform(self)

    @cached_property
    def playback(self) -> domains.Playback:
        return domains.Playback(self)

    @cached_property
    def player(self) -> domains.Player:
        return domains.Player(self)

    @cached_property
    def playlists(self) -> domains.Playlists:
        return domains.Playlists(self)

    @cached_property
    def recommendations(self) -> domains.Recommendations:
        return domains.Recommendations(self)

    @cached_property
    def records(self) -> domains.Records:
        return domains.Records(self)

    @cached_property
    def stories(self) -> domains.Stories:
        return domains.Stories(self)

    @cached_property
    def studio(self) -> domains.Studio:
        return domains.Studio(self)

    @cached_property
    def threads(self) -> domains.Threads:
        return domains.Threads(self)

    @cached_property
    def together(self) -> domains.Together:
        return domains.Together(self)

    @cached_property
    def users(self) -> domains.Users:
        return domains.Users(self)

    @cached_property
    def visuals(self) -> domains.Visuals:
        return domains.Visuals(self)

    @cached_property
    def uploads(self) -> domains.Uploads:
        return domains.Uploads(self, self._put)

    async def _put(
        self, url: str, headers: Mapping[str, str], chunks: Callable[[], AsyncIterator[bytes]], deadline: float
    ) -> None:
        """Send bytes to the address of an upload ticket; `chunks` starts them over for every attempt."""
        place = self.absolute(url)
        tries: Tries = []
        await self._turn()

        async def attempt(tokens: Tokens | None) -> Reply:
            secrets = tokens.headers if tokens and self.address.owns(place) else {}
            identified = {**headers, **secrets}
            return await self._wire.exchange("upload", "PUT", place, headers=identified, content=chunks(), tries=tries)

        await self._within(deadline, self._repeated(lambda: self._authorised(attempt), RETRIES))

    async def _turn(self) -> None:
        await self.latch.passed()

    async def _authorised(self, attempt: Callable[[Tokens | None], Awaitable[Reply]]) -> Reply:
        """Attempt with tokens; once more with fresh ones if the platform does not take them."""
        tokens = await self.auth.current()
        try:
            return await self._checked(attempt, tokens)
        except SignInRequired as refusal:
            fresh = await self.auth.after_refusal(refusal, tokens)
        return await self._checked(attempt, fresh)

    async def _checked(self, attempt: Callable[[Tokens | None], Awaitable[Reply]], tokens: Tokens | None) -> Reply:
        reply = await attempt(tokens)
        # Reading refusals is loaded with the first of them.
        error = replies.failure_of(reply, self.address.origin) if reply.status >= 300 else None
        if error is not None:
            raise error
        return reply

    async def _repeated(self, send: Callable[[], Awaitable[T]], retries: int) -> T:
        failures, lost = 0, False
        while True:
            if self.offline:
                raise Unreachable("You are working offline.", sent=lost)
            try:
                return await send()
            except PlatformError as error:
                # What a later attempt meets does not tell what became of an earlier one.
                lost = error.may_have_happened = lost or error.may_have_happened
                wait = self._wait_before_retry(error, failures) if failures < retries else None
                if wait is None:
                    raise
            failures += 1
            await self.clock.sleep(wait)

    def _wait_before_retry(self, error: PlatformError, failures: int) -> float | None:
        """Return the seconds after which the same call may succeed, None if it is not for this call to try."""
        if isinstance(error, ApiError):
            asked = error.retry_after
            if asked is not None and asked > PATIENCE:
                return None
            if isinstance(error, RateLimited):
                return asked
            return None if error.status not in _TRANSIENT else asked or jittered(failures, self._jitter)
        return jittered(failures, self._jitter) if isinstance(error, Unreachable) else None

    async def _within(self, deadline: float, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(deadline):
                return await work
        except TimeoutError as error:
            raise TimedOut(f"{self.address.origin} did not answer within {deadline:g} seconds.") from error
