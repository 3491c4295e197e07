"""What is being typed: in memory at every key, stored within a second, kept until it has been sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType

from api_client.clock import Clock
from api_client.sync.ports import Draft, OutboxStore, StoreTrouble

BEHIND = 0.5
"""Seconds between a key and the disk, so that a store that takes its time is still within the second."""
AGAIN = 1.0
"""Seconds until a draft that could not be stored is tried again."""
TEXT = "text"
"""The one field of a composer."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Drafts:
    """The drafts of one account, as this process sees them.

    Each process has a version of a draft to itself. One that begins without any takes over the newest; what another
    window types from then on stays beside it, and is listed by `others`.
    """

    def __init__(self, store: OutboxStore, clock: Clock, writer: str) -> None:
        """`writer` names this process among all that write to the store."""
        self._store = store
        self._clock = clock
        self._writer = writer
        self._mine: dict[str, Draft] = {}
        self._stored: dict[str, list[Draft]] = {}
        self._seen: dict[tuple[str, str], float] = {}
        self._unsaved: dict[str, None] = {}
        self._lock = asyncio.Lock()
        self._saver: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """Why what was typed is not stored, for the user; None if it is, or is about to be."""

    async def load(self) -> None:
        """Read what is stored; raises StoreTrouble."""
        self._stored = {}
        for draft in await self._store.drafts():
            if draft.writer != self._writer:
                self._stored.setdefault(draft.key, []).append(draft)

    def text(self, key: str) -> str:
        """Return what stands in a composer; empty if nothing does."""
        return self.fields(key).get(TEXT, "")

    def fields(self, key: str) -> Mapping[str, str]:
        """Return what stands in each field of a form; empty if nothing does."""
        if key not in self._mine and (stored := self._stored.get(key)):
            newest = stored[0]
            for version in stored:
                self._seen[key, version.writer] = version.updated_at
            return newest.fields
        draft = self._mine.get(key)
        return _NOTHING if draft is None else draft.fields

    def keep(self, key: str, fields: Mapping[str, str]) -> None:
        """Remember what was typed, at once; it is stored within a second. Fields that are all empty forget it."""
        if not any(fields.values()):
            if key in self._mine or key in self._stored:
                self.drop(key)
            return
        self.fields(key)  # what was there before is what this was made from
        self._mine[key] = Draft(key, dict(fields), self._clock.time(), self._writer)
        self._save_soon(key)

    def drop(self, key: str) -> None:
        """Forget a draft, but not what another window has typed since."""
        self.fields(key)
        self._mine.pop(key, None)
        self._stored.pop(key, None)
        self._save_soon(key)

    def all(self) -> Sequence[Draft]:
        """Return the newest version of each draft, the one touched last first."""
        newest = {key: versions[0] for key, versions in self._stored.items()} | self._mine
        return sorted(newest.values(), key=lambda draft: draft.updated_at, reverse=True)

    async def others(self, key: str) -> Sequence[Draft]:
        """Return what other windows have typed since this one took the draft over; raises StoreTrouble."""
        return [
            draft
            for draft in await self._store.drafts()
            if draft.key == key
            and draft.writer != self._writer
            and draft.updated_at > self._seen.get((key, draft.writer), float("-inf"))
        ]

    async def flush(self) -> None:
        """Store what has not been yet; raises StoreTrouble, and goes on trying."""
        async with self._lock:
            while self._unsaved:
                key = next(iter(self._unsaved))
                await self._save(key)
        self.trouble = None

    @asynccontextmanager
    async def going(self, key: str | None) -> AsyncIterator[Sequence[str]]:
        """Give the writers whose versions are to stay while this one goes with an intent; then it is forgotten.

        Nothing is stored in between, so that what has gone does not come back; what is typed in between stays.
        """
        if key is None:
            yield ()
            return
        async with self._lock:
            mine = self._mine.get(key)
            yield [draft.writer for draft in await self.others(key)]
            self._stored.pop(key, None)
            if self._mine.get(key) is mine:
                self._mine.pop(key, None)
                self._unsaved.pop(key, None)

    async def close(self) -> None:
        """Store what has not been yet, and stop; raises StoreTrouble."""
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.wait([self._saver])
        await self.flush()

    async def _save(self, key: str) -> None:
        draft = self._mine.get(key)
        if draft is None:
            kept = [other.writer for other in await self.others(key)]
            await self._store.drop_draft(key, keep_writers=kept)
        else:
            await self._store.keep_draft(draft)
        if self._mine.get(key) is draft:
            self._unsaved.pop(key, None)

    def _save_soon(self, key: str) -> None:
        self._unsaved[key] = None
        if self._saver is None:
            self._saver = asyncio.create_task(self._saving(), name="drafts")
            self._saver.add_done_callback(self._saved)

    async def _saving(self) -> None:
        wait = BEHIND
        while self._unsaved:
            await self._clock.sleep(wait)
            try:
                await self.flush()
            except StoreTrouble as error:
                self.trouble = error.sentence
                wait = AGAIN

    def _saved(self, task: asyncio.Task[None]) -> None:
        self._saver = None
        if not task.cancelled():
            task.result()
            if self._unsaved:
                self._save_soon(next(iter(self._unsaved)))
