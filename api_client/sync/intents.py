"""What the user wants done, in a form that can wait, be repeated and be named."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api_client.calls import Body, Caller
from api_client.endpoints import Endpoint


@dataclass(frozen=True)
class Intent:
    """One write: the same effect however often it is sent, because its key never changes."""

    endpoint: Endpoint
    params: Mapping[str, str]
    """For the names in the endpoint's path."""
    body: Body | None
    object_key: str
    """What it changes, such as `posts:{id}`; intents on the same object are sent in order."""
    created_at: float
    """Seconds since the epoch."""
    label: str
    """What it is in words, to stand in a list: "like the photo by ann"."""
    idempotency_key: str = field(default_factory=lambda: str(uuid.uuid4()))
    """One for its whole life; it also names the intent in the outbox."""


def sender(caller: Caller) -> Callable[[Intent], Awaitable[Any]]:
    """Return what sends an intent through `caller`, a `PlatformClient`, and returns the reply's data."""

    async def send(intent: Intent) -> Any:
        return await caller.call(
            intent.endpoint, path=intent.params, body=intent.body, idempotency_key=intent.idempotency_key
        )

    return send
