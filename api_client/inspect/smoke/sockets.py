"""Sockets of people: every frame with the moment it came, held against the contract, and passively kept in order."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.contract import NotJson, check_frame, read_strict
from api_client.inspect.smoke.matching import Arrival
from api_client.inspect.smoke.results import Failure
from api_client.inspect.smoke.values import brief

FRAME_LIMIT = 8 * 1024 * 1024
CLOSE_SECONDS = 3.0
_FRAMES_WAITING = 4096
"""Frames that may wait to be read: where reading pauses, the moments of arrival lie."""

_log = logging.getLogger("parlour.smoke.socket")
# What a websocket library tells of its work holds tokens.
_log.setLevel(logging.WARNING)
_numbers = itertools.count(1)

SeenEvent = Callable[[str], None]


class HandshakeTrouble(Exception):
    """A socket was not opened; `close_code` is the code it was closed with, if it came that far."""

    def __init__(self, message: str, code: Code = Code.HANDSHAKE, close_code: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.close_code = close_code


class LiveSocket:
    """One signed-in socket."""

    def __init__(
        self,
        name: str,
        url: str,
        token: str | None,
        *,
        by_frame: bool,
        changed: Callable[[], None],
        received: SeenEvent,
        sent: SeenEvent,
    ) -> None:
        """`changed` is called at every frame and at the end; `received` and `sent` are told the type of each frame."""
        self.name = name
        self._url = url
        self._token = token
        self._by_frame = by_frame
        self._changed = changed
        self._received = received
        self._sent = sent
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pongs: dict[float, asyncio.Future[None]] = {}
        self._versions: dict[str, int] = {}
        self.arrivals: list[Arrival] = []
        self.cursor = 0
        """Up to where its events have been looked at."""
        self.failures: list[Failure] = []
        """What was wrong with frames by themselves, since it was asked last."""
        self.closed: str | None = None
        """How it ended, None while it is open."""
        self.close_code: int | None = None

    async def open(self, within: float) -> dict[str, Any]:
        """Open it and sign in; returns the `ready` event. Raises HandshakeTrouble."""
        headers = {} if self._by_frame or self._token is None else {"Authorization": f"Bearer {self._token}"}
        try:
            async with asyncio.timeout(within):
                self._connection = await connect(
                    self._url,
                    additional_headers=headers,
                    open_timeout=None,
                    ping_interval=None,
                    close_timeout=CLOSE_SECONDS,
                    max_size=FRAME_LIMIT,
                    max_queue=_FRAMES_WAITING,
                    proxy=None,
                    logger=_log,
                )
                if self._by_frame and self._token is not None:
                    await self.send({"type": "auth", "token": self._token})
                return await self._signed_in()
        except TimeoutError as error:
            await self.close()
            raise HandshakeTrouble(f"there was no ready within {within:g} s", Code.HANDSHAKE) from error
        except ConnectionClosed as error:
            self._note_end(error)
            raise HandshakeTrouble(f"it was closed: {self.closed}", close_code=self.close_code) from error
        except InvalidHandshake as error:
            raise HandshakeTrouble(f"the upgrade was refused: {error}") from error
        except (OSError, InvalidURI) as error:
            raise HandshakeTrouble(f"nothing answers at {self._url}", Code.REFUSED) from error

    async def _signed_in(self) -> dict[str, Any]:
        if self._connection is None:
            raise HandshakeTrouble("it is not open")
        while True:
            arrival = await self._take(await self._connection.recv())
            if arrival is not None and arrival.type == "ready":
                self._reader = asyncio.create_task(self._read(), name=f"socket {self.name}")
                ready: dict[str, Any] = arrival.value
                return ready

    async def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame, or text as it is. Raises ConnectionClosed."""
        if self._connection is None:
            raise HandshakeTrouble("it is not open")
        text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
        await self._connection.send(text)
        if isinstance(frame, dict):
            self._sent(str(frame.get("type")))

    async def settled(self, within: float) -> bool:
        """Wait until the platform has answered a ping: what it sent before is here then. False if it does not."""
        number = float(next(_numbers))
        answered = self._pongs[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within):
                await self.send({"type": "ping", "t": number})
                await answered
        except (TimeoutError, ConnectionClosed, HandshakeTrouble):
            return False
        finally:
            self._pongs.pop(number, None)
        return self.closed is None

    async def close(self, *, cut: bool = False) -> None:
        """Close it, or cut the line."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if cut:
                connection.transport.abort()
            else:
                await connection.close()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        self.closed = self.closed or "closed by the scenario"

    async def _read(self) -> None:
        try:
            while self._connection is not None:
                await self._take(await self._connection.recv())
        except ConnectionClosed as error:
            if self._connection is not None:
                self._note_end(error)

    def _note_end(self, error: ConnectionClosed) -> None:
        frame = error.rcvd
        self.close_code = frame.code if frame else None
        self.closed = f"{frame.code} {frame.reason}".strip() if frame else "the line broke"
        for waiting in self._pongs.values():
            if not waiting.done():
                waiting.set_result(None)
        self._changed()

    async def _take(self, raw: str | bytes) -> Arrival | None:
        """Take in a frame; returns it as an event, None where it is none to tell of."""
        at = time.perf_counter_ns()
        try:
            value = read_strict(raw)
        except NotJson as error:
            self.failures.append(
                Failure(Code.NOT_JSON, f"a frame on {self.name}: {error}", received=brief(str(raw), 300))
            )
            self._changed()
            return None
        kind = value.get("type") if isinstance(value, dict) else None
        self._received(str(kind))
        for complaint in check_frame(value)[:5]:
            said = f"a frame {kind} on {self.name}: {complaint}"
            self.failures.append(Failure(complaint.code, said, received=brief(value, 600)))
        if kind == "pong" and isinstance(value.get("t"), (int, float)) and value["t"] in self._pongs:
            waiting = self._pongs[value["t"]]
            if not waiting.done():
                waiting.set_result(None)
            return None
        if kind == "ping":
            await self.send({"type": "pong", **({"t": value["t"]} if "t" in value else {})})
        arrival = Arrival(value, at)
        notices = value.get("updates") if kind == "updates" else None
        if isinstance(notices, list):
            self._take_notices(notices, at)
        else:
            self.arrivals.append(arrival)
        self._changed()
        return arrival

    def _take_notices(self, notices: list[Any], at: int) -> None:
        for notice in notices:
            if not isinstance(notice, dict):
                continue
            self.arrivals.append(Arrival({"type": "updates", **notice}, at))
            key, version = notice.get("key"), notice.get("version")
            if not isinstance(key, str) or not isinstance(version, int):
                continue
            before = self._versions.get(key, version)
            if version < before:
                said = f"the version of {key} on {self.name} went back from {before} to {version}"
                self.failures.append(Failure(Code.OUT_OF_ORDER, said))
            self._versions[key] = version

    def take_failures(self) -> list[Failure]:
        """Return what was wrong with frames since this was asked last."""
        found, self.failures = self.failures, []
        return found

    def fresh(self, start: int | None = None) -> list[Arrival]:
        """Return the events since `start`, or since they were looked at last."""
        return self.arrivals[self.cursor if start is None else start :]
