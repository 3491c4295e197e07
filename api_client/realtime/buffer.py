"""Events between the socket's reader, which never waits, and a consumer that may be slow."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping

from api_client.postponed import frames

COUNT_LIMIT = 10_000
WEIGHT_LIMIT = 16 * 1024 * 1024
"""Bytes of frames."""

_Key = tuple[Hashable, ...]


class EventBuffer:
    """Keeps what a slow consumer still has to see, and of each thing only the newest.

    Version notices coalesce by key (the highest version wins), typing by who and where, presence by person; all else is
    kept in order. Beyond the limits everything but messages is let go, and if messages alone exceed them, those too;
    both count as a gap, after which the consumer fetches again what it shows.
    """

    def __init__(self, *, count_limit: int = COUNT_LIMIT, weight_limit: int = WEIGHT_LIMIT) -> None:
        self._count_limit = count_limit
        self._weight_limit = weight_limit
        self._events: dict[_Key, tuple[frames.ServerFrame, int]] = {}
        self._versions: dict[str, int] = {}
        self._weight = 0
        self._serial = 0
        self._gap = False
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._events) + len(self._versions)

    def put(self, event: frames.ServerFrame, weight: int = 0) -> None:
        """Add an event; `weight` is what it took on the wire, in bytes."""
        key = self._key(event)
        if key[0] != "message":
            self._weight -= self._events.pop(key, (None, 0))[1]
        # A message that comes twice keeps its place: what was said of it since, that it is gone for one, comes after.
        self._weight += weight - self._events.get(key, (None, 0))[1]
        self._events[key] = (event, weight)
        self._let_go()

    def put_versions(self, versions: Mapping[str, int]) -> None:
        """Add version notices."""
        known = self._versions
        for key, version in versions.items():
            if version > known.get(key, -1):
                known[key] = version
        self._let_go()

    def _let_go(self) -> None:
        if len(self) > self._count_limit or self._weight > self._weight_limit:
            self._overflow()
        self._filled.set()

    def mark_gap(self) -> None:
        """Say that events may be missing from here on."""
        self._gap = True
        self._filled.set()

    async def drain(self) -> tuple[bool, list[frames.ServerFrame]]:
        """Wait until there is something, and return whether there was a gap, and the events, oldest first.

        Version notices come last, all in one: whoever fetches by them then fetches what the messages led to.
        """
        await self._filled.wait()
        self._filled.clear()
        gap, self._gap = self._gap, False
        events = [event for event, _ in self._events.values()]
        if self._versions:
            notices = [frames.VersionNotice(key=key, version=version) for key, version in self._versions.items()]
            events.append(frames.Updates(updates=notices))
        self._events, self._versions, self._weight = {}, {}, 0
        return gap, events

    def _key(self, event: frames.ServerFrame) -> _Key:
        match event:
            case frames.UserTyping(chat_id=chat, user_id=user):
                return ("typing", chat, user)
            case frames.PresenceEvent(user_id=user):
                return ("presence", user)
            case frames.NewMessageEvent(message=message):
                return ("message", message.id)
            case _:
                self._serial += 1
                return ("other", self._serial)

    def _overflow(self) -> None:
        self._gap = True
        self._versions = {}
        self._events = {key: kept for key, kept in self._events.items() if key[0] == "message"}
        self._weight = sum(weight for _, weight in self._events.values())
        if len(self) > self._count_limit or self._weight > self._weight_limit:
            self._events, self._weight = {}, 0
