"""Messages: one path for sending them, reading, taking back, and their disappearance.

A message with a lifetime disappears so many seconds after the last of its recipients has read it; one that is not
read by all of them disappears 31 days after it was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.chat import Message, MessageType, NewMessage, ReadState
from api_client.models.realtime import MessageExpired, MessageRead, NewMessageEvent
from server.chat.membership import Party, members_of, party_of
from server.client_ids import is_repetition, taken
from server.db import new_id
from server.problems import Problem, invalid
from server.realtime.hub import Hub
from server.tables.chat import MemberRow, MessageRow

UNREAD_LIFETIME = timedelta(days=31)
SWEEP_BATCH = 500

_MEDIA_TYPES = frozenset({"image", "video", "audio"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was taken; `is_new` is False for a retry, which nobody else needs to hear of."""

    message: Message
    member_ids: Sequence[str]
    is_new: bool

    def announce(self, hub: Hub) -> None:
        """Tell every member, the sender's own connections included."""
        if self.is_new:
            hub.to_users(self.member_ids, NewMessageEvent(message=self.message))


@dataclass(frozen=True, slots=True)
class Seen:
    """How far somebody has read; `advanced` is False if they had been there before."""

    chat_id: str
    user_id: str
    state: ReadState
    member_ids: Sequence[str]
    advanced: bool

    def announce(self, hub: Hub) -> None:
        """Tell every member, so that the reader's other devices know as well."""
        if self.advanced:
            event = MessageRead(chat_id=self.chat_id, message_id=self.state.message_id, user_id=self.user_id)
            hub.to_users(self.member_ids, event)


@dataclass(frozen=True, slots=True)
class Gone:
    """A message that no longer exists; `user_id` is who took it back, None if its time was up."""

    chat_id: str
    message_id: str
    member_ids: Sequence[str]
    user_id: str | None = None

    def announce(self, hub: Hub) -> None:
        """Tell every member."""
        event = MessageExpired(chat_id=self.chat_id, message_id=self.message_id, user_id=self.user_id)
        hub.to_users(self.member_ids, event)


