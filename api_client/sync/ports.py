"""What the outbox needs of the world: a store that does not forget. Time, the wire and secrets have ports of their own.

`api_client.sync.sqlite` keeps `outbox.db`; `api_client.sync.memory` is the same without a disk, for runs on a virtual
clock and for accounts whose folder cannot be written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from api_client.errors import PlatformError
from api_client.sync.intents import Intent
from api_client.sync.receipts import Status


class StoreTrouble(PlatformError):
    """Something could not be stored: the disk is full, read-only or broken. `sentence` says so; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One intent as it stands in the store."""

    seq: int
    """Grows with every intent that is taken on, and is never used again: the order of sending, for each object."""
    intent: Intent
    status: Status = Status.QUEUED
    reason: str | None = None
    attempts: int = 0
    first_sent_at: float | None = None
    """Seconds since the epoch of the first attempt that may have reached the platform; None while none has."""
    conflict: Mapping[str, Any] | None = None
    """`{"base": {...}, "mine": {...}, "theirs": {...}, "version": n}` while two changes wait for a decision."""


class StepState(Enum):
    """Where a step of the history stands."""

    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """One reversible thing that the user did: what did it, and what takes it back."""

    id: str
    """The key of the intent that did it last."""
    label: str
    at: float
    """Seconds since the epoch."""
    forward: Intent | None
    """None where it cannot be done again."""
    inverse: Intent | None
    """None where it can be taken back only as long as it has not been sent."""
    state: StepState = StepState.DONE
    until: float | None = None
    """Seconds since the epoch after which it can no longer be taken back; None: always."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed and not sent."""

    key: str
    """Where it belongs: `message:{chat}`, `comment:{post}:{parent or empty}`, `post`, `photo`, `profile`."""
    fields: Mapping[str, str]
    """Each field of the form by its name; a composer has the one field `text`."""
    updated_at: float
    writer: str
    """The process that wrote it: two windows on one draft keep a version each."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that an account's store held when it was opened."""

    intents: Sequence[Stored] = ()
    steps: Sequence[Step] = ()
    """Oldest first."""
    complaints: Sequence[str] = ()
    """What was found damaged and what became of it, one sentence each."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What other processes have changed since the store was last looked at."""

    changed: Sequence[Stored] = ()
    """New ones, and those whose state is another."""
    done: Mapping[str, str | None] = field(default_factory=dict)
    """By the key of the intent: the platform's data as JSON text, None where there is none."""
    discarded: Sequence[str] = ()
    steps: Sequence[Step] | None = None
    """The whole history, where it has changed."""
    complaints: Sequence[str] = ()
    """What was found damaged since, and what became of it, one sentence each."""


class OutboxStore(Protocol):
    """Keeps one account's intents, drafts and history. Every method is durable, and whole, when it returns.

    All of them raise `StoreTrouble`; then nothing has changed. None of them blocks the event loop.
    """

    @property
    def progress(self) -> int:
        """Grows while `open` gets on, which tells a store that holds much from one that does not answer."""

    async def open(self) -> Contents:
        """Make or read the store. A damaged one is salvaged row by row; nothing is ever deleted for being damaged."""

    async def append(
        self,
        intent: Intent,
        *,
        draft: str | None = None,
        keep_writers: Collection[str] = (),
        steps: Sequence[Step] | None = None,
    ) -> int:
        """Take `intent` on and return its `seq`; the same key again changes nothing and returns the seq it has.

        The same holds for the key of one that was confirmed; one that was discarded is taken on anew.

        In the same transaction the versions of the draft `draft` go, but for those of `keep_writers`, who have typed
        something else in the meantime; and `steps` becomes the history.
        """

    async def mark(self, stored: Stored) -> bool:
        """Store everything of `stored` but the intent itself.

        False, and nothing changed, where `stored.seq` is gone or holds an intent with another key by now: then it is
        not to be sent.
        """

    async def replace(self, seq: int, intent: Intent, *, was: str) -> bool:
        """Put another intent in the place of the one with the key `was`, with its turn: after an edit or a merge.

        It is `QUEUED` then, never sent and without a conflict. False, and nothing changed, where it is `SENDING`, gone,
        or another one by now.
        """

    async def finish(self, seq: int, reply: str | None) -> None:
        """The platform has confirmed it: it goes, and its reply (JSON text) is kept for a while for other processes.

        One that is gone already is no fault: two processes may have sent it, one after the other.
        """

    async def discard(self, seqs: Sequence[int], *, steps: Sequence[Step] | None = None) -> bool:
        """Take intents out; `steps` becomes the history in the same transaction.

        False, and nothing changed, where one of them is `SENDING` or gone.
        """

    async def keep_steps(self, steps: Sequence[Step]) -> None:
        """Store the whole history."""

    async def changes(self) -> Delta | None:
        """Return what other processes have changed since the last call, None (at next to no cost) if nothing."""

    async def keep_draft(self, draft: Draft) -> None:
        """Store a draft; each writer has one version of a key."""

    async def drop_draft(self, key: str, *, keep_writers: Collection[str] = ()) -> None:
        """Forget the versions of a draft, but for those of `keep_writers`."""

    async def drafts(self) -> Sequence[Draft]:
        """Return all drafts, the one touched last first."""

    async def close(self) -> None:
        """Let go of the files; what was asked for before is done first."""


class Leadership(Protocol):
    """Which of the processes on one account sends."""

    async def acquire(self) -> bool:
        """Try to lead, or go on leading; never waits for another process. Called at least once a second."""

    @property
    def leads(self) -> bool:
        """Whether this process sends."""

    async def release(self) -> None:
        """Let another one lead."""
