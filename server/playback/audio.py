"""Where the bytes of a track come from: rendered demo tracks kept on disk, or files of the music folder."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from server.media import write_whole
from server.music.folder import inside
from server.playback.render import RenderFailed, render_apart
from server.tables.music import MusicFileRow, TrackRow

DEMO_PREFIX = "demo/"
FILE_PREFIX = "file/"
RENDERED_TYPE = "audio/ogg"
SUFFIXES = {"audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/mp4": "m4a", "audio/wav": "wav"}

_DEMO_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,100}")
_log = logging.getLogger(__name__)


class Render(Protocol):
    """Makes the Ogg file of a demo track; raises RenderFailed."""

    async def __call__(self, key: str, quality: int, *, hurry: bool) -> bytes:
        """Return the bytes for `key` at `quality` kbit/s; without `hurry` nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a track plays from: `quality` is None where any can be had, `path` None where it is rendered."""

    mime_type: str
    quality: int | None = None
    path: Path | None = None

    @property
    def suffix(self) -> str:
        """The ending of the file's name."""
        return SUFFIXES[self.mime_type]


class AudioStore:
    """Rendered tracks in one folder, each rendered once, and the files of the music folder."""

    def __init__(self, folder: Path, music_dir: Path | None, render: Render = render_apart) -> None:
        self._folder = folder
        self._music_dir = music_dir
        self._render = render
        self._turns: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()
        # One for somebody who waits and one for nobody: more would take both cores from the requests.
        self._hurried = asyncio.Semaphore(1)
        self._leisurely = asyncio.Semaphore(1)

    async def source(self, db: AsyncSession, track: TrackRow) -> Source | None:
        """Return what `track` plays from, None where there is nothing any more."""
        return (await self.sources(db, [track])).get(track.id)

    async def sources(self, db: AsyncSession, tracks: Sequence[TrackRow]) -> dict[str, Source]:
        """Return what tracks play from, by their ids, without those for which there is nothing any more."""
        found, of_folder = {}, {}
        for track in tracks:
            key = track.audio_key or ""
            if key.startswith(DEMO_PREFIX):
                found[track.id] = Source(RENDERED_TYPE)
            elif key.startswith(FILE_PREFIX):
                of_folder[key.removeprefix(FILE_PREFIX)] = track.id
        if of_folder and self._music_dir is not None:
            rows = await db.scalars(select(MusicFileRow).where(MusicFileRow.id.in_(of_folder)))
            files = {of_folder[row.id]: row for row in rows if row.mime_type in SUFFIXES}
            found |= await asyncio.to_thread(_inside, self._music_dir, files)
        return found

    async def path(self, track_key: str, quality: int, *, hurry: bool = True) -> Path:
        """Return the file of a demo track, rendering it first if need be; raises RenderFailed."""
        path = self.rendered_path(track_key, quality)
        turn = self._turns.setdefault(path, asyncio.Lock())
        async with turn:
            if not await asyncio.to_thread(path.is_file):
                async with self._hurried if hurry else self._leisurely:
                    name = track_key.removeprefix(DEMO_PREFIX)
                    data = await self._render(name, quality, hurry=hurry)
                await asyncio.to_thread(write_whole, path, data)
        return path

    async def render_all(self, track_keys: Iterable[str], qualities: Iterable[int], *, hurry: bool) -> None:
        """Render what is missing, one after the other, for whoever plays it next or some day."""
        rates = tuple(qualities)
        for key in track_keys:
            for quality in rates:
                try:
                    await self.path(key, quality, hurry=hurry)
                except RenderFailed as failure:
                    _log.error("demo track %s cannot be rendered: %s", key, failure)

    def rendered_path(self, track_key: str, quality: int) -> Path:
        """Return where a demo track lies once it is rendered; raises RenderFailed for what is no demo track."""
        name = track_key.removeprefix(DEMO_PREFIX)
        if not _DEMO_KEY.fullmatch(name):
            raise RenderFailed("not the key of a demo track")
        return self._folder / f"{name}_{quality}kbps.ogg"


def _inside(folder: Path, files: Mapping[str, MusicFileRow]) -> dict[str, Source]:
    paths = {track_id: (row, inside(folder, row.path)) for track_id, row in files.items()}
    return {track_id: Source(row.mime_type or "", row.quality, path) for track_id, (row, path) in paths.items() if path}


def size_of(path: Path) -> int | None:
    """Return the size of a file in bytes, None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def etag_of(path: Path, name: str) -> str:
    """Return a validator for the file at `path`, served under `name`; raises FileNotFoundError."""
    facts = path.stat()
    return hashlib.sha256(f"{name} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:32]
