"""The comments of one post as they stand: which there are, below what, in which order, and how that is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from api_client.models.posts import Comment
from tui.state.answers import Answers
from tui.state.comment_entries import CommentEntry, MoreEntry, TreeEntry
from tui.state.turns import STEP, Turns

T = TypeVar("T")


class ListedComments:
    """What is known of one thread, to be read; `CommentTree` changes it."""

    def __init__(self, me: str = "") -> None:
        """`me` is the id of the user, whose own comments are never fresh."""
        self._me = me
        self.left_at: datetime | None = None
        """When the user left the thread: what others wrote later is fresh. None on the first visit."""
        self.newest_at: datetime | None = None
        """When the newest comment that the platform has ever told of was written."""
        self._comments: dict[str, Comment] = {}
        self._children: dict[str | None, list[str]] = {}
        self._above: dict[str, str | None] = {}
        self._pending: set[str] = set()
        self._keys: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._grafted: set[str] = set()
        self._gone: set[str] = set()
        self._answers: Answers[Comment] = Answers()
        self._edits = 0
        """Counts the changes, so that work that is done in turns notices them."""

    def __len__(self) -> int:
        return len(self._comments)

    def __contains__(self, comment_id: str) -> bool:
        return comment_id in self._comments

    def get(self, comment_id: str) -> Comment | None:
        """Return a comment, or None."""
        return self._comments.get(comment_id)

    def key_of(self, comment_id: str) -> str:
        """Return the key under which a comment is listed."""
        return self._keys.get(comment_id, comment_id)

    @property
    def fresh_count(self) -> int:
        """How many comments of others came while the thread was open, or since it was left."""
        return len(self._fresh)

    def entries(self, most: int | None = None) -> list[TreeEntry]:
        """Return everything depth first, or as much of the beginning as `most` says."""
        return list(islice(self._walk(), most))

    async def entries_in_turns(self) -> list[TreeEntry]:
        """Return the same, letting others have their turn meanwhile."""
        return await self._listed_in_turns(self._walk)

    async def _listed_in_turns(self, walk: Callable[[], Iterator[T]]) -> list[T]:
        found: list[T] = []

        def listing() -> Iterator[None]:
            found.clear()
            for number, item in enumerate(walk()):
                found.append(item)
                if number % STEP == 0:
                    yield

        await self._in_turns(listing)
        return found

    def _walk(self) -> Iterator[TreeEntry]:
        waiting: list[tuple[str, int] | MoreEntry] = [(root, 0) for root in reversed(self._children.get(None, ()))]
        while waiting:
            at = waiting.pop()
            if isinstance(at, MoreEntry):
                yield at
                continue
            comment_id, depth = at
            yield self._entry(comment_id, depth)
            if (more := self._left_out(comment_id)) > 0:
                waiting.append(self._more(comment_id, depth, more))
            waiting.extend([(child, depth + 1) for child in reversed(self._children.get(comment_id, ()))])

    def _more(self, comment_id: str, depth: int, count: int) -> MoreEntry:
        return MoreEntry(f"more {comment_id}", comment_id, count, depth + 1, not self._children.get(comment_id))

    async def _in_turns(self, work: Callable[[], Iterator[None]]) -> None:
        """Do `work` with others having their turn in between; what changes the tree meanwhile begins it anew."""
        turns = Turns()
        while True:
            edits = self._edits
            for _ in work():
                await turns.rest()
                if self._edits != edits:
                    break
            else:
                return

    def entry(self, comment_id: str) -> CommentEntry | None:
        """Return one comment as it is listed, or None."""
        if comment_id not in self._comments:
            return None
        return self._entry(comment_id, self._depth(comment_id))

    def _depth(self, comment_id: str) -> int:
        depth, parent = 0, self._above[comment_id]
        while parent is not None and depth < len(self._comments):
            depth, parent = depth + 1, self._above[parent]
        return depth

    def _entry(self, comment_id: str, depth: int) -> CommentEntry:
        return CommentEntry(
            self._keys.get(comment_id, comment_id),
            self._comments[comment_id],
            depth,
            comment_id in self._pending,
            comment_id in self._fresh,
        )

    def confirmed(self) -> list[Comment]:
        """Return what the platform has given, depth first, without what was fetched below left out replies."""
        return list(self._confirmed())

    async def confirmed_in_turns(self) -> list[Comment]:
        """Return the same, letting others have their turn meanwhile."""
        return await self._listed_in_turns(self._confirmed)

    def _confirmed(self) -> Iterator[Comment]:
        waiting = list(reversed(self._children.get(None, ())))
        while waiting:
            comment_id = waiting.pop()
            if comment_id not in self._pending:
                yield self._comments[comment_id]
            if comment_id not in self._grafted:
                waiting.extend(reversed(self._children.get(comment_id, ())))

    def _left_out(self, comment_id: str) -> int:
        return 0 if comment_id in self._grafted else self._comments[comment_id].more_replies or 0

    def _parent(self, comment: Comment) -> str | None:
        """Return the id under which a comment belongs: an unknown parent makes it a root."""
        return comment.parent_id if comment.parent_id in self._comments else None

    def _place(self, comment_id: str, parent: str | None, at: int | None = None) -> None:
        siblings = self._children.setdefault(parent, [])
        siblings.insert(len(siblings) if at is None else at, comment_id)
        self._above[comment_id] = parent

    def left_out_above(self, path: str) -> str | None:
        """Return the deepest comment on the line of descent `path` below which replies were left out, or None."""
        steps = path.split(".")
        lines = {".".join(steps[:length]) for length in range(1, len(steps))}
        found = [comment for comment in self._comments.values() if comment.path in lines]
        deepest = max(found, key=lambda comment: len(comment.path), default=None)
        return deepest.id if deepest is not None and self._left_out(deepest.id) > 0 else None
