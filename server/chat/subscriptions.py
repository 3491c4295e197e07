"""Which keys of chat and of accounts may be followed on the socket."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from server.chat.membership import is_member
from server.realtime.rules import allow
from server.tables.chat import ConversationRow
from server.tables.users import UserRow


async def _is_oneself(_session: AsyncSession, user: UserRow, user_id: str) -> bool:
    return user.id == user_id


async def _user_version(session: AsyncSession, user_id: str) -> int:
    user = await session.get(UserRow, user_id)
    return user.version if user is not None else 0


async def _may_see_conversation(session: AsyncSession, user: UserRow, chat_id: str) -> bool:
    return await is_member(session, user.id, chat_id)


async def _conversation_version(session: AsyncSession, chat_id: str) -> int:
    conversation = await session.get(ConversationRow, chat_id)
    return conversation.version if conversation is not None else 0


def register() -> None:
    """Open the keys `user:{id}`, to their owner alone, and `conversations:{id}`, to the members."""
    allow("user", _is_oneself, _user_version)
    allow("conversations", _may_see_conversation, _conversation_version)
