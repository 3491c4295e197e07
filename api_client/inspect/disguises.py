"""A value in a text, whatever it is disguised as: URL, form, JSON, base64, base64url, or these inside of each other."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote_to_bytes

_LAYERS = 3
"""Layers of escapes that are taken off, such as JSON inside of JSON inside of a URL."""
_VIEWS = 16
"""Ways of taking them off that are looked at."""

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNICODE = r"(?:\\u[0-9a-fA-F]{4})+"
_JSON = re.compile(rf'{_UNICODE}|\\["\\/bfnrt]')
_JSON_BUT_BACKSLASH = re.compile(rf'{_UNICODE}|\\["/bfnrt]')
"""For a backslash that is text and stands right in front of an escape."""
_DECODERS = (("%", _PERCENT), ("\\", _JSON), ("\\", _JSON_BUT_BACKSLASH))
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_SHORTEST_ENCODED = 4
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

Span = tuple[int, int, str]
"""Start and end in a text, and the value that stands there."""
_Place = Callable[[int], tuple[int, int]]


class Needles:
    """What to look for to find a value in every form."""

    __slots__ = ("encoded", "escaped", "plain", "value")

    def __init__(self, value: str) -> None:
        """Prepare to look for `value`."""
        self.value = value
        self.plain = tuple({value, value.replace(" ", "+")})
        """What it is once escapes are taken off; forms write `+` for a space."""
        self.escaped = tuple(_escaped(value) - {*self.plain})
        """Whole forms of it, because what stands in front may change how escapes are read."""
        self.encoded = tuple(sorted(_in_base64(value)))
        """Characters of base64 that only it determines, and whether those before and after belong to it in part."""

    @property
    def forms(self) -> Iterator[str]:
        """Every form of it by itself."""
        yield from self.plain
        yield from self.escaped
        for encoded, _, _ in self.encoded:
            yield encoded


def find_disguised(text: str, sought: Iterable[Needles]) -> list[Span]:
    """Return where values stand in `text`, in order and without overlaps; those sought first have the first claim."""
    needles = tuple(sought)
    spans: list[Span] = []
    for needle in needles:
        for form in needle.escaped:
            for start in _all(text, form):
                _claim(spans, start, start + len(form), needle.value)
    for view, place in _views(text):
        for needle in needles:
            for start, end in _found(view, needle):
                _claim(spans, place(start)[0], place(end - 1)[1], needle.value)
    return spans


def _found(view: str, needle: Needles) -> Iterator[tuple[int, int]]:
    for plain in needle.plain:
        for start in _all(view, plain):
            yield start, start + len(plain)
    for encoded, before, after in needle.encoded:
        for start in _all(view, encoded):
            end = start + len(encoded)
            if after and end < len(view) and view[end] in _ALPHABET:
                end += 1
            while end < len(view) and view[end] == "=" and end - start < len(encoded) + 3:
                end += 1
            yield start - 1 if before and start and view[start - 1] in _ALPHABET else start, end


def _all(text: str, needle: str) -> Iterator[int]:
    start = text.find(needle)
    while start >= 0:
        yield start
        start = text.find(needle, start + 1)


def _claim(spans: list[Span], start: int, end: int, value: str) -> None:
    """Note that `value` stands there; who has a part of that place already has all of it."""
    place = bisect_right(spans, start, key=lambda span: span[0])
    first = place - 1 if place and spans[place - 1][1] > start else place
    last = first
    while last < len(spans) and spans[last][0] < end:
        last += 1
    taken = spans[first:last]
    if taken:
        spans[first:last] = [(min(start, taken[0][0]), max(end, taken[-1][1]), taken[0][2])]
    else:
        insort(spans, (start, end, value))


def _escaped(value: str) -> set[str]:
    data = value.encode("utf-8", "surrogatepass")
    in_json = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    slashed = (text.replace("/", "\\/") for text in in_json)
    twice = (json.dumps(text, ensure_ascii=False)[1:-1] for text in in_json)
    in_urls = (quote(data, safe=""), quote(data), quote_plus(data))
    lower = (_PERCENT.sub(lambda escapes: escapes.group().lower(), text) for text in in_urls)
    return {*in_urls, *lower, *in_json, *slashed, *twice}


def _in_base64(value: str) -> set[tuple[str, bool, bool]]:
    found = set()
    for form in {value, *_escaped(value)}:
        data = form.encode("utf-8", "surrogatepass")
        for offset in range(3):
            # What stands before it shifts it by 0, 8 or 16 bits against the 6 of a character.
            text = base64.b64encode(bytes(offset) + data).decode("ascii")
            first, last = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
            stable = text[first:last]
            if len(stable) >= _SHORTEST_ENCODED:
                partly = (offset > 0, (offset + len(data)) * 8 % 6 > 0)
                found.add((stable, *partly))
                found.add((stable.translate(_URL_SAFE), *partly))
    return found


_URL_SAFE = str.maketrans("+/", "-_")


def _views(text: str) -> Iterator[tuple[str, _Place]]:
    """Yield `text` and what it is with escapes taken off, each with where its characters stand in `text`."""
    seen = {text}
    layer: list[tuple[str, _Place]] = [(text, _itself)]
    yield layer[0]
    for _ in range(_LAYERS):
        following: list[tuple[str, _Place]] = []
        for view, place in layer:
            for sign, pattern in _DECODERS:
                if sign not in view or len(seen) >= _VIEWS:
                    continue
                decoded, segments = _decoded(view, pattern)
                if decoded not in seen:
                    seen.add(decoded)
                    following.append((decoded, _composed(segments, place)))
                    yield following[-1]
        layer = following


def _itself(place: int) -> tuple[int, int]:
    return place, place + 1


def _composed(segments: list[tuple[int, int, int]], before: _Place) -> _Place:
    def place(at: int) -> tuple[int, int]:
        here, start, end = segments[bisect_right(segments, at, key=lambda segment: segment[0]) - 1]
        if end:
            return before(start)[0], before(end - 1)[1]
        return before(start + at - here)

    return place


def _decoded(text: str, pattern: re.Pattern[str]) -> tuple[str, list[tuple[int, int, int]]]:
    """Return `text` without the escapes of `pattern`, and its stretches: place here, start and end there.

    The end is 0 for a stretch in which each character is one there, too.
    """
    pieces: list[str] = []
    segments: list[tuple[int, int, int]] = []
    at = length = 0
    for match in pattern.finditer(text):
        start = match.start()
        if start > at:
            pieces.append(text[at:start])
            segments.append((length, at, 0))
            length += start - at
        for character, begin, end in _characters(match.group(), start):
            pieces.append(character)
            segments.append((length, begin, end))
            length += 1
        at = match.end()
    if at < len(text):
        pieces.append(text[at:])
        segments.append((length, at, 0))
    return "".join(pieces), segments


def _characters(escapes: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield each character that `escapes` stand for, and where its own escapes are."""
    if escapes[0] == "%":
        yield from _of_percent(unquote_to_bytes(escapes), start)
    elif escapes[1] == "u":
        yield from _of_units([int(escapes[at + 2 : at + 6], 16) for at in range(0, len(escapes), 6)], start)
    else:
        yield _SHORT.get(escapes[1], escapes[1]), start, start + 2


def _of_percent(data: bytes, start: int) -> Iterator[tuple[str, int, int]]:
    at = 0
    while at < len(data):
        lead = data[at]
        width = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        try:
            character = data[at : at + width].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            width, character = 1, chr(0xDC00 + lead)
        yield character, start + 3 * at, start + 3 * (at + width)
        at += width


def _of_units(units: list[int], start: int) -> Iterator[tuple[str, int, int]]:
    at = 0
    while at < len(units):
        pair = at + 1 < len(units) and 0xD800 <= units[at] < 0xDC00 <= units[at + 1] < 0xE000
        width = 2 if pair else 1
        code = 0x10000 + ((units[at] - 0xD800) << 10) + (units[at + 1] - 0xDC00) if pair else units[at]
        yield chr(code), start + 6 * at, start + 6 * (at + width)
        at += width
