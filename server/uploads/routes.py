"""Routes of uploads: announce, put, complete."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from fastapi import Path as PathParameter
from fastapi import Request
from sqlalchemy import select

from api_client import endpoints
from api_client.errors import ErrorCode
from api_client.models.base import Done, Envelope
from api_client.models.posts import UploadRequest, UploadTicket
from server.clock import to_ms
from server.context import Ctx, RequestContext
from server.db import new_id
from server.media import new_name
from server.problems import Problem, invalid
from server.routing import ERROR_CONTENT, IdPath, Router
from server.state import ServerState, state_of
from server.tables.users import UploadRow
from server.uploads.kinds import HEAD_BYTES, SUFFIXES, is_taken, looks_like, size_limit

router = Router()

TICKET_LIFE = timedelta(hours=1)
UPLOADS_PATH = "/api/v1/media/uploads/"


@router.handles(endpoints.UPLOAD)
async def announce(ctx: Ctx, body: UploadRequest) -> UploadTicket:
    """Announce a file and get the address to put it to."""
    mime_type = body.mime_type.casefold()
    if not is_taken(mime_type, body.purpose):
        raise invalid("mimeType", f"Files of this type are not taken for this purpose ({body.purpose}).")
    if body.size_bytes > size_limit(mime_type):
        limit = size_limit(mime_type) // (1024 * 1024)
        raise Problem(ErrorCode.PAYLOAD_TOO_LARGE, f"A file of this type may have at most {limit} MiB.")
    await _forget_abandoned(ctx)
    expires_at = ctx.now + TICKET_LIFE
    upload = UploadRow(
        id=new_id(),
        owner_id=ctx.user_id,
        purpose=body.purpose,
        filename=body.filename,
        mime_type=mime_type,
        size_bytes=body.size_bytes,
        created_at=ctx.now,
        expires_at=expires_at,
    )
    ctx.db.add(upload)
    path = UPLOADS_PATH + upload.id
    query = ctx.state.signer.sign(path, to_ms(expires_at), uid=ctx.user_id)
    return UploadTicket(
        upload_id=upload.id,
        url=f"{path}?{query}",
        expires_at=to_ms(expires_at),
        headers={"Content-Type": mime_type},
    )


@router.handles(endpoints.COMPLETE_UPLOAD)
async def complete(ctx: Ctx, upload_id: IdPath) -> Done:
    """Say that the file has been put; from then on it can be used."""
    upload = await ctx.db.get(UploadRow, upload_id)
    if upload is None or upload.owner_id != ctx.user_id:
        raise _no_such_upload()
    if upload.media_key is None:
        raise Problem(ErrorCode.CONFLICT, "The file has not arrived yet.")
    upload.completed_at = upload.completed_at or ctx.now
    return Done()


@router.put(
    "/media/uploads/{id}",
    name="uploads.put",
    operation_id="uploads_put",
    tags=["uploads"],
    responses={
        code: {"content": ERROR_CONTENT, "description": text}
        for code, text in (
            (400, "VALIDATION_ERROR"),
            (403, "SIGNATURE_INVALID"),
            (404, "NOT_FOUND"),
            (409, "CONFLICT"),
            (413, "PAYLOAD_TOO_LARGE"),
            (503, "UNAVAILABLE"),
        )
    },
    openapi_extra={
        "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def put_bytes(
    request: Request, upload_id: Annotated[str, PathParameter(alias="id", min_length=1, max_length=64)]
) -> Envelope[Done]:
    """Take the bytes of an announced file; the signature in the address says who may send them."""
    state = state_of(request.app)
    now = state.clock.now()
    signed = state.signer.verify(UPLOADS_PATH + upload_id, request.query_params, now)
    async with state.database.reading() as db:
        upload = await db.get(UploadRow, upload_id)
    if upload is None or upload.owner_id != signed.get("uid"):
        raise _no_such_upload()
    if upload.completed_at is not None:
        raise _already_completed()
    part = await state.media.receive(request.stream(), upload.size_bytes)
    try:
        await _take(state, upload, part)
    finally:
        part.unlink(missing_ok=True)
    return Envelope(data=Done())


async def _take(state: ServerState, announced: UploadRow, part: Path) -> None:
    """Check the file at `part` against what was announced, and move it into the store."""
    mime_type = announced.mime_type
    head = await state.media.read(part, HEAD_BYTES)
    if not looks_like(mime_type, head):
        raise invalid("body", f"The file is not of the announced type ({mime_type}).")
    facts = None
    key = f"uploads/{new_name()}.{SUFFIXES[mime_type]}"
    if mime_type.startswith("image/"):
        facts, picture = await state.media.clean(await state.media.read(part), "body")
        await state.media.save(key, picture)
    else:
        await state.media.adopt(part, key)
    async with state.database.writing() as db:
        upload = await db.get(UploadRow, announced.id)
        if upload is None or upload.completed_at is not None:
            await state.media.remove(key)
            raise _already_completed()
        replaced, upload.media_key = upload.media_key, key
        upload.width, upload.height = (facts.width, facts.height) if facts else (None, None)
    if replaced is not None:
        await state.media.remove(replaced)


async def _forget_abandoned(ctx: RequestContext) -> None:
    """Delete what the user announced and never completed, with its bytes."""
    query = select(UploadRow).where(
        UploadRow.owner_id == ctx.user_id, UploadRow.completed_at.is_(None), UploadRow.expires_at < ctx.now
    )
    for upload in (await ctx.db.scalars(query)).all():
        await ctx.db.delete(upload)
        if upload.media_key is not None:
            await ctx.state.media.remove(upload.media_key)


def _no_such_upload() -> Problem:
    return Problem(ErrorCode.NOT_FOUND, "There is no such upload.")


def _already_completed() -> Problem:
    return Problem(ErrorCode.CONFLICT, "This upload has been completed already.")
