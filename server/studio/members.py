"""Who works on a project: letting people in and out, whichever way it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from api_client.errors import ErrorCode
from api_client.models.studio import COLLABORATOR_LIMIT, Access, Invitation
from server.context import RequestContext
from server.people.relations import person_named
from server.problems import Problem, invalid
from server.studio.changes import changed
from server.studio.rows import contents
from server.tables.studio import ProjectMemberRow, ProjectRow
from server.tables.users import UserRow


async def members(ctx: RequestContext, project_id: str) -> list[ProjectMemberRow]:
    """Return who was let in, in the order of the list."""
    query = select(ProjectMemberRow).where(ProjectMemberRow.project_id == project_id)
    return list(await ctx.db.scalars(query.order_by(ProjectMemberRow.position, ProjectMemberRow.user_id)))


async def invite(ctx: RequestContext, project: ProjectRow, invitation: Invitation) -> UserRow:
    """Let somebody in, or change what they may do; raises Problem NOT_FOUND, CONFLICT for the owner or a full list."""
    person = await person_named(ctx.db, invitation.username)
    if person.id == project.created_by:
        raise Problem(ErrorCode.CONFLICT, "The project is theirs already.")
    present = await members(ctx, project.id)
    known = next((member for member in present if member.user_id == person.id), None)
    if known is not None:
        if known.access == invitation.access:
            return person
        known.access = invitation.access
    elif len(present) >= COLLABORATOR_LIMIT:
        raise Problem(ErrorCode.CONFLICT, f"A project has at most {COLLABORATOR_LIMIT} collaborators.")
    else:
        position = present[-1].position + 1 if present else 0
        ctx.db.add(
            ProjectMemberRow(project_id=project.id, user_id=person.id, access=invitation.access, position=position)
        )
    changed(ctx, "projects", project)
    await ctx.db.flush()
    return person


async def take_out(ctx: RequestContext, project: ProjectRow, user_id: str) -> None:
    """Let somebody in no more; harmless if they are not."""
    known = await ctx.db.get(ProjectMemberRow, (project.id, user_id))
    if known is not None:
        await ctx.db.delete(known)
        changed(ctx, "projects", project)
        await ctx.db.flush()
        await _close_off(ctx, project.id, [user_id])


async def replace(ctx: RequestContext, project: ProjectRow, user_ids: Sequence[str]) -> None:
    """Make the list of collaborators `user_ids`: newcomers may write, those who stay keep what they may.

    Raises Problem VALIDATION_ERROR for somebody twice, for the owner, and for people who do not exist.
    """
    present = {member.user_id: member for member in await members(ctx, project.id)}
    if len(set(user_ids)) != len(user_ids) or project.created_by in user_ids:
        raise invalid("collaborators", "Everybody besides the owner stands in it once.")
    new = [user_id for user_id in user_ids if user_id not in present]
    if len(set(await ctx.db.scalars(select(UserRow.id).where(UserRow.id.in_(new))))) != len(new):
        raise invalid("collaborators", "There is no such person.")
    leaving = [user_id for user_id in present if user_id not in user_ids]
    for user_id in leaving:
        await ctx.db.delete(present[user_id])
    for position, user_id in enumerate(user_ids):
        member = present.get(user_id)
        if member is None:
            member = ProjectMemberRow(project_id=project.id, user_id=user_id, access=Access.WRITE.value)
            ctx.db.add(member)
        member.position = position
    await ctx.db.flush()
    await _close_off(ctx, project.id, leaving)


async def _close_off(ctx: RequestContext, project_id: str, user_ids: Sequence[str]) -> None:
    """End the subscriptions of people who may not see the project any more, once that is true."""
    if not user_ids:
        return
    everything = await contents(ctx.db, project_id, with_trash=True)
    keys = [f"{table}:{record_id}" for table, records in everything.items() for record_id in records]
    ctx.after_commit(lambda: ctx.state.hub.revoke(user_ids, keys))
