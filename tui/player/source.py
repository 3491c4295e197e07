"""Where the bytes of a track come from: what the platform must tell, and which addresses may be asked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol, TypeAlias

from api_client.postponed import httpx
from tui.player.engine import ByteSource, Fault, PlayerError

KIB = 1024
MIB = 1024 * KIB


class SourceError(PlayerError):
    """The bytes cannot be had; `fault` says of which kind, `sentence` says it to the listener."""

    def __init__(self, fault: Fault, sentence: str = "") -> None:
        self.fault = fault
        self.sentence = sentence or fault.sentence
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A signed address for one track."""

    url: str
    quality: int
    """Kilobits per second: 96, 160 or 320."""
    expires_at_ms: int
    """Milliseconds since 1970."""
    mime_type: str = ""
    """What the platform says the bytes are; empty if it does not say."""
    size: int | None = None
    """In bytes, where the platform says it: then the end of the file can be asked for together with its beginning."""


Resolve: TypeAlias = Callable[[str, int | None], Awaitable[StreamInfo]]
"""Return a fresh signed address for a track id at a quality in kbit/s, None for whatever the platform finds best.

Raises SourceError, or httpx.TransportError if there is no network.
"""


ASKING = "Asking the platform for this track…"
FIRST = "Waiting for the first of the sound…"
GETTING_READY = "The platform is getting this track ready…"
CUT = "The line is cut; trying again…"


ResolveAhead: TypeAlias = Callable[[Sequence[str], int | None], Awaitable[dict[str, StreamInfo]]]
"""Return what can be had at once of the addresses of several tracks; raises nothing."""


class Held(ByteSource, Protocol):
    """The bytes of one track as the player handles them, from the network or from the disk."""

    @property
    def track_id(self) -> str:
        """The track whose bytes these are."""

    @property
    def quality(self) -> int | None:
        """Kilobits per second, once known."""

    @property
    def size(self) -> int | None:
        """The size in bytes as far as it is known."""

    @property
    def held(self) -> int:
        """How many bytes of memory are in use."""

    @property
    def complete(self) -> bool:
        """Whether every byte can be read without the network."""

    @property
    def from_network(self) -> int:
        """How many bytes came over the network."""

    @property
    def from_cache(self) -> int:
        """How many bytes were on this machine already."""

    @property
    def waiting(self) -> str:
        """What the first sound still waits for, as a sentence; empty if for nothing."""

    def fetch(self, everything: bool) -> None:
        """Get what is needed to begin to play, or everything."""

    async def close(self) -> None:
        """Let go of everything, and end every blocked reader."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Every byte of a track at one quality, to be kept; `parts` may be walked on any thread, once."""

    track_id: str
    quality: int
    """Kilobits per second: 96, 160 or 320."""
    mime_type: str
    etag: str
    """The platform's validator of these very bytes, with its quotes; empty if it gave none."""
    size: int
    """In bytes: the sum of the parts."""
    parts: Iterable[bytes]


class Vault(Protocol):
    """A place on the disk for whole tracks, keyed by track and quality. Methods are called on the loop and return at
    once; what takes time is done behind.
    """

    def open(self, track_id: str, quality: int | None) -> Held | None:
        """Return the whole bytes of a track that are there at `quality` or better; None: at any quality."""

    def keep(self, finished: Finished) -> None:
        """Take over a track that was fetched whole."""

    def has(self, track_id: str) -> bool:
        """Whether a track can be played without the network."""

    def played(self, track_id: str, quality: int | None) -> None:
        """A track sounds, as it is at `quality`; one that is not here is passed over."""

    def distrust(self, track_id: str) -> bool:
        """The decoder could not make sense of a track: put it away; return whether there was any of it."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Sizes in bytes and times in seconds."""

    head: int = 192 * KIB
    """Fetched first, and ahead of time for the next track: ten seconds of sound at 160 kbps."""
    tail: int = 64 * KIB
    """The end of a file whose decoder reads there before it plays: Ogg and MP4 for the duration, MP3 for its tag."""
    slice: int = 1024 * KIB
    """The rest is asked for in pieces of this size, so that a listener who moves on costs no connection."""
    window: int = 32 * MIB
    """Of one track, at most this much stays in memory."""
    budget: int = 64 * MIB
    """Of all tracks together."""
    largest: int = 2048 * MIB
    """A track that claims to be larger is refused."""
    renewals: int = 3
    """Fresh addresses asked for in a row before giving up."""
    retry_delays_s: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
    """Waits before each retry after a drop; any progress starts the list again."""
    telling: int = 64 * KIB
    """A request of fewer bytes than this says nothing about how much the line carries."""
    settling_s: float = 3.0
    """After a jump to another place the sound may wait for so long, however fast the line is."""
    timeout_s: float = 15.0
    """Silence on the line after which a connection counts as dropped."""


class AddressRule:
    """Which addresses audio is fetched from: the platform's own, and https at a public name; never a name and password.

    What the platform hands out is not trusted with this machine or the network around it: no address in numbers, no
    local name, nothing that one program reads otherwise than another. A platform on this machine may name any port of
    it. Addresses are taken apart by the library that will also fetch them, so that the two cannot disagree.
    """

    def __init__(self, platform_origin: str | None = None) -> None:
        """`platform_origin` is the address of the platform as the app was configured, such as http://host:8000."""
        self._platform = httpx.URL(platform_origin) if platform_origin is not None else None

    def allows(self, url: str) -> bool:
        """Return whether audio may be fetched from `url`."""
        if len(url) > LONGEST_URL or not _PLAIN_URL.fullmatch(url):
            return False
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            return False
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
            return False
        if self._platform is not None and self._is_at_platform(parsed, self._platform):
            return True
        return parsed.scheme == "https" and _is_public_name(parsed.host)

    @staticmethod
    def _is_at_platform(url: httpx.URL, platform: httpx.URL) -> bool:
        if _origin(url) == _origin(platform):
            return True
        if _is_loopback(platform.host):
            return _is_loopback(url.host)
        return url.scheme == "https" and url.host == platform.host


LONGEST_URL = 8 * KIB
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")
"""ASCII that can be seen, without the backslash, which some take for a slash."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LOCAL = frozenset({"localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa"})


def _is_public_name(host: str) -> bool:
    """Whether a host is a name with a dot in it, of a kind that is not local; numbers in any notation are none."""
    labels = host.lower().removesuffix(".").split(".")
    last = labels[-1]
    return (
        len(labels) > 1
        and len(host) <= 253
        and all(_LABEL.fullmatch(label) for label in labels)
        and not last[0].isdecimal()
        and last not in _LOCAL
    )


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
