"""The media store: pictures and files in a folder, checked when they come, scaled when they are asked for."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import re
import secrets
import struct
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from api_client.errors import ErrorCode
from server.metadata import ORIENTATION, BrokenPicture, without_metadata
from server.problems import Problem, invalid

PICTURE_BYTES = 10 * 1024 * 1024
PICTURE_PIXELS = 40_000_000
THUMBNAIL_WIDTHS = (320, 640)
DEMO_PREFIX = "demo/"
FILES_PATH = "/api/v1/media/files/"

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?:/[a-z0-9][a-z0-9_-]{0,63}){0,3}\.[a-z0-9]{1,5}")
_FORMATS = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "WEBP": ("webp", "image/webp")}
_FORMATS["GIF"] = ("gif", "image/gif")
_TYPES = dict(_FORMATS.values()) | {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
}
_WRITE_BYTES = 1024 * 1024
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error)
"""What the decoders raise, whatever is wrong with a picture."""

Render = Callable[[str], bytes]
"""Draws the demo picture with a key; raises KeyError if there is none. Called in a worker thread."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the header of a picture says; sizes in pixels, as shown after the camera's rotation."""

    suffix: str
    mime_type: str
    width: int
    height: int
    orientation: int = 1
    """As EXIF has it: 1 is upright."""


def picture_facts(data: bytes, field: str = "media") -> PictureFacts:
    """Return what `data` is; raises Problem VALIDATION_ERROR on `field` unless it is a sound PNG, JPEG, WebP or GIF.

    Also refused: more than 10 MiB (PAYLOAD_TOO_LARGE) and more than 40 megapixels. Decodes the picture, so call it in
    a worker thread.
    """
    if len(data) > PICTURE_BYTES:
        raise Problem(ErrorCode.PAYLOAD_TOO_LARGE, "A picture may have at most 10 MiB.")
    try:
        # Warned of are large pictures, which are measured here, and odd metadata, which are thrown away.
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as picture,
        ):
            if picture.width * picture.height > PICTURE_PIXELS:
                raise _too_many_pixels(field)
            suffix, mime_type = _FORMATS[str(picture.format)]
            orientation = picture.getexif().get(ORIENTATION, 1)
            picture.load()
            width, height = picture.size
    except Image.DecompressionBombError:
        raise _too_many_pixels(field) from None
    except _UNREADABLE:
        raise _broken(field) from None
    if orientation not in range(1, 9):
        orientation = 1
    if orientation >= 5:
        width, height = height, width
    return PictureFacts(suffix, mime_type, width, height, orientation)


def clean_picture(data: bytes, field: str = "media") -> tuple[PictureFacts, bytes]:
    """Return `picture_facts`, and the picture upright and without metadata; raises the same."""
    facts = picture_facts(data, field)
    try:
        with warnings.catch_warnings(action="ignore"):
            return facts, without_metadata(data, facts.suffix, facts.orientation)
    except (BrokenPicture, *_UNREADABLE):
        raise _broken(field) from None


def _broken(field: str) -> Problem:
    return invalid(field, "This is not a picture, or it is broken. PNG, JPEG, WebP and GIF are taken.")


def _too_many_pixels(field: str) -> Problem:
    return invalid(field, "A picture may have at most 40 megapixels.")


