"""Covers as files that a desktop can show: fetched once, drawn anew, few, and the user's alone."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from api_client.errors import PlatformError
from tui.paths import UnsafeFolder, private_folder
from widgets.picture_header import PictureError, measure

MOST = 60
"""Covers on the disk; those that were not shown for longest go first."""
SIDE = 512
"""Pixels; no desktop shows a cover larger."""
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000


class Covers:
    """The covers of what is played, as files in one folder."""

    def __init__(self, folder: Path, fetch: Callable[[str], Awaitable[bytes]]) -> None:
        self._folder = folder
        self._fetch = fetch
        self._files: dict[str, Path | None] = {}
        """By address; None where there is none to be had."""
        self._wanted = ""
        """What was asked for last; it is asked for again and again, and fetched once."""
        self._task: asyncio.Task[None] | None = None

    def address_of(self, url: str) -> str | None:
        """Return the `file:` address of the cover at `url` if it is here; nothing is fetched."""
        path = self._files.get(url)
        return path.as_uri() if path is not None else None

    def want(self, url: str, came: Callable[[], None]) -> None:
        """See to it that the cover at `url` is fetched; `came` is called on the loop when it is there."""
        if url == self._wanted:
            return
        self._wanted = url
        if self._task is not None:
            # What is wanted now is what plays now: nobody waits for the cover of the track before.
            self._task.cancel()
        if url and url not in self._files:
            self._task = asyncio.create_task(self._get(url, came), name="cover for the desktop")

    @property
    def busy(self) -> bool:
        """Whether a cover is under way."""
        return self._task is not None and not self._task.done()

    async def close(self) -> None:
        """Stop what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _get(self, url: str, came: Callable[[], None]) -> None:
        # What follows the question mark is a signature: it changes, and the picture does not.
        name = hashlib.sha256(urlsplit(url)._replace(query="", fragment="").geturl().encode()).hexdigest()[:32]
        path = self._folder / f"{name}.png"
        try:
            if not await asyncio.to_thread(_touched, path):
                await asyncio.to_thread(_keep, path, await self._fetch(url))
        except PlatformError:
            # It is tried again when it is wanted after another one.
            return
        except (PictureError, OSError, UnsafeFolder):
            self._files[url] = None
            return
        self._files[url] = path
        came()


def _touched(path: Path) -> bool:
    """Whether `path` is there; it counts as shown now."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _keep(path: Path, data: bytes) -> None:
    """Write the picture in `data` to `path` and make room for it. Raises PictureError, OSError and UnsafeFolder."""
    drawn = _drawn(data)
    private_folder(path.parent)
    kept = sorted(path.parent.glob("*.png"), key=lambda each: each.stat().st_mtime)
    for old in kept[: max(0, len(kept) - MOST + 1)]:
        old.unlink(missing_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(drawn)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _drawn(data: bytes) -> bytes:
    """Return the picture as a small PNG of our own making: the desktop's decoder never sees a stranger's bytes."""
    if len(data) > MOST_BYTES:
        raise PictureError("This cover is too large.")
    kind, width, height = measure(data)
    if width * height > MOST_PIXELS:
        raise PictureError("This cover is too large.")
    from PIL import Image, UnidentifiedImageError  # imported late: it takes tens of milliseconds

    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PictureError("This cover is too large.")
            image.draft("RGB", (SIDE, SIDE))
            small = image.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, EOFError) as error:
        raise PictureError("This cover is damaged.") from error
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise PictureError("This cover is damaged.") from error
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return buffer.getvalue()
