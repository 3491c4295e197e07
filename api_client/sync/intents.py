"""What the user wants done, in a form that can wait, be stored, be repeated and be named."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import JsonValue, TypeAdapter

from api_client.calls import Body, Caller, request_json
from api_client.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Base:
    """The record that a change was made from, so that somebody else's change in between can be seen."""

    version: int
    fields: Mapping[str, JsonValue]
    """By their names on the wire: those that the change touches, as they were."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One write: the same effect however often it is sent, because its key never changes."""

    endpoint: Endpoint
    params: Mapping[str, str]
    """For the names in the endpoint's path."""
    payload: str | None
    """The body as the JSON text that travels; None where the endpoint takes none."""
    object_key: str
    """What it changes, such as `posts:{id}`; intents on the same object are sent in order."""
    created_at: float
    """Seconds since the epoch."""
    label: str
    """What it is in words, to stand in a list: "like the photo by ann"."""
    idempotency_key: str = field(default_factory=lambda: str(uuid.uuid4()))
    """One for its whole life; it also names the intent in the outbox."""
    not_before: float | None = None
    """Seconds since the epoch until which it may still be taken back before anybody has seen it."""
    base: Base | None = None
    """What a change of a versioned record was made from."""
    holds_words: bool = False
    """Whether it carries what the user wrote: when it is refused, it stays until the user decides."""
    attachments: tuple[str, ...] = ()
    """Paths of files of our own that are sent along, and go when the intent goes."""

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        *,
        object_key: str,
        created_at: float,
        label: str,
        params: Mapping[str, str] | None = None,
        body: Body | None = None,
        idempotency_key: str | None = None,
        not_before: float | None = None,
        base: Base | None = None,
        holds_words: bool = False,
        attachments: tuple[str, ...] = (),
    ) -> Intent:
        """Return the intent to call `endpoint` with `body`; raises BadReply if JSON cannot hold the body."""
        return cls(
            endpoint,
            dict(params or {}),
            None if body is None else request_json(endpoint, body).decode(),
            object_key,
            created_at,
            label,
            idempotency_key or str(uuid.uuid4()),
            not_before,
            base,
            holds_words,
            attachments,
        )

    @property
    def body(self) -> Any:
        """The body as the endpoint's request model; None where there is none. Parsed anew at every call."""
        if self.payload is None or self.endpoint.request is None:
            return None
        return _reader(self.endpoint).validate_json(self.payload)


@dataclass(frozen=True)
class Inverse:
    """What takes a write back, to be kept in the history beside it."""

    endpoint: Endpoint | None = None
    """None where the write can be taken back only as long as it has not been sent."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    label: str = ""
    within: float | None = None
    """Seconds for which it is offered; None: always."""
    again: bool = True
    """Whether the write can be done again after it was taken back."""


@cache
def _reader(endpoint: Endpoint) -> TypeAdapter[Any]:
    return TypeAdapter(endpoint.request)


def sender(caller: Caller) -> Callable[[Intent], Awaitable[Any]]:
    """Return what sends an intent through `caller`, a `PlatformClient`, and returns the reply's data."""

    async def send(intent: Intent) -> Any:
        return await caller.call(
            intent.endpoint,
            path=intent.params,
            body=None if intent.payload is None else json.loads(intent.payload),
            idempotency_key=intent.idempotency_key,
            retries=0,  # The outbox repeats by itself: two layers would multiply.
        )

    return send
