"""Orders to other devices on their way: one after the other, each with its answer or without one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.player import CommandAction, CommandOutcome, PlayerCommand
from api_client.models.realtime import PlayerAnswer

SENT_WITHIN_S, ANSWER_S = 5.0, 6.0
"""Seconds that an order may take to the platform, and a device for its answer."""
WAITING = 50
"""Orders that wait for a slow line at most."""
_NEWEST_COUNTS = frozenset({CommandAction.SEEK, CommandAction.VOLUME})

Tell = Callable[[str, Literal["information", "warning"]], None]


class DeviceOrders:
    """Sends commands in their order. Nothing is sent late: what cannot leave now is refused, with a sentence."""

    def __init__(
        self, client: PlatformClient, settled: Callable[[str], None], tell: Tell, own_id: Callable[[], str]
    ) -> None:
        """`settled` is told of every command that is over, whichever way; `tell` is told why, if it failed."""
        self._client = client
        self._settled = settled
        self._tell = tell
        self._own_id = own_id
        self._waiting: deque[PlayerCommand] = deque()
        self._awaited: dict[str, asyncio.TimerHandle] = {}
        self._worker: asyncio.Task[None] | None = None

    def send(self, command: PlayerCommand) -> bool:
        """Put a command in line; False, and a word to the user, where too many wait already."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last.action in _NEWEST_COUNTS and last.action is command.action:
            # A held key: what has not left yet is out of date.
            self._waiting.pop()
            self._settled_soon(last.id)
        elif len(self._waiting) >= WAITING:
            self._tell("The line to the platform is too slow for this.", "warning")
            return False
        self._waiting.append(command.changed(from_device=self._own_id() or None))
        if self._worker is None:
            self._worker = asyncio.create_task(self._send_all(), name="orders to devices")
        return True

    def answered(self, answer: PlayerAnswer) -> None:
        """Take in an answer; those to the orders of other devices are passed over."""
        timer = self._awaited.pop(answer.command_id, None)
        if timer is None:
            return
        timer.cancel()
        if answer.outcome is not CommandOutcome.APPLIED:
            self._tell(answer.message or "That was refused by the other device.", "warning")
        self._settled(answer.command_id)

    async def close(self) -> None:
        """Send nothing more."""
        for timer in self._awaited.values():
            timer.cancel()
        self._awaited.clear()
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                await self._send_one(self._waiting.popleft())
        finally:
            self._worker = None

    async def _send_one(self, command: PlayerCommand) -> None:
        # The answer may overtake the reply, so it is awaited from now on.
        self._await_answer(command.id, SENT_WITHIN_S + ANSWER_S)
        try:
            await self._client.player.command(command, deadline=SENT_WITHIN_S)
        except PlatformError as error:
            timer = self._awaited.pop(command.id, None)
            if timer is not None:
                timer.cancel()
                self._tell(error.sentence, "warning")
                self._settled(command.id)
        else:
            if command.id in self._awaited:
                self._await_answer(command.id, ANSWER_S)

    def _await_answer(self, command_id: str, seconds: float) -> None:
        if (before := self._awaited.get(command_id)) is not None:
            before.cancel()
        loop = asyncio.get_running_loop()
        self._awaited[command_id] = loop.call_later(seconds, self._unanswered, command_id)

    def _unanswered(self, command_id: str) -> None:
        del self._awaited[command_id]
        self._tell("The other device did not answer.", "warning")
        self._settled(command_id)

    def _settled_soon(self, command_id: str) -> None:
        asyncio.get_running_loop().call_soon(self._settled, command_id)
