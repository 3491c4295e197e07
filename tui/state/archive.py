"""What is kept of chats on this machine: the newest messages for the first frame, and whatever was shown before them.

What goes out of memory is kept in pages that are found from the message beside them, in both directions: however long a
chat is, nothing has to be known of it but the message at which its window ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from api_client.models.base import WireModel
from api_client.models.chat import Message
from api_client.sync.cache import Cache, CacheView, Document, Listing
from tui.state.messages import Transcript

NEWEST = 100
"""So many messages of a chat are read for its first frame."""
PAGE = 100
"""Messages of a page."""


class Runs(WireModel):
    """Ids of messages, oldest first, those without a hole between them in one list."""

    runs: list[list[str]] = []
    begins: bool = False
    """Whether nothing comes before the first."""


class Archive:
    """Keeps transcripts in the cache. All keys are those of the socket."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def open(self, chat_id: str, transcript: Transcript) -> bool:
        """Show the newest messages that are kept; whether there were any."""
        name = _newest(chat_id)
        listing = self._cache.listing(name, Message)
        if listing is None:
            return False
        kept = self._cache.document(name, Runs)
        runs = kept.value if kept else Runs()
        transcript.restore(self._still_there(listing.items), runs.runs, runs.begins)
        return True

    def fetched_at(self, chat_id: str) -> float | None:
        """Return when the newest messages were fetched or heard last, in seconds since the epoch."""
        kept = self._cache.document(_newest(chat_id), Runs)
        return kept.fetched_at if kept else None

    def keep(self, chat_id: str, transcript: Transcript) -> None:
        """Keep the newest messages as they are now known."""
        messages = transcript.messages[-NEWEST:]
        begins = transcript.complete and bool(messages) and messages[0] == transcript.oldest
        self._cache.keep_listing(_newest(chat_id), _by_key(messages), None)
        self._cache.keep_document(_newest(chat_id), Runs(runs=transcript.runs(messages), begins=begins))

    def stow(self, stretch: Sequence[Message], *, begins: bool) -> None:
        """Keep messages without a hole between them, oldest first; `begins` says that nothing comes before them."""
        self._cache.keep(_by_key(stretch))
        for end in range(len(stretch) - 1, 0, -PAGE):
            page = stretch[max(end - PAGE, 0) : end + 1]
            self._keep_page(_before(page[-1].id), page, begins and page[0] is stretch[0])
        for start in range(0, len(stretch) - 1, PAGE):
            page = stretch[start : start + 1 + PAGE]
            self._keep_page(_after(page[0].id), page, False)

    def _keep_page(self, name: str, page: Sequence[Message], begins: bool) -> None:
        """Keep a page with the message beside it; the messages themselves are kept already."""
        self._cache.keep_order(name, _by_key(page), None)
        self._cache.keep_document(name, Runs(runs=[[message.id for message in page]], begins=begins))

    async def take_before(self, transcript: Transcript, edge: Message) -> bool:
        """Show the kept messages right before `edge`; whether there are any."""
        return await self._take(transcript, _before(edge.id), edge)

    async def take_after(self, transcript: Transcript, edge: Message) -> bool:
        """Show the kept messages right after `edge`; whether there are any."""
        return await self._take(transcript, _after(edge.id), edge)

    async def _take(self, transcript: Transcript, name: str, edge: Message) -> bool:
        def read(view: CacheView) -> tuple[Listing[Message] | None, Document[Runs] | None]:
            return view.listing(name, Message), view.document(name, Runs)

        listing, runs = await self._cache.read(read)
        if listing is None or runs is None or transcript.get(edge.id) is None:
            return False
        before = len(transcript)
        transcript.restore(self._still_there(listing.items), runs.value.runs, runs.value.begins)
        return len(transcript) > before

    def forget(self, message_id: str) -> None:
        """A message is gone for good."""
        self._cache.forget(f"messages:{message_id}")

    def _still_there(self, messages: Sequence[Message]) -> list[Message]:
        """Return those whose time is not up; the others are forgotten here as well."""
        now = datetime.now(UTC)
        over = [message for message in messages if message.expires_at is not None and message.expires_at <= now]
        for message in over:
            self.forget(message.id)
        return [message for message in messages if message not in over] if over else list(messages)


def _by_key(messages: Sequence[Message]) -> dict[str, Message]:
    return {f"messages:{message.id}": message for message in messages}


def _newest(chat_id: str) -> str:
    return f"messages:{chat_id}"


def _before(message_id: str) -> str:
    return f"messages before:{message_id}"


def _after(message_id: str) -> str:
    return f"messages after:{message_id}"
