"""The messages of all chats: from this machine at first, then from the platform, holes filled, room kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.chat import Message
from api_client.sync.cache import Cache, Position
from tui.state.archive import NEWEST, Archive
from tui.state.message_entries import key_of
from tui.state.messages import Transcript
from tui.state.tasks import Tasks

PAGE = 100
"""Messages that are fetched at once."""
MOST_CHATS = 40
"""So many chats that nobody looks at stay in memory."""
AROUND = 400
"""So many messages on either side of where somebody reads stay in memory."""
AT_THE_END = 600
"""From so many messages on, what is far from the end is let go of while somebody follows it."""
MOST_MESSAGES = 1_200
"""From so many messages on, what is far from there is let go of: it is kept on this machine, and comes back."""


class Transcripts:
    """Fetches what is looked at, and keeps what came."""

    def __init__(
        self,
        client: PlatformClient,
        cache: Cache,
        me: str,
        changed: Callable[[str], None],
        exists: Callable[[str], bool],
    ) -> None:
        """`changed` hears at once of a chat in which something has, by its id, and calls `keep` before it is shown.

        `exists` says whether the platform may know a chat by its id.
        """
        self._client = client
        self._cache = cache
        self._archive = Archive(cache)
        self._me = me
        self._changed = changed
        self._exists = exists
        self._known: dict[str, Transcript] = {}
        self._positions: dict[str, Position] = {}
        self._hidden: set[str] = set()
        self._watched: Counter[str] = Counter()
        self._asking: set[str] = set()
        self._in_vain: set[tuple[str, str]] = set()
        self._stale: dict[str, datetime] = {}
        self._tasks = Tasks()

    async def close(self) -> None:
        """Fetch nothing any more."""
        await self._tasks.close()

    # -- what is known

    def peek(self, chat_id: str) -> Transcript | None:
        """Return what is in memory of a chat."""
        return self._known.get(chat_id)

    def get(self, chat_id: str) -> Transcript:
        """Return what is known of a chat; what is kept on this machine is there at once."""
        found = self._known.pop(chat_id, None)
        if found is None:
            self._make_room()
            found = Transcript(self._me, self._hidden)
            self._archive.open(chat_id, found)
        self._known[chat_id] = found
        return found

    def chat_of(self, message_id: str) -> str | None:
        """Return the id of the chat in which a message stands."""
        for chat_id, transcript in self._known.items():
            if transcript.get(message_id) is not None:
                return chat_id
        kept = self._cache.record(f"messages:{message_id}", Message)
        return kept.chat_id if kept else None

    def stale_since(self, chat_id: str) -> datetime | None:
        """Return from when what is shown is, if it could not be fetched again."""
        return self._stale.get(chat_id)

    def changed(self, chat_id: str) -> None:
        """Something in a chat has changed: it is kept soon, and whoever shows it is told."""
        transcript = self._known.get(chat_id)
        if transcript is not None and transcript.loaded:
            self._bound(chat_id, transcript)
        self._changed(chat_id)

    def keep(self, chat_id: str) -> None:
        """Keep the newest messages of a chat as they are now."""
        transcript = self._known.get(chat_id)
        if transcript is not None and transcript.loaded:
            self._archive.keep(chat_id, transcript)

    def forget(self, chat_id: str, message_id: str) -> None:
        """A message is gone for good."""
        self.get(chat_id).forget(message_id)
        self._archive.forget(message_id)
        self.changed(chat_id)

    def hide(self, message_id: str, hidden: bool) -> None:
        """Let a message be gone, or show it again, before the platform has decided."""
        (self._hidden.add if hidden else self._hidden.discard)(message_id)
        chat_id = self.chat_of(message_id)
        if chat_id is not None and (transcript := self._known.get(chat_id)) is not None:
            transcript.show_anew()
            self._changed(chat_id)

    # -- what is looked at

    def watch(self, chat_id: str) -> None:
        """A screen shows a chat."""
        self._watched[chat_id] += 1
        self.get(chat_id)

    def unwatch(self, chat_id: str) -> None:
        """It shows it no more: older messages go out of memory."""
        self._watched[chat_id] -= 1
        transcript = self._known.get(chat_id)
        if self._watched[chat_id] > 0 or transcript is None:
            return
        del self._watched[chat_id]
        self._let_go(transcript, NEWEST, lambda _: False)

    def _make_room(self) -> None:
        idle = [c for c, t in self._known.items() if c not in self._watched and not t.on_the_way]
        for chat_id in idle[: max(len(idle) - MOST_CHATS + 1, 0)]:
            del self._known[chat_id]

    def position(self, chat_id: str) -> Position | None:
        """Return where the user was reading; an empty key stands for the end."""
        return self._cache.position(f"chat:{chat_id}")

    def keep_position(self, chat_id: str, position: Position) -> None:
        """Keep the key of an entry and its row on the screen; an empty key stands for the end."""
        if self._positions.get(chat_id) != position:
            self._positions[chat_id] = position
            self._cache.keep_position(f"chat:{chat_id}", position)

    # -- reading

    async def load(self, chat_id: str) -> None:
        """Fetch the newest messages. Raises PlatformError."""
        transcript = self.get(chat_id)
        if not self._exists(chat_id):
            return
        asked = transcript.asking()
        try:
            page = await self._client.chat.messages(chat_id, limit=PAGE)
        except PlatformError:
            fetched_at = self._archive.fetched_at(chat_id)
            if transcript.loaded and fetched_at is not None:
                self._stale.setdefault(chat_id, datetime.fromtimestamp(fetched_at, UTC))
            raise
        self._stale.pop(chat_id, None)
        transcript.take_newest(page.items, page.next_cursor is not None, asked)
        self.changed(chat_id)

    async def load_older(self, chat_id: str) -> None:
        """Show the messages before the oldest known ones, kept ones first. Raises PlatformError if there are none."""
        transcript = self.get(chat_id)
        oldest = transcript.oldest
        if oldest is None or transcript.complete or oldest.id in self._asking:
            return
        self._asking.add(oldest.id)
        try:
            shown = await self._from_archive(chat_id, self._archive.take_before(transcript, oldest))
            try:
                await self._fetch_before(chat_id, transcript, oldest)
            except PlatformError:
                if not shown:
                    raise
        finally:
            self._asking.discard(oldest.id)

    async def _from_archive(self, chat_id: str, taking: Awaitable[bool]) -> bool:
        shown = await taking
        if shown:
            self.changed(chat_id)
        return shown

    def fill(self, chat_id: str, message_id: str) -> asyncio.Task[None] | None:
        """A hole before a message is on the screen: fetch what belongs there, from the side on which somebody reads.

        Returns the work, which raises PlatformError; None where it is under way, or would be in vain.
        """
        transcript = self.get(chat_id)
        message, before = transcript.get(message_id), transcript.before(message_id)
        if message is None or before is None or message_id in self._asking:
            return None
        if (before.id, message_id) in self._in_vain:
            return None
        self._asking.add(message_id)
        return self._tasks.start(self._fill(chat_id, before, message))

    async def _fill(self, chat_id: str, before: Message, message: Message) -> None:
        transcript = self.get(chat_id)
        reading = self._reads_at(chat_id, transcript)
        place = transcript.place_of(transcript.entry_key(message))
        try:
            if reading is None or place is None or reading >= place:
                if not await self._from_archive(chat_id, self._archive.take_before(transcript, message)):
                    await self._fetch_before(chat_id, transcript, message)
            elif not await self._from_archive(chat_id, self._archive.take_after(transcript, before)):
                await self._fetch_after(chat_id, transcript, before, message)
            if transcript.before(message.id) == before and message.id in transcript.holes:
                # Asking the same again would bring the same.
                self._in_vain.add((before.id, message.id))
        finally:
            self._asking.discard(message.id)

    async def _fetch_before(self, chat_id: str, transcript: Transcript, edge: Message) -> None:
        asked = transcript.asking()
        page = await self._client.chat.messages(chat_id, before=edge.id, limit=PAGE)
        transcript.take_before(key_of(edge), page.items, page.next_cursor is not None, asked)
        self.changed(chat_id)

    async def _fetch_after(self, chat_id: str, transcript: Transcript, edge: Message, behind: Message) -> None:
        asked = transcript.asking()
        page = await self._client.chat.messages(chat_id, after=edge.id, limit=PAGE)
        if transcript.take_after(key_of(edge), page.items, page.next_cursor is not None, asked):
            self.changed(chat_id)
        else:
            # This platform can be asked for what came before a message only.
            await self._fetch_before(chat_id, transcript, behind)

    # -- room

    def _reads_at(self, chat_id: str, transcript: Transcript) -> int | None:
        """Return how many messages stand before the one that somebody is reading; None at the end."""
        position = self._positions.get(chat_id) or self.position(chat_id)
        return transcript.place_of(position.item_key) if position is not None and position.item_key else None

    def _bound(self, chat_id: str, transcript: Transcript) -> None:
        """Let go of what is far from where somebody reads, if there is too much of it."""
        if len(transcript) <= AT_THE_END:
            return
        position = self._positions.get(chat_id)
        if position is not None and not position.item_key:
            # Whoever follows the end needs little, also while thousands come in a minute.
            self._let_go(transcript, AT_THE_END // 2, lambda _: False)
            return
        if len(transcript) <= MOST_MESSAGES:
            return
        reading = self._reads_at(chat_id, transcript)
        if reading is None:
            self._let_go(transcript, 2 * AROUND, lambda _: False)
            return
        messages = transcript.messages
        low = key_of(messages[max(reading - AROUND, 0)])
        high = key_of(messages[min(reading + AROUND, len(messages) - 1)])
        self._let_go(transcript, NEWEST, lambda message: low <= key_of(message) <= high)

    def _let_go(self, transcript: Transcript, newest: int, keep: Callable[[Message], bool]) -> None:
        begins = transcript.complete
        oldest = transcript.oldest
        for stretch in transcript.thin_out(newest, keep):
            self._archive.stow(stretch, begins=begins and stretch[0] == oldest)

    def on_gap(self) -> None:
        """The socket was away: what is shown is fetched again, and the rest when it is shown."""
        self._in_vain.clear()
        for chat_id, transcript in list(self._known.items()):
            transcript.on_gap()
            if chat_id in self._watched:
                self._tasks.later(self.load(chat_id))
                self._changed(chat_id)
