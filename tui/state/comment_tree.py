"""The comments of one post as a tree: fed depth first in pages, steady while others write, with one's own echoes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api_client.models.posts import Comment

DELETED = "[deleted]"


@dataclass(frozen=True, slots=True)
class CommentEntry:
    """A comment at its place in the tree."""

    key: str
    """What stays the same from the echo to the confirmed comment."""
    comment: Comment
    depth: int
    """Level in the tree, from 0."""
    sending: bool = False
    """Whether it is not confirmed yet."""
    fresh: bool = False
    """Whether it came while the thread was open."""


@dataclass(frozen=True, slots=True)
class MoreEntry:
    """Stands where replies were left out: `count` of them below the comment `parent_id`, at least."""

    key: str
    parent_id: str
    count: int
    depth: int


TreeEntry = CommentEntry | MoreEntry


class CommentTree:
    """All that is known of one thread.

    Siblings stand in the order in which the platform first gave them. A later complete list (`merge`) changes what a
    comment says, adds what is new after its predecessor, and takes out what is gone, but never moves what is there:
    the reader has it under their eyes. `replace` takes over the platform's order.
    """

    def __init__(self) -> None:
        self._comments: dict[str, Comment] = {}
        self._children: dict[str | None, list[str]] = {}
        self._above: dict[str, str | None] = {}
        self._echoes: dict[str, Comment] = {}
        self._keys: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._grafted: set[str] = set()

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
        """How many comments of others came while the thread was open."""
        return len(self._fresh)

    def entries(self) -> list[TreeEntry]:
        """Return everything depth first."""
        found: list[TreeEntry] = []
        waiting: list[tuple[str, int] | MoreEntry] = [(root, 0) for root in reversed(self._children.get(None, ()))]
        while waiting:
            at = waiting.pop()
            if isinstance(at, MoreEntry):
                found.append(at)
                continue
            comment_id, depth = at
            found.append(self._entry(comment_id, depth))
            if (more := self._left_out(comment_id)) > 0:
                waiting.append(MoreEntry(f"more {comment_id}", comment_id, more, depth + 1))
            waiting.extend((child, depth + 1) for child in reversed(self._children.get(comment_id, ())))
        return found

    def entry(self, comment_id: str) -> CommentEntry | None:
        """Return one comment as it is listed, or None."""
        if comment_id not in self._comments:
            return None
        depth, parent = 0, self._above[comment_id]
        while parent is not None:
            depth, parent = depth + 1, self._above[parent]
        return self._entry(comment_id, depth)

    def _entry(self, comment_id: str, depth: int) -> CommentEntry:
        return CommentEntry(
            key=self.key_of(comment_id),
            comment=self._comments[comment_id],
            depth=depth,
            sending=comment_id in self._echoes,
            fresh=comment_id in self._fresh,
        )

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
        known = {comment.path: comment.id for comment in self._comments.values()}
        steps = path.split(".")
        for length in range(len(steps) - 1, 0, -1):
            found = known.get(".".join(steps[:length]))
            if found is not None:
                return found if self._left_out(found) > 0 else None
        return None

    # -- what the platform says

    def replace(self, comments: Iterable[Comment]) -> None:
        """Start over with a first page; echoes stay where their parents are."""
        echoes = dict(self._echoes)
        self._comments, self._children, self._above = {}, {}, {}
        self._fresh, self._grafted, self._echoes = set(), set(), {}
        self.append(comments)
        for echo in echoes.values():
            if self._twin(echo, self._comments) is None:
                self.echo(echo)

    def append(self, comments: Iterable[Comment]) -> list[CommentEntry] | None:
        """Take in the next page.

        Returns what it adds, in order, if all of that stands behind everything known; None if the list has to be
        read anew.
        """
        added: list[CommentEntry] = []
        depths: dict[str, int] = {}
        behind = True
        for comment in comments:
            if comment.id in self._comments:
                self._comments[comment.id] = comment
                behind = False
                continue
            self._adopt(comment)
            if comment.id not in self._comments:
                parent = self._parent(comment)
                self._comments[comment.id] = comment
                self._place(comment.id, parent)
                behind = behind and (parent is None or parent in depths)
                depths[comment.id] = depths.get(parent, -1) + 1 if parent is not None else 0
                added.append(self._entry(comment.id, depths[comment.id]))
                behind = behind and not self._left_out(comment.id)
            else:
                behind = False
        return added if behind else None

    def merge(self, comments: Sequence[Comment], me: str) -> None:
        """Take in a complete list without moving what is there; comments of others than `me` count as fresh."""
        for comment in comments:
            self._adopt(comment)
        given = {comment.id: comment for comment in comments}
        kept: dict[str, Comment] = {}
        for entry in self.entries():
            if isinstance(entry, MoreEntry):
                continue
            comment = entry.comment
            parent = self._above[comment.id]
            grafted = parent in kept and (parent in self._grafted or parent not in given)
            if comment.id in given:
                kept[comment.id] = given[comment.id]
            elif comment.id in self._echoes or grafted:
                kept[comment.id] = comment
        self._fresh = {known for known in self._fresh if known in kept}
        self._fresh.update(c.id for c in comments if c.id not in kept and c.author_id != me)
        kept.update((c.id, c) for c in comments if c.id not in kept)
        order = self._children
        self._comments, self._children, self._above = kept, {}, {}
        for parent, ids in order.items():
            for comment_id in ids:
                if comment_id in kept and self._parent(kept[comment_id]) == parent:
                    self._place(comment_id, parent)
        self._insert_new(comments)
        for comment_id, comment in kept.items():
            if comment_id not in self._above:  # an echo whose parent has gone in the meantime
                self._place(comment_id, self._parent(comment), 0)

    def _insert_new(self, comments: Iterable[Comment]) -> None:
        """Put those that stand nowhere yet behind the sibling that the platform names before them."""
        before: dict[str | None, str] = {}
        for comment in comments:
            if comment.id not in self._above:
                parent = self._parent(comment)
                predecessor = before.get(parent)
                at = 0 if predecessor is None else self._children[parent].index(predecessor) + 1
                self._place(comment.id, parent, at)
            before[self._above[comment.id]] = comment.id

    def graft(self, root_id: str, comments: Iterable[Comment]) -> None:
        """Take in all replies below `root_id`, which had been left out."""
        self._grafted.add(root_id)
        for comment in comments:
            if comment.id == root_id:
                continue
            if comment.id not in self._comments:
                self._place(comment.id, self._parent(comment))
            self._comments[comment.id] = comment

    def update(self, comment: Comment) -> None:
        """Take in a newer state of a known comment."""
        if comment.id in self._comments:
            self._comments[comment.id] = comment

    def remove(self, comment_id: str) -> None:
        """Take out a comment that has no replies; blank one that has."""
        comment = self._comments.get(comment_id)
        if comment is None:
            return
        if self._children.get(comment_id):
            self._comments[comment_id] = blanked(comment)
            return
        self._children[self._above.pop(comment_id)].remove(comment_id)
        del self._comments[comment_id]
        self._fresh.discard(comment_id)

    # -- one's own words, before they are confirmed

    def echo(self, comment: Comment) -> None:
        """Show one's own `comment`, whose id is a key of ours, first among its siblings."""
        self._echoes[comment.id] = comment
        self._place(comment.id, self._parent(comment), 0)
        self._comments[comment.id] = comment

    def confirm(self, key: str, comment: Comment) -> None:
        """The platform has taken what was shown under `key`: it keeps its place and its key."""
        echo = self._echoes.pop(key, None)
        if echo is None:
            return
        parent = self._above.pop(key)
        siblings = self._children[parent]
        if comment.id in self._comments:
            siblings.remove(key)
        else:
            siblings[siblings.index(key)] = comment.id
            self._above[comment.id] = parent
            self._keys[comment.id] = key
        del self._comments[key]
        self._comments[comment.id] = comment

    def take_back(self, key: str) -> None:
        """What was shown under `key` was refused."""
        if self._echoes.pop(key, None) is not None:
            self.remove(key)

    def _adopt(self, comment: Comment) -> None:
        """If `comment` is an echo of ours that has arrived by another way, it takes the echo's place."""
        if comment.id not in self._comments and (key := self._twin(comment, self._echoes)) is not None:
            self.confirm(key, comment)

    @staticmethod
    def _twin(comment: Comment, among: dict[str, Comment]) -> str | None:
        return next(
            (
                key
                for key, other in among.items()
                if other.author_id == comment.author_id
                and other.parent_id == comment.parent_id
                and other.body.strip() == comment.body.strip()
            ),
            None,
        )


def blanked(comment: Comment) -> Comment:
    """Return `comment` as it is shown when it was deleted and replies stay beneath it."""
    return comment.changed(is_deleted=True, body=DELETED, author_username=DELETED, author_id=None)
