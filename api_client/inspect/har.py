"""HAR 1.2 out of records, WebSocket messages included, as Chrome and Firefox read it.

The format: http://www.softwareishard.com/blog/har-12-spec/; `_webSocketMessages` and other names that begin with `_`
are those of Chrome's developer tools. As theirs by default, it leaves out what signs somebody in.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from api_client.client import USER_AGENT
from api_client.inspect.records import (
    BINARY,
    EPOCH,
    TEXT,
    CallRecord,
    FrameRecord,
    Headers,
    Phases,
    SocketRecord,
)
from api_client.inspect.redaction import Redactor

_LEFT_OUT = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_UNKNOWN = "x-unknown"
"""What Chrome calls the type of what never came."""
_HTTP = "HTTP/1.1"


def to_har(
    calls: Iterable[CallRecord],
    frames: Iterable[FrameRecord] = (),
    sockets: Iterable[SocketRecord] = (),
    *,
    redactor: Redactor,
) -> dict[str, Any]:
    """Return a HAR 1.2 document, redacted, its entries in the order in which they started.

    Calls that are under way are left out, and frames of sockets that are not given.
    """
    messages: dict[int, list[FrameRecord]] = {}
    for frame in frames:
        messages.setdefault(frame.socket, []).append(frame)
    entries = [(call.started, _of_call(call, redactor)) for call in calls if call.ended is not None]
    entries += [(socket.started, _of_socket(socket, messages.get(socket.id, []), redactor)) for socket in sockets]
    entries.sort(key=lambda entry: entry[0])
    name, _, version = USER_AGENT.partition("/")
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": name.capitalize(), "version": version},
            # The specification can do without; Firefox cannot.
            "pages": [],
            "entries": [entry for _, entry in entries],
        }
    }


def har_json(
    calls: Iterable[CallRecord],
    frames: Iterable[FrameRecord] = (),
    sockets: Iterable[SocketRecord] = (),
    *,
    redactor: Redactor,
) -> str:
    """Return `to_har` as the text of a file."""
    return json.dumps(to_har(calls, frames, sockets, redactor=redactor), ensure_ascii=True, indent=2)


def _of_call(call: CallRecord, redactor: Redactor) -> dict[str, Any]:
    timings, total = _timings(call.phases)
    entry: dict[str, Any] = {
        "startedDateTime": _moment(call.started),
        "time": total,
        "request": _request(call, redactor),
        "response": _response(call, redactor),
        "cache": {},
        "timings": timings,
        "_resourceType": "image" if call.media_type.startswith("image/") else "fetch",
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_endpoint": call.name,
        "_attempt": call.attempt,
        "_origin": call.origin,
        "_clientOverhead": max(0.0, _milliseconds((call.duration or 0) - call.phases.total)),
    }
    if call.server is not None:
        entry["serverIPAddress"], entry["connection"] = call.server[0], str(call.server[1])
    if call.connection is not None:
        entry["_connectionId"] = str(call.connection)
    if call.origin == "cache":
        entry["_fromCache"] = "disk"
    if call.parsed_ns is not None:
        entry["_parse"] = _milliseconds(call.parsed_ns)
    if call.note:
        entry["_injected"] = redactor.text(call.note)
    if call.cause is not None:
        entry["_action"] = {
            "id": call.cause.action,
            "label": redactor.text(call.cause.label),
            "number": call.cause.number,
        }
    return entry


def _request(call: CallRecord, redactor: Redactor) -> dict[str, Any]:
    request = _head(call.method, call.url, call.http_version, call.request_headers, redactor)
    request["bodySize"] = call.request_size
    if call.request_body is not None:
        media_type = call.request_headers.get("content-type")
        text, encoding = _shown(redactor.body(call.request_body, media_type.partition(";")[0].strip().lower()))
        request["postData"] = {"mimeType": media_type, "text": text}
        if encoding:
            request["postData"]["_encoding"] = encoding
        if call.request_size > len(call.request_body):
            request["postData"]["comment"] = _cut(len(call.request_body), call.request_size)
    return request


def _head(method: str, url: str, version: str, headers: Headers, redactor: Redactor) -> dict[str, Any]:
    # By hand, because with a tag in the place of its host an address is none any more.
    shown = redactor.url(url).partition("#")[0]
    query = parse_qsl(shown.partition("?")[2], keep_blank_values=True)
    return {
        "method": method,
        "url": shown,
        "httpVersion": version or _HTTP,
        "cookies": [],
        "headers": _headers(headers, redactor),
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": headers.size or -1,
        "bodySize": 0,
    }


def _response(call: CallRecord, redactor: Redactor) -> dict[str, Any]:
    if call.status is None:
        response = _no_response()
        response["_error"] = redactor.text(call.error.sentence) if call.error else "cancelled"
        return response
    content: dict[str, Any] = {
        "size": call.body_size,
        "mimeType": call.response_headers.get("content-type") or _UNKNOWN,
    }
    if call.body is not None:
        content["text"], encoding = _shown(redactor.body(call.body, call.media_type))
        if encoding:
            content["encoding"] = encoding
        if call.body_size > len(call.body):
            content["comment"] = _cut(len(call.body), call.body_size)
    if call.response_headers.get("content-encoding"):
        content["compression"] = call.body_size - call.wire_size
    response = {
        "status": call.status,
        "statusText": _phrase(call.status),
        "httpVersion": call.http_version or _HTTP,
        "cookies": [],
        "headers": _headers(call.response_headers, redactor),
        "content": content,
        "redirectURL": redactor.url(call.response_headers.get("location")),
        "headersSize": call.response_headers.size or -1,
        "bodySize": call.wire_size,
        "_transferSize": call.wire_size + call.response_headers.size,
    }
    if call.error is not None:
        response["_error"] = redactor.text(call.error.sentence)
    return response


def _no_response() -> dict[str, Any]:
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": _UNKNOWN},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": 0,
    }


def _of_socket(socket: SocketRecord, frames: list[FrameRecord], redactor: Redactor) -> dict[str, Any]:
    timings, opening = _timings(socket.phases)
    last = socket.ended or (frames[-1].at if frames else None) or socket.opened or socket.started
    # What came after the handshake counts as receiving.
    talking = max(0.0, _milliseconds(last - socket.started) - opening)
    timings["receive"] += talking
    response = _no_response()
    if socket.status is not None:
        response |= {
            "status": socket.status,
            "statusText": _phrase(socket.status),
            "httpVersion": _HTTP,
            "headers": _headers(socket.response_headers, redactor),
            "headersSize": socket.response_headers.size or -1,
            "bodySize": 0,
            "_transferSize": socket.received_bytes,
        }
    messages = [_message(frame, redactor) for frame in frames]
    if socket.error:
        error = redactor.text(socket.error)
        response["_error"] = error
        messages.append({"type": "error", "time": (last + EPOCH) / 1e9, "opcode": -1, "data": error})
    return {
        "startedDateTime": _moment(socket.started),
        "time": opening + talking,
        "request": _head("GET", socket.url, _HTTP, socket.request_headers, redactor),
        "response": response,
        "cache": {},
        "timings": timings,
        "_resourceType": "websocket",
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_connectionId": str(socket.id),
        "_webSocketMessages": messages,
    }


def _message(frame: FrameRecord, redactor: Redactor) -> dict[str, Any]:
    if isinstance(frame.data, str):
        data = redactor.body(frame.data.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
    else:
        data = base64.b64encode(redactor.bytes_(frame.data)).decode("ascii")
    opcode = frame.opcode if frame.opcode != TEXT or isinstance(frame.data, str) else BINARY
    kind = "send" if frame.direction == "sent" else "receive"
    message: dict[str, Any] = {"type": kind, "time": frame.at_time, "opcode": opcode, "data": data}
    if frame.cause is not None:
        message["_action"] = frame.cause.action
    if frame.note:
        message["_injected"] = frame.note
    return message


def _timings(phases: Phases) -> tuple[dict[str, float], float]:
    """Return the timings in milliseconds, and their sum: `ssl` is a part of `connect`, -1 is what did not happen."""
    both = (phases.connect, phases.tls)
    connect = None if both == (None, None) else (phases.connect or 0) + (phases.tls or 0)
    timings = {
        "blocked": _or_none(phases.blocked),
        "dns": _or_none(phases.dns),
        "connect": _or_none(connect),
        "ssl": _or_none(phases.tls),
        "send": _milliseconds(phases.send or 0),
        "wait": _milliseconds(phases.wait or 0),
        "receive": _milliseconds(phases.receive or 0),
    }
    return timings, sum(value for name, value in timings.items() if name != "ssl" and value >= 0)


def _headers(headers: Headers, redactor: Redactor) -> list[dict[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in _LEFT_OUT]
    return [{"name": name, "value": value} for name, value in redactor.headers(kept)]


def _shown(body: bytes) -> tuple[str, str]:
    """Return a body as text, and its encoding: `base64` for what is no text, else empty."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.start < len(body) - 3:
            return base64.b64encode(body).decode("ascii"), "base64"
        # Cut in the middle of a character.
        text = body[: error.start].decode("utf-8")
    return (base64.b64encode(body).decode("ascii"), "base64") if "\0" in text else (text, "")


def _moment(at: int) -> str:
    """Return a moment of `perf_counter_ns` as ISO 8601."""
    moment = datetime.fromtimestamp((at + EPOCH) / 1e9, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _milliseconds(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 4)


def _or_none(nanoseconds: int | None) -> float:
    return -1 if nanoseconds is None else _milliseconds(nanoseconds)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _cut(kept: int, size: int) -> str:
    return f"the first {kept} of {size} bytes"
