"""Posts as the platform confirmed them, and over them what the user wants of them: never mixed, shown together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api_client.models.base import WireModel
from api_client.models.posts import PhotoPost, Post
from tui.state.wishes import Wishes


class PostBook:
    """Every post that some list shows, once, so that a like is seen everywhere."""

    def __init__(self) -> None:
        self._confirmed: dict[str, Post] = {}
        self._asked: dict[str, int] = {}
        """By post, when what is known of it was asked for."""
        self._tick = 0
        self._decided: dict[str, dict[str, int]] = {}
        """By post and field, when the platform last said what became of a wish."""
        self.likes: Wishes[bool] = Wishes()
        self.saves: Wishes[bool] = Wishes()

    def now(self) -> int:
        """Return a mark to be noted before asking the platform, and given to `take` with its answer."""
        self._tick += 1
        return self._tick

    def take(self, posts: Iterable[Post], asked: int) -> None:
        """Take in `posts` from an answer to what was asked at `asked`.

        An older version says nothing, nor does an answer to an earlier question than the one that is known already;
        one that set out before a like was confirmed says nothing about that like.
        """
        for post in posts:
            known = self._confirmed.get(post.id)
            if known is not None:
                if (known.version, self._asked.get(post.id, 0)) > (post.version, asked):
                    continue
                decided = self._decided.get(post.id, {})
                kept = {name: getattr(known, name) for name, tick in decided.items() if tick > asked}
                post = post.changed(**kept) if kept else post
            self._confirmed[post.id] = post
            self._asked[post.id] = asked

    def recall(self, posts: Iterable[Post]) -> None:
        """Take in `posts` as this machine has kept them; what the platform has said since stands."""
        for post in posts:
            known = self._confirmed.get(post.id)
            if known is None or (known.version < post.version and post.id not in self._asked):
                self._confirmed[post.id] = post

    def forget(self, post_id: str) -> None:
        """Know nothing of a post any more."""
        self._confirmed.pop(post_id, None)
        self._asked.pop(post_id, None)

    def confirmed(self, post_ids: Iterable[str]) -> dict[str, WireModel]:
        """Return those that the platform has, as it confirmed them, by their keys in the cache."""
        found = ((post_id, self._confirmed.get(post_id)) for post_id in post_ids)
        return {f"posts:{post_id}": post for post_id, post in found if post is not None and post.version}

    def get(self, post_id: str) -> Post | None:
        """Return a post as the user wants it, None if it is not known."""
        post = self._confirmed.get(post_id)
        if post is None:
            return None
        changes: dict[str, Any] = {}
        liked, saved = self.likes.of(post_id), self.saves.of(post_id)
        if liked is not None and isinstance(post, PhotoPost) and liked != post.is_liked_by_me:
            changes = {"is_liked_by_me": liked, "like_count": max(post.like_count + (1 if liked else -1), 0)}
        if saved is not None:
            changes["is_saved_by_me"] = saved
        return post.changed(**changes) if changes else post

    def version_of(self, post_id: str) -> int | None:
        """Return the confirmed version of a post, None if it is not known."""
        post = self._confirmed.get(post_id)
        return post.version if post is not None else None

    def decide(self, post_id: str, **confirmed: Any) -> None:
        """The platform has carried out a wish: `confirmed` are the post's fields now."""
        self._decided.setdefault(post_id, {}).update(dict.fromkeys(confirmed, self.now()))
        if (post := self._confirmed.get(post_id)) is not None:
            self._confirmed[post_id] = post.changed(**confirmed)


@dataclass
class PostList:
    """The order of one list of posts and how far it is known."""

    ids: list[str] = field(default_factory=list)
    next_cursor: str | None = None
    loaded: bool = False
    """Whether there is something to show, be it from this machine."""
    stale_since: float | None = None
    """When what is shown was fetched, in seconds since the epoch, as long as it comes from this machine."""
    failed: bool = False
    """Whether the last refresh came to nothing; what was shown is still shown."""
    answered: int = 0
    """When that was asked which is shown; see `PostBook.now`."""
    waiting: list[str] = field(default_factory=list)
    """Ids of a newer beginning that the user has not asked to see yet."""
    _newer_cursor: str | None = None

    @property
    def news(self) -> int:
        """How many posts have come that are not shown."""
        shown = set(self.ids)
        return sum(post_id not in shown for post_id in self.waiting)

    def begin(self, ids: Sequence[str], next_cursor: str | None) -> None:
        """Show a newly fetched beginning; what was known beyond it stays where the two touch."""
        self.ids, self.next_cursor = joined(self.ids, self.next_cursor, ids, next_cursor)
        self.loaded = True
        self.stale_since, self.failed = None, False
        self.waiting = []

    def recall(self, ids: Sequence[str], next_cursor: str | None, fetched_at: float) -> None:
        """Show what this machine has kept of it, `fetched_at` seconds since the epoch."""
        self.ids, self.next_cursor = _once(ids), next_cursor
        self.loaded, self.stale_since = True, fetched_at

    def announce(self, ids: Sequence[str], next_cursor: str | None) -> None:
        """Keep a newly fetched beginning ready without moving what is shown."""
        self.waiting, self._newer_cursor = list(ids), next_cursor

    def show_waiting(self) -> None:
        """Show what was announced."""
        if self.waiting:
            self.begin(self.waiting, self._newer_cursor)

    def extend(self, ids: Sequence[str], next_cursor: str | None) -> None:
        """Add the page that follows; what is already shown is not shown twice."""
        self.ids = _once([*self.ids, *ids])
        self.next_cursor = next_cursor

    def put_first(self, post_id: str) -> None:
        """Show a post at the top."""
        self.ids = _once([post_id, *self.ids])

    def remove(self, post_id: str) -> bool:
        """Take a post out; return whether it was there."""
        if post_id not in self.ids:
            return False
        self.ids = [other for other in self.ids if other != post_id]
        return True


def joined(
    known: Sequence[str], known_cursor: str | None, fresh: Sequence[str], fresh_cursor: str | None
) -> tuple[list[str], str | None]:
    """Return the ids and cursor of a list whose beginning is now `fresh`.

    Of what was known, that which follows the last common id is kept, with the cursor behind it. Without a common id
    there may be a gap, and where `fresh` is the whole list there is nothing beyond it: only `fresh` counts then.
    """
    new = set(fresh)
    common = [position for position, post_id in enumerate(known) if post_id in new]
    if not common or fresh_cursor is None:
        return _once(fresh), fresh_cursor
    rest = list(known[common[-1] + 1 :])
    if not rest:
        return _once(fresh), fresh_cursor
    return _once([*fresh, *rest]), known_cursor


def _once(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))
