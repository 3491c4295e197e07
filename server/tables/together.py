"""Tables of what friends may know of one's listening, and of the sessions in which several listen together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class ListeningPrivacyRow(Base):
    """Whom somebody shows what they hear; without a row they show it."""

    __tablename__ = "listening_privacy"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    shows_listening: Mapped[bool] = mapped_column(default=True)
    private_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HiddenPlayRow(Base):
    """A play that is shown to nobody but the listener: it was heard in private, which outlasts the private session."""

    __tablename__ = "hidden_plays"

    play_id: Mapped[str] = mapped_column(ForeignKey("listening_history.id", ondelete="CASCADE"), primary_key=True)


class GroupSessionRow(Base):
    """A session: at `at_ms` of the platform's clock it is `position_ms` into the entry `current_id`."""

    __tablename__ = "group_sessions"
    __table_args__ = (Index("ix_group_sessions_expiry", "expires_at"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    host_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(default=1)
    queue_version: Mapped[int] = mapped_column(default=1)
    current_id: Mapped[int | None]
    position_ms: Mapped[int] = mapped_column(default=0)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    playing: Mapped[bool] = mapped_column(default=False)
    guests_control: Mapped[bool] = mapped_column(default=False)
    open_to_friends: Mapped[bool] = mapped_column(default=True)
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`GroupEntry` as it travels, with the track as it was when it was added."""
    entry_count: Mapped[int] = mapped_column(default=0)
    next_id: Mapped[int] = mapped_column(default=1)
    removed: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Ids of those whom the host has taken out."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupMemberRow(Base):
    """Somebody in a session; nobody is in two."""

    __tablename__ = "group_members"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("group_sessions.code", ondelete="CASCADE"), index=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    away_since_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    """Since when none of their connections stands, by the platform's clock; 0 while one does."""
