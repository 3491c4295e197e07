"""Keeps what tracks look like: made once from their audio, in a process of its own, and found again by the file."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from server.apart import ApartFailed, run_apart
from server.media import write_whole
from server.music.sound_picture import NoPicture, SoundPicture
from server.playback.audio import AudioStore, Source, etag_of
from server.problems import Problem

PATIENCE_SECONDS = 0.6
"""For how long a request waits for a picture that is being made; it asks again after that."""
MADE_WITHIN_SECONDS = 120.0
QUALITIES = (160, 320, 96)
"""Of a demo track, the renditions that a picture can be made from, the likeliest first."""
LIMIT_BYTES = 1024 * 1024 * 1024
"""Of all pictures together: some ten thousand tracks."""

MOST_WAITING = 32
"""Pictures that wait to be made; whoever wants one more asks again later."""

_MOST_FAILURES = 10_000
_ROOM = 0.9
_TRIM_EVERY = 50
_log = logging.getLogger(__name__)

Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
"""Runs work beside the requests, and lets it end before the platform does."""


class Draw(Protocol):
    """Makes the packed picture of an audio file; raises ApartFailed."""

    async def __call__(self, path: Path) -> bytes:
        """Return the bytes that `SoundPicture.packed` gives."""


async def draw_apart(path: Path) -> bytes:
    """Return the packed picture of the audio file at `path`, made in a process that steps back; raises ApartFailed."""
    try:
        async with asyncio.timeout(MADE_WITHIN_SECONDS):
            return await run_apart("server.music.peaks", str(path))
    except TimeoutError as error:
        raise ApartFailed("it takes too long") from error


class VisualStore:
    """The pictures of all tracks in one folder; what was asked for longest ago goes first when the room is spent."""

    def __init__(
        self,
        folder: Path,
        audio: AudioStore,
        start: Start,
        *,
        draw: Draw = draw_apart,
        limit: int = LIMIT_BYTES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """`start` runs what makes them; `limit` is in bytes, `patience` in seconds."""
        self._folder = folder
        self._audio = audio
        self._start = start
        self._draw = draw
        self._limit = limit
        self._patience = patience
        self._under_way: dict[Path, asyncio.Event] = {}
        self._failed: OrderedDict[Path, None] = OrderedDict()
        # One at a time: two would take both cores from the requests.
        self._turn = asyncio.Semaphore(1)
        self._made = 0

    async def picture(self, audio_key: str, source: Source) -> SoundPicture | None:
        """Return the picture of what `audio_key` plays from, None while it is not there yet.

        A demo track has none before it was rendered for somebody who plays it. Raises NoPicture where the audio
        cannot be read.
        """
        path = await asyncio.to_thread(self._audio_path, audio_key, source)
        if path is None:
            return None
        try:
            # A demo track sounds the same whenever and however well it was rendered.
            name = audio_key if source.path is None else await asyncio.to_thread(etag_of, path, audio_key)
        except OSError as error:
            raise NoPicture("the file is gone") from error
        kept = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.sound"
        found = await asyncio.to_thread(_read, kept)
        if found is None:
            await self._wait_for(kept, path)
            found = await asyncio.to_thread(_read, kept)
        return found

    def _audio_path(self, audio_key: str, source: Source) -> Path | None:
        if source.path is not None:
            return source.path
        renditions = (self._audio.rendered_path(audio_key, quality) for quality in QUALITIES)
        return next((path for path in renditions if path.is_file()), None)

    async def _wait_for(self, kept: Path, audio: Path) -> None:
        if kept in self._failed:
            raise NoPicture("the audio cannot be read")
        if (done := self._under_way.get(kept)) is None:
            if len(self._under_way) >= MOST_WAITING:
                return
            done = self._under_way[kept] = asyncio.Event()
            self._start(lambda: self._make(kept, audio, done))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await done.wait()
        if kept in self._failed:
            raise NoPicture("the audio cannot be read")

    async def _make(self, kept: Path, audio: Path, done: asyncio.Event) -> None:
        try:
            async with self._turn:
                packed = await self._draw(audio)
            SoundPicture.unpacked(packed)
            await asyncio.to_thread(self._keep, kept, packed)
        except (ApartFailed, NoPicture, OSError, Problem) as failure:
            # A disk that is full has room again some day, a file that is no audio stays one.
            _log.warning("no picture of %s: %s", audio.name, failure)
            self._failed[kept] = None
            while len(self._failed) > _MOST_FAILURES:
                self._failed.popitem(last=False)
        finally:
            del self._under_way[kept]
            done.set()

    def _keep(self, kept: Path, packed: bytes) -> None:
        write_whole(kept, packed)
        self._made += 1
        if self._made % _TRIM_EVERY == 1:
            trim(self._folder, self._limit)


def trim(folder: Path, limit: int) -> None:
    """Delete what was used longest ago in `folder` until its files have `limit` bytes or less."""
    files = [(facts.st_mtime_ns, facts.st_size, path) for path in folder.iterdir() if (facts := path.stat())]
    size = sum(each for _, each, _ in files)
    if size <= limit:
        return
    for _, each, path in sorted(files):
        if size <= limit * _ROOM:
            return
        path.unlink(missing_ok=True)
        size -= each


def _read(kept: Path) -> SoundPicture | None:
    try:
        data = kept.read_bytes()
        kept.touch()
        return SoundPicture.unpacked(data)
    except (OSError, NoPicture):
        # One that is damaged is made anew.
        return None
