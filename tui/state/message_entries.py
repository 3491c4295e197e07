"""What a chat's messages are listed as, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from api_client.models.chat import Message
from tui.state.spans import Key


class Delivery(Enum):
    """How far a message has come."""

    SENDING = "sending"
    WAITING = "waiting"
    """It goes out later: `reason` says what it waits for, None stands for the connection."""
    REFUSED = "refused"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as it is shown; `reason` says why it waits or was refused."""

    message: Message
    key: str
    """What stays the same from the echo to the confirmed message."""
    delivery: Delivery = Delivery.SENT
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """When a page was asked for; to be given back with its answer."""

    moment: int
    connection: int


def key_of(message: Message) -> Key:
    """Return where a message stands in its chat: by time, then by id."""
    return (message.created_at, message.id)
