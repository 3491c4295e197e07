"""What becomes of an intent, to be watched or waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from enum import Enum
from typing import Any

from api_client.errors import PlatformError
from api_client.inspect.causes import current_cause
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

    __slots__ = (
        "_outcome",
        "attempts",
        "before",
        "behind",
        "cause",
        "conflict",
        "failures",
        "filed",
        "first_sent_at",
        "id",
        "intent",
        "reason",
        "retry_at",
        "seq",
        "status",
    )

    def __init__(self, intent: Intent, seq: int = 0, status: Status = Status.QUEUED) -> None:
        self.id = intent.idempotency_key
        """What it is called as long as the program runs; a merge or an edit gives its intent another key."""
        self.intent = intent
        self.seq = seq
        """Its place among all that the account has taken on."""
        self.status = status
        self.reason: str | None = None
        """Why it waits or needs attention: one sentence for the user."""
        self.retry_at: float | None = None
        """When it is sent, or sent again, by the clock's `monotonic`."""
        self.attempts = 0
        """How often it was sent; being told to wait does not count."""
        self.failures = 0
        """How often in a row it came to nothing."""
        self.first_sent_at: float | None = None
        """Seconds since the epoch of the first attempt that may have reached the platform; None: none has."""
        self.conflict: Mapping[str, Any] | None = None
        """Base, mine, theirs and the version of theirs, where two changes of one record wait for a decision."""
        self.before: Receipt | None = None
        """The next older one on the same object; for the outbox."""
        self.behind: Receipt | None = None
        """The next younger one on the same object; for the outbox."""
        self.cause = current_cause()
        """The action of the user that wanted it, as long as the program runs."""
        self.filed = 0
        """Its place in the line of what may be sent, or of what waits; 0 where it stands in neither. For the outbox."""
        self._outcome: asyncio.Future[Any] | BaseException | None = None

    @property
    def is_open(self) -> bool:
        """Whether the platform has yet to confirm it."""
        return self.status not in (Status.DONE, Status.DISCARDED)

    @property
    def is_unsent(self) -> bool:
        """Whether the platform cannot have heard of it: it can be taken back without a trace."""
        return self.first_sent_at is None and self.is_open and self.status is not Status.SENDING

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait until it is decided; giving up the wait does not take the intent back."""
        return asyncio.shield(self._future()).__await__()

    def __repr__(self) -> str:
        return f"<Receipt {self.intent.label!r}: {self.status.value}>"

    def move(self, status: Status, reason: str | None = None, retry_at: float | None = None) -> None:
        """Take on a state; for the outbox."""
        self.status, self.reason, self.retry_at = status, reason, retry_at

    def succeed(self, data: Any) -> None:
        """Answer those who wait; for the outbox."""
        if not self._future().done():
            self._future().set_result(data)

    def fail(self, error: BaseException) -> None:
        """Tell those who wait, and those who will; for the outbox."""
        if self._outcome is None:
            self._outcome = error
        elif not self._future().done():
            self._future().set_exception(error)

    def reopen(self) -> None:
        """Let it be waited for again; for the outbox."""
        if isinstance(self._outcome, BaseException) or (self._outcome is not None and self._outcome.done()):
            self._outcome = None

    def _future(self) -> asyncio.Future[Any]:
        """Return what is waited on, made when somebody first asks: most of many thousands are never asked."""
        if isinstance(self._outcome, asyncio.Future):
            return self._outcome
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # Nobody has to wait for a receipt: what failed also stands in the list of what needs attention.
        future.add_done_callback(_looked_at)
        if self._outcome is not None:
            future.set_exception(self._outcome)
        self._outcome = future
        return future


def _looked_at(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()