def is_there(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a message has neither been taken back nor run out at `now`."""
    return and_(MessageRow.gone_at.is_(None), or_(MessageRow.expires_at.is_(None), MessageRow.expires_at > now))


def message_view(row: MessageRow, members: Iterable[MemberRow]) -> Message:
    """Return the wire shape; `members` are those of its conversation, from whose positions the readers follow."""
    readers = [
        member.user_id
        for member in members
        if member.user_id != row.sender_id and member.joined_seq < row.seq <= member.last_read_seq
    ]
    return Message(
        id=row.id,
        chat_id=row.conversation_id,
        sender_id=row.sender_id,
        content=row.content,
        media_url=row.media_url,
        type=MessageType(row.type),
        ttl_seconds=row.ttl_seconds,
        expires_at=row.expires_at if row.read_at is not None else None,
        is_read=bool(readers),
        read_by=readers,
        is_deleted=row.gone_at is not None,
        client_id=row.client_id,
        created_at=row.created_at,
    )


async def send(session: AsyncSession, sender_id: str, chat_id: str, draft: NewMessage, now: datetime) -> Sent:
    """Take a message in a write session; the same `id` or `client_id` of the same sender gives the same one for ever.

    Raises Problem NOT_FOUND, FORBIDDEN 'Not a member', or VALIDATION_ERROR for one without anything in it.
    """
    party = await party_of(session, sender_id, chat_id)
    if draft.client_id is not None:
        known = await session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == chat_id,
                MessageRow.sender_id == sender_id,
                MessageRow.client_id == draft.client_id,
            )
        )
        if known is not None:
            return Sent(message_view(known, party.members), party.user_ids, is_new=False)
    if await is_repetition(session, sender_id, "message", draft.id, now, MessageRow):
        sent = await session.get(MessageRow, draft.id)
        if sent is None or sent.conversation_id != chat_id:
            raise taken()
        return Sent(message_view(sent, party.members), party.user_ids, is_new=False)
    if not draft.content.strip():
        raise invalid("content", "A message needs something in it.")
    ttl = draft.ttl_seconds or party.conversation.ttl_seconds
    party.conversation.last_seq += 1
    party.conversation.last_activity_at = now
    row = MessageRow(
        id=draft.id or new_id(),
        conversation_id=chat_id,
        seq=party.conversation.last_seq,
        sender_id=sender_id,
        type=draft.type,
        content=draft.content,
        media_url=draft.content if _names_media(draft) else None,
        client_id=draft.client_id,
        ttl_seconds=ttl,
        expires_at=now + UNREAD_LIFETIME if ttl else None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return Sent(message_view(row, party.members), party.user_ids, is_new=True)


async def page(
    session: AsyncSession, party: Party, now: datetime, limit: int, before_seq: int | None
) -> list[MessageRow]:
    """Return up to `limit` messages that are there, the newest first, all sent before number `before_seq`."""
    query = select(MessageRow).where(MessageRow.conversation_id == party.conversation.id, is_there(now))
    if before_seq is not None:
        query = query.where(MessageRow.seq < before_seq)
    return list((await session.scalars(query.order_by(MessageRow.seq.desc()).limit(limit))).all())


async def following(session: AsyncSession, party: Party, now: datetime, limit: int, after_seq: int) -> list[MessageRow]:
    """Return up to `limit` messages that are there and were sent after number `after_seq`, the oldest first."""
    query = select(MessageRow).where(
        MessageRow.conversation_id == party.conversation.id, MessageRow.seq > after_seq, is_there(now)
    )
    return list((await session.scalars(query.order_by(MessageRow.seq).limit(limit))).all())


async def sequence_of(session: AsyncSession, party: Party, message_id: str) -> int:
    """Return the number of a message of this conversation, gone or not; raises Problem VALIDATION_ERROR if unknown."""
    row = await session.get(MessageRow, message_id)
    if row is None or row.conversation_id != party.conversation.id:
        raise invalid("before", "There is no such message in this conversation.")
    return row.seq


async def read(session: AsyncSession, reader_id: str, message_id: str, now: datetime) -> Seen:
    """Mark a message and all before it as read, and start the time of those that everybody has read by now.

    Raises Problem NOT_FOUND or FORBIDDEN 'Not a member'.
    """
    row, party = await _message_for(session, reader_id, message_id, now)
    advanced = row.seq > party.me.last_read_seq
    if advanced:
        party.me.last_read_seq = row.seq
        party.me.last_read_at = now
        await start_countdowns(session, party.conversation.id, party.members, now)
    state = ReadState(message_id=row.id, expires_at=row.expires_at if row.read_at is not None else None)
    return Seen(party.conversation.id, reader_id, state, party.user_ids, advanced)


async def start_countdowns(session: AsyncSession, chat_id: str, members: Sequence[MemberRow], now: datetime) -> None:
    """Start the time of the disappearing messages that every recipient among `members` has read."""
    query = select(MessageRow).where(
        MessageRow.conversation_id == chat_id,
        MessageRow.ttl_seconds.is_not(None),
        MessageRow.read_at.is_(None),
        MessageRow.gone_at.is_(None),
        MessageRow.seq <= max((member.last_read_seq for member in members), default=0),
        is_there(now),
    )
    for row in (await session.scalars(query)).all():
        recipients = [m for m in members if m.user_id != row.sender_id and m.joined_seq < row.seq]
        if recipients and all(member.last_read_seq >= row.seq for member in recipients):
            row.read_at = now
            row.expires_at = now + timedelta(seconds=row.ttl_seconds or 0)
    await session.flush()


async def unsend(session: AsyncSession, user_id: str, message_id: str, now: datetime) -> Gone:
    """Take an own message back; raises Problem NOT_FOUND, or FORBIDDEN if it is somebody else's."""
    row, party = await _message_for(session, user_id, message_id, now)
    if row.sender_id != user_id:
        raise Problem(ErrorCode.FORBIDDEN, "Only the sender may take a message back.")
    _empty(row, now)
    await session.flush()
    return Gone(party.conversation.id, row.id, party.user_ids, user_id)


async def expire(session: AsyncSession, now: datetime) -> list[Gone]:
    """Empty the messages whose time is up, at most `SWEEP_BATCH` of them, and return them."""
    query = (
        select(MessageRow)
        .where(MessageRow.gone_at.is_(None), MessageRow.expires_at.is_not(None), MessageRow.expires_at <= now)
        .order_by(MessageRow.expires_at)
        .limit(SWEEP_BATCH)
    )
    rows = (await session.scalars(query)).all()
    audience = {chat_id: await members_of(session, chat_id) for chat_id in {row.conversation_id for row in rows}}
    gone: list[Gone] = []
    for row in rows:
        _empty(row, now)
        gone.append(Gone(row.conversation_id, row.id, [m.user_id for m in audience[row.conversation_id]]))
    await session.flush()
    return gone


async def something_is_due(session: AsyncSession, now: datetime) -> bool:
    """Whether `expire` would find anything, asked without waiting for a turn to write."""
    query = select(MessageRow.id).where(
        MessageRow.gone_at.is_(None), MessageRow.expires_at.is_not(None), MessageRow.expires_at <= now
    )
    return await session.scalar(query.limit(1)) is not None


async def _message_for(session: AsyncSession, user_id: str, message_id: str, now: datetime) -> tuple[MessageRow, Party]:
    row = await session.scalar(select(MessageRow).where(MessageRow.id == message_id, is_there(now)))
    if row is None:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such message.")
    return row, await party_of(session, user_id, row.conversation_id)


def _empty(row: MessageRow, now: datetime) -> None:
    row.content = ""
    row.media_url = None
    row.gone_at = now


def _names_media(draft: NewMessage) -> bool:
    return draft.type in _MEDIA_TYPES and draft.content.startswith(("/api/v1/media/", "https://", "http://"))
