"""A request as a text that can be edited: a line with method and path, headers, an empty line, the body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "host",
        "transfer-encoding",
        "user-agent",
        "x-idempotency-key",
        "x-request-id",
    }
)
"""Headers that the program sets for each request anew: who it is, how it travels, and what makes it one of a kind."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Unreadable(ValueError):
    """A text is no request; its message is a sentence with the line."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What is sent: `path` with its query, from the root of the platform on."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


def to_text(request: RawRequest) -> str:
    """Return a request as `from_text` reads it."""
    head = "\n".join([f"{request.method} {request.path}", *(f"{k}: {v}" for k, v in request.headers.items())])
    return f"{head}\n\n{request.body}" if request.body else f"{head}\n"


def from_text(text: str) -> RawRequest:
    """Return the request that a text is. Raises Unreadable.

    The path has to begin with one slash: a request goes to the platform and nowhere else.
    """
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    first, *rest = head.rstrip("\n").split("\n")
    method, _, path = first.strip().partition(" ")
    method, path = method.upper(), path.strip()
    if method not in METHODS:
        raise Unreadable(f"Line 1: {method or 'nothing'} is not one of {', '.join(METHODS)}.")
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise Unreadable("Line 1: the path begins with one slash, such as /api/v1/feed; it goes to this platform only.")
    if not path.isascii() or not path.isprintable() or " " in path or "#" in path:
        raise Unreadable("Line 1: the path has characters that are written as %20 and the like in an address.")
    headers: dict[str, str] = {}
    for number, line in enumerate(rest, 2):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not _NAME.fullmatch(name.strip()):
            raise Unreadable(f"Line {number}: a header is a name, a colon and a value; the body stands after a gap.")
        if not value.strip().isascii() or not value.strip().isprintable():
            raise Unreadable(f"Line {number}: a header has plain characters only.")
        if name.strip().lower() in OWN_HEADERS:
            raise Unreadable(f"Line {number}: {name.strip()} is set by Parlour itself.")
        headers[name.strip()] = value.strip()
    return RawRequest(method, path, headers, body)
