"""Files over HTTP: validators, ranges, and bytes read away from the event loop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from io import BufferedReader
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from api_client.errors import ErrorCode
from server.problems import Problem

_CHUNK = 256 * 1024
_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


async def file_reply(
    request: Request, path: Path, *, media_type: str, etag: str, cache_control: str, size: int | None = None
) -> Response:
    """Return the reply to a GET or HEAD for the file at `path`: 200, 206, 304; raises Problem 416.

    `etag` is without quotes. One range is answered; several at once are answered with the whole file, as RFC 9110
    (14.2) allows. Raises FileNotFoundError if the file is not there.
    """
    total = size if size is not None else (await asyncio.to_thread(path.stat)).st_size
    quoted = f'"{etag}"'
    headers = {"ETag": quoted, "Cache-Control": cache_control, "Accept-Ranges": "bytes"}
    if _names(request.headers.get("if-none-match"), quoted):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range", quoted) != quoted:
        wanted = None
    first, last = _span(wanted, total)
    headers["Content-Length"] = str(last - first + 1)
    status = 200
    if wanted is not None and _RANGE.match(wanted.strip()):
        status = 206
        headers["Content-Range"] = f"bytes {first}-{last}/{total}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_bytes(path, first, last), status, headers, media_type)


def _names(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))


def _span(wanted: str | None, total: int) -> tuple[int, int]:
    """Return the first and the last byte to send; (0, -1) is nothing of an empty file."""
    found = _RANGE.match(wanted.strip()) if wanted is not None else None
    if found is None:
        return 0, total - 1
    start, end = found.groups()
    if not start and not end:
        raise _unsatisfiable(total)
    if not start:
        first, last = max(0, total - int(end)), total - 1
    else:
        first, last = int(start), min(int(end) if end else total - 1, total - 1)
    if first > last:
        raise _unsatisfiable(total)
    return first, last


def _unsatisfiable(total: int) -> Problem:
    headers = {"Content-Range": f"bytes */{total}"}
    return Problem(ErrorCode.RANGE_NOT_SATISFIABLE, "The file does not have these bytes.", headers=headers)


async def _bytes(path: Path, first: int, last: int) -> AsyncIterator[bytes]:
    file = await _opened(path)
    try:
        await asyncio.to_thread(file.seek, first)
        left = last - first + 1
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(_CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
    finally:
        file.close()


async def _opened(path: Path) -> BufferedReader:
    """Open a file on a thread; it is closed as well when nobody waits for it any more by the time it is open."""
    opening = asyncio.ensure_future(asyncio.to_thread(path.open, "rb"))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        raise


def _close(opening: asyncio.Future[BufferedReader]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
