"""One connection of the socket, from the handshake to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.protocol import State

from api_client.clock import Clock
from api_client.inspect.causes import current_cause
from api_client.inspect.faults import FaultSwitch
from api_client.inspect.faulty_socket import SocketFaults
from api_client.inspect.socket_watch import SocketWatch, WatchedConnection
from api_client.models.realtime import Auth, ClientFrame, Ping, Pong, Ready, ServerFrame, SocketError
from api_client.quiet_logs import hush
from api_client.realtime.ends import Over, Target
from api_client.realtime.frames import Versions, read_frame
from api_client.replies import read_retry_after, shortened

if TYPE_CHECKING:
    from api_client.inspect.causes import Cause

MAX_FRAME = 1024 * 1024
OPEN_SECONDS, CLOSE_SECONDS = 10.0, 1.0
KEEPALIVE_SECONDS = 10.0
"""Between two pings of the WebSocket protocol, and for their answer: a dead line is seen after twice this."""
PING_SECONDS = 20.0
"""Between two `ping` frames, which show that the platform behind the socket is alive as well."""
SILENCE_SECONDS = 45.0
"""Without any frame for so long, the connection delivers nothing although it stands."""
TICK_SECONDS = 5.0
PROBE_STEPS, PROBE_STEP_SECONDS = 5, 1.0
"""Looks at whether anything came upon a probe, and the time between them: in steps, so that a machine that slept or was
busy for a moment does not take its own absence for the platform's."""
BACKLOG = 256
"""Frames that may wait for a slow line."""
SIGN_IN_CODE: Final = 4401
_COURTESY = 0.004
"""Seconds after which the reader lets others run, however many frames are waiting."""


