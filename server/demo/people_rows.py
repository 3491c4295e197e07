"""The demo world's people, follows and requests as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from server.db import Base
from server.demo.media_keys import media_key
from server.demo.world import World
from server.media import MediaStore
from server.tables.chat import PresenceRow
from server.tables.users import FollowRequestRow, FollowRow, UserRow


def people_rows(world: World, password_hash: str) -> Iterable[tuple[type[Base], list[dict[str, Any]]]]:
    """Yield users first, then who follows whom."""
    accepted = [follow for follow in world.follows if follow.status == "accepted"]
    followers = Counter(follow.followed_id for follow in accepted)
    following = Counter(follow.follower_id for follow in accepted)
    posts = Counter(post.author_id for post in world.photo_posts)
    posts.update(post.author_id for post in world.thread_posts)
    post_karma: Counter[str] = Counter()
    for post in world.thread_posts:
        post_karma[post.author_id] += post.score
    comment_karma: Counter[str] = Counter()
    for comment in world.comments:
        comment_karma[comment.author_id] += comment.score
    yield (
        UserRow,
        [
            {
                "id": person.id,
                "username": person.username,
                "username_key": person.username.casefold(),
                "email": person.email.casefold(),
                "password_hash": password_hash,
                "full_name": person.full_name,
                "bio": person.bio,
                "avatar_url": MediaStore.url(media_key(person.avatar_key)),
                "is_verified": person.is_verified,
                "is_private": person.is_private,
                "role": person.role,
                "subscription": person.subscription,
                "follower_count": followers[person.id],
                "following_count": following[person.id],
                "post_count": posts[person.id],
                "karma_posts": post_karma[person.id],
                "karma_comments": comment_karma[person.id],
                "created_at": person.created_at,
                "updated_at": person.created_at,
                "version": 1,
            }
            for person in world.people
        ],
    )
    yield (
        FollowRow,
        [
            {"follower_id": follow.follower_id, "followed_id": follow.followed_id, "created_at": follow.created_at}
            for follow in accepted
        ],
    )
    yield (
        FollowRequestRow,
        [
            {"follower_id": follow.follower_id, "followed_id": follow.followed_id, "created_at": follow.created_at}
            for follow in world.follows
            if follow.status == "pending"
        ],
    )
    yield (
        PresenceRow,
        [{"user_id": person.id, "last_seen_at": person.last_seen_at} for person in world.people],
    )
