"""The stories above the feed: as they were fetched last, and over them what was looked at meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.models.base import Items
from api_client.models.posts import TrayEntry
from api_client.sync.cache import Cache
from api_client.sync.receipts import Receipt
from tui.state.writes import Writes

_NAME = "stories"
_MOST = 50


class Stories:
    """Whose stories there are; `on_change` hears that they look different now."""

    def __init__(self, client: PlatformClient, writes: Writes, cache: Cache, on_change: Callable[[], None]) -> None:
        self._client = client
        self._writes = writes
        self._cache = cache
        self._on_change = on_change
        self._entries: list[TrayEntry] = []
        self._looking: dict[str, int] = {}
        """By story, how many writes say that it was seen."""
        self._recalled = False
        writes.show(endpoints.VIEW_STORY, by=self._follow_view)

    @property
    def tray(self) -> list[TrayEntry]:
        """Return one entry for each person, as the user has looked at them."""
        return [self._looked_at(entry) for entry in self._entries]

    async def load(self) -> None:
        """Show what this machine has, then fetch. Raises PlatformError."""
        if not self._recalled:
            self._recalled = True
            kept = self._cache.document(_NAME, Items[TrayEntry])
            if kept is not None and not self._entries:
                self._entries = kept.value
                self._on_change()
        self._entries = (await self._client.stories.tray(limit=_MOST)).items
        self._keep()

    async def view(self, entry: TrayEntry) -> None:
        """Mark somebody's stories as seen; shown at once. Raises PlatformError, and the mark is back."""
        unseen = [story.id for story in entry.stories if not story.seen]
        writes = [
            self._writes.do(
                endpoints.VIEW_STORY,
                object_key=f"stories:{story_id}",
                label="mark a story as seen",
                params={"id": story_id},
            )
            for story_id in unseen
        ]
        results = await asyncio.gather(*writes, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _follow_view(self, receipt: Receipt) -> None:
        story_id = receipt.intent.params["id"]
        self._looking[story_id] = self._looking.get(story_id, 0) + 1
        self._on_change()
        try:
            await receipt
            self._seen(story_id)
        except NotFound:
            # It has ended in the meantime, which is as good as seen.
            await self._writes.outbox.discard(receipt.id)
            self._seen(story_id)
        finally:
            self._looking[story_id] -= 1
            if not self._looking[story_id]:
                del self._looking[story_id]
            self._on_change()

    def _seen(self, story_id: str) -> None:
        self._entries = [_with_seen(entry, {story_id}) for entry in self._entries]
        self._keep()

    def _keep(self) -> None:
        self._cache.keep_document(_NAME, self._entries)
        self._on_change()

    def _looked_at(self, entry: TrayEntry) -> TrayEntry:
        return _with_seen(entry, self._looking.keys()) if self._looking else entry


def _with_seen(entry: TrayEntry, story_ids: Container[str]) -> TrayEntry:
    if not any(story.id in story_ids for story in entry.stories):
        return entry
    stories = [story.changed(seen=True) if story.id in story_ids else story for story in entry.stories]
    return entry.changed(stories=stories, seen=all(story.seen for story in stories))
