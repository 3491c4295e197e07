"""Where an avatar may come from."""

from __future__ import annotations

import re

from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.media import FILES_PATH, MediaStore
from server.problems import Problem, invalid
from server.tables.users import UploadRow
from server.uploads.routes import UPLOADS_PATH

_ELSEWHERE = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
_UPLOAD = re.compile(re.escape(UPLOADS_PATH) + r"([^/?#]{1,64})(?:[?#].*)?")


async def claimed_avatar(db: AsyncSession, owner_id: str, given: str) -> str:
    """Return the address to keep for the avatar that a profile change gives.

    That is a file of this platform, an http(s) address, or the address of the owner's completed upload, which is used
    up by it. Raises Problem VALIDATION_ERROR for anything else, NOT_FOUND for an upload that is not there.
    """
    found = _UPLOAD.fullmatch(given)
    if found is None:
        if given.startswith(FILES_PATH) or _ELSEWHERE.fullmatch(given):
            return given
        raise invalid("avatarUrl", "An avatar is an uploaded picture or an http or https address.")
    upload = await db.get(UploadRow, found[1])
    if upload is None or upload.owner_id != owner_id:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such upload.")
    if upload.media_key is None or upload.completed_at is None or not upload.mime_type.startswith("image/"):
        raise invalid("avatarUrl", "The upload is not a completed picture.")
    await db.delete(upload)
    return MediaStore.url(upload.media_key)
