"""The messages of all chats: from this machine at first, then from the platform, holes filled, room kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.chat import Message
from api_client.sync.cache import Cache, Position
from tui.state.archive import NEWEST, Archive, Kept
from tui.state.messages import Transcript, key_of
from tui.state.tasks import Tasks

PAGE = 100
"""Messages that are fetched at once."""
MOST_CHATS = 40
"""So many chats that nobody looks at stay in memory."""
MOST_MESSAGES = 4_000
"""From so many messages on, the middle of a chat is let go of while its beginning is read."""


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
        """`changed` is called with the id of a chat; `exists` says whether the platform may know a chat by its id."""
        self._client = client
        self._cache = cache
        self._archive = Archive(cache)
        self._me = me
        self._tell = changed
        self._exists = exists
        self._known: dict[str, Transcript] = {}
        self._positions: dict[str, Position] = {}
        self._hidden: set[str] = set()
        self._stock: dict[str, Kept] = {}
        self._watched: Counter[str] = Counter()
        self._asking: set[str] = set()
        self._in_vain: set[str] = set()
        self._stale: dict[str, datetime] = {}
        self._tasks = Tasks()

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
        """Something in a chat has changed: it is kept, and whoever shows it is told."""
        transcript = self._known.get(chat_id)
        if transcript is not None and transcript.loaded:
            self._archive.keep(chat_id, transcript)
        self._tell(chat_id)

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
            self._tell(chat_id)

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
        self._stock.pop(chat_id, None)
        self._archive.keep_older(chat_id, transcript)
        transcript.thin_out(NEWEST, lambda _: False)

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
            shown = await self._from_stock(chat_id, transcript)
            try:
                await self._fetch_before(chat_id, transcript, oldest)
            except PlatformError:
                if not shown:
                    raise
        finally:
            self._asking.discard(oldest.id)
        if len(transcript.messages) > MOST_MESSAGES:
            limit = key_of(transcript.messages[MOST_MESSAGES // 4])
            transcript.thin_out(NEWEST, lambda message: key_of(message) <= limit)
            self.changed(chat_id)

    async def _from_stock(self, chat_id: str, transcript: Transcript) -> bool:
        if chat_id not in self._stock:
            self._stock[chat_id] = await self._archive.older(chat_id)
        stock, oldest = self._stock[chat_id], transcript.oldest
        while stock.messages and oldest is not None and key_of(stock.messages[-1]) >= key_of(oldest):
            stock.messages.pop()
        taken = stock.take(PAGE)
        if not taken:
            return False
        transcript.restore(taken, stock.runs.runs, stock.runs.begins)
        self.changed(chat_id)
        return True

    def fill(self, chat_id: str, message_id: str) -> None:
        """A hole before a message is on the screen: fetch what belongs there, as soon as that is possible."""
        message = self.get(chat_id).get(message_id)
        if message is not None and message_id not in self._asking | self._in_vain:
            self._asking.add(message_id)
            self._tasks.later(self._fill(chat_id, message))

    async def _fill(self, chat_id: str, message: Message) -> None:
        transcript = self.get(chat_id)
        try:
            await self._fetch_before(chat_id, transcript, message)
            if message.id in transcript.holes:
                # Asking the same again would bring the same.
                self._in_vain.add(message.id)
        finally:
            self._asking.discard(message.id)

    async def _fetch_before(self, chat_id: str, transcript: Transcript, edge: Message) -> None:
        asked = transcript.asking()
        page = await self._client.chat.messages(chat_id, before=edge.id, limit=PAGE)
        transcript.take_before(key_of(edge), page.items, page.next_cursor is not None, asked)
        self.changed(chat_id)

    def on_gap(self) -> None:
        """The socket was away: what is shown is fetched again, and the rest when it is shown."""
        self._in_vain.clear()
        for chat_id, transcript in list(self._known.items()):
            transcript.on_gap()
            if chat_id in self._watched:
                self._tasks.later(self.load(chat_id))
                self._tell(chat_id)
