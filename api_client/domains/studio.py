"""The studio's projects: making them and what is in them, and who else works on them; edits are `Records`."""

from __future__ import annotations

from api_client import endpoints as table
from api_client.calls import Group, Page
from api_client.models.base import Done
from api_client.models.records import ProjectRecords
from api_client.models.studio import (
    Clip,
    Collaborator,
    Invitation,
    NewClip,
    NewProject,
    NewStudioTrack,
    Project,
    StudioTrack,
)


class Studio(Group):
    """Projects of the signed-in user, and those of others that the user was let into."""

    async def projects(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Project]:
        """Return the projects, the last changed first."""
        return await self._page(table.PROJECTS, cursor=cursor, limit=limit)

    async def create(self, project: NewProject, *, idempotency_key: str | None = None) -> Project:
        """Begin a project."""
        return await self._one(Project, table.CREATE_PROJECT, body=project, idempotency_key=idempotency_key)

    async def open(self, project_id: str) -> ProjectRecords:
        """Return a project with everything in it."""
        return await self._one(ProjectRecords, table.PROJECT, path={"id": project_id})

    async def delete(self, project_id: str) -> None:
        """Put an own project into the trash; clearing its `deleted` brings it back."""
        await self._one(Done, table.DELETE_PROJECT, path={"id": project_id})

    async def add_track(
        self, project_id: str, track: NewStudioTrack, *, idempotency_key: str | None = None
    ) -> StudioTrack:
        """Add a track."""
        return await self._one(
            StudioTrack,
            table.CREATE_STUDIO_TRACK,
            path={"id": project_id},
            body=track,
            idempotency_key=idempotency_key,
        )

    async def add_clip(self, project_id: str, clip: NewClip, *, idempotency_key: str | None = None) -> Clip:
        """Put a clip on a track."""
        return await self._one(
            Clip, table.CREATE_CLIP, path={"id": project_id}, body=clip, idempotency_key=idempotency_key
        )

    async def collaborators(
        self, project_id: str, cursor: str | None = None, *, limit: int | None = None
    ) -> Page[Collaborator]:
        """Return who was let into a project, and what each may do."""
        return await self._page(table.PROJECT_COLLABORATORS, path={"id": project_id}, cursor=cursor, limit=limit)

    async def invite(self, project_id: str, invitation: Invitation) -> Collaborator:
        """Let somebody into an own project, or change what they may do in it."""
        return await self._one(Collaborator, table.INVITE, path={"id": project_id}, body=invitation)

    async def remove_collaborator(self, project_id: str, user_id: str) -> None:
        """Let them in no more, or leave with the own id."""
        await self._one(Done, table.UNINVITE, path={"id": project_id, "userId": user_id})
