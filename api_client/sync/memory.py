"""An outbox without a disk: for runs on a virtual clock, and for accounts whose folder cannot be written."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from api_client.sync.intents import Intent
from api_client.sync.ports import Contents, Delta, Draft, Step, Stored, StoreTrouble
from api_client.sync.receipts import Status

T = TypeVar("T")


@dataclass
class Disk:
    """What would stand in the files: it outlives the stores that are opened on it, as files outlive processes."""

    rows: dict[int, Stored] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    """By the key of the intent, for those that were confirmed as well."""
    last_seq: int = 0
    steps: tuple[Step, ...] = ()
    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)
    """By the key of the draft and its writer."""
    full: bool = False
    """Whether everything that would write is refused."""
    readers: list[MemoryStore] = field(default_factory=list)

    def snapshot(self) -> Disk:
        """Return a disk as this one is now, with nobody at it."""
        taken = copy.copy(self)
        taken.rows, taken.seqs, taken.drafts, taken.readers = dict(self.rows), dict(self.seqs), dict(self.drafts), []
        return taken


@dataclass
class _News:
    """What the other stores on the disk did since one of them looked."""

    changed: dict[int, None] = field(default_factory=dict)
    done: dict[str, str | None] = field(default_factory=dict)
    discarded: dict[str, None] = field(default_factory=dict)
    steps: bool = False


class MemoryStore:
    """An `OutboxStore` in memory; several on one `Disk` are what several processes are on one file."""

    def __init__(self, disk: Disk | None = None, *, at: Callable[[str], None] | None = None) -> None:
        """`at` is called around every change, with its name and `before` or `after`; it may raise to end the run."""
        self.disk = disk or Disk()
        self._at = at
        self._news = _News()

    @property
    def progress(self) -> int:
        """It opens at once."""
        return 0

    async def open(self) -> Contents:
        """Return what the disk holds."""
        if self not in self.disk.readers:
            self.disk.readers.append(self)
        self._news = _News()
        return Contents(tuple(self.disk.rows.values()), self.disk.steps)

    async def append(
        self,
        intent: Intent,
        *,
        draft: str | None = None,
        keep_writers: Collection[str] = (),
        steps: Sequence[Step] | None = None,
    ) -> int:
        """Take `intent` on."""

        def work() -> int:
            disk = self.disk
            known = disk.seqs.get(intent.idempotency_key)
            if known is not None:
                return known
            disk.last_seq += 1
            disk.rows[disk.last_seq] = Stored(disk.last_seq, intent)
            disk.seqs[intent.idempotency_key] = disk.last_seq
            if draft is not None:
                self._drop(draft, keep_writers)
            self._put_steps(steps)
            for news in self._others():
                news.changed[disk.last_seq] = None
            return disk.last_seq

        return await self._do("append", work)

    async def mark(self, stored: Stored) -> bool:
        """Store everything of `stored` but the intent itself."""

        def work() -> bool:
            row = self.disk.rows.get(stored.seq)
            if row is None or row.intent.idempotency_key != stored.intent.idempotency_key:
                return False
            self._put(replace(stored, intent=row.intent))
            return True

        return await self._do("mark", work)

    async def replace(self, seq: int, intent: Intent, *, was: str) -> bool:
        """Put another intent in the place of the one with the key `was`."""

        def work() -> bool:
            row = self.disk.rows.get(seq)
            if row is None or row.status is Status.SENDING or row.intent.idempotency_key != was:
                return False
            del self.disk.seqs[was]
            self.disk.seqs[intent.idempotency_key] = seq
            self._put(Stored(seq, intent))
            return True

        return await self._do("replace", work)

    async def finish(self, seq: int, reply: str | None) -> None:
        """Let a confirmed intent go."""

        def work() -> None:
            row = self.disk.rows.pop(seq, None)
            if row is not None:
                for news in self._others():
                    news.done[row.intent.idempotency_key] = reply

        await self._do("finish", work)

    async def discard(self, seqs: Sequence[int], *, steps: Sequence[Step] | None = None) -> bool:
        """Take intents out, all or none."""

        def work() -> bool:
            rows = [self.disk.rows.get(seq) for seq in seqs]
            if any(row is None or row.status is Status.SENDING for row in rows):
                return False
            for row in filter(None, rows):
                del self.disk.rows[row.seq], self.disk.seqs[row.intent.idempotency_key]
                for news in self._others():
                    news.discarded[row.intent.idempotency_key] = None
            self._put_steps(steps)
            return True

        return await self._do("discard", work)

    async def keep_steps(self, steps: Sequence[Step]) -> None:
        """Store the whole history."""
        await self._do("steps", lambda: self._put_steps(steps))

    async def changes(self) -> Delta | None:
        """Return what the other stores on the disk have changed since the last call."""
        news, self._news = self._news, _News()
        if news == _News():
            return None
        rows = (self.disk.rows.get(seq) for seq in sorted(news.changed))
        changed = tuple(row for row in rows if row is not None)
        return Delta(changed, news.done, tuple(news.discarded), self.disk.steps if news.steps else None)

    async def keep_draft(self, draft: Draft) -> None:
        """Store this writer's version of a draft."""

        def work() -> None:
            self.disk.drafts[draft.key, draft.writer] = draft

        await self._do("draft", work)

    async def drop_draft(self, key: str, *, keep_writers: Collection[str] = ()) -> None:
        """Forget the versions of a draft, but for those of `keep_writers`."""
        await self._do("drop", lambda: self._drop(key, keep_writers))

    async def drafts(self) -> Sequence[Draft]:
        """Return all drafts, the one touched last first."""
        return sorted(self.disk.drafts.values(), key=lambda draft: draft.updated_at, reverse=True)

    async def close(self) -> None:
        """Leave the disk."""
        if self in self.disk.readers:
            self.disk.readers.remove(self)

    async def _do(self, name: str, work: Callable[[], T]) -> T:
        """Let others run, as they do while a disk works; then do it at one stroke."""
        await asyncio.sleep(0)
        if self.disk.full:
            raise StoreTrouble("This could not be stored: the disk is full.")
        if self._at is not None:
            self._at(f"{name} before")
        result = work()
        if self._at is not None:
            self._at(f"{name} after")
        return result

    def _others(self) -> list[_News]:
        return [reader._news for reader in self.disk.readers if reader is not self]

    def _put(self, stored: Stored) -> None:
        self.disk.rows[stored.seq] = stored
        for news in self._others():
            news.changed[stored.seq] = None

    def _put_steps(self, steps: Sequence[Step] | None) -> None:
        if steps is not None:
            self.disk.steps = tuple(steps)
            for news in self._others():
                news.steps = True

    def _drop(self, key: str, keep_writers: Collection[str]) -> None:
        for name in [name for name in self.disk.drafts if name[0] == key and name[1] not in keep_writers]:
            del self.disk.drafts[name]
