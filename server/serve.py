"""Running a platform: the socket, the server on it, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TextIO

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DatabaseError
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.app import Progress, begin_stopping, create_app
from server.db import SchemaMismatch
from server.settings import Settings
from server.state import ServerState, state_of

_KEEP_ALIVE_SECONDS = 75
"""How long an unused connection is kept for the next request of whoever made it."""
_GRACE_SECONDS = 2
"""How long open requests may take to end after the platform was told to stop."""
_BODY_GRACE_SECONDS = 0.5
"""How long the rest of a request may take to arrive then; what is cut off has not been begun, and is sent again."""

_COLLECTED = (10_000, 20, 20)
"""After so many new objects, and so many looks at the younger ones, garbage is looked for: a list of thousands is
objects that all live until it is sent, and to look through them every 700 of them doubles what it costs."""
_TICK_SECONDS = 0.1
_READ_BYTES = 4096


class CannotStart(Exception):
    """The platform cannot run with these settings; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A platform that answers at `url`."""

    url: str
    state: ServerState


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone and stops as soon as it is told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as every server does, and say so."""
        await super().startup(sockets)
        self.ready.set()

    def stop(self) -> None:
        """Begin to stop."""
        self.should_exit = True
        self._told.set()
        asyncio.get_running_loop().call_later(_BODY_GRACE_SECONDS, self._drop_unfinished)

    def _drop_unfinished(self) -> None:
        """Hang up on those who began a request and do not finish it: they would use up the grace of all others."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and connection.cycle is not None and connection.cycle.more_body:
                connection.transport.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as every server does, but without its pause of a tenth of a second when nobody waits for a reply."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and (connection.cycle is None or connection.cycle.response_complete):
                connection.shutdown()
        # A closed connection says so in the loop's next round.
        await asyncio.sleep(0)
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for listener in sockets or ():
            listener.close()
        for server in self.servers:
            await server.wait_closed()

    async def main_loop(self) -> None:
        """Tick ten times a second, as the server's bookkeeping wants, until told to stop."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._told.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(settings: Settings, progress: Progress = lambda _line: None) -> AsyncIterator[Running]:
    """Run a platform for the length of a block; raises CannotStart."""
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        try:
            app = create_app(settings, progress)
            # Not left to the HTTP server, which would end the process if it failed.
            await stack.enter_async_context(app.router.lifespan_context(app))
        except (SchemaMismatch, DatabaseError, OSError, ValueError) as error:
            raise CannotStart(str(error)) from error
        await stack.enter_async_context(_answering(app, listener))
        host, port = listener.getsockname()[:2]
        yield Running(f"http://{f'[{host}]' if ':' in host else host}:{port}", state_of(app))


@asynccontextmanager
async def _answering(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        http=H11Protocol,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        ws="websockets-sansio",
        ws_max_size=1024 * 1024,
    )
    server = _Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
    try:
        await server.ready.wait()
        yield
    finally:
        state = state_of(app)
        begin_stopping(state)
        # The server would cut the sockets off in the middle of their farewell.
        await state.hub.emptied(_GRACE_SECONDS)
        server.stop()
        await serving


async def serve(settings: Settings, *, exit_with_stdin: bool = False) -> None:
    """Run a platform until SIGINT or SIGTERM, also while it starts; says on stdout where it listens, once it does.

    SIGUSR1 makes it look through the music folder now.

    With `exit_with_stdin` the end of the standard input stops it as well. Raises CannotStart.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        raise RuntimeError("serve runs inside a task")

    def stop() -> None:
        # Once: being told again must not break off the orderly end.
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    if exit_with_stdin:
        _when_stdin_ends(loop, stop)
    try:
        async with running(settings, lambda line: _say(sys.stderr, line)) as platform:
            # What has been loaded by now stays.
            gc.freeze()
            gc.set_threshold(*_COLLECTED)
            if platform.state.music_folder is not None:
                loop.add_signal_handler(signal.SIGUSR1, platform.state.music_folder.again)
            _say(sys.stdout, f"listening on {platform.url}")
            await loop.create_future()
    except asyncio.CancelledError:
        task.uncancel()


def _when_stdin_ends(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Call `stop` in the loop once the standard input ends, which a pipe does however its other side went."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), _READ_BYTES):
                pass
        with contextlib.suppress(RuntimeError):
            # The loop is closed if the platform ended by itself meanwhile.
            loop.call_soon_threadsafe(stop)

    # A thread, because a loop cannot wait for every kind of input; a daemon, because the input may never end.
    threading.Thread(target=watch, name="end of stdin", daemon=True).start()


def _say(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small packets at once only where it sees that it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotStart(f"cannot listen on {host} port {port}: {error.strerror}") from None
    listener.set_inheritable(False)
    return listener
