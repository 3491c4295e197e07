"""Conversations and messages over REST; what arrives by itself is in `api_client.realtime`."""

from __future__ import annotations

from collections.abc import Iterable

from api_client import endpoints as table
from api_client.calls import Group, Page, build
from api_client.models.base import Done
from api_client.models.chat import (
    Conversation,
    ConversationChange,
    Message,
    NewConversation,
    NewMember,
    NewMessage,
    Presence,
    ReadState,
)


class Chat(Group):
    """Conversations of the signed-in user."""

    async def conversations(self, cursor: str | None = None, *, limit: int | None = None) -> Page[Conversation]:
        """Return the conversations, the one with the newest message first."""
        return await self._page(table.CONVERSATIONS, cursor=cursor, limit=limit)

    async def create(self, conversation: NewConversation, *, idempotency_key: str | None = None) -> Conversation:
        """Open a conversation; a direct one that exists already is returned."""
        return await self._one(
            Conversation, table.CREATE_CONVERSATION, body=conversation, idempotency_key=idempotency_key
        )

    async def conversation(self, chat_id: str) -> Conversation:
        """Return one conversation."""
        return await self._one(Conversation, table.CONVERSATION, path={"id": chat_id})

    async def change(self, chat_id: str, change: ConversationChange) -> Conversation:
        """Change a group; fields that `change` does not set stay."""
        return await self._one(Conversation, table.CHANGE_CONVERSATION, path={"id": chat_id}, body=change)

    async def add_member(self, chat_id: str, user_id: str) -> Conversation:
        """Bring somebody into a group."""
        return await self._one(
            Conversation, table.ADD_MEMBER, path={"id": chat_id}, body=build(NewMember, user_id=user_id)
        )

    async def remove_member(self, chat_id: str, user_id: str) -> None:
        """Take somebody out of a group, or leave it with the own id."""
        await self._one(Done, table.REMOVE_MEMBER, path={"id": chat_id, "userId": user_id})

    async def messages(
        self,
        chat_id: str,
        cursor: str | None = None,
        *,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Page[Message]:
        """Return messages, newest first: those sent before the message `before`, or the newest of all.

        With `after` those that follow that message, the oldest first; a platform that does not know this gives the
        newest of all.
        """
        query = {"before": before, "after": after}
        return await self._page(table.MESSAGES, path={"id": chat_id}, query=query, cursor=cursor, limit=limit)

    async def send(self, chat_id: str, message: NewMessage, *, idempotency_key: str | None = None) -> Message:
        """Send a message; its `client_id` makes a repetition recognisable."""
        return await self._one(
            Message, table.SEND_MESSAGE, path={"id": chat_id}, body=message, idempotency_key=idempotency_key
        )

    async def read(self, message_id: str) -> ReadState:
        """Say that the conversation is read up to a message."""
        return await self._one(ReadState, table.READ_MESSAGE, path={"id": message_id})

    async def unsend(self, message_id: str) -> None:
        """Take an own message back, for everybody."""
        await self._one(Done, table.DELETE_MESSAGE, path={"id": message_id})

    async def presence(self, user_ids: Iterable[str]) -> dict[str, Presence]:
        """Return by user id who is there."""
        found: dict[str, Presence] = await self._caller.call(table.PRESENCE, query={"ids": ",".join(user_ids)})
        return found
