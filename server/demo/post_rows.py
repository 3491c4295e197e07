"""The demo world's posts of both kinds, stories, subreddits, votes and comments as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from server.comments.paths import stored_path
from server.db import Base
from server.demo.media_keys import media_key
from server.demo.models import ThreadPost
from server.demo.world import World
from server.media import MediaStore
from server.tables.posts import (
    CommentLikeRow,
    CommentRow,
    LikeRow,
    PhotoPostRow,
    PostMediaRow,
    SavedPostRow,
    ThreadPostRow,
    VoteRow,
)
from server.tables.stories import StoryRow, StoryViewRow
from server.tables.subreddits import SubredditMemberRow, SubredditRow
from server.threads.ranking import controversy, hot, wilson

Rows = Iterable[tuple[type[Base], list[dict[str, Any]]]]


def post_rows(world: World) -> Rows:
    """Yield what people have posted, in an order that keeps every reference."""
    yield from _photo_rows(world)
    yield from _story_rows(world)
    yield from _thread_rows(world)
    yield from _comment_rows(world)


def _photo_rows(world: World) -> Rows:
    yield (
        PhotoPostRow,
        [
            {
                "id": post.id,
                "author_id": post.author_id,
                "caption": post.caption,
                "location_name": post.location.name if post.location else None,
                "lat": post.location.lat if post.location else None,
                "lng": post.location.lng if post.location else None,
                "like_count": post.like_count,
                "comment_count": post.comment_count,
                "is_archived": post.is_archived,
                "is_fanned_out": True,
                "created_at": post.created_at,
                "version": 1,
            }
            for post in world.photo_posts
        ],
    )
    yield (
        PostMediaRow,
        [
            {
                "id": picture.id,
                "post_id": post.id,
                "position": picture.order,
                "media_key": media_key(picture.key),
                "media_type": "image",
                "width": picture.width,
                "height": picture.height,
                "alt": picture.alt,
            }
            for post in world.photo_posts
            for picture in post.media
        ],
    )
    yield (
        LikeRow,
        [
            {"user_id": like.user_id, "post_id": like.target_id, "created_at": like.created_at}
            for like in world.likes
            if like.target_type == "post"
        ],
    )
    yield (
        SavedPostRow,
        [
            {"user_id": saved.user_id, "post_id": saved.post_id, "created_at": saved.saved_at}
            for saved in world.saved_posts
        ],
    )


def _story_rows(world: World) -> Rows:
    yield (
        StoryRow,
        [
            {
                "id": story.id,
                "user_id": story.author_id,
                "media_key": media_key(story.picture.key),
                "media_type": "image",
                "view_count": len(story.viewer_ids),
                "created_at": story.created_at,
                "expires_at": story.expires_at,
            }
            for story in world.stories
        ],
    )
    yield (
        StoryViewRow,
        [
            {"story_id": story.id, "viewer_id": viewer, "viewed_at": story.created_at}
            for story in world.stories
            for viewer in story.viewer_ids
        ],
    )


def _thread_rows(world: World) -> Rows:
    yield (
        SubredditRow,
        [
            {
                "id": found.id,
                "name": found.name,
                "name_key": found.name.casefold(),
                "display_name": found.display_name,
                "description": found.description,
                "subscriber_count": found.subscriber_count,
                "is_nsfw": found.is_nsfw,
                "theme": {"accent": found.accent},
                "rules": [f"{rule.title}: {rule.text}" for rule in found.rules],
                "created_at": found.created_at,
                "version": 1,
            }
            for found in world.subreddits
        ],
    )
    yield (
        SubredditMemberRow,
        [
            {
                "subreddit_id": member.subreddit_id,
                "user_id": member.user_id,
                "role": member.role,
                "joined_at": member.joined_at,
            }
            for member in world.memberships
        ],
    )
    nsfw = {found.id for found in world.subreddits if found.is_nsfw}
    yield ThreadPostRow, [_thread_post(post, post.subreddit_id in nsfw) for post in world.thread_posts]


def _thread_post(post: ThreadPost, is_nsfw: bool) -> dict[str, Any]:
    return {
        "id": post.id,
        "subreddit_id": post.subreddit_id,
        "author_id": post.author_id,
        "title": post.title,
        "body": post.body,
        "url": post.url or (MediaStore.url(media_key(post.media[0].key)) if post.media else None),
        "post_type": post.post_type,
        "flair": post.flair,
        "score": post.score,
        "upvotes": post.upvotes,
        "downvotes": post.downvotes,
        "hot": hot(post.score, post.created_at),
        "best": wilson(post.upvotes, post.downvotes),
        "controversy": controversy(post.upvotes, post.downvotes),
        "comment_count": post.comment_count,
        "is_pinned": post.is_pinned,
        "is_locked": post.is_locked,
        "is_nsfw": is_nsfw,
        "created_at": post.created_at,
        "version": 1,
    }


def _comment_rows(world: World) -> Rows:
    likes = Counter(like.target_id for like in world.likes if like.target_type == "comment")
    yield (
        CommentRow,
        [
            {
                "id": comment.id,
                "post_id": comment.post_id,
                "number": int(comment.path.rpartition(".")[2]),
                "parent_id": comment.parent_id,
                "author_id": comment.author_id,
                "body": comment.body,
                "score": comment.score,
                "upvotes": comment.upvotes,
                "downvotes": comment.downvotes,
                "like_count": likes[comment.id],
                "depth": comment.depth,
                "path": stored_path(comment.path),
                "created_at": comment.created_at,
                "deleted_at": comment.created_at if comment.is_deleted else None,
                "version": 1,
            }
            for comment in world.comments
        ],
    )
    yield (
        CommentLikeRow,
        [
            {"user_id": like.user_id, "comment_id": like.target_id, "created_at": like.created_at}
            for like in world.likes
            if like.target_type == "comment"
        ],
    )
    yield (
        VoteRow,
        [
            {
                "user_id": vote.user_id,
                "target_type": vote.target_type,
                "target_id": vote.target_id,
                "value": vote.value,
                "created_at": vote.created_at,
                "updated_at": vote.created_at,
            }
            for vote in world.votes
        ],
    )
