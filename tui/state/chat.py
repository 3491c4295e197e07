"""Chats: conversations, their messages, who is there and who types."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.chat import Conversation, Member, Message, NewConversation, Presence
from api_client.models.realtime import (
    MessageExpired,
    MessageRead,
    NewMessageEvent,
    PresenceEvent,
    ServerFrame,
    UserTyping,
)
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.cache import Cache, Position
from tui.state.chat_change import ChatChange, ChatPart
from tui.state.chat_writes import ChatWrites
from tui.state.conversations import Conversations
from tui.state.gathered import Gathered
from tui.state.messages import Transcript
from tui.state.observable import Observable
from tui.state.pages import every
from tui.state.presence import Company
from tui.state.pulse import Pulse
from tui.state.tasks import Tasks
from tui.state.transcripts import Transcripts
from tui.state.writes import Writes

READ_PAUSE = 1.0
"""Seconds between two times that it is told how far a chat was read, while messages keep coming."""
MOST_ASKED = 100
"""Of so many people it can be asked at once whether they are there."""


class ChatStore(Observable[ChatChange]):
    """One for the session. Reads are awaited; events from the socket come through `on_event`."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        realtime: Realtime,
        me: User,
        clock: Callable[[], float] = time.monotonic,
        cache: Cache | None = None,
    ) -> None:
        """What `cache` has is there at once; without one nothing outlasts the store."""
        super().__init__()
        cache = cache or Cache.in_memory()
        self._client = client
        self.me = me
        self._pulse = Pulse(self._told)
        self._marking: set[str] = set()
        """Chats of which it is being told how far they were read."""
        self._tasks = Tasks()
        self._company = Company(realtime, lambda chat_id: self.changed(ChatPart.TYPING, chat_id), clock)
        self._asked = 0
        self._answered = 0
        self._stale: datetime | None = None
        self.transcripts = Transcripts(client, cache, me.id, self._messages_changed, lambda c: self.book.may_exist(c))
        self.book = Conversations(me, cache, self.transcripts.peek)
        self._writes = ChatWrites(writes, me.id, self)
        self._heard = Gathered(self._take_in)

    async def close(self) -> None:
        """Fetch nothing any more; what was changed is in the outbox."""
        await self._tasks.close()
        await self.transcripts.close()

    # -- conversations

    @property
    def conversations(self) -> list[Conversation]:
        """All chats, the liveliest first; those that are only asked for are among them."""
        self._heard.now()
        return self.book.all

    @property
    def loaded(self) -> bool:
        """Whether there are chats to show, from this machine or from the platform."""
        return self.book.loaded

    @property
    def stale_since(self) -> datetime | None:
        """From when the list of chats is, if it could not be fetched again."""
        return self._stale

    @property
    def unread(self) -> int:
        """Messages nobody has looked at, over all chats."""
        return sum(conversation.unread_count for conversation in self.conversations)

    def conversation(self, chat_id: str) -> Conversation | None:
        """Return a chat that is known, or None."""
        self._heard.now()
        return self.book.get(chat_id)

    def actual(self, chat_id: str) -> str:
        """Return the id of a chat that was asked for under `chat_id`: there may have been one already."""
        return self.book.actual(chat_id)

    def others(self, conversation: Conversation) -> list[str]:
        """Return the ids of everybody in a chat but the user."""
        return self.book.others(conversation)

    def title(self, conversation: Conversation) -> str:
        """Return what a chat is called: its name, or the others in it."""
        if conversation.name:
            return conversation.name
        names = [m.full_name or m.username for m in conversation.members if m.user_id != self.me.id]
        return ", ".join(names) or "only you"

    def title_of(self, chat_id: str) -> str:
        """Return what a chat is called, as far as it is known."""
        conversation = self.conversation(chat_id)
        return self.title(conversation) if conversation is not None else "a chat"

    def name_of(self, conversation: Conversation | None, user_id: str) -> str:
        """Return the name of somebody in a chat."""
        for member in conversation.members if conversation else ():
            if member.user_id == user_id:
                return member.full_name or member.username
        return "somebody who left"

    async def load(self) -> None:
        """Fetch the chats and who of them is there. Raises PlatformError."""
        self._asked += 1
        number, moment = self._asked, self.book.moment
        try:
            found = await every(lambda cursor: self._client.chat.conversations(cursor, limit=100))
        except PlatformError:
            if self.book.loaded and self.book.fetched_at is not None:
                self._stale = datetime.fromtimestamp(self.book.fetched_at, UTC)
                self.changed(ChatPart.CONVERSATIONS)
            raise
        if number < self._answered:
            return
        self._answered, self._stale = number, None
        self.book.learn(found, moment)
        self.changed(ChatPart.CONVERSATIONS)
        people = {user for conversation in found for user in self.others(conversation)}
        if people:
            self.presence.update(await self._client.chat.presence(sorted(people)[:MOST_ASKED]))
            self.changed(ChatPart.PRESENCE)

    async def open_direct(self, user_id: str, person: Member | None = None) -> Conversation:
        """Return the chat with one person, asked for if there is none. Raises StoreTrouble."""
        known = self.book.direct_with(user_id)
        if known is not None:
            return known
        wish = build(NewConversation, id=new_id(), type="direct", member_ids=[user_id])
        name = f" with {person.username}" if person is not None else ""
        return await self.start(wish, f"start a chat{name}", [person] if person is not None else [])

    async def start(self, wish: NewConversation, label: str, people: Sequence[Member] = ()) -> Conversation:
        """Ask for a chat with `people`; it can be written in at once. Raises StoreTrouble."""
        return await self._writes.start(wish, label, people)

    # -- messages

    def transcript(self, chat_id: str) -> Transcript:
        """Return what is known of a chat's messages; what is kept on this machine is there at once."""
        self._heard.now()
        return self.transcripts.get(self.actual(chat_id))

    def watch(self, chat_id: str) -> None:
        """A screen shows a chat: it is kept as the platform has it."""
        self.transcripts.watch(self.actual(chat_id))

    def unwatch(self, chat_id: str) -> None:
        """Take back one `watch`."""
        self.transcripts.unwatch(self.actual(chat_id))

    async def load_messages(self, chat_id: str) -> None:
        """Fetch the newest messages. Raises PlatformError."""
        await self.transcripts.load(self.actual(chat_id))

    async def load_older(self, chat_id: str) -> None:
        """Show the messages before the oldest known ones. Raises PlatformError."""
        await self.transcripts.load_older(self.actual(chat_id))

    def stale(self, chat_id: str) -> datetime | None:
        """Return from when the messages of a chat are, if they could not be fetched again."""
        return self.transcripts.stale_since(self.actual(chat_id))

    def position(self, chat_id: str) -> Position | None:
        """Return the entry that was read and its row on the screen, an empty key for the end, None if never there."""
        return self.transcripts.position(self.actual(chat_id))

    def keep_position(self, chat_id: str, position: Position) -> None:
        """Keep the key of an entry and its row on the screen; an empty key stands for the end."""
        self.transcripts.keep_position(self.actual(chat_id), position)

    def fill(self, chat_id: str, message_id: str) -> asyncio.Task[None] | None:
        """A hole before a message is on the screen: fetch what belongs there.

        Returns the work, which raises PlatformError; None where it is under way, or would be in vain.
        """
        return self.transcripts.fill(self.actual(chat_id), message_id)

    async def send(self, chat_id: str, text: str, draft: str | None = None) -> None:
        """Send a message: shown once it is stored, confirmed when the platform has it. `draft` is its draft's key.

        Raises PlatformError when it is refused; the words then stay where they were written, marked.
        """
        await self._writes.send(chat_id, text, self.title_of(chat_id), draft)

    async def unsend(self, message: Message) -> None:
        """Take back an own message: gone at once, for the others after a moment in which this can be undone.

        Raises PlatformError; the message is then shown again.
        """
        await self._tasks.see_through(self._writes.unsend(message))

    async def withdraw(self, message: Message) -> bool:
        """Take back a message that is not sent yet; False if it is on the way at this moment."""
        return await self._writes.withdraw(message.client_id or "")

    async def read(self, chat_id: str) -> None:
        """Tell the platform that everything up to the newest message was read. Raises PlatformError."""
        chat_id = self.actual(chat_id)
        if chat_id in self._marking:
            return
        self._marking.add(chat_id)
        try:
            while (newest := self._to_be_read(chat_id)) is not None:
                await self._writes.read(chat_id, newest)
                if self._to_be_read(chat_id) is not None:
                    # More has come meanwhile, and goes on coming: once a second is often enough.
                    await asyncio.sleep(READ_PAUSE)
        finally:
            self._marking.discard(chat_id)

    async def read_unopened(self, chat_id: str) -> None:
        """Tell the platform that a chat was read up to what the list of chats shows of it. Raises PlatformError."""
        conversation = self.conversation(self.actual(chat_id))
        if conversation is not None and conversation.last_message is not None and conversation.unread_count:
            await self._writes.read(conversation.id, conversation.last_message)

    def _to_be_read(self, chat_id: str) -> Message | None:
        """Return the newest message, if it is to be told that it was read."""
        transcript, conversation = self.transcript(chat_id), self.conversation(chat_id)
        newest = transcript.newest
        if newest is None or transcript.has_read(newest):
            return None
        unread = newest.sender_id != self.me.id or (conversation is not None and conversation.unread_count > 0)
        return newest if unread else None

    # -- typing and presence

    @property
    def presence(self) -> dict[str, Presence]:
        """Who is there, by user id."""
        return self._company.presence

    def typists(self, chat_id: str) -> list[str]:
        """Return the ids of those who type in a chat."""
        return self._company.typists(chat_id)

    def say_typing(self, chat_id: str) -> None:
        """Let the others know that the user types, now and then."""
        if self.book.is_confirmed(chat_id):
            self._company.say_typing(self.actual(chat_id))

    # -- the socket

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket."""
        match frame:
            case NewMessageEvent(message=message):
                self._heard.add(message)
                return
            case _:
                self._heard.now()
        match frame:
            case UserTyping(chat_id=chat_id, user_id=user_id) if user_id != self.me.id:
                self._company.started(chat_id, user_id)
            case PresenceEvent(user_id=user_id, status=status, last_seen=last_seen):
                self.presence[user_id] = Presence(status=status, last_seen=last_seen)
                self.changed(ChatPart.PRESENCE)
            case MessageRead(chat_id=chat_id, message_id=message_id, user_id=user_id):
                self.transcripts.get(chat_id).read_up_to(message_id, user_id)
                self.transcripts.changed(chat_id)
                if user_id == self.me.id:
                    self.book.read(chat_id, message_id)
                    self.changed(ChatPart.CONVERSATIONS, chat_id)
            case MessageExpired(chat_id=chat_id, message_id=message_id):
                self.gone(chat_id, message_id)
            case _:
                pass

    def on_gap(self) -> None:
        """The socket was away: fetch the chats, and the messages of the one that is shown, again."""
        self._heard.now()
        self._tasks.later(self.load())
        self.transcripts.on_gap()

    def arrived(self, message: Message, *, heard: bool) -> None:
        """Take in a message that the platform has; `heard` says whether the socket brought it."""
        self._heard.now()
        self._arrived(message.chat_id, [message], heard=heard)

    def _take_in(self, messages: Sequence[Message]) -> None:
        """Take in what the socket brought, each chat's messages at one go."""
        chats: dict[str, list[Message]] = {}
        for message in messages:
            chats.setdefault(message.chat_id, []).append(message)
        for chat_id, heard in chats.items():
            for sender_id in {message.sender_id for message in heard}:
                self._company.stopped(chat_id, sender_id)
            self._arrived(chat_id, heard, heard=True)

    def _arrived(self, chat_id: str, messages: Sequence[Message], *, heard: bool) -> None:
        transcript = self.transcripts.get(chat_id)
        known: set[str] = set()
        news: list[tuple[Message, bool]] = []
        for message in messages:
            news.append((message, message.id not in known and transcript.get(message.id) is None))
            known.add(message.id)
        transcript.arrive_all(messages, heard=heard)
        self.transcripts.changed(chat_id)
        if self.book.messages(chat_id, news):
            self.changed(ChatPart.CONVERSATIONS, chat_id)
        else:
            self._tasks.later(self.load())

    def gone(self, chat_id: str, message_id: str) -> None:
        """Take out a message that is gone for good."""
        self._heard.now()
        transcript = self.transcripts.get(chat_id)
        message = transcript.get(message_id)
        was_unread = message is not None and message.sender_id != self.me.id and not transcript.has_read(message)
        self.transcripts.forget(chat_id, message_id)
        self.book.message_gone(chat_id, message_id, was_unread)
        self.changed(ChatPart.CONVERSATIONS, chat_id)

    def changed(self, part: ChatPart, chat_id: str | None = None) -> None:
        """Tell everybody of a change, soon."""
        self._pulse.beat(ChatChange(part, chat_id))

    def _messages_changed(self, chat_id: str) -> None:
        self.changed(ChatPart.MESSAGES, chat_id)

    def _told(self, change: ChatChange) -> None:
        if change.part is ChatPart.MESSAGES and change.chat_id is not None:
            self.transcripts.keep(change.chat_id)
        self.tell(change)
