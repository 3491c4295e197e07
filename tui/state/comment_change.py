"""What changes in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui.state.comment_entries import TreeEntry


class CommentsPart(Enum):
    """What has changed."""

    ALL = "all"
    """The list is to be read anew."""
    APPENDED = "appended"
    """`entries` came behind everything else."""
    ONE = "one"
    """The comment of `entries`."""
    AGE = "age"
    """Whether what is shown is from the platform or from this machine."""


@dataclass(frozen=True, slots=True)
class CommentsChange:
    """A change in one thread."""

    post_id: str
    part: CommentsPart
    entries: tuple[TreeEntry, ...] = ()
