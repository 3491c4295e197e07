"""The filter language of the inspector, after mitmproxy's: which records are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns

from api_client.inspect.records import CallRecord, FrameRecord, Headers, SocketRecord

Record = CallRecord | FrameRecord | SocketRecord
Filter = Callable[[Record], bool]
"""Whether a record is to be shown."""

DEEPEST = 40
"""Brackets inside of brackets."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()&|!])|~(?P<name>[A-Za-z]*)|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[^\s()&|"']+))""",
    re.DOTALL,
)
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|s|us)?$")
_UNITS = {"us": 1e3, "ms": 1e6, "s": 1e9}
_STATUS = re.compile(r"(?P<sign>[<>]=?)?(?P<low>\d{3})(?:-(?P<high>\d{3}))?$|(?P<hundreds>[1-5])xx$", re.IGNORECASE)


class FilterError(ValueError):
    """An expression that cannot be understood; `column` counts from 1."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(f"{sentence} (column {column})")
        self.sentence = sentence
        self.column = column


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`sign`, `name`, `text`, or `end`."""
    text: str
    column: int


def parse_filter(text: str) -> Filter:
    """Return the filter that `text` describes; an empty one lets everything through. Raises `FilterError`.

    A word by itself looks at URL and endpoint, or at type and text of a frame. `~m` method, `~u` URL, `~c` status
    (`404`, `4xx`, `>=500`, `200-299`), `~b` `~bq` `~bs` bodies, `~h` `~hq` `~hs` headers, `~t` content type or type of
    a frame, `~e` no reply, `~q` under way, `~ws` sockets, `~n` endpoint, `~action`, `~slow 300ms`, `~origin`. Patterns
    are regular expressions that do not care about case. `&` or nothing between two means both, `|` one of them, `!`
    not; brackets group.
    """
    tokens = _tokens(text)
    if tokens[0].kind == "end":
        return _everything
    parser = _Parser(tokens)
    found = parser.either(0)
    left = parser.peek()
    if left.kind != "end":
        raise FilterError("This bracket was never opened.", left.column)
    return found


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            column = at + 1 + len(text[at:]) - len(text[at:].lstrip())
            raise FilterError("This quote is never closed.", column)
        kind = match.lastgroup or ""
        column = match.start(kind) + 1
        if kind == "name":
            tokens.append(_Token("name", match["name"], column - 1))
        elif kind == "quoted":
            tokens.append(_Token("text", re.sub(r"\\([\"'\\])", r"\1", match["quoted"][1:-1]), column + 1))
        else:
            tokens.append(_Token("sign" if kind == "sign" else "text", match[kind], column))
        at = match.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


