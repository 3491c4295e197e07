"""Stories: pictures and videos that are gone after a day."""

from __future__ import annotations

from api_client import endpoints as table
from api_client.calls import Group, Page
from api_client.models.base import Done
from api_client.models.posts import NewStory, Story, TrayEntry, Viewer


class Stories(Group):
    """The tray and the stories in it."""

    async def tray(self, cursor: str | None = None, *, limit: int | None = None) -> Page[TrayEntry]:
        """Return who has stories, those with something unseen first."""
        return await self._page(table.STORY_TRAY, cursor=cursor, limit=limit)

    async def create(self, story: NewStory, *, idempotency_key: str | None = None) -> Story:
        """Publish a story."""
        return await self._one(Story, table.CREATE_STORY, body=story, idempotency_key=idempotency_key)

    async def view(self, story_id: str) -> Story:
        """Say that the user has seen a story."""
        return await self._one(Story, table.VIEW_STORY, path={"id": story_id})

    async def viewers(self, story_id: str, cursor: str | None = None, *, limit: int | None = None) -> Page[Viewer]:
        """Return who has seen an own story."""
        return await self._page(table.STORY_VIEWERS, path={"id": story_id}, cursor=cursor, limit=limit)

    async def delete(self, story_id: str) -> None:
        """Delete an own story before its time."""
        await self._one(Done, table.DELETE_STORY, path={"id": story_id})
