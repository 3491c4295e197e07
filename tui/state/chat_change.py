"""What changes in the chats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
