"""Pictures that go with a post: read from this machine, known by their names, brought to the platform."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn
from tui.cli.verbs.writes import Photo

if TYPE_CHECKING:
    from api_client.client import PlatformClient

MOST = 10
"""Pictures of one post."""
_LARGEST = 64 * 1024 * 1024
_TYPES = ("image/gif", "image/jpeg", "image/png", "image/webp", "video/mp4", "video/webm")


def photos_at(names: Sequence[str], alts: Sequence[str]) -> tuple[Photo, ...]:
    """Return the pictures with these file names, described by `alts` in the same order. Raises CannotGoOn."""
    if len(names) > MOST:
        raise CannotGoOn(f"a post has {MOST} pictures at most, and these are {len(names)}")
    if len(alts) > len(names):
        raise CannotGoOn("there are more descriptions than pictures")
    found = []
    for number, name in enumerate(names):
        path = Path(name).expanduser()
        kind, _ = mimetypes.guess_type(path.name)
        try:
            size = path.stat().st_size
            with path.open("rb"):
                pass
        except (OSError, ValueError) as error:
            raise CannotGoOn(f"{name}: {getattr(error, 'strerror', None) or error}") from error
        if kind not in _TYPES:
            raise CannotGoOn(f"{name} is no picture or video that a post can have: jpg, png, gif, webp, mp4 or webm")
        if not 0 < size <= _LARGEST:
            raise CannotGoOn(f"{name} is {'empty' if not size else 'larger than 64 MB'}")
        found.append(Photo(path, kind, alts[number] if number < len(alts) else ""))
    return tuple(found)


async def uploaded(client: PlatformClient, photos: Sequence[Photo]) -> list[dict[str, Any]]:
    """Bring pictures to the platform and return how a post names them. Raises PlatformError and OSError."""
    import asyncio

    named: list[dict[str, Any]] = []
    for photo in photos:
        data = await asyncio.to_thread(photo.path.read_bytes)
        upload_id = await client.uploads.upload(data, photo.path.name[-200:], photo.mime_type)
        named.append({"type": photo.kind, "uploadId": upload_id, **({"alt": photo.alt} if photo.alt else {})})
    return named
