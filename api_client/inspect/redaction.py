"""Secrets out of everything that leaves: by the name they go by, and by their value in every encoding."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets as randomness
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from api_client.inspect.disguises import Needles, find_disguised
from api_client.inspect.records import KEPT
from api_client.inspect.secret_names import kind_of_key, named_stretches

SHORTEST = 4
"""Characters from which on a value is looked for: shorter ones stand in every other word."""

_TAG = re.compile(r"\[[a-z]{1,12}:[0-9a-f]{4}\]")
_SCHEME = re.compile(r"^(?P<scheme>Bearer|Basic|Digest|Token|Negotiate)\s+(?P<value>\S.*)$", re.IGNORECASE | re.DOTALL)
_HEADER = re.compile(
    r"(?P<name>(?:(?<=['\"\s<>])|^)(?:(?:proxy-)?authorization|(?:set-)?cookie)):[ \t]*(?P<value>[^\r\n'\"]+)",
    re.IGNORECASE | re.MULTILINE,
)
_BEARER = re.compile(
    r"\b(?P<scheme>Bearer|Basic) +(?P<value>(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{12,})", re.IGNORECASE
)
_USER = re.compile(r"(?<=://)(?P<user>[^/?#@\s\"'<>]+)@")
_ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite"})


class Redactor:
    """Replaces secrets by stable tags such as `[token:3f2a]`: the same secret has the same tag everywhere.

    The tag is a short keyed hash, so that nobody without the key can try out what a secret was. What is redacted
    already stays as it is.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None, *, key: bytes | None = None) -> None:
        """Know `secrets`, value to kind (`token`, `password`, `cookie`, `ticket`), by value from the start.

        `key` makes tags the same across processes; without it they differ from run to run.
        """
        self._key = key or randomness.token_bytes(16)
        self._kinds: dict[str, str] = {}
        self._needles: list[Needles] = []
        for value, kind in (secrets or {}).items():
            self.add(value, kind)

    def add(self, value: str | None, kind: str = "secret") -> None:
        """Know `value` from now on, if it is long enough to be told from a word."""
        if value and len(value) >= SHORTEST and value not in self._kinds and not _TAG.fullmatch(value):
            self._kinds[value] = kind
            needles = [*self._needles, Needles(value)]
            # The longest first: one may be a part of another.
            # A new list each time, because another thread may be looking through this one.
            self._needles = sorted(needles, key=lambda each: len(each.value), reverse=True)

    def add_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Know the tokens and cookies in header lines from now on."""
        for name, value in headers:
            kind = kind_of_key(name)
            if kind == "cookie":
                pairs = value.split(";")
                for pair in pairs[:1] if name.lower().startswith("set") else pairs:
                    self.add(pair.partition("=")[2].strip().strip('"'), "cookie")
            elif kind is not None:
                match = _SCHEME.match(value)
                self.add(match["value"] if match else value, kind)

    def add_json(self, value: Any, kind: str | None = None) -> None:
        """Know everything in decoded JSON that goes by the name of a secret."""
        if isinstance(value, dict):
            for name, item in value.items():
                self.add_json(item, kind_of_key(str(name)) or kind)
        elif isinstance(value, list):
            for item in value:
                self.add_json(item, kind)
        elif isinstance(value, str) and kind is not None:
            self.add(value, kind)

    def tag(self, value: str, kind: str = "secret") -> str:
        """Return what stands for `value`."""
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"[{self._kinds.get(value, kind)}:{digest[:4]}]"

    def text(self, text: str) -> str:
        """Return `text` without secrets: known values, and what stands in it by the name of a secret."""
        return self._named(self._values(text))

    def bytes_(self, data: bytes) -> bytes:
        """Return `data` without secrets; what is no UTF-8 in it stays as it is."""
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def body(self, data: bytes, media_type: str = "") -> bytes:
        """Return a body without secrets, by what `media_type` says it is; JSON stays JSON."""
        if len(data) >= KEPT:
            data = self._without_beginning(data)
        if media_type.endswith("json") or data[:1] in (b"{", b"["):
            if b"\\u" not in data and self.bytes_(data) == data:
                return data  # Most hold none, and are seen to hold none at one look.
            try:
                value = json.loads(data, object_pairs_hook=_unique)
                redacted = self.json(value)
            except (ValueError, RecursionError):
                return self.bytes_(data)  # Cut short, or not what every reader understands in the same way.
            if redacted == value:
                return data
            return json.dumps(redacted, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        return self.bytes_(data)

    def holds(self, data: bytes) -> bool:
        """Whether a known secret stands in `data` as it is: to be asked of pictures and sounds, which are no text."""
        return any(value.encode("utf-8", "surrogatepass") in data for value in tuple(self._kinds))

    def url(self, url: str) -> str:
        """Return `url` without secrets in its user, its path, its query and its fragment."""
        return self.text(url)

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return header lines without secrets; the names of cookies and the scheme of an authorisation stay."""
        return [(name, self.header(name, value)) for name, value in headers]

    def header(self, name: str, value: str) -> str:
        """Return the value of the header `name` without secrets."""
        kind = kind_of_key(name)
        if kind is None:
            return self.text(value)
        if kind == "cookie":
            return self._cookies(value)
        match = _SCHEME.match(value)
        return f"{match['scheme']} {self._tagged(match['value'], kind)}" if match else self._tagged(value, kind)

    def json(self, value: Any) -> Any:
        """Return decoded JSON without secrets: whatever stands below the name of one, and known values anywhere."""
        return self._json(value, None)

    def _json(self, value: Any, kind: str | None) -> Any:
        if isinstance(value, dict):
            return {
                self.text(str(name)): self._json(item, kind_of_key(str(name)) or kind) for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._json(item, kind) for item in value]
        if isinstance(value, str):
            return self.text(value) if kind is None else self._tagged(value, kind)
        if kind is not None and isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._tagged(str(value), kind)
        return value

    def _tagged(self, value: str, kind: str) -> str:
        return value if not value or _TAG.fullmatch(value) else self.tag(value, kind)

    def _values(self, text: str) -> str:
        """Replace every known value, whatever it is disguised as."""
        pieces: list[str] = []
        at = 0
        for start, end, value in find_disguised(text, self._needles):
            pieces += (text[at:start], self.tag(value))
            at = end
        return "".join((*pieces, text[at:])) if pieces else text

    def _named(self, text: str) -> str:
        """Replace what stands in running text by the name of a secret: in URLs, forms, JSON and header lines."""
        pieces: list[str] = []
        at = 0
        for start, end, kind in named_stretches(text):
            pieces += (text[at:start], self._tagged(text[start:end], kind))
            at = end
        if pieces:
            text = "".join((*pieces, text[at:]))
        if "://" in text:
            text = _USER.sub(lambda found: self._user(found["user"]) + "@", text)
        if ":" in text:
            text = _HEADER.sub(lambda found: f"{found['name']}: {self.header(found['name'], found['value'])}", text)
        return _BEARER.sub(lambda found: f"{found['scheme']} {self._tagged(found['value'], 'token')}", text)

    def _user(self, user: str) -> str:
        """Return what stands for the user in an address: a bracket there would make it one that nobody can read."""
        plain = unquote(user)
        return quote(self._tagged(plain if _TAG.fullmatch(plain) else user, "secret"), safe=":")

    def _without_beginning(self, data: bytes) -> bytes:
        """Return a body without the beginning of a secret at its end, where it was cut in the middle of one."""
        for needles in self._needles:
            for form in needles.forms:
                secret = form.encode("utf-8", "surrogatepass")
                for length in range(len(secret) - 1, SHORTEST - 1, -1):
                    if data.endswith(secret[:length]):
                        return data[:-length] + self.tag(needles.value).encode()
        return data

    def _cookies(self, value: str) -> str:
        """Redact `a=1; b=2` and what Set-Cookie says; attributes such as Path stay."""
        parts = []
        for part in value.split(";"):
            name, equals, content = part.strip().partition("=")
            plain = not equals or name.lower() in _ATTRIBUTES
            parts.append(self._values(part.strip()) if plain else f"{name}={self._tagged(content, 'cookie')}")
        return "; ".join(parts)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found
