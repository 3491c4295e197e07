"""Turns ids of posts and subreddits into their wire form for one viewer, in a fixed number of queries.

Nothing here decides who may see what: the callers ask for ids that the viewer may read. Ids that are unknown or
deleted are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.posts import Location, Media, MediaType, PhotoPost, PostType, ThreadPost
from api_client.models.threads import MemberRole, Subreddit
from server.media import THUMBNAIL_WIDTHS, MediaStore
from server.people.views import user_ref
from server.tables.posts import LikeRow, PhotoPostRow, PostMediaRow, SavedPostRow, ThreadPostRow, VoteRow
from server.tables.subreddits import SubredditMemberRow, SubredditRow
from server.tables.users import UserRow

BATCH = 500
"""Ids per query: well below the parameter limits of databases."""


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids without repetition in lists short enough for one query."""
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), BATCH):
        yield unique[start : start + BATCH]


async def posts(db: AsyncSession, viewer_id: str, ids: Sequence[str]) -> list[PhotoPost | ThreadPost]:
    """Return posts of both kinds in the order of `ids`."""
    photos = await photo_posts(db, viewer_id, ids)
    others = [post_id for post_id in ids if post_id not in photos]
    threads = await thread_posts(db, viewer_id, others) if others else {}
    found: dict[str, PhotoPost | ThreadPost] = {**photos, **threads}
    return [found[post_id] for post_id in ids if post_id in found]


async def photo_posts(db: AsyncSession, viewer_id: str, ids: Iterable[str]) -> dict[str, PhotoPost]:
    """Return photo posts by id."""
    found: dict[str, PhotoPost] = {}
    for batch in batches(ids):
        query = (
            select(PhotoPostRow, UserRow, LikeRow.post_id, SavedPostRow.post_id)
            .join(UserRow, UserRow.id == PhotoPostRow.author_id)
            .outerjoin(LikeRow, and_(LikeRow.post_id == PhotoPostRow.id, LikeRow.user_id == viewer_id))
            .outerjoin(SavedPostRow, and_(SavedPostRow.post_id == PhotoPostRow.id, SavedPostRow.user_id == viewer_id))
            .where(PhotoPostRow.id.in_(batch), PhotoPostRow.deleted_at.is_(None))
        )
        rows = (await db.execute(query)).all()
        media = await _media(db, [row[0].id for row in rows])
        found.update({row[0].id: _photo_post(row, media.get(row[0].id, [])) for row in rows})
    return found


async def _media(db: AsyncSession, post_ids: list[str]) -> dict[str, list[Media]]:
    query = (
        select(PostMediaRow)
        .where(PostMediaRow.post_id.in_(post_ids))
        .order_by(PostMediaRow.post_id, PostMediaRow.position)
    )
    by_post: dict[str, list[Media]] = {}
    for row in (await db.execute(query)).scalars():
        by_post.setdefault(row.post_id, []).append(_medium(row))
    return by_post


def _medium(row: PostMediaRow) -> Media:
    kind = MediaType(row.media_type)
    url = MediaStore.url(row.media_key) if row.media_key is not None else row.url or ""
    has_thumbnails = row.media_key is not None and kind is MediaType.IMAGE
    return Media(
        id=row.id,
        url=url,
        type=kind,
        width=row.width,
        height=row.height,
        order=row.position,
        alt=row.alt,
        thumbnails={str(width): f"{url}?w={width}" for width in THUMBNAIL_WIDTHS} if has_thumbnails else {},
    )


def _photo_post(row: Row[PhotoPostRow, UserRow, str, str], media: list[Media]) -> PhotoPost:
    post, author, liked, saved = row
    return PhotoPost(
        id=post.id,
        user=user_ref(author),
        caption=post.caption,
        location=_location(post),
        media=media,
        like_count=post.like_count,
        comment_count=post.comment_count,
        is_liked_by_me=liked is not None,
        is_saved_by_me=saved is not None,
        is_archived=post.is_archived,
        created_at=post.created_at,
        version=post.version,
    )


def _location(post: PhotoPostRow) -> Location | None:
    if post.location_name is None and post.lat is None:
        return None
    return Location(name=post.location_name, lat=post.lat, lng=post.lng)


async def thread_posts(db: AsyncSession, viewer_id: str, ids: Iterable[str]) -> dict[str, ThreadPost]:
    """Return thread posts by id."""
    found: dict[str, ThreadPost] = {}
    for batch in batches(ids):
        query = (
            select(ThreadPostRow, SubredditRow.name, UserRow, VoteRow.value, SavedPostRow.post_id)
            .join(SubredditRow, SubredditRow.id == ThreadPostRow.subreddit_id)
            .join(UserRow, UserRow.id == ThreadPostRow.author_id)
            .outerjoin(
                VoteRow,
                and_(
                    VoteRow.user_id == viewer_id, VoteRow.target_type == "post", VoteRow.target_id == ThreadPostRow.id
                ),
            )
            .outerjoin(SavedPostRow, and_(SavedPostRow.post_id == ThreadPostRow.id, SavedPostRow.user_id == viewer_id))
            .where(ThreadPostRow.id.in_(batch), ThreadPostRow.deleted_at.is_(None))
        )
        found.update({row[0].id: _thread_post(row) for row in (await db.execute(query)).all()})
    return found


def _thread_post(row: Row[ThreadPostRow, str, UserRow, int, str]) -> ThreadPost:
    post, subreddit_name, author, vote, saved = row
    return ThreadPost(
        id=post.id,
        subreddit_id=post.subreddit_id,
        subreddit_name=subreddit_name,
        author_id=author.id,
        author_username=author.username,
        author_avatar=author.avatar_url,
        title=post.title,
        body=post.body,
        url=post.url,
        post_type=PostType(post.post_type),
        score=post.score,
        upvotes=post.upvotes,
        downvotes=post.downvotes,
        comment_count=post.comment_count,
        is_pinned=post.is_pinned,
        is_locked=post.is_locked,
        is_nsfw=post.is_nsfw,
        is_saved_by_me=saved is not None,
        flair=post.flair,
        my_vote=1 if vote == 1 else -1 if vote == -1 else 0,
        created_at=post.created_at,
        version=post.version,
    )


async def subreddits(db: AsyncSession, viewer_id: str, ids: Sequence[str]) -> list[Subreddit]:
    """Return subreddits in the order of `ids`."""
    found: dict[str, Subreddit] = {}
    for batch in batches(ids):
        query = (
            select(SubredditRow, SubredditMemberRow.role)
            .outerjoin(
                SubredditMemberRow,
                and_(SubredditMemberRow.subreddit_id == SubredditRow.id, SubredditMemberRow.user_id == viewer_id),
            )
            .where(SubredditRow.id.in_(batch))
        )
        found.update({row.id: subreddit(row, role) for row, role in (await db.execute(query)).all()})
    return [found[subreddit_id] for subreddit_id in ids if subreddit_id in found]


def subreddit(row: SubredditRow, role: str | None) -> Subreddit:
    """Return a subreddit as somebody with `role` in it sees it; None is no member."""
    return Subreddit(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        description=row.description,
        subscriber_count=row.subscriber_count,
        is_nsfw=row.is_nsfw,
        is_joined=role is not None,
        my_role=MemberRole(role) if role is not None else None,
        theme=row.theme,
        rules=row.rules,
        created_at=row.created_at,
        version=row.version,
    )
