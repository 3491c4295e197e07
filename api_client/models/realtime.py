"""Frames of the one WebSocket, both vocabularies.

Client to server are requests (`Auth` ... `Ping`), server to client are events (`Ready` ... `Pong`). The tag is `type`
and is spelt as on the wire. An event of a type that is not known here reads as None and is passed over.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from api_client.models.base import ClientId, Items, WireModel
from api_client.models.chat import MESSAGE_LIMIT, Message, PresenceStatus
from api_client.models.player import CommandOutcome, Device, PlayerOrder, PlayerStatus
from api_client.models.together import FriendActivity, GroupSession, ListeningPrivacy

SocketKey = Annotated[str, StringConstraints(min_length=3, max_length=200)]
ChatId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Auth(WireModel):
    """First frame, within 5 s, unless the Authorization header was sent."""

    type: Literal["auth"] = "auth"
    token: str = Field(repr=False)


class Subscribe(WireModel):
    """Ask for version notices of a key such as `posts:{id}` or `r:{name}`."""

    type: Literal["subscribe"] = "subscribe"
    key: SocketKey


class Unsubscribe(WireModel):
    """Ask for no more of them."""

    type: Literal["unsubscribe"] = "unsubscribe"
    key: SocketKey


class JoinChat(WireModel):
    """Enter a conversation's room."""

    type: Literal["join-chat"] = "join-chat"
    chat_id: ChatId


class LeaveChat(WireModel):
    """Leave it; membership stays."""

    type: Literal["leave-chat"] = "leave-chat"
    chat_id: ChatId


class SendMessage(WireModel):
    """Send a message; the acknowledgement is `new-message` with the same `client_id`.

    The frame's own `type` takes the name of the message's, which therefore travels as `messageType`.
    """

    type: Literal["send-message"] = "send-message"
    id: ClientId | None = None
    chat_id: ChatId
    content: Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_LIMIT)]
    message_type: Literal["text", "image", "video", "audio", "post", "track"] = "text"
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    ttl_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None


class Typing(WireModel):
    """Somebody writes here."""

    type: Literal["typing"] = "typing"
    chat_id: ChatId


class Ping(WireModel):
    """Are you there; `t` comes back unchanged."""

    type: Literal["ping"] = "ping"
    t: float | None = None


class Pong(WireModel):
    """Yes."""

    type: Literal["pong"] = "pong"
    t: float | None = None


class PlayerAnswer(WireModel):
    """What became of a `player-command`; from the device that was asked, to all devices of the same user."""

    type: Literal["player-answer"] = "player-answer"
    command_id: ClientId
    outcome: CommandOutcome
    message: Annotated[str, StringConstraints(max_length=200)] = ""


class PlayerStateEvent(WireModel):
    """What plays on the user's active device has changed."""

    type: Literal["player-state"] = "player-state"
    state: PlayerStatus


class PlayerDevicesEvent(WireModel):
    """The user's devices, after one came, went or changed."""

    type: Literal["player-devices"] = "player-devices"
    devices: Items[Device]


class PlayerCommandEvent(WireModel):
    """Another device asks this one to do something."""

    type: Literal["player-command"] = "player-command"
    command: PlayerOrder


class FriendActivityEvent(WireModel):
    """What a friend hears, and lets the user know, has changed."""

    type: Literal["friend-activity"] = "friend-activity"
    activity: FriendActivity


class ListeningPrivacyEvent(WireModel):
    """Whom the user shows what they hear was changed, here or on another device."""

    type: Literal["listening-privacy"] = "listening-privacy"
    privacy: ListeningPrivacy


class SessionStateEvent(WireModel):
    """A session that several listen in has changed; `host_time` is the platform's clock in ms since the epoch.

    Who is out of it gets a last one, without members.
    """

    type: Literal["session-state"] = "session-state"
    code: str
    state: GroupSession
    host_time: int


class Ready(WireModel):
    """The socket is signed in."""

    type: Literal["ready"] = "ready"
    user_id: str
    protocol: int = 1


class VersionNotice(WireModel):
    """A record has this version now."""

    key: str
    version: int


class Updates(WireModel):
    """Records that changed, gathered over 50 ms, each key once."""

    type: Literal["updates"] = "updates"
    updates: Items[VersionNotice]


class UserJoined(WireModel):
    """Somebody entered a conversation's room."""

    type: Literal["user-joined"] = "user-joined"
    chat_id: str
    user_id: str


class NewMessageEvent(WireModel):
    """A message arrived, or one's own was accepted."""

    type: Literal["new-message"] = "new-message"
    message: Message


class UserTyping(WireModel):
    """Somebody else writes."""

    type: Literal["user-typing"] = "user-typing"
    chat_id: str
    user_id: str


class SocketError(WireModel):
    """A frame was refused."""

    type: Literal["error"] = "error"
    message: str
    code: str | None = None
    key: str | None = None
    chat_id: str | None = None
    client_id: str | None = None


class PresenceEvent(WireModel):
    """Somebody came or went; `last_seen` in ms since the epoch."""

    type: Literal["presence"] = "presence"
    user_id: str
    status: PresenceStatus
    last_seen: int | None = None


class MessageRead(WireModel):
    """Somebody has read up to a message."""

    type: Literal["message-read"] = "message-read"
    chat_id: str
    message_id: str
    user_id: str


class MessageExpired(WireModel):
    """A message is gone, by time or because its sender took it back."""

    type: Literal["message-expired"] = "message-expired"
    chat_id: str
    message_id: str
    user_id: str | None = None


ClientFrame = Annotated[
    Auth | Subscribe | Unsubscribe | JoinChat | LeaveChat | SendMessage | Typing | PlayerAnswer | Ping | Pong,
    Field(discriminator="type"),
]
ServerFrame = Annotated[
    Ready
    | Updates
    | UserJoined
    | NewMessageEvent
    | UserTyping
    | SocketError
    | PresenceEvent
    | MessageRead
    | MessageExpired
    | PlayerStateEvent
    | PlayerDevicesEvent
    | PlayerCommandEvent
    | PlayerAnswer
    | FriendActivityEvent
    | ListeningPrivacyEvent
    | SessionStateEvent
    | Ping
    | Pong,
    Field(discriminator="type"),
]

_server_frames: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)
client_frames: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


def read_server_frame(data: Any) -> ServerFrame | None:
    """Return the event in decoded JSON `data`, or None if it is of no known type or shape."""
    try:
        return _server_frames.validate_python(data)
    except ValidationError:
        return None
