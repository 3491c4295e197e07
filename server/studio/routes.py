"""Routes of the studio's projects; what is in them is changed by transactions (`server.records`)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from sqlalchemy import or_, select, tuple_

from api_client import endpoints
from api_client.models.base import Done
from api_client.models.records import ProjectRecords
from api_client.models.studio import (
    Access,
    Clip,
    Collaborator,
    Invitation,
    NewClip,
    NewProject,
    NewStudioTrack,
    Project,
    StudioTrack,
)
from server.context import Ctx
from server.db import micros
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.people.views import user_ref
from server.routing import IdPath, Router
from server.studio import access, creating, members, subscriptions
from server.studio.changes import changed
from server.studio.rows import contents, load
from server.tables.studio import ProjectMemberRow, ProjectRow
from server.tables.users import UserRow

router = Router()
subscriptions.register()

MemberPath = Annotated[str, Path(alias="userId", min_length=1, max_length=64)]


@router.handles(endpoints.PROJECTS)
async def projects(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[Project]:
    """The own projects and those one was let into, the last changed first."""
    let_in = select(ProjectMemberRow.project_id).where(ProjectMemberRow.user_id == ctx.user_id)
    query = select(ProjectRow.id, ProjectRow.updated_at).where(
        ProjectRow.deleted.is_(None), or_(ProjectRow.created_by == ctx.user_id, ProjectRow.id.in_(let_in))
    )
    if cursor is not None:
        position: Any = tuple_(*decode_cursor(cursor, int, str))
        query = query.where(tuple_(ProjectRow.updated_at, ProjectRow.id) < position)
    query = query.order_by(ProjectRow.updated_at.desc(), ProjectRow.id.desc()).limit(limit + 1)
    rows = (await ctx.db.execute(query)).all()
    found = await load(ctx.db, "projects", [row.id for row in rows[:limit]])
    items = [found[row.id].shape() for row in rows[:limit]]
    more = encode_cursor(micros(rows[limit - 1].updated_at), rows[limit - 1].id) if len(rows) > limit else None
    return Listing([item for item in items if isinstance(item, Project)], more)


@router.handles(endpoints.CREATE_PROJECT)
async def create(ctx: Ctx, body: NewProject) -> Project:
    """Begin a project."""
    return Project.model_validate((await creating.project(ctx, body)).record())


@router.handles(endpoints.PROJECT)
async def project(ctx: Ctx, project_id: IdPath) -> ProjectRecords:
    """A project with its tracks, clips and audio files, without what lies in the trash."""
    _, may = await access.visible(ctx.db, ctx.user_id, project_id)
    everything = await contents(ctx.db, project_id)
    records = {table: {id_: stored.record() for id_, stored in rows.items()} for table, rows in everything.items()}
    return ProjectRecords(record_map=records, access=may)


@router.handles(endpoints.DELETE_PROJECT)
async def delete(ctx: Ctx, project_id: IdPath) -> Done:
    """Put a project into the trash; for the owner, and done already it stays so."""
    row = await ctx.db.get(ProjectRow, project_id)
    if row is not None and row.created_by == ctx.user_id and row.deleted is not None:
        return Done()
    row = await access.owned(ctx.db, ctx.user_id, project_id)
    row.deleted = ctx.now
    changed(ctx, "projects", row)
    return Done()


@router.handles(endpoints.CREATE_STUDIO_TRACK)
async def create_track(ctx: Ctx, project_id: IdPath, body: NewStudioTrack) -> StudioTrack:
    """Add a track to a project."""
    return StudioTrack.model_validate((await creating.track(ctx, project_id, body)).record())


@router.handles(endpoints.CREATE_CLIP)
async def create_clip(ctx: Ctx, project_id: IdPath, body: NewClip) -> Clip:
    """Put a clip on a track of a project."""
    return Clip.model_validate((await creating.clip(ctx, project_id, body)).record())


@router.handles(endpoints.PROJECT_COLLABORATORS)
async def collaborators(
    ctx: Ctx, project_id: IdPath, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Listing[Collaborator]:
    """Who was let into a project, in the order of its list."""
    await access.visible(ctx.db, ctx.user_id, project_id)
    query = select(ProjectMemberRow, UserRow).join(UserRow, UserRow.id == ProjectMemberRow.user_id)
    query = query.where(ProjectMemberRow.project_id == project_id)
    if cursor is not None:
        position: Any = tuple_(*decode_cursor(cursor, int, str))
        query = query.where(tuple_(ProjectMemberRow.position, ProjectMemberRow.user_id) > position)
    query = query.order_by(ProjectMemberRow.position, ProjectMemberRow.user_id).limit(limit + 1)
    rows = [(row[0], row[1]) for row in await ctx.db.execute(query)]
    more = encode_cursor(rows[limit - 1][0].position, rows[limit - 1][0].user_id) if len(rows) > limit else None
    return Listing(
        [Collaborator(user=user_ref(user), access=Access(member.access)) for member, user in rows[:limit]], more
    )


@router.handles(endpoints.INVITE)
async def invite(ctx: Ctx, project_id: IdPath, body: Invitation) -> Collaborator:
    """Let somebody into a project, or change what they may do in it; for the owner."""
    row = await access.owned(ctx.db, ctx.user_id, project_id)
    person = await members.invite(ctx, row, body)
    return Collaborator(user=user_ref(person), access=Access(body.access))


@router.handles(endpoints.UNINVITE)
async def uninvite(ctx: Ctx, project_id: IdPath, user_id: MemberPath) -> Done:
    """Let somebody in no more; for the owner, and for oneself."""
    if user_id == ctx.user_id:
        row, _ = await access.visible(ctx.db, ctx.user_id, project_id)
    else:
        row = await access.owned(ctx.db, ctx.user_id, project_id)
    await members.take_out(ctx, row, user_id)
    return Done()
