"""Comment trees on this machine: read in pieces that never hold up the keys, with where one was reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from api_client.models.base import Moment, WireModel
from api_client.models.posts import Comment
from api_client.models.threads import CommentSort
from api_client.sync.cache import Cache, Listing

FIRST_PIECE = 200
"""Comments that are read at once, for the first frame."""
PIECE = 500
"""Comments of the pieces behind it, which are read in the cache's own thread."""


class Reading(WireModel):
    """How somebody left a thread."""

    sort: CommentSort = CommentSort.BEST
    seen: Moment | None = None
    """When the newest comment was written that was there."""
    folded: tuple[str, ...] = ()
    """Keys of the comments whose replies were hidden."""
    closed: tuple[str, ...] = ()
    """Keys of the comments whose words were hidden."""
    opened: tuple[str, ...] = ()
    """Keys of the comments that start folded by their score and were opened."""


@dataclass
class Kept:
    """What is on the shelf of one thread, so that only what has changed is written again."""

    pieces: dict[str, tuple[Comment, ...]] = field(default_factory=dict)


class CommentShelf:
    """The cache as far as it concerns comments. A piece names the one that follows it as its next cursor."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def first_piece(self, post_id: str, sort: CommentSort) -> Listing[Comment] | None:
        """Return the beginning of a thread, None if it was never kept."""
        return self._cache.listing(_name(post_id, sort, 0), Comment)

    async def piece(self, name: str) -> Listing[Comment] | None:
        """Return the piece that another one named as following."""
        return await self._cache.read(lambda cache: cache.listing(name, Comment))

    def keep(self, post_id: str, sort: CommentSort, comments: Sequence[Comment], kept: Kept) -> Iterator[None]:
        """Keep a whole thread, depth first, piece by piece; `kept` is what was kept of it before."""
        starts = [0, *range(FIRST_PIECE, len(comments), PIECE)]
        pieces: dict[str, tuple[Comment, ...]] = {}
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(comments)], strict=True)):
            name = _name(post_id, sort, number)
            pieces[name] = tuple(comments[start:end])
            following = _name(post_id, sort, number + 1) if end < len(comments) else None
            if number == 0 or kept.pieces.get(name) != pieces[name] or end == len(comments):
                self._cache.keep_listing(name, {_key(comment.id): comment for comment in pieces[name]}, following)
            yield
        kept.pieces = pieces

    async def written(self) -> None:
        """Come back when what was kept so far is in the file."""
        await self._cache.flush()

    def comment(self, comment_id: str) -> Comment | None:
        """Return one comment, None if it is not known."""
        return self._cache.record(_key(comment_id), Comment)

    def keep_one(self, comment: Comment) -> None:
        """Keep one comment of a thread that is kept."""
        self._cache.keep({_key(comment.id): comment})

    def forget(self, comment_id: str) -> None:
        """A comment is deleted: no older answer brings it back."""
        self._cache.forget(_key(comment_id))

    def reading(self, post_id: str) -> Reading:
        """Return how the user left a thread."""
        found = self._cache.document(f"reading:{post_id}", dict[str, Any])
        try:
            return Reading() if found is None else Reading.model_validate(found.value)
        except ValidationError:
            return Reading()

    def keep_reading(self, post_id: str, reading: Reading) -> None:
        """Keep how the user leaves it."""
        self._cache.keep_document(f"reading:{post_id}", reading.model_dump(mode="json", by_alias=True))


def _key(comment_id: str) -> str:
    return f"comments:{comment_id}"


def _name(post_id: str, sort: CommentSort, number: int) -> str:
    return f"comments:{post_id}:{sort.value}" + (f":{number}" if number else "")
