"""Requests as they are sent and replies as they came: nothing repaired, nothing cleaned, nothing read generously."""

from __future__ import annotations

import asyncio
import hashlib
import shlex
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from api_client.addresses import Address
from api_client.endpoints import Endpoint, Retry
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.contract import endpoint_at
from api_client.postponed import httpx

BODY_LIMIT = 32 * 1024 * 1024
CONNECTIONS = 100
_PAUSES = (0.1, 0.4, 1.0)
"""Seconds before each repetition of what the network failed."""
_CURL_BODY = 2_000


@dataclass(slots=True)
class Exchange:
    """One request and what came back: a reply, or the trouble that kept it away."""

    method: str
    url: str
    path: str
    """Below the base URL, without the query; the URL where it is elsewhere."""
    endpoint: Endpoint | None
    headers: dict[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    started_ns: int = 0
    """By `time.perf_counter_ns`, when the request began to be sent."""
    waited: float = 0.0
    """Seconds until the reply's headers were there."""
    seconds: float = 0.0
    status: int = 0
    reply_headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case; several of one name are joined by commas."""
    body: bytes = field(default=b"", repr=False)
    trouble: Code | None = None
    sentence: str = ""
    attempts: int = 1

    @property
    def request_id(self) -> str:
        """By what the platform's log knows the request."""
        return self.reply_headers.get("x-request-id") or self.headers.get("X-Request-Id", "")

    @property
    def media_type(self) -> str:
        """The reply's content type, without parameters."""
        return self.reply_headers.get("content-type", "").partition(";")[0].strip().lower()

    def digest(self) -> str:
        """Return the SHA-256 of the body."""
        return hashlib.sha256(self.body).hexdigest()

    def curl(self, redactor: Redactor) -> str:
        """Return the request as a command, without secrets."""
        words = ["curl", "-sS", "-X", self.method]
        for name, value in self.headers.items():
            if name.lower() == "authorization":
                words += ["--oauth2-bearer", '"$PARLOUR_TOKEN"']
            else:
                words += ["-H", shlex.quote(f"{name}: {redactor.header(name, value)}")]
        if self.content is not None:
            text = self.content[:_CURL_BODY].decode("utf-8", "replace")
            cut = len(self.content) > _CURL_BODY or "\0" in text
            words += ["--data-binary", "@-" if cut else shlex.quote(redactor.text(text))]
        return " ".join([*words, shlex.quote(redactor.url(self.url))])


Seen = Callable[[Exchange], None]


class SmokeWire:
    """One HTTP client for a run."""

    def __init__(
        self, address: Address, *, timeout: float, retries: int, user_agent: str, seen: Seen = lambda _exchange: None
    ) -> None:
        """`seen` is told of every exchange that ended; `retries` are for what the network fails alone."""
        self.address = address
        self.timeout = timeout
        self._retries = retries
        self._seen = seen
        plain = address.origin.startswith("http://")
        self._client = httpx.AsyncClient(
            # A context that trusts nobody costs nothing, and plain http needs no more.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True,
            trust_env=not address.loopback,
            follow_redirects=False,
            timeout=None,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    def place(self, path: str, *, root: bool = False) -> tuple[str, str]:
        """Return URL and path below the base of what a step calls `path`.

        Raises ValueError for an address of somebody else: tokens do not travel there.
        """
        if path.startswith(("http://", "https://")):
            url = path
        elif root or path.startswith("/api/"):
            url = self.address.origin + path
        else:
            url = self.address.base + path
        if not self.address.owns(url):
            raise ValueError("this address is not the platform's own")
        inside = url.removeprefix(self.address.base) if url.startswith(self.address.base + "/") else url
        return url, inside.partition("?")[0]

    async def send(self, method: str, url: str, path: str, headers: dict[str, str], content: bytes | None) -> Exchange:
        """Send a request and return what came of it; trouble on the line is in the exchange and not raised."""
        endpoint = endpoint_at(method, path)
        exchange = Exchange(method, url, path, endpoint, headers, content)
        for attempt in range(self._retries + 1):
            exchange.attempts = attempt + 1
            await self._once(exchange)
            self._seen(exchange)
            if exchange.trouble is None or attempt == self._retries or not _repeatable(exchange):
                break
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        return exchange

    async def _once(self, exchange: Exchange) -> None:
        exchange.trouble, exchange.sentence = None, ""
        exchange.started_ns = time.perf_counter_ns()
        host = self.address.host
        try:
            async with asyncio.timeout(self.timeout):
                await self._transfer(exchange)
        except TimeoutError:
            exchange.trouble, exchange.sentence = Code.NO_ANSWER, f"{host} did not answer within {self.timeout:g} s"
        except _TooLarge:
            exchange.trouble = Code.TOO_LARGE
            exchange.sentence = f"{host} answered with more than {BODY_LIMIT // 2**20} MiB"
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            exchange.trouble, exchange.sentence = _trouble(error, host)
        finally:
            exchange.seconds = (time.perf_counter_ns() - exchange.started_ns) / 1e9

    async def _transfer(self, exchange: Exchange) -> None:
        request = self._client.build_request(
            exchange.method, exchange.url, headers=exchange.headers, content=exchange.content
        )
        response = await self._client.send(request, stream=True)
        try:
            exchange.waited = (time.perf_counter_ns() - exchange.started_ns) / 1e9
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise _TooLarge
        finally:
            await response.aclose()
        exchange.status, exchange.body = response.status_code, bytes(body)
        exchange.reply_headers = {name.lower(): value for name, value in response.headers.items()}


class _TooLarge(Exception):
    """More came than is read."""


def _repeatable(exchange: Exchange) -> bool:
    """Whether sending once more cannot do anything twice."""
    if exchange.trouble in (Code.REFUSED, Code.UNKNOWN_HOST):
        return True
    if exchange.trouble is not Code.CUT:
        return False
    keyed = "X-Idempotency-Key" in exchange.headers
    return keyed or (exchange.endpoint is not None and exchange.endpoint.retry in (Retry.SAFE, Retry.IDEMPOTENT))


def _trouble(error: BaseException, host: str) -> tuple[Code, str]:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Code.TLS, f"the certificate of {host} is not to be trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return Code.TLS, f"{host} does not speak TLS as it should"
        if isinstance(cause, socket.gaierror):
            return Code.UNKNOWN_HOST, f"the name of {host} is not known"
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return Code.REFUSED, f"nothing answers at {host}"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return Code.SETUP, "this request cannot be made: its address or a header holds what HTTP has no room for"
        case httpx.TimeoutException():
            return Code.NO_ANSWER, f"{host} did not answer in time"
        case httpx.RemoteProtocolError() if "disconnected" not in str(error) and "closed" not in str(error):
            return Code.NOT_HTTP, f"{host} answers, but does not speak HTTP as it should"
        case httpx.DecodingError():
            return Code.NOT_HTTP, f"{host} answered in an encoding that cannot be read"
        case _:
            return Code.CUT, f"the connection to {host} broke off"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
