"""Reading stories: who stands in the tray, in what order, and who has seen what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, literal, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.posts import MediaType, Story, TrayEntry, Viewer
from server.feed.pages import Position, behind
from server.media import MediaStore
from server.people import relations
from server.people.views import user_ref
from server.permissions import permissions
from server.tables.posts import LikeRow, PhotoPostRow
from server.tables.stories import StoryRow, StoryViewRow
from server.tables.users import FollowRow, UserRow


async def tray_order(db: AsyncSession, viewer_id: str, now: datetime) -> Sequence[str]:
    """Return the ids of the people in the tray: oneself, then those with something unseen, then by closeness.

    Closeness is how many posts of theirs the viewer likes; among equals the latest story comes first.
    """
    people = union(select(FollowRow.followed_id).where(FollowRow.follower_id == viewer_id), select(literal(viewer_id)))
    query = (
        select(
            StoryRow.user_id,
            func.count(StoryRow.id) > func.count(StoryViewRow.viewer_id),
            func.max(StoryRow.created_at),
        )
        .outerjoin(StoryViewRow, and_(StoryViewRow.story_id == StoryRow.id, StoryViewRow.viewer_id == viewer_id))
        .where(StoryRow.user_id.in_(people), StoryRow.expires_at > now)
        .group_by(StoryRow.user_id)
    )
    rows = [(user_id, bool(unseen), latest) for user_id, unseen, latest in await db.execute(query)]
    closeness = await _closeness(db, viewer_id, [user_id for user_id, _, _ in rows])

    def place(row: tuple[str, bool, datetime]) -> tuple[bool, bool, int, float, str]:
        user_id, unseen, latest = row
        return (user_id != viewer_id, not unseen, -closeness.get(user_id, 0), -latest.timestamp(), user_id)

    return [user_id for user_id, _, _ in sorted(rows, key=place)]


async def _closeness(db: AsyncSession, viewer_id: str, people: Sequence[str]) -> dict[str, int]:
    query = (
        select(PhotoPostRow.author_id, func.count())
        .join(LikeRow, and_(LikeRow.post_id == PhotoPostRow.id, LikeRow.user_id == viewer_id))
        .where(PhotoPostRow.author_id.in_(people))
        .group_by(PhotoPostRow.author_id)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def tray(db: AsyncSession, viewer_id: str, people: Sequence[str], now: datetime) -> list[TrayEntry]:
    """Return the running stories of `people`, in that order, each person's oldest first."""
    query = (
        select(StoryRow, UserRow, StoryViewRow.viewer_id)
        .join(UserRow, UserRow.id == StoryRow.user_id)
        .outerjoin(StoryViewRow, and_(StoryViewRow.story_id == StoryRow.id, StoryViewRow.viewer_id == viewer_id))
        .where(StoryRow.user_id.in_(people), StoryRow.expires_at > now)
        .order_by(StoryRow.created_at, StoryRow.id)
    )
    authors: dict[str, UserRow] = {}
    running: dict[str, list[Story]] = {}
    for row, author, viewed in await db.execute(query):
        authors[author.id] = author
        running.setdefault(author.id, []).append(story(row, seen=viewed is not None or author.id == viewer_id))
    return [
        TrayEntry(
            user=user_ref(authors[user_id]),
            stories=running[user_id],
            seen=all(item.seen for item in running[user_id]),
        )
        for user_id in people
        if user_id in running
    ]


async def stories_for(db: AsyncSession, viewer: UserRow, ids: Sequence[str], now: datetime) -> list[Story]:
    """Return those of the stories that are running and that `viewer` may see."""
    query = (
        select(StoryRow, StoryViewRow.viewer_id)
        .join(UserRow, UserRow.id == StoryRow.user_id)
        .outerjoin(StoryViewRow, and_(StoryViewRow.story_id == StoryRow.id, StoryViewRow.viewer_id == viewer.id))
        .where(StoryRow.id.in_(ids), StoryRow.expires_at > now)
    )
    if "delete" not in permissions(viewer.role):
        query = query.where(relations.shown_to(viewer.id))
    return [story(row, seen=viewed is not None or row.user_id == viewer.id) for row, viewed in await db.execute(query)]


def story(row: StoryRow, *, seen: bool) -> Story:
    """Return a story in its wire form."""
    return Story(
        id=row.id,
        user_id=row.user_id,
        media_url=MediaStore.url(row.media_key),
        media_type=MediaType(row.media_type),
        view_count=row.view_count,
        seen=seen,
        created_at=row.created_at,
        expires_at=row.expires_at,
        version=row.version,
    )


async def viewers(db: AsyncSession, story_id: str, start: Position | None, limit: int) -> list[Viewer]:
    """Return who saw a story, the latest first."""
    query = (
        select(StoryViewRow.viewed_at, UserRow)
        .join(UserRow, UserRow.id == StoryViewRow.viewer_id)
        .where(StoryViewRow.story_id == story_id, behind(StoryViewRow.viewed_at, StoryViewRow.viewer_id, start))
        .order_by(StoryViewRow.viewed_at.desc(), StoryViewRow.viewer_id.desc())
        .limit(limit)
    )
    return [Viewer(user=user_ref(user), viewed_at=viewed_at) for viewed_at, user in await db.execute(query)]
