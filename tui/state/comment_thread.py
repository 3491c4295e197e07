"""One thread as the store knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from api_client.models.threads import CommentSort
from tui.state.comment_shelf import Kept
from tui.state.comment_tree import CommentTree
from tui.state.freshness import Freshness


@dataclass
class Thread:
    """One post's comments, and how far they are known."""

    tree: CommentTree
    sort: CommentSort = CommentSort.BEST
    loaded: bool = False
    """Whether there is something to show, from wherever."""
    next_cursor: str | None = None
    """Where the platform's list goes on."""
    fetching: int = 0
    """Number of the newest fetch of the whole thread; an older one that still arrives is dropped."""
    recalling: bool = False
    """Whether pieces of it are still being read from this machine."""
    stale: bool = False
    catching_up: bool = False
    keeping: int = 0
    """Number of the newest time that it was put on the shelf; an older one that is still at it stops."""
    freshness: Freshness = field(default_factory=Freshness)
    kept: Kept = field(default_factory=Kept)
