"""The comments of one post as a tree: fed depth first in pages, steady while others write, with what is unsent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api_client.models.posts import Comment
from tui.state.answers import Answers

DELETED = "[deleted]"


@dataclass(frozen=True, slots=True)
class CommentEntry:
    """A comment at its place in the tree."""

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


TreeEntry = CommentEntry | MoreEntry


class CommentTree:
    """All that is known of one thread.

    Siblings stand in the order in which the platform first gave them. A later complete list (`merge`) changes what a
    comment says, adds what is new after its predecessor, and takes out what is gone, but never moves what is there:
    the reader has it under their eyes. `replace` takes over the platform's order.

    Answers may come in any order: each is given the number that `ask` returned when its question was asked, and what
    is known from a later question, by a higher version, or by a reply to a write of one's own, stays as it is.
    """

    def __init__(self, me: str = "") -> None:
        """`me` is the id of the user, whose own comments are never fresh."""
        self._me = me
        self.left_at: datetime | None = None
        """When the user left the thread: what others wrote later is fresh. None on the first visit."""
        self._comments: dict[str, Comment] = {}
        self._children: dict[str | None, list[str]] = {}
        self._above: dict[str, str | None] = {}
        self._pending: set[str] = set()
        self._keys: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._grafted: set[str] = set()
        self._gone: set[str] = set()
        self._answers: Answers[Comment] = Answers()

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
        while parent is not None and depth < len(self._comments):
            depth, parent = depth + 1, self._above[parent]
        return self._entry(comment_id, depth)

    def _entry(self, comment_id: str, depth: int) -> CommentEntry:
        return CommentEntry(
            key=self.key_of(comment_id),
            comment=self._comments[comment_id],
            depth=depth,
            sending=comment_id in self._pending,
            fresh=comment_id in self._fresh,
        )

    def confirmed(self) -> list[Comment]:
        """Return what the platform has given, depth first, without what was fetched below left out replies."""
        found: list[Comment] = []
        waiting = list(reversed(self._children.get(None, ())))
        while waiting:
            comment_id = waiting.pop()
            if comment_id not in self._pending:
                found.append(self._comments[comment_id])
            if comment_id not in self._grafted:
                waiting.extend(reversed(self._children.get(comment_id, ())))
        return found

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

    def ask(self) -> int:
        """Return the number of a question that is asked now, to be given with its answer."""
        return self._answers.ask()

    def take_held(self) -> bool:
        """Return, once, whether an answer was passed over in part because of a write of one's own."""
        held, self._answers.held = self._answers.held, False
        return held

    def _newest(self, comment: Comment, asked: int) -> Comment:
        """Return the newer one of `comment` and what is known of it; what is listed has arrived."""
        if comment.id in self._gone and not comment.is_deleted:
            comment = blanked(comment)
        known = None if comment.id in self._pending else self._comments.get(comment.id)
        self._pending.discard(comment.id)
        return self._answers.newest(known, comment, asked)

    def replace(self, comments: Iterable[Comment], asked: int | None = None) -> None:
        """Start over with a first page, or with everything; what is unsent stays where its parent is."""
        asked = self.ask() if asked is None else asked
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return
        given = {comment.id: self._newest(comment, asked) for comment in comments}
        kept = [c for c in self._comments.values() if c.id not in given and self._stays(c.id, asked)]
        self._comments, self._children, self._above = {}, {}, {}
        self._fresh, self._grafted = set(), set()
        for comment in given.values():
            self._put(comment)
        for comment in kept:
            self._put(comment, 0)
        self._answers.complete(asked)
        self._tidy()

    def _stays(self, comment_id: str, asked: int) -> bool:
        """Whether a comment that the list asked for at `asked` does not name is there all the same."""
        return comment_id in self._pending or self._answers.is_later(comment_id, asked)

    def _put(self, comment: Comment, at: int | None = None) -> None:
        parent = self._parent(comment)
        self._comments[comment.id] = comment
        self._place(comment.id, parent, at)
        others = comment.author_id != self._me and not comment.is_deleted
        if self.left_at is not None and others and comment.created_at > self.left_at:
            self._fresh.add(comment.id)

    def _update(self, comments: Iterable[Comment], asked: int) -> None:
        """Take in an answer that is too old to say what there is."""
        for comment in comments:
            if comment.id in self._comments:
                self._comments[comment.id] = self._newest(comment, asked)
        self._tidy()

    def append(self, comments: Sequence[Comment], asked: int | None = None) -> list[CommentEntry] | None:
        """Take in the next page.

        Returns what it adds, in order, if all of that stands behind everything known; None if the list has to be
        read anew.
        """
        asked = self.ask() if asked is None else asked
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return None
        added: list[CommentEntry] = []
        depths: dict[str, int] = {}
        behind = True
        for comment in comments:
            newest = self._newest(comment, asked)
            if comment.id in self._comments:
                self._comments[comment.id] = newest
                behind = False
                continue
            self._put(newest)
            parent = self._above[comment.id]
            behind = behind and (parent is None or parent in depths)
            depths[comment.id] = 0 if parent is None else depths.get(parent, -1) + 1
            added.append(self._entry(comment.id, depths[comment.id]))
            behind = behind and not self._left_out(comment.id)
        return added if not self._tidy() and behind else None

    def merge(self, comments: Sequence[Comment], asked: int | None = None) -> None:
        """Take in a complete list without moving what is there; new comments of others count as fresh."""
        asked = self.ask() if asked is None else asked
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return
        known = set(self._comments)
        given = {comment.id: self._newest(comment, asked) for comment in comments}
        kept: dict[str, Comment] = {}
        for entry in self.entries():
            if isinstance(entry, MoreEntry):
                continue
            comment = entry.comment
            parent = self._above[comment.id]
            grafted = parent in kept and (parent in self._grafted or parent not in given)
            if comment.id in given:
                kept[comment.id] = given[comment.id]
            elif grafted or self._stays(comment.id, asked):
                kept[comment.id] = comment
        self._fresh = {fresh for fresh in self._fresh if fresh in kept}
        self._fresh.update(c.id for c in given.values() if c.id not in known and c.author_id != self._me)
        kept.update((c.id, c) for c in given.values() if c.id not in kept)
        order = self._children
        self._comments, self._children, self._above = kept, {}, {}
        for parent, ids in order.items():
            for comment_id in ids:
                if comment_id in kept and self._parent(kept[comment_id]) == parent:
                    self._place(comment_id, parent)
        self._insert_new(given.values())
        for comment_id, comment in kept.items():
            if comment_id not in self._above:  # one's own, whose parent has gone or has come in the meantime
                self._place(comment_id, self._parent(comment), 0)
        self._answers.complete(asked)
        self._tidy()

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

    def graft(self, root_id: str, comments: Iterable[Comment], asked: int | None = None) -> None:
        """Take in all replies below `root_id`, which had been left out."""
        asked = self.ask() if asked is None else asked
        self._grafted.add(root_id)
        for comment in comments:
            if comment.id == root_id:
                continue
            newest = self._newest(comment, asked)
            if comment.id in self._comments:
                self._comments[comment.id] = newest
            else:
                self._put(newest)
        self._tidy()

    def _tidy(self) -> bool:
        """Lead unsent replies to parents that have come, take out deleted leaves; whether there was anything to do."""
        moved = [i for i in self._pending if self._above[i] != self._parent(self._comments[i])]
        for comment_id in moved:
            self._children[self._above[comment_id]].remove(comment_id)
            self._place(comment_id, self._parent(self._comments[comment_id]), 0)
        pruned = False
        while bare := [i for i in self._gone if i in self._comments and not self._holds_replies(i)]:
            pruned = True
            for comment_id in bare:
                self._take_out(comment_id)
        return bool(moved) or pruned

    def _holds_replies(self, comment_id: str) -> bool:
        return bool(self._children.get(comment_id)) or self._left_out(comment_id) > 0

    def _take_out(self, comment_id: str) -> None:
        self._children[self._above.pop(comment_id)].remove(comment_id)
        del self._comments[comment_id]
        self._fresh.discard(comment_id)

    # -- what the platform says to one's own writes

    def update(self, comment: Comment) -> None:
        """Take in what a known comment has become by a write of one's own."""
        if comment.id in self._comments:
            self._answers.decide(comment.id)
            self._comments[comment.id] = comment

    def remove(self, comment_id: str) -> None:
        """A comment is deleted, whatever older answers say: blank it if it has replies, else take it out."""
        self._gone.add(comment_id)
        self._answers.decide(comment_id)
        self._pending.discard(comment_id)
        comment = self._comments.get(comment_id)
        if comment is not None:
            self._comments[comment_id] = blanked(comment)
            self._fresh.discard(comment_id)
            self._tidy()

    # -- one's own words, before they are confirmed

    def pend(self, comment: Comment) -> None:
        """Show one's own unsent `comment` first among its siblings; one that is shown already gets its words."""
        if comment.id in self._pending:
            self._comments[comment.id] = comment
        elif comment.id not in self._comments:
            self._gone.discard(comment.id)
            self._pending.add(comment.id)
            self._put(comment, 0)

    def confirm(self, key: str, comment: Comment) -> None:
        """The platform has taken what was shown under `key`: it keeps its place and its key."""
        self._answers.decide(comment.id)
        known = self._comments.get(comment.id)
        if known is not None and comment.id not in self._pending and known.version > comment.version:
            comment = known  # it has come by a list before, and others have judged it since
        if key in self._comments and key != comment.id:
            self._rename(key, comment.id)
        if comment.id in self._above:
            self._pending.discard(comment.id)
            self._comments[comment.id] = comment

    def _rename(self, key: str, comment_id: str) -> None:
        """A platform that gives ids of its own has taken what was shown under `key`."""
        self._pending.discard(key)
        parent = self._above.pop(key)
        siblings = self._children[parent]
        del self._comments[key]
        if comment_id in self._comments:
            siblings.remove(key)
        else:
            siblings[siblings.index(key)] = comment_id
            self._above[comment_id] = parent
            self._keys[comment_id] = key
        for child in self._children.pop(key, []):
            self._place(child, comment_id)

    def take_back(self, key: str) -> None:
        """What was shown under `key` will not be sent."""
        if key in self._pending:
            self.remove(key)


def blanked(comment: Comment) -> Comment:
    """Return `comment` as it is shown when it was deleted and replies stay beneath it."""
    return comment.changed(is_deleted=True, body=DELETED, author_username=DELETED, author_id=None)
