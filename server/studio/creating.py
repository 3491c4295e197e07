"""Making projects, tracks and clips.

What is new in a project moves the version of the project: whoever watches it learns that there is more to fetch.
"""

from __future__ import annotations

from sqlalchemy import func, select

from api_client.errors import ErrorCode
from api_client.models.studio import CLIP_LIMIT, TRACK_LIMIT, NewClip, NewProject, NewStudioTrack
from server.client_ids import is_repetition, taken
from server.context import RequestContext
from server.db import new_id
from server.problems import Problem, invalid
from server.studio import access
from server.studio.changes import changed
from server.studio.rows import Stored, load
from server.tables.studio import AudioFileRow, ClipRow, ProjectRow, StudioTrackRow


async def project(ctx: RequestContext, body: NewProject) -> Stored:
    """Begin a project of the user's own, or return the one that they began with the same id."""
    if await is_repetition(ctx.db, ctx.user_id, "project", body.id, ctx.now, ProjectRow):
        await access.visible(ctx.db, ctx.user_id, body.id or "")
        return (await load(ctx.db, "projects", [body.id or ""]))[body.id or ""]
    row = ProjectRow(
        id=body.id or new_id(),
        version=1,
        name=body.name,
        bpm=body.bpm,
        time_signature=body.time_signature,
        created_by=ctx.user_id,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    await ctx.db.flush()
    return Stored(row, row.id, [])


async def track(ctx: RequestContext, project_id: str, body: NewStudioTrack) -> Stored:
    """Add a track to a project; raises Problem NOT_FOUND, FORBIDDEN for readers, CONFLICT for a full project."""
    within = await access.writable(ctx.db, ctx.user_id, project_id)
    if await is_repetition(ctx.db, ctx.user_id, "track", body.id, ctx.now, StudioTrackRow):
        return await _made_before(ctx, "tracks", project_id, body.id or "")
    query = select(func.count(), func.max(StudioTrackRow.order_index)).where(
        StudioTrackRow.project_id == project_id, StudioTrackRow.deleted.is_(None)
    )
    count, last = (await ctx.db.execute(query)).one()
    if count >= TRACK_LIMIT:
        raise Problem(ErrorCode.CONFLICT, f"A project has at most {TRACK_LIMIT} tracks.")
    following = last + 1 if last is not None else 0
    row = StudioTrackRow(
        id=body.id or new_id(),
        version=1,
        project_id=project_id,
        name=body.name,
        type=body.type,
        order_index=body.order_index if body.order_index is not None else following,
        plugins=[],
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    changed(ctx, "projects", within)
    await ctx.db.flush()
    return Stored(row, project_id, [])


async def clip(ctx: RequestContext, project_id: str, body: NewClip) -> Stored:
    """Put a clip on a track of a project.

    Raises Problem NOT_FOUND, FORBIDDEN for readers, CONFLICT for a full project, VALIDATION_ERROR for a foreign file.
    """
    within = await access.writable(ctx.db, ctx.user_id, project_id)
    if await is_repetition(ctx.db, ctx.user_id, "clip", body.id, ctx.now, ClipRow):
        return await _made_before(ctx, "clips", project_id, body.id or "")
    on = await ctx.db.get(StudioTrackRow, body.track_id)
    if on is None or on.project_id != project_id or on.deleted is not None:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such track.")
    await check_audio_file(ctx, project_id, body.audio_file_id)
    count = select(func.count(ClipRow.id)).join(StudioTrackRow).where(StudioTrackRow.project_id == project_id)
    if (await ctx.db.scalar(count.where(ClipRow.deleted.is_(None))) or 0) >= CLIP_LIMIT:
        raise Problem(ErrorCode.CONFLICT, f"A project has at most {CLIP_LIMIT} clips.")
    row = ClipRow(
        id=body.id or new_id(),
        version=1,
        track_id=on.id,
        name=body.name,
        start_beat=body.start_beat,
        duration_beats=body.duration_beats,
        audio_file_id=body.audio_file_id,
        midi_data=body.midi_data,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ctx.db.add(row)
    changed(ctx, "projects", within)
    await ctx.db.flush()
    return Stored(row, project_id, [])


async def check_audio_file(ctx: RequestContext, project_id: str, audio_file_id: str | None) -> None:
    """Raise Problem VALIDATION_ERROR unless the file belongs to the project; None is no file."""
    if audio_file_id is None:
        return
    file = await ctx.db.get(AudioFileRow, audio_file_id)
    if file is None or file.project_id != project_id:
        raise invalid("audioFileId", "The project has no such audio file.")


async def _made_before(ctx: RequestContext, table: str, project_id: str, record_id: str) -> Stored:
    known = (await load(ctx.db, table, [record_id])).get(record_id)
    if known is None or known.project_id != project_id:
        raise taken()
    return known
