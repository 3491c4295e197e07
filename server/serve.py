"""Running a platform: the socket, the server on it, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from server.app import Progress, begin_stopping, create_app
from server.settings import Settings
from server.state import ServerState, state_of

_GRACE_SECONDS = 2
"""How long open requests may take to end after the platform was told to stop."""


class CannotStart(Exception):
    """The platform cannot run with these settings; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A platform that answers at `url`."""

    url: str
    state: ServerState


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone: who runs it decides about them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(settings: Settings, progress: Progress = lambda _line: None) -> AsyncIterator[Running]:
    """Run a platform for the length of a block; raises CannotStart."""
    listener = _listen(settings.host, settings.port)
    app = create_app(settings, progress)
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws="websockets-sansio",
        ws_max_size=1024 * 1024,
    )
    server = _Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        await _until_started(server, serving)
        host, port = listener.getsockname()[:2]
        yield Running(f"http://{f'[{host}]' if ':' in host else host}:{port}", state_of(app))
    finally:
        begin_stopping(state_of(app))
        server.should_exit = True
        await serving
        listener.close()


async def serve(settings: Settings) -> None:
    """Run a platform until SIGINT or SIGTERM; says on stdout where it listens, once it does."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(stop.wait())
    try:
        async with running(settings, lambda line: _say(sys.stderr, line)) as platform:
            _say(sys.stdout, f"listening on {platform.url}")
            await starting
    finally:
        starting.cancel()


def _say(stream: object, line: str) -> None:
    stream.write(line + "\n")  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStart(f"cannot listen on {host} port {port}: {error.strerror}") from None
    listener.set_inheritable(False)
    return listener


async def _until_started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
            raise CannotStart("the platform stopped while it was starting; the log says why")
        await asyncio.sleep(0.005)
