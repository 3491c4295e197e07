"""Conversations, messages, presence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api_client.models.base import ClientId, Items, Line, Moment, OpenEnum, Several, WireModel

MESSAGE_LIMIT = 8000


class ConversationType(OpenEnum):
    """Two people, or more."""

    DIRECT = "direct"
    GROUP = "group"
    UNKNOWN = "unknown"


class MessageType(OpenEnum):
    """What a message carries; `content` of `post` and `track` is an id."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    POST = "post"
    TRACK = "track"
    UNKNOWN = "unknown"


class PresenceStatus(OpenEnum):
    """Whether somebody has a socket open."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Member(WireModel):
    """Somebody in a conversation."""

    user_id: str
    username: Line
    full_name: Line | None = None
    avatar_url: str | None = None
    role: Line = "member"


class Message(WireModel):
    """One message; `client_id` is the sender's own id for it, by which a retry is recognised."""

    id: str
    chat_id: str
    sender_id: str
    content: str = ""
    media_url: str | None = None
    type: MessageType = MessageType.TEXT
    ttl_seconds: int | None = None
    expires_at: Moment | None = None
    is_read: bool = False
    read_by: Several[str] = []
    is_screenshotted: bool = False
    is_deleted: bool = False
    client_id: str | None = None
    created_at: Moment


class Conversation(WireModel):
    """A chat as its member sees it."""

    id: str
    type: ConversationType = ConversationType.DIRECT
    name: Line | None = None
    members: Items[Member] = []
    last_message: Message | None = None
    unread_count: int = 0
    ttl_seconds: int | None = None
    created_at: Moment
    updated_at: Moment | None = None
    version: int = 1


class Presence(WireModel):
    """Whether somebody is there; `last_seen` is in ms since the epoch."""

    status: PresenceStatus = PresenceStatus.UNKNOWN
    last_seen: int | None = None


Presences = dict[str, Presence]
"""Presence by user id."""


class ReadState(WireModel):
    """Up to where the signed-in user has read."""

    message_id: str
    expires_at: Moment | None = None


class NewConversation(WireModel):
    """A chat to open; a direct one that exists already is returned instead of made twice."""

    id: ClientId | None = None
    type: Literal["direct", "group"] = "direct"
    member_ids: Annotated[list[str], Field(min_length=1, max_length=99)]
    name: Annotated[str, StringConstraints(max_length=100)] | None = None
    ttl_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None


class ConversationChange(WireModel):
    """Fields of a group to change; what is absent stays."""

    name: Annotated[str, StringConstraints(max_length=100)] | None = None
    ttl_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None


class NewMember(WireModel):
    """Somebody to bring into a group."""

    user_id: str


class NewMessage(WireModel):
    """A message to send."""

    id: ClientId | None = None
    content: Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_LIMIT)]
    type: Literal["text", "image", "video", "audio", "post", "track"] = "text"
    ttl_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
