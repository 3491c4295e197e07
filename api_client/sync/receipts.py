"""What becomes of an intent, to be watched or waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from enum import Enum
from typing import Any

from api_client.errors import PlatformError
from api_client.sync.intents import Intent


class Status(Enum):
    """Where an intent stands."""

    HELD = "held"
    """It goes out at its `not_before`, and can still be taken back before anybody has seen it."""
    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"
    """It is sent again at `retry_at`, or after signing in where that is None."""
    ATTENTION = "needs attention"
    """The platform refused it; `reason` says why, and the user decides."""
    DONE = "done"
    DISCARDED = "discarded"


class NotSent(PlatformError):
    """An intent was discarded, or the program left, before the platform had confirmed it."""


class Receipt:
    """One intent in the outbox; `await` gives the platform's data, or raises why there is none."""

    def __init__(self, intent: Intent) -> None:
        self.intent = intent
        self.status = Status.QUEUED
        self.reason: str | None = None
        """Why it waits or needs attention: one sentence for the user."""
        self.retry_at: float | None = None
        """When it is sent again, by the clock's `monotonic`."""
        self.attempts = 0
        """How often it was sent; being told to wait does not count."""
        self.failures = 0
        """How often in a row it came to nothing."""
        self._outcome: asyncio.Future[Any] = _future()

    @property
    def id(self) -> str:
        """The intent's own key."""
        return self.intent.idempotency_key

    @property
    def is_open(self) -> bool:
        """Whether the platform has yet to confirm it."""
        return self.status not in (Status.DONE, Status.DISCARDED)

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait until it is decided; giving up the wait does not take the intent back."""
        return asyncio.shield(self._outcome).__await__()

    def __repr__(self) -> str:
        return f"<Receipt {self.intent.label!r}: {self.status.value}>"

    def move(self, status: Status, reason: str | None = None, retry_at: float | None = None) -> None:
        """Take on a state; for the outbox."""
        self.status, self.reason, self.retry_at = status, reason, retry_at

    def succeed(self, data: Any) -> None:
        """Answer those who wait; for the outbox."""
        if not self._outcome.done():
            self._outcome.set_result(data)

    def fail(self, error: BaseException) -> None:
        """Tell those who wait; for the outbox."""
        if not self._outcome.done():
            self._outcome.set_exception(error)

    def reopen(self) -> None:
        """Let it be waited for again; for the outbox."""
        if self._outcome.done():
            self._outcome = _future()


def _future() -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    # Nobody has to wait for a receipt: what failed also stands in the list of what needs attention.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
