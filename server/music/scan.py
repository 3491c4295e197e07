"""Reads a music folder into the catalogue; a second run reads only what has changed."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.clock import Clock
from server.db import Database, new_id
from server.music.catalogue_writer import CatalogueWriter
from server.music.folder import COVER_LIMIT, Found, Skipped, folder_cover, inside, shown, walk
from server.music.naming import song_of
from server.music.tags import FileFacts, Unreadable, read_file
from server.music.words import Words, words_beside
from server.problems import Problem
from server.tables.music import AlbumRow, MusicFileRow

_log = logging.getLogger(__name__)

BATCH = 64
"""Files read and written together: few enough that other writers wait for milliseconds."""
GONE = -1
"""Size of a file that is no longer there; no real file has it, so that one which returns is read again."""

SaveCover = Callable[[bytes], Awaitable[str]]
"""Keeps a picture and returns its key of the media store; raises Problem if it is not one that can be shown."""

Progress = Callable[[int, int, str], None]
"""Files done, files to do, and the name of the last one."""


class MusicFolderMissing(Exception):
    """The music folder does not exist or is not a folder."""


@dataclass(slots=True)
class ScanReport:
    """What one run found."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    moved: int = 0
    """Of the changed ones, those that have another name."""
    read: int = 0
    """Files that were opened."""
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cover:
    """A picture by the hash of its bytes; those come with the first file that has it, so that each is held once."""

    digest: bytes
    data: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file after it was read: either facts or a reason against it."""

    found: Found
    facts: FileFacts | None = None
    problem: str | None = None
    covers: tuple[_Cover, ...] = ()
    """The pictures that may be its cover, the surest first."""


async def scan(
    database: Database, save_cover: SaveCover, clock: Clock, root: Path, progress: Progress | None = None
) -> ScanReport:
    """Bring the catalogue in line with the folder `root`.

    Files that cannot be used are left out and named in the report, and in the log, with the reason. Raises
    MusicFolderMissing, in which case nothing is changed: a disk that is not mounted does not empty the catalogue.
    """
    found, skipped = await asyncio.to_thread(_listing, root)
    run = _Run(database, save_cover, root, CatalogueWriter(clock.now()), ScanReport(skipped=skipped))
    await run.compare(found)
    run.report.read = len(run.to_read)
    done = 0
    for start in range(0, len(run.to_read), BATCH):
        batch = run.to_read[start : start + BATCH]
        readings = await asyncio.to_thread(run.read, batch)
        await run.write(readings)
        done += len(batch)
        if progress is not None:
            progress(done, len(run.to_read), shown(batch[-1].path))
    await run.finish()
    for item in run.report.skipped:
        _log.warning("music file left out: %s %s", item.name, item.reason)
    return run.report


def _listing(root: Path) -> tuple[list[Found], list[Skipped]]:
    if not root.is_dir():
        raise MusicFolderMissing(f"There is no music folder at {root}.")
    return walk(root)


@dataclass
class _Run:
    """The state of one run."""

    database: Database
    save_cover: SaveCover
    root: Path
    writer: CatalogueWriter
    report: ScanReport
    known: dict[bytes, MusicFileRow] = field(default_factory=dict)
    to_read: list[Found] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    folder_covers: dict[Path, _Cover | None] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    saved_covers: dict[bytes, str | None] = field(default_factory=dict)
    seen_covers: set[bytes] = field(default_factory=set)

    async def compare(self, found: list[Found]) -> None:
        """Decide by size and time of change what has to be read."""
        async with self.database.reading() as db:
            self.known = {row.path: row for row in await db.scalars(select(MusicFileRow))}
        for file in found:
            row = self.known.get(file.path)
            if row is None or (row.size_bytes, row.mtime_ns) != (file.size_bytes, file.mtime_ns):
                self.to_read.append(file)
            elif row.problem is not None:
                self.report.skipped.append(Skipped(shown(file.path), row.problem))
            else:
                self.report.unchanged += 1
        here = {file.path for file in found}
        self.gone = [path for path, row in self.known.items() if path not in here and row.size_bytes != GONE]
        self._follow_moved()

    def _follow_moved(self) -> None:
        """Take a file that is gone and a new one of the same size and age for the same file with another name."""
        came = _by_facts((file.size_bytes, file.mtime_ns, file.path) for file in self.to_read)
        went = _by_facts((self.known[path].size_bytes, self.known[path].mtime_ns, path) for path in self.gone)
        for facts, old_path in went.items():
            new_path = came.get(facts)
            if old_path is not None and new_path is not None and new_path not in self.known:
                self.known[new_path] = self.known[old_path]
                self.gone.remove(old_path)
                self.report.moved += 1

    def read(self, batch: list[Found]) -> list[_Reading]:
        """Read files; runs in a thread."""
        return [self._read_one(file) for file in batch]

    def _read_one(self, file: Found) -> _Reading:
        if file.size_bytes == 0:
            return _Reading(file, problem="is empty")
        real = inside(self.root, file.path)
        if real is None:
            return _Reading(file, problem="has gone while it was read")
        try:
            facts = read_file(real)
        except Unreadable as problem:
            return _Reading(file, problem=str(problem))
        except OSError:
            return _Reading(file, problem="cannot be opened")
        own = self._cover(facts.cover if facts.cover and len(facts.cover) <= COVER_LIMIT else None)
        covers = tuple(cover for cover in (own, self._folder_cover(real.parent)) if cover is not None)
        return _Reading(file, replace(facts, cover=None, words=self._words_beside(file) or facts.words), covers=covers)

    def _words_beside(self, file: Found) -> Words | None:
        real = inside(self.root, file.words) if file.words is not None else None
        return words_beside(real) if real is not None else None

    def _folder_cover(self, folder: Path) -> _Cover | None:
        if folder in self.folder_covers:
            return self.folder_covers[folder]
        cover = self._cover(folder_cover(Path(os.path.realpath(self.root)), folder))
        self.folder_covers[folder] = _Cover(cover.digest, None) if cover is not None else None
        return cover

    def _cover(self, data: bytes | None) -> _Cover | None:
        if data is None:
            return None
        digest = hashlib.sha256(data).digest()
        is_first = digest not in self.seen_covers
        self.seen_covers.add(digest)
        return _Cover(digest, data if is_first else None)

    async def write(self, readings: list[_Reading]) -> None:
        """Write what was read, in one transaction."""
        keys = [await self._keep_cover(reading.covers) for reading in readings]
        async with self.database.writing() as db:
            for reading, cover_key in zip(readings, keys, strict=True):
                await self._write_one(db, reading, cover_key)
            await self.writer.flush(db)

    async def _write_one(self, db: AsyncSession, reading: _Reading, cover_key: str | None) -> None:
        known = self.known.get(reading.found.path)
        file = await db.get(MusicFileRow, known.id) if known else None
        if file is None:
            file = MusicFileRow(id=new_id())
        file.path = reading.found.path
        file.size_bytes = reading.found.size_bytes
        file.mtime_ns = reading.found.mtime_ns
        file.problem = reading.problem
        if reading.facts is None:
            db.add(file)
            if file.track_id is not None:
                await self.writer.withdraw(db, file.track_id)
            self.report.skipped.append(Skipped(shown(reading.found.path), reading.problem or ""))
            return
        file.mime_type = reading.facts.mime_type
        file.quality = reading.facts.quality
        if file.track_id is None:
            self.report.added += 1
        else:
            self.report.changed += 1
        song = song_of(reading.facts, PurePath(shown_path(reading.found.path)))
        track = await self.writer.put(db, file, reading.facts, song)
        if cover_key is not None and track.album_id not in self.covered:
            self.covered.add(track.album_id)
            album = await db.get_one(AlbumRow, track.album_id)
            album.cover_key = cover_key

    async def _keep_cover(self, covers: tuple[_Cover, ...]) -> str | None:
        """Save the first of `covers` that can be shown, once however many files carry it; None where there is none."""
        for cover in covers:
            if cover.data is not None:
                try:
                    self.saved_covers[cover.digest] = await self.save_cover(cover.data)
                except Problem:
                    self.saved_covers[cover.digest] = None
            if (key := self.saved_covers[cover.digest]) is not None:
                return key
        return None

    async def finish(self) -> None:
        """Withdraw what has left the folder and settle the albums."""
        async with self.database.writing() as db:
            for path in self.gone:
                file = await db.get_one(MusicFileRow, self.known[path].id)
                file.size_bytes = GONE
                if file.track_id is not None:
                    await self.writer.withdraw(db, file.track_id)
                    self.report.removed += 1
            await db.flush()
            await self.writer.finish(db)


def _by_facts(files: Iterable[tuple[int, int, bytes]]) -> dict[tuple[int, int], bytes | None]:
    """Return paths by size and time of change; None where several files have the same, of which none can be told."""
    found: dict[tuple[int, int], bytes | None] = {}
    for size_bytes, mtime_ns, path in files:
        found[size_bytes, mtime_ns] = None if (size_bytes, mtime_ns) in found else path
    return found


def shown_path(path: bytes) -> str:
    """Return a relative path as text with its separators, undecodable bytes replaced."""
    return path.decode("utf-8", "replace")
