"""Who may see which post, and who may take it away."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from server.feed.hydrate import batches
from server.people import relations
from server.permissions import permissions
from server.problems import Problem
from server.tables.posts import PhotoPostRow, ThreadPostRow
from server.tables.subreddits import SubredditMemberRow
from server.tables.users import UserRow

PostRow = PhotoPostRow | ThreadPostRow

_PRIVATE = "This account is private."
_MODERATING = ("moderator", "owner")


async def may_see_person(db: AsyncSession, viewer: UserRow, person: UserRow) -> bool:
    """Whether `viewer` may see what `person` shares; those who moderate the whole site see everything."""
    return "delete" in permissions(viewer.role) or await relations.may_see(db, viewer.id, person)


async def readable_post(db: AsyncSession, viewer: UserRow, post_id: str) -> PostRow:
    """Return a post of either kind; raises Problem NOT_FOUND, or FORBIDDEN for one of a private account."""
    photo = await db.get(PhotoPostRow, post_id)
    if photo is not None:
        await _check_photo(db, viewer, photo)
        return photo
    thread = await db.get(ThreadPostRow, post_id)
    if thread is None or thread.deleted_at is not None:
        raise no_post()
    return thread


async def readable_posts(db: AsyncSession, viewer: UserRow, post_ids: Iterable[str]) -> set[str]:
    """Return those of the posts of both kinds that `viewer` may read, as `readable_post` decides singly."""
    found: set[str] = set()
    for batch in batches(post_ids):
        photos = (
            select(PhotoPostRow.id)
            .join(UserRow, UserRow.id == PhotoPostRow.author_id)
            .where(
                PhotoPostRow.id.in_(batch),
                PhotoPostRow.deleted_at.is_(None),
                or_(PhotoPostRow.is_archived.is_(False), PhotoPostRow.author_id == viewer.id),
            )
        )
        if "delete" not in permissions(viewer.role):
            photos = photos.where(relations.shown_to(viewer.id))
        found.update(await db.scalars(photos))
        threads = select(ThreadPostRow.id).where(ThreadPostRow.id.in_(batch), ThreadPostRow.deleted_at.is_(None))
        found.update(await db.scalars(threads))
    return found


async def readable_photo(db: AsyncSession, viewer: UserRow, post_id: str) -> PhotoPostRow:
    """Return a photo post; raises Problem NOT_FOUND or FORBIDDEN, and WRONG_KIND for a thread post."""
    post = await readable_post(db, viewer, post_id)
    if not isinstance(post, PhotoPostRow):
        raise Problem(ErrorCode.WRONG_KIND, "Posts of a subreddit are voted on, not liked.")
    return post


async def readable_thread(db: AsyncSession, viewer: UserRow, post_id: str) -> ThreadPostRow:
    """Return a thread post; raises Problem NOT_FOUND or FORBIDDEN, and WRONG_KIND for a photo post."""
    post = await readable_post(db, viewer, post_id)
    if not isinstance(post, ThreadPostRow):
        raise Problem(ErrorCode.WRONG_KIND, "Photo posts are liked, not voted on.")
    return post


async def _check_photo(db: AsyncSession, viewer: UserRow, post: PhotoPostRow) -> None:
    if post.deleted_at is not None or (post.is_archived and post.author_id != viewer.id):
        raise no_post()
    if post.author_id == viewer.id:
        return
    author = await db.get_one(UserRow, post.author_id)
    if not await may_see_person(db, viewer, author):
        raise Problem(ErrorCode.FORBIDDEN, _PRIVATE)


async def moderates(db: AsyncSession, user: UserRow, post: PostRow) -> bool:
    """Whether `user` may remove the post, or comments on it, that somebody else wrote."""
    if "delete" in permissions(user.role):
        return True
    if isinstance(post, PhotoPostRow):
        return False
    role = await db.scalar(
        select(SubredditMemberRow.role).where(
            SubredditMemberRow.subreddit_id == post.subreddit_id, SubredditMemberRow.user_id == user.id
        )
    )
    return role in _MODERATING


def no_post() -> Problem:
    """Return the refusal for a post that does not exist, any more or for this viewer."""
    return Problem(ErrorCode.NOT_FOUND, "There is no such post.")