class MediaStore:
    """Files under one folder, by key; a file never changes once it is there."""

    def __init__(self, folder: Path, render: Render | None = None) -> None:
        self._folder = folder
        self._render = render
        self._making: dict[Path, asyncio.Task[Path]] = {}
        # Decoding and drawing take a core each; more than two at once would starve the requests.
        self._turn = asyncio.Semaphore(2)

    @staticmethod
    def url(key: str) -> str:
        """Return the path under which the file with this key is served."""
        return FILES_PATH + key

    @staticmethod
    def media_type(key: str) -> str:
        """Return the MIME type that the key's suffix stands for."""
        return _TYPES.get(key.rpartition(".")[2], "application/octet-stream")

    def path(self, key: str) -> Path:
        """Return where the file with this key lies; raises Problem NOT_FOUND for what is no key."""
        if not _KEY.fullmatch(key):
            raise no_such_file()
        return self._folder / key

    async def save(self, key: str, data: bytes) -> str:
        """Keep `data` under `key`, whole or not at all, and return its URL path.

        Raises Problem UNAVAILABLE if the disk is full.
        """
        await asyncio.to_thread(write_whole, self.path(key), data)
        return self.url(key)

    async def clean(self, data: bytes, field: str = "media") -> tuple[PictureFacts, bytes]:
        """Return `clean_picture` without holding up the event loop."""
        async with self._turn:
            return await asyncio.to_thread(clean_picture, data, field)

    async def receive(self, chunks: AsyncIterator[bytes], size: int) -> Path:
        """Write what arrives to a file of its own and return its path; the caller adopts or deletes it.

        Raises Problem PAYLOAD_TOO_LARGE or VALIDATION_ERROR if there are more or fewer than `size` bytes, UNAVAILABLE
        if the disk is full.
        """
        part = self._folder / "incoming" / new_name()
        seen, waiting = 0, bytearray()
        await asyncio.to_thread(_append, part, b"")
        try:
            async for chunk in chunks:
                seen += len(chunk)
                if seen > size:
                    raise Problem(ErrorCode.PAYLOAD_TOO_LARGE, "More bytes arrived than were announced.")
                waiting += chunk
                if len(waiting) >= _WRITE_BYTES:
                    await asyncio.to_thread(_append, part, bytes(waiting))
                    waiting.clear()
            if seen < size:
                raise invalid("body", f"{seen} bytes arrived, and {size} were announced.")
            await asyncio.to_thread(_append, part, bytes(waiting))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return part

    async def read(self, path: Path, size: int = -1) -> bytes:
        """Return the first `size` bytes of a file, all of them by default."""

        def load() -> bytes:
            with path.open("rb") as file:
                return file.read(size)

        return await asyncio.to_thread(load)

    async def adopt(self, part: Path, key: str) -> str:
        """Move a received file under `key` and return its URL path."""
        target = self.path(key)

        def move() -> None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.replace(target)

        await asyncio.to_thread(move)
        return self.url(key)

    async def open(self, key: str) -> Path:
        """Return the path of an existing file, drawing a demo picture first; raises Problem NOT_FOUND."""
        path = self.path(key)
        if await asyncio.to_thread(path.is_file):
            return path
        if not key.startswith(DEMO_PREFIX) or self._render is None:
            raise no_such_file()
        return await self._make(path, lambda: self._draw(key, path))

    async def thumbnail(self, key: str, width: int) -> Path:
        """Return the path of the picture scaled down to `width` pixels, as JPEG; made when first asked for.

        A picture that is not wider is returned as it is. Raises Problem NOT_FOUND.
        """
        if self.media_type(key) == "application/octet-stream":
            raise no_such_file()
        source = await self.open(key)
        target = self._scaled(key, width)
        if await asyncio.to_thread(target.is_file):
            return target
        return await self._make(target, lambda: _scale(source, target, width))

    async def remove(self, key: str) -> None:
        """Delete the file and its thumbnails; harmless if they are not there."""
        paths = [
            self.path(key),
            *(self._folder / "thumbnails" / str(width) / f"{key}.jpg" for width in THUMBNAIL_WIDTHS),
        ]
        for path in paths:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _scaled(self, key: str, width: int) -> Path:
        return self._folder / "thumbnails" / str(width) / f"{key}.jpg"

    async def _make(self, target: Path, work: Callable[[], Path]) -> Path:
        """Run `work` once, however many ask for its result at the same time."""
        running = self._making.get(target)
        if running is None:
            running = self._making[target] = asyncio.get_running_loop().create_task(self._take_turn(work))
            running.add_done_callback(lambda _task: self._making.pop(target, None))
        return await asyncio.shield(running)

    async def _take_turn(self, work: Callable[[], Path]) -> Path:
        async with self._turn:
            return await asyncio.to_thread(work)

    def _draw(self, key: str, path: Path) -> Path:
        if self._render is None:
            raise no_such_file()
        try:
            data = self._render(key)
        except KeyError:
            raise no_such_file() from None
        write_whole(path, data)
        return path


def new_name() -> str:
    """Return a file name that nobody can guess."""
    return secrets.token_hex(16)


def no_such_file() -> Problem:
    """Return the problem of a key without a file."""
    return Problem(ErrorCode.NOT_FOUND, "There is no such file.")


def _append(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise _room_or(error) from None


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and move it there; raises Problem UNAVAILABLE if the disk is full."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _room_or(error) from None


def _room_or(error: OSError) -> Exception:
    """Return the problem of a full disk, or `error` if it is about something else."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Problem(ErrorCode.UNAVAILABLE, "The platform has no room left for this upload.")
    return error


def _scale(source: Path, target: Path, width: int) -> Path:
    with Image.open(source) as picture:
        if picture.width <= width:
            return source
        # JPEG can be decoded at a fraction of its size, which is most of the work.
        picture.draft("RGB", (width * 2, width * 2 * picture.height // picture.width))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((width, width * 8), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        upright.save(buffer, "JPEG", quality=82, optimize=True)
    write_whole(target, buffer.getvalue())
    return target