class _Parser:
    """Reads tokens by recursive descent: either, both, single."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is_sign(self, sign: str) -> bool:
        token = self.peek()
        return token.kind == "sign" and token.text == sign

    def either(self, depth: int) -> Filter:
        parts = [self._both(depth)]
        while self._is_sign("|"):
            self._take()
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def _both(self, depth: int) -> Filter:
        parts = [self._single(depth)]
        while self.peek().kind != "end" and not self._is_sign("|") and not self._is_sign(")"):
            if self._is_sign("&"):
                self._take()
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def _single(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise FilterError("That many brackets and negations nobody can follow.", self.peek().column)
        token = self._take()
        if token.kind == "text":
            return _anywhere(_pattern(token))
        if token.kind == "name":
            return self._named(token)
        if token.kind == "sign" and token.text == "!":
            inner = self._single(depth + 1)
            return lambda record: not inner(record)
        if token.kind == "sign" and token.text == "(":
            found = self.either(depth + 1)
            if not self._is_sign(")"):
                raise FilterError("This bracket is never closed.", token.column)
            self._take()
            return found
        if token.kind == "end":
            raise FilterError("Something is missing at the end.", token.column)
        raise FilterError(f"Nothing stands before “{token.text}”.", token.column)

    def _named(self, token: _Token) -> Filter:
        name = token.text.lower()
        if name in _FLAGS:
            return _FLAGS[name]
        maker = _MAKERS.get(name)
        if maker is None:
            raise FilterError(f"There is no ~{token.text}.", token.column)
        operand = self._take()
        if operand.kind != "text":
            raise FilterError(f"~{name} needs {_WANTS.get(name, 'a pattern')} behind it.", operand.column)
        return maker(operand)


def _pattern(token: _Token) -> re.Pattern[str]:
    try:
        return re.compile(token.text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        why, place = getattr(error, "msg", error), getattr(error, "pos", None) or 0
        raise FilterError(f"This is no regular expression: {why}.", token.column + place) from None


def _everything(record: Record) -> bool:
    return True


def _anywhere(pattern: re.Pattern[str]) -> Filter:
    def matches(record: Record) -> bool:
        if isinstance(record, CallRecord):
            return bool(pattern.search(record.url) or pattern.search(record.name))
        if isinstance(record, SocketRecord):
            return bool(pattern.search(record.url))
        return bool(pattern.search(record.type) or pattern.search(_text(record.data)))

    return matches


def _searching(*texts_of: Callable[[Record], str]) -> Callable[[_Token], Filter]:
    """Return what makes a filter that looks for a pattern in one of the texts of a record."""

    def make(token: _Token) -> Filter:
        pattern = _pattern(token)
        return lambda record: any(pattern.search(text_of(record)) for text_of in texts_of)

    return make


def _method(record: Record) -> str:
    return record.method if isinstance(record, CallRecord) else "WS"


def _url(record: Record) -> str:
    return "" if isinstance(record, FrameRecord) else record.url


def _name(record: Record) -> str:
    return record.name if isinstance(record, CallRecord) else ""


def _request_body(record: Record) -> str:
    if isinstance(record, FrameRecord):
        return _text(record.data) if record.direction == "sent" else ""
    return _text(record.request_body) if isinstance(record, CallRecord) else ""


def _reply_body(record: Record) -> str:
    if isinstance(record, FrameRecord):
        return _text(record.data) if record.direction == "received" else ""
    return _text(record.body) if isinstance(record, CallRecord) else ""


def _request_headers(record: Record) -> str:
    return "" if isinstance(record, FrameRecord) else _lines(record.request_headers)


def _reply_headers(record: Record) -> str:
    return "" if isinstance(record, FrameRecord) else _lines(record.response_headers)


def _type(record: Record) -> str:
    if isinstance(record, FrameRecord):
        return record.type
    return record.media_type if isinstance(record, CallRecord) else ""


def _action(record: Record) -> str:
    cause = None if isinstance(record, SocketRecord) else record.cause
    return f"{cause.action} {cause.label}" if cause is not None else ""


def _origin(record: Record) -> str:
    return record.origin if isinstance(record, CallRecord) else "network"


def _status(token: _Token) -> Filter:
    match = _STATUS.match(token.text)
    if match is None:
        raise FilterError("~c needs a status such as 404, 4xx, >=500 or 200-299 behind it.", token.column)
    if match["hundreds"]:
        low, high = int(match["hundreds"]) * 100, int(match["hundreds"]) * 100 + 99
    else:
        low = int(match["low"])
        high = int(match["high"]) if match["high"] else low
        match match["sign"]:
            case ">":
                low, high = low + 1, 999
            case ">=":
                high = 999
            case "<":
                low, high = 0, low - 1
            case "<=":
                low = 0
    return lambda record: not isinstance(record, FrameRecord) and low <= (record.status or -1) <= high


def _slow(token: _Token) -> Filter:
    match = _DURATION.match(token.text)
    if match is None:
        raise FilterError("~slow needs a time such as 300ms or 1.5s behind it.", token.column)
    limit = float(match["number"]) * _UNITS[match["unit"] or "ms"]

    def matches(record: Record) -> bool:
        if not isinstance(record, CallRecord):
            return False
        return (perf_counter_ns() if record.ended is None else record.ended) - record.started >= limit

    return matches


def _no_reply(record: Record) -> bool:
    if isinstance(record, CallRecord):
        return record.error is not None or record.cancelled
    return isinstance(record, SocketRecord) and bool(record.error)


def _under_way(record: Record) -> bool:
    return not isinstance(record, FrameRecord) and record.ended is None


def _of_socket(record: Record) -> bool:
    return not isinstance(record, CallRecord)


def _injected(record: Record) -> bool:
    return not isinstance(record, SocketRecord) and bool(record.note)


def _text(data: str | bytes | None) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data or ""


def _lines(headers: Headers) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers)


_FLAGS: Mapping[str, Filter] = {
    "e": _no_reply,
    "q": _under_way,
    "ws": _of_socket,
    "websocket": _of_socket,
    "injected": _injected,
}
_MAKERS: Mapping[str, Callable[[_Token], Filter]] = {
    "m": _searching(_method),
    "u": _searching(_url),
    "n": _searching(_name),
    "c": _status,
    "b": _searching(_request_body, _reply_body),
    "bq": _searching(_request_body),
    "bs": _searching(_reply_body),
    "h": _searching(_request_headers, _reply_headers),
    "hq": _searching(_request_headers),
    "hs": _searching(_reply_headers),
    "t": _searching(_type),
    "action": _searching(_action),
    "origin": _searching(_origin),
    "slow": _slow,
}
_WANTS = {"c": "a status such as 404 or 4xx", "slow": "a time such as 300ms"}
