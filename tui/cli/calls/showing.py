"""A call in the form that was asked for: its parts as HTTP has them, or as curl, Python or HAR; without secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.cli.calls.request import Request
from tui.cli.output import has_colours, visible, write_bytes, write_text

if TYPE_CHECKING:
    from api_client.calls import Reply
    from api_client.inspect.records import CallRecord, Phases
    from api_client.inspect.redaction import Redactor

FORMS = ("curl", "python", "har", "raw")
PARTS = "HBhbm"
"""H and B: head and body of the request; h and b: of the reply; m: how long it took."""

_NAME, _GOOD, _BAD, _END = "\x1b[36m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


def drafted(request: Request, *, signed_in: bool) -> CallRecord:
    """Return `request` as a record of a call that was not made."""
    from time import perf_counter_ns

    from api_client.inspect.records import CallRecord, Headers

    bearer = {"Authorization": "Bearer $PARLOUR_TOKEN"} if signed_in else {}
    host = {"Host": urlsplit(request.url).netloc}
    record = CallRecord(1, "raw", request.method, request.url, perf_counter_ns())
    record.request_headers = Headers.of({**host, **bearer, **request.headers}.items())
    record.request_body, record.request_size = request.content, len(request.content or b"")
    return record


def write_form(form: str, calls: Sequence[CallRecord], redactor: Redactor, *, raw: bool = False) -> None:
    """Write calls as `curl`, `python`, `har` or `raw` HTTP."""
    if form == "har":
        from api_client.inspect.har import har_json

        write_bytes(har_json(calls, redactor=redactor).encode() + b"\n", raw=raw)
        return
    for call in calls:
        if form == "raw":
            write_exchange("HBhb", call, redactor, raw=raw)
        else:
            from api_client.inspect.curl import as_curl, as_python

            text = as_curl(call, redactor) if form == "curl" else as_python(call, redactor)
            write_text(text.rstrip("\n") + "\n", raw=raw)


def write_exchange(
    parts: str, call: CallRecord, redactor: Redactor, *, body: bytes | None = None, raw: bool = False
) -> None:
    """Write `parts` of one call, in the order of HTTP; `body` is the reply's, if the record has not all of it."""
    if "H" in parts:
        path = urlsplit(redactor.url(call.url))._replace(scheme="", netloc="").geturl() or "/"
        first = f"{call.method} {path} {call.http_version or 'HTTP/1.1'}"
        _write_head(first, redactor.headers(call.request_headers), raw=raw)
    if "B" in parts and call.request_body:
        media_type = call.request_headers.get("content-type").partition(";")[0].strip().lower()
        _write_block(redactor.body(call.request_body, media_type), raw=raw)
    if "h" in parts and call.status is not None:
        _write_head(status_line(call.status, call.http_version), redactor.headers(call.response_headers), raw=raw)
    body = body or call.body
    if "b" in parts and body:
        _write_block(redactor.body(body, call.media_type), raw=raw)
    if "m" in parts and call.status is not None:
        write_text(timing(call.phases) + "\n")


def write_reply_head(reply: Reply, redactor: Redactor, *, raw: bool = False) -> None:
    """Write the status and the headers of a reply, these in the order of their names."""
    _write_head(status_line(reply.status, ""), redactor.headers(sorted(reply.headers.items())), raw=raw)


def status_line(status: int, version: str) -> str:
    """Return the first line of a reply."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"{version or 'HTTP/1.1'} {status} {phrase}".rstrip()


def timing(phases: Phases) -> str:
    """Return in one line how long each part took, in milliseconds."""
    names = ("blocked", "dns", "connect", "tls", "send", "wait", "receive")
    took = [(name, getattr(phases, name)) for name in names]
    told = [f"{name} {spent / 1e6:.2f}" for name, spent in took if spent is not None]
    return f"{'  '.join(told)}  total {phases.total / 1e6:.2f} ms"


def _write_head(first: str, headers: Iterable[tuple[str, str]], *, raw: bool) -> None:
    lines = [(name, value.replace("\r", " ").replace("\n", " ")) for name, value in headers]
    if not has_colours(sys.stdout):
        write_text("".join(f"{line}\n" for line in (first, *(f"{n}: {v}" for n, v in lines), "")), raw=raw)
        return
    status = first.split(" ")[1] if first.startswith("HTTP/") else ""
    colour = (_GOOD if status < "400" else _BAD) if status else _NAME
    sys.stdout.write(f"{colour}{visible(first)}{_END}\n")
    for name, value in lines:
        sys.stdout.write(f"{_NAME}{visible(name)}{_END}: {visible(value)}\n")
    sys.stdout.write("\n")


def _write_block(data: bytes, *, raw: bool) -> None:
    write_bytes(data, raw=raw)
    write_text("\n" if data.endswith(b"\n") or has_colours(sys.stdout) else "\n\n")
