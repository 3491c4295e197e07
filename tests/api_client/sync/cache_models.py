"""Records for the tests of the cache."""

from __future__ import annotations

from datetime import UTC, datetime

from api_client.models.posts import Comment, PhotoPost
from api_client.models.users import UserRef

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def photo(post_id: str, version: int = 1, caption: str = "a caption\nin two lines, Grüße") -> PhotoPost:
    """Return a photo post."""
    author = UserRef(id="u1", username="ann")
    return PhotoPost(id=post_id, user=author, caption=caption, created_at=MOMENT, version=version)


def comment(comment_id: str, version: int = 1) -> Comment:
    """Return a comment."""
    body = "A comment of a usual length, which says something about the post above it, and then stops."
    return Comment(
        id=comment_id, post_id="p1", author_username="ben", body=body, created_at=MOMENT, version=version, path="1.2"
    )
