"""A request out of what was typed: method, address, headers and body, all checked before anything is sent."""

from __future__ import annotations

import argparse
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from tui.cli.calls.fields import as_query, read_bytes, read_fields
from tui.cli.calls.placeholders import filled, filled_path, names_in
from tui.cli.exits import CannotGoOn
from tui.cli.output import json_line

if TYPE_CHECKING:
    from api_client.addresses import Address

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_METHOD = re.compile(r"[A-Za-z]{1,20}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_SAFE = "/:@!$&'()*+,;=~%?#[]{}-._"
"""What stays in a path as it was typed; braces are for placeholders, and gone when it is sent."""
_PAGE = 100
"""Items of a page when all pages are wanted: the most that the platform gives."""


@dataclass(frozen=True)
class Draft:
    """What was typed, read and checked, before the platform is known."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names as they were typed."""
    fields: Mapping[str, Any]
    content: bytes | None
    """A body that is sent as it is."""
    names: frozenset[str]
    """The placeholders in path and fields."""
    paginate: bool = False


@dataclass(frozen=True)
class Request:
    """What is sent, but for the tokens."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    place: str | None
    """The path below the base URL, None where it is elsewhere."""

    def at(self, cursor: str) -> Request:
        """Return the same request for the page at `cursor`."""
        return replace(self, url=_with_query(_without(self.url, "cursor"), [("cursor", cursor)]))


def read_draft(arguments: argparse.Namespace) -> Draft:
    """Return what `arguments` ask for. Raises CannotGoOn with a sentence for what makes no sense."""
    words = list(arguments.words)
    if len(words) > 2:
        raise CannotGoOn(f"one path at a time: {words[2]!r} is too much")
    typed = words[0].upper() if len(words) == 2 else None
    if typed is not None and not _METHOD.fullmatch(typed):
        raise CannotGoOn(f"{words[0]!r} is no method; the path stands last")
    if len(words) == 1 and words[0] in METHODS:
        raise CannotGoOn(f"a path is needed after {words[0]}")
    if typed and arguments.method and typed != arguments.method.upper():
        raise CannotGoOn(f"{typed} and -X {arguments.method.upper()}: which is meant?")
    fields = read_fields(arguments.raw_field, arguments.field)
    content = None if arguments.input is None else read_bytes(arguments.input)
    has_body = bool(fields) or content is not None
    method = typed or (arguments.method or ("POST" if has_body else "GET")).upper()
    if not _METHOD.fullmatch(method):
        raise CannotGoOn(f"{method!r} is no method")
    if arguments.paginate and (method != "GET" or content is not None):
        raise CannotGoOn("--paginate goes with GET and no body")
    path = words[-1]
    return Draft(
        method=method,
        path=path,
        headers=_headers(arguments.header),
        fields=fields,
        content=content,
        names=frozenset(names_in(path, fields)),
        paginate=arguments.paginate,
    )


def made(draft: Draft, address: Address, known: Mapping[str, str]) -> Request:
    """Return the request to the platform at `address`, with the placeholders that are `known` filled in.

    Raises CannotGoOn for a path that leads nowhere.
    """
    url = _url(filled_path(draft.path, known), address)
    fields, content = filled(draft.fields, known), draft.content
    in_query = draft.method in _WITHOUT_BODY or content is not None
    if fields and in_query:
        url = _with_query(url, as_query(fields))
    if draft.paginate and not re.search(r"[?&]limit=", url):
        url = _with_query(url, [("limit", str(_PAGE))])
    headers = {"Accept": "application/json, */*;q=0.5", **draft.headers}
    if fields and not in_query:
        content = json_line(fields).encode("utf-8", "surrogatepass")
    given = {name.lower() for name in draft.headers}
    if content is not None and "content-type" not in given:
        headers["Content-Type"] = "application/json"
    place = url.removeprefix(address.base) if url.startswith(address.base + "/") else None
    if draft.method == "POST" and "x-idempotency-key" not in given and _is_keyed(place):
        headers["X-Idempotency-Key"] = str(uuid.uuid4())
    if "x-request-id" not in given:
        headers["X-Request-Id"] = uuid.uuid4().hex
    return Request(draft.method, url, headers, content, place)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise CannotGoOn(f"{line!r} is no header: write -H 'Name: value', in ASCII")
        headers[name] = value.strip()
    return headers


def _url(path: str, address: Address) -> str:
    """Return where `path` leads: below the base, or somewhere else of the platform if it is a full address."""
    if not path.isprintable():
        raise CannotGoOn(f"{path!r} is no path")
    if "://" in path:
        try:
            parts = urlsplit(path)
            _ = parts.port
        except ValueError as error:
            raise CannotGoOn(f"{path} is no address") from error
        if not address.owns(path) or parts.username is not None:
            raise CannotGoOn(f"{path} is not of {address.origin}; another platform is named by --url")
        return quote(path.partition("#")[0], safe=_SAFE)
    quoted = "/" + quote(path.partition("#")[0], safe=_SAFE).removeprefix("/")
    if any(step in (".", "..") for step in quoted.partition("?")[0].split("/")):
        raise CannotGoOn(f"{path} leads nowhere: a path has no . and .. in it")
    below = urlsplit(address.base).path
    return address.origin + quoted if quoted.startswith(below + "/") else address.base + quoted


def _with_query(url: str, pairs: list[tuple[str, str]]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs)}" if pairs else url


def _without(url: str, name: str) -> str:
    """Return `url` without the parameter `name`."""
    bare, mark, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if part.partition("=")[0] != name)
    return bare + (mark + kept if kept else "")


def _is_keyed(place: str | None) -> bool:
    """Whether a POST there may be repeated with a key: all but what a person decides, such as signing in."""
    from api_client.endpoint import Retry
    from api_client.endpoints import ENDPOINTS

    never = {endpoint.path for endpoint in ENDPOINTS if endpoint.retry is Retry.NEVER}
    return place is not None and place.partition("?")[0] not in never
