"""What is kept of chats on this machine: the newest messages for the first frame, older ones behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api_client.models.base import WireModel
from api_client.models.chat import Message
from api_client.sync.cache import Cache, CacheView
from tui.state.messages import Transcript

NEWEST = 100
"""So many messages of a chat are read for its first frame."""
OLDER = 900
"""So many older ones are kept besides."""


class Runs(WireModel):
    """Ids of messages, oldest first, those without a hole between them in one list."""

    runs: list[list[str]] = []
    begins: bool = False
    """Whether nothing comes before the first."""


@dataclass
class Kept:
    """Messages that were read from this machine and are not shown yet, oldest first."""

    messages: list[Message] = field(default_factory=list)
    runs: Runs = field(default_factory=Runs)

    def take(self, count: int) -> list[Message]:
        """Return the newest `count` of them, which are then shown."""
        taken = self.messages[-count:]
        del self.messages[-count:]
        return taken


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

    async def older(self, chat_id: str) -> Kept:
        """Read the older messages that are kept."""
        name = _older(chat_id)

        def read(view: CacheView) -> Kept:
            listing, runs = view.listing(name, Message), view.document(name, Runs)
            if listing is None or runs is None:
                return Kept()
            return Kept(listing.items, runs.value)

        kept = await self._cache.read(read)
        return Kept(self._still_there(kept.messages), kept.runs)

    def keep(self, chat_id: str, transcript: Transcript) -> None:
        """Keep the newest messages as they are now known."""
        self._store(_newest(chat_id), transcript, transcript.messages[-NEWEST:])

    def keep_older(self, chat_id: str, transcript: Transcript) -> None:
        """Keep the older ones as well, as far as they are shown."""
        messages = transcript.messages
        if len(messages) > NEWEST:
            # One message stands in both lists: whether something is missing between them is then known.
            self._store(_older(chat_id), transcript, messages[-NEWEST - OLDER : 1 - NEWEST])

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

    def _store(self, name: str, transcript: Transcript, messages: Sequence[Message]) -> None:
        begins = transcript.complete and bool(messages) and messages[0] == transcript.oldest
        self._cache.keep_listing(name, {f"messages:{message.id}": message for message in messages}, None)
        self._cache.keep_document(name, Runs(runs=transcript.runs(messages), begins=begins))


def _newest(chat_id: str) -> str:
    return f"messages:{chat_id}"


def _older(chat_id: str) -> str:
    return f"messages:{chat_id}:older"
