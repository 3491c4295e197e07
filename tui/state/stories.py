"""The stories above the feed: as they were fetched last, and over them what was looked at meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container

from pydantic import TypeAdapter

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import ErrorCode, NotFound, api_error
from api_client.models.base import Items
from api_client.models.posts import Story, TrayEntry
from api_client.sync.cache import Cache
from api_client.sync.receipts import Receipt
from tui.state.live_records import Shelf
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

    @property
    def shelf(self) -> Shelf[Story, None]:
        """How stories are held that may change, or go, while they are shown."""
        return Shelf(
            TypeAdapter(Story),
            known=lambda story_id: None if (story := self._story(story_id)) is None else story.version,
            asked=lambda _: None,
            take=self._take,
            gone=lambda story_id: self._replace(story_id, None),
            fetch=self._fetch,
        )

    def _story(self, story_id: str) -> Story | None:
        return next((story for entry in self._entries for story in entry.stories if story.id == story_id), None)

    def _take(self, story_id: str, story: Story, _: None) -> None:
        self._replace(story_id, story)

    def _replace(self, story_id: str, story: Story | None) -> None:
        self._entries = [found for entry in self._entries if (found := _with_story(entry, story_id, story)).stories]
        self._keep()

    async def _fetch(self, story_id: str) -> Story:
        """Return a story out of all that there are: none is given by itself."""
        await self.load()
        if (story := self._story(story_id)) is None:
            raise api_error(404, ErrorCode.NOT_FOUND, "The story is over.")
        return story

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


def _with_story(entry: TrayEntry, story_id: str, story: Story | None) -> TrayEntry:
    if not any(known.id == story_id for known in entry.stories):
        return entry
    there = (story if known.id == story_id else known for known in entry.stories)
    stories = [known for known in there if known is not None]
    return entry.changed(stories=stories, seen=all(known.seen for known in stories))


def _with_seen(entry: TrayEntry, story_ids: Container[str]) -> TrayEntry:
    if not any(story.id in story_ids for story in entry.stories):
        return entry
    stories = [story.changed(seen=True) if story.id in story_ids else story for story in entry.stories]
    return entry.changed(stories=stories, seen=all(story.seen for story in stories))
