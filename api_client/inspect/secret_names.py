"""By which names secrets go, and where something in running text stands under such a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ENDINGS = {
    "token": "token",
    "tokens": "token",
    "jwt": "token",
    "bearer": "token",
    "authorization": "token",
    "authentication": "token",
    "password": "password",
    "passwords": "password",
    "passwd": "password",
    "passphrase": "password",
    "pwd": "password",
    "cookie": "cookie",
    "cookies": "cookie",
    "ticket": "ticket",
    "signature": "signature",
    "secret": "secret",
    "secrets": "secret",
    "credential": "secret",
    "credentials": "secret",
    "apikey": "secret",
    "accesskey": "secret",
    "secretkey": "secret",
    "privatekey": "secret",
    "sessionkey": "secret",
    "recoverycodes": "secret",
    "backupcodes": "secret",
    "otp": "otp",
}
_WHOLE = {"auth": "token", "pass": "password", "sid": "cookie", "sessid": "cookie", "sig": "signature"}
"""Too short to be the end of a name: words end in them."""

_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}$")
_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_EQUALS = re.compile(r"=|%(?:25)*3[Dd]")
_UNTIL = re.compile(r"(?:(?!%(?:25)*26)[^&#;\s\"'<>\\])*")
_BARE = re.compile(r"[^\s,}\]]*")
_COLON = re.compile(r"(?P<quote>[\"'])\s{0,20}:\s*")
_LONGEST_NAME = 64
_DEEPEST = 15
"""Backslashes in front of a quote: JSON in a string in a string in a string in JSON."""


def kind_of_key(name: str) -> str | None:
    """Return the kind of secret that goes by `name`, whatever its case and what joins its words; None if none does."""
    bare = name.lower().replace("-", "").replace("_", "").replace(".", "").replace(" ", "")
    whole = _WHOLE.get(bare)
    if whole is not None:
        return whole
    # An ending has 3 to 14 letters.
    for length in range(min(14, len(bare)), 2, -1):
        kind = _ENDINGS.get(bare[-length:])
        if kind is not None:
            return kind
    return None


def named_stretches(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what stands in `text` under the name of a secret, in order, without overlaps.

    Looks at `name=value` of URLs and forms, escaped ones inside of others included, and at `"name": "value"`.
    """
    at = 0
    for start, end, kind in sorted((*_after_equals(text), *_after_colons(text))):
        if start >= at and end > start:
            yield start, end, kind
            at = end


def _after_equals(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    for sign in _EQUALS.finditer(text):
        if sign.start() < at:
            continue  # A part of what stands under the name before.
        name = _NAME.search(text, max(0, sign.start() - _LONGEST_NAME), sign.start())
        kind = _kind_after_escape(name.group()) if name else None
        if kind is not None:
            at = _until(_UNTIL, text, sign.end())
            yield sign.end(), at, kind


def _kind_after_escape(name: str) -> str | None:
    """Return the kind for a name in front of which the rest of an escape may stand, such as `26` in `%26sig`."""
    return kind_of_key(name) or (kind_of_key(name[2:]) if _HEX.match(name) else None)


def _after_colons(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    for colon in _COLON.finditer(text):
        if colon.start() < at:
            continue
        quote, end_of_name = colon["quote"], colon.start()
        while end_of_name > max(at, colon.start() - _DEEPEST) and text[end_of_name - 1] == "\\":
            end_of_name -= 1
        before = text.rfind(quote, max(0, end_of_name - _LONGEST_NAME - 1), end_of_name)
        kind = kind_of_key(text[before + 1 : end_of_name]) if before >= 0 else None
        if kind is not None:
            start, at = _value_at(text, colon.end(), text[end_of_name : colon.start()] + quote)
            yield start, at, kind


def _value_at(text: str, start: int, quoting: str) -> tuple[int, int]:
    """Return where the JSON value at `start` begins and ends, without its quotes; a list or object whole."""
    if text.startswith(quoting, start):
        return start + len(quoting), _end_of_string(text, start + len(quoting), quoting)
    if text[start : start + 1] in ("[", "{"):
        return start, _end_of_brackets(text, start, quoting)
    end = _until(_BARE, text, start)
    return (start, start) if text[start:end] in ("null", "true", "false") else (start, end)


def _end_of_string(text: str, start: int, quoting: str) -> int:
    """Return where the string ends that begins at `start`: at its closing quote, or with the text."""
    end = start
    while (end := text.find(quoting, end)) >= 0:
        if not _is_escaped(text, end, nested=len(quoting) > 1):
            return end
        end += 1
    return len(text)


def _end_of_brackets(text: str, start: int, quoting: str) -> int:
    """Return where the list or object at `start` is closed, or the end of the text."""
    depth, at = 0, start
    while at < len(text):
        if text.startswith(quoting, at):
            at = _end_of_string(text, at + len(quoting), quoting) + len(quoting)
            continue
        depth += (text[at] in "[{") - (text[at] in "]}")
        at += 1
        if not depth:
            return at
    return len(text)


def _until(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _is_escaped(text: str, at: int, *, nested: bool) -> bool:
    """Whether the quote at `at` belongs to the value; in JSON inside of JSON every further backslash says so."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count > 0 if nested else count % 2 == 1
