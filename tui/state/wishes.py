"""What the user has just asked for, kept apart from what the platform has confirmed, and how both look together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Literal, TypeVar

from api_client.models.posts import Comment, ThreadPost, VoteState

V = TypeVar("V")
Voted = TypeVar("Voted", ThreadPost, Comment)

Vote = Literal[-1, 0, 1]


class Wishes(Generic[V]):
    """Every wish for each record that is still on its way, in the order they were made.

    The newest one shows; when it is taken back, the one before it does.
    """

    def __init__(self) -> None:
        self._open: dict[str, dict[int, V]] = {}
        self._serial = 0

    def __bool__(self) -> bool:
        """Whether anything is wished for."""
        return bool(self._open)

    def want(self, record_id: str, value: V) -> int:
        """Take on a wish; returns the number with which to `settle` it."""
        self._serial += 1
        self._open.setdefault(record_id, {})[self._serial] = value
        return self._serial

    def settle(self, record_id: str, serial: int) -> None:
        """A wish has come true, was refused or taken back."""
        wishes = self._open.get(record_id, {})
        wishes.pop(serial, None)
        if not wishes:
            self._open.pop(record_id, None)

    @contextmanager
    def wished(self, record_id: str, value: V, on_change: Callable[[str], None]) -> Iterator[None]:
        """Show `value` for a record for as long as the block lasts, however it ends; `on_change` hears of both."""
        serial = self.want(record_id, value)
        on_change(record_id)
        try:
            yield
        finally:
            self.settle(record_id, serial)
            on_change(record_id)

    def of(self, record_id: str) -> V | None:
        """Return the newest wish for a record, None if there is none."""
        wishes = self.all_of(record_id)
        return wishes[-1] if wishes else None

    def newest(self) -> list[V]:
        """Return the newest wish for each record there is one for."""
        return [list(wishes.values())[-1] for wishes in self._open.values()]

    def all_of(self, record_id: str) -> list[V]:
        """Return all wishes for a record, oldest first."""
        return list(self._open.get(record_id, {}).values())


def toggled(current: Vote, pressed: Vote) -> Vote:
    """Return the vote after an arrow was pressed: the same arrow again takes it back."""
    return 0 if current == pressed else pressed


def with_vote(record: Voted, value: Vote | None) -> Voted:
    """Return `record` as it will be with the user's vote at `value`; unchanged for None."""
    if value is None or value == record.my_vote:
        return record
    return record.changed(
        my_vote=value,
        score=record.score - record.my_vote + value,
        upvotes=record.upvotes - (record.my_vote == 1) + (value == 1),
        downvotes=record.downvotes - (record.my_vote == -1) + (value == -1),
    )


def with_like(comment: Comment, liked: bool | None) -> Comment:
    """Return `comment` as it will be with the user's like at `liked`; unchanged for None."""
    if liked is None or liked == comment.is_liked_by_me:
        return comment
    return comment.changed(is_liked_by_me=liked, like_count=max(0, comment.like_count + (1 if liked else -1)))


def confirmed(record: Voted, state: VoteState) -> Voted:
    """Return `record` with the platform's count."""
    return record.changed(my_vote=state.my_vote, score=state.score, upvotes=state.upvotes, downvotes=state.downvotes)
