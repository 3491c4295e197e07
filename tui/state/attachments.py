"""Files that wait to be sent with a write: copies of our own, so that the originals may go or change meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from api_client.ids import new_id
from api_client.sync.ports import StoreTrouble

_NEW = 3600.0
"""Seconds for which a file may be waiting for its write."""
_SUFFIXES = {
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_TYPES = {suffix: mime_type for mime_type, suffix in _SUFFIXES.items()}


class Attachments:
    """One account's folder of them; made when first needed, 0700, its files 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, data: bytes, mime_type: str) -> str:
        """Write `data` to a file and return its path; it is on the disk then. Raises StoreTrouble."""
        try:
            return await asyncio.to_thread(self._write, data, _SUFFIXES.get(mime_type, ".bin"))
        except OSError as error:
            raise StoreTrouble(f"The picture could not be stored: {error.strerror or error}.") from error

    async def drop(self, paths: Iterable[str]) -> None:
        """Delete those of the files that stand in the folder."""
        ours = [Path(path) for path in paths if Path(path).parent == self._folder]
        if ours:
            await asyncio.to_thread(_delete, ours)

    async def sweep(self, named: Iterable[str]) -> None:
        """Delete what no write names any more; for the start, when every open write is known.

        What is new may belong to a write that another window is about to take on.
        """
        await asyncio.to_thread(self._sweep, {Path(path).name for path in named})

    def _write(self, data: bytes, suffix: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        path = self._folder / f"{new_id()}{suffix}"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return str(path)

    def _sweep(self, named: set[str]) -> None:
        with contextlib.suppress(OSError):
            unnamed = [path for path in self._folder.iterdir() if path.name not in named]
            _delete(path for path in unnamed if path.stat().st_mtime < time.time() - _NEW)


def mime_type_of(path: str) -> str:
    """Return what kind of file an attachment is."""
    return _TYPES.get(Path(path).suffix, "application/octet-stream")


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
