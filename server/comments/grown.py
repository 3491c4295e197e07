"""Comment trees that were built for one page and serve the next ones, as long as nothing has changed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.threads import CommentSort
from server.comments import queries, tree
from server.comments.tree import Tree
from server.feed.access import PostRow
from server.tables.posts import CommentRow

NODES_KEPT = 200_000
"""Comments over all kept trees, about 200 bytes each; the tree used longest ago is dropped first."""
_BESIDE = 2_000
"""From so many comments on a tree is built in a thread of its own, so that others get their answers meanwhile."""

_Key = tuple[str, int, CommentSort, str | None]


class GrownTrees:
    """The trees of the posts that are being read.

    Whatever changes a comment gives its post a new version in the same transaction: a tree of this version, out of the
    same snapshot of the database, is the tree.
    """

    def __init__(self, nodes_kept: int = NODES_KEPT) -> None:
        self._nodes_kept = nodes_kept
        self._trees: OrderedDict[_Key, Tree] = OrderedDict()
        self._size = 0

    async def get(self, db: AsyncSession, post: PostRow, sort: CommentSort, top: CommentRow | None) -> Tree:
        """Return the tree of all comments of a post, or of those below `top`, in the order of `sort`."""
        key = (post.id, post.version, sort, None if top is None else top.id)
        found = self._trees.get(key)
        if found is not None:
            self._trees.move_to_end(key)
            return found
        nodes = await queries.skeleton(db, post.id, top)
        root_id = None if top is None else top.id
        if len(nodes) > _BESIDE:
            found = await asyncio.to_thread(tree.build, nodes, sort, root_id)
        else:
            found = tree.build(nodes, sort, root_id)
        self._keep(key, found)
        return found

    def _keep(self, key: _Key, grown: Tree) -> None:
        for known in [known for known in self._trees if known[0] == key[0] and known[1] < key[1]]:
            self._size -= len(self._trees.pop(known).sizes)
        if key not in self._trees:
            self._size += len(grown.sizes)
        self._trees[key] = grown
        while self._size > self._nodes_kept and len(self._trees) > 1:
            self._size -= len(self._trees.popitem(last=False)[1].sizes)
