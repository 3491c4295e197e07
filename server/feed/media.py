"""What a new post or story brings along: bytes in base64, completed uploads, or addresses elsewhere."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.posts import MediaInput
from server.media import MediaStore, new_name
from server.problems import Problem, invalid
from server.tables.users import UploadRow
from server.uploads.kinds import HEAD_BYTES, SUFFIXES, looks_like

MediaKind = Literal["image", "video"]

_VIDEO_TYPES = ("video/mp4", "video/webm")
_VIDEO_SUFFIXES = (".mp4", ".m4v", ".webm", ".mov")


@dataclass(frozen=True, slots=True)
class Medium:
    """One medium on its way into a post: `key` in our store or `url` elsewhere; sizes in pixels where known.

    `data` is what still has to be written under the key; `upload_id` is the upload that has to be claimed for it.
    """

    kind: MediaKind
    alt: str | None = None
    key: str | None = None
    url: str | None = None
    width: int | None = None
    height: int | None = None
    data: bytes | None = None
    upload_id: str | None = None


async def prepared(store: MediaStore, inputs: Sequence[MediaInput], folder: str) -> list[Medium]:
    """Decode and check the media of a request; slow, and needs no database.

    Raises Problem VALIDATION_ERROR for what is no base64, no picture or no video, PAYLOAD_TOO_LARGE for large pictures.
    """
    return list(await asyncio.gather(*[_prepared(store, item, index, folder) for index, item in enumerate(inputs)]))


async def _prepared(store: MediaStore, item: MediaInput, index: int, folder: str) -> Medium:
    if item.base64 is None:
        return Medium(item.type, item.alt, upload_id=item.upload_id)
    field = f"media.{index}.base64"
    data = await asyncio.to_thread(_decoded, item.base64, field)
    if item.type == "video":
        suffix = _video_suffix(data, field)
        return Medium("video", item.alt, key=f"{folder}/{new_name()}.{suffix}", data=data)
    facts, picture = await store.clean(data, field)
    key = f"{folder}/{new_name()}.{facts.suffix}"
    return Medium("image", item.alt, key=key, width=facts.width, height=facts.height, data=picture)


def _decoded(text: str, field: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(field, "This is not base64.") from None
    if not data:
        raise invalid(field, "There is nothing in it.")
    return data


def _video_suffix(data: bytes, field: str) -> str:
    for mime_type in _VIDEO_TYPES:
        if looks_like(mime_type, data[:HEAD_BYTES]):
            return SUFFIXES[mime_type]
    raise invalid(field, "This is not a video. MP4 and WebM are taken.")


def linked(urls: Sequence[str]) -> list[Medium]:
    """Return media that stay where they are; the kind is told from the address."""
    return [Medium(_kind_of(url), url=url) for url in urls]


def _kind_of(url: str) -> MediaKind:
    path = url.partition("?")[0].partition("#")[0].casefold()
    return "video" if path.endswith(_VIDEO_SUFFIXES) else "image"


async def claimed(db: AsyncSession, owner_id: str, media: Sequence[Medium]) -> list[Medium]:
    """Return `media` with uploads replaced by the files they brought; an upload serves once.

    Raises Problem NOT_FOUND for an upload that is not the owner's or was used, VALIDATION_ERROR for one not completed.
    """
    return [await _claimed(db, owner_id, medium) if medium.upload_id is not None else medium for medium in media]


async def _claimed(db: AsyncSession, owner_id: str, medium: Medium) -> Medium:
    upload = await db.get(UploadRow, medium.upload_id)
    if upload is None or upload.owner_id != owner_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such upload.")
    if upload.media_key is None or upload.completed_at is None:
        raise invalid("media", "The upload has not been completed.")
    if medium.kind != upload.mime_type.partition("/")[0]:
        raise invalid("media", f"The upload is not of type {medium.kind}.")
    await db.delete(upload)
    await db.flush()
    return Medium(medium.kind, medium.alt, upload.media_key, width=upload.width, height=upload.height)


async def write_files(store: MediaStore, media: Sequence[Medium]) -> None:
    """Put the bytes of `media` into the store, all at once; if one fails, none stays.

    To be called last in a transaction, so that a refusal by the database leaves no file behind.
    """
    new = [(medium.key, medium.data) for medium in media if medium.key is not None and medium.data is not None]
    results = await asyncio.gather(*[store.save(key, data) for key, data in new], return_exceptions=True)
    failed = [result for result in results if isinstance(result, BaseException)]
    if failed:
        for key, _ in new:
            await store.remove(key)
        raise failed[0]
