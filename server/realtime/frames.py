"""What a client may ask on the socket: each frame is checked, carried out, and answered or refused."""

from __future__ import annotations

import logging
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy.exc import SQLAlchemyError

from api_client.errors import ErrorCode
from api_client.models.chat import NewMessage
from api_client.models.realtime import (
    Auth,
    ClientFrame,
    JoinChat,
    LeaveChat,
    NewMessageEvent,
    Ping,
    PlayerAnswer,
    Pong,
    Ready,
    SendMessage,
    SocketError,
    Subscribe,
    Typing,
    Unsubscribe,
    Updates,
    UserJoined,
    UserTyping,
    VersionNotice,
    client_frames,
)
from server.chat import messages
from server.chat.membership import NOT_A_MEMBER, is_member, party_of
from server.problems import Problem
from server.realtime.connection import AUTHENTICATION_FAILED, Connection
from server.realtime.rules import note_arrival, note_departures, version_for
from server.realtime.signing_in import AUTHENTICATION_FAILED_TEXT, signed_in
from server.state import ServerState
from server.tables.users import UserRow

SUBSCRIPTION_LIMIT = 1000

_log = logging.getLogger(__name__)


class FrameHandler:
    """Carries out the frames of one connection, in the order in which they came."""

    def __init__(self, state: ServerState, link: Connection) -> None:
        self._state = state
        self._link = link

    async def handle(self, text: str) -> None:
        """Carry out one frame; whatever is wrong with it is answered by an `error` frame."""
        try:
            data = from_json(text, allow_inf_nan=False)
        except ValueError:
            self._refuse({}, ErrorCode.VALIDATION_ERROR, "This frame is not JSON.")
            return
        fields = data if isinstance(data, dict) else {}
        try:
            frame = client_frames.validate_python(data)
            await self._carry_out(frame)
        except ValidationError as error:
            self._refuse(fields, ErrorCode.VALIDATION_ERROR, _complaint(error))
        except Problem as problem:
            self._refuse(fields, problem.code, problem.message)
        except SQLAlchemyError:
            _log.exception("a frame of type %s could not be carried out", fields.get("type"))
            self._refuse(fields, ErrorCode.UNAVAILABLE, "The platform is too busy right now. Try again in a moment.")

    def refuse_for_haste(self, text: str) -> None:
        """Answer a frame that came too soon after too many others; it is not carried out."""
        try:
            data = from_json(text)
        except ValueError:
            data = None
        self._refuse(data if isinstance(data, dict) else {}, ErrorCode.RATE_LIMITED, "Too many frames. Slow down.")

    async def _carry_out(self, frame: ClientFrame) -> None:
        match frame:
            case Ping():
                self._link.send(Pong(t=frame.t))
            case Pong():
                pass
            case Typing():
                await self._typing(frame.chat_id)
            case SendMessage():
                await self._send_message(frame)
            case JoinChat():
                await self._join(frame.chat_id)
            case LeaveChat():
                self._state.hub.leave(self._link, frame.chat_id)
            case Subscribe():
                await self._subscribe(frame.key)
            case Unsubscribe():
                self._unsubscribe(frame.key)
            case PlayerAnswer():
                self._state.hub.to_user(self._link.user_id, frame)
            case Auth():
                await self._renew(frame.token)

    async def _renew(self, token: str) -> None:
        found = await signed_in(self._state, token)
        if found is None or found.user_id != self._link.user_id:
            self._link.send(SocketError(message=AUTHENTICATION_FAILED_TEXT, code=ErrorCode.UNAUTHENTICATED))
            self._link.close_soon(AUTHENTICATION_FAILED, AUTHENTICATION_FAILED_TEXT)
            return
        self._link.renew(found.session_id, found.expires_at)
        self._link.send(Ready(user_id=found.user_id))

    async def _subscribe(self, key: str) -> None:
        if self._state.hub.subscription_count(self._link) >= SUBSCRIPTION_LIMIT:
            raise Problem(ErrorCode.RATE_LIMITED, f"A connection follows at most {SUBSCRIPTION_LIMIT} keys.")
        if await self._version(key) is None:
            raise Problem(ErrorCode.FORBIDDEN, "Forbidden")
        is_first = not self._state.hub.is_followed(key)
        self._state.hub.subscribe(self._link, key)
        # A change between the check and the subscription was announced to others only: read again from inside.
        version = await self._version(key)
        if version is None:
            self._state.hub.unsubscribe(self._link, key)
            raise Problem(ErrorCode.FORBIDDEN, "Forbidden")
        self._link.send(Updates(updates=[VersionNotice(key=key, version=version)]))
        if is_first:
            note_arrival(self._state, self._link.user_id, key)

    def _unsubscribe(self, key: str) -> None:
        if key in self._state.hub.keys_of(self._link):
            self._state.hub.unsubscribe(self._link, key)
            note_departures(self._state, self._link.user_id, (key,))

    async def _version(self, key: str) -> int | None:
        """Return the version of what `key` names, None if this user may not follow it."""
        async with self._state.database.reading() as session:
            user = await session.get(UserRow, self._link.user_id)
            return await version_for(session, user, key) if user is not None else None

    async def _join(self, chat_id: str) -> None:
        hub, user_id = self._state.hub, self._link.user_id
        async with self._state.database.reading() as session:
            await party_of(session, user_id, chat_id)
        hub.join(self._link, chat_id)
        # Somebody removed between the check and the entry would stay in the room unseen: ask again from inside.
        async with self._state.database.reading() as session:
            if not await is_member(session, user_id, chat_id):
                hub.leave(self._link, chat_id)
                raise Problem(ErrorCode.FORBIDDEN, NOT_A_MEMBER)
        hub.to_room(chat_id, UserJoined(chat_id=chat_id, user_id=user_id))

    async def _typing(self, chat_id: str) -> None:
        hub, user_id = self._state.hub, self._link.user_id
        if not hub.in_room(self._link, chat_id):
            async with self._state.database.reading() as session:
                await party_of(session, user_id, chat_id)
        if self._link.may_type(chat_id, self._state.clock.now()):
            hub.to_room(chat_id, UserTyping(chat_id=chat_id, user_id=user_id), except_user=user_id)

    async def _send_message(self, frame: SendMessage) -> None:
        draft = NewMessage(
            id=frame.id,
            content=frame.content,
            type=frame.message_type,
            ttl_seconds=frame.ttl_seconds,
            client_id=frame.client_id,
        )
        now = self._state.clock.now()
        async with self._state.database.writing() as session:
            sent = await messages.send(session, self._link.user_id, frame.chat_id, draft, now)
        sent.announce(self._state.hub)
        if not sent.is_new:
            self._link.send(NewMessageEvent(message=sent.message))

    def _refuse(self, fields: dict[str, Any], code: ErrorCode, message: str) -> None:
        self._link.send(
            SocketError(
                message=message,
                code=code,
                key=_echo(fields, "key"),
                chat_id=_echo(fields, "chatId", "chat_id"),
                client_id=_echo(fields, "clientId", "client_id"),
            )
        )


def _echo(fields: dict[str, Any], *names: str) -> str | None:
    """Return the value by which the client knows its frame again; nothing of unreasonable length is sent back."""
    found = next((fields[name] for name in names if name in fields), None)
    return found if isinstance(found, str) and len(found) <= 200 else None


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"].startswith("union_tag"):
        return "There is no frame of this type."
    return f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}".removeprefix(": ")
