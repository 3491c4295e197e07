"""The demo world's conversations and messages as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from server.db import Base
from server.demo.media_keys import media_key
from server.demo.models import Conversation, Message
from server.demo.world import World
from server.media import MediaStore
from server.tables.chat import ConversationRow, MemberRow, MessageRow

Rows = Iterable[tuple[type[Base], list[dict[str, Any]]]]


def chat_rows(world: World) -> Rows:
    """Yield conversations, their members, and the messages numbered in the order they were sent."""
    sent: dict[str, list[Message]] = defaultdict(list)
    for message in sorted(world.messages, key=lambda message: message.created_at):
        sent[message.conversation_id].append(message)
    yield ConversationRow, [_conversation(chat, sent[chat.id]) for chat in world.conversations]
    yield (
        MemberRow,
        [
            {
                "conversation_id": chat.id,
                "user_id": member.user_id,
                "role": "owner" if member.role == "admin" else member.role,
                "joined_at": member.joined_at,
                "joined_seq": 0,
                "last_read_seq": sum(message.created_at <= member.last_read_at for message in sent[chat.id]),
                "last_read_at": member.last_read_at,
            }
            for chat in world.conversations
            for member in chat.members
        ],
    )
    yield (
        MessageRow,
        [_message(message, number) for messages in sent.values() for number, message in enumerate(messages, start=1)],
    )


def _conversation(chat: Conversation, messages: list[Message]) -> dict[str, Any]:
    members = sorted(member.user_id for member in chat.members)
    return {
        "id": chat.id,
        "type": chat.type,
        "name": chat.name,
        "direct_key": ":".join(members) if chat.type == "direct" else None,
        "ttl_seconds": chat.ttl_seconds or None,
        "last_seq": len(messages),
        "version": 1,
        "created_at": chat.created_at,
        "last_activity_at": messages[-1].created_at if messages else chat.created_at,
    }


def _message(message: Message, number: int) -> dict[str, Any]:
    reference = message.reference or ""
    shares = message.type in ("post", "track")
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": number,
        "sender_id": message.sender_id,
        "type": message.type,
        "content": reference if shares else message.content,
        "media_url": MediaStore.url(media_key(reference)) if message.type == "image" and reference else None,
        "created_at": message.created_at,
    }
