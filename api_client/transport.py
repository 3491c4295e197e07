"""One exchange over HTTP: capped, timed, recorded if wanted, and its failures in words."""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from api_client.addresses import Address, origin_of
from api_client.awaited import Awaited
from api_client.calls import Reply
from api_client.clock import Clock
from api_client.errors import BadReply, PlatformError, TimedOut, Unreachable
from api_client.inspect.faults import FaultSwitch
from api_client.inspect.on_demand import capture
from api_client.postponed import cookiejar, cookies, httpx
from api_client.quiet_logs import hush

if TYPE_CHECKING:
    from api_client.inspect.capture import Tries, Watch
    from api_client.inspect.recorder import Recorder

JSON_LIMIT = 8 * 1024 * 1024
CONNECT_SECONDS, TRANSFER_SECONDS, POOL_SECONDS = 5.0, 15.0, 10.0
CONNECTIONS = 10
KEPT_ALIVE_SECONDS = 60.0
"""For how long an unused connection is kept: a round trip less for who comes back to the keyboard."""
_COURTESY = 64
"""Chunks of a body after which others have their turn."""

BYTES_NAMES = frozenset({"media", "upload"})
"""Exchanges that bring or take files: on connections of their own, so that slow ones do not hold up the calls."""

LARGE_BODY = 64 * 1024
"""Bytes of a request that may take a slow line longer than a moment: its answer is not expected at once."""


class _Lane(Enum):
    """Whose connections an exchange uses."""

    CALLS = "calls"
    BYTES = "bytes"
    ELSEWHERE = "elsewhere"


class Wire:
    """The HTTP clients, each made when first used: two for the platform, and one for everybody else."""

    def __init__(
        self,
        address: Address,
        *,
        transport: httpx.AsyncBaseTransport | None,
        user_agent: str,
        recorder: Recorder | None,
        awaited: Awaited,
        faults: FaultSwitch,
        clock: Clock,
    ) -> None:
        self.address = address
        self._recorder = recorder
        self._transport = transport
        self._user_agent = user_agent
        self._awaited = awaited
        self._faults = faults
        self._clock = clock
        self._clients: dict[_Lane, httpx.AsyncClient] = {}
        self._making = asyncio.Lock()

    @property
    def recorder(self) -> Recorder | None:
        """What keeps a record of every exchange; connections that open meanwhile are timed."""
        return self._recorder

    @recorder.setter
    def recorder(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        for client in self._clients.values():
            capture.attend(client, timed=recorder is not None)

    async def close(self) -> None:
        """Close every connection."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def exchange(
        self,
        name: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | AsyncIterator[bytes] | None = None,
        limit: int = JSON_LIMIT,
        tries: Tries | None = None,
    ) -> Reply:
        """Send one request and return its reply, whatever its status.

        `limit` is for the body in bytes, inflated; `tries` are the recorded attempts of the same call so far. Raises
        `Unreachable`, `TimedOut` or `BadReply`.
        """
        recorder = self._recorder
        if recorder is None:
            return await self._send(name, method, url, headers, content, limit, None)
        watch = capture.begin(recorder, tries, name, method, url, headers, content)
        try:
            return await self._send(name, method, url, headers, content, limit, watch)
        except BaseException as error:
            watch.fails(error)
            raise
        finally:
            watch.ends()

    async def _send(
        self,
        name: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | AsyncIterator[bytes] | None,
        limit: int,
        watch: Watch | None,
    ) -> Reply:
        own = self.address.owns(url)
        host = self.address.origin if own else origin_of(url)[1]
        client = await self._client_for(name, url)
        try:
            request = client.build_request(method, url, headers=dict(headers), content=content)
            if watch is not None:
                watch.sends(request)
            with self._asking(name, url, content) as came:
                response = await client.send(request, stream=True)
                came()
                if watch is not None:
                    watch.has_answer(response)
                try:
                    body, wire_size = await _read(response, limit, host, came)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            failure = translated(error, host)
            if own and isinstance(failure, Unreachable):
                self._awaited.lost()
            raise failure from error
        except (ssl.SSLError, OSError) as error:
            # httpx lets through what breaks inside of TLS once the handshake is over.
            raise Unreachable(f"The connection to {host} broke.", sent=True) from error
        reply = Reply(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            body,
            cookies_in(response.headers.get_list("set-cookie")),
        )
        if watch is not None:
            watch.has_reply(reply, wire_size)
        return reply

    def _asking(
        self, name: str, url: str, content: bytes | AsyncIterator[bytes] | None
    ) -> AbstractContextManager[Callable[[], None]]:
        """Return what awaits the answer, if it can be expected soon; else what only notes that something came."""
        if not self.address.owns(url):
            return nullcontext(_nothing)
        if name in BYTES_NAMES or (isinstance(content, bytes) and len(content) > LARGE_BODY):
            return nullcontext(self._awaited.heard)
        return self._awaited.asking()

    async def _client_for(self, name: str, url: str) -> httpx.AsyncClient:
        lane = _Lane.BYTES if name in BYTES_NAMES else _Lane.CALLS
        if not self.address.owns(url):
            lane = _Lane.ELSEWHERE
        async with self._making:
            client = self._clients.get(lane)
            if client is None:
                # Reading the certificates of the system takes 50 ms, which the event loop does not have.
                client = self._clients[lane] = await asyncio.to_thread(self._make, lane)
                if self._recorder is not None:
                    capture.attend(client, timed=True)
        return client

    def _make(self, lane: _Lane) -> httpx.AsyncClient:
        from api_client.inspect.faulty_http import FaultyClient

        hush()
        # A context that trusts nobody costs nothing, and plain http needs no more.
        plain = lane is not _Lane.ELSEWHERE and self.address.origin.startswith("http://")
        return FaultyClient(
            self._faults,
            clock=self._clock,
            base_path=urlsplit(self.address.base).path,
            transport=self._transport,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True,
            mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://*.localhost", "all://[::1]")),
            follow_redirects=False,
            timeout=httpx.Timeout(TRANSFER_SECONDS, connect=CONNECT_SECONDS, pool=POOL_SECONDS),
            limits=httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE_SECONDS
            ),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip"},
            cookies=cookiejar.CookieJar(cookiejar.DefaultCookiePolicy(allowed_domains=())),
        )


def _nothing() -> None:
    """What others send is no sign of the platform."""


async def _read(response: httpx.Response, limit: int, host: str, came: Callable[[], None]) -> tuple[bytes, int]:
    """Return the body, inflated by our own hand, and how many bytes came: httpx would inflate a whole chunk, however
    large it becomes.

    `came` is called for every piece of it.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise BadReply(f"{host} answered in an encoding that was not asked for.")
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
    length = response.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > limit):
        raise too_large(host, limit)
    body = bytearray()
    # The stream as it came, before httpx decodes it.
    stream = cast(httpx.AsyncByteStream, response.stream)
    count = wire_size = 0
    async for chunk in stream:
        came()
        count += 1
        wire_size += len(chunk)
        if count % _COURTESY == 0:
            await asyncio.sleep(0)  # Chunks of a byte come by the ten thousand without a pause of their own.
        try:
            body += inflater.decompress(chunk, limit + 1 - len(body)) if inflater else chunk
        except zlib.error as error:
            raise BadReply(f"{host} answered with something that cannot be read.") from error
        if len(body) > limit or (inflater is not None and inflater.unconsumed_tail):
            raise too_large(host, limit)
    if inflater is not None and body and not inflater.eof:
        raise BadReply(f"The answer of {host} was cut short.")
    return bytes(body), wire_size


