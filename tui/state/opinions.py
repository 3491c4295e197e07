"""What the user thinks of posts: likes, and what they keep for later."""

from __future__ import annotations

from collections.abc import Callable

from api_client import endpoints
from api_client.endpoints import Endpoint
from api_client.models.posts import LikeState, Post, SaveState
from api_client.sync.cache import Cache
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt
from tui.state.post_book import PostBook
from tui.state.writes import Writes

_LABELS = {
    endpoints.LIKE.name: "like a photo",
    endpoints.UNLIKE.name: "take a like back",
    endpoints.SAVE_POST.name: "save a post",
    endpoints.UNSAVE_POST.name: "take a post out of the saved ones",
}


class Opinions:
    """Lays them over the posts of a `PostBook` until the platform has confirmed them."""

    def __init__(
        self,
        writes: Writes,
        book: PostBook,
        cache: Cache,
        *,
        on_change: Callable[[str], None],
        on_saved: Callable[[str], None],
    ) -> None:
        """`on_change` hears the id of a post that looks different now, `on_saved` that of one that was saved."""
        self._writes = writes
        self._book = book
        self._cache = cache
        self._on_change = on_change
        self._on_saved = on_saved
        writes.show(endpoints.LIKE, endpoints.UNLIKE, by=self._follow_like)
        writes.show(endpoints.SAVE_POST, endpoints.UNSAVE_POST, by=self._follow_save)

    async def like(self, post_id: str, liked: bool) -> None:
        """Like a photo post, or take the like back. Raises PlatformError."""
        pair = (endpoints.LIKE, endpoints.UNLIKE)
        await self._do(post_id, *(pair if liked else pair[::-1]))

    async def save(self, post_id: str, saved: bool) -> None:
        """Keep a post of either kind, or no more. Raises PlatformError."""
        pair = (endpoints.SAVE_POST, endpoints.UNSAVE_POST)
        await self._do(post_id, *(pair if saved else pair[::-1]))

    async def _do(self, post_id: str, wanted: Endpoint, back: Endpoint) -> None:
        params = {"id": post_id}
        await self._writes.do(
            wanted,
            object_key=f"posts:{post_id}",
            label=_LABELS[wanted.name],
            params=params,
            undo=Inverse(back, params, label=_LABELS[back.name]),
        )

    async def _follow_like(self, receipt: Receipt) -> LikeState:
        post_id = receipt.intent.params["id"]
        with self._book.likes.wished(post_id, receipt.intent.endpoint == endpoints.LIKE, self._on_change):
            state: LikeState = await receipt
            self._recall(post_id)
            self._book.decide(post_id, is_liked_by_me=state.liked, like_count=state.like_count)
        return state

    async def _follow_save(self, receipt: Receipt) -> SaveState:
        post_id = receipt.intent.params["id"]
        with self._book.saves.wished(post_id, receipt.intent.endpoint == endpoints.SAVE_POST, self._on_change):
            state: SaveState = await receipt
            self._recall(post_id)
            self._book.decide(post_id, is_saved_by_me=state.saved)
            if state.saved:
                self._on_saved(post_id)
        return state

    def _recall(self, post_id: str) -> None:
        """What no list has shown yet is changed as well, where it is kept."""
        if self._book.version_of(post_id) is None and (kept := self._cache.record(f"posts:{post_id}", Post)):
            self._book.recall([kept])
