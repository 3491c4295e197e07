"""What browsers ask of a HAR that they open: their checks, in their order, and what they make of it."""

from __future__ import annotations

import base64
import math
from datetime import datetime
from typing import Any


def _text(value: Any) -> str:
    if value is None:
        raise ValueError("missing")
    return str(value)


def _number(value: Any) -> float:
    """Chrome: `Number(x)`, and "Casting to number results in NaN" for what is none."""
    number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if math.isnan(number):
        raise ValueError("Casting to number results in NaN")
    return number


def _optional(value: Any) -> float | None:
    return None if value is None else _number(value)


def _date(value: Any) -> float:
    return datetime.fromisoformat(_text(value).replace("Z", "+00:00")).timestamp()


def _pairs(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        raise TypeError("not an array")
    return [(_text(item["name"]), _text(item["value"])) for item in value]


def as_chrome(har: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the network panel of Chrome's developer tools shows; raises where it refuses the file."""
    log = har["log"]
    _text(log["version"])
    _text(log["creator"]["name"])
    if not isinstance(log["entries"], list):
        raise TypeError("not an array")
    return [_chrome_entry(entry) for entry in log["entries"]]


def _chrome_entry(entry: dict[str, Any]) -> dict[str, Any]:
    request, response, timings = entry["request"], entry["response"], entry["timings"]
    if not isinstance(entry.get("cache"), dict):
        raise TypeError("cache is no object")
    for message in (request, response):
        _text(message["httpVersion"])
        _pairs(message["headers"])
        _number(message.get("headersSize"))
        _number(message.get("bodySize"))
        for cookie in message["cookies"]:
            if cookie.get("expires"):
                _date(cookie["expires"])
    _text(request["method"])
    if "#" in _text(request["url"]):
        raise ValueError("a URL has no fragment here")
    _pairs(request["queryString"])
    if "postData" in request:
        _text(request["postData"]["mimeType"])
    content = response["content"]
    _number(content.get("size"))
    _text(content["mimeType"])
    body = content.get("text", "")
    if content.get("encoding") == "base64":
        base64.b64decode(body, validate=True)
    for name in ("send", "wait", "receive"):
        if _number(timings.get(name)) < 0:
            raise ValueError(f"{name} is negative")
    for name in ("blocked", "dns", "connect", "ssl"):
        _optional(timings.get(name))
    if timings.get("ssl", -1) > timings.get("connect", -1):
        raise ValueError("ssl is a part of connect")
    return {
        "started": _date(entry.get("startedDateTime")),
        "time": _number(entry.get("time")),
        "status": int(_number(response.get("status"))),
        "messages": [message for message in map(_chrome_message, entry.get("_webSocketMessages", [])) if message],
    }


def _chrome_message(message: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return a message of a socket; one that lacks something is left out."""
    fields = tuple(message.get(name) for name in ("type", "time", "opcode", "data"))
    if None in fields or fields[0] not in ("send", "receive", "error"):
        return None
    if fields[2] not in (1, -1):
        base64.b64decode(str(fields[3]), validate=True)
    return fields


def as_firefox(har: dict[str, Any], also: object = None) -> list[dict[str, Any]]:
    """Return what the network monitor of Firefox shows; raises where its importer would."""
    log = har["log"]
    pages = {page["id"]: page for page in log["pages"]}
    shown = []
    for entry in log["entries"]:
        cached = entry["cache"].get("afterRequest")
        timings = entry["timings"]
        shown.append(
            {
                "started": _date(entry["startedDateTime"]) * 1000,
                "url": entry["request"]["url"],
                "page": pages.get(entry.get("pageref")),
                "fromCache": cached is not None,
                "total": sum(max(0, timings.get(name, -1)) for name in timings),
                "size": entry["response"]["bodySize"],
                "type": entry["response"]["content"]["mimeType"],
                "headers": [header["name"] for header in entry["request"]["headers"]],
                "post": entry["request"].get("postData", {}).get("text"),
            }
        )
    return shown
