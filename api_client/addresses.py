"""Addresses: what a user types made into a base URL, and which addresses may be asked for what."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from api_client.errors import PlatformError
from api_client.text import clean_line

DEFAULT_PATH = "/api/v1"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a platform is."""

    base: str
    """Without a slash at the end: `http://127.0.0.1:3000/api/v1`."""
    origin: str
    """Scheme, host and port: `http://127.0.0.1:3000`."""
    host: str
    loopback: bool

    @property
    def socket(self) -> str:
        """The address of the WebSocket."""
        return "ws" + self.base.removeprefix("http") + "/ws"

    def owns(self, url: str) -> bool:
        """Whether `url` is of the platform's own origin, so that it may see the user's tokens."""
        return origin_of(url) == origin_of(self.origin)

    def absolute(self, url: str) -> str:
        """Return `url`, which may be relative, in full.

        Raises `PlatformError` for anything but http and https, for plain http away from this machine, and for
        addresses inside the user's own network that a platform elsewhere has no business to name.
        """
        try:
            full = urljoin(self.base + "/", url.strip())
            scheme, host, _ = origin_of(full)
        except ValueError as error:
            raise PlatformError(f"The platform named an address that is none: {_shown(url)}") from error
        if scheme not in _DEFAULT_PORTS or not host:
            raise PlatformError(f"The platform named an address that cannot be fetched: {_shown(url)}")
        if self.owns(full):
            return full
        if not self.loopback and _is_inside(host):
            raise PlatformError(f"{self.host} named an address inside your own network: {_shown(url)}")
        if scheme == "http" and not is_loopback(host):
            raise PlatformError(f"Only https is fetched from other hosts, and this is not: {_shown(url)}")
        return full


def normalise(address: str, *, allow_plain_http: bool = False) -> Address:
    """Return the address of the platform that a user meant by `address`.

    `example.org` becomes `https://example.org/api/v1`, `localhost:3000` becomes `http://localhost:3000/api/v1`; a path
    that is given is kept. Raises `PlatformError` if it is no address, holds a password, or would travel unprotected.
    """
    text = address.strip()
    if "://" not in text:
        text = f"{'http' if is_loopback(_host_of('//' + text)) else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PlatformError(f"This is not an address: {_shown(address)}") from error
    if parts.scheme not in _DEFAULT_PORTS or not host or any(letter.isspace() for letter in text):
        raise PlatformError(f"This is not the address of a platform: {_shown(address)}")
    if parts.username or parts.password:
        raise PlatformError("An address must not hold a user name or password; sign in instead.")
    loopback = is_loopback(host)
    if parts.scheme == "http" and not loopback and not allow_plain_http:
        raise PlatformError(f"Over plain http everybody on the way can read your password. Use https://{host}.")
    name = f"[{host}]" if ":" in host else host
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    origin = f"{parts.scheme}://{name}{shown_port}"
    path = parts.path.rstrip("/") or DEFAULT_PATH
    return Address(base=origin + path, origin=origin, host=name + shown_port, loopback=loopback)


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of `url`, in lower case and with the default port filled in."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme)


def fill(path: str, values: dict[str, str]) -> str:
    """Return the path template with its `{names}` replaced by quoted `values`.

    Raises `PlatformError` for a value that would change the path: nothing, `.` or `..`.
    """
    for value in values.values():
        if value in ("", ".", ".."):
            raise PlatformError(f"There is nothing called “{value}” on the platform.")
    return path.format(**{name: quote(value, safe="@:") for name, value in values.items()})


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _literal(host)
    return address is not None and address.is_loopback


def _is_inside(host: str) -> bool:
    address = _literal(host)
    return is_loopback(host) or (address is not None and not address.is_global)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _shown(url: str) -> str:
    line = clean_line(url)
    return line if len(line) <= 80 else line[:79] + "…"
