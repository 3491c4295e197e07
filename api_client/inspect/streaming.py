"""Requests for files that are read piece by piece, recorded like all others, but without their bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from api_client.inspect.on_demand import capture
from api_client.postponed import httpx

if TYPE_CHECKING:
    from api_client.inspect.capture import Watch
    from api_client.inspect.recorder import Recorder

FindRecorder = Callable[[], "Recorder | None"]
"""Gives what keeps a record at this moment; None while nothing is recorded."""


def nobody() -> None:
    """Nothing is ever recorded."""


@asynccontextmanager
async def streamed(
    client: httpx.AsyncClient, request: httpx.Request, name: str, recorder: Recorder | None
) -> AsyncIterator[httpx.Response]:
    """Send `request` without the client's auth and without following anybody; yield the response with its body unread.

    The record is called `name`, and is complete when the block ends, wherever in the body that is. Raises what httpx
    raises.
    """
    if recorder is None:
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            yield response
        finally:
            await response.aclose()
        return
    capture.attend(client, timed=True)
    watch = capture.begin(recorder, None, name, request.method, str(request.url), request.headers, None)
    try:
        watch.sends(request)
        response = await client.send(request, stream=True, auth=None, follow_redirects=False)
        watch.has_answer(response)
        try:
            yield response
        finally:
            watch.has_streamed(response.num_bytes_downloaded)
            await response.aclose()
    except httpx.TransportError as error:
        _note(watch, error)
        raise
    except BaseException as error:
        if not watch.answered:
            watch.fails(error)
        raise
    finally:
        watch.ends()


def _note(watch: Watch, error: httpx.TransportError) -> None:
    """Note the failure in the words of the other calls."""
    from api_client.transport import translated

    watch.fails(translated(error, watch.record.url.partition("://")[2].partition("/")[0]))
