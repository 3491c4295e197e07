"""The hub: who is connected, what each connection follows, and the delivery of frames to them.

Everything runs in the event loop's own thread and nothing here waits: a connection takes a frame into its own bounded
queue or is closed for being too slow. That keeps a write from depending on the readers it is announced to.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from api_client.models.base import WireModel
from api_client.models.realtime import Updates, VersionNotice

DEBOUNCE_SECONDS = 0.05
"""How long version notices are gathered before they are sent."""

CallLater = Callable[[float, Callable[[], None]], object]
"""Runs a function after so many seconds; `loop.call_later`, or a test's own."""


class Link(Protocol):
    """One connection of one user, as the hub sees it."""

    @property
    def user_id(self) -> str:
        """Who is at the other end."""

    @property
    def session_id(self) -> str:
        """Which of their sign-ins it came from."""

    def offer(self, text: str) -> None:
        """Take an encoded frame for sending; never waits and never raises."""

    def close_soon(self, code: int, reason: str) -> None:
        """Begin closing the connection with a WebSocket close code."""


def encode(frame: WireModel) -> str:
    """Return `frame` as the JSON text that travels; optional fields without a value are left out."""
    return frame.model_dump_json(exclude_none=True)


class Hub:
    """Connections by user, by conversation room and by subscribed key."""

    def __init__(self, *, call_later: CallLater | None = None) -> None:
        self._call_later = call_later
        self._links: dict[str, set[Link]] = {}
        self._rooms: dict[str, set[Link]] = {}
        self._subscribers: dict[str, set[Link]] = {}
        self._followed: dict[Link, tuple[set[str], set[str]]] = {}
        self._present: Counter[str] = Counter()
        self._pending: dict[str, int] = {}
        self._flush_due = False
        self._empty = asyncio.Event()
        self._empty.set()

    # Connections and presence

    def attach(self, link: Link) -> bool:
        """Take a signed-in connection; True if its user was offline before."""
        self._links.setdefault(link.user_id, set()).add(link)
        self._followed[link] = (set(), set())
        self._empty.clear()
        return self.hold_online(link.user_id)

    def detach(self, link: Link) -> bool:
        """Forget a connection and all it followed; True if its user is offline now. Unknown ones are passed over."""
        followed = self._followed.pop(link, None)
        if followed is None:
            return False
        if not self._followed:
            self._empty.set()
        keys, rooms = followed
        for key in keys:
            _drop(self._subscribers, key, link)
        for chat_id in rooms:
            _drop(self._rooms, chat_id, link)
        _drop(self._links, link.user_id, link)
        return self.release_online(link.user_id)

    def hold_online(self, user_id: str) -> bool:
        """Count one more reason for `user_id` to be online; True if it is the first."""
        self._present[user_id] += 1
        return self._present[user_id] == 1

    def release_online(self, user_id: str) -> bool:
        """Take one reason away; True if it was the last."""
        self._present[user_id] -= 1
        if self._present[user_id] > 0:
            return False
        del self._present[user_id]
        return True

    def is_online(self, user_id: str) -> bool:
        """Whether `user_id` has at least one connection."""
        return self._present[user_id] > 0

    def links(self) -> list[Link]:
        """Every signed-in connection at this moment."""
        return list(self._followed)

    def disconnect_user(self, user_id: str, code: int, reason: str) -> None:
        """Begin closing every connection of `user_id`, as after signing out everywhere."""
        for link in list(self._links.get(user_id, ())):
            link.close_soon(code, reason)

    def disconnect_session(self, session_id: str, code: int, reason: str) -> None:
        """Begin closing the connections of one sign-in, as after signing out."""
        for link in self.links():
            if link.session_id == session_id:
                link.close_soon(code, reason)

    def close_all(self, code: int, reason: str) -> None:
        """Begin closing every connection, as at shutdown."""
        for link in self.links():
            link.close_soon(code, reason)

    async def emptied(self, within_seconds: float) -> None:
        """Wait until the last connection has gone, but no longer than `within_seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._empty.wait()

    # Subscriptions and rooms; whether they are allowed has been asked before

    def subscribe(self, link: Link, key: str) -> None:
        """Send `link` the version notices of `key` from now on."""
        if link in self._followed:
            self._followed[link][0].add(key)
            self._subscribers.setdefault(key, set()).add(link)

    def unsubscribe(self, link: Link, key: str) -> None:
        """Send them no more."""
        if link in self._followed:
            self._followed[link][0].discard(key)
            _drop(self._subscribers, key, link)

    def revoke(self, user_ids: Iterable[str], keys: Iterable[str]) -> None:
        """Send these people notices of `keys` no more, because they may not see them; what is due goes out before."""
        self._flush()
        gone = set(keys)
        for link in {link for user_id in user_ids for link in self._links.get(user_id, ())}:
            for key in self._followed[link][0] & gone:
                self.unsubscribe(link, key)

    def followed(self, prefix: str) -> list[str]:
        """Return what comes behind `prefix:` in the keys that somebody follows."""
        start = f"{prefix}:"
        return [key.removeprefix(start) for key in self._subscribers if key.startswith(start)]

    def is_followed(self, key: str) -> bool:
        """Whether somebody follows `key`."""
        return key in self._subscribers

    def keys_of(self, link: Link) -> frozenset[str]:
        """Return the keys that `link` follows."""
        return frozenset(self._followed[link][0]) if link in self._followed else frozenset()

    def subscription_count(self, link: Link) -> int:
        """How many keys `link` follows."""
        return len(self._followed[link][0]) if link in self._followed else 0

    def join(self, link: Link, chat_id: str) -> None:
        """Let `link` into a conversation's room."""
        if link in self._followed:
            self._followed[link][1].add(chat_id)
            self._rooms.setdefault(chat_id, set()).add(link)

    def leave(self, link: Link, chat_id: str) -> None:
        """Take it out of the room."""
        if link in self._followed:
            self._followed[link][1].discard(chat_id)
            _drop(self._rooms, chat_id, link)

    def evict(self, chat_id: str, user_id: str) -> None:
        """Take every connection of somebody who is no member any more out of a room."""
        for link in list(self._links.get(user_id, ())):
            self.leave(link, chat_id)
            self.unsubscribe(link, f"conversations:{chat_id}")

    def in_room(self, link: Link, chat_id: str) -> bool:
        """Whether `link` has entered the room."""
        return link in self._rooms.get(chat_id, ())

    # Delivery

    def notify(self, key: str, version: int) -> None:
        """Tell the subscribers of `key` that it has `version` now, within 50 ms, the highest version once."""
        if key not in self._subscribers:
            return
        self._pending[key] = max(version, self._pending.get(key, version))
        if not self._flush_due:
            self._flush_due = True
            later = self._call_later or asyncio.get_running_loop().call_later
            later(DEBOUNCE_SECONDS, self._send_due)

    def to_user(self, user_id: str, frame: WireModel) -> None:
        """Send `frame` to every connection of one user."""
        self.to_users((user_id,), frame)

    def to_users(self, user_ids: Iterable[str], frame: WireModel) -> None:
        """Send `frame` to every connection of several users, to each once."""
        _offer({link for user_id in user_ids for link in self._links.get(user_id, ())}, frame)

    def to_followers(self, key: str, frame: WireModel) -> None:
        """Send `frame` to the connections that follow `key`."""
        _offer(set(self._subscribers.get(key, ())), frame)

    def to_room(self, chat_id: str, frame: WireModel, *, except_user: str | None = None) -> None:
        """Send `frame` to the connections that have joined a conversation, but not to those of `except_user`."""
        _offer({link for link in self._rooms.get(chat_id, ()) if link.user_id != except_user}, frame)

    def _send_due(self) -> None:
        self._flush_due = False
        self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, {}
        batches: dict[Link, list[VersionNotice]] = {}
        for key, version in pending.items():
            notice = VersionNotice(key=key, version=version)
            for link in self._subscribers.get(key, ()):
                batches.setdefault(link, []).append(notice)
        for link, notices in batches.items():
            link.offer(encode(Updates(updates=notices)))


def _offer(links: Iterable[Link], frame: WireModel) -> None:
    text: str | None = None
    for link in links:
        text = text or encode(frame)
        link.offer(text)


def _drop(index: dict[str, set[Link]], name: str, link: Link) -> None:
    members = index.get(name)
    if members is not None:
        members.discard(link)
        if not members:
            del index[name]
