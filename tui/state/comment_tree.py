"""The comments of one post as a tree: fed depth first in pages, steady while others write, with what is unsent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from api_client.models.posts import Comment
from tui.state.comment_entries import TreeEntry, blanked
from tui.state.listed_comments import ListedComments
from tui.state.turns import STEP, at_once


class CommentTree(ListedComments):
    """All that is known of one thread.

    Siblings stand in the order in which the platform first gave them. A later complete list (`merge`) changes what a
    comment says, adds what is new after its predecessor, and takes out what is gone, but never moves what is there:
    the reader has it under their eyes. `replace` takes over the platform's order.

    Answers may come in any order: each is given the number that `ask` returned when its question was asked, and what
    is known from a later question, by a higher version, or by a reply to a write of one's own, stays as it is.
    """

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
        self._saw(comment)
        if comment.id in self._gone and not comment.is_deleted:
            comment = blanked(comment)
        known = None if comment.id in self._pending else self._comments.get(comment.id)
        self._pending.discard(comment.id)
        newest = self._answers.newest(known, comment, asked)
        # The same object for the same words: what is shown and what is kept is then known to be as it was.
        return known if known is not None and known == newest else newest

    def _saw(self, comment: Comment) -> None:
        if self.newest_at is None or comment.created_at > self.newest_at:
            self.newest_at = comment.created_at

    def replace(self, comments: Sequence[Comment], asked: int | None = None) -> None:
        """Start over with a first page, or with everything; what is unsent stays where its parent is."""
        at_once(self._replacing(comments, self.ask() if asked is None else asked))

    async def replace_in_turns(self, comments: Sequence[Comment], asked: int) -> None:
        """Do the same, letting others have their turn meanwhile."""
        await self._in_turns(lambda: self._replacing(comments, asked))

    def _replacing(self, comments: Sequence[Comment], asked: int) -> Iterator[None]:
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return
        given: dict[str, Comment] = {}
        for number, comment in enumerate(comments):
            given[comment.id] = self._newest(comment, asked)
            if number % STEP == 0:
                yield
        kept = [c for c in self._comments.values() if c.id not in given and self._stays(c.id, asked)]
        new = self._beside()
        for number, comment in enumerate(given.values()):
            new._put(comment)
            if number % STEP == 0:
                yield
        for comment in kept:
            new._put(comment, 0)
        self._grafted = set()
        self._become(new, new._fresh, asked)

    def _beside(self) -> CommentTree:
        """Return an empty tree that this one is to become."""
        new = CommentTree(self._me)
        new.left_at = self.left_at
        return new

    def _become(self, new: CommentTree, fresh: set[str], asked: int) -> None:
        self._comments, self._children, self._above = new._comments, new._children, new._above
        self._fresh = fresh
        self._answers.complete(asked)
        self._edits += 1
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

    def append(self, comments: Sequence[Comment], asked: int | None = None) -> list[TreeEntry] | None:
        """Take in the next page, or a part of it.

        Returns what it adds, in order, if all of that stands behind everything known; None if the list has to be
        read anew.
        """
        asked = self.ask() if asked is None else asked
        self._edits += 1
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return None
        added: list[TreeEntry] = []
        depths: dict[str, int] = {}
        behind = True
        for comment in comments:
            newest = self._newest(comment, asked)
            if comment.id in self._comments:
                self._comments[comment.id] = newest
                behind = False
                continue
            parent = self._parent(newest)
            behind = behind and (parent is None or self._goes_on_below(parent, depths))
            self._put(newest)
            depth = depths[comment.id] = 0 if parent is None else depths.get(parent, -1) + 1
            added.append(self._entry(comment.id, depth))
            if (more := self._left_out(comment.id)) > 0:
                added.append(self._more(comment.id, depth, more))
        return added if not self._tidy() and behind else None

    def _goes_on_below(self, parent: str, depths: dict[str, int]) -> bool:
        """Whether what is put below `parent` now comes last of all; `depths` are those of what was added before."""
        if self._left_out(parent) > 0:
            return False
        if parent not in depths:
            at: str | None = parent
            while at is not None:
                above = self._above[at]
                if self._children[above][-1] != at:
                    return False
                at = above
            depths[parent] = self._depth(parent)
        return True

    def merge(self, comments: Sequence[Comment], asked: int | None = None) -> None:
        """Take in a complete list without moving what is there; new comments of others count as fresh."""
        at_once(self._merging(comments, self.ask() if asked is None else asked))

    async def merge_in_turns(self, comments: Sequence[Comment], asked: int) -> None:
        """Do the same, letting others have their turn meanwhile."""
        await self._in_turns(lambda: self._merging(comments, asked))

    def _merging(self, comments: Sequence[Comment], asked: int) -> Iterator[None]:
        if self._answers.is_old(asked):
            self._update(comments, asked)
            return
        given: dict[str, Comment] = {}
        for number, comment in enumerate(comments):
            given[comment.id] = self._newest(comment, asked)
            if number % STEP == 0:
                yield
        new = self._beside()
        kept = new._comments
        for number, comment_id in enumerate(self._depth_first()):
            parent = self._above[comment_id]
            grafted = parent in kept and (parent in self._grafted or parent not in given)
            if comment_id in given:
                kept[comment_id] = given[comment_id]
            elif grafted or self._stays(comment_id, asked):
                kept[comment_id] = self._comments[comment_id]
            if number % STEP == 0:
                yield
        fresh = {fresh for fresh in self._fresh if fresh in kept}
        fresh.update(c.id for c in given.values() if c.id not in self._comments and c.author_id != self._me)
        kept.update((c.id, c) for c in given.values() if c.id not in kept)
        for number, (parent, ids) in enumerate(self._children.items()):
            for comment_id in ids:
                if comment_id in kept and new._parent(kept[comment_id]) == parent:
                    new._place(comment_id, parent)
            if number % STEP == 0:
                yield
        new._insert_new(given.values())
        for comment_id, comment in kept.items():
            if comment_id not in new._above:  # one's own, whose parent has gone or has come in the meantime
                new._place(comment_id, new._parent(comment), 0)
        self._become(new, fresh, asked)

    def _depth_first(self) -> Iterator[str]:
        waiting = list(reversed(self._children.get(None, ())))
        while waiting:
            comment_id = waiting.pop()
            yield comment_id
            waiting.extend(reversed(self._children.get(comment_id, ())))

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
        self._edits += 1
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
        self._edits += 1
        if comment.id in self._comments:
            self._answers.decide(comment.id)
            self._comments[comment.id] = comment

    def remove(self, comment_id: str) -> None:
        """A comment is deleted, whatever older answers say: blank it if it has replies, else take it out."""
        self._edits += 1
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
        self._edits += 1
        if comment.id in self._pending:
            self._comments[comment.id] = comment
        elif comment.id not in self._comments:
            self._gone.discard(comment.id)
            self._pending.add(comment.id)
            self._put(comment, 0)

    def confirm(self, key: str, comment: Comment) -> None:
        """The platform has taken what was shown under `key`: it keeps its place and its key."""
        self._edits += 1
        self._saw(comment)
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
