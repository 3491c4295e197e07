"""The route that serves stored files."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter

from server.media import no_such_file
from server.ranges import file_reply
from server.routing import ERROR_CONTENT
from server.state import state_of

router = APIRouter()

_CACHE = "private, max-age=31536000, immutable"


@router.api_route(
    "/media/files/{key:path}",
    methods=["GET"],
    name="media.file",
    operation_id="media_file",
    tags=["uploads"],
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"application/octet-stream": {}, "image/*": {}}},
        206: {"description": "The part that the Range header asks for."},
        304: {"description": "The file that If-None-Match names has not changed."},
        400: {"content": ERROR_CONTENT, "description": "VALIDATION_ERROR"},
        404: {"content": ERROR_CONTENT, "description": "NOT_FOUND"},
        416: {"content": ERROR_CONTENT, "description": "RANGE_NOT_SATISFIABLE"},
        503: {"content": ERROR_CONTENT, "description": "UNAVAILABLE"},
    },
)
@router.head("/media/files/{key:path}", include_in_schema=False)
async def stored_file(
    request: Request,
    key: Annotated[str, PathParameter(max_length=255)],
    width: Annotated[Literal["320", "640"] | None, Query(alias="w", description="Pixels of a thumbnail.")] = None,
) -> Response:
    """Serve a stored file, or its thumbnail; the key cannot be guessed, and its bytes never change."""
    media = state_of(request.app).media
    if width is None:
        path, media_type = await media.open(key), media.media_type(key)
    else:
        path = await media.thumbnail(key, int(width))
        media_type = media.media_type(path.name)
    etag = sha256(f"{key}?{width or ''}".encode()).hexdigest()[:32]
    try:
        return await file_reply(request, path, media_type=media_type, etag=etag, cache_control=_CACHE)
    except FileNotFoundError:
        raise no_such_file() from None
