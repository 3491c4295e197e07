"""An `OutboxStore` on the disk."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from pathlib import Path

from api_client.clock import Clock, SystemClock
from api_client.sync.intents import Intent
from api_client.sync.ports import Contents, Delta, Draft, Step, Stored
from api_client.sync.sqlite.database import Database
from api_client.sync.sqlite.rows import intent_row
from api_client.sync.sqlite.tables import Tables
from api_client.sync.sqlite.writer import Writer


class SqliteOutboxStore:
    """Keeps one account's intents, drafts and history in `outbox.db`, with as many processes at it as there are.

    Every method is on the disk when it returns, and raises `StoreTrouble`, with nothing changed, where it cannot be.
    What waits at the same moment shares a transaction; each caller learns what became of his own part. After a full
    disk or a lock the next call simply works again.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None, writer: str = "", account: str | None = None) -> None:
        """Keep to the file at `path`, in a folder that is its account's own.

        `writer` names this process in the changes that others see, `account` is what the file belongs to: with
        another one it does not open.
        """
        clock = clock or SystemClock()
        # Two windows may bear the same name; what each of them has seen is still its own.
        self._tables = Tables(f"{writer}:{secrets.token_hex(4)}", clock.time)
        self._database = Database(Path(path), self._tables, account, clock.time)
        self._writer = Writer(self._database)

    @property
    def progress(self) -> int:
        """Grows while the file is read, looked through or salvaged."""
        return self._database.progress

    async def open(self) -> Contents:
        """Make or read the file; a damaged one is salvaged, and kept beside the new one."""
        self._writer.reopen()
        return await self._writer.read(self._database.open)

    async def append(
        self,
        intent: Intent,
        *,
        draft: str | None = None,
        keep_writers: Collection[str] = (),
        steps: Sequence[Step] | None = None,
    ) -> int:
        """Take `intent` on and return its `seq`; a key that is known, or was confirmed already, changes nothing."""
        # What cannot be stored is told at once, and troubles nobody else.
        row = intent_row(intent)
        return await self._writer.write(
            lambda db: self._tables.append(db, row, draft=draft, keep_writers=keep_writers, steps=steps)
        )

    async def mark(self, stored: Stored) -> bool:
        """Store everything of `stored` but the intent; False where that is gone or another by now."""
        return await self._writer.write(lambda db: self._tables.mark(db, stored))

    async def replace(self, seq: int, intent: Intent, *, was: str) -> bool:
        """Put `intent` in the place of the one with the key `was`; False where that is on its way or gone."""
        return await self._writer.write(lambda db: self._tables.replace(db, seq, intent, was))

    async def finish(self, seq: int, reply: str | None) -> None:
        """Let a confirmed intent go; its reply (JSON text) is kept for 10 minutes."""
        await self._writer.write(lambda db: self._tables.finish(db, seq, reply))

    async def discard(self, seqs: Sequence[int], *, steps: Sequence[Step] | None = None) -> bool:
        """Take intents out, all or none: False where one of them is on its way or gone."""
        return await self._writer.write(lambda db: self._tables.discard(db, seqs, steps))

    async def keep_steps(self, steps: Sequence[Step]) -> None:
        """Store the whole history; a step that another process has added meanwhile is not lost by it."""
        await self._writer.write(lambda db: self._tables.keep_steps(db, steps))

    async def changes(self) -> Delta | None:
        """Return what other processes have changed since the last call, None if nothing."""
        return await self._writer.read(self._database.news)

    async def keep_draft(self, draft: Draft) -> None:
        """Store a draft; each writer has one version of a key."""
        await self._writer.write(lambda db: self._tables.keep_draft(db, draft))

    async def drop_draft(self, key: str, *, keep_writers: Collection[str] = ()) -> None:
        """Forget the versions of a draft, but for those of `keep_writers`."""
        await self._writer.write(lambda db: self._tables.drop_draft(db, key, keep_writers))

    async def drafts(self) -> Sequence[Draft]:
        """Return all drafts, the one touched last first."""
        return await self._writer.read(self._database.drafts)

    async def close(self) -> None:
        """Let go of the files within a second; what was asked for before is done first, if the disk answers."""
        await self._writer.close()
