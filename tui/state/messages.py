"""The messages of one chat: one order, each message once, one's own words shown before they are confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from api_client.models.chat import Message


class Delivery(Enum):
    """How far a message has come."""

    SENDING = "sending"
    REFUSED = "refused"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as it is shown; `reason` says why it was refused."""

    message: Message
    delivery: Delivery = Delivery.SENT
    reason: str | None = None

    @property
    def key(self) -> str:
        """What stays the same from the echo to the confirmed message."""
        return self.message.client_id or self.message.id


class Transcript:
    """All that is known of one chat's messages, oldest first.

    What the platform has confirmed stands in its order (time, then id); what is still on its way stands below, in the
    order it was written. A message is known by its sender's `client_id` and by its id; whichever comes first, there is
    one entry.
    """

    def __init__(self) -> None:
        self._confirmed: dict[str, Entry] = {}
        self._on_the_way: dict[str, Entry] = {}
        self.next_cursor: str | None = None
        """Where older messages go on; None if there are none or nothing was fetched."""
        self.loaded = False
        """Whether the newest page was fetched."""

    @property
    def entries(self) -> list[Entry]:
        """Return everything, oldest first."""
        ordered = sorted(self._confirmed.values(), key=lambda e: (e.message.created_at, e.message.id))
        return [*ordered, *self._on_the_way.values()]

    @property
    def newest(self) -> Message | None:
        """The newest confirmed message."""
        return max(
            (entry.message for entry in self._confirmed.values()), key=lambda m: (m.created_at, m.id), default=None
        )

    def add(self, messages: Iterable[Message]) -> None:
        """Take in confirmed messages, in any order and as often as they come."""
        for message in messages:
            if message.client_id is not None:
                self._on_the_way.pop(message.client_id, None)
            known = self._confirmed.get(message.id)
            if known is not None:
                message = _newer(known.message, message)
            self._confirmed[message.id] = Entry(message)

    def echo(self, message: Message) -> None:
        """Show one's own `message`, which has a `client_id`, before it is confirmed."""
        if message.client_id is None:
            raise ValueError("an echo needs a client id")
        if not any(entry.message.client_id == message.client_id for entry in self._confirmed.values()):
            self._on_the_way[message.client_id] = Entry(message, Delivery.SENDING)

    def refuse(self, client_id: str, reason: str) -> None:
        """Mark an echo as refused; the words stay."""
        if (entry := self._on_the_way.get(client_id)) is not None:
            self._on_the_way[client_id] = replace(entry, delivery=Delivery.REFUSED, reason=reason)

    def forget(self, key: str) -> None:
        """Take out a message by its id or client id: it was unsent, expired or discarded."""
        self._on_the_way.pop(key, None)
        self._confirmed.pop(key, None)

    def read_up_to(self, message_id: str, user_id: str) -> None:
        """Mark everything up to `message_id` as read by `user_id`."""
        last = self._confirmed.get(message_id)
        if last is None:
            return
        limit = (last.message.created_at, last.message.id)
        for key, entry in self._confirmed.items():
            message = entry.message
            is_news = user_id not in message.read_by and message.sender_id != user_id
            if is_news and (message.created_at, message.id) <= limit:
                changed = message.changed(read_by=[*message.read_by, user_id], is_read=True)
                self._confirmed[key] = replace(entry, message=changed)


def _newer(known: Message, fresh: Message) -> Message:
    """Merge two reports of one message: what was read stays read, what is gone stays gone."""
    read_by = [*known.read_by, *(user for user in fresh.read_by if user not in known.read_by)]
    gone = known.is_deleted or fresh.is_deleted
    return fresh.changed(
        read_by=read_by,
        is_read=known.is_read or fresh.is_read,
        is_deleted=gone,
        content="" if gone else fresh.content,
        client_id=fresh.client_id or known.client_id,
    )
