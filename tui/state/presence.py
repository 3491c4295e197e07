"""Who is there and who types: known for the moment, and never kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from api_client.models.chat import Presence
from api_client.models.realtime import Typing
from api_client.realtime import Realtime

TYPING_LASTS = 5.0
"""Seconds after which somebody who said nothing more is taken to have stopped typing."""
TYPING_EVERY = 3.0
"""Seconds between two notices that the user types."""


class Company:
    """The people in the user's chats, as they come, go and type."""

    def __init__(
        self, realtime: Realtime, typing_changed: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`typing_changed` is called with the id of a chat."""
        self._realtime = realtime
        self._typing_changed = typing_changed
        self._clock = clock
        self._typing: dict[str, dict[str, asyncio.TimerHandle]] = {}
        self._told: dict[str, float] = {}
        self.presence: dict[str, Presence] = {}
        """By user id."""

    def typists(self, chat_id: str) -> list[str]:
        """Return the ids of those who type in a chat."""
        return list(self._typing.get(chat_id, ()))

    def say_typing(self, chat_id: str) -> None:
        """Let the others know that the user types, now and then."""
        now = self._clock()
        if now - self._told.get(chat_id, -TYPING_EVERY) >= TYPING_EVERY:
            self._told[chat_id] = now
            self._realtime.send(Typing(chat_id=chat_id))

    def started(self, chat_id: str, user_id: str) -> None:
        """Somebody types."""
        typing = self._typing.setdefault(chat_id, {})
        if (earlier := typing.pop(user_id, None)) is not None:
            earlier.cancel()
        typing[user_id] = asyncio.get_running_loop().call_later(TYPING_LASTS, self.stopped, chat_id, user_id)
        self._typing_changed(chat_id)

    def stopped(self, chat_id: str, user_id: str) -> None:
        """Somebody types no more."""
        if (timer := self._typing.get(chat_id, {}).pop(user_id, None)) is not None:
            timer.cancel()
            self._typing_changed(chat_id)
