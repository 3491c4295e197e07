"""Replies: bytes into checked JSON, every known envelope into data, every known refusal into an error."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Never, TypeGuard

from api_client.calls import Page, Reply
from api_client.endpoints import Endpoint
from api_client.errors import ApiError, BadReply, ErrorCode, api_error
from api_client.text import clean, clean_line

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SENTENCE_LIMIT = 300
RETRY_AFTER_LIMIT = 3_600.0
"""Seconds; whoever asks for longer is asked again after an hour."""

COMMAS, BRACKETS = 500_000, 100_000
"""What the JSON of one reply may hold: whoever reads a value of two bytes needs a hundred for it."""

_EMPTY = object()
_DIGITS = bytes(ord("0") if chr(byte).isdecimal() else ord(" ") for byte in range(256))
_LONG_NUMBER = b"0" * 19
"""So many digits may be more than 64 bits hold."""
_MANY = 100
"""From so many items on a list is worth being made smaller."""
_PIECE = 250
"""Items that are read without a pause."""
_PLAIN = bytes([10, *range(32, 127)])
"""What JSON can hold without that anything is to be cleaned: ASCII that is printed, and the ends of lines."""


def read_json(body: bytes, host: str) -> Any:
    """Return the JSON in `body` with every string cleaned.

    Refuses, with `BadReply`, what JSON does not have or two readers could understand differently: NaN and infinity,
    numbers beyond a float or 64 bits, the same key twice, other encodings than UTF-8, nesting beyond Python's own
    depth; and what is made of so many small things that it would fill the memory.
    """
    if body.count(b",") > COMMAS or body.count(b"{") + body.count(b"[") > BRACKETS:
        raise BadReply(f"{host} answered with more than can be read at once.")
    try:
        text = body.decode("utf-8-sig")
        # Strings are cleaned as they are read: a second tree of the same size would not fit beside the first.
        hook = _unique_as_it_is if _is_clean(body) else _unique
        # Digits are counted all at once: a call for each number of a long list takes longer than reading it.
        whole = _whole if _LONG_NUMBER in body.translate(_DIGITS) else int
        return _cleaned(
            json.loads(text, object_pairs_hook=hook, parse_constant=_no_constant, parse_float=_finite, parse_int=whole)
        )
    except (ValueError, RecursionError) as error:
        raise BadReply(f"{host} answered with something that cannot be read.") from error


def read_reply(reply: Reply, endpoint: Endpoint, host: str) -> Any:
    """Return the typed data of a reply of success: an instance of `endpoint.reply`, or a `Page` of them.

    Raises `BadReply` if it cannot be understood, `ApiError` if it is a refusal in spite of its status.
    """
    # Who takes the JSON as it is, or a refusal, need not wait until shapes can be read.
    from api_client.models.base import Done

    refuse_web_page(reply, host)
    value = read_json(reply.body, host) if reply.body.strip() else _EMPTY
    data, cursor = unwrap(value, reply, endpoint)
    if endpoint.reply is Done and not isinstance(data, dict):
        return Done()
    if data is _EMPTY:
        raise BadReply(f"{host} answered with nothing.")
    try:
        if endpoint.paged:
            return Page(_read_items(_adapter(endpoint.name, endpoint.reply, True), _items(data)), cursor)
        return _adapter(endpoint.name, endpoint.reply, False).validate_python(data)
    except (ValueError, RecursionError) as error:
        raise BadReply(f"{host} answered to {endpoint.name} in a form that cannot be understood.") from error


def _read_items(adapter: TypeAdapter[Any], data: Any) -> list[Any]:
    """Return the items of a list, in pieces: another thread waits until one is read. Raises ValueError."""
    from api_client.models.base import UNREADABLE_LIMIT, WireModel
    from api_client.models.sharing import share

    if not isinstance(data, list) or len(data) <= _PIECE:
        items: list[Any] = adapter.validate_python(data)
    else:
        items = []
        for start in range(0, len(data), _PIECE):
            items += adapter.validate_python(data[start : start + _PIECE])
            if start + _PIECE - len(items) > UNREADABLE_LIMIT + _PIECE:
                raise ValueError("this is not what it should be")
    if len(items) >= _MANY and isinstance(items[0], WireModel):
        share(items)
    return items


def unwrap(value: Any, reply: Reply, endpoint: Endpoint) -> tuple[Any, str | None]:
    """Return data and cursor out of the platform's envelope, of a bare reply, or of one with `data` beside the cursor.

    Raises `ApiError` for an envelope that says that the call failed.
    """
    if not isinstance(value, dict):
        return value, None
    if value.get("success") is False or ("error" in value and "data" not in value):
        raise failure_from(value, reply)
    cursor = _cursor(value)
    if "data" not in value:
        return value, cursor
    data = value["data"]
    if isinstance(data, dict):
        lifted = {name: value[name] for name in endpoint.lifted if name in value and name not in data}
        return {**lifted, **data}, cursor or _cursor(data)
    if data is None and endpoint.lifted:
        return {name: value[name] for name in endpoint.lifted if name in value}, cursor
    return data, cursor


def failure_of(reply: Reply, host: str) -> ApiError | BadReply | None:
    """Return the error that a reply stands for, None if its status says success."""
    if reply.status < 300:
        return None
    if reply.status < 400:
        place = clean_line(reply.headers.get("location", ""))[:100]
        return BadReply(f"{host} sends its callers elsewhere{': ' + place if place else ''}. Is the address right?")
    if looks_like_html(reply) and reply.status not in (401, 429) and reply.status < 500:
        return BadReply(_WEB_PAGE.format(host=host))
    try:
        value = read_json(reply.body, host)
    except BadReply:
        plain = reply.media_type == "text/plain"
        value = {"message": reply.body[:2_000].decode("utf-8", "replace")} if plain else None
    return failure_from(value, reply)


def failure_from(value: Any, reply: Reply) -> ApiError:
    """Return the error for a decoded refusal: `{error:{code,message}}`, `{error}`, `{message}` or `{detail}`."""
    body = value if isinstance(value, dict) else {}
    inner = body.get("error")
    said = inner if isinstance(inner, dict) else body
    message = next(
        (text for text in (said.get("message"), inner, body.get("message"), body.get("detail")) if _is_text(text)), None
    )
    details = said.get("details")
    if isinstance(body.get("detail"), list):
        details = _field_complaints(body["detail"])
    code = said.get("code")
    meta = body.get("meta")
    request_id = meta.get("requestId") if isinstance(meta, dict) else None
    return api_error(
        reply.status,
        code if _is_text(code) else _CODES.get(reply.status, ErrorCode.INTERNAL if reply.status >= 500 else "UNKNOWN"),
        shortened(message) if message else _default_sentence(reply.status),
        details=details,
        request_id=request_id if _is_text(request_id) else reply.headers.get("x-request-id"),
        retry_after=read_retry_after(reply.headers.get("retry-after")),
    )


def read_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for, within [0, 3600]; None where it says nothing readable."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - (now or datetime.now(UTC))).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), RETRY_AFTER_LIMIT)


def looks_like_html(reply: Reply) -> bool:
    """Whether a web page came back: a captive portal, a proxy, or the wrong address."""
    return reply.body.lstrip()[:1] == b"<"


def refuse_web_page(reply: Reply, host: str) -> None:
    """Raise `BadReply` if a web page came back."""
    if looks_like_html(reply):
        raise BadReply(_WEB_PAGE.format(host=host))


def shortened(text: str) -> str:
    """Return what a server said, cleaned, on one line and no longer than a screen wants it."""
    line = " ".join(clean(text).split())
    return line if len(line) <= SENTENCE_LIMIT else line[: SENTENCE_LIMIT - 1] + "…"


_WEB_PAGE = "{host} answered with a web page, not with the platform. Is the address right?"

_CODES: Mapping[int, ErrorCode] = {
    400: ErrorCode.VALIDATION_ERROR,
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    409: ErrorCode.CONFLICT,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    422: ErrorCode.VALIDATION_ERROR,
    429: ErrorCode.RATE_LIMITED,
    502: ErrorCode.UNAVAILABLE,
    503: ErrorCode.UNAVAILABLE,
    504: ErrorCode.UNAVAILABLE,
}

_SENTENCES: Mapping[int, str] = {
    400: "The platform did not understand the request.",
    401: "Please sign in.",
    403: "You are not allowed to do this.",
    404: "This does not exist, or not any more.",
    405: "The platform does not offer this.",
    409: "This has changed in the meantime.",
    413: "This is larger than the platform takes.",
    429: "Too many requests; the platform asks to wait.",
    502: "The platform cannot be reached behind its gateway; try again later.",
    503: "The platform is not available right now; try again later.",
    504: "The platform took too long behind its gateway; try again later.",
}


def _default_sentence(status: int) -> str:
    if status in _SENTENCES:
        return _SENTENCES[status]
    try:
        return f"The platform answered {status} {HTTPStatus(status).phrase}."
    except ValueError:
        return f"The platform answered {status}."


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _field_complaints(items: list[Any]) -> list[dict[str, str]]:
    """Return FastAPI's complaints (`loc`, `msg`) as the platform's (`field`, `message`)."""
    return [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item.get("msg", ""))}
        for item in items
        if isinstance(item, dict) and isinstance(item.get("loc"), list)
    ]


def _cursor(value: Mapping[str, Any]) -> str | None:
    meta = value.get("meta")
    for holder in (value, meta if isinstance(meta, dict) else {}):
        for name in ("nextCursor", "next_cursor"):
            cursor = holder.get(name)
            if isinstance(cursor, (str, int)) and cursor != "" and not isinstance(cursor, bool):
                return str(cursor)
    return None


def _items(data: Any) -> Any:
    """Return the list in `data`: itself, its `items`, or the only list it has."""
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("items"), list):
        return data["items"]
    lists = [value for value in data.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else data


def _is_clean(body: bytes) -> bool:
    """Whether no string in this JSON needs cleaning; False also where that is not plain to see.

    Looking through all of it at once costs a tenth of looking at each string.
    """
    escapes = body.count(b"\\")
    if escapes and escapes != body.count(b"\\n") + body.count(b'\\"'):
        return False
    unusual = body.translate(None, _PLAIN)
    return not unusual or (rest := unusual.decode()) == clean(rest)


def _unique_as_it_is(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {clean(key): _cleaned(value) for key, value in pairs}
    if len(found) != len(pairs):
        raise ValueError("the same key twice")
    return found


def _cleaned(value: Any) -> Any:
    """Return a string cleaned, a list with its strings cleaned in place; objects were cleaned when they were made."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, (str, list)):
                value[place] = _cleaned(item)
    return value


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _whole(digits: str) -> int:
    number = int(digits)
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError("a whole number beyond 64 bits")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond what a float holds")
    return number


@cache
def _adapter(name: str, kind: Any, paged: bool) -> TypeAdapter[Any]:
    """Return the validator of an endpoint; `name` keeps apart kinds that compare equal."""
    from pydantic import TypeAdapter

    from api_client.models.base import Items

    return TypeAdapter(Items[kind] if paged else kind)
