"""What the user does in chats: how it looks until the platform has decided, and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from api_client import endpoints
from api_client.calls import build
from api_client.errors import NotFound, PlatformError
from api_client.ids import new_id
from api_client.models.chat import Conversation, Member, Message, MessageType, NewConversation, NewMessage
from api_client.sync.intents import Intent, Inverse
from api_client.sync.receipts import NotSent, Receipt, Status
from tui.state.asking import ask
from tui.state.chat_change import ChatPart
from tui.state.conversations import Conversations
from tui.state.message_entries import Delivery
from tui.state.transcripts import Transcripts
from tui.state.writes import Writes

REGRET = 5.0
"""Seconds for which a message can be taken back after it was sent, or unsent again before it is."""

_DELIVERY = {
    Status.QUEUED: Delivery.SENDING,
    Status.SENDING: Delivery.SENDING,
    Status.WAITING: Delivery.WAITING,
    Status.ATTENTION: Delivery.REFUSED,
}


class Chats(Protocol):
    """What the writes change: the store."""

    book: Conversations
    transcripts: Transcripts

    def arrived(self, message: Message, *, heard: bool) -> None:
        """Take in a message of the platform."""

    def gone(self, chat_id: str, message_id: str) -> None:
        """A message is gone for good."""

    def changed(self, part: ChatPart, chat_id: str | None = None) -> None:
        """Tell everybody."""


class ChatWrites:
    """One for the store. Creating a chat and writing in it are sent in this order; so are the messages of one chat."""

    def __init__(self, writes: Writes, me: str, chats: Chats) -> None:
        self._writes = writes
        self._me = me
        self._chats = chats
        self._book = chats.book
        self._transcripts = chats.transcripts
        writes.show(endpoints.SEND_MESSAGE, by=self._follow_message)
        writes.show(endpoints.DELETE_MESSAGE, by=self._follow_unsending)
        writes.show(endpoints.READ_MESSAGE, by=self._follow_reading)
        writes.show(endpoints.CREATE_CONVERSATION, by=self._follow_creation)
        writes.outbox.subscribe(self._moved)

    # -- asking

    async def send(self, chat_id: str, text: str, to: str, draft: str | None) -> None:
        """Send a message into the chat that is called `to`."""
        chat_id, message_id = self._book.actual(chat_id), new_id()
        await self._writes.do(
            endpoints.SEND_MESSAGE,
            object_key=f"chat:{chat_id}",
            label=f"message to {to}",
            params={"id": chat_id},
            body=build(NewMessage, id=message_id, content=text, client_id=message_id),
            holds_words=True,
            idempotency_key=message_id,
            draft=draft,
            undo=Inverse(
                endpoints.DELETE_MESSAGE, {"id": message_id}, label=f"unsend to {to}", within=REGRET, again=False
            ),
        )

    async def unsend(self, message: Message) -> None:
        """Take back an own message, after a moment in which this can be taken back itself."""
        await self._writes.do(
            endpoints.DELETE_MESSAGE,
            # Not the chat's own line: what is written meanwhile does not wait for this.
            object_key=f"message:{message.id}",
            label="unsend a message",
            params={"id": message.id},
            hold=REGRET,
            undo=Inverse(label="unsend a message"),
        )

    async def withdraw(self, client_id: str) -> bool:
        """Take back a message that is not sent; False if it is on the way at this moment, or was confirmed."""
        for receipt in self._writes.outbox.open:
            if _is_message(receipt) and _client_id(receipt) == client_id:
                return await self._writes.outbox.discard(receipt.id)
        return False

    async def read(self, chat_id: str, message: Message) -> None:
        """Say that a chat was read up to `message`; what was to be said before about it need not be any more."""
        key = f"read:{chat_id}"
        for receipt in self._writes.outbox.open:
            if receipt.intent.object_key == key:
                await self._writes.outbox.discard(receipt.id)
        await self._writes.do(
            endpoints.READ_MESSAGE, object_key=key, label="mark a chat as read", params={"id": message.id}
        )

    async def start(self, wish: NewConversation, label: str, people: Sequence[Member]) -> Conversation:
        """Ask for a chat; it can be written in at once. Raises StoreTrouble."""
        chat_id = wish.id or new_id()
        self._book.prepare(chat_id, wish, people, datetime.now(UTC))
        await ask(
            self._writes,
            endpoints.CREATE_CONVERSATION,
            object_key=f"chat:{chat_id}",
            label=label,
            body=wish.changed(id=chat_id),
            # What is written in it depends on it: it must not vanish.
            holds_words=True,
        )
        conversation = self._book.get(chat_id)
        if conversation is None:
            raise RuntimeError("a chat that was asked for is not shown")
        return conversation

    # -- following

    async def _follow_message(self, receipt: Receipt) -> Message:
        echo = self._echo(receipt)
        transcript = self._transcripts.get(echo.chat_id)
        transcript.echo(echo)
        self._message_moved(receipt)
        self._tell(echo.chat_id)
        try:
            message: Message = await receipt
        except NotSent:
            self._withdraw(receipt)
            raise
        except PlatformError as error:
            actual = self._book.actual(receipt.intent.params["id"])
            if isinstance(error, NotFound) and actual != receipt.intent.params["id"]:
                return await self._send_elsewhere(receipt, actual)
            if transcript.mark(_client_id(receipt), Delivery.REFUSED, error.sentence):
                self._tell(echo.chat_id)
            raise
        self._chats.arrived(message, heard=False)
        return message

    def _echo(self, receipt: Receipt) -> Message:
        intent, body = receipt.intent, receipt.intent.body
        return Message(
            id=body.id or receipt.id,
            chat_id=self._book.actual(intent.params["id"]),
            sender_id=self._me,
            content=body.content,
            type=MessageType(body.type),
            ttl_seconds=body.ttl_seconds,
            client_id=_client_id(receipt),
            created_at=datetime.fromtimestamp(intent.created_at, UTC),
        )

    async def _send_elsewhere(self, receipt: Receipt, chat_id: str) -> Message:
        """Send a message again to the chat that there was already, where a second one with somebody was asked for."""
        intent = receipt.intent
        again = Intent.of(
            intent.endpoint,
            object_key=f"chat:{chat_id}",
            created_at=intent.created_at,
            label=intent.label,
            params={"id": chat_id},
            # The platform takes a message of this client id once; the key has been used up by the refusal.
            body=intent.body,
            holds_words=True,
        )
        following = await self._writes.outbox.submit(again)
        await self._writes.outbox.discard(receipt.id)
        message: Message = await self._writes.follow(following)
        return message

    async def _follow_unsending(self, receipt: Receipt) -> None:
        message_id = receipt.intent.params["id"]
        self._transcripts.hide(message_id, True)
        try:
            await receipt
        except PlatformError as error:
            if isinstance(error, NotFound):
                self._gone(message_id)
            self._transcripts.hide(message_id, False)
            raise
        self._gone(message_id)
        self._transcripts.hide(message_id, False)

    def _gone(self, message_id: str) -> None:
        chat_id = self._transcripts.chat_of(message_id)
        if chat_id is not None:
            self._chats.gone(chat_id, message_id)

    async def _follow_reading(self, receipt: Receipt) -> None:
        message_id = receipt.intent.params["id"]
        # Of a chat that was never opened only the last message is known.
        chat_id = self._transcripts.chat_of(message_id) or self._book.ending_with(message_id)
        if chat_id is not None:
            self._transcripts.get(chat_id).read_up_to(message_id, self._me)
            self._book.read(chat_id, message_id)
            self._chats.changed(ChatPart.CONVERSATIONS, chat_id)
        await receipt

    async def _follow_creation(self, receipt: Receipt) -> Conversation:
        body: NewConversation = receipt.intent.body
        chat_id = body.id or receipt.id
        self._book.wish(chat_id, body, datetime.fromtimestamp(receipt.intent.created_at, UTC))
        if receipt.status is Status.ATTENTION:
            self._book.refuse(chat_id, receipt.reason or "")
        self._chats.changed(ChatPart.CONVERSATIONS)
        try:
            conversation: Conversation = await receipt
        except NotSent:
            self._book.withdraw(chat_id)
            self._chats.changed(ChatPart.CONVERSATIONS)
            raise
        except PlatformError as error:
            self._book.refuse(chat_id, error.sentence)
            self._chats.changed(ChatPart.CONVERSATIONS)
            raise
        self._book.settle(chat_id, conversation)
        if conversation.id != chat_id:
            self._move_echoes(chat_id, conversation.id)
        self._chats.changed(ChatPart.CONVERSATIONS)
        return conversation

    def _move_echoes(self, before: str, after: str) -> None:
        """What was written in the chat that was asked for stands in the one that there is."""
        here, there = self._transcripts.get(before), self._transcripts.get(after)
        for entry in here.on_the_way:
            there.echo(entry.message.changed(chat_id=after))
            there.mark(entry.key, entry.delivery, entry.reason)
            here.withdraw(entry.key)
        self._tell(before)
        self._tell(after)

    # -- how far it has come

    def _moved(self, receipt: Receipt) -> None:
        """A write has another state."""
        match receipt.intent.endpoint.name:
            case endpoints.CREATE_CONVERSATION.name:
                self._creation_moved(receipt)
            case endpoints.SEND_MESSAGE.name:
                self._message_moved(receipt)
            case _:
                pass

    def _message_moved(self, receipt: Receipt) -> None:
        if receipt.status is Status.DISCARDED:
            self._withdraw(receipt)
            return
        chat_id = self._book.actual(receipt.intent.params["id"])
        transcript = self._transcripts.peek(chat_id)
        delivery = _DELIVERY.get(receipt.status)
        if transcript is None or delivery is None:
            return
        client_id = _client_id(receipt)
        reason = receipt.reason if delivery is not Delivery.SENDING else None
        outbox = self._writes.outbox
        if receipt.status is Status.QUEUED and (outbox.held_up is not None or outbox.away):
            delivery, reason = Delivery.WAITING, outbox.held_up
        if transcript.mark(client_id, delivery, reason):
            transcript.reword(client_id, receipt.intent.body.content)
            self._tell(chat_id)

    def _creation_moved(self, receipt: Receipt) -> None:
        chat_id = receipt.intent.body.id or receipt.id
        if receipt.status is Status.DISCARDED:
            self._book.withdraw(chat_id)
            self._chats.changed(ChatPart.CONVERSATIONS)
        elif receipt.status is Status.QUEUED and self._book.trouble(chat_id) is not None:
            self._book.accept(chat_id)

    def _withdraw(self, receipt: Receipt) -> None:
        client_id = _client_id(receipt)
        for other in self._writes.outbox.open:
            if other.id != receipt.id and _is_message(other) and _client_id(other) == client_id:
                return
        for chat_id in {receipt.intent.params["id"], self._book.actual(receipt.intent.params["id"])}:
            transcript = self._transcripts.peek(chat_id)
            if transcript is not None and transcript.withdraw(client_id):
                self._tell(chat_id)

    def _tell(self, chat_id: str) -> None:
        self._transcripts.changed(chat_id)


def _is_message(receipt: Receipt) -> bool:
    return receipt.intent.endpoint.name == endpoints.SEND_MESSAGE.name


def _client_id(receipt: Receipt) -> str:
    client_id: str | None = receipt.intent.body.client_id
    return client_id or receipt.id
