"""The database: one SQLite file, many readers, one writer at a time."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, MetaData, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 3

_STEPS: Mapping[int, tuple[str, ...]] = {
    2: ("ALTER TABLE stories ADD COLUMN version INTEGER NOT NULL DEFAULT 1",),
    3: (
        "CREATE INDEX IF NOT EXISTS ix_tracks_isrc ON tracks (isrc)",
        # Words, texts of old code pages and the albums of folders are read since: every file is opened once more.
        "UPDATE music_files SET mtime_ns = -1",
    ),
}
"""What a database of the version before needs beside new tables, which are made in any case."""

_READERS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SchemaMismatch(Exception):
    """The database file was written by a newer version of the platform."""


class Base(DeclarativeBase):
    """The ground of all tables; constraints are named, so that they can be changed later."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since the epoch: exact, and sortable by the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the number to keep; naive moments are refused with ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("only aware moments are stored")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the aware moment in UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def new_id() -> str:
    """Return a new UUID version 7 (RFC 9562, 6.2 method 3): sorted as text, ids stand in the order they were made."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) >> 2
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random))


def micros(moment: datetime) -> int:
    """Return `moment` as `UtcDateTime` keeps it, for cursors and arithmetic in SQL."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the moment that `micros` gave; raises OverflowError for one outside the calendar."""
    return _EPOCH + value * _MICROSECOND


def folded(text: str | None) -> str | None:
    """Return `text` as it is compared regardless of case, in every script; SQL calls it by the same name."""
    return None if text is None else text.casefold()


class Database:
    """The two ways to the file: reading sessions that never wait, and writing sessions that come one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = self._engine("BEGIN", pool_size=_READERS, max_overflow=_READERS)
        # A single connection is the queue in which writers wait; BEGIN IMMEDIATE keeps other processes out as well.
        self._writer = self._engine("BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
        self._reading = async_sessionmaker(self._reader, expire_on_commit=False, autoflush=False)
        self._writing = async_sessionmaker(self._writer, expire_on_commit=False)

    async def open(self) -> None:
        """Create the file and what is missing in it, and bring an older one up to this version, all or nothing.

        Raises SchemaMismatch for one that a newer platform has written.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path.chmod(0o600)
        async with self._writer.begin() as connection:
            found = (await connection.execute(text("PRAGMA user_version"))).scalar_one()
            if found > SCHEMA_VERSION:
                raise SchemaMismatch(
                    f"{self.path} has schema {found}; this platform knows those up to {SCHEMA_VERSION}."
                )
            for version in range(found + 1, SCHEMA_VERSION + 1) if found else ():
                for step in _STEPS.get(version, ()):
                    await connection.execute(text(step))
            there = set(await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
            if found != SCHEMA_VERSION or not Base.metadata.tables.keys() <= there:
                # It asks for every table and index by itself, which is most of what a start costs.
                await connection.run_sync(Base.metadata.create_all)
                await connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))

    async def close(self) -> None:
        """Give back every connection."""
        await self._reader.dispose()
        await self._writer.dispose()

    def read_session(self) -> AsyncSession:
        """Return a session that sees one consistent state and cannot write; its owner closes it."""
        return self._reading()

    def write_session(self) -> AsyncSession:
        """Return a session whose first statement waits for its turn to write; its owner commits and closes it."""
        return self._writing()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a read session for a block."""
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a write session for a block: committed at its end, rolled back if it raises."""
        async with self._writing() as session, session.begin():
            yield session

    def figures(self) -> dict[str, int]:
        """Return what is worth watching: file size in bytes and connections in use."""
        size = sum(
            part.stat().st_size for part in (self.path, self.path.with_name(self.path.name + "-wal")) if part.exists()
        )
        return {"bytes": size, "readers_busy": _busy(self._reader), "writers_busy": _busy(self._writer)}

    def _engine(self, begin: str, *, pool_size: int, max_overflow: int) -> AsyncEngine:
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{self.path}", pool_size=pool_size, max_overflow=max_overflow, pool_timeout=15
        )
        read_only = begin == "BEGIN"

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            # The driver must not open transactions by itself: `begin` below does, and says which kind.
            connection.isolation_level = None
            connection.create_function("folded", 1, folded, deterministic=True)
            cursor = connection.cursor()
            for pragma in (
                "busy_timeout=5000",
                "journal_mode=WAL",
                "synchronous=NORMAL",
                "foreign_keys=ON",
                "temp_store=MEMORY",
                *(("query_only=ON",) if read_only else ()),
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Any) -> None:
            connection.exec_driver_sql(begin)

        return engine


def _busy(engine: AsyncEngine) -> int:
    status = getattr(engine.pool, "checkedout", None)
    return int(status()) if callable(status) else 0
