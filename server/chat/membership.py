"""Who belongs to a conversation: the check that every verb begins with, and the changes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api_client.errors import ErrorCode
from api_client.models.chat import ConversationChange, NewConversation
from server.client_ids import is_repetition
from server.db import new_id
from server.problems import Problem, invalid
from server.tables.chat import ConversationRow, MemberRow
from server.tables.users import UserRow

GROUP_LIMIT = 100
NOT_A_MEMBER = "Not a member"


@dataclass(frozen=True, slots=True)
class Party:
    """A conversation with everybody in it, as seen by one of its members."""

    conversation: ConversationRow
    me: MemberRow
    members: Sequence[MemberRow]

    @property
    def user_ids(self) -> list[str]:
        """Everybody in it."""
        return [member.user_id for member in self.members]

    def find(self, user_id: str) -> MemberRow | None:
        """Return the membership of `user_id`, if there is one."""
        return next((member for member in self.members if member.user_id == user_id), None)


async def party_of(session: AsyncSession, user_id: str, chat_id: str) -> Party:
    """Return a conversation for one of its members.

    Raises Problem NOT_FOUND if there is no such conversation, FORBIDDEN 'Not a member' for everybody else.
    """
    conversation = await session.get(ConversationRow, chat_id)
    if conversation is None:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such conversation.")
    members = await members_of(session, chat_id)
    me = next((member for member in members if member.user_id == user_id), None)
    if me is None:
        raise Problem(ErrorCode.FORBIDDEN, NOT_A_MEMBER)
    return Party(conversation, me, members)


async def members_of(session: AsyncSession, chat_id: str) -> Sequence[MemberRow]:
    """Return the memberships of a conversation, the longest first."""
    query = select(MemberRow).where(MemberRow.conversation_id == chat_id)
    return (await session.scalars(query.order_by(MemberRow.joined_at, MemberRow.user_id))).all()


async def is_member(session: AsyncSession, user_id: str, chat_id: str) -> bool:
    """Whether `user_id` is in the conversation."""
    return await session.get(MemberRow, (chat_id, user_id)) is not None


async def open_conversation(
    session: AsyncSession, me: UserRow, wish: NewConversation, now: datetime
) -> tuple[ConversationRow, bool]:
    """Return the conversation that was asked for, and whether it is new: two people have one direct chat.

    A conversation that the user made with the same id before is returned as well.

    Raises Problem VALIDATION_ERROR for a direct chat that is not with exactly one other, NOT_FOUND for unknown people.
    """
    others = [user_id for user_id in dict.fromkeys(wish.member_ids) if user_id != me.id]
    if wish.type == "direct" and len(others) != 1:
        raise invalid("memberIds", "A direct conversation is with exactly one other person.")
    if not others:
        raise invalid("memberIds", "A group needs somebody besides yourself.")
    known = set((await session.scalars(select(UserRow.id).where(UserRow.id.in_(others)))).all())
    if len(known) != len(others):
        raise Problem(ErrorCode.NOT_FOUND, "There is no such person.")
    direct_key = ":".join(sorted((me.id, others[0]))) if wish.type == "direct" else None
    if direct_key is not None:
        found = await session.scalar(select(ConversationRow).where(ConversationRow.direct_key == direct_key))
        if found is not None:
            return found, False
    if await is_repetition(session, me.id, "conversation", wish.id, now, ConversationRow):
        return (await party_of(session, me.id, wish.id or "")).conversation, False
    conversation = ConversationRow(
        id=wish.id or new_id(),
        type=wish.type,
        name=(wish.name or "").strip() or None if wish.type == "group" else None,
        direct_key=direct_key,
        ttl_seconds=wish.ttl_seconds,
        last_seq=0,
        version=1,
        created_at=now,
        last_activity_at=now,
    )
    session.add(conversation)
    await session.flush()
    session.add(_membership(conversation, me.id, now, "owner" if wish.type == "group" else "member"))
    session.add_all([_membership(conversation, user_id, now) for user_id in others])
    await session.flush()
    return conversation, True


def change(party: Party, wish: ConversationChange) -> bool:
    """Apply what was sent of `wish`; return whether anything changed. A `ttlSeconds` of null lets messages stay.

    Raises Problem FORBIDDEN for a group's ordinary member, VALIDATION_ERROR for a name of a direct conversation.
    """
    conversation = party.conversation
    if conversation.type == "group" and party.me.role != "owner":
        raise Problem(ErrorCode.FORBIDDEN, "Only the owner may change the group.")
    before = (conversation.name, conversation.ttl_seconds)
    if "name" in wish.model_fields_set:
        if conversation.type == "direct":
            raise invalid("name", "A direct conversation has no name.")
        conversation.name = (wish.name or "").strip() or None
    if "ttl_seconds" in wish.model_fields_set:
        conversation.ttl_seconds = wish.ttl_seconds
    if before == (conversation.name, conversation.ttl_seconds):
        return False
    conversation.version += 1
    return True


async def add_member(session: AsyncSession, party: Party, user_id: str, now: datetime) -> bool:
    """Bring somebody into a group; return whether they are new.

    Raises Problem CONFLICT for a direct conversation or a full group, FORBIDDEN unless asked by the owner, NOT_FOUND.
    """
    _require_group(party)
    if party.me.role != "owner":
        raise Problem(ErrorCode.FORBIDDEN, "Only the owner may add people.")
    if await session.get(UserRow, user_id) is None:
        raise Problem(ErrorCode.NOT_FOUND, "There is no such person.")
    if party.find(user_id) is not None:
        return False
    if len(party.members) >= GROUP_LIMIT:
        raise Problem(ErrorCode.CONFLICT, f"A group has at most {GROUP_LIMIT} members.")
    session.add(_membership(party.conversation, user_id, now))
    party.conversation.version += 1
    await session.flush()
    return True


async def remove_member(session: AsyncSession, party: Party, user_id: str) -> Sequence[MemberRow]:
    """Take somebody, or oneself, out of a group and return who is left; the last one takes the group along.

    When the owner leaves, whoever has been in it longest owns it. Raises Problem CONFLICT for a direct conversation,
    FORBIDDEN for somebody else unless asked by the owner, NOT_FOUND for somebody who is not in it.
    """
    _require_group(party)
    if user_id != party.me.user_id and party.me.role != "owner":
        raise Problem(ErrorCode.FORBIDDEN, "Only the owner may remove people.")
    leaving = party.find(user_id)
    if leaving is None:
        raise Problem(ErrorCode.NOT_FOUND, "They are not in this conversation.")
    left = [member for member in party.members if member is not leaving]
    await session.delete(leaving)
    party.conversation.version += 1
    if not left:
        await session.flush()
        await session.delete(party.conversation)
    elif leaving.role == "owner":
        left[0].role = "owner"
    await session.flush()
    return left


def _require_group(party: Party) -> None:
    if party.conversation.type != "group":
        raise Problem(ErrorCode.CONFLICT, "A direct conversation stays between its two people.")


def _membership(conversation: ConversationRow, user_id: str, now: datetime, role: str = "member") -> MemberRow:
    return MemberRow(
        conversation_id=conversation.id,
        user_id=user_id,
        role=role,
        joined_at=now,
        joined_seq=conversation.last_seq,
        last_read_seq=conversation.last_seq,
        last_read_at=None,
    )