class _Connect(connect):
    """Follows no redirect: the token goes to the platform that the user named, in the first frame."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Session:
    """Talks over one connection until it ends."""

    def __init__(
        self,
        target: Target,
        clock: Clock,
        *,
        watch: SocketWatch,
        on_open: Callable[[Session], Iterable[ClientFrame]],
        on_ready: Callable[[], None],
        on_frame: Callable[[ServerFrame, int], None],
        on_versions: Callable[[Versions], None],
        on_tick: Callable[[], str | None],
        on_sign: Callable[[], None],
        on_raw: Callable[[str | bytes], None] | None = None,
        faults: FaultSwitch,
    ) -> None:
        """Prepare to connect to `target`; `watch` sees every frame.

        Once signed in, `on_open` gives the frames to begin with, and `on_ready` is called when they are sent;
        `on_frame` gets every event and its size in bytes, `on_versions` the versions of those that notify of versions.
        `on_tick` is called every few seconds and ends the connection by returning why; `on_sign` is called whenever
        anything has come at all, `on_raw` gets every frame as it came. None of them may wait. `faults` is the switch of
        what is injected.
        """
        self._target = target
        self._clock = clock
        self._watched = watch
        self._on_open = on_open
        self._on_ready = on_ready
        self._on_frame = on_frame
        self._on_versions = on_versions
        self._on_tick = on_tick
        self._on_sign = on_sign
        self._on_raw = on_raw
        self._doubted = asyncio.Event()
        self._outgoing: asyncio.Queue[tuple[ClientFrame | str, Cause | None]] = asyncio.Queue()
        self._last_frame = clock.monotonic()
        self._faults = SocketFaults(faults, clock, deliver=self._take, mark=watch.mark)

    def post(self, frame: ClientFrame | str) -> None:
        """Put `frame` in line, to be sent as soon as the line allows; text is sent as it is."""
        self._outgoing.put_nowait((frame, current_cause()))

    def send(self, frame: ClientFrame | str) -> bool:
        """Put `frame` in line, unless the line is so slow that it would come too late; False then."""
        if self._outgoing.qsize() >= BACKLOG:
            return False
        self.post(frame)
        return True

    def probe(self) -> None:
        """Ask for a sign of life; if none comes within `PROBE_STEPS` looks, the connection ends."""
        self.send(Ping(t=round(self._clock.monotonic() * 1_000)))
        self._doubted.set()

    async def run(self) -> None:
        """Connect, sign in, and talk until the end; always raises `Over`."""
        try:
            async with self._connection() as socket:
                await self._sign_in(socket)
                for frame in self._on_open(self):
                    await socket.send(_wire(frame))
                self._on_ready()
                await self._talk(socket)
        except InvalidStatus as error:
            raise self._refused(error) from error
        except ConnectionClosed as error:
            raise self._closed(*((error.rcvd.code, error.rcvd.reason) if error.rcvd else (None, ""))) from error
        except TimeoutError as error:
            raise Over("The platform does not answer the live connection.") from error
        except (OSError, InvalidHandshake, InvalidURI, ImportError) as error:
            raise Over("The live connection cannot be made. Is the platform running?") from error

    def _connection(self) -> connect:
        hush()
        target = self._target
        cookie = {"Cookie": target.tokens.cookie} if target.tokens.cookie else None
        return _Connect(
            target.url,
            additional_headers=cookie,
            user_agent_header=target.user_agent,
            create_connection=cast(type[ClientConnection], partial(WatchedConnection, watch=self._watched)),
            ssl=target.tls,
            proxy=None if target.loopback else True,
            compression=None,
            max_size=MAX_FRAME,
            max_queue=BACKLOG,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=KEEPALIVE_SECONDS,
            ping_timeout=KEEPALIVE_SECONDS,
        )

    async def _sign_in(self, socket: ClientConnection) -> None:
        if self._target.tokens.access:
            await socket.send(_wire(Auth(token=self._target.tokens.access)))
        complaint = ""
        async with asyncio.timeout(OPEN_SECONDS):
            async for raw in socket:
                if self._on_raw is not None:
                    self._on_raw(raw)
                frame = read_frame(raw)
                if isinstance(frame, Ready):
                    self._on_sign()
                    return
                if isinstance(frame, SocketError):
                    complaint = frame.message
        raise self._closed(socket.close_code, socket.close_reason or complaint)

    async def _talk(self, socket: ClientConnection) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(socket))
                group.create_task(self._transmit(socket))
                group.create_task(self._watch(socket))
                group.create_task(self._doubt())
                group.create_task(self._faults.run(socket.transport.abort))
        except* Over as ends:
            raise ends.exceptions[0] from None

    async def _receive(self, socket: ClientConnection) -> None:
        until = time.perf_counter() + _COURTESY
        try:
            async for raw in socket:
                if not self._faults.holds(raw):
                    self._take(raw)
                if time.perf_counter() >= until:
                    await asyncio.sleep(0)
                    until = time.perf_counter() + _COURTESY
        except ConnectionClosed:
            pass  # How it was closed stands on the socket, whichever way it ended.
        raise self._closed(socket.close_code, socket.close_reason or "")

    def _take(self, raw: str | bytes) -> None:
        self._last_frame = self._clock.monotonic()
        self._on_sign()
        if self._on_raw is not None:
            self._on_raw(raw)
        frame = read_frame(raw)
        if isinstance(frame, dict):
            self._on_versions(frame)
        elif isinstance(frame, Ping):
            self.send(Pong(t=frame.t))
        elif frame is not None and not isinstance(frame, Pong):
            self._on_frame(frame, len(raw))

    async def _transmit(self, socket: ClientConnection) -> None:
        try:
            while True:
                frame, self._watched.cause = await self._outgoing.get()
                await socket.send(_wire(frame))
                self._watched.cause = None
        except ConnectionClosed:
            return  # The reader sees the same, and says why.

    async def _watch(self, socket: ClientConnection) -> None:
        pinged = self._clock.monotonic()
        while True:
            await self._clock.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            if socket.state is not State.OPEN:
                # The platform broke the protocol, was told so, and does not hang up; nothing else would end this.
                raise Over("The live connection broke: the platform does not keep to the protocol.")
            complaint = self._on_tick()
            if complaint is not None:
                raise Over(complaint)
            if now - self._last_frame > SILENCE_SECONDS:
                raise Over("The live connection stands, but nothing comes through it.")
            if now - pinged >= PING_SECONDS:
                pinged = now
                self.send(Ping(t=round(now * 1_000)))

    async def _doubt(self) -> None:
        while True:
            await self._doubted.wait()
            asked = self._clock.monotonic()
            for _ in range(PROBE_STEPS):
                await self._clock.sleep(PROBE_STEP_SECONDS)
                if self._last_frame >= asked:
                    break
            else:
                raise Over("The platform does not answer any more.")
            self._doubted.clear()

    def _closed(self, code: int | None, reason: str) -> Over:
        said = shortened(reason)
        if code == SIGN_IN_CODE:
            return Over(said or "The platform does not take the sign-in.", sign_in=True)
        if code in (1000, 1001, 1012):
            return Over(said or "The platform has closed the live connection.")
        return Over(f"The live connection broke{': ' + said if said else ''}.")

    def _refused(self, error: InvalidStatus) -> Over:
        status = error.response.status_code
        if status in (401, 403):
            return Over("The platform does not take the sign-in.", sign_in=True)
        wait = read_retry_after(error.response.headers.get("Retry-After"))
        return Over(f"The platform refuses the live connection ({status}).", retry_after=wait)


def _wire(frame: ClientFrame | str) -> str:
    return frame if isinstance(frame, str) else frame.model_dump_json(exclude_none=True)
