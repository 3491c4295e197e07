"""Stories on the socket: whoever may see one may follow it, and learns when its owner takes it away."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from server.feed.access import may_see_person
from server.realtime.rules import allow
from server.tables.stories import StoryRow
from server.tables.users import UserRow


async def _may_see(db: AsyncSession, user: UserRow, story_id: str) -> bool:
    story = await db.get(StoryRow, story_id)
    return story is not None and await may_see_person(db, user, await db.get_one(UserRow, story.user_id))


async def _version(db: AsyncSession, story_id: str) -> int:
    story = await db.get(StoryRow, story_id)
    return story.version if story is not None else 0


def register() -> None:
    """Open the keys `stories:{id}`."""
    allow("stories", _may_see, _version)
