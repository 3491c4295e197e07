"""Subreddits and who belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class SubredditRow(Base):
    """A community; `name_key` is its name casefolded, by which it is found."""

    __tablename__ = "subreddits"
    __table_args__ = (Index("ix_subreddits_size", "subscriber_count", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(21))
    name_key: Mapped[str] = mapped_column(String(21), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    subscriber_count: Mapped[int] = mapped_column(Integer, default=0)
    is_nsfw: Mapped[bool] = mapped_column(default=False)
    theme: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rules: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class SubredditMemberRow(Base):
    """Somebody belongs to a subreddit as member, moderator or owner."""

    __tablename__ = "subreddit_members"
    __table_args__ = (Index("ix_subreddit_members_user", "user_id", "subreddit_id"),)

    subreddit_id: Mapped[str] = mapped_column(ForeignKey("subreddits.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), default="member")
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
