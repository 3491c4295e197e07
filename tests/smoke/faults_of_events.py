"""Faults in what a platform tells over the socket: lost, doubled, late, to the wrong people, without their versions."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from api_client.models.base import WireModel
from api_client.models.realtime import MessageRead, NewMessageEvent, PlayerCommandEvent
from server.chat import messages, presence
from server.realtime import hub as hubs
from server.realtime.frames import FrameHandler
from server.realtime.hub import Hub
from server.together import friends, listening, storage
from tests.smoke.planting import Fault, fault, swap

_announce, _notify, _encode = messages.Sent.announce, Hub.notify, hubs.encode
_announce_presence = presence._announce
_LATE = 2.2
"""Seconds; a scenario allows two."""


def _everybody(hub: Hub) -> set[str]:
    return {link.user_id for link in hub.links()}


def _to_the_sender(sent: messages.Sent, hub: Hub) -> None:
    hub.to_user(sent.message.sender_id, NewMessageEvent(message=sent.message))


def _twice(sent: messages.Sent, hub: Hub) -> None:
    _announce(sent, hub)
    _announce(sent, hub)


def _to_everybody(sent: messages.Sent, hub: Hub) -> None:
    hub.to_users(_everybody(hub), NewMessageEvent(message=sent.message))


def _late(sent: messages.Sent, hub: Hub) -> None:
    asyncio.get_running_loop().call_later(_LATE, _announce, sent, hub)


def _read_again(seen: messages.Seen, hub: Hub) -> None:
    event = MessageRead(chat_id=seen.chat_id, message_id=seen.state.message_id, user_id=seen.user_id)
    hub.to_users(seen.member_ids, event)


def _without_versions(frame: WireModel) -> str:
    said = json.loads(_encode(frame))
    for notice in said.get("updates", ()):
        del notice["version"]
    return json.dumps(said)


def _renamed(frame: WireModel) -> str:
    return _encode(frame).replace('"user-typing"', '"is-typing"')


def _nulls(frame: WireModel) -> str:
    said = json.loads(_encode(frame))
    if said["type"] == "new-message":
        said["message"]["createdAt"] = 5
    return json.dumps(said)


def _back() -> Any:
    told: Counter[str] = Counter()

    def notify(hub: Hub, key: str, version: int) -> None:
        told[key] += 1
        _notify(hub, key, version if told[key] % 2 else version - 5)

    return notify


def _with_gaps(hub: Hub, key: str, version: int) -> None:
    _notify(hub, key, version + 1)


def _to_the_room(hub: Hub, chat_id: str, frame: WireModel, *, except_user: str | None = None) -> None:
    hubs._offer(set(hub._rooms.get(chat_id, ())), frame)


def _presence_for_all(hub: Hub, user_id: str, _friends: set[str], now: Any) -> None:
    _announce_presence(hub, user_id, _everybody(hub) - {user_id}, now)


def _orders_for_all(hub: Hub, _key: str, frame: WireModel) -> None:
    if isinstance(frame, PlayerCommandEvent):
        hub.to_users(_everybody(hub), frame)


def _all_of_it(hub: Hub, state: Any, members: Any, gone: Any = ()) -> None:
    hub.to_users([member.user_id for member in (*members, *gone)], storage._event(state))


async def _in_silence(handler: FrameHandler, key: str) -> None:
    handler._state.hub.subscribe(handler._link, key)


def _never(*_arguments: Any) -> bool:
    return False


def _nothing(*_arguments: Any) -> None:
    return None


EVENTS: tuple[Fault, ...] = (
    fault("event-lost", "a message is told to its sender alone", "chat.a-message-reaches", "WS401",
          swap((messages.Sent, "announce", _to_the_sender))),
    fault("event-doubled", "a message is told twice", "chat.a-message-reaches", "WS402",
          swap((messages.Sent, "announce", _twice))),
    fault("event-to-strangers", "a message is told to everybody who is there", "chat.a-message-reaches", "WS406",
          swap((messages.Sent, "announce", _to_everybody))),
    fault("event-late", "a message is told after more than two seconds", "chat.a-message-reaches", "WS405",
          swap((messages.Sent, "announce", _late))),
    fault("event-of-wrong-type", "a message has a number for its moment", "chat.a-message-reaches", "CT303",
          swap((hubs, "encode", _nulls))),
    fault("read-twice", "a message that is read again is told again", "chat.a-message-reaches", "WS406",
          swap((messages.Seen, "announce", _read_again))),
    fault("notice-lost", "nobody learns of changes", "posts.a-photo-post", "WS401",
          swap((Hub, "notify", _nothing))),
    fault("notice-without-version", "a notice does not say which version", "posts.a-photo-post", "CT301",
          swap((hubs, "encode", _without_versions))),
    fault("notice-goes-back", "a later notice has an earlier version", "posts.a-photo-post", "WS404",
          lambda: swap((Hub, "notify", _back()))()),
    fault("notice-of-no-version", "notices name versions that no record has", "realtime.who-was-away", "WS401",
          swap((Hub, "notify", _with_gaps))),
    fault("unknown-frame", "that somebody writes is told in a frame of another name", "realtime.a-room", "CT308",
          swap((hubs, "encode", _renamed))),
    fault("typing-to-oneself", "that one writes is told to oneself", "realtime.a-room", "WS406",
          swap((Hub, "to_room", _to_the_room))),
    fault("presence-to-strangers", "who comes is told to everybody", "chat.who-is-there", "WS406",
          swap((presence, "_announce", _presence_for_all))),
    fault("orders-to-all", "every device is asked to do what one should", "player.two-devices", "WS406",
          swap((Hub, "to_followers", _orders_for_all))),
    fault("out-and-still-told", "who is out of a session is told who is in it", "together.several", "WS401",
          swap((storage, "tell", _all_of_it))),
    fault("key-unanswered", "a key that is followed is not answered with its version", "posts.a-photo-post", "WS401",
          swap((FrameHandler, "_subscribe", _in_silence))),
    fault("key-not-left", "who has left a key is told of it", "realtime.keys-are", "WS406",
          swap((Hub, "unsubscribe", _nothing))),
    fault("private-session-told", "what is heard in private is told to friends", "together.friends", "WS406 ST208",
          swap((listening, "hides", _never), (friends, "hides", _never))),
)  # fmt: skip
