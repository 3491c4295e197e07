"""Tables of chat: conversations, their members, messages, and when somebody was last there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class ConversationRow(Base):
    """A chat. Messages are numbered by `last_seq`, which orders them and counts what is unread."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_activity", "last_activity_at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    type: Mapped[str] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(100))
    direct_key: Mapped[str | None] = mapped_column(String(140), unique=True)
    """Both members' ids in order, so that two people have one direct chat; None for groups."""
    ttl_seconds: Mapped[int | None]
    """What new messages live after they were read; None: they stay."""
    last_seq: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_activity_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MemberRow(Base):
    """Somebody in a conversation."""

    __tablename__ = "conversation_members"
    __table_args__ = (Index("ix_conversation_members_user", "user_id", "conversation_id"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), default="member")
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_seq: Mapped[int] = mapped_column(default=0)
    """Messages up to here were there before this member, who therefore counts as no reader of them."""
    last_read_seq: Mapped[int] = mapped_column(default=0)
    last_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageRow(Base):
    """A message; once it is gone its row stays, emptied, so that a late retry is still recognised."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", name="uq_messages_seq"),
        UniqueConstraint("conversation_id", "sender_id", "client_id", name="uq_messages_client"),
        Index(
            "ix_messages_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL AND gone_at IS NULL"),
        ),
        Index(
            "ix_messages_waiting",
            "conversation_id",
            "seq",
            sqlite_where=text("ttl_seconds IS NOT NULL AND read_at IS NULL AND gone_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    sender_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(16), default="text")
    content: Mapped[str] = mapped_column(Text)
    media_url: Mapped[str | None] = mapped_column(String(2048))
    client_id: Mapped[str | None] = mapped_column(String(64))
    ttl_seconds: Mapped[int | None]
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last recipient had read it, from which moment `ttl_seconds` counts."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PresenceRow(Base):
    """When somebody's last connection closed."""

    __tablename__ = "presence"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
