"""A town for the fault matrix: somebody who has one of everything, and what happens there as numbers."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.endpoints import Endpoint
from server.db import Base
from server.limiter import RateLimiter
from server.music.sound_picture import BANDS, SoundPicture
from server.playback.quality import LOWEST, MIDDLE, PREMIUM_LIMIT
from tests.faults.arguments import body_of, path_of, query_of
from tests.faults.furniture import DEVICE, PASSWORD, Ids, furnished
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform

TOKENS_LAST = 600.0
"""Seconds after which the town is built anew, well before the access tokens end in it."""
_REPLIES_KEPT = "idempotency"
_WRITTEN_BY_TRIGGERS = ("search_documents",)

Effects = Mapping[str, tuple[int, ...]]
"""Table to figures about its columns: equal where the same has happened."""


class _Ear:
    """The socket of Ann's device, as the hub sees it; nobody reads it."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.session_id = ""

    def offer(self, text: str) -> None:
        """Hear a frame."""

    def close_soon(self, code: int, reason: str) -> None:
        """Stay."""


class Town:
    """A platform with Ann and her friends, which can be put back to how it was."""

    def __init__(self, platform: SharedPlatform) -> None:
        self.platform = platform
        self.ids: Ids
        self._tokens: Tokens
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._effects: Effects = {}
        self._built_at = 0.0

    async def build(self) -> None:
        """Let everybody move in, and remember how it is then."""
        self._built_at = time.monotonic()
        await self.platform.within(lambda: seed_catalogue(self.platform.state.database))
        self._render()
        tokens = MemoryTokens()
        async with (
            PlatformClient(self.platform.url, tokens=tokens) as ann,
            PlatformClient(self.platform.url) as bob,
            PlatformClient(self.platform.url) as carol,
        ):
            for client, name in ((ann, "ann"), (bob, "bob"), (carol, "carol")):
                await client.accounts.register(name, f"{name}@example.org", PASSWORD, name.title())
            self.ids = await furnished(ann, bob, carol)
        await self.platform.within(self._connect_device)
        loaded = await tokens.load()
        assert loaded is not None
        self._tokens = loaded
        await self._quiet()
        self._rows = self._read_rows()
        self._write_rows()
        self._rows = self._read_rows()
        self._effects = self.effects()

    async def restore(self) -> None:
        """Put everything back, once the platform has nothing to do any more."""
        await self._quiet()
        self.platform.state.limiter = RateLimiter()
        if time.monotonic() - self._built_at > TOKENS_LAST:
            await self.platform.empty()
            await self.build()
        if self._read_rows() != self._rows:
            self._write_rows()

    def client(self, url: str, **options: Any) -> PlatformClient:
        """Return a client signed in as Ann, by way of `url`."""
        return PlatformClient(url, tokens=MemoryTokens(self._tokens), jitter=lambda: 0.0, **options)

    async def settled(self) -> Effects:
        """Return the effects once the platform has nothing to do any more."""
        await self._quiet()
        return self.effects()

    def effects(self) -> Effects:
        """Return what the database holds, as numbers."""
        with closing(self._database()) as database:
            return {
                table: database.execute(f"SELECT count(*), {', '.join(columns)} FROM {table}").fetchone()  # noqa: S608
                for table, columns in _COUNTED.items()
            }

    @property
    def untouched(self) -> Effects:
        """The effects of nothing."""
        return self._effects

    def arguments(self, endpoint: Endpoint) -> dict[str, Any]:
        """Return what `PlatformClient.call` needs for `endpoint` to have its effect here."""
        ids = self.ids
        return {
            "path": path_of(endpoint, ids),
            "query": query_of(endpoint, ids),
            "body": body_of(endpoint, ids, self._tokens.refresh or ""),
        }

    # -- how

    async def _connect_device(self) -> None:
        ear, hub = _Ear(self.ids.ann), self.platform.state.hub
        hub.attach(ear)
        hub.subscribe(ear, f"devices:{DEVICE}")

    def _render(self) -> None:
        """Put a file where the platform would put a rendered track; it would start a process each time it is asked."""
        for quality in (LOWEST, MIDDLE, PREMIUM_LIMIT):
            path = self.platform.state.playback.audio.rendered_path("demo/song-1", quality)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"OggS")
        self.platform.state.playback.visuals._draw = _draw

    async def _quiet(self) -> None:
        """Wait until no request is being answered and nothing goes on behind."""

        async def quiet() -> None:
            while answering := [task for task in asyncio.all_tasks() if _answers(task)]:
                await asyncio.wait(answering)
            await self.platform.state.background.drain()

        await self.platform.within(quiet)

    def _database(self) -> sqlite3.Connection:
        path = self.platform.state.database.path
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)

    def _read_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with closing(self._database()) as database:
            return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in Base.metadata.tables}  # noqa: S608

    def _write_rows(self) -> None:
        """Put back the tables that differ; nobody else writes now, and their references are all there at the end."""
        with closing(sqlite3.connect(self.platform.state.database.path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            database.execute("BEGIN IMMEDIATE")
            for name, found in self._read_rows().items():
                wanted = [] if name == _REPLIES_KEPT else self._rows[name]
                if found == wanted or name in _WRITTEN_BY_TRIGGERS:
                    continue
                database.execute(f"DELETE FROM {name}")  # noqa: S608
                if wanted:
                    marks = ", ".join("?" * len(wanted[0]))
                    database.executemany(f"INSERT INTO {name} VALUES ({marks})", wanted)  # noqa: S608
            database.execute("COMMIT")


async def _draw(_path: Path) -> bytes:
    """Return what the platform would draw of a rendered track."""
    return SoundPicture(2000, bytes(range(200)), 30, 60, zlib.compress(bytes(60 * BANDS))).packed()


def _counted() -> dict[str, list[str]]:
    """Return by table what is counted of its columns: what is not null, the sum of numbers, the length of text.

    Versions are not: a change that is repeated counts a second one and says the same.
    """
    counted: dict[str, list[str]] = {}
    for table in Base.metadata.tables.values():
        sums = counted.setdefault(table.name, [])
        for column in table.columns:
            sums.append(f"count({column.name})")
            if str(column.type) in ("INTEGER", "BOOLEAN") and not column.name.endswith(("_ms", "version")):
                sums.append(f"coalesce(sum({column.name}), 0)")
            elif str(column.type).startswith(("VARCHAR", "TEXT")):
                sums.append(f"coalesce(sum(length({column.name})), 0)")
    counted["playlist_tracks"].append("sum(position * unicode(substr(track_id, 2)))")  # Which of them stands where.
    return {name: sums for name, sums in counted.items() if name not in (_REPLIES_KEPT, *_WRITTEN_BY_TRIGGERS)}


_COUNTED = _counted()


def _answers(task: asyncio.Task[Any]) -> bool:
    return "run_asgi" in getattr(task.get_coro(), "__qualname__", "")
