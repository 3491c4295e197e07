"""Keeps what tracks look like: made once from their audio, in a process of its own, and found again by the file."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from server.apart import ApartFailed, run_apart
from server.clock import Clock
from server.media import write_whole
from server.music.sound_picture import NO_PICTURE, NoPicture, SoundPicture
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

AGAIN_AFTER, AGAIN_AT_LATEST = timedelta(minutes=10), timedelta(days=1)
"""When what failed by chance is tried again: twice as late each time, up to the second."""

_MOST_FAILURES = 10_000
_ROOM = 0.9
_TRIM_EVERY = 50
_log = logging.getLogger(__name__)

Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
"""Runs work beside the requests, and lets it end before the platform does."""


class Draw(Protocol):
    """Makes the packed picture of an audio file; raises NoPicture where that is none, ApartFailed for all else."""

    async def __call__(self, path: Path) -> bytes:
        """Return the bytes that `SoundPicture.packed` gives."""


async def draw_apart(path: Path) -> bytes:
    """Return the packed picture of the audio file at `path`, made in a process that steps back.

    Raises NoPicture for a file that cannot be read as audio, ApartFailed where it did not come to that.
    """
    try:
        async with asyncio.timeout(MADE_WITHIN_SECONDS):
            return await run_apart("server.music.peaks", str(path))
    except TimeoutError as error:
        raise ApartFailed("it takes too long") from error
    except ApartFailed as failure:
        if failure.status != NO_PICTURE:
            raise
        raise NoPicture(str(failure).strip()) from failure


@dataclass(frozen=True, slots=True)
class _Failure:
    """How often in a row a picture could not be made, and when it is tried again; None: never."""

    times: int
    again_at: datetime | None


class VisualStore:
    """The pictures of all tracks in one folder; what was asked for longest ago goes first when the room is spent."""

    def __init__(
        self,
        folder: Path,
        audio: AudioStore,
        start: Start,
        *,
        clock: Clock,
        draw: Draw = draw_apart,
        limit: int = LIMIT_BYTES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """`start` runs what makes them; `limit` is in bytes, `patience` in seconds."""
        self._folder = folder
        self._audio = audio
        self._start = start
        self._clock = clock
        self._draw = draw
        self._limit = limit
        self._patience = patience
        self._under_way: dict[Path, asyncio.Event] = {}
        self._failed: OrderedDict[Path, _Failure] = OrderedDict()
        # One at a time: two would take both cores from the requests.
        self._turn = asyncio.Semaphore(1)
        self._made = 0

    async def picture(self, audio_key: str, source: Source) -> SoundPicture | None:
        """Return the picture of what `audio_key` plays from, None while it is not there (yet).

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
        if not self._may_come(kept):
            return
        if (done := self._under_way.get(kept)) is None:
            if len(self._under_way) >= MOST_WAITING:
                return
            done = self._under_way[kept] = asyncio.Event()
            self._start(lambda: self._make(kept, audio, done))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await done.wait()
        self._may_come(kept)

    def _may_come(self, kept: Path) -> bool:
        """Whether a picture may be made now; raises NoPicture if it never can be."""
        failure = self._failed.get(kept)
        if failure is None:
            return True
        if failure.again_at is None:
            raise NoPicture("the audio cannot be read")
        return self._clock.now() >= failure.again_at

    async def _make(self, kept: Path, audio: Path, done: asyncio.Event) -> None:
        try:
            async with self._turn:
                packed = await self._draw(audio)
            SoundPicture.unpacked(packed)
            await asyncio.to_thread(self._keep, kept, packed)
        except (ApartFailed, NoPicture, OSError, Problem) as failure:
            # A disk that is full has room again some day, a file that is no audio stays one.
            _log.warning("no picture of %s: %s", audio.name, failure)
            self._note_failure(kept, for_good=isinstance(failure, NoPicture))
        else:
            self._failed.pop(kept, None)
        finally:
            del self._under_way[kept]
            done.set()

    def _note_failure(self, kept: Path, *, for_good: bool) -> None:
        before = self._failed.pop(kept, None)
        times = before.times + 1 if before is not None else 1
        # A file that takes too long would take as long every time: it is tried less and less often.
        wait = min(AGAIN_AFTER * 2 ** min(times - 1, 16), AGAIN_AT_LATEST)
        self._failed[kept] = _Failure(times, None if for_good else self._clock.now() + wait)
        while len(self._failed) > _MOST_FAILURES:
            self._failed.popitem(last=False)

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
