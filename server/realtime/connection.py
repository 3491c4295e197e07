"""One WebSocket connection: its bounded outgoing queue, its rate limits, and how it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

from starlette.websockets import WebSocket, WebSocketDisconnect

from api_client.models.base import WireModel
from server.realtime.hub import encode

QUEUE_FRAMES = 512
QUEUE_CHARACTERS = 1024 * 1024
"""What may wait for a reader, in frames and in characters, before it counts as too slow."""
FLUSH_SECONDS = 1.0
CLOSE_SECONDS = 5.0
TYPING_INTERVAL = timedelta(seconds=1)

AUTHENTICATION_FAILED = 4401
TOO_SLOW = 1013
GOING_AWAY = 1001
POLICY_VIOLATION = 1008
TOO_LARGE = 1009


class FrameBudget:
    """A token bucket over incoming frames: `per_minute` on average, a fifth of that at once."""

    def __init__(self, per_minute: int, now: datetime) -> None:
        self._rate = per_minute / 60
        self._capacity = max(1.0, per_minute / 5)
        self._left = self._capacity
        self._at = now
        self._refused = 0

    def take(self, now: datetime) -> bool:
        """Whether one more frame may be handled at `now`."""
        self._left = min(self._capacity, self._left + max(0.0, (now - self._at).total_seconds()) * self._rate)
        self._at = now
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        self._refused = 0
        return True

    @property
    def is_abused(self) -> bool:
        """Whether as many frames in a row were refused as a full bucket holds."""
        return self._refused >= self._capacity


class Connection:
    """A signed-in socket as the hub knows it (`server.realtime.hub.Link`)."""

    def __init__(self, socket: WebSocket, user_id: str, session_id: str, expires_at: datetime) -> None:
        self._socket = socket
        self._user_id = user_id
        self._session_id = session_id
        self.expires_at = expires_at
        """When the access token ends; a new `auth` frame moves it."""
        self._typed_at: dict[str, datetime] = {}
        self._queue: deque[str] = deque()
        self._queued = 0
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._close_with: tuple[int, str] | None = None

    @property
    def user_id(self) -> str:
        """Who is at the other end."""
        return self._user_id

    @property
    def session_id(self) -> str:
        """Which of their sign-ins the present token came from."""
        return self._session_id

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is taken, because the end has begun."""
        return self._close_with is not None

    def renew(self, session_id: str, expires_at: datetime) -> None:
        """Go on with a newer token."""
        self._session_id = session_id
        self.expires_at = expires_at

    def offer(self, text: str) -> None:
        """Take an encoded frame for sending; a reader that has fallen too far behind is closed with 1013 instead."""
        if self.is_closing:
            return
        if len(self._queue) >= QUEUE_FRAMES or self._queued + len(text) > QUEUE_CHARACTERS:
            self._queue.clear()
            self.close_soon(TOO_SLOW, "Too slow")
            return
        self._queue.append(text)
        self._queued += len(text)
        self._wake.set()

    def send(self, frame: WireModel) -> None:
        """Take a frame for this connection alone."""
        self.offer(encode(frame))

    def close_soon(self, code: int, reason: str) -> None:
        """Begin closing; the first reason given is the one that is told."""
        if self._close_with is None:
            self._close_with = (code, reason)
            self._closing.set()
            self._wake.set()

    def may_type(self, chat_id: str, now: datetime) -> bool:
        """Whether enough time has passed since the last `typing` of this connection in this conversation."""
        before = self._typed_at.get(chat_id)
        if before is not None and now - before < TYPING_INTERVAL:
            return False
        self._typed_at = {key: at for key, at in self._typed_at.items() if now - at < TYPING_INTERVAL}
        self._typed_at[chat_id] = now
        return True

    async def run(self, reader: asyncio.Task[None]) -> None:
        """Send what is offered until either side ends, then close; `reader` is cancelled with it.

        Raises what `reader` failed with, if it failed.
        """
        writer = asyncio.create_task(self._write())
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({reader, writer, closing}, return_when=asyncio.FIRST_COMPLETED)
            if self._close_with is not None:
                await asyncio.wait({writer}, timeout=FLUSH_SECONDS)
        finally:
            for task in (reader, writer, closing):
                task.cancel()
            outcomes = await asyncio.gather(reader, writer, closing, return_exceptions=True)
        await self._close()
        if isinstance(outcomes[0], Exception):
            raise outcomes[0]

    async def _write(self) -> None:
        while True:
            while self._queue:
                text = self._queue.popleft()
                self._queued -= len(text)
                try:
                    await self._socket.send_text(text)
                except WebSocketDisconnect:
                    return
            if self._close_with is not None:
                return
            self._wake.clear()
            await self._wake.wait()

    async def _close(self) -> None:
        if self._close_with is None:
            return
        code, reason = self._close_with
        try:
            # A reader that has stopped reading does not get to keep the server from closing.
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code, reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return
