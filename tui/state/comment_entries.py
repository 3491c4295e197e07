"""What a thread is listed as: comments at their places, and the places where replies were left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from api_client.models.posts import Comment

DELETED = "[deleted]"


class CommentEntry(NamedTuple):
    """A comment at its place in the tree; a tuple, because a hundred thousand of them are made at a time."""

    key: str
    """What stays the same from the unsent to the confirmed comment."""
    comment: Comment
    depth: int
    """Level in the tree, from 0."""
    sending: bool = False
    """Whether the platform has yet to confirm it."""
    fresh: bool = False
    """Whether it came while the thread was open, or since it was left."""
    reason: str | None = None
    """Why it has not been sent yet: one sentence."""
    refused: bool = False
    """Whether it stays unsent until the user decides."""


@dataclass(frozen=True, slots=True)
class MoreEntry:
    """Stands where replies were left out: `count` of them below the comment `parent_id`, at least."""

    key: str
    parent_id: str
    count: int
    depth: int
    deep: bool = False
    """Whether none of the replies beneath that comment is known."""


TreeEntry = CommentEntry | MoreEntry


def blanked(comment: Comment) -> Comment:
    """Return `comment` as it is shown when it was deleted and replies stay beneath it."""
    return comment.changed(is_deleted=True, body=DELETED, author_username=DELETED, author_id=None)
