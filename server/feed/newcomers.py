"""Something new in the feed: followers who are connected are told, and nobody else is written to.

The version of a feed is the number that SQLite gave to the latest of its posts when it was inserted. It grows in the
order of the commits, which the moments of creation do not: a large post may take longer than one begun after it.
"""

from __future__ import annotations

from sqlalchemy import Integer, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.feed.hydrate import batches
from server.realtime.rules import allow
from server.state import ServerState
from server.tables.posts import PhotoPostRow
from server.tables.users import FollowRow, UserRow

_NUMBER = literal_column("photo_posts.rowid", Integer)


async def announce_post(state: ServerState, post_id: str, author_id: str) -> None:
    """Tell the author and those followers who watch their feed of a post that has been committed."""
    watching = state.hub.followed("feed")
    if not watching:
        return
    async with state.database.reading() as db:
        number = await db.scalar(select(_NUMBER).where(PhotoPostRow.id == post_id))
        readers = {author_id} & set(watching)
        for batch in batches(watching):
            query = select(FollowRow.follower_id).where(
                FollowRow.followed_id == author_id, FollowRow.follower_id.in_(batch)
            )
            readers.update(await db.scalars(query))
    for reader_id in readers:
        state.hub.notify(f"feed:{reader_id}", number or 0)


async def _is_own(_db: AsyncSession, user: UserRow, user_id: str) -> bool:
    return user.id == user_id


async def _version(db: AsyncSession, user_id: str) -> int:
    followed = select(FollowRow.followed_id).where(FollowRow.follower_id == user_id)
    query = select(func.max(_NUMBER)).where(
        or_(PhotoPostRow.author_id == user_id, PhotoPostRow.author_id.in_(followed))
    )
    return await db.scalar(query) or 0


def register() -> None:
    """Open the keys `feed:{userId}`, each to its owner alone."""
    allow("feed", _is_own, _version)