def too_large(host: str, limit: int) -> BadReply:
    """Return the error for a body of more than `limit` bytes."""
    return BadReply(f"{host} answered with more than {limit // (1024 * 1024)} MiB.")


def cookies_in(lines: list[str]) -> dict[str, str]:
    """Return the cookies that Set-Cookie `lines` set; what cannot be read is passed over."""
    jar = cookies.SimpleCookie()
    for line in lines:
        try:
            jar.load(line)
        except cookies.CookieError:
            continue
    return {name: morsel.value for name, morsel in jar.items()}


def translated(error: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError, host: str) -> PlatformError:
    """Return the error of this library for one of httpx; `host` is named in its sentence."""
    match error:
        case httpx.ConnectTimeout():
            return Unreachable(f"{host} does not answer. Is the address right, and the network up?")
        case httpx.ProxyError():
            return Unreachable(f"The proxy on the way to {host} refused.")
        case httpx.ConnectError():
            return Unreachable(_connect_sentence(error, host))
        case httpx.PoolTimeout():
            return TimedOut(f"Too many requests to {host} are waiting for each other.", sent=False)
        case httpx.TimeoutException():
            return TimedOut(f"{host} did not answer in time.")
        case httpx.RemoteProtocolError() if "disconnected" not in str(error) and "closed" not in str(error):
            return BadReply(f"{host} answers, but does not speak HTTP as it should. Is the address right?")
        case httpx.NetworkError() | httpx.RemoteProtocolError() | httpx.StreamError():
            # A connection that this program itself has broken says so.
            injected = getattr(error, "injected", "")
            return Unreachable(f"The connection to {host} broke{': an injected fault' if injected else ''}.", sent=True)
        case httpx.InvalidURL():
            return BadReply(f"The request to {host} could not be made.", sent=False)
        case _:
            return BadReply(f"The request to {host} could not be made.")


def _connect_sentence(error: BaseException, host: str) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of {host} is not to be trusted ({cause.verify_message}). Nothing was sent."
        if isinstance(cause, ssl.SSLError):
            return f"{host} does not speak TLS as it should. Is it http, not https?"
        if isinstance(cause, socket.gaierror):
            return f"The name of {host} is not known. Is the address right, and the network up?"
    return f"Nothing answers at {host}. Is the platform running?"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
