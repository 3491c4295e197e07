"""The list of conversations as one member sees it, in three queries whatever its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, ScalarSelect, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.models.chat import Conversation, ConversationType, Member
from server.chat.membership import Party, party_of
from server.chat.messages import is_there, message_view
from server.db import UtcDateTime, from_micros, micros
from server.paging import Listing, decode_cursor, encode_cursor
from server.problems import invalid
from server.tables.chat import ConversationRow, MemberRow, MessageRow
from server.tables.users import UserRow

_Found = tuple[ConversationRow, int, str | None]


async def conversations_of(
    session: AsyncSession, user_id: str, now: datetime, limit: int, cursor: str | None
) -> Listing[Conversation]:
    """Return a page of somebody's conversations, the one with the latest activity first."""
    query = _query(user_id, now)
    if cursor is not None:
        moment, last_id = decode_cursor(cursor, int, str)
        position = tuple_(ConversationRow.last_activity_at, ConversationRow.id)
        query = query.where(position < tuple_(_moment(moment), literal(last_id)))
    query = query.order_by(ConversationRow.last_activity_at.desc(), ConversationRow.id.desc()).limit(limit + 1)
    found: list[_Found] = [(chat, unread, last) for chat, unread, last in (await session.execute(query)).all()]
    following = None
    if len(found) > limit:
        last = found[limit - 1][0]
        following = encode_cursor(micros(last.last_activity_at), last.id)
    return Listing(await _views(session, found[:limit]), following)


async def conversation_for(session: AsyncSession, user_id: str, chat_id: str, now: datetime) -> Conversation:
    """Return one conversation for one of its members; raises the Problems of `party_of`."""
    party = await party_of(session, user_id, chat_id)
    return await view_of(session, party, now)


async def conversations_with(
    session: AsyncSession, user_id: str, chat_ids: Sequence[str], now: datetime
) -> list[Conversation]:
    """Return those of the conversations that somebody is in."""
    query = _query(user_id, now).where(ConversationRow.id.in_(chat_ids))
    return await _views(session, [(chat, unread, last) for chat, unread, last in (await session.execute(query)).all()])


async def view_of(session: AsyncSession, party: Party, now: datetime) -> Conversation:
    """Return the wire shape of a conversation as `party.me` sees it."""
    query = _query(party.me.user_id, now).where(ConversationRow.id == party.conversation.id)
    chat, unread, last_id = (await session.execute(query)).one()
    return (await _views(session, [(chat, unread, last_id)]))[0]


def _moment(value: int) -> BindParameter[datetime]:
    try:
        return literal(from_micros(value), UtcDateTime)
    except OverflowError:
        raise invalid("cursor", "This cursor does not belong to this list.") from None


def _query(user_id: str, now: datetime) -> Select[ConversationRow, int, str | None]:
    return (
        select(ConversationRow, _unread(user_id, now), _last_message(now))
        .join(MemberRow, MemberRow.conversation_id == ConversationRow.id)
        .where(MemberRow.user_id == user_id)
    )


def _unread(user_id: str, now: datetime) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(MessageRow)
        .where(
            MessageRow.conversation_id == ConversationRow.id,
            MessageRow.seq > MemberRow.last_read_seq,
            MessageRow.sender_id != user_id,
            is_there(now),
        )
        .correlate(ConversationRow, MemberRow)
        .scalar_subquery()
    )


def _last_message(now: datetime) -> ScalarSelect[str | None]:
    return (
        select(MessageRow.id)
        .where(MessageRow.conversation_id == ConversationRow.id, is_there(now))
        .order_by(MessageRow.seq.desc())
        .limit(1)
        .correlate(ConversationRow)
        .scalar_subquery()
    )


async def _views(session: AsyncSession, found: Sequence[_Found]) -> list[Conversation]:
    chat_ids = [conversation.id for conversation, _, _ in found]
    last_ids = [last_id for _, _, last_id in found if last_id is not None]
    people = await session.execute(
        select(MemberRow, UserRow)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(MemberRow.conversation_id.in_(chat_ids))
        .order_by(MemberRow.joined_at, MemberRow.user_id)
    )
    members: dict[str, list[tuple[MemberRow, UserRow]]] = defaultdict(list)
    for member, user in people.all():
        members[member.conversation_id].append((member, user))
    latest = await session.scalars(select(MessageRow).where(MessageRow.id.in_(last_ids)))
    messages = {message.id: message for message in latest.all()}
    return [
        _view(conversation, members[conversation.id], messages.get(last_id or ""), unread)
        for conversation, unread, last_id in found
    ]


def _view(
    conversation: ConversationRow,
    members: Sequence[tuple[MemberRow, UserRow]],
    last_message: MessageRow | None,
    unread: int,
) -> Conversation:
    return Conversation(
        id=conversation.id,
        type=ConversationType(conversation.type),
        name=conversation.name,
        members=[_member_view(member, user) for member, user in members],
        last_message=message_view(last_message, [member for member, _ in members]) if last_message else None,
        unread_count=unread,
        ttl_seconds=conversation.ttl_seconds,
        created_at=conversation.created_at,
        updated_at=conversation.last_activity_at,
        version=conversation.version,
    )


def _member_view(member: MemberRow, user: UserRow) -> Member:
    return Member(
        user_id=user.id,
        username=user.username,
        full_name=user.full_name,
        avatar_url=user.avatar_url,
        role=member.role,
    )
