"""Who may do what with a project, and with everything that is in it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.studio import Access
from server.feed.hydrate import batches
from server.problems import Problem
from server.tables.studio import ProjectMemberRow, ProjectRow


async def access_to(db: AsyncSession, user_id: str, project_ids: Iterable[str]) -> dict[str, Access]:
    """Return what the user may do with those of the projects that they may see, in the trash or not."""
    found: dict[str, Access] = {}
    for batch in batches(project_ids):
        query = (
            select(ProjectRow.id, ProjectRow.created_by, ProjectMemberRow.access)
            .outerjoin(
                ProjectMemberRow,
                (ProjectMemberRow.project_id == ProjectRow.id) & (ProjectMemberRow.user_id == user_id),
            )
            .where(ProjectRow.id.in_(batch), or_(ProjectRow.created_by == user_id, ProjectMemberRow.user_id == user_id))
        )
        for project_id, owner_id, access in await db.execute(query):
            found[project_id] = Access.OWNER if owner_id == user_id else Access(access)
    return found


async def visible(db: AsyncSession, user_id: str, project_id: str) -> tuple[ProjectRow, Access]:
    """Return a project that is not in the trash; raises Problem NOT_FOUND where there is none for this user."""
    project = await db.get(ProjectRow, project_id)
    access = (await access_to(db, user_id, [project_id])).get(project_id)
    if project is None or project.deleted is not None or access is None:
        raise no_project()
    return project, access


async def writable(db: AsyncSession, user_id: str, project_id: str) -> ProjectRow:
    """Return a project for a change of what is in it; raises Problem NOT_FOUND, or FORBIDDEN for a mere reader."""
    project, access = await visible(db, user_id, project_id)
    if not access.may_write:
        raise forbidden()
    return project


async def owned(db: AsyncSession, user_id: str, project_id: str) -> ProjectRow:
    """Return a project for what only its owner may do; raises Problem NOT_FOUND or FORBIDDEN."""
    project, access = await visible(db, user_id, project_id)
    if access is not Access.OWNER:
        raise forbidden()
    return project


def forbidden() -> Problem:
    """Return the refusal of what is not for this user."""
    return Problem(ErrorCode.FORBIDDEN, "Forbidden")


def no_project() -> Problem:
    """Return the refusal of a project that is not there, or not for this user."""
    return Problem(ErrorCode.NOT_FOUND, "There is no such project.")
