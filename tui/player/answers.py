"""What an answer of the audio's host means: its status, and where its body stands in the file."""

from __future__ import annotations

from dataclasses import dataclass

from api_client.postponed import httpx
from tui.player.engine import Fault, PlayerError
from tui.player.source import SourceError, StreamInfo

_EXPIRED = frozenset({401, 403, 410})
_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_TAG = 200


class Dropped(PlayerError):
    """The server gave up on an answer, or asked for another attempt later."""

    def __init__(self, why: str, status: int = 0) -> None:
        self.status = status
        super().__init__(why)


class Expired(PlayerError):
    """The host does not take this ticket any more."""

    def __init__(self, info: StreamInfo) -> None:
        self.info = info
        super().__init__("expired")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a body stands in the file, and what the headers say about the whole of it."""

    offset: int
    size: int | None
    """In bytes; None if the server does not say."""
    ranged: bool
    etag: str
    """A strong validator with its quotes, or empty."""
    mime_type: str


def judge(status: int, info: StreamInfo, *, known: bool) -> None:
    """Return if the body is audio; else raise Expired, Dropped or SourceError. `known`: the size is known."""
    if status in (200, 206):
        return
    if status in _EXPIRED:
        raise Expired(info)
    if status in _RETRY:
        raise Dropped(f"status {status}", status)
    if 300 <= status < 400:
        raise SourceError(Fault.ADDRESS)
    if status == 404:
        raise SourceError(Fault.NOT_FOUND)
    if status == 416:
        raise SourceError(Fault.CHANGED if known else Fault.TOO_SHORT)
    raise SourceError(Fault.SERVER, f"{Fault.SERVER.sentence[:-1]} (error {status}).")


def placed(response: httpx.Response, start: int, *, known_etag: str) -> Placed:
    """Read the headers of a 200 or a 206 to a request from byte `start` on; raises SourceError."""
    etag = strong(response.headers.get("ETag", ""))
    if known_etag and etag and etag != known_etag:
        raise SourceError(Fault.CHANGED)
    mime_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not mime_type.startswith(("audio/", "application/ogg")):
        mime_type = ""
    if response.status_code == 200:
        return Placed(0, _number(response.headers.get("Content-Length", "")), False, etag, mime_type)
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = rest.partition("/")
    size = _number(total)
    if unit.lower() != "bytes" or size is None or _number(span.partition("-")[0]) != start:
        raise SourceError(Fault.DAMAGED, "The server answered with a range that was not asked for.")
    return Placed(start, size, True, etag, mime_type)


def strong(etag: str) -> str:
    """Return a validator that may be sent back; a weak one says nothing about bytes."""
    usable = len(etag) <= _LONGEST_TAG and etag.isascii() and etag.isprintable()
    return etag if usable and len(etag) > 2 and etag[0] == etag[-1] == '"' else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
