"""Chats: conversations, their messages, who is there and who types."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.models.chat import Conversation, ConversationType, Message, NewConversation, NewMessage, Presence
from api_client.models.realtime import (
    MessageExpired,
    MessageRead,
    NewMessageEvent,
    PresenceEvent,
    ServerFrame,
    Typing,
    UserTyping,
)
from api_client.models.users import User
from api_client.realtime import Realtime
from tui.state.messages import Transcript
from tui.state.observable import Observable
from tui.state.writes import Writes

TYPING_LASTS = 5.0
"""Seconds after which somebody who said nothing more is taken to have stopped typing."""
TYPING_EVERY = 3.0
"""Seconds between two notices that the user types."""


class ChatPart(Enum):
    """What has changed."""

    CONVERSATIONS = "conversations"
    MESSAGES = "messages"
    TYPING = "typing"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class ChatChange:
    """A part of one chat, or of all where `chat_id` is None."""

    part: ChatPart
    chat_id: str | None = None


class ChatStore(Observable[ChatChange]):
    """One for the session. Reads are awaited; events from the socket come through `on_event`."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        realtime: Realtime,
        me: User,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._client = client
        self._writes = writes
        self._realtime = realtime
        self.me = me
        self._clock = clock
        self._conversations: dict[str, Conversation] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._typing: dict[str, dict[str, asyncio.TimerHandle]] = {}
        self._told_typing: dict[str, float] = {}
        self._read: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.presence: dict[str, Presence] = {}
        self.loaded = False

    # -- conversations

    @property
    def conversations(self) -> list[Conversation]:
        """All chats, the liveliest first."""
        return sorted(self._conversations.values(), key=_last_activity, reverse=True)

    @property
    def unread(self) -> int:
        """Messages nobody has looked at, over all chats."""
        return sum(conversation.unread_count for conversation in self._conversations.values())

    def conversation(self, chat_id: str) -> Conversation | None:
        """Return a chat that is known, or None."""
        return self._conversations.get(chat_id)

    def others(self, conversation: Conversation) -> list[str]:
        """Return the ids of everybody in a chat but the user."""
        return [member.user_id for member in conversation.members if member.user_id != self.me.id]

    def title(self, conversation: Conversation) -> str:
        """Return what a chat is called: its name, or the others in it."""
        if conversation.name:
            return conversation.name
        names = [m.full_name or m.username for m in conversation.members if m.user_id != self.me.id]
        return ", ".join(names) or "only you"

    def name_of(self, conversation: Conversation | None, user_id: str) -> str:
        """Return the name of somebody in a chat."""
        for member in conversation.members if conversation else ():
            if member.user_id == user_id:
                return member.full_name or member.username
        return "somebody who left"

    async def load(self) -> None:
        """Fetch the chats and who of them is there. Raises PlatformError."""
        cursor: str | None = None
        found: dict[str, Conversation] = {}
        while True:
            page = await self._client.chat.conversations(cursor, limit=100)
            found.update((conversation.id, conversation) for conversation in page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
        self._conversations = found
        self.loaded = True
        self.tell(ChatChange(ChatPart.CONVERSATIONS))
        people = {user for conversation in found.values() for user in self.others(conversation)}
        if people:
            self.presence.update(await self._client.chat.presence(sorted(people)[:100]))
            self.tell(ChatChange(ChatPart.PRESENCE))

    async def open_direct(self, user_id: str) -> Conversation:
        """Return the chat with one person, made if there is none. Raises PlatformError."""
        for conversation in self._conversations.values():
            if conversation.type is ConversationType.DIRECT and self.others(conversation) == [user_id]:
                return conversation
        return await self.start(NewConversation(type="direct", member_ids=[user_id]), "start a chat")

    async def start(self, wish: NewConversation, label: str) -> Conversation:
        """Open a chat. Raises PlatformError."""
        conversation: Conversation = await self._writes.do(
            endpoints.CREATE_CONVERSATION, object_key="conversations", label=label, body=wish
        )
        self._conversations[conversation.id] = conversation
        self.tell(ChatChange(ChatPart.CONVERSATIONS))
        return conversation

    # -- messages

    def transcript(self, chat_id: str) -> Transcript:
        """Return what is known of a chat's messages."""
        return self._transcripts.setdefault(chat_id, Transcript())

    async def load_messages(self, chat_id: str) -> None:
        """Fetch the newest messages. Raises PlatformError."""
        page = await self._client.chat.messages(chat_id, limit=50)
        transcript = self.transcript(chat_id)
        transcript.add(page.items)
        if not transcript.loaded:
            transcript.next_cursor = page.next_cursor
            transcript.loaded = True
        self.tell(ChatChange(ChatPart.MESSAGES, chat_id))

    async def load_older(self, chat_id: str) -> None:
        """Fetch the messages before the oldest known ones. Raises PlatformError."""
        transcript = self.transcript(chat_id)
        if transcript.next_cursor is None:
            return
        page = await self._client.chat.messages(chat_id, transcript.next_cursor, limit=50)
        transcript.add(page.items)
        transcript.next_cursor = page.next_cursor
        self.tell(ChatChange(ChatPart.MESSAGES, chat_id))

    async def send(self, chat_id: str, text: str) -> None:
        """Send a message: shown at once, confirmed when the platform has it.

        Raises PlatformError when it is refused; the words then stay where they were written, marked.
        """
        client_id = str(uuid.uuid4())
        echo = Message(
            id=client_id,
            chat_id=chat_id,
            sender_id=self.me.id,
            content=text,
            client_id=client_id,
            created_at=datetime.now(UTC),
        )
        transcript = self.transcript(chat_id)
        transcript.echo(echo)
        self.tell(ChatChange(ChatPart.MESSAGES, chat_id))
        try:
            message: Message = await self._writes.do(
                endpoints.SEND_MESSAGE,
                object_key=f"chat:{chat_id}",
                label="send a message",
                params={"id": chat_id},
                body=NewMessage(content=text, client_id=client_id),
                holds_words=True,
                idempotency_key=client_id,
            )
        except PlatformError as error:
            transcript.refuse(client_id, error.sentence)
            self.tell(ChatChange(ChatPart.MESSAGES, chat_id))
            raise
        self._arrived(message)

    async def unsend(self, message: Message) -> None:
        """Take back an own message. Raises PlatformError; the message is then shown again."""
        transcript = self.transcript(message.chat_id)
        transcript.forget(message.id)
        self.tell(ChatChange(ChatPart.MESSAGES, message.chat_id))
        try:
            await self._writes.do(
                endpoints.DELETE_MESSAGE,
                object_key=f"chat:{message.chat_id}",
                label="unsend a message",
                params={"id": message.id},
            )
        except PlatformError:
            transcript.add([message])
            self.tell(ChatChange(ChatPart.MESSAGES, message.chat_id))
            raise

    async def read(self, chat_id: str) -> None:
        """Tell the platform that everything up to the newest message was read. Raises PlatformError."""
        newest = self.transcript(chat_id).newest
        conversation = self._conversations.get(chat_id)
        if newest is None or self._read.get(chat_id) == newest.id:
            return
        self._read[chat_id] = newest.id
        if conversation is not None and conversation.unread_count:
            self._conversations[chat_id] = conversation.changed(unread_count=0)
            self.tell(ChatChange(ChatPart.CONVERSATIONS, chat_id))
        if newest.sender_id != self.me.id or (conversation is not None and conversation.unread_count):
            await self._writes.do(
                endpoints.READ_MESSAGE,
                object_key=f"read:{chat_id}",
                label="mark a chat as read",
                params={"id": newest.id},
            )

    # -- typing and presence

    def typists(self, chat_id: str) -> list[str]:
        """Return the ids of those who type in a chat."""
        return list(self._typing.get(chat_id, ()))

    def say_typing(self, chat_id: str) -> None:
        """Let the others know that the user types, now and then."""
        now = self._clock()
        if now - self._told_typing.get(chat_id, -TYPING_EVERY) >= TYPING_EVERY:
            self._told_typing[chat_id] = now
            self._realtime.send(Typing(chat_id=chat_id))

    # -- the socket

    def on_event(self, frame: ServerFrame) -> None:
        """Take in an event of the socket."""
        match frame:
            case NewMessageEvent(message=message):
                self._stop_typing(message.chat_id, message.sender_id)
                self._arrived(message)
            case UserTyping(chat_id=chat_id, user_id=user_id) if user_id != self.me.id:
                self._start_typing(chat_id, user_id)
            case PresenceEvent(user_id=user_id, status=status, last_seen=last_seen):
                self.presence[user_id] = Presence(status=status, last_seen=last_seen)
                self.tell(ChatChange(ChatPart.PRESENCE))
            case MessageRead(chat_id=chat_id, message_id=message_id, user_id=user_id):
                self.transcript(chat_id).read_up_to(message_id, user_id)
                self.tell(ChatChange(ChatPart.MESSAGES, chat_id))
            case MessageExpired(chat_id=chat_id, message_id=message_id):
                self.transcript(chat_id).forget(message_id)
                self.tell(ChatChange(ChatPart.MESSAGES, chat_id))
            case _:
                pass

    def on_gap(self) -> None:
        """The socket was away: fetch the chats, and the messages of those that were opened, again."""
        self._later(self.load())
        for chat_id, transcript in self._transcripts.items():
            if transcript.loaded:
                self._later(self.load_messages(chat_id))

    def _arrived(self, message: Message) -> None:
        known = message.id in {entry.message.id for entry in self.transcript(message.chat_id).entries}
        self.transcript(message.chat_id).add([message])
        self.tell(ChatChange(ChatPart.MESSAGES, message.chat_id))
        conversation = self._conversations.get(message.chat_id)
        if conversation is None:
            self._later(self.load())
            return
        last = conversation.last_message
        if last is None or (last.created_at, last.id) <= (message.created_at, message.id):
            more = 0 if known or message.sender_id == self.me.id else 1
            self._conversations[message.chat_id] = conversation.changed(
                last_message=message, unread_count=conversation.unread_count + more
            )
            self.tell(ChatChange(ChatPart.CONVERSATIONS, message.chat_id))

    def _start_typing(self, chat_id: str, user_id: str) -> None:
        typing = self._typing.setdefault(chat_id, {})
        if (earlier := typing.pop(user_id, None)) is not None:
            earlier.cancel()
        typing[user_id] = asyncio.get_running_loop().call_later(TYPING_LASTS, self._stop_typing, chat_id, user_id)
        self.tell(ChatChange(ChatPart.TYPING, chat_id))

    def _stop_typing(self, chat_id: str, user_id: str) -> None:
        if (timer := self._typing.get(chat_id, {}).pop(user_id, None)) is not None:
            timer.cancel()
            self.tell(ChatChange(ChatPart.TYPING, chat_id))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        async def quietly() -> None:
            try:
                await work
            except PlatformError:
                # The connection has gone again; its return asks for the same once more.
                return

        task = asyncio.create_task(quietly(), name="chat: catch up")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _last_activity(conversation: Conversation) -> tuple[datetime, str]:
    last = conversation.last_message
    return (last.created_at if last else conversation.updated_at or conversation.created_at, conversation.id)
